//! Kubernetes clusters of EKS, and from where each is reached.

use aws_sdk_eks::{Client, types};
use futures_util::{StreamExt, stream};

use super::Wanted;
use super::calls::{Calls, Gone};
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::Eks;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::eks::{
    DescribedCluster, KubernetesCluster, KubernetesClusters, VpcConfig,
};
use crate::model::Known;

pub(super) static COLLECTOR: Collector = Collector {
    service: "eks",
    scope: Scope::Region,
    calls: &[&calls::eks::DESCRIBE_CLUSTER, &calls::eks::LIST_CLUSTERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let eks = Client::from_conf(configured!(aws_sdk_eks, site).build());
    let calls = site.calls("eks");
    // 100 is the most that maxResults allows (EKS API reference).
    let pages = eks.list_clusters().into_paginator().page_size(100).send();
    let listed = calls
        .list_apart(&calls::eks::LIST_CLUSTERS, pages, |page| (page.clusters, page.next_token))
        .await;
    let Known::Read(listed) = listed else { return Box::new(|_| ()) };
    let mut learnt = Eks::default();
    let mut names = Vec::new();
    // The list tells names only.
    let described = stream::iter(listed).map(|name| describe(&eks, &calls, wanted, name));
    let mut described = described.buffer_unordered(calls.width());
    while let Some(described) = described.next().await {
        // Deleted since it was listed.
        let Ok((name, cluster)) = described else { continue };
        if let Known::Read(cluster) = cluster {
            learnt.describe_cluster.insert(name.clone(), cluster);
        }
        names.push(name);
    }
    drop(described);
    names.sort();
    learnt.list_clusters = Known::Read(KubernetesClusters { clusters: names });
    Box::new(|services| services.eks = learnt)
}

async fn describe(
    eks: &Client,
    calls: &Calls,
    wanted: &Wanted,
    name: String,
) -> Result<(String, Known<DescribedCluster>), Gone> {
    const CALL: &Call = &calls::eks::DESCRIBE_CLUSTER;
    if !wanted.has(CALL) {
        return Ok((name, Known::Unread));
    }
    let call = eks.describe_cluster().name(&name).send();
    let answer = calls.find(CALL, Some(&name), call).await?;
    let answer = answer.and_then(|answer| match answer.and_then(|answer| answer.cluster) {
        Some(found) => Known::Read(DescribedCluster { cluster: cluster(found) }),
        None => calls.malformed(CALL, Some(&name), "an answer without a cluster"),
    });
    Ok((name, answer))
}

fn cluster(from: types::Cluster) -> KubernetesCluster {
    KubernetesCluster {
        name: from.name.unwrap_or_default(),
        arn: from.arn,
        status: from.status.map(|status| status.as_str().to_owned()),
        resources_vpc_config: from.resources_vpc_config.map(access),
    }
}

/// The SDK turns a switch that the answer lacks into one that is off. A cluster has one endpoint at
/// least (EKS user guide, "Cluster API server endpoint"), so two that are off were not told.
fn access(from: types::VpcConfigResponse) -> VpcConfig {
    let told = from.endpoint_public_access || from.endpoint_private_access;
    VpcConfig {
        endpoint_public_access: told.then_some(from.endpoint_public_access),
        endpoint_private_access: told.then_some(from.endpoint_private_access),
        public_access_cidrs: from.public_access_cidrs.unwrap_or_default(),
    }
}
