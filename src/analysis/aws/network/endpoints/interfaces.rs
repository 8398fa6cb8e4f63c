//! Interfaces as endpoints: which are judged, where they sit, and by what addresses.

use crate::analysis::aws::network::rows::ResourceRef;
use crate::inventory::aws::ec2::{Instance, NetworkInterface};
use crate::inventory::aws::kinds;

use super::states;
use crate::analysis::addresses::{internet, parse_cidr};
use crate::analysis::aws::network::controls::routes::Edge;
use crate::analysis::aws::network::controls::{Control, Controls};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Family;
use crate::analysis::aws::network::verdict::EntryPoint;

/// Interface types that take no inbound connection from the internet, or that are judged as the
/// load balancer they belong to (EC2 API reference, NetworkInterface `interfaceType`).
const SKIPPED_TYPES: [&str; 11] = [
    "api_gateway_managed",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "global_accelerator_managed",
    "lambda",
    "load_balancer",
    "natGateway",
    "nat_gateway",
    "network_load_balancer",
    "transit_gateway",
    "vpc_endpoint",
];

/// Descriptions by which services mark interfaces that are judged as their load balancer or
/// database.
const SKIPPED_DESCRIPTIONS: [&str; 2] = ["ELB ", "RDSNetworkInterface"];

/// True for interfaces that are not judged themselves.
pub(crate) fn is_skipped(interface: &NetworkInterface) -> bool {
    let kind = interface.interface_type.as_deref().unwrap_or("interface");
    // A description is free text: on an instance's own interface it says nothing.
    let named = SKIPPED_DESCRIPTIONS.iter().any(|mark| interface.description.starts_with(mark));
    SKIPPED_TYPES.contains(&kind) || (named && instance_id(interface).is_none())
}

/// The instance that an interface is attached to.
pub(crate) fn instance_id(interface: &NetworkInterface) -> Option<&str> {
    interface.attachment.as_ref()?.instance_id.as_deref().filter(|id| !id.is_empty())
}

/// What an interface belongs to, as rows name it: its instance with the tag `Name`, where that was
/// read; else the interface itself with its description, which tells what made it.
pub(crate) fn resource_of<'a>(
    facts: &RegionFacts<'a>,
    interface: &'a NetworkInterface,
) -> ResourceRef<'a> {
    let Some(id) = instance_id(interface) else {
        let id = interface.network_interface_id.as_str();
        return ResourceRef::new(&kinds::EC2_NETWORK_INTERFACE, id)
            .with_name(Some(&interface.description))
            .with_owner(facts.owners.another(interface.owner_id.as_deref()));
    };
    let tags = facts.instance(id).map_or(&[][..], |instance| &instance.tags);
    let name = tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.as_str());
    ResourceRef::new(&kinds::EC2_INSTANCE, id)
        .with_name(name)
        .with_owner(facts.owners.of_instance(interface))
}

/// True for the instance's first interface.
pub(crate) fn is_primary(interface: &NetworkInterface) -> bool {
    interface.attachment.as_ref().is_some_and(|a| a.device_index.unwrap_or(0) == 0)
}

/// Whether the thing behind an interface listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// False for what no longer exists.
    pub(crate) exists: bool,
    pub(crate) shut: Controls,
    pub(crate) unread: Controls,
}

/// Instance and attachment state.
pub(crate) fn state(facts: &RegionFacts<'_>, interface: &NetworkInterface) -> State {
    let mut state = State { exists: true, shut: Controls::NONE, unread: Controls::NONE };
    if interface.status.as_deref() == Some("available") {
        state.shut.insert(Control::NotAttached);
    }
    if let Some(id) = instance_id(interface) {
        match instance_state(facts, id) {
            Some(told) => {
                state.exists = told.exists();
                told.shut().into_iter().for_each(|control| state.shut.insert(control));
            }
            // Only its own account is told the state. That the interface is attached says that the
            // instance is there.
            None if facts.owners.of_instance(interface).is_some() => {}
            None => state.unread.insert(Control::InstanceState),
        }
    }
    state
}

/// The state that EC2 tells of an instance.
pub(crate) fn instance_state<'a>(facts: &RegionFacts<'a>, id: &str) -> Option<states::State<'a>> {
    let state = facts.instance(id)?.state.as_ref();
    states::EC2_INSTANCE.of(state.map(|state| state.name.as_str()))
}

/// A local address of an interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address<'a> {
    pub(crate) local: Option<u128>,
    /// The public address as text. Whether it looks public is never asked: its presence counts
    /// (test doubles of AWS draw elastic addresses from 127/8).
    pub(crate) public: Option<&'a str>,
}

