//! Who asks: the identity behind credentials.

use aws_config::{Region, SdkConfig};
use aws_sdk_sts::{Client, config};

use crate::providers::aws::transport::failure::{Failure, failure};
use crate::providers::aws::transport::guard::Guard;

/// The account and the identity in it that credentials belong to.
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) arn: String,
}

/// Asks `region` who `sdk` is. It needs no permission (STS API reference, GetCallerIdentity).
pub(crate) async fn identity(
    sdk: &SdkConfig,
    guard: &Guard,
    region: &str,
) -> Result<Identity, Failure> {
    let config = config::Builder::from(sdk)
        .region(Region::new(region.to_owned()))
        .interceptor(guard.clone())
        .build();
    let answer = Client::from_conf(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure(&error))?;
    Ok(Identity {
        account: answer.account.unwrap_or_default(),
        arn: answer.arn.unwrap_or_default(),
    })
}
