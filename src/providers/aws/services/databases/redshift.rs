//! Data warehouses of Redshift, and the subnets they sit in.

use aws_sdk_redshift::types;

use crate::analysis::aws::demand;
use crate::inventory::aws::calls;
use crate::inventory::aws::rds::{
    AvailabilityZone, DbSubnet, Endpoint, VpcSecurityGroupMembership,
};
use crate::inventory::aws::redshift::{Cluster, ClusterSubnetGroup, ClusterSubnetGroups, Clusters};
use crate::inventory::aws::{Redshift, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "redshift",
    scope: Scope::Region,
    calls: &[&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS, &calls::redshift::DESCRIBE_CLUSTERS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let client = client!(aws_sdk_redshift, site);
    // 100 is the most that MaxRecords allows (Redshift API reference).
    let pages = client.describe_clusters().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::redshift::DESCRIBE_CLUSTERS,
            pages,
            |page| (page.clusters, page.marker),
            cluster,
        )
        .await;
    let mut redshift = Redshift {
        describe_clusters: listed.map(|clusters| Clusters { clusters }),
        ..Redshift::default()
    };
    if demand::subnet_groups_matter(&redshift, site.plan()) {
        let pages = client.describe_cluster_subnet_groups().into_paginator().page_size(100);
        redshift.describe_cluster_subnet_groups = site
            .list(
                &calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS,
                pages.send(),
                |page| (page.cluster_subnet_groups, page.marker),
                subnet_group,
            )
            .await
            .map(|cluster_subnet_groups| ClusterSubnetGroups { cluster_subnet_groups });
    }
    Services { redshift, ..Services::default() }
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