/// The addresses of an interface in a family.
pub(crate) fn addresses<'a>(
    facts: &RegionFacts<'a>,
    interface: &'a NetworkInterface,
    family: Family,
) -> Vec<Address<'a>> {
    let number = |text: &str| parse_cidr(text).filter(|p| p.0 == family).map(|p| p.1.0);
    if family == Family::Ipv6 {
        let single = interface.ipv6_addresses.iter().map(|a| a.ipv6_address.as_str());
        let prefixes = interface.ipv6_prefixes.iter().map(|p| p.ipv6_prefix.as_str());
        let global = internet(family);
        let address = |text: &'a str| {
            let local = number(text)?;
            let public = global.contains(local).then_some(text);
            Some(Address { local: Some(local), public })
        };
        return single.chain(prefixes).filter_map(address).collect();
    }
    let filled = |ip: Option<&'a String>| ip.map(String::as_str).filter(|ip| !ip.is_empty());
    let association = |a: Option<&'a crate::inventory::aws::ec2::Association>| {
        filled(a.and_then(|a| a.public_ip.as_ref()))
    };
    // EC2 repeats the first address's association at the top; some of its test doubles know only
    // that, or only the instance's own word.
    let top = association(interface.association.as_ref()).or_else(|| {
        let instance: &'a Instance = facts.instance(instance_id(interface)?)?;
        filled(instance.public_ip_address.as_ref()).filter(|_| is_primary(interface))
    });
    let first = interface.private_ip_address.as_deref();
    let mut found: Vec<Address<'a>> = Vec::new();
    let mut top_used = false;
    for private in &interface.private_ip_addresses {
        let own = association(private.association.as_ref());
        let is_first = private.primary || first == Some(private.private_ip_address.as_str());
        top_used |= is_first;
        let public = own.or(top.filter(|_| is_first));
        found.push(Address { local: number(&private.private_ip_address), public });
    }
    if !top_used && (first.is_some() || top.is_some()) {
        found.push(Address { local: first.and_then(number), public: top });
    }
    found
}

/// What the gateway's route table does to a subnet's addresses, for endpoints whose own addresses
/// are not known: each answer that some address of the subnet gets.
pub(crate) fn edges_of_place<'a>(
    facts: &RegionFacts<'a>,
    place: u32,
    family: Family,
) -> Vec<Edge<'a>> {
    let place = facts.at(place);
    let Some(table) = facts.routes.edge_table(place.vpc) else { return vec![Edge::Direct] };
    let mut edges = Vec::new();
    for (lo, hi) in place.blocks(family) {
        // The answer changes only where a route's block begins or has ended.
        let starts = table.entries.iter().filter(|e| e.family == family);
        let starts = starts.flat_map(|e| [Some(e.range.0), e.range.1.checked_add(1)]).flatten();
        let probes = std::iter::once(lo).chain(starts.filter(|&at| lo < at && at <= hi));
        edges.extend(probes.map(|at| facts.routes.edge(place.vpc, family, at)));
    }
    if edges.is_empty() {
        edges.push(Edge::Direct);
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Whether the gateway's route table hands an interface addresses of a public IPv4 pool. Unless its
/// source/destination check is off, it drops packets to addresses that are not its own (VPC user
/// guide, "Route internet traffic to a single network interface"); the check is on by default.
fn takes_a_pool(facts: &RegionFacts<'_>, interface: &NetworkInterface) -> bool {
    let id = interface.network_interface_id.as_str();
    interface.source_dest_check == Some(false) && facts.routes.pool_route(id).is_some()
}

/// The ways to an interface: one for each thing that the gateway's route table does to its
/// addresses, public ones first and alone where there are any.
pub(crate) fn entry_points<'a>(
    facts: &mut RegionFacts<'a>,
    interface: &'a NetworkInterface,
    state: State,
) -> Vec<EntryPoint<'a>> {
    let place = facts.place(&interface.subnet_id, &interface.vpc_id);
    let vpc = facts.at(place).vpc;
    let mut entry_points = Vec::with_capacity(2);
    for family in Family::ALL {
        let mut found = addresses(facts, interface, family);
        if found.is_empty() {
            continue;
        }
        let mut shut = state.shut;
        let (place, unplaced, unread) = (Some(place), None, state.unread);
        let pool = family == Family::Ipv4 && takes_a_pool(facts, interface);
        if pool {
            let edge = Edge::Direct;
            entry_points.push(EntryPoint { family, place, unplaced, shut, edge, unread, pool });
        }
        if found.iter().any(|a| a.public.is_some()) {
            found.retain(|a| a.public.is_some());
        } else if pool {
            continue;
        } else {
            shut.insert(Control::NoPublicIp);
        }
        let mut edges: Vec<Edge<'a>> = if facts.routes.edge_table(vpc).is_some() {
            found
                .iter()
                .map(|a| a.local.map_or(Edge::Direct, |ip| facts.routes.edge(vpc, family, ip)))
                .collect()
        } else {
            vec![Edge::Direct]
        };
        edges.sort_unstable();
        edges.dedup();
        for edge in edges {
            let mut shut = shut;
            if edge == Edge::Dropped {
                shut.insert(Control::EdgeRoute);
            }
            let pool = false;
            entry_points.push(EntryPoint { family, place, unplaced, shut, edge, unread, pool });
        }
    }
    entry_points
}
