//! MemoryDB: durable in-memory databases.

use super::elasticache::SecurityGroupMembership;
use super::rds::Endpoint;
use crate::model::Known;

operations! {
    /// Answers of MemoryDB in one region.
    MemoryDb {
        describe_clusters: Known<MemoryClusters>,
    }
}

responses! {
    /// Response of DescribeClusters.
    MemoryClusters {
        clusters: Vec<MemoryCluster>,
    }

    /// A cluster.
    MemoryCluster {
        name: String,
        #[serde(rename = "ARN")]
        arn: Option<String>,
        /// `available`, `updating`, …
        status: Option<String>,
        /// `redis` or `valkey`.
        engine: Option<String>,
        /// Where clients connect to.
        cluster_endpoint: Option<Endpoint>,
        security_groups: Vec<SecurityGroupMembership>,
    }
}
