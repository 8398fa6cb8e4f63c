//! The one place that awaits AWS: paces, listens for the stop signal, and turns every call
//! without an answer into a gap, so that a collector cannot lose one.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;

use super::failure::{Failure, failure};
use super::places::lock;
use super::run::Run;
use super::watch::Event;
use crate::inventory::aws::calls::Call;
use crate::model::Outcome;

/// Makes the calls of one region.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) run: Arc<Run>,
    pub(crate) region: String,
    /// The region's share of calls in flight.
    pub(super) local: Arc<Semaphore>,
}

impl Calls {
    /// Waits for one answer.
    pub(super) async fn ask<T, E>(
        &self,
        call: &'static Call,
        asked: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
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
            asked.await
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
        self.run.tell(Event::Answered { service: call.service, region: self.region.clone() });
        answer
    }

    /// What the pages of a list held, and why there are no more of them if some are missing.
    /// `open` takes the items and the token of the next page out of one.
    pub(super) async fn pages<Page, T, E>(
        &self,
        call: &'static Call,
        mut pages: PaginationStream<Result<Page, SdkError<E, HttpResponse>>>,
        mut open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
    ) -> (Vec<T>, Option<Failure>)
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let most = self.run.plan.probe.unwrap_or(usize::MAX);
        let mut all = Vec::new();
        let mut read = 0_usize;
        loop {
            // A page is asked for when the stream is polled, so each is paced like a call.
            match self.ask(call, async { pages.next().await.transpose() }).await {
                Ok(Some(page)) => {
                    let (items, next) = open(page);
                    all.extend(items.unwrap_or_default());
                    if all.len() >= most {
                        all.truncate(most);
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

    /// Records that a call has no answer.
    pub(super) fn note(&self, call: &'static Call, resource: Option<&str>, failed: Failure) {
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
