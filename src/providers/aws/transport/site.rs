//! Where a collector works: one account in one region, the only factory of clients, and the ways
//! to ask. Each asks only what is planned, waits its turn, converts the answer, and notes a gap
//! where there is none.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, stream};

use super::calls::Calls;
use super::failure::Failure;
use super::places::PER_REGION;
use super::run::Run;
use super::service_regions::is_unavailable;
use super::watch::Event;
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::aws::Services;
use crate::inventory::aws::calls::Call;
use crate::model::Known;
use crate::providers::aws::session::account::Account;

/// Configures a client of one SDK crate. Every client comes from here, so each has the guard, the
/// region's own retry quota, and the account's credentials.
macro_rules! configured {
    ($sdk:ident, $site:expr) => {{
        let site = $site;
        $sdk::config::Builder::from(site.sdk())
            .region($sdk::config::Region::new(site.region().to_owned()))
            .interceptor(site.guard())
            .retry_partition(site.retry_partition())
            .retry_classifier($crate::providers::aws::transport::retry::NotForPages)
    }};
}
pub(crate) use configured;

/// The client of one SDK crate, where nothing is special about it.
macro_rules! client {
    ($sdk:ident, $site:expr) => {
        $sdk::Client::from_conf(
            $crate::providers::aws::transport::site::configured!($sdk, $site).build(),
        )
    };
}
pub(crate) use client;

/// Things of one list that are asked about side by side.
const WIDTH: usize = PER_REGION * 2;

/// The resource was deleted between the listing and the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// A failed or succeeded call as the SDK has it.
type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// What an answer says; the error says what it lacks.
pub(crate) type Converted<U> = Result<U, &'static str>;

/// One account in one region.
#[derive(Clone)]
pub(crate) struct Site {
    account: Arc<Account>,
    calls: Calls,
}

impl Site {
    pub(crate) fn new(account: &Arc<Account>, region: &str, run: &Arc<Run>) -> Self {
        let local = account.places.limit(region);
        let calls = Calls { run: Arc::clone(run), region: region.to_owned(), local };
        Self { account: Arc::clone(account), calls }
    }

    /// The same account in another region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self::new(&self.account, region, &self.calls.run)
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn region(&self) -> &str {
        &self.calls.region
    }

    pub(crate) fn plan(&self) -> &CollectionPlan {
        &self.calls.run.plan
    }

    pub(crate) fn tell(&self, event: Event) {
        self.calls.run.tell(event);
    }

    pub(crate) fn sdk(&self) -> &aws_config::SdkConfig {
        &self.account.sdk
    }

    pub(crate) fn guard(&self) -> super::guard::Guard {
        self.account.guard.clone()
    }

    /// The retry quota of this account and region. The SDK's default is one per service and
    /// region name in the process: one throttled account would use up the retries of all others.
    pub(crate) fn retry_partition(&self) -> RetryPartition {
        self.account.places.retry_partition(&self.account.id, self.region())
    }

    /// How often to ask `service` again after a failure: not at all where it has no endpoint.
    pub(crate) fn retries(&self, service: &str) -> RetryConfig {
        let usual = self.account.sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        if is_unavailable(self.region(), service) { usual.with_max_attempts(1) } else { usual }
    }

