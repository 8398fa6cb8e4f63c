//! The one place that awaits AWS: paces, listens for the stop signal, and turns every call
//! without an answer into a gap, so that a collector cannot lose one.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::failure::{Failure, failure};
use super::offered;
use super::watch::{Event, Watch};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::s3::PublicAccessBlock;
use crate::model::{Gap, Known, Outcome};

/// Calls in flight in one region of one account; EC2's throttle buckets are per account, region
/// and API (EC2 developer guide, request throttling).
const PER_REGION: usize = 16;

/// The resource was deleted between the listing and the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// What all calls of one collection share.
pub(super) struct Run {
    watch: Watch,
    global: Arc<Semaphore>,
    pace: Option<Pace>,
    /// Things of one list that are looked at.
    most: usize,
    gaps: Mutex<Vec<Gap>>,
    /// Services and regions where the credentials were refused once: one gap each says it all.
    refused: Mutex<BTreeSet<(&'static str, String)>>,
    /// The account's own block, which decides what else is asked of S3.
    pub(super) account_block: tokio::sync::OnceCell<Known<Option<PublicAccessBlock>>>,
}

impl Run {
    /// `most`: with it, only the first so many things of every list are looked at.
    pub(super) fn new(
        watch: Watch,
        global: Arc<Semaphore>,
        max_rps: Option<f64>,
        most: Option<usize>,
    ) -> Arc<Self> {
        Arc::new(Self {
            watch,
            global,
            pace: max_rps.and_then(Pace::new),
            most: most.unwrap_or(usize::MAX),
            gaps: Mutex::default(),
            refused: Mutex::default(),
            account_block: tokio::sync::OnceCell::new(),
        })
    }

    pub(super) fn tell(&self, event: Event) {
        self.watch.tell(event);
    }

    /// Every call without an answer so far, in a stable order.
    pub(super) fn take_gaps(&self) -> Vec<Gap> {
        let mut gaps = std::mem::take(&mut *lock(&self.gaps));
        gaps.sort();
        gaps.dedup();
        gaps
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// At most so many calls a second, evenly spaced.
struct Pace {
    step: Duration,
    next: tokio::sync::Mutex<Instant>,
}

impl Pace {
    fn new(max_rps: f64) -> Option<Self> {
        let step = Duration::try_from_secs_f64(1.0 / max_rps).ok()?;
        Some(Self { step, next: tokio::sync::Mutex::new(Instant::now()) })
    }

    async fn turn(&self) {
        let mut next = self.next.lock().await;
        let at = (*next).max(Instant::now());
        *next = at + self.step;
        drop(next);
        tokio::time::sleep_until(at).await;
    }
}

/// Asks one service in one region.
#[derive(Clone)]
pub(super) struct Calls {
    run: Arc<Run>,
    service: &'static str,
    region: String,
    local: Arc<Semaphore>,
}

impl Calls {
    pub(super) fn new(
        run: Arc<Run>,
        service: &'static str,
        region: &str,
        local: Arc<Semaphore>,
    ) -> Self {
        Self { run, service, region: region.to_owned(), local }
    }

    /// Calls in flight that make sense for one list of resources.
    pub(super) fn width(&self) -> usize {
        PER_REGION * 2
    }

    /// A region's share of calls in flight.
    pub(super) fn region_limit() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(PER_REGION))
    }

    /// Asks for something that is always there.
    pub(super) async fn get<T, E>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        asked: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Known<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match self.ask(asked).await {
            Ok(answer) => Known::Read(answer),
            Err(failed) => self.unread(call, resource, failed),
        }
    }

