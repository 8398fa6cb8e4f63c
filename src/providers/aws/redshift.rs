//! Data warehouses of Redshift, and the subnets they sit in.

use aws_sdk_redshift::{Client, types};

use super::Wanted;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::Redshift;
use crate::inventory::aws::calls;
use crate::inventory::aws::rds::{
    AvailabilityZone, DbSubnet, Endpoint, VpcSecurityGroupMembership,
};
use crate::inventory::aws::redshift::{Cluster, ClusterSubnetGroup, ClusterSubnetGroups, Clusters};

pub(super) static COLLECTOR: Collector = Collector {
    service: "redshift",
    scope: Scope::Region,
    calls: &[&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS, &calls::redshift::DESCRIBE_CLUSTERS],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, wanted: &Wanted) -> Learnt {
    let redshift = Client::from_conf(configured!(aws_sdk_redshift, site).build());
    let mut learnt = Redshift::default();
    if wanted.has(&calls::redshift::DESCRIBE_CLUSTERS) {
        // 100 is the most that MaxRecords allows (Redshift API reference).
        let pages = redshift.describe_clusters().into_paginator().page_size(100).send();
        learnt.describe_clusters = site
            .calls("redshift")
            .list_apart(&calls::redshift::DESCRIBE_CLUSTERS, pages, |page| {
                (page.clusters, page.marker)
            })
            .await
            .map(|found| Clusters { clusters: found.into_iter().map(cluster).collect() });
    }
    // Where a cluster sits matters once it may be reached there.
    let matters =
        |cluster: &Cluster| wanted.latent || cluster.publicly_accessible.unwrap_or_default();
    let placed =
        learnt.describe_clusters.read().is_some_and(|read| read.clusters.iter().any(matters));
    if placed && wanted.has(&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS) {
        let pages = redshift.describe_cluster_subnet_groups().into_paginator().page_size(100);
        learnt.describe_cluster_subnet_groups = site
            .calls("redshift")
            .list(&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS, None, pages.send(), |page| {
                (page.cluster_subnet_groups, page.marker)
            })
            .await
            .map(|found| ClusterSubnetGroups {
                cluster_subnet_groups: found.into_iter().map(subnet_group).collect(),
            });
    }
    Box::new(|services| services.redshift = learnt)
}

fn cluster(from: types::Cluster) -> Cluster {
    let groups = from.vpc_security_groups.unwrap_or_default().into_iter();
    Cluster {
        cluster_identifier: from.cluster_identifier.unwrap_or_default(),
        cluster_namespace_arn: from.cluster_namespace_arn,
        cluster_status: from.cluster_status,
        publicly_accessible: from.publicly_accessible,
        endpoint: from.endpoint.map(|e| Endpoint { address: e.address, port: e.port }),
        availability_zone: from.availability_zone,
        cluster_subnet_group_name: from.cluster_subnet_group_name,
        vpc_id: from.vpc_id,
        vpc_security_groups: groups
            .map(|group| VpcSecurityGroupMembership {
                vpc_security_group_id: group.vpc_security_group_id.unwrap_or_default(),
                status: group.status,
            })
            .collect(),
    }
}

fn subnet_group(from: types::ClusterSubnetGroup) -> ClusterSubnetGroup {
    let subnets = from.subnets.unwrap_or_default().into_iter().map(|subnet| DbSubnet {
        subnet_identifier: subnet.subnet_identifier.unwrap_or_default(),
        subnet_availability_zone: subnet
            .subnet_availability_zone
            .map(|zone| AvailabilityZone { name: zone.name }),
    });
    ClusterSubnetGroup {
        cluster_subnet_group_name: from.cluster_subnet_group_name.unwrap_or_default(),
        vpc_id: from.vpc_id,
        subnets: subnets.collect(),
    }
}
