//! Credentials: the standard chain, and why it had none.

use std::sync::Mutex;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::errors::ConnectError;
use super::profile::Profile;
use crate::providers::aws::transport::failure;
use crate::providers::aws::transport::places::lock;

/// Named, so that an update of the SDK changes no timeouts or retries.
pub(crate) fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The first calls answer fast or the user is told: two attempts, under five seconds in all.
pub(crate) fn quick_retry() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(100))
}

pub(crate) fn quick_timeout() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(2000))
        .operation_timeout(Duration::from_millis(4500))
        .build()
}

/// Where credentials come from: environment, files, SSO, web identity, process, container, instance.
pub(crate) async fn chain(
    profile: Option<&str>,
    home: &str,
    http: aws_smithy_http_client::pool::Client,
) -> SharedCredentialsProvider {
    let region = Region::new(home.to_owned());
    let provider = ProviderConfig::without_region()
        .with_region(Some(region.clone()))
        .with_behavior_version(Some(behavior()))
        .with_http_client(http)
        .with_retry_config(quick_retry())
        .with_timeout_config(quick_timeout());
    match profile {
        // The SDK's chain begins with the environment's keys even when a profile is named. The
        // AWS CLI does not, and the wrong account would be scanned.
        Some(name) => SharedCredentialsProvider::new(
            CredentialsProviderChain::first_try(
                "Profile",
                ProfileFileCredentialsProvider::builder()
                    .configure(&provider)
                    .profile_name(name)
                    .build(),
            )
            .or_else("Container", EcsCredentialsProvider::builder().configure(&provider).build())
            .or_else("Instance", ImdsCredentialsProvider::builder().configure(&provider).build()),
        ),
        None => SharedCredentialsProvider::new(
            DefaultCredentialsChain::builder().configure(provider).region(region).build().await,
        ),
    }
}

/// Credentials that were had already: asking the chain twice would start a `credential_process` or
/// assume a role twice.
#[derive(Debug)]
struct Primed {
    first: Mutex<Option<Credentials>>,
    then: SharedCredentialsProvider,
}

impl ProvideCredentials for Primed {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        match lock(&self.first).take() {
            Some(credentials) => Provided::ready(Ok(credentials)),
            None => self.then.provide_credentials(),
        }
    }
}

pub(crate) async fn primed(
    provider: SharedCredentialsProvider,
) -> Result<SharedCredentialsProvider, CredentialsError> {
    let first = Mutex::new(Some(provider.provide_credentials().await?));
    Ok(SharedCredentialsProvider::new(Primed { first, then: provider }))
}

/// Reads why no link of the chain had credentials.
pub(crate) fn missing(error: &CredentialsError, profile: &Profile) -> ConnectError {
    let reason = failure::chain(error);
    let network = ["dispatch failure", "timed out", "timeout"];
    // The metadata service is the last link: when it fails (not on AWS, forbidden, silent), nobody
    // had credentials.
    let nobody =
        matches!(error, CredentialsError::CredentialsNotLoaded(_)) || reason.contains("IMDS");
    if nobody && profile.sso.is_none() {
        return ConnectError::NoCredentials { profile: profile.named.clone() };
    }
    match &profile.sso {
        Some(name) if !network.iter().any(|word| reason.contains(word)) => {
            ConnectError::SsoExpired { profile: name.clone(), reason }
        }
        _ => ConnectError::Credentials { profile: profile.named.clone(), reason },
    }
}
