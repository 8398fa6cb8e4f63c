//! Kubernetes clusters of EKS, and from where each is reached.

use aws_sdk_eks::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::eks::{
    DescribedCluster, KubernetesCluster, KubernetesClusters, VpcConfig,
};
use crate::inventory::aws::{Eks, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "eks",
    scope: Scope::Region,
    calls: &[&calls::eks::DESCRIBE_CLUSTER, &calls::eks::LIST_CLUSTERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let eks = client!(aws_sdk_eks, site);
    // 100 is the most that maxResults allows (EKS API reference).
    let pages = eks.list_clusters().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::eks::LIST_CLUSTERS,
            pages,
            |page| (page.clusters, page.next_token),
            |name| name,
        )
        .await;
    let Known::Read(mut clusters) = listed else { return Services::default() };
    // The list tells names only.
    let described = site
        .each(
            &calls::eks::DESCRIBE_CLUSTER,
            &mut clusters,
            String::as_str,
            |name| eks.describe_cluster().name(name).send(),
            |answer| match answer.cluster {
                Some(found) => Ok(DescribedCluster { cluster: cluster(found) }),
                None => Err("an answer without a cluster"),
            },
        )
        .await;
    let eks = Eks {
        list_clusters: Known::Read(KubernetesClusters { clusters }),
        describe_cluster: described,
    };
    Services { eks, ..Services::default() }
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
