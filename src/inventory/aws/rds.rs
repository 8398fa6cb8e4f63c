//! RDS: databases (RDS, Aurora, DocumentDB and Neptune by engine).

use crate::model::Known;

operations! {
    /// Answers of RDS in one region.
    Rds {
        #[serde(rename = "DescribeDBInstances")]
        describe_db_instances: Known<DbInstances>,
        #[serde(rename = "DescribeDBClusters")]
        describe_db_clusters: Known<DbClusters>,
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
        port: Option<i32>,
        vpc_security_groups: Vec<VpcSecurityGroupMembership>,
    }
}
