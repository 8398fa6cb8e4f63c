//! An account that answered who we are, ready to be asked everything else.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use aws_smithy_runtime::client::retries::RetryPartition;
use tokio::sync::Semaphore;

use super::calls::{Calls, lock};
use super::guard::Guard;
use super::regions::Chosen;
use crate::model::Gap;

/// One account, with its credentials and the regions to look at.
pub struct Account {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) partition: String,
    pub(super) home: String,
    pub(super) chosen: Chosen,
    pub(super) sdk: SdkConfig,
    /// True when S3 is asked at an endpoint of its own: then bucket names go into the path.
    pub(super) path_style: bool,
    pub(super) guard: Guard,
    pub(super) places: Places,
    pub(super) global: Arc<Semaphore>,
    pub(super) max_rps: Option<f64>,
    /// What connecting could not learn.
    pub(super) gaps: Vec<Gap>,
}

impl Account {
    /// The account's twelve digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// ARN of the identity that asks.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Regions that will be asked, sorted.
    pub fn regions(&self) -> &[String] {
        &self.chosen.regions
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("arn", &self.arn)
            .field("regions", &self.chosen.regions)
            .finish_non_exhaustive()
    }
}

/// What an account has once per region.
#[derive(Default)]
pub(super) struct Places {
    limits: Mutex<HashMap<String, Arc<Semaphore>>>,
    retries: Mutex<HashMap<String, RetryPartition>>,
    /// Buckets are asked in their own regions, thousands of them by few clients.
    buckets: Mutex<HashMap<String, aws_sdk_s3::Client>>,
}

impl Places {
    pub(super) fn s3(
        &self,
        region: &str,
        make: impl FnOnce() -> aws_sdk_s3::Client,
    ) -> aws_sdk_s3::Client {
        if let Some(client) = lock(&self.buckets).get(region) {
            return client.clone();
        }
        // Made outside the lock: the factory takes other locks of this struct.
        let client = make();
        lock(&self.buckets).entry(region.to_owned()).or_insert(client).clone()
    }

    pub(super) fn limit(&self, region: &str) -> Arc<Semaphore> {
        let mut limits = lock(&self.limits);
        Arc::clone(limits.entry(region.to_owned()).or_insert_with(Calls::region_limit))
    }

    pub(super) fn retry_partition(&self, account: &str, region: &str) -> RetryPartition {
        let mut retries = lock(&self.retries);
        let quota = retries
            .entry(region.to_owned())
            .or_insert_with(|| RetryPartition::custom(format!("{account}/{region}")).build());
        quota.clone()
    }
}