    /// Asks for a setting that may be absent, of a resource that may be gone.
    pub(super) async fn find<T, E>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        asked: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Known<Option<T>>, Gone>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match self.ask(asked).await {
            Ok(answer) => Ok(Known::Read(Some(answer))),
            Err(failed) if failed.is_one_of(call.absent) => Ok(Known::Read(None)),
            Err(failed) if failed.is_one_of(call.gone) => Err(Gone),
            Err(failed) => Ok(self.unread(call, resource, failed)),
        }
    }

    /// Reads every page of a list; `open` takes the items and the token of the next page out of
    /// one. A list with a lost page is unread: what was on it may change what the rest means, as
    /// with routes or groups. What is gone since it was listed has nothing.
    pub(super) async fn list<Page, T, E>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        pages: PaginationStream<Result<Page, SdkError<E, HttpResponse>>>,
        open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
    ) -> Known<Vec<T>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (all, lost) = self.pages(pages, open).await;
        match lost {
            None => Known::Read(all),
            Some(failed) if failed.is_one_of(call.gone) => Known::Read(Vec::new()),
            Some(failed) => self.unread(call, resource, failed),
        }
    }

    /// As [`Calls::list`], for things each of which stands for itself, as buckets do: those of the
    /// pages that were read are kept, beside the gap.
    pub(super) async fn list_apart<Page, T, E>(
        &self,
        call: &'static Call,
        pages: PaginationStream<Result<Page, SdkError<E, HttpResponse>>>,
        open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
    ) -> Known<Vec<T>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (all, lost) = self.pages(pages, open).await;
        let Some(failed) = lost else { return Known::Read(all) };
        if failed.unreached && offered::lacks(&self.region, self.service) {
            // Two witnesses: AWS's own data name no endpoint here, and there is none.
            return Known::Read(Vec::new());
        }
        if all.is_empty() {
            return self.unread(call, None, failed);
        }
        self.note(call, None, failed);
        Known::Read(all)
    }

    /// What the pages of a list held, and why there are no more of them if some are missing.
    async fn pages<Page, T, E>(
        &self,
        mut pages: PaginationStream<Result<Page, SdkError<E, HttpResponse>>>,
        mut open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
    ) -> (Vec<T>, Option<Failure>)
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut all = Vec::new();
        let mut read = 0_usize;
        loop {
            // A page is asked for when the stream is polled, so each is paced like a call.
            match self.ask(async { pages.next().await.transpose() }).await {
                Ok(Some(page)) => {
                    let (items, next) = open(page);
                    all.extend(items.unwrap_or_default());
                    if all.len() >= self.run.most {
                        all.truncate(self.run.most);
                        return (all, None);
                    }
                    if next.is_none_or(|token| token.is_empty()) {
                        return (all, None);
                    }
                }
                // The SDK ends the list when a page names itself as the next one.
                Ok(None) => {
                    return (all, Some(Failure::malformed("the same page again and again")));
                }
                Err(mut failed) => {
                    if read > 0 {
                        failed.message =
                            format!("{} (after {read} pages were read)", failed.message);
                    }
                    return (all, Some(failed));
                }
            }
            read += 1;
        }
    }

    /// Records that an answer was had which cannot be right.
    pub(super) fn malformed<T>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        why: &str,
    ) -> Known<T> {
        self.unread(call, resource, Failure::malformed(why))
    }

    async fn ask<T, E>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let paced = async {
            // The narrower gate first: a slow region must not hold the places of all others.
            let _local = self.local.acquire().await;
            let _global = self.run.global.acquire().await;
            if let Some(pace) = &self.run.pace {
                pace.turn().await;
            }
            call.await
        };
        let answer = tokio::select! {
            biased;
            () = self.run.watch.stopped() => Err(Failure {
                outcome: Outcome::Interrupted,
                code: None,
                message: "the scan was stopped".to_owned(),
                unreached: false,
            }),
            answer = paced => answer.map_err(|error| failure(&error)),
        };
        self.run.tell(Event::Answered { service: self.service, region: self.region.clone() });
        answer
    }

    fn unread<T>(&self, call: &'static Call, resource: Option<&str>, failed: Failure) -> Known<T> {
        self.note(call, resource, failed);
        Known::Unread
    }

    fn note(&self, call: &'static Call, resource: Option<&str>, failed: Failure) {
        tracing::debug!(
            call = call.name(),
            region = self.region,
            resource,
            outcome = failed.outcome.as_str(),
            code = failed.code,
            message = failed.message,
            "call without an answer",
        );
        let said = failed.outcome == Outcome::Expired
            && !lock(&self.run.refused).insert((call.service, self.region.clone()));
        if !said {
            lock(&self.run.gaps).push(failed.gap(call, &self.region, resource));
        }
    }
}
