//! Database Migration Service: the machines that copy databases.

use serde::{Deserialize, Serialize};

use super::rds::{DbSubnet, VpcSecurityGroupMembership};
use crate::model::Known;

/// Answers of DMS in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Dms {
    /// Replication instances.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_replication_instances: Known<ReplicationInstances>,
}

/// Response of DescribeReplicationInstances.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ReplicationInstances {
    /// All pages together.
    pub replication_instances: Vec<ReplicationInstance>,
}

/// A replication instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ReplicationInstance {
    /// Its name.
    pub replication_instance_identifier: String,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_instance_arn: Option<String>,
    /// `available`, `creating`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_instance_status: Option<String>,
    /// True when it has a public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// Availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Security groups.
    pub vpc_security_groups: Vec<VpcSecurityGroupMembership>,
    /// Subnets it may sit in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_subnet_group: Option<ReplicationSubnetGroup>,
}

/// Subnets that replication instances may sit in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ReplicationSubnetGroup {
    /// VPC of the subnets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// The subnets.
    pub subnets: Vec<DbSubnet>,
}
