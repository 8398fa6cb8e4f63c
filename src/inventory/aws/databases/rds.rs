//! RDS: databases (RDS, Aurora, DocumentDB and Neptune by engine).

use std::collections::BTreeMap;

use crate::model::{Arn, Known};

operations! {
    /// Answers of RDS in one region.
    Rds {
        #[serde(rename = "DescribeDBInstances")]
        describe_db_instances: Known<DbInstances>,
        #[serde(rename = "DescribeDBClusters")]
        describe_db_clusters: Known<DbClusters>,
        /// Snapshots of instances (a scan asks for manual ones).
        #[serde(rename = "DescribeDBSnapshots")]
        describe_db_snapshots: Known<DbSnapshots>,
        /// With whom snapshots are shared, by identifier (asked for only where it can be everyone).
        #[serde(rename = "DescribeDBSnapshotAttributes")]
        describe_db_snapshot_attributes: BTreeMap<String, DbSnapshotAttributes>,
        /// Snapshots of clusters (a scan asks for manual ones).
        #[serde(rename = "DescribeDBClusterSnapshots")]
        describe_db_cluster_snapshots: Known<DbClusterSnapshots>,
        /// With whom snapshots of clusters are shared, by identifier.
        #[serde(rename = "DescribeDBClusterSnapshotAttributes")]
        describe_db_cluster_snapshot_attributes: BTreeMap<String, DbClusterSnapshotAttributes>,
    }
}

responses! {
    /// Response of DescribeDBInstances.
    DbInstances {
        /// The instances, all pages together.
        #[serde(rename = "DBInstances")]
        db_instances: Vec<DbInstance>,
    }

    /// A database instance.
    DbInstance {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        #[serde(rename = "DBInstanceArn")]
        db_instance_arn: Option<String>,
        /// Cluster it is a member of.
        #[serde(rename = "DBClusterIdentifier")]
        db_cluster_identifier: Option<String>,
        /// `postgres`, `aurora-mysql`, `docdb`, `neptune`, …
        engine: Option<String>,
        /// Version of the engine.
        engine_version: Option<String>,
        /// `available`, `stopped`, …
        #[serde(rename = "DBInstanceStatus")]
        db_instance_status: Option<String>,
        /// True when it has a public address.
        publicly_accessible: Option<bool>,
        /// Where clients connect to; absent while it is created.
        endpoint: Option<Endpoint>,
        availability_zone: Option<String>,
        vpc_security_groups: Vec<VpcSecurityGroupMembership>,
        /// Subnets it may sit in.
        #[serde(rename = "DBSubnetGroup")]
        db_subnet_group: Option<DbSubnetGroup>,
    }

    /// Where clients connect to.
    Endpoint {
        address: Option<String>,
        port: Option<i32>,
    }

    /// A security group of a database.
    VpcSecurityGroupMembership {
        /// `sg-…`.
        vpc_security_group_id: String,
        /// `active` when it counts.
        status: Option<String>,
    }

    /// Subnets a database may sit in.
    DbSubnetGroup {
        /// VPC of the subnets.
        vpc_id: Option<String>,
        subnets: Vec<DbSubnet>,
    }

    /// A subnet of a subnet group.
    DbSubnet {
        /// `subnet-…`.
        subnet_identifier: String,
        /// Zone of the subnet.
        subnet_availability_zone: Option<AvailabilityZone>,
    }

    /// An availability zone.
    AvailabilityZone {
        /// For instance `eu-west-1a`.
        name: Option<String>,
    }

    /// Response of DescribeDBClusters.
    DbClusters {
        /// The clusters, all pages together.
        #[serde(rename = "DBClusters")]
        db_clusters: Vec<DbCluster>,
    }

    /// A cluster of database instances.
    DbCluster {
        #[serde(rename = "DBClusterIdentifier")]
        db_cluster_identifier: String,
        #[serde(rename = "DBClusterArn")]
        db_cluster_arn: Option<String>,
        /// `postgres`, `mysql`, `aurora-postgresql`, `docdb`, `neptune`, …
        engine: Option<String>,
        /// `available`, `stopped`, …
        status: Option<String>,
        /// True when it has a public address. Only Multi-AZ clusters have this switch; instances of others
        /// have their own.
        publicly_accessible: Option<bool>,
        /// True when clients come in through a gateway of AWS, without any VPC.
        internet_access_gateway_enabled: Option<bool>,
        /// False when it has no interface in any VPC, so neither subnets nor groups.
        #[serde(rename = "VPCNetworkingEnabled")]
        vpc_networking_enabled: Option<bool>,
        /// `password` or `iam-db-auth`. The SDK does not have it yet: known from dumps alone.
        master_user_authentication_type: Option<String>,
        port: Option<i32>,
        vpc_security_groups: Vec<VpcSecurityGroupMembership>,
    }

    /// Response of DescribeDBSnapshots.
    DbSnapshots {
        #[serde(rename = "DBSnapshots")]
        db_snapshots: Vec<DbSnapshot>,
    }

    /// A copy of an instance's storage.
    DbSnapshot {
        #[serde(rename = "DBSnapshotIdentifier")]
        db_snapshot_identifier: String,
        #[serde(rename = "DBSnapshotArn")]
        db_snapshot_arn: Option<String>,
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: Option<String>,
        engine: Option<String>,
        encrypted: Option<bool>,
        kms_key_id: Option<String>,
        /// `manual`, `automated`, `awsbackup`, …
        snapshot_type: Option<String>,
    }

    /// Response of DescribeDBSnapshotAttributes.
    DbSnapshotAttributes {
        #[serde(rename = "DBSnapshotAttributesResult")]
        db_snapshot_attributes_result: DbSnapshotAttributesResult,
    }

    /// What is allowed with a snapshot of an instance.
    DbSnapshotAttributesResult {
        #[serde(rename = "DBSnapshotAttributes")]
        db_snapshot_attributes: Vec<DbSnapshotAttribute>,
    }

    /// One attribute of a snapshot, of an instance or of a cluster.
    DbSnapshotAttribute {
        /// `restore`: who may copy and restore it.
        attribute_name: Option<String>,
        /// Accounts, or `all`.
        attribute_values: Vec<String>,
    }

    /// Response of DescribeDBClusterSnapshots.
    DbClusterSnapshots {
        #[serde(rename = "DBClusterSnapshots")]
        db_cluster_snapshots: Vec<DbClusterSnapshot>,
    }

    /// A copy of a cluster's storage.
    DbClusterSnapshot {
        #[serde(rename = "DBClusterSnapshotIdentifier")]
        db_cluster_snapshot_identifier: String,
        #[serde(rename = "DBClusterSnapshotArn")]
        db_cluster_snapshot_arn: Option<String>,
        #[serde(rename = "DBClusterIdentifier")]
        db_cluster_identifier: Option<String>,
        /// `aurora-mysql`, `docdb`, `neptune`, `postgres`, …
        engine: Option<String>,
        storage_encrypted: Option<bool>,
        kms_key_id: Option<String>,
        /// `manual`, `automated`, `awsbackup`, …
        snapshot_type: Option<String>,
    }

    /// Response of DescribeDBClusterSnapshotAttributes.
    DbClusterSnapshotAttributes {
        #[serde(rename = "DBClusterSnapshotAttributesResult")]
        db_cluster_snapshot_attributes_result: DbClusterSnapshotAttributesResult,
    }

    /// What is allowed with a snapshot of a cluster.
    DbClusterSnapshotAttributesResult {
        #[serde(rename = "DBClusterSnapshotAttributes")]
        db_cluster_snapshot_attributes: Vec<DbSnapshotAttribute>,
    }
}

