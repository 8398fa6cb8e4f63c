//! In-memory databases of MemoryDB.

use aws_sdk_memorydb::{Client, types};

use crate::inventory::aws::calls;
use crate::inventory::aws::elasticache::SecurityGroupMembership;
use crate::inventory::aws::memorydb::{MemoryCluster, MemoryClusters};
use crate::inventory::aws::rds::Endpoint;
use crate::inventory::aws::{MemoryDb, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, configured};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "memorydb",
    scope: Scope::Region,
    calls: &[&calls::memorydb::DESCRIBE_CLUSTERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let config = configured!(aws_sdk_memorydb, site).retry_config(site.retries("memorydb"));
    let memory = Client::from_conf(config.build());
    // 100 is the most that MaxResults allows (MemoryDB API reference).
    let pages = memory.describe_clusters().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::memorydb::DESCRIBE_CLUSTERS,
            pages,
            |page| (page.clusters, page.next_token),
            cluster,
        )
        .await
        .map(|clusters| MemoryClusters { clusters });
    Services { memorydb: MemoryDb { describe_clusters: listed }, ..Services::default() }
}

fn cluster(from: types::Cluster) -> MemoryCluster {
    let groups = from.security_groups.unwrap_or_default().into_iter();
    MemoryCluster {
        name: from.name.unwrap_or_default(),
        arn: from.arn,
        status: from.status,
        engine: from.engine,
        cluster_endpoint: from
            .cluster_endpoint
            .map(|endpoint| Endpoint { address: endpoint.address, port: Some(endpoint.port) }),
        security_groups: groups
            .map(|group| SecurityGroupMembership {
                security_group_id: group.security_group_id.unwrap_or_default(),
                status: group.status,
            })
            .collect(),
    }
}
