//! ElastiCache: caches.

use super::rds::Endpoint;
use crate::model::Known;

operations! {
    /// Answers of ElastiCache in one region.
    ElastiCache {
        describe_cache_clusters: Known<CacheClusters>,
        describe_serverless_caches: Known<ServerlessCaches>,
    }
}

responses! {
    /// Response of DescribeCacheClusters.
    CacheClusters {
        cache_clusters: Vec<CacheCluster>,
    }

    /// A cluster, or one node of a replication group.
    CacheCluster {
        cache_cluster_id: String,
        #[serde(rename = "ARN")]
        arn: Option<String>,
        /// `available`, `modifying`, …
        cache_cluster_status: Option<String>,
        /// `redis`, `valkey` or `memcached`.
        engine: Option<String>,
        /// Where clients of a Memcached cluster connect to.
        configuration_endpoint: Option<Endpoint>,
        /// Its nodes, where they were asked for.
        cache_nodes: Vec<CacheNode>,
        security_groups: Vec<SecurityGroupMembership>,
    }

    /// A node.
    CacheNode {
        /// Where clients connect to.
        endpoint: Option<Endpoint>,
    }

    /// Response of DescribeServerlessCaches.
    ServerlessCaches {
        serverless_caches: Vec<ServerlessCache>,
    }

    /// A cache without nodes.
    ServerlessCache {
        serverless_cache_name: String,
        #[serde(rename = "ARN")]
        arn: Option<String>,
        /// `available`, `modifying`, …
        status: Option<String>,
        /// `valkey`, `redis` or `memcached`.
        engine: Option<String>,
        /// `public` or `vpc`.
        connection_type: Option<String>,
        endpoint: Option<Endpoint>,
        /// Subnets that it is reached from; a public one has none.
        subnet_ids: Vec<String>,
    }

    /// A security group of a cluster.
    SecurityGroupMembership {
        /// `sg-…`.
        security_group_id: String,
        /// `active` when it counts.
        status: Option<String>,
    }
}
