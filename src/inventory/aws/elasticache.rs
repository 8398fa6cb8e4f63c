//! ElastiCache: caches.

use serde::{Deserialize, Serialize};

use super::rds::Endpoint;
use crate::model::Known;

/// Answers of ElastiCache in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ElastiCache {
    /// Clusters.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_cache_clusters: Known<CacheClusters>,
}

/// Response of DescribeCacheClusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CacheClusters {
    /// All pages together.
    pub cache_clusters: Vec<CacheCluster>,
}

/// A cluster, or one node of a replication group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CacheCluster {
    /// Its name.
    pub cache_cluster_id: String,
    /// ARN.
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `redis`, `valkey` or `memcached`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Where clients of a Memcached cluster connect to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_endpoint: Option<Endpoint>,
    /// Its nodes, where they were asked for.
    pub cache_nodes: Vec<CacheNode>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroupMembership>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CacheNode {
    /// Where clients connect to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
}

/// A security group of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroupMembership {
    /// `sg-…`.
    pub security_group_id: String,
    /// `active` when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}
