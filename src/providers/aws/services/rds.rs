//! Databases of RDS, Aurora, DocumentDB and Neptune, and the networks they sit in.

use aws_sdk_rds::types;

use super::{Collector, Scope};
use crate::inventory::aws::calls;
use crate::inventory::aws::rds::{
    AvailabilityZone, DbCluster, DbClusters, DbInstance, DbInstances, DbSubnet, DbSubnetGroup,
    Endpoint, VpcSecurityGroupMembership,
};
use crate::inventory::aws::{Rds, Services};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "rds",
    scope: Scope::Region,
    calls: &[&calls::rds::DESCRIBE_DB_CLUSTERS, &calls::rds::DESCRIBE_DB_INSTANCES],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let rds = client!(aws_sdk_rds, site);
    // 100 is the most that MaxRecords allows (RDS API reference).
    let instances = rds.describe_db_instances().into_paginator().page_size(100).send();
    let clusters = rds.describe_db_clusters().into_paginator().page_size(100).send();
    let (instances, clusters) = tokio::join!(
        site.list_apart(
            &calls::rds::DESCRIBE_DB_INSTANCES,
            instances,
            |page| (page.db_instances, page.marker),
            instance,
        ),
        site.list_apart(
            &calls::rds::DESCRIBE_DB_CLUSTERS,
            clusters,
            |page| (page.db_clusters, page.marker),
            cluster,
        ),
    );
    let rds = Rds {
        describe_db_instances: instances.map(|db_instances| DbInstances { db_instances }),
        describe_db_clusters: clusters.map(|db_clusters| DbClusters { db_clusters }),
    };
    Services { rds, ..Services::default() }
}

fn cluster(from: types::DbCluster) -> DbCluster {
    DbCluster {
        db_cluster_identifier: from.db_cluster_identifier.unwrap_or_default(),
        db_cluster_arn: from.db_cluster_arn,
        engine: from.engine,
        status: from.status,
        publicly_accessible: from.publicly_accessible,
        internet_access_gateway_enabled: from.internet_access_gateway_enabled,
        port: from.port,
        vpc_security_groups: memberships(from.vpc_security_groups),
    }
}

fn instance(from: types::DbInstance) -> DbInstance {
    DbInstance {
        db_instance_identifier: from.db_instance_identifier.unwrap_or_default(),
        db_instance_arn: from.db_instance_arn,
        db_cluster_identifier: from.db_cluster_identifier,
        engine: from.engine,
        engine_version: from.engine_version,
        db_instance_status: from.db_instance_status,
        publicly_accessible: from.publicly_accessible,
        endpoint: from.endpoint.map(|e| Endpoint { address: e.address, port: e.port }),
        availability_zone: from.availability_zone,
        vpc_security_groups: memberships(from.vpc_security_groups),
        db_subnet_group: from.db_subnet_group.map(subnet_group),
    }
}

fn memberships(
    from: Option<Vec<types::VpcSecurityGroupMembership>>,
) -> Vec<VpcSecurityGroupMembership> {
    let all = from.unwrap_or_default().into_iter().map(|group| VpcSecurityGroupMembership {
        vpc_security_group_id: group.vpc_security_group_id.unwrap_or_default(),
        status: group.status,
    });
    all.collect()
}

fn subnet_group(from: types::DbSubnetGroup) -> DbSubnetGroup {
    DbSubnetGroup {
        vpc_id: from.vpc_id,
        subnets: from
            .subnets
            .unwrap_or_default()
            .into_iter()
            .map(|subnet| DbSubnet {
                subnet_identifier: subnet.subnet_identifier.unwrap_or_default(),
                subnet_availability_zone: subnet
                    .subnet_availability_zone
                    .map(|zone| AvailabilityZone { name: zone.name }),
            })
            .collect(),
    }
}
