//! Redshift: data warehouse clusters.

use super::rds::{DbSubnet, Endpoint, VpcSecurityGroupMembership};
use crate::model::Known;

operations! {
    /// Answers of Redshift in one region.
    Redshift {
        describe_clusters: Known<Clusters>,
        /// The subnets that clusters may sit in.
        describe_cluster_subnet_groups: Known<ClusterSubnetGroups>,
    }
}

responses! {
    /// Response of DescribeClusters.
    Clusters {
        clusters: Vec<Cluster>,
    }

    /// Response of DescribeClusterSubnetGroups.
    ClusterSubnetGroups {
        cluster_subnet_groups: Vec<ClusterSubnetGroup>,
    }

    /// A cluster.
    Cluster {
        cluster_identifier: String,
        /// ARN of its namespace.
        cluster_namespace_arn: Option<String>,
        /// `available`, `paused`, …
        cluster_status: Option<String>,
        /// True when it has a public address.
        publicly_accessible: Option<bool>,
        /// Where clients connect to; absent while it is created.
        endpoint: Option<Endpoint>,
        availability_zone: Option<String>,
        /// Name of the subnets it may sit in.
        cluster_subnet_group_name: Option<String>,
        vpc_id: Option<String>,
        vpc_security_groups: Vec<VpcSecurityGroupMembership>,
    }

    /// Subnets that clusters may sit in.
    ClusterSubnetGroup {
        cluster_subnet_group_name: String,
        /// VPC of the subnets.
        vpc_id: Option<String>,
        subnets: Vec<DbSubnet>,
    }
}
