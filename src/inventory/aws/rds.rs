//! RDS: databases (RDS, Aurora, DocumentDB and Neptune by engine).

use serde::{Deserialize, Serialize};

use crate::model::Known;

/// Answers of RDS in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Rds {
    /// Database instances.
    #[serde(rename = "DescribeDBInstances", skip_serializing_if = "Known::is_unread")]
    pub describe_db_instances: Known<DbInstances>,
    /// Clusters of instances.
    #[serde(rename = "DescribeDBClusters", skip_serializing_if = "Known::is_unread")]
    pub describe_db_clusters: Known<DbClusters>,
}

/// Response of DescribeDBInstances.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbInstances {
    /// The instances, all pages together.
    #[serde(rename = "DBInstances")]
    pub db_instances: Vec<DbInstance>,
}

/// A database instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DbInstance {
    /// Its name.
    #[serde(rename = "DBInstanceIdentifier")]
    pub db_instance_identifier: String,
    /// ARN.
    #[serde(rename = "DBInstanceArn", skip_serializing_if = "Option::is_none")]
    pub db_instance_arn: Option<String>,
    /// Cluster it is a member of.
    #[serde(rename = "DBClusterIdentifier", skip_serializing_if = "Option::is_none")]
    pub db_cluster_identifier: Option<String>,
    /// `postgres`, `aurora-mysql`, `docdb`, `neptune`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Version of the engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// `available`, `stopped`, …
    #[serde(rename = "DBInstanceStatus", skip_serializing_if = "Option::is_none")]
    pub db_instance_status: Option<String>,
    /// True when it has a public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// Where clients connect to; absent while it is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Security groups.
    pub vpc_security_groups: Vec<VpcSecurityGroupMembership>,
    /// Subnets it may sit in.
    #[serde(rename = "DBSubnetGroup", skip_serializing_if = "Option::is_none")]
    pub db_subnet_group: Option<DbSubnetGroup>,
}

/// Where clients connect to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Endpoint {
    /// Host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

/// A security group of a database.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VpcSecurityGroupMembership {
    /// `sg-…`.
    pub vpc_security_group_id: String,
    /// `active` when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Subnets a database may sit in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DbSubnetGroup {
    /// VPC of the subnets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// The subnets.
    pub subnets: Vec<DbSubnet>,
}

/// A subnet of a subnet group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DbSubnet {
    /// `subnet-…`.
    pub subnet_identifier: String,
    /// Zone of the subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_availability_zone: Option<AvailabilityZone>,
}

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AvailabilityZone {
    /// For instance `eu-west-1a`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Response of DescribeDBClusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbClusters {
    /// The clusters, all pages together.
    #[serde(rename = "DBClusters")]
    pub db_clusters: Vec<DbCluster>,
}

/// A cluster of database instances.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DbCluster {
    /// Its name.
    #[serde(rename = "DBClusterIdentifier")]
    pub db_cluster_identifier: String,
    /// ARN.
    #[serde(rename = "DBClusterArn", skip_serializing_if = "Option::is_none")]
    pub db_cluster_arn: Option<String>,
    /// `postgres`, `mysql`, `aurora-postgresql`, `docdb`, `neptune`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// `available`, `stopped`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// True when it has a public address. Only Multi-AZ clusters have this switch; instances of others
    /// have their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publicly_accessible: Option<bool>,
    /// True when clients come in through a gateway of AWS, without any VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_access_gateway_enabled: Option<bool>,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// Security groups.
    pub vpc_security_groups: Vec<VpcSecurityGroupMembership>,
}
