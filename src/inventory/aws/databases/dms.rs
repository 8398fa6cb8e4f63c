//! Database Migration Service: the machines that copy databases.

use super::rds::{DbSubnet, VpcSecurityGroupMembership};
use crate::model::Known;

operations! {
    /// Answers of DMS in one region.
    Dms {
        describe_replication_instances: Known<ReplicationInstances>,
    }
}

responses! {
    /// Response of DescribeReplicationInstances.
    ReplicationInstances {
        replication_instances: Vec<ReplicationInstance>,
    }

    /// A replication instance.
    ReplicationInstance {
        replication_instance_identifier: String,
        replication_instance_arn: Option<String>,
        /// `available`, `creating`, …
        replication_instance_status: Option<String>,
        /// True when it has a public address.
        publicly_accessible: Option<bool>,
        availability_zone: Option<String>,
        vpc_security_groups: Vec<VpcSecurityGroupMembership>,
        /// Subnets it may sit in.
        replication_subnet_group: Option<ReplicationSubnetGroup>,
    }

    /// Subnets that replication instances may sit in.
    ReplicationSubnetGroup {
        /// VPC of the subnets.
        vpc_id: Option<String>,
        subnets: Vec<DbSubnet>,
    }
}
