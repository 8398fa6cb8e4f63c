//! From options and environment to accounts that know who they are.

use std::sync::Arc;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use super::account::{Account, Places};
use super::credentials::{self, behavior, quick_retry, quick_timeout};
use super::errors::ConnectError;
use super::failure::{Failure, chain, failure};
use super::guard::Guard;
use super::http;
use super::profile::{self, Profile};
use super::regions::{self, Choice, Chosen};
use crate::inventory::aws::calls;
use crate::inventory::{SCHEMA_VERSION, Snapshot};
use crate::model::{Gap, Outcome};

/// How to reach AWS, and what of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Profile of the AWS configuration files; used even when keys stand in the environment.
    pub profile: Option<String>,
    /// Roles to assume, one account each; empty for the caller's own account.
    pub roles: Vec<String>,
    /// External id sent when a role is assumed.
    pub external_id: Option<String>,
    /// Names or patterns; empty for all enabled regions.
    pub regions: Vec<String>,
    /// Names or patterns to leave out.
    pub exclude_regions: Vec<String>,
    /// Where all services are, instead of AWS's own addresses.
    pub endpoint_url: Option<String>,
    /// Calls in flight at once.
    pub concurrency: usize,
    /// Calls a second at most.
    pub max_rps: Option<f64>,
    /// Longest time for one call, its retries included.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: None,
            roles: Vec::new(),
            external_id: None,
            regions: Vec::new(),
            exclude_regions: Vec::new(),
            endpoint_url: None,
            concurrency: 64,
            max_rps: None,
            timeout: Duration::from_secs(120),
        }
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

/// Finds out who asks, and which regions there are: one account for each role, or the caller's.
///
/// # Errors
/// When nothing can be scanned, with the line to type as remedy.
pub async fn connect(options: &Options) -> Result<Connected, ConnectError> {
    for role in &options.roles {
        check_role(role)?;
    }
    // Before anything is asked: patterns must be valid.
    Choice::new(&options.regions, &options.exclude_regions)?;
    let (env, fs) = (Env::real(), Fs::real());
    let profile = profile::read(options.profile.as_deref(), &env, &fs).await?;
    let http = http::client(options.concurrency, ProxyConfig::from_env())
        .map_err(|reason| ConnectError::Configuration { reason })?;
    let caller = Caller::load(options, profile, http).await?;
    if options.roles.is_empty() {
        let account = caller.account(caller.sdk.clone(), options).await?;
        return Ok(Connected { accounts: vec![account], unseen: Vec::new() });
    }
    let answers: Vec<Result<Account, ConnectError>> = stream::iter(&options.roles)
        .map(|role| async {
            let sdk = caller.assume(role, options).await?;
            caller.account(sdk, options).await
        })
        .buffered(8)
        .collect()
        .await;
    let any = answers.iter().any(Result::is_ok);
    let mut connected = Connected::default();
    for (role, answer) in options.roles.iter().zip(answers) {
        match answer {
            Ok(account) => connected.accounts.push(account),
            // One account of many that cannot be entered leaves the others judged.
            Err(error @ ConnectError::Role { .. }) if any => {
                connected.unseen.push(unseen(role, &caller.home, &error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(connected)
}

/// The accounts that answered, and what is known of those that cannot be entered.
#[derive(Debug, Default)]
pub struct Connected {
    /// Ready to be asked.
    pub accounts: Vec<Account>,
    /// Nothing but the reason, for accounts whose role cannot be assumed while others can.
    pub unseen: Vec<Snapshot>,
}

/// An account of which only its id is known.
fn unseen(role: &str, home: &str, error: &ConnectError) -> Snapshot {
    let mut fields = role.split(':').skip(1);
    let partition = fields.next().unwrap_or_default().to_owned();
    let account = fields.nth(2).unwrap_or_default().to_owned();
    let failed = Failure {
        outcome: Outcome::Denied,
        code: None,
        message: error.to_string(),
        unreached: false,
    };
    let gap = failed.gap(&calls::ASSUME_ROLE, home, Some(role));
    Snapshot {
        schema_version: SCHEMA_VERSION,
        account,
        partition,
        gaps: vec![gap],
        ..Snapshot::default()
    }
}

fn check_role(role: &str) -> Result<(), ConnectError> {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && resource.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(ConnectError::NotARole { role: role.to_owned() }),
    }
}

/// The identity that the environment gives, before any role.
pub(super) struct Caller {
    pub(super) profile: Profile,
    pub(super) home: String,
    pub(super) sdk: SdkConfig,
    pub(super) global: Arc<Semaphore>,
}

impl Caller {
    async fn load(
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
    async fn assume(&self, role: &str, options: &Options) -> Result<SdkConfig, ConnectError> {
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
    pub(super) async fn account(
        &self,
        sdk: SdkConfig,
        options: &Options,
    ) -> Result<Account, ConnectError> {
        let guard = Guard::default();
        let (identity, home) = self.identity(&sdk, &guard).await?;
        let id = identity.account.unwrap_or_default();
        let arn = identity.arn.unwrap_or_default();
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
        let ask = async |region: &str| {
            let config = aws_sdk_sts::config::Builder::from(sdk)
                .region(Region::new(region.to_owned()))
                .interceptor(guard.clone())
                .build();
            aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await
        };
        let error = match ask(&self.home).await {
            Ok(identity) => return Ok((identity, self.home.clone())),
            Err(error) => error,
        };
        let failed = failure(&error);
        if failed.code.as_deref() == Some("InvalidClientTokenId")
            && !regions::is_well_known(&self.home)
            && let Ok(identity) = ask("us-east-1").await
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
        let config = aws_sdk_ec2::config::Builder::from(sdk)
            .region(Region::new(home.to_owned()))
            .interceptor(guard.clone())
            .build();
        // All of them, so that a region which is not enabled is told from one that is not there.
        let call = aws_sdk_ec2::Client::from_conf(config).describe_regions().all_regions(true);
        let failed = match call.send().await {
            Ok(answer) => {
                let known: Vec<regions::Region> = answer
                    .regions
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|region| {
                        let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
                        region.region_name.map(|name| regions::Region { name, enabled })
                    })
                    .collect();
                if !known.is_empty() {
                    return Ok((choice.of(account, &known)?, Vec::new()));
                }
                Failure {
                    outcome: Outcome::Malformed,
                    code: None,
                    message: "an answer without regions".to_owned(),
                    unreached: false,
                }
            }
            Err(error) => failure(&error),
        };
        let gap = failed.gap(&calls::ec2::DESCRIBE_REGIONS, home, None);
        let gaps = if choice.is_literal() { Vec::new() } else { vec![gap] };
        Ok((choice.unseen(partition)?, gaps))
    }
}

type Identity = aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

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
