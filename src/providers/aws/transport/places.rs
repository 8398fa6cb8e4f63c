//! What an account has once in each region: places for calls in flight, and a quota of retries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_runtime::client::retries::RetryPartition;
use tokio::sync::Semaphore;

/// Calls in flight in one region of one account; EC2's throttle buckets are per account, region
/// and API (EC2 developer guide, request throttling).
pub(crate) const PER_REGION: usize = 16;

/// What an account has once per region.
#[derive(Default)]
pub(crate) struct Places {
    limits: Mutex<HashMap<String, Arc<Semaphore>>>,
    retries: Mutex<HashMap<String, RetryPartition>>,
}

impl Places {
    pub(crate) fn limit(&self, region: &str) -> Arc<Semaphore> {
        let mut limits = lock(&self.limits);
        Arc::clone(
            limits.entry(region.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(PER_REGION))),
        )
    }

    pub(crate) fn retry_partition(&self, account: &str, region: &str) -> RetryPartition {
        let mut retries = lock(&self.retries);
        let quota = retries
            .entry(region.to_owned())
            .or_insert_with(|| RetryPartition::custom(format!("{account}/{region}")).build());
        quota.clone()
    }
}

/// What a mutex holds, whether or not a thread died with it: the maps and lists here are whole
/// after every single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
