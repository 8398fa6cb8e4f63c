//! On every client: refuses calls that are not declared, counts those that leave, and keeps
//! S3 Control on the host that a custom endpoint names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use crate::inventory::aws::calls::{self, Call};

/// Calls that left the process, by name.
pub(crate) type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

/// The interceptor itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    pub(crate) counts: Counts,
}

/// Marks an execution that was counted, so that its retries are not.
#[derive(Debug)]
struct Counted;

impl Storable for Counted {
    type Storer = StoreReplace<Self>;
}

/// The declared call that is being made. Missing metadata is a refusal: the guard fails closed.
fn declared(cfg: &ConfigBag) -> Result<&'static Call, BoxError> {
    let metadata = cfg.load::<Metadata>().ok_or("refused: a call without a name")?;
    calls::declared(metadata.service(), metadata.name()).ok_or_else(|| {
        format!("refused: {} {} is not a declared call", metadata.service(), metadata.name()).into()
    })
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "OnlyDeclaredCalls"
    }

    // The name is not there yet in the hook before this one (`read_before_execution`).
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        declared(cfg).map(|_| ())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if declared(cfg)?.service == "s3control" {
            let uri = context.request().uri().to_owned();
            if let Some(uri) = without_account(&uri) {
                context.request_mut().set_uri(uri)?;
            }
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = declared(cfg)?;
        if cfg.load::<Counted>().is_none() {
            cfg.interceptor_state().store_put(Counted);
            let mut counts = self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            *counts.entry(call.name()).or_default() += 1;
        }
        Ok(())
    }
}

/// The SDK puts the account in front of S3 Control's host, custom endpoints included, and
/// `123456789012.127.0.0.1` is no host. The account travels in `x-amz-account-id` as well, so the
/// prefix is dropped wherever the host is not AWS's own. `None` leaves the address as it is.
fn without_account(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let (account, host_and_path) = rest.split_once('.')?;
    let host = host_and_path.split(['/', ':', '?']).next()?;
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let is_aws = host.ends_with(".amazonaws.com")
        || host.ends_with(".amazonaws.com.cn")
        || host.ends_with(".api.aws");
    (is_account && !is_aws).then(|| format!("{scheme}://{host_and_path}"))
}

#[cfg(test)]
mod tests {
    use super::without_account;

    #[test]
    fn the_account_stays_in_hosts_of_aws_only() {
        let kept = |uri| assert_eq!(without_account(uri), None, "{uri}");
        kept("https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/configuration");
        kept("https://123456789012.s3-control.cn-north-1.amazonaws.com.cn/");
        kept("http://127.0.0.1:5000/v20180820/");
        kept("http://localhost:5000/");
        assert_eq!(
            without_account("http://123456789012.127.0.0.1:5000/v20180820/configuration?x=a.b"),
            Some("http://127.0.0.1:5000/v20180820/configuration?x=a.b".to_owned())
        );
        assert_eq!(
            without_account("http://123456789012.localhost:4566/a").as_deref(),
            Some("http://localhost:4566/a")
        );
    }
}