impl DbSnapshot {
    /// Whether it is a manual one of the account, as far as the answer tells.
    pub fn is_own(&self, account: &str) -> bool {
        is_own(self.db_snapshot_arn.as_deref(), self.snapshot_type.as_deref(), account)
    }

    /// Whether it can be shared with everyone at all.
    pub fn can_be_public(&self) -> bool {
        can_be_public(self.encrypted)
    }
}

impl DbClusterSnapshot {
    /// Whether it is a manual one of the account, as far as the answer tells.
    pub fn is_own(&self, account: &str) -> bool {
        is_own(self.db_cluster_snapshot_arn.as_deref(), self.snapshot_type.as_deref(), account)
    }

    /// Whether it can be shared with everyone at all.
    pub fn can_be_public(&self) -> bool {
        can_be_public(self.storage_encrypted)
    }
}

/// Only manual snapshots can be shared; a list of public ones holds those of all accounts (RDS API
/// reference, ModifyDBSnapshotAttribute and DescribeDBSnapshots).
fn is_own(arn: Option<&str>, kind: Option<&str>, account: &str) -> bool {
    let owner = arn.and_then(Arn::parse).map(|arn| arn.account);
    owner.is_none_or(|owner| owner == account) && kind.is_none_or(|kind| kind == "manual")
}

/// An encrypted snapshot can be shared with named accounts only, never with `all` (RDS API reference,
/// ModifyDBSnapshotAttribute and ModifyDBClusterSnapshotAttribute).
fn can_be_public(encrypted: Option<bool>) -> bool {
    encrypted != Some(true)
}

/// Whether every AWS account may copy and restore the snapshot: `restore` holds `all` (RDS API
/// reference, DBSnapshotAttribute and DBClusterSnapshotAttribute).
pub fn is_public(attributes: &[DbSnapshotAttribute]) -> bool {
    restore(attributes).any(|value| value == EVERYONE)
}

/// The accounts that may, each by itself.
pub fn shared_with(attributes: &[DbSnapshotAttribute]) -> impl Iterator<Item = &str> {
    restore(attributes).filter(|value| *value != EVERYONE)
}

/// What stands for every AWS account.
const EVERYONE: &str = "all";

fn restore(attributes: &[DbSnapshotAttribute]) -> impl Iterator<Item = &str> {
    let all = attributes.iter().filter(|one| one.attribute_name.as_deref() == Some("restore"));
    all.flat_map(|one| one.attribute_values.iter().map(String::as_str))
}
