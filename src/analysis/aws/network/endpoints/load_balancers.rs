//! Load balancers of both generations, as endpoints with listeners.

use crate::inventory::aws::calls;
use std::collections::HashMap;

use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elb::LoadBalancerDescription;
use crate::inventory::aws::elbv2::LoadBalancer;

use super::interfaces::edges_of_place;
use super::listeners::{Destination, Forward, Gap, Listening, forwards, protos};
use super::states;
use crate::analysis::addresses::{AddressSet, Range, parse_cidr, space};
use crate::analysis::aws::network::controls::ports::{Ports, merge};
use crate::analysis::aws::network::controls::routes::Edge;
use crate::analysis::aws::network::controls::{Control, Controls};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Proto};
use crate::analysis::aws::network::rows::{Asks, ResourceRef};
use crate::analysis::aws::network::sources::everything;
use crate::analysis::aws::network::verdict::EntryPoint;
use crate::inventory::aws::kinds;

/// The generations and types that differ in how they reach targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Application,
    Network,
    Classic,
}

/// A load balancer in the terms that both generations share.
#[derive(Debug)]
pub(crate) struct Balancer<'a> {
    pub(crate) name: &'a str,
    pub(crate) arn: &'a str,
    pub(crate) dns: Option<&'a str>,
    pub(crate) kind: Type,
    pub(crate) vpc: &'a str,
    pub(crate) groups: Vec<&'a str>,
    internal: bool,
    public_v4: bool,
    v6: bool,
    subnets: Vec<&'a str>,
    /// Private addresses of its nodes, by subnet, where they are known.
    nodes: HashMap<&'a str, Vec<(Family, u128)>>,
    pub(crate) ports: Vec<Listening<'a>>,
    /// True when its listeners were not read.
    pub(crate) unread: bool,
}

/// The private addresses of load balancer nodes, by the mark in their interfaces' descriptions:
/// `ELB app/name/id`, `ELB net/name/id` or `ELB name`.
pub(crate) fn nodes(interfaces: &[NetworkInterface]) -> HashMap<&str, Vec<&NetworkInterface>> {
    let mut nodes: HashMap<&str, Vec<&NetworkInterface>> = HashMap::new();
    for interface in interfaces {
        if let Some(mark) = interface.description.strip_prefix("ELB ") {
            nodes.entry(mark).or_default().push(interface);
        }
    }
    nodes
}

fn address(text: &str) -> Option<(Family, u128)> {
    parse_cidr(text).map(|(family, range, _)| (family, range.0))
}

fn addresses_of<'a>(
    interfaces: Option<&Vec<&'a NetworkInterface>>,
) -> HashMap<&'a str, Vec<(Family, u128)>> {
    let mut known: HashMap<&str, Vec<(Family, u128)>> = HashMap::new();
    for interface in interfaces.into_iter().flatten() {
        let v4 = interface.private_ip_addresses.iter().map(|a| a.private_ip_address.as_str());
        let v4 = v4.chain(interface.private_ip_address.as_deref());
        let v6 = interface.ipv6_addresses.iter().map(|a| a.ipv6_address.as_str());
        let entry = known.entry(&interface.subnet_id).or_default();
        entry.extend(v4.chain(v6).filter_map(address));
    }
    known
}

