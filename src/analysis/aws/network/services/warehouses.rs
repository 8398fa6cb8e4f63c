//! Data warehouses of Redshift, with clusters and without.

use crate::inventory::aws::calls;
use crate::inventory::aws::redshift::Cluster;
use crate::inventory::aws::redshift_serverless::Workgroup;

use super::super::facts::Facts;
use super::super::rows::ResourceKind;
use super::{
    At, Listeners, ServiceEndpoint, active, in_subnets, in_zone, port, switch, tcp, vpc_of,
};

/// Clusters.
pub(super) fn clusters<'a>(facts: &Facts<'a>, all: &mut Listeners<'a>) {
    let Some(read) = facts.services.redshift.describe_clusters.read() else {
        return all.unread(&calls::redshift::DESCRIBE_CLUSTERS);
    };
    for listed in &read.clusters {
        all.uses(&listed.vpc_security_groups);
        let at = At::Inside(cluster(facts, listed));
        all.push(&listed.cluster_identifier, ResourceKind::Cluster, at);
    }
}

/// Workgroups of Redshift Serverless.
pub(super) fn workgroups<'a>(facts: &Facts<'a>, all: &mut Listeners<'a>) {
    let Some(read) = facts.services.redshift_serverless.list_workgroups.read() else {
        return all.unread(&calls::redshift_serverless::LIST_WORKGROUPS);
    };
    for listed in &read.workgroups {
        let at = At::Inside(workgroup(facts, listed));
        all.push(&listed.workgroup_name, ResourceKind::Workgroup, at);
    }
}

/// A Redshift cluster as an endpoint.
fn cluster<'a>(facts: &Facts<'a>, cluster: &'a Cluster) -> ServiceEndpoint<'a> {
    let groups = active(&cluster.vpc_security_groups);
    let listed = facts.services.redshift.describe_cluster_subnet_groups.read();
    let mut listed = listed.map_or(&[][..], |read| &read.cluster_subnet_groups).iter();
    let name = cluster.cluster_subnet_group_name.as_deref();
    let group = listed.find(|group| Some(group.cluster_subnet_group_name.as_str()) == name);
    let subnets = group.map_or_else(Vec::new, |group| {
        let vpc = group.vpc_id.as_deref().or(cluster.vpc_id.as_deref());
        let vpc = vpc.or_else(|| vpc_of(facts, &groups)).unwrap_or_default();
        in_zone(facts, &group.subnets, cluster.availability_zone.as_deref(), vpc)
    });
    ServiceEndpoint {
        subnets,
        unplaced: Some(&calls::redshift::DESCRIBE_CLUSTER_SUBNET_GROUPS),
        groups,
        listens: tcp(port(cluster.endpoint.as_ref().and_then(|endpoint| endpoint.port))),
        shut: switch(cluster.publicly_accessible),
    }
}

/// A workgroup has an address in each of its subnets.
fn workgroup<'a>(facts: &Facts<'a>, workgroup: &'a Workgroup) -> ServiceEndpoint<'a> {
    let groups: Vec<&str> = workgroup.security_group_ids.iter().map(String::as_str).collect();
    let told = workgroup.endpoint.as_ref().and_then(|endpoint| endpoint.port);
    ServiceEndpoint {
        subnets: in_subnets(facts, &workgroup.subnet_ids, &groups),
        unplaced: None,
        listens: tcp(port(told.or(workgroup.port))),
        shut: switch(workgroup.publicly_accessible),
        groups,
    }
}
