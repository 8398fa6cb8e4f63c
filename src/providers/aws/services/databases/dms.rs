//! Replication instances of the Database Migration Service.

use aws_sdk_databasemigration::types;

use crate::inventory::aws::calls;
use crate::inventory::aws::dms::{
    ReplicationInstance, ReplicationInstances, ReplicationSubnetGroup,
};
use crate::inventory::aws::rds::{AvailabilityZone, DbSubnet, VpcSecurityGroupMembership};
use crate::inventory::aws::{Dms, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "dms",
    scope: Scope::Region,
    calls: &[&calls::dms::DESCRIBE_REPLICATION_INSTANCES],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let dms = client!(aws_sdk_databasemigration, site);
    // 100 is the most that MaxRecords allows (DMS API reference).
    let pages = dms.describe_replication_instances().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::dms::DESCRIBE_REPLICATION_INSTANCES,
            pages,
            |page| (page.replication_instances, page.marker),
            instance,
        )
        .await
        .map(|replication_instances| ReplicationInstances { replication_instances });
    Services { dms: Dms { describe_replication_instances: listed }, ..Services::default() }
}

fn instance(from: types::ReplicationInstance) -> ReplicationInstance {
    let groups = from.vpc_security_groups.unwrap_or_default().into_iter();
    ReplicationInstance {
        replication_instance_identifier: from.replication_instance_identifier.unwrap_or_default(),
        replication_instance_arn: from.replication_instance_arn,
        replication_instance_status: from.replication_instance_status,
        publicly_accessible: Some(from.publicly_accessible),
        availability_zone: from.availability_zone,
        vpc_security_groups: groups
            .map(|group| VpcSecurityGroupMembership {
                vpc_security_group_id: group.vpc_security_group_id.unwrap_or_default(),
                status: group.status,
            })
            .collect(),
        replication_subnet_group: from.replication_subnet_group.map(subnet_group),
    }
}

fn subnet_group(from: types::ReplicationSubnetGroup) -> ReplicationSubnetGroup {
    let subnets = from.subnets.unwrap_or_default().into_iter().map(|subnet| DbSubnet {
        subnet_identifier: subnet.subnet_identifier.unwrap_or_default(),
        subnet_availability_zone: subnet
            .subnet_availability_zone
            .map(|zone| AvailabilityZone { name: zone.name }),
    });
    ReplicationSubnetGroup { vpc_id: from.vpc_id, subnets: subnets.collect() }
}
