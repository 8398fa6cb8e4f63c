//! Data warehouses of Redshift, with clusters and without.

use crate::inventory::aws::redshift::Cluster;
use crate::inventory::aws::redshift_serverless::Workgroup;
use crate::inventory::aws::{calls, kinds};

use super::{
    Placement, ServiceEndpoint, ServiceListeners, active, in_subnets, in_zone, port, switch, tcp,
    vpc_of,
};
use crate::analysis::aws::network::endpoints::states;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::rows::ResourceRef;

/// Clusters.
pub(crate) fn clusters<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.redshift.describe_clusters.read() else {
        return all.unread(&calls::redshift::DESCRIBE_CLUSTERS);
    };
    for listed in &read.clusters {
        all.uses(&listed.vpc_security_groups);
        let placement = Placement::InVpc(cluster(facts, listed));
        // The answer tells the ARN of the namespace, not of the cluster.
        all.push(ResourceRef::new(&kinds::REDSHIFT_CLUSTER, &listed.cluster_identifier), placement);
    }
}

/// Workgroups of Redshift Serverless.
pub(crate) fn workgroups<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.redshift_serverless.list_workgroups.read() else {
        return all.unread(&calls::redshift_serverless::LIST_WORKGROUPS);
    };
    for listed in &read.workgroups {
        let placement = Placement::InVpc(workgroup(facts, listed));
        let name = listed.workgroup_name.as_str();
        let resource = ResourceRef::new(&kinds::REDSHIFT_SERVERLESS_WORKGROUP, name);
        all.push(resource.with_arn(listed.workgroup_arn.as_deref()), placement);
    }
}

/// A Redshift cluster as an endpoint.
fn cluster<'a>(facts: &RegionFacts<'a>, cluster: &'a Cluster) -> ServiceEndpoint<'a> {
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
        state: states::REDSHIFT.of(cluster.cluster_status.as_deref()),
    }
}

/// A workgroup has an address in each of its subnets.
fn workgroup<'a>(facts: &RegionFacts<'a>, workgroup: &'a Workgroup) -> ServiceEndpoint<'a> {
    let groups: Vec<&str> = workgroup.security_group_ids.iter().map(String::as_str).collect();
    let told = workgroup.endpoint.as_ref().and_then(|endpoint| endpoint.port);
    ServiceEndpoint {
        subnets: in_subnets(facts, &workgroup.subnet_ids, &groups),
        unplaced: None,
        listens: tcp(port(told.or(workgroup.port))),
        shut: switch(workgroup.publicly_accessible),
        state: states::REDSHIFT_SERVERLESS.of(workgroup.status.as_deref()),
        groups,
    }
}
