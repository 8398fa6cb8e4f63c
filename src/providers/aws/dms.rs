//! Replication instances of the Database Migration Service.

use aws_sdk_databasemigration::{Client, types};

use super::Wanted;
use super::catalog::{Collector, Learnt, Scope};
use super::site::{Site, configured};
use crate::inventory::aws::calls;
use crate::inventory::aws::dms::{
    ReplicationInstance, ReplicationInstances, ReplicationSubnetGroup,
};
use crate::inventory::aws::rds::{AvailabilityZone, DbSubnet, VpcSecurityGroupMembership};

pub(super) static COLLECTOR: Collector = Collector {
    service: "dms",
    scope: Scope::Region,
    calls: &[&calls::dms::DESCRIBE_REPLICATION_INSTANCES],
    collect: |site, wanted| Box::pin(collect(site, wanted)),
};

async fn collect(site: &Site<'_>, _wanted: &Wanted) -> Learnt {
    let dms = Client::from_conf(configured!(aws_sdk_databasemigration, site).build());
    // 100 is the most that MaxRecords allows (DMS API reference).
    let pages = dms.describe_replication_instances().into_paginator().page_size(100).send();
    let listed = site
        .calls("dms")
        .list_apart(&calls::dms::DESCRIBE_REPLICATION_INSTANCES, pages, |page| {
            (page.replication_instances, page.marker)
        })
        .await
        .map(|found| ReplicationInstances {
            replication_instances: found.into_iter().map(instance).collect(),
        });
    Box::new(|services| services.dms.describe_replication_instances = listed)
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
