//! Redshift: data warehouse clusters.

use serde::{Deserialize, Serialize};

use super::rds::{DbSubnet, Endpoint, VpcSecurityGroupMembership};
use crate::model::Known;

/// Answers of Redshift in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Redshift {
    /// Clusters.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_clusters: Known<Clusters>,
    /// The subnets that clusters may sit in.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_cluster_subnet_groups: Known<ClusterSubnetGroups>,
}

/// Response of DescribeClusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Clusters {
    /// All pages together.
    pub clusters: Vec<Cluster>,
}

/// Response of DescribeClusterSubnetGroups.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClusterSubnetGroups {
    /// All pages together.
    pub cluster_subnet_groups: Vec<ClusterSubnetGroup>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Cluster {
    /// Its name.
    pub cluster_identifier: String,
    /// ARN of its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_namespace_arn: Option<String>,
    /// `available`, `paused`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_status: Option<String>,
    /// True when it has a public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// Where clients connect to; absent while it is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Name of the subnets it may sit in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_subnet_group_name: Option<String>,
    /// VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Security groups.
    pub vpc_security_groups: Vec<VpcSecurityGroupMembership>,
}

/// Subnets that clusters may sit in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClusterSubnetGroup {
    /// Its name.
    pub cluster_subnet_group_name: String,
    /// VPC of the subnets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// The subnets.
    pub subnets: Vec<DbSubnet>,
}
