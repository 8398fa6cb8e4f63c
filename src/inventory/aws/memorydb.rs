//! MemoryDB: durable in-memory databases.

use serde::{Deserialize, Serialize};

use super::elasticache::SecurityGroupMembership;
use super::rds::Endpoint;
use crate::model::Known;

/// Answers of MemoryDB in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MemoryDb {
    /// Clusters.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_clusters: Known<MemoryClusters>,
}

/// Response of DescribeClusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MemoryClusters {
    /// All pages together.
    pub clusters: Vec<MemoryCluster>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MemoryCluster {
    /// Its name.
    pub name: String,
    /// ARN.
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `redis` or `valkey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Where clients connect to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_endpoint: Option<Endpoint>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroupMembership>,
}
