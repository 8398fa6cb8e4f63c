//! What AWS tells of an account, in the names of its API: a service is a struct whose fields are
//! operations, an operation is its response as the AWS CLI prints it.

pub mod calls;
pub mod dms;
pub mod ec2;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elbv2;
pub mod kafka;
pub mod kinds;
pub mod memorydb;
pub mod mq;
pub mod rds;
pub mod redshift;
pub mod redshift_serverless;
pub mod s3;

use serde::{Deserialize, Serialize};

pub use dms::Dms;
pub use ec2::Ec2;
pub use eks::Eks;
pub use elasticache::ElastiCache;
pub use elb::Elb;
pub use elbv2::Elbv2;
pub use kafka::Kafka;
pub use memorydb::MemoryDb;
pub use mq::Mq;
pub use rds::Rds;
pub use redshift::Redshift;
pub use redshift_serverless::RedshiftServerless;
pub use s3::{S3, S3Control};

/// The answers of every service in one scope: a region, or the account as a whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Services {
    /// Machines that copy databases.
    #[serde(skip_serializing_if = "is_default")]
    pub dms: Dms,
    /// Elastic Compute Cloud, with all of the network.
    #[serde(skip_serializing_if = "is_default")]
    pub ec2: Ec2,
    /// Kubernetes clusters.
    #[serde(skip_serializing_if = "is_default")]
    pub eks: Eks,
    /// Caches.
    #[serde(skip_serializing_if = "is_default")]
    pub elasticache: ElastiCache,
    /// Load balancers of the first generation.
    #[serde(skip_serializing_if = "is_default")]
    pub elb: Elb,
    /// Load balancers.
    #[serde(skip_serializing_if = "is_default")]
    pub elbv2: Elbv2,
    /// Kafka clusters.
    #[serde(skip_serializing_if = "is_default")]
    pub kafka: Kafka,
    /// In-memory databases.
    #[serde(skip_serializing_if = "is_default")]
    pub memorydb: MemoryDb,
    /// Message brokers.
    #[serde(skip_serializing_if = "is_default")]
    pub mq: Mq,
    /// Relational databases.
    #[serde(skip_serializing_if = "is_default")]
    pub rds: Rds,
    /// Data warehouses.
    #[serde(skip_serializing_if = "is_default")]
    pub redshift: Redshift,
    /// Data warehouses without clusters.
    #[serde(rename = "redshift-serverless", skip_serializing_if = "is_default")]
    pub redshift_serverless: RedshiftServerless,
    /// Object storage: buckets.
    #[serde(skip_serializing_if = "is_default")]
    pub s3: S3,
    /// Object storage: account settings and access points.
    #[serde(skip_serializing_if = "is_default")]
    pub s3control: S3Control,
}

impl Services {
    /// True when nothing at all was read.
    pub fn is_empty(&self) -> bool {
        is_default(self)
    }
}

fn is_default<T: Default + PartialEq>(facts: &T) -> bool {
    *facts == T::default()
}

/// A label on a resource.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Tag {
    /// Its name.
    pub key: String,
    /// Its text.
    pub value: String,
}
