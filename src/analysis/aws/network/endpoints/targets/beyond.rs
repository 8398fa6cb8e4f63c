//! Targets outside of the load balancer's VPC: where a node's packets for an address go, and who has
//! that address there.
//!
//! A target group takes any private address that the load balancer can reach: of a peered VPC, behind
//! a transit gateway, on premises (ELB user guide, "Target groups for your Network Load Balancers" and
//! "Target groups for your Application Load Balancers"). Its own account need not see who has it.

use crate::inventory::aws::ec2::{NetworkInterface, Route};

use super::index::Interfaces;
use crate::analysis::addresses::{AddressSet, internet};
use crate::analysis::aws::network::controls::routes::RouteTarget;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Family;

/// What joins two VPCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link<'a> {
    Peering(&'a str),
    /// Any transit gateway or core network: they are joined among each other.
    Transit,
}

/// Where a subnet's packets for an address go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way<'a> {
    /// No route takes them, or one whose target is gone.
    Nowhere,
    Over(Link<'a>),
    /// On, by a way that cannot be looked into; or nobody could read the routes.
    Unknown,
}

/// Who takes what a node sends to an address that nothing in its own VPC has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Beyond<'a> {
    Nobody,
    Interface(&'a NetworkInterface),
    /// Somebody whose interface was not read.
    Unknown,
}

/// Who has an address beyond the subnet of a node, whose own addresses are `nodes`.
pub(super) fn beyond<'a>(
    facts: &RegionFacts<'a>,
    interfaces: &Interfaces<'a>,
    place: u32,
    nodes: &AddressSet,
    (family, address): (Family, u128),
) -> Beyond<'a> {
    let at = facts.at(place);
    let link = match way(facts, (at.subnet, at.vpc), family, address) {
        Way::Nowhere => return Beyond::Nobody,
        Way::Unknown => return Beyond::Unknown,
        Way::Over(link) => link,
    };
    // Private addresses repeat from VPC to VPC: it is one whose replies come back over the same link.
    let replies = |interface: &&NetworkInterface| {
        let there = (interface.subnet_id.as_str(), interface.vpc_id.as_str());
        interface.vpc_id != at.vpc
            && probes(facts, there, family, nodes)
                .into_iter()
                .any(|node| way(facts, there, family, node) == Way::Over(link))
    };
    let rank = |interface: &&'a NetworkInterface| {
        let another = facts.owners.another(interface.owner_id.as_deref());
        (another.is_some(), interface.network_interface_id.as_str())
    };
    let all = interfaces.everywhere(family, address).into_iter().filter(replies);
    // Of several the account's own comes first.
    all.min_by_key(rank).map_or(Beyond::Unknown, Beyond::Interface)
}

fn way<'a>(
    facts: &RegionFacts<'a>,
    (subnet, vpc): (&str, &str),
    family: Family,
    address: u128,
) -> Way<'a> {
    let Some(table) = facts.routes.table_of(subnet, vpc) else { return Way::Unknown };
    let Some(entry) = table.lookup(family, address) else {
        // Every table has the routes of its own VPC; a dump may leave them out.
        let local = facts.places.iter().filter(|place| place.vpc == vpc);
        let mut blocks = local.flat_map(|place| place.blocks(family));
        let inside = blocks.any(|(lo, hi)| lo <= address && address <= hi);
        return if inside || table.has_unread_lists() { Way::Unknown } else { Way::Nowhere };
    };
    match entry.target {
        RouteTarget::Blackhole => Way::Nowhere,
        // An internet gateway drops what goes to a private address.
        RouteTarget::Gateway(_) if !internet(family).contains(address) => Way::Nowhere,
        _ => link(entry.route).map_or(Way::Unknown, Way::Over),
    }
}

fn link(route: &Route) -> Option<Link<'_>> {
    let transit = route.transit_gateway_id.is_some() || route.core_network_arn.is_some();
    let peering = route.vpc_peering_connection_id.as_deref().map(Link::Peering);
    peering.or(transit.then_some(Link::Transit))
}

/// Addresses of a set that stand for all of it: routes answer the same from one to the next.
fn probes(
    facts: &RegionFacts<'_>,
    (subnet, vpc): (&str, &str),
    family: Family,
    set: &AddressSet,
) -> Vec<u128> {
    let table = facts.routes.table_of(subnet, vpc);
    let entries = table.map_or(&[][..], |table| &table.entries);
    let ranges = entries.iter().filter(|entry| entry.family == family).map(|entry| entry.range);
    let edges: Vec<u128> =
        ranges.flat_map(|(lo, hi)| [Some(lo), hi.checked_add(1)]).flatten().collect();
    let mut probes = Vec::new();
    for (lo, hi) in set.ranges() {
        probes.push(lo);
        probes.extend(edges.iter().copied().filter(|edge| lo < *edge && *edge <= hi));
    }
    probes
}
