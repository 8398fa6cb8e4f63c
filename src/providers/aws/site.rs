//! Where a collector works: one account in one region, and the only factory of clients.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_smithy_runtime::client::retries::RetryPartition;

use super::account::Account;
use super::calls::{Calls, Run};
use super::offered::lacks;

/// Configures a client of one SDK crate. Every client comes from here, so each has the guard, the
/// region's own retry quota, and the account's credentials.
macro_rules! configured {
    ($sdk:ident, $site:expr) => {{
        let site = $site;
        $sdk::config::Builder::from(site.sdk())
            .region($sdk::config::Region::new(site.region.clone()))
            .interceptor(site.guard())
            .retry_partition(site.retry_partition())
            .retry_classifier($crate::providers::aws::retry::NotForPages)
    }};
}
pub(super) use configured;

/// One account in one region.
#[derive(Clone)]
pub(super) struct Site<'a> {
    pub(super) account: &'a Account,
    pub(super) region: String,
    pub(super) run: Arc<Run>,
}

impl Site<'_> {
    pub(super) fn sdk(&self) -> &aws_config::SdkConfig {
        &self.account.sdk
    }

    pub(super) fn guard(&self) -> super::guard::Guard {
        self.account.guard.clone()
    }

    /// The retry quota of this account and region. The SDK's default is one per service and
    /// region name in the process: one throttled account would use up the retries of all others.
    pub(super) fn retry_partition(&self) -> RetryPartition {
        self.account.places.retry_partition(&self.account.id, &self.region)
    }

    /// How often to ask `service` again after a failure: not at all where it has no endpoint.
    pub(super) fn retries(&self, service: &str) -> RetryConfig {
        let usual = self.account.sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        if lacks(&self.region, service) { usual.with_max_attempts(1) } else { usual }
    }

    /// The way to ask `service` here.
    pub(super) fn calls(&self, service: &'static str) -> Calls {
        let local = self.account.places.limit(&self.region);
        Calls::new(Arc::clone(&self.run), service, &self.region, local)
    }

    /// The same account in another region.
    pub(super) fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }
}
