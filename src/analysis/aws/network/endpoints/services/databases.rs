//! Databases of RDS, by instance and by cluster.

use crate::inventory::aws::rds::{DbCluster, DbInstance};
use crate::inventory::aws::{calls, kinds};

use super::{
    ANYWHERE, Placement, ServiceEndpoint, ServiceListeners, ServiceManagedEndpoint, active,
    in_zone, port, switch, tcp, vpc_of,
};
use crate::analysis::aws::network::controls::routes::SubnetRef;
use crate::analysis::aws::network::endpoints::states;
use crate::analysis::aws::network::facts::{Place, RegionFacts};
use crate::analysis::aws::network::rows::ResourceRef;

/// An RDS instance as an endpoint, and whether its subnets are only those it sits in by default.
pub(crate) fn database<'a>(
    facts: &RegionFacts<'a>,
    instance: &'a DbInstance,
) -> (ServiceEndpoint<'a>, bool) {
    let groups = active(&instance.vpc_security_groups);
    let zone = instance.availability_zone.as_deref();
    let group = instance.db_subnet_group.as_ref().filter(|group| !group.subnets.is_empty());
    let subnets = match group {
        Some(group) => {
            let vpc = group.vpc_id.as_deref().or_else(|| vpc_of(facts, &groups));
            in_zone(facts, &group.subnets, zone, vpc.unwrap_or_default())
        }
        None => by_default(facts, &groups, zone),
    };
    let endpoint = ServiceEndpoint {
        subnets,
        unplaced: None,
        groups,
        listens: tcp(port(instance.endpoint.as_ref().and_then(|endpoint| endpoint.port))),
        shut: switch(instance.publicly_accessible),
        state: states::RDS_INSTANCE.of(instance.db_instance_status.as_deref()),
    };
    (endpoint, group.is_none())
}

/// Where RDS puts an instance without a subnet group: the VPC of its groups, else the default VPC
/// (RDS user guide, "Working with a DB instance in a VPC").
fn by_default<'a>(
    facts: &RegionFacts<'a>,
    groups: &[&str],
    zone: Option<&str>,
) -> Vec<SubnetRef<'a>> {
    let vpcs = facts.services.ec2.describe_vpcs.read().map_or(&[][..], |read| &read.vpcs);
    let default = || vpcs.iter().find(|vpc| vpc.is_default).map(|vpc| vpc.vpc_id.as_str());
    let Some(vpc) = vpc_of(facts, groups).or_else(default) else { return Vec::new() };
    let fits = |place: &&Place<'a>| {
        let own = place.described.and_then(|subnet| subnet.availability_zone.as_deref());
        place.vpc == vpc && (zone.is_none() || own.is_none() || own == zone)
    };
    let fitting = facts.places.iter().filter(fits);
    fitting.map(|place| SubnetRef { subnet: place.subnet, vpc: place.vpc }).collect()
}

/// The same endpoint with nothing known of where it sits.
pub(crate) fn unplaced(mut endpoint: ServiceEndpoint<'_>) -> ServiceEndpoint<'_> {
    endpoint.subnets.clear();
    endpoint
}

/// Clusters of their own: Multi-AZ clusters, which have one switch for all their instances, and
/// Aurora clusters behind a gateway of AWS. Instances of other clusters have their own switches.
pub(crate) fn clusters<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.rds.describe_db_clusters.read() else {
        return all.unread(&calls::rds::DESCRIBE_DB_CLUSTERS);
    };
    for cluster in &read.db_clusters {
        all.uses(&cluster.vpc_security_groups);
        let resource = ResourceRef::new(&kinds::RDS_CLUSTER, &cluster.db_cluster_identifier)
            .with_arn(cluster.db_cluster_arn.as_deref());
        if cluster.internet_access_gateway_enabled == Some(true) {
            // It needs no VPC, and clients sign in with IAM (RDS API reference,
            // EnableInternetAccessGateway). PostgreSQL's port where none is told.
            let placement = Placement::ServiceManaged(ServiceManagedEndpoint {
                blocks: ANYWHERE.to_vec(),
                ports: vec![port(cluster.port).unwrap_or(5432)],
                why: gateway(cluster).into(),
                state: states::RDS_CLUSTER.of(cluster.status.as_deref()),
            });
            all.push(resource, placement);
        } else if is_multi_az(cluster) {
            all.push(resource, Placement::InVpc(multi_az(facts, cluster)));
        }
    }
}

