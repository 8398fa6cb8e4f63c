//! In-memory databases of MemoryDB.

use aws_sdk_memorydb::{Client, types};

use super::Wanted;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::calls;
use crate::inventory::aws::elasticache::SecurityGroupMembership;
use crate::inventory::aws::memorydb::{MemoryCluster, MemoryClusters};
use crate::inventory::aws::rds::Endpoint;

pub(super) static COLLECTOR: Collector = Collector {
    service: "memorydb",
    scope: Scope::Region,
    calls: &[&calls::memorydb::DESCRIBE_CLUSTERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    // A cluster has no public address: its answer only tells what is latent.
    if !wanted.latent {
        return Box::new(|_| ());
    }
    let config = configured!(aws_sdk_memorydb, site).retry_config(site.retries("memorydb"));
    let memory = Client::from_conf(config.build());
    // 100 is the most that MaxResults allows (MemoryDB API reference).
    let pages = memory.describe_clusters().into_paginator().page_size(100).send();
    let listed = site
        .calls("memorydb")
        .list_apart(&calls::memorydb::DESCRIBE_CLUSTERS, pages, |page| {
            (page.clusters, page.next_token)
        })
        .await
        .map(|found| MemoryClusters { clusters: found.into_iter().map(cluster).collect() });
    Box::new(|services| services.memorydb.describe_clusters = listed)
}

fn cluster(from: types::Cluster) -> MemoryCluster {
    let groups = from.security_groups.unwrap_or_default().into_iter();
    MemoryCluster {
        name: from.name.unwrap_or_default(),
        arn: from.arn,
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
