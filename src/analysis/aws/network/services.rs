//! Databases and clusters: endpoints whose own switch, subnets and groups are described by their
//! service.

use crate::inventory::aws::rds::{DbInstance, DbSubnet, VpcSecurityGroupMembership};
use crate::inventory::aws::redshift::Cluster;

use super::control::{Control, Controls};
use super::endpoints::edges_of_place;
use super::facts::Facts;
use super::ports::clip;
use super::protocol::{Family, Kind, Proto};
use super::routes::Edge;
use super::rows::ResourceKind;
use super::verdict::{Gate, Outcome, judge};

/// What a service says of a listener of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEndpoint<'a> {
    /// Subnets it may sit in, with their VPC.
    pub subnets: Vec<(&'a str, &'a str)>,
    /// The call that would have told the subnets, when there are none.
    pub unplaced: Option<&'static str>,
    /// Security groups that guard it.
    pub groups: Vec<&'a str>,
    /// TCP ports that it listens on.
    pub ports: Vec<u16>,
    /// The service's switch for public access.
    pub public: bool,
}

/// An endpoint of a service that the analysis does not describe itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener<'a> {
    /// Name that its rows carry.
    pub resource: &'a str,
    /// What it is.
    pub kind: ResourceKind,
    /// Where it listens.
    pub endpoint: ServiceEndpoint<'a>,
}

/// An endpoint's gates and the verdict on it.
pub(super) fn verdict<'a>(
    facts: &mut Facts<'a>,
    endpoint: &ServiceEndpoint<'a>,
) -> (Vec<Gate<'a>>, Vec<Outcome>) {
    let gates = gates(facts, endpoint);
    let set = facts.group_set(endpoint.groups.iter().copied());
    let kind = Kind { family: Family::Ipv4, proto: Proto::Tcp };
    let mut ports: Vec<_> = endpoint.ports.iter().map(|&port| (port, port)).collect();
    ports.sort_unstable();
    ports.dedup();
    let admitted = clip(facts.groups.admitted(set).of(kind), &ports);
    let outcomes = judge(facts, kind, &admitted, &gates);
    (gates, outcomes)
}

/// One gate for each subnet; a service that we cannot place may sit behind any controls.
fn gates<'a>(facts: &mut Facts<'a>, endpoint: &ServiceEndpoint<'a>) -> Vec<Gate<'a>> {
    let mut open = Controls::NONE;
    if !endpoint.public {
        open.insert(Control::NotPubliclyAccessible);
    }
    let family = Family::Ipv4;
    let mut gates = Vec::new();
    for (subnet, vpc) in &endpoint.subnets {
        let place = facts.place(subnet, vpc);
        for edge in edges_of_place(facts, place, family) {
            let mut shut = open;
            if edge == Edge::Dropped {
                shut.insert(Control::EdgeRoute);
            }
            let (place, unplaced, blind) = (Some(place), None, Controls::NONE);
            gates.push(Gate { family, place, unplaced, shut, edge, blind });
        }
    }
    if gates.is_empty() {
        gates.push(Gate {
            family,
            place: None,
            unplaced: endpoint.unplaced,
            shut: open,
            edge: Edge::Direct,
            blind: Controls::NONE,
        });
    }
    gates
}

/// Groups count once their membership is active (RDS API reference, VpcSecurityGroupMembership).
fn active(groups: &[VpcSecurityGroupMembership]) -> Vec<&str> {
    let live = groups.iter().filter(|g| g.status.as_deref().is_none_or(|s| s == "active"));
    live.map(|group| group.vpc_security_group_id.as_str()).collect()
}

/// The subnets of a subnet group that lie in a zone. A database sits in one zone; without one, or
/// where the group names none, any of its subnets may hold it.
fn in_zone<'a>(
    facts: &Facts<'a>,
    subnets: &'a [DbSubnet],
    zone: Option<&str>,
    vpc: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let zone_of = |subnet: &'a DbSubnet| {
        let named = subnet.subnet_availability_zone.as_ref().and_then(|z| z.name.as_deref());
        named.or_else(|| {
            let place = facts.at(facts.described(&subnet.subnet_identifier)?);
            place.described?.availability_zone.as_deref()
        })
    };
    let all: Vec<_> = subnets
        .iter()
        .map(|s| (s, zone.is_none() || zone_of(s).is_none_or(|z| Some(z) == zone)))
        .collect();
    let any = all.iter().any(|(_, fits)| *fits);
    let chosen = all.into_iter().filter(|(_, fits)| *fits || !any);
    chosen.map(|(subnet, _)| (subnet.subnet_identifier.as_str(), vpc)).collect()
}

/// The VPC that an endpoint's groups belong to: a group guards only things of its own VPC.
fn vpc_of<'a>(facts: &Facts<'a>, groups: &[&str]) -> Option<&'a str> {
    groups.iter().find_map(|id| facts.groups.get(id)?.vpc_id.as_deref())
}

fn port(port: Option<i32>) -> Vec<u16> {
    port.and_then(|port| u16::try_from(port).ok()).filter(|&p| p > 0).into_iter().collect()
}

/// An RDS instance as an endpoint, and whether its subnets are only those it sits in by default.
pub(super) fn database<'a>(
    facts: &Facts<'a>,
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
        ports: port(instance.endpoint.as_ref().and_then(|endpoint| endpoint.port)),
        public: instance.publicly_accessible.unwrap_or_default(),
    };
    (endpoint, group.is_none())
}

/// Where RDS puts an instance without a subnet group: the VPC of its groups, else the default VPC
/// (RDS user guide, "Working with a DB instance in a VPC").
fn by_default<'a>(
    facts: &Facts<'a>,
    groups: &[&str],
    zone: Option<&str>,
) -> Vec<(&'a str, &'a str)> {
    let vpcs = facts.services.ec2.describe_vpcs.read().map_or(&[][..], |read| &read.vpcs);
    let default = || vpcs.iter().find(|vpc| vpc.is_default).map(|vpc| vpc.vpc_id.as_str());
    let Some(vpc) = vpc_of(facts, groups).or_else(default) else { return Vec::new() };
    let fits = |place: &&super::facts::Place<'a>| {
        let own = place.described.and_then(|subnet| subnet.availability_zone.as_deref());
        place.vpc == vpc && (zone.is_none() || own.is_none() || own == zone)
    };
    facts.places.iter().filter(fits).map(|place| (place.subnet, place.vpc)).collect()
}

/// The same endpoint with nothing known of where it sits.
pub(super) fn unplaced(mut endpoint: ServiceEndpoint<'_>) -> ServiceEndpoint<'_> {
    endpoint.subnets.clear();
    endpoint
}

/// A Redshift cluster as an endpoint.
pub(super) fn cluster<'a>(facts: &Facts<'a>, cluster: &'a Cluster) -> ServiceEndpoint<'a> {
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
        unplaced: Some("redshift:DescribeClusterSubnetGroups"),
        groups,
        ports: port(cluster.endpoint.as_ref().and_then(|endpoint| endpoint.port)),
        public: cluster.publicly_accessible.unwrap_or_default(),
    }
}
