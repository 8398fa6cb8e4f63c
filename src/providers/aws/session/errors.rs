//! Why there is nobody to ask. Each message says what is wrong and the line to type.

/// Connecting failed, so that no scan is possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No link of the credential chain had anything.
    #[error(
        "no AWS credentials found{}\n  sign in with `aws sso login --profile NAME` and pass \
         `--profile NAME`, run `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; \
         without an account try `outcrop scan --demo`",
        of_profile(.profile)
    )]
    NoCredentials {
        /// The profile that was chosen, if any.
        profile: Option<String>,
    },
    /// The configuration files hold no such profile.
    #[error("unknown AWS profile `{profile}`{}\n  {}", meant(.nearest), known_profiles(.known))]
    UnknownProfile {
        /// The name that was given.
        profile: String,
        /// The most similar name that exists.
        nearest: Option<String>,
        /// All names that exist.
        known: Vec<String>,
    },
    /// The configuration files cannot be read.
    #[error(
        "cannot read the AWS configuration files: {reason}\n  run `aws configure list` to see which files are meant"
    )]
    Configuration {
        /// What is wrong with them.
        reason: String,
    },
    /// The profile signs in through IAM Identity Center, and the session is over.
    #[error(
        "the SSO session of profile `{profile}` has expired or was never begun: {reason}\n  run `aws sso login --profile {profile}`"
    )]
    SsoExpired {
        /// The profile.
        profile: String,
        /// What the SDK found.
        reason: String,
    },
    /// The profile asks for a code from an MFA device, which the SDK cannot do.
    #[error(
        "profile `{profile}` needs a code from the MFA device {serial}, which cannot be asked for here\n  run `aws sts get-session-token --serial-number {serial} --token-code CODE` and export the keys it prints, or use SSO or a `credential_process`"
    )]
    Mfa {
        /// The profile.
        profile: String,
        /// Its `mfa_serial`.
        serial: String,
    },
    /// A setting has a value that AWS's tools do not know.
    #[error(
        "{setting} is `{value}`, which is not {expected}\n  run `export {setting}={example}` or `unset {setting}`"
    )]
    Setting {
        /// Environment variable.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What would be valid.
        expected: &'static str,
        /// One valid value.
        example: &'static str,
    },
    /// There is no such region.
    #[error("unknown AWS region `{region}`{}\n  run `aws ec2 describe-regions --all-regions --query 'Regions[].RegionName'` for the list", meant(.nearest))]
    UnknownRegion {
        /// The name or pattern that was given.
        region: String,
        /// The most similar name that exists.
        nearest: Option<String>,
    },
    /// The account has not enabled the region.
    #[error(
        "region `{region}` is not enabled in account {account}\n  leave it out, or run `aws account enable-region --region-name {region}`"
    )]
    RegionNotEnabled {
        /// The region.
        region: String,
        /// The account.
        account: String,
    },
    /// The choice of regions leaves none.
    #[error(
        "no region is left to scan: `--exclude-region` takes out all that were chosen\n  run again without `--exclude-region`"
    )]
    NoRegion,
    /// AWS does not accept the credentials.
    #[error("AWS refuses the credentials{} ({code}): {message}\n  {remedy}", of_profile(.profile))]
    Refused {
        /// The profile that was chosen, if any.
        profile: Option<String>,
        /// AWS's error code.
        code: String,
        /// AWS's words.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// The credentials could not be had.
    #[error("cannot get AWS credentials{}: {reason}\n  check with `aws sts get-caller-identity{}`", of_profile(.profile), flag(.profile))]
    Credentials {
        /// The profile that was chosen, if any.
        profile: Option<String>,
        /// What the SDK said.
        reason: String,
    },
    /// A role is not written as an ARN.
    #[error("`{role}` is no ARN of a role\n  pass `--role arn:aws:iam::123456789012:role/NAME`")]
    NotARole {
        /// What was given.
        role: String,
    },
    /// A role cannot be assumed.
    #[error("cannot assume role {role}: {reason}\n  check its trust policy{} with `aws sts assume-role --role-arn {role} --role-session-name outcrop`", external(.external_id))]
    Role {
        /// The role's ARN.
        role: String,
        /// What AWS said.
        reason: String,
        /// Whether an external id was sent.
        external_id: bool,
    },
    /// Nobody answers.
    #[error("cannot reach AWS at {endpoint}: {reason}\n  {remedy}")]
    Unreachable {
        /// Where the call went.
        endpoint: String,
        /// What went wrong.
        reason: String,
        /// What to do.
        remedy: String,
    },
}

fn of_profile(profile: &Option<String>) -> String {
    profile.as_ref().map(|name| format!(" for profile `{name}`")).unwrap_or_default()
}

fn flag(profile: &Option<String>) -> String {
    profile.as_ref().map(|name| format!(" --profile {name}")).unwrap_or_default()
}

fn meant(name: &Option<String>) -> String {
    name.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn known_profiles(known: &[String]) -> String {
    if known.is_empty() {
        return "there are none yet: run `aws configure sso` or `aws configure`".to_owned();
    }
    format!("profiles here: {}; add one with `aws configure --profile NAME`", known.join(", "))
}

fn external(sent: &bool) -> &'static str {
    if *sent { " and its external id" } else { " (`--external-id` was not given)" }
}
