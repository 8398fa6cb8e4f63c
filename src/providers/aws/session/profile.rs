//! What the environment and the AWS configuration files say, looked at before the SDK is asked:
//! its own messages do not name the remedy, and on some values it panics.

use std::collections::BTreeSet;

use aws_config::profile::ProfileSet;
use aws_config::retry::RetryConfig;

use super::errors::ConnectError;
use super::host::Host;
use crate::model::did_you_mean;
use crate::providers::aws::transport::failure::chain;

/// Attempts per call: throttled and failing calls are worth waiting for in a scan.
const ATTEMPTS: u32 = 8;

/// The chosen profile in its context.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The name that was given by option or AWS_PROFILE.
    pub(crate) named: Option<String>,
    name: String,
    /// Set when credentials come from IAM Identity Center, through this profile.
    pub(crate) sso: Option<String>,
    region: Option<String>,
    pub(crate) retry: RetryConfig,
}

impl Profile {
    /// The name that AWS's tools would use.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The region of environment or profile.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// Reads environment and files.
pub(crate) async fn read(option: Option<&str>, host: &Host) -> Result<Profile, ConnectError> {
    let profiles = host
        .profiles(option)
        .await
        .map_err(|error| ConnectError::Configuration { reason: chain(&error) })?;
    understand(option, host, &profiles)
}

fn understand(
    option: Option<&str>,
    host: &Host,
    profiles: &ProfileSet,
) -> Result<Profile, ConnectError> {
    let named = option.map(str::to_owned).or_else(|| host.variable("AWS_PROFILE"));
    let name = named.clone().unwrap_or_else(|| "default".to_owned());
    // Keys in the environment are used unless a profile is asked for by option, as the AWS CLI
    // does it; a wrong AWS_PROFILE beside them is of no consequence.
    let keys = option.is_none() && host.variable("AWS_ACCESS_KEY_ID").is_some();
    let mut sso = None;
    if !keys {
        if named.is_some() && profiles.get_profile(&name).is_none() {
            let mut known: Vec<String> = profiles.profiles().map(str::to_owned).collect();
            known.sort();
            return Err(ConnectError::UnknownProfile {
                nearest: did_you_mean(&name, known.iter().map(String::as_str)).map(str::to_owned),
                profile: name,
                known,
            });
        }
        sso = follow(profiles, &name)?;
    }
    let property = |key: &str| profiles.get_profile(&name).and_then(|profile| profile.get(key));
    let region = host
        .variable("AWS_REGION")
        .or_else(|| host.variable("AWS_DEFAULT_REGION"))
        .or_else(|| property("region").map(str::to_owned));
    let retry = retry(
        host.variable("AWS_RETRY_MODE").or_else(|| property("retry_mode").map(str::to_owned)),
        host.variable("AWS_MAX_ATTEMPTS").or_else(|| property("max_attempts").map(str::to_owned)),
    )?;
    Ok(Profile { named, name, sso, region, retry })
}

/// Walks the profiles that give each other credentials. The profile that signs in by SSO, if any.
fn follow(profiles: &ProfileSet, first: &str) -> Result<Option<String>, ConnectError> {
    let mut seen = BTreeSet::new();
    let mut name = first.to_owned();
    while seen.insert(name.clone()) {
        let Some(profile) = profiles.get_profile(&name) else { break };
        // `mfa_serial` counts only where a role is assumed (AWS CLI user guide, using MFA).
        if let (Some(_), Some(serial)) = (profile.get("role_arn"), profile.get("mfa_serial")) {
            return Err(ConnectError::Mfa { profile: name, serial: serial.to_owned() });
        }
        if profile.get("sso_session").is_some() || profile.get("sso_start_url").is_some() {
            return Ok(Some(name));
        }
        match profile.get("source_profile") {
            Some(source) => name = source.to_owned(),
            None => break,
        }
    }
    Ok(None)
}

/// The SDK panics on values that it does not know, so it never sees them.
fn retry(mode: Option<String>, attempts: Option<String>) -> Result<RetryConfig, ConnectError> {
    let config = match mode.as_deref().map(str::trim) {
        // `legacy` is valid for other tools and closest to standard.
        None | Some("standard" | "legacy") => RetryConfig::standard(),
        Some("adaptive") => RetryConfig::adaptive(),
        Some(other) => {
            return Err(ConnectError::Setting {
                setting: "AWS_RETRY_MODE",
                value: other.to_owned(),
                expected: "`standard` or `adaptive`",
                example: "standard",
            });
        }
    };
    let attempts = match attempts {
        None => ATTEMPTS,
        Some(text) => match text.trim().parse() {
            Ok(attempts) if attempts > 0 => attempts,
            _ => {
                return Err(ConnectError::Setting {
                    setting: "AWS_MAX_ATTEMPTS",
                    value: text,
                    expected: "a whole number above 0",
                    example: "8",
                });
            }
        },
    };
    Ok(config.with_max_attempts(attempts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
[default]
region = eu-west-1
[profile staging]
region = eu-central-1
[profile sso]
sso_session = corp
[profile through-sso]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = sso
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/x
mfa_serial = arn:aws:iam::123456789012:mfa/me
source_profile = default
[profile loop]
source_profile = loop
";

    fn of(option: Option<&str>, env: &[(&str, &str)]) -> Result<Profile, ConnectError> {
        let mut env = env.to_vec();
        env.push(("AWS_CONFIG_FILE", "/config"));
        let host = Host::canned(&env, &[("/config", CONFIG)]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(read(option, &host))
    }

    #[test]
    fn an_unknown_profile_names_the_nearest_and_all() {
        let error = of(Some("stagin"), &[]).expect_err("no such profile").to_string();
        assert!(error.contains("did you mean `staging`?"), "{error}");
        assert!(error.contains("default, loop, mfa, sso, staging, through-sso"), "{error}");
        assert!(of(None, &[("AWS_PROFILE", "nothing-like-it")]).is_err());
    }

    #[test]
    fn a_profile_with_an_mfa_device_says_what_to_do_instead() {
        let error = of(Some("mfa"), &[]).expect_err("unsupported").to_string();
        assert!(
            error.contains("aws sts get-session-token --serial-number arn:aws:iam::"),
            "{error}"
        );
    }

    #[test]
    fn a_profile_option_beats_keys_in_the_environment_and_aws_profile_does_not() {
        let keys = ("AWS_ACCESS_KEY_ID", "AKIA");
        assert!(of(None, &[keys, ("AWS_PROFILE", "mfa")]).is_ok());
        assert!(of(Some("mfa"), &[keys]).is_err());
    }

    #[test]
    fn sso_is_found_through_other_profiles() {
        let sso = |name| of(Some(name), &[]).expect("a known profile").sso;
        assert_eq!(sso("through-sso").as_deref(), Some("sso"));
        assert_eq!(sso("staging"), None);
        assert_eq!(sso("loop"), None);
    }

    #[test]
    fn the_region_comes_from_the_environment_before_the_profile() {
        let region = |env: &[_]| of(None, env).expect("valid").region;
        assert_eq!(region(&[]).as_deref(), Some("eu-west-1"));
        assert_eq!(region(&[("AWS_REGION", "us-west-2")]).as_deref(), Some("us-west-2"));
    }

    #[test]
    fn retry_settings_that_the_sdk_panics_on_are_refused() {
        let error = of(None, &[("AWS_RETRY_MODE", "sometimes")]).expect_err("invalid").to_string();
        assert!(error.contains("export AWS_RETRY_MODE=standard"), "{error}");
        for attempts in ["0", "-1", "many"] {
            let error = of(None, &[("AWS_MAX_ATTEMPTS", attempts)]).expect_err("invalid");
            assert!(error.to_string().contains("unset AWS_MAX_ATTEMPTS"), "{error}");
        }
        let retry = of(None, &[("AWS_MAX_ATTEMPTS", "2")]).expect("valid").retry;
        assert_eq!(retry.max_attempts(), 2);
        assert_eq!(of(None, &[]).expect("valid").retry.max_attempts(), ATTEMPTS);
    }
}
