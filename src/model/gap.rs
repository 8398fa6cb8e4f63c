//! Questions that a provider did not answer.

use serde::{Deserialize, Serialize};

/// Why there is no answer to a call, after the SDK's own retries gave up.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The identity lacks the permission, or a service control policy forbids the call.
    Denied,
    /// The provider kept asking to slow down.
    Throttled,
    /// The credentials expired or are not valid in this place.
    Expired,
    /// The answer could not be understood.
    Malformed,
    /// No answer in time.
    Timeout,
    /// Any other failure.
    Error,
    /// The scan was stopped before the call was answered.
    Interrupted,
}

impl Outcome {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Denied => "denied",
            Outcome::Throttled => "throttled",
            Outcome::Expired => "expired",
            Outcome::Malformed => "malformed",
            Outcome::Timeout => "timeout",
            Outcome::Error => "error",
            Outcome::Interrupted => "interrupted",
        }
    }
}

/// One call that was made and not answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Service as in the IAM action of the call, for instance `s3` or `ec2`.
    pub service: String,
    /// Operation of the API, for instance `GetBucketPolicy`.
    pub operation: String,
    /// Region that was asked.
    pub region: String,
    /// What the call was about, where it was about one resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The kind of failure.
    pub outcome: Outcome,
    /// The provider's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Gap {
    /// Service and operation in the form `s3:GetBucketPolicy`, by which rules name what they need.
    pub fn call(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}
