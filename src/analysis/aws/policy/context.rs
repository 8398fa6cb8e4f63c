//! What is known about the resource and its owner besides the policy.

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

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
    /// `Internet` or `VPC`, of an access point.
    pub network_origin: Option<String>,
    /// Whether the bucket refuses unsigned requests because the requester pays.
    pub requester_pays: bool,
}

/// A field that is there counts as stated, `null` included.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
