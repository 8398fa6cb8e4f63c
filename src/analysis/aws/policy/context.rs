//! What is known about the resource and its owner besides the policy.

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use super::organization::ControlPolicies;

/// The resource that a policy belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Kind, as `aws.s3.bucket`.
    pub kind: &'a str,
    /// Its ARN.
    pub arn: &'a str,
    /// The account that owns it.
    pub owner_account: &'a str,
    /// Everything else.
    pub context: &'a Context,
}

/// Facts around a policy; each may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Organization of the owner; none means that the owner is in no organization.
    pub org_id: Option<String>,
    /// Accounts in the zone of trust besides the owner's.
    pub trusted_accounts: Vec<String>,
    /// Organizations whose accounts are in the zone of trust.
    pub trusted_organizations: Vec<String>,
    /// Patterns of identity providers that serve one customer.
    pub trusted_issuers: Vec<String>,
    /// Addresses in the zone of trust.
    pub trusted_ranges: Vec<IpNet>,
    /// Accounts known to be in the owner's organization.
    pub org_accounts: Vec<String>,
    /// Canonical id of the owner.
    pub canonical_id: Option<String>,
    /// Names of buckets that the owner has.
    pub owned_buckets: Vec<String>,
    /// The moment to judge at. Without it every condition on the time is in doubt.
    pub now: Option<jiff::Timestamp>,
    /// Authentication of the function's URL: `NONE` or `AWS_IAM`; `Some(None)` when there is no
    /// URL, `None` when that was not collected.
    #[serde(deserialize_with = "stated")]
    pub function_url: Option<Option<String>>,
    /// Resource control policies that reach the owner's account.
    #[serde(skip)]
    pub control_policies: ControlPolicies,
    /// The way into a Lambda function that is judged.
    #[serde(skip)]
    pub way: FunctionWay,
    /// `Internet` or `VPC`, of an access point.
    pub network_origin: Option<String>,
    /// Whether the bucket refuses unsigned requests because the requester pays.
    pub requester_pays: bool,
}

/// A way into a Lambda function. There are two, and each asks for permissions of its own (Lambda
/// developer guide, "Control access to Lambda function URLs").
#[derive(Debug, Clone, Default)]
pub enum FunctionWay {
    /// Both together, where [`Context::function_url`] says what URL there is.
    #[default]
    Either,
    /// Lambda's API.
    Api,
    /// The URL. A judgement on [`LAMBDA_FUNCTION_URL`](crate::inventory::aws::kinds) is always about
    /// one.
    Url(FunctionUrl),
}

/// The URL of a function; what is left out is not known.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FunctionUrl {
    /// Who authenticates callers: `NONE` or `AWS_IAM`.
    pub auth_type: Option<String>,
    /// When it was made.
    pub created: Option<jiff::Timestamp>,
}

/// A field that is there counts as stated, `null` included.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
