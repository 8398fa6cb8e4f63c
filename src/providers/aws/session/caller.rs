//! The identity that the environment gives, and the accounts that it or its roles open.

use std::sync::Arc;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::Semaphore;

use super::account::Account;
use super::credentials::{self, behavior, quick_retry, quick_timeout};
use super::errors::ConnectError;
use super::options::Options;
use super::profile::Profile;
use super::regions::{self, Choice, Chosen};
use crate::inventory::aws::calls;
use crate::model::{Gap, Outcome};
use crate::providers::aws::services::ec2;
use crate::providers::aws::services::sts::{self, Identity};
use crate::providers::aws::transport::failure::chain;
use crate::providers::aws::transport::guard::Guard;
use crate::providers::aws::transport::places::Places;

/// The identity that the environment gives, before any role.
pub(crate) struct Caller {
    pub(crate) profile: Profile,
    pub(crate) home: String,
    pub(crate) sdk: SdkConfig,
    pub(crate) global: Arc<Semaphore>,
}

impl Caller {
    pub(crate) async fn load(
        options: &Options,
        profile: Profile,
        http: aws_smithy_http_client::pool::Client,
    ) -> Result<Self, ConnectError> {
        // Given always: without a region the SDK would ask the metadata service for one.
        let home = profile
            .region()
            .map(str::to_owned)
            .or_else(|| partition_home(&options.regions))
            .unwrap_or_else(|| "us-east-1".to_owned());
        let region = Region::new(home.clone());
        let provider = credentials::chain(options.profile.as_deref(), &home, http.clone()).await;
        let provider = credentials::primed(provider)
            .await
            .map_err(|error| credentials::missing(&error, &profile))?;
        let mut loader = aws_config::defaults(behavior())
            .region(region)
            .http_client(http)
            .retry_config(quick_retry())
            .timeout_config(quick_timeout())
            .credentials_provider(provider)
            .profile_name(profile.name());
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let sdk = loader.load().await;
        let global = Arc::new(Semaphore::new(options.concurrency.max(1)));
        Ok(Self { profile, home, sdk, global })
    }

