//! The thing that a finding is about.

use serde::{Deserialize, Serialize};

/// Region name of what belongs to the whole account.
pub const GLOBAL: &str = "aws-global";

/// Names one resource of one account.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Resource {
    /// Amazon Resource Name, unique in all accounts.
    pub arn: String,
    /// Kind in outcrop's terms, for instance `aws.s3.bucket`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id the provider's tools take, for instance a bucket name or `i-…`.
    pub id: String,
    /// The name people gave it (tag `Name`), where that differs from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Region, or `aws-global` for what has none.
    pub region: String,
    /// Account that owns it.
    pub account: String,
}