/// What a gateway stands for: the cluster's own switches, and how its master user signs in where a
/// dump tells it.
fn gateway(cluster: &DbCluster) -> String {
    let vpc = match cluster.vpc_networking_enabled {
        Some(false) => " (VPC networking is off)",
        _ => "",
    };
    let sign_in = match cluster.master_user_authentication_type.as_deref() {
        Some("iam-db-auth") => "; its master user signs in with IAM",
        Some("password") => "; its master user has a password",
        _ => "",
    };
    format!(
        "an internet access gateway of AWS, before which there is no security group{vpc}{sign_in}"
    )
}

/// True for a cluster without an interface in any VPC: it has no subnet and no group, and its
/// gateway alone decides (RDS API reference, DBCluster: `VPCNetworkingEnabled`).
fn is_outside_vpcs(cluster: &DbCluster) -> bool {
    cluster.vpc_networking_enabled == Some(false)
}

/// `PubliclyAccessible` of a cluster is "only for non-Aurora Multi-AZ DB clusters" (RDS API
/// reference, DBCluster); DocumentDB and Neptune are built like Aurora.
fn is_multi_az(cluster: &DbCluster) -> bool {
    let like_aurora = |engine: &str| {
        ["aurora", "docdb", "neptune"].iter().any(|family| engine.starts_with(family))
    };
    cluster.publicly_accessible.is_some() && !cluster.engine.as_deref().is_some_and(like_aurora)
}

/// True for an instance whose cluster answers for it: it is not reported twice, and one without VPC
/// networking has no door of its own.
pub(crate) fn cluster_answers_for(facts: &RegionFacts<'_>, instance: &DbInstance) -> bool {
    let clusters = facts.services.rds.describe_db_clusters.read();
    let clusters = clusters.map_or(&[][..], |read| &read.db_clusters);
    let answers = |cluster: &DbCluster, id: &str| {
        cluster.db_cluster_identifier == id && (is_multi_az(cluster) || is_outside_vpcs(cluster))
    };
    instance
        .db_cluster_identifier
        .as_ref()
        .is_some_and(|id| clusters.iter().any(|cluster| answers(cluster, id)))
}

/// A Multi-AZ cluster: it sits where its instances sit, which is all that tells its subnets.
fn multi_az<'a>(facts: &RegionFacts<'a>, cluster: &'a DbCluster) -> ServiceEndpoint<'a> {
    let groups = active(&cluster.vpc_security_groups);
    let listed = &facts.services.rds.describe_db_instances;
    let instances = listed.read().map_or(&[][..], |read| &read.db_instances);
    let of_cluster = |instance: &&DbInstance| {
        instance.db_cluster_identifier.as_ref() == Some(&cluster.db_cluster_identifier)
    };
    let mut subnets = Vec::new();
    for instance in instances.iter().filter(of_cluster) {
        subnets.extend(database(facts, instance).0.subnets);
    }
    subnets.sort_unstable();
    subnets.dedup();
    ServiceEndpoint {
        subnets,
        unplaced: listed.is_unread().then_some(&calls::rds::DESCRIBE_DB_INSTANCES),
        groups,
        listens: tcp(port(cluster.port)),
        shut: switch(cluster.publicly_accessible),
        state: states::RDS_CLUSTER.of(cluster.status.as_deref()),
    }
}
