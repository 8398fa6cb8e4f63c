//! Everything that was learnt of one account: the seam between asking and judging.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::aws::Services;
use super::aws::kinds::Place;
use crate::model::{Gap, Provider};

/// Version of the snapshot file's form.
pub const SCHEMA_VERSION: u32 = 1;

/// What one account answered, and what it did not.
///
/// The form of a service inside is the form that the AWS CLI prints: operation name, then the
/// response. Operations about one resource are maps by that resource. What is missing is unread.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// Whose cloud it is.
    pub provider: Provider,
    /// The account's id.
    pub account: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// ARN of the identity that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// When the collection began and ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the last call was answered (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Calls sent to the provider by `service:Operation`, retries not counted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<String, u64>,
    /// Services that answer once for the whole account.
    #[serde(skip_serializing_if = "Services::is_empty")]
    pub global: Services,
    /// Every region in scope, with what its services answered.
    pub regions: BTreeMap<String, Services>,
    /// Calls without an answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// What its file says that nobody here understands, in words for whoever made it.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl Snapshot {
    /// Where resources of this account are named that are in `region`.
    pub fn place<'a>(&'a self, region: &'a str) -> Place<'a> {
        Place { partition: self.partition(), region, account: &self.account }
    }

    /// The partition that is scanned; snapshots and dumps that name none are of the commercial one.
    pub fn partition(&self) -> &str {
        if self.partition.is_empty() { "aws" } else { &self.partition }
    }
}
