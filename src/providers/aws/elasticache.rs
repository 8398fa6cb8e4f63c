//! Caches of ElastiCache.

use aws_sdk_elasticache::{Client, types};

use super::Wanted;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::calls;
use crate::inventory::aws::elasticache::{
    CacheCluster, CacheClusters, CacheNode, SecurityGroupMembership,
};
use crate::inventory::aws::rds::Endpoint;

pub(super) static COLLECTOR: Collector = Collector {
    service: "elasticache",
    scope: Scope::Region,
    calls: &[&calls::elasticache::DESCRIBE_CACHE_CLUSTERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    // A cache has no public address: its answer only tells what is latent.
    if !wanted.latent {
        return Box::new(|_| ());
    }
    let caches = Client::from_conf(configured!(aws_sdk_elasticache, site).build());
    // 100 is the most that MaxRecords allows; ports of Redis stand at the nodes only (ElastiCache
    // API reference, DescribeCacheClusters).
    let pages = caches.describe_cache_clusters().show_cache_node_info(true).into_paginator();
    let listed = site
        .calls("elasticache")
        .list_apart(
            &calls::elasticache::DESCRIBE_CACHE_CLUSTERS,
            pages.page_size(100).send(),
            |page| (page.cache_clusters, page.marker),
        )
        .await
        .map(|found| CacheClusters { cache_clusters: found.into_iter().map(cluster).collect() });
    Box::new(|services| services.elasticache.describe_cache_clusters = listed)
}

fn cluster(from: types::CacheCluster) -> CacheCluster {
    let nodes = from.cache_nodes.unwrap_or_default().into_iter();
    let groups = from.security_groups.unwrap_or_default().into_iter();
    CacheCluster {
        cache_cluster_id: from.cache_cluster_id.unwrap_or_default(),
        arn: from.arn,
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
