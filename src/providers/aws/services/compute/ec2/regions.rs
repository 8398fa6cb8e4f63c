//! Which regions an account has, asked before anything else is.

use aws_config::{Region, SdkConfig};
use aws_sdk_ec2::{Client, config};

use crate::providers::aws::session::regions;
use crate::providers::aws::transport::failure::{Failure, failure};
use crate::providers::aws::transport::guard::Guard;

/// Asks `home` for all regions, so that one which is not enabled is told from one that is not
/// there.
pub(crate) async fn all(
    sdk: &SdkConfig,
    guard: &Guard,
    home: &str,
) -> Result<Vec<regions::Region>, Failure> {
    let config = config::Builder::from(sdk)
        .region(Region::new(home.to_owned()))
        .interceptor(guard.clone())
        .build();
    let call = Client::from_conf(config).describe_regions().all_regions(true);
    let answer = call.send().await.map_err(|error| failure(&error))?;
    let told = answer.regions.unwrap_or_default().into_iter().filter_map(|region| {
        let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
        region.region_name.map(|name| regions::Region { name, enabled })
    });
    let known: Vec<_> = told.collect();
    if known.is_empty() {
        return Err(Failure::malformed("an answer without regions"));
    }
    Ok(known)
}