impl<'a> Balancer<'a> {
    /// A load balancer of the second generation; `None` for one that takes no traffic: of type
    /// `gateway`, or without nodes because it failed.
    pub(crate) fn v2(
        facts: &mut RegionFacts<'a>,
        balancer: &'a LoadBalancer,
        nodes: &HashMap<&str, Vec<&'a NetworkInterface>>,
        gaps: &mut Vec<Gap<'a>>,
    ) -> Option<Balancer<'a>> {
        let kind = match balancer.kind.as_deref() {
            Some("network") => Type::Network,
            Some("gateway") => return None,
            _ => Type::Application,
        };
        let state = balancer.state.as_ref().and_then(|state| state.code.as_deref());
        if states::LOAD_BALANCER.of(state).is_some_and(|state| !state.exists()) {
            return None;
        }
        let arn = balancer.load_balancer_arn.as_str();
        let mark = arn.split_once("loadbalancer/").map(|(_, mark)| mark).unwrap_or_default();
        let mut known = addresses_of(nodes.get(mark));
        let mut subnets = Vec::new();
        for zone in &balancer.availability_zones {
            let Some(subnet) = zone.subnet_id.as_deref() else { continue };
            subnets.push(subnet);
            let fixed = zone.load_balancer_addresses.iter();
            let fixed = fixed.filter_map(|a| address(a.private_ipv4_address.as_deref()?));
            known.entry(subnet).or_default().extend(fixed);
        }
        let elbv2 = &facts.services.elbv2;
        let unread = !elbv2.describe_listeners.contains_key(arn);
        let internal = balancer.scheme.as_deref() == Some("internal");
        let listeners = match elbv2.describe_listeners.get(arn) {
            Some(read) => &read.listeners[..],
            // The internet does not get to an internal one whatever it listens on: unless what is
            // shut is wanted too, its listeners are not asked for.
            None if internal => &[],
            None => {
                gaps.push((&calls::elbv2::DESCRIBE_LISTENERS, Some(arn)));
                &[]
            }
        };
        let ip = balancer.ip_address_type.as_deref().unwrap_or("ipv4");
        let ports = listeners.iter().filter_map(|listener| {
            let port = u16::try_from(listener.port?).ok()?;
            let protos = protos(listener.protocol.as_deref()?);
            let mut gaps = Vec::new();
            let forwards = forwards(facts, elbv2, listener, &mut gaps);
            Some(Listening { port, protos, listener: Some(listener), forwards, gaps })
        });
        let ports = ports.collect();
        Some(Balancer {
            name: &balancer.load_balancer_name,
            arn,
            dns: balancer.dns_name.as_deref(),
            kind,
            vpc: balancer.vpc_id.as_deref().unwrap_or_default(),
            groups: balancer.security_groups.iter().map(String::as_str).collect(),
            internal,
            public_v4: ip != "dualstack-without-public-ipv4",
            v6: ip.starts_with("dualstack"),
            subnets,
            nodes: known,
            ports,
            unread,
        })
    }

    /// A classic load balancer. It has IPv4 only inside a VPC.
    pub(crate) fn classic(
        balancer: &'a LoadBalancerDescription,
        nodes: &HashMap<&str, Vec<&'a NetworkInterface>>,
    ) -> Balancer<'a> {
        let clients = [everything(Family::Ipv4), everything(Family::Ipv6)];
        let ports = balancer.listener_descriptions.iter().filter_map(|description| {
            let listener = &description.listener;
            let port = u16::try_from(listener.load_balancer_port).ok()?;
            let to = listener.instance_port.and_then(|port| u16::try_from(port).ok());
            let forward = |id: &'a str, to| Forward {
                to: Destination::Instance(id, to),
                clients,
                asks: Asks::Nothing,
                rule: None,
                unverified: None,
            };
            let instances = balancer.instances.iter();
            let forwards = instances.filter_map(|i| Some(forward(&i.instance_id, to?))).collect();
            let (protos, listener, gaps) = (protos(&listener.protocol), None, Vec::new());
            Some(Listening { port, protos, listener, forwards, gaps })
        });
        Balancer {
            name: &balancer.load_balancer_name,
            arn: "",
            dns: balancer.dns_name.as_deref(),
            kind: Type::Classic,
            vpc: balancer.vpc_id.as_deref().unwrap_or_default(),
            groups: balancer.security_groups.iter().map(String::as_str).collect(),
            internal: balancer.scheme.as_deref() == Some("internal"),
            public_v4: true,
            v6: false,
            subnets: balancer.subnets.iter().map(String::as_str).collect(),
            nodes: addresses_of(nodes.get(balancer.load_balancer_name.as_str())),
            ports: ports.collect(),
            unread: false,
        }
    }

    /// The load balancer as rows name it; those of the first generation are told without an ARN.
    pub(crate) fn resource(&self) -> ResourceRef<'a> {
        ResourceRef::new(&kinds::ELB_LOAD_BALANCER, self.name).with_arn(Some(self.arn))
    }

    /// True when it lets everyone in: only network load balancers can go without groups.
    pub(crate) fn admits_everyone(&self) -> bool {
        self.kind == Type::Network && self.groups.is_empty()
    }

    /// The ports that it listens on with a protocol.
    pub(crate) fn listens(&self, proto: Proto) -> Vec<Ports> {
        let listening = self.ports.iter().filter(|l| l.protos.contains(&proto));
        merge(listening.map(|l| (l.port, l.port)).collect())
    }

    /// The subnets that its nodes sit in.
    pub(crate) fn places(&self, facts: &mut RegionFacts<'a>) -> Vec<u32> {
        self.subnets.iter().map(|subnet| facts.place(subnet, self.vpc)).collect()
    }

    /// One entry point for each subnet and family.
    pub(crate) fn entry_points(&self, facts: &mut RegionFacts<'a>) -> Vec<EntryPoint<'a>> {
        let mut entry_points = Vec::new();
        for place in self.places(facts) {
            for family in Family::ALL {
                let mut shut = Controls::NONE;
                if family == Family::Ipv6 && !self.v6 {
                    continue;
                }
                if self.internal {
                    shut.insert(Control::InternalScheme);
                } else if family == Family::Ipv4 && !self.public_v4 {
                    shut.insert(Control::NoPublicIp);
                }
                for edge in self.edges(facts, place, family) {
                    let mut shut = shut;
                    if edge == Edge::Dropped {
                        shut.insert(Control::EdgeRoute);
                    }
                    let (place, unplaced, unread) = (Some(place), None, Controls::NONE);
                    let pool = false;
                    let entry = EntryPoint { family, place, unplaced, shut, edge, unread, pool };
                    entry_points.push(entry);
                }
            }
        }
        entry_points
    }

    fn edges(&self, facts: &RegionFacts<'a>, place: u32, family: Family) -> Vec<Edge<'a>> {
        let at = facts.at(place);
        let known = self.nodes.get(at.subnet).map_or(&[][..], Vec::as_slice);
        let known = known.iter().filter(|node| node.0 == family);
        let mut edges: Vec<_> =
            known.map(|node| facts.routes.edge(at.vpc, family, node.1)).collect();
        if edges.is_empty() {
            return edges_of_place(facts, place, family);
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// The private addresses that its node in a subnet may have: those that are known, else any of
    /// the subnet's.
    pub(crate) fn node_addresses(
        &self,
        facts: &RegionFacts<'a>,
        place: u32,
        family: Family,
    ) -> AddressSet {
        let at = facts.at(place);
        let known = self.nodes.get(at.subnet).map_or(&[][..], Vec::as_slice);
        let known = known.iter().filter(|node| node.0 == family);
        let known: Vec<Range> = known.map(|node| (node.1, node.1)).collect();
        let ranges = if known.is_empty() { at.blocks(family) } else { known };
        // A described subnet without blocks of the family gives its nodes no such address; of one
        // that was not described any address may be.
        if ranges.is_empty() && at.described.is_none() {
            space(family).into()
        } else {
            ranges.into_iter().collect()
        }
    }
}