    /// Asks for something that is always there.
    pub(crate) async fn get<T, E, U>(
        &self,
        call: &'static Call,
        asked: impl Future<Output = Answer<T, E>>,
        convert: impl FnOnce(T) -> Converted<U>,
    ) -> Known<U>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if !self.plan().wants(call) {
            return Known::Unread;
        }
        match self.calls.ask(call, asked).await {
            Ok(answer) => self.converted(call, None, convert(answer)),
            Err(failed) => self.unread(call, None, failed),
        }
    }

    /// Asks for a setting that may be absent, of a resource that may be gone.
    pub(crate) async fn find<T, E, U>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        asked: impl Future<Output = Answer<T, E>>,
        convert: impl FnOnce(T) -> Converted<U>,
    ) -> Result<Known<Option<U>>, Gone>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if !self.plan().wants(call) {
            return Ok(Known::Unread);
        }
        match self.calls.ask(call, asked).await {
            Ok(answer) => Ok(self.converted(call, resource, convert(answer)).map(Some)),
            Err(failed) if failed.is_one_of(call.absent) => Ok(Known::Read(None)),
            Err(failed) if failed.is_one_of(call.gone) => Err(Gone),
            Err(failed) => Ok(self.unread(call, resource, failed)),
        }
    }

    /// Reads every page of a list; `open` takes the items and the token of the next page out of
    /// one. A list with a lost page is unread: what was on it may change what the rest means, as
    /// with routes or groups.
    pub(crate) async fn list<Page, T, E, U>(
        &self,
        call: &'static Call,
        pages: PaginationStream<Answer<Page, E>>,
        open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
        convert: impl FnMut(T) -> U,
    ) -> Known<Vec<U>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.list_about(call, None, pages, open, convert).await
    }

    /// As [`Site::list`], for things each of which stands for itself, as buckets do: those of the
    /// pages that were read are kept, beside the gap.
    pub(crate) async fn list_apart<Page, T, E, U>(
        &self,
        call: &'static Call,
        pages: PaginationStream<Answer<Page, E>>,
        open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
        convert: impl FnMut(T) -> U,
    ) -> Known<Vec<U>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if !self.plan().wants(call) {
            return Known::Unread;
        }
        let (all, lost) = self.calls.pages(call, pages, open).await;
        if let Some(failed) = lost {
            if failed.unreached && is_unavailable(self.region(), call.service) {
                // Two witnesses: AWS's own data name no endpoint here, and there is none.
                return Known::Read(Vec::new());
            }
            if all.is_empty() {
                return self.unread(call, None, failed);
            }
            self.calls.note(call, None, failed);
        }
        Known::Read(all.into_iter().map(convert).collect())
    }

    /// Asks about each thing of a list, and drops from the list what is gone since. What has no
    /// answer is a gap and missing among the answers, which are by id. The list is sorted by id.
    pub(crate) async fn each<I, T, E, U, F>(
        &self,
        call: &'static Call,
        list: &mut Vec<I>,
        id: impl Fn(&I) -> &str,
        ask: impl Fn(&str) -> F,
        convert: impl Fn(T) -> Converted<U>,
    ) -> BTreeMap<String, U>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Answer<T, E>>,
    {
        list.sort_by(|a, b| id(a).cmp(id(b)));
        let ids: Vec<String> = list.iter().map(|thing| id(thing).to_owned()).collect();
        let (ask, convert) = (&ask, &convert);
        let answered = self
            .gather(ids, |id| async move {
                let answer = self.find(call, Some(&id), ask(&id), convert).await?;
                Ok((id, answer.into_option().flatten()))
            })
            .await;
        let left: HashSet<&str> = answered.iter().map(|(id, _)| id.as_str()).collect();
        list.retain(|thing| left.contains(id(thing)));
        let answers = answered.into_iter();
        answers.filter_map(|(id, answer)| answer.map(|answer| (id, answer))).collect()
    }

    /// Asks about things of a list, `size` of them at a time. Those of batches that were answered are
    /// kept, beside the gaps of the others; unread where no batch was.
    pub(crate) async fn batches<T, E, U, F>(
        &self,
        call: &'static Call,
        (ids, size): (&[String], usize),
        ask: impl Fn(Vec<String>) -> F,
        convert: impl Fn(T) -> Converted<Vec<U>>,
    ) -> Known<Vec<U>>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Answer<T, E>>,
    {
        let batches: Vec<Vec<String>> = ids.chunks(size).map(<[String]>::to_vec).collect();
        let (ask, convert) = (&ask, &convert);
        let answers = self
            .gather(batches, |batch| async move { Ok(self.get(call, ask(batch), convert).await) })
            .await;
        let lost = answers.iter().any(Known::is_unread);
        let all: Vec<U> = answers.into_iter().filter_map(Known::into_option).flatten().collect();
        if lost && all.is_empty() { Known::Unread } else { Known::Read(all) }
    }

    /// Reads a list about each of `ids`, as [`Site::list`] does. What is gone has nothing.
    pub(crate) async fn each_list<Page, T, E, U>(
        &self,
        call: &'static Call,
        ids: impl IntoIterator<Item = String>,
        pages: impl Fn(&str) -> PaginationStream<Answer<Page, E>>,
        open: impl Fn(Page) -> (Option<Vec<T>>, Option<String>),
        convert: impl Fn(T) -> U,
    ) -> BTreeMap<String, Vec<U>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (pages, open, convert) = (&pages, &open, &convert);
        let read = self.gather(ids, |id| async move {
            let read = self.list_about(call, Some(&id), pages(&id), open, convert).await;
            Ok((id, read))
        });
        let read = read.await.into_iter();
        read.filter_map(|(id, read)| Some((id, read.into_option()?))).collect()
    }

    /// Asks about several things side by side; what is gone is dropped, the others' order is not
    /// kept.
    pub(crate) async fn gather<I, U, F>(
        &self,
        things: impl IntoIterator<Item = I>,
        ask: impl FnMut(I) -> F,
    ) -> Vec<U>
    where
        F: Future<Output = Result<U, Gone>>,
    {
        // Made one by one as others are done: questions about one bucket take kilobytes.
        let asked = stream::iter(things.into_iter().map(ask)).buffer_unordered(WIDTH);
        asked.filter_map(|answer| async { answer.ok() }).collect().await
    }

    /// An answer on which several collectors depend: `ask` is awaited once in a collection, the
    /// others wait for its answer.
    pub(crate) async fn once(
        &self,
        call: &'static Call,
        ask: impl Future<Output = Services>,
    ) -> Services {
        self.calls.run.shared(call).get_or_init(|| ask).await.clone()
    }

    /// Records that an answer was had which cannot be right.
    pub(crate) fn malformed<U>(&self, call: &'static Call, why: &str) -> Known<U> {
        self.unread(call, None, Failure::malformed(why))
    }

    async fn list_about<Page, T, E, U>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        pages: PaginationStream<Answer<Page, E>>,
        open: impl FnMut(Page) -> (Option<Vec<T>>, Option<String>),
        convert: impl FnMut(T) -> U,
    ) -> Known<Vec<U>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if !self.plan().wants(call) {
            return Known::Unread;
        }
        let (all, lost) = self.calls.pages(call, pages, open).await;
        match lost {
            None => Known::Read(all.into_iter().map(convert).collect()),
            Some(failed) if failed.is_one_of(call.gone) => Known::Read(Vec::new()),
            Some(failed) => self.unread(call, resource, failed),
        }
    }

    fn converted<U>(
        &self,
        call: &'static Call,
        resource: Option<&str>,
        converted: Converted<U>,
    ) -> Known<U> {
        match converted {
            Ok(fact) => Known::Read(fact),
            Err(why) => self.unread(call, resource, Failure::malformed(why)),
        }
    }

    fn unread<U>(&self, call: &'static Call, resource: Option<&str>, failed: Failure) -> Known<U> {
        self.calls.note(call, resource, failed);
        Known::Unread
    }
}