    /// The same configuration with the credentials of a role, and a cache of its own for them.
    pub(crate) async fn assume(
        &self,
        role: &str,
        options: &Options,
    ) -> Result<SdkConfig, ConnectError> {
        let mut provider = AssumeRoleProvider::builder(role)
            .configure(&self.sdk)
            .region(Region::new(self.home.clone()))
            .session_name("outcrop");
        if let Some(id) = &options.external_id {
            provider = provider.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        let provider = credentials::primed(provider).await.map_err(|error| ConnectError::Role {
            role: role.to_owned(),
            reason: chain(&error),
            external_id: options.external_id.is_some(),
        })?;
        let sdk = self.sdk.to_builder().credentials_provider(provider);
        Ok(sdk.identity_cache(aws_config::identity::IdentityCache::lazy().build()).build())
    }

    /// Asks who `sdk` is and which regions it has.
    pub(crate) async fn account(
        &self,
        sdk: SdkConfig,
        options: &Options,
    ) -> Result<Account, ConnectError> {
        let guard = Guard::default();
        let (identity, home) = self.identity(&sdk, &guard).await?;
        let Identity { account: id, arn } = identity;
        // `arn:<partition>:sts::<account>:…`
        let partition = arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws");
        let choice = Choice::new(&options.regions, &options.exclude_regions)?;
        let (chosen, gaps) = self.regions(&sdk, &guard, &home, &id, partition, choice).await?;
        let path_style = has_endpoint(&sdk, "S3");
        let sdk = sdk
            .to_builder()
            .retry_config(self.profile.retry.clone())
            .timeout_config(patient_timeout(options.timeout))
            .build();
        Ok(Account {
            partition: partition.to_owned(),
            id,
            arn,
            home,
            chosen,
            sdk,
            path_style,
            guard,
            places: Places::default(),
            global: Arc::clone(&self.global),
            max_rps: options.max_rps,
            gaps,
        })
    }

    /// The identity, and the region that told it. A home region that the account has not enabled
    /// refuses good credentials, so the answer of one that everybody has decides.
    async fn identity(
        &self,
        sdk: &SdkConfig,
        guard: &Guard,
    ) -> Result<(Identity, String), ConnectError> {
        let failed = match sts::identity(sdk, guard, &self.home).await {
            Ok(identity) => return Ok((identity, self.home.clone())),
            Err(failed) => failed,
        };
        if failed.code.as_deref() == Some("InvalidClientTokenId")
            && !regions::is_well_known(&self.home)
            && let Ok(identity) = sts::identity(sdk, guard, "us-east-1").await
        {
            return Ok((identity, "us-east-1".to_owned()));
        }
        let endpoint = sdk
            .endpoint_url()
            .map_or_else(|| format!("https://sts.{}.amazonaws.com", self.home), str::to_owned);
        let unreachable = |reason: String| ConnectError::Unreachable {
            remedy: self.remedy(sdk),
            endpoint: endpoint.clone(),
            reason,
        };
        Err(match (failed.outcome, failed.code) {
            (Outcome::Expired, None) => ConnectError::Credentials {
                profile: self.profile.named.clone(),
                reason: failed.message,
            },
            (_, Some(code)) => ConnectError::Refused {
                profile: self.profile.named.clone(),
                remedy: self.refused(&code),
                code,
                message: failed.message,
            },
            (_, None) => unreachable(failed.message),
        })
    }

    /// What to do when nobody answers.
    fn remedy(&self, sdk: &SdkConfig) -> String {
        if let Some(url) = sdk.endpoint_url() {
            return format!(
                "the address comes from `--endpoint-url`, AWS_ENDPOINT_URL or the profile; try \
                 `curl {url}`"
            );
        }
        if !regions::is_well_known(&self.home) {
            let meant = regions::similar(&self.home).unwrap_or_else(|| "us-east-1".to_owned());
            return format!(
                "region `{}` may not exist; did you mean `export AWS_REGION={meant}`?",
                self.home
            );
        }
        "check the network, and HTTPS_PROXY if there is a proxy".to_owned()
    }

    /// What to do when the credentials are no good.
    fn refused(&self, code: &str) -> String {
        if let Some(profile) = &self.profile.sso {
            return format!("run `aws sso login --profile {profile}`");
        }
        match code {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
                "they have expired: get new ones where these came from, then check with \
                 `aws sts get-caller-identity`"
            }
            "SignatureDoesNotMatch" => {
                "the secret key does not belong to the key id, or the clock is wrong: run \
                 `aws configure`, or `date` and compare"
            }
            _ => {
                "the key does not exist (any more), or a session token is missing or stale: run \
                 `aws configure`, or check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
                 AWS_SESSION_TOKEN with `aws sts get-caller-identity`"
            }
        }
        .to_owned()
    }

    /// The regions to look at. When the account does not tell, a gap says so, unless all regions
    /// were named in full.
    async fn regions(
        &self,
        sdk: &SdkConfig,
        guard: &Guard,
        home: &str,
        account: &str,
        partition: &str,
        choice: Choice,
    ) -> Result<(Chosen, Vec<Gap>), ConnectError> {
        let failed = match ec2::regions::all(sdk, guard, home).await {
            Ok(known) => return Ok((choice.of(account, &known)?, Vec::new())),
            Err(failed) => failed,
        };
        let gap = failed.gap(&calls::ec2::DESCRIBE_REGIONS, home, None);
        let gaps = if choice.is_literal() { Vec::new() } else { vec![gap] };
        Ok((choice.unseen(partition)?, gaps))
    }
}

/// The SDK has no time-out for reading by default.
fn patient_timeout(operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(3100))
        .read_timeout(Duration::from_secs(20).min(operation))
        .operation_attempt_timeout(Duration::from_secs(30).min(operation))
        .operation_timeout(operation)
        .build()
}

/// Regions of other partitions than the public one cannot be asked from us-east-1.
fn partition_home(regions: &[String]) -> Option<String> {
    let begins = |prefix: &str| regions.iter().any(|region| region.starts_with(prefix));
    if begins("cn-") {
        Some("cn-north-1".to_owned())
    } else if begins("us-gov-") {
        Some("us-gov-west-1".to_owned())
    } else {
        None
    }
}

/// True when option, environment or profile name an address for the service.
fn has_endpoint(sdk: &SdkConfig, service: &str) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| sdk.service_config()?.load_config(key));
    sdk.endpoint_url().is_some() || own.is_some()
}
