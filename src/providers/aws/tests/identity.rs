//! Who asks, and which regions there are.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::replay::{Asked, Cloud, Said, ec2_error, ok, runtime};
use crate::model::Outcome;
use crate::providers::aws::session::caller::Caller;
use crate::providers::aws::session::host::Host;
use crate::providers::aws::session::profile;
use crate::providers::aws::{Account, ConnectError, Options};

fn sts_error(code: &str) -> Said {
    let error = format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>");
    Said::Answer(403, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

fn identity(asked: &Asked) -> Said {
    match asked.what.as_str() {
        "GetCallerIdentity" => ok("<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws-us-gov:sts::111122223333:assumed-role/audit/me</Arn>\
            <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"),
        _ => {
            let region = |name: &str, status: &str| {
                format!(
                    "<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
                )
            };
            ok(format!(
                "<DescribeRegionsResponse><regionInfo>{}{}{}</regionInfo></DescribeRegionsResponse>",
                region("us-gov-west-1", "opt-in-not-required"),
                region("us-gov-new-1", "opted-in"),
                region("us-gov-far-1", "not-opted-in"),
            ))
        }
    }
}

/// Connects to a canned AWS from `home`.
fn connect(
    home: &str,
    options: &Options,
    answers: impl Fn(&Asked) -> Said + Send + Sync + 'static,
) -> Result<Account, ConnectError> {
    let cloud = Cloud::new(answers);
    runtime().block_on(async {
        let caller = Caller {
            profile: profile::read(None, &Host::canned(&[], &[])).await?,
            home: home.to_owned(),
            sdk: cloud.account.sdk.clone(),
            global: Arc::new(Semaphore::new(8)),
        };
        caller.account(caller.sdk.clone(), options).await
    })
}

fn named(regions: &[&str]) -> Options {
    Options { regions: regions.iter().map(|r| (*r).to_owned()).collect(), ..Options::default() }
}

#[test]
fn an_account_knows_its_partition_and_its_enabled_regions() {
    let account = connect("us-gov-west-1", &Options::default(), identity).unwrap();
    assert_eq!((account.id(), account.partition()), ("111122223333", "aws-us-gov"));
    assert_eq!(account.regions(), ["us-gov-new-1", "us-gov-west-1"]);
}

#[test]
fn a_home_region_that_is_not_enabled_does_not_make_credentials_invalid() {
    let account = connect("af-south-1", &Options::default(), |asked| {
        // The region is in the signature only, so what differs is who asks first.
        static FIRST: std::sync::Once = std::sync::Once::new();
        let mut said = identity(asked);
        FIRST.call_once(|| said = sts_error("InvalidClientTokenId"));
        said
    });
    assert_eq!(account.unwrap().home, "us-east-1");
}

#[test]
fn refused_credentials_name_the_remedy() {
    let refused = |code: &'static str| {
        connect("us-east-1", &Options::default(), move |_| sts_error(code)).unwrap_err().to_string()
    };
    assert!(refused("ExpiredToken").contains("they have expired"));
    assert!(refused("SignatureDoesNotMatch").contains("the secret key does not belong"));
    let unknown = refused("InvalidClientTokenId");
    assert!(unknown.contains("(InvalidClientTokenId)") && unknown.contains("aws configure"));
}

#[test]
fn nobody_at_the_address_is_said_in_time() {
    let began = std::time::Instant::now();
    let error = connect("us-east-1", &Options::default(), |_| Said::Silence).unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn when_the_regions_are_refused_the_known_ones_are_scanned_and_the_gap_says_so() {
    let refused = |asked: &Asked| match asked.what.as_str() {
        "DescribeRegions" => ec2_error(403, "UnauthorizedOperation"),
        _ => identity(asked),
    };
    let account = connect("us-gov-west-1", &Options::default(), refused).unwrap();
    assert_eq!(account.regions(), ["us-gov-east-1", "us-gov-west-1"]);
    assert_eq!(account.gaps[0].call(), "ec2:DescribeRegions");
    assert_eq!(account.gaps[0].outcome, Outcome::Denied);
    // Regions that were named in full need no lookup, so nothing is missing.
    let account = connect("us-gov-west-1", &named(&["us-gov-far-1"]), refused).unwrap();
    assert_eq!(account.regions(), ["us-gov-far-1"]);
    assert_eq!(account.gaps, []);
}

#[test]
fn a_region_that_is_not_enabled_is_refused_before_anything_is_collected() {
    let error = connect("us-gov-west-1", &named(&["us-gov-far-1"]), identity).unwrap_err();
    assert!(matches!(error, ConnectError::RegionNotEnabled { .. }), "{error}");
}
