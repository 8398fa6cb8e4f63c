//! Caches of ElastiCache.

use aws_sdk_elasticache::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::elasticache::{
    CacheCluster, CacheClusters, CacheNode, SecurityGroupMembership,
};
use crate::inventory::aws::rds::Endpoint;
use crate::inventory::aws::{ElastiCache, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "elasticache",
    scope: Scope::Region,
    calls: &[&calls::elasticache::DESCRIBE_CACHE_CLUSTERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let caches = client!(aws_sdk_elasticache, site);
    // 100 is the most that MaxRecords allows; ports of Redis stand at the nodes only (ElastiCache
    // API reference, DescribeCacheClusters).
    let pages = caches.describe_cache_clusters().show_cache_node_info(true).into_paginator();
    let listed = site
        .list_apart(
            &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
            pages.page_size(100).send(),
            |page| (page.cache_clusters, page.marker),
            cluster,
        )
        .await
        .map(|cache_clusters| CacheClusters { cache_clusters });
    let elasticache = ElastiCache { describe_cache_clusters: listed };
    Services { elasticache, ..Services::default() }
}

fn cluster(from: types::CacheCluster) -> CacheCluster {
    let nodes = from.cache_nodes.unwrap_or_default().into_iter();
    let groups = from.security_groups.unwrap_or_default().into_iter();
    CacheCluster {
        cache_cluster_id: from.cache_cluster_id.unwrap_or_default(),
        arn: from.arn,
        cache_cluster_status: from.cache_cluster_status,
        engine: from.engine,
        configuration_endpoint: from.configuration_endpoint.map(endpoint),
        cache_nodes: nodes
            .map(|node| CacheNode { endpoint: node.endpoint.map(endpoint) })
            .collect(),
        security_groups: groups
            .map(|group| SecurityGroupMembership {
                security_group_id: group.security_group_id.unwrap_or_default(),
                status: group.status,
            })
            .collect(),
    }
}

fn endpoint(from: types::Endpoint) -> Endpoint {
    Endpoint { address: from.address, port: from.port }
}
