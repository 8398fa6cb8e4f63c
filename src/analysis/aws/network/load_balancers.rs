//! Load balancers of both generations, as endpoints with listeners.

use std::collections::HashMap;

use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elb::LoadBalancerDescription;
use crate::inventory::aws::elbv2::{Action, Elbv2, Listener, LoadBalancer, Rule, TargetGroup};

use super::control::{Control, Controls, Unverified};
use super::endpoints::edges_of_place;
use super::facts::Facts;
use super::ports::{Ports, merge};
use super::protocol::{Family, Proto};
use super::routes::Edge;
use super::sources::{
    Range, SetId, difference, everything, intersection, normal, parse_cidr, space,
};
use super::verdict::Gate;

/// The generations and types that differ in how they reach targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Application,
    Network,
    Classic,
}

/// A load balancer in the terms that both generations share.
#[derive(Debug)]
pub(super) struct Balancer<'a> {
    pub(super) name: &'a str,
    pub(super) arn: &'a str,
    pub(super) dns: Option<&'a str>,
    pub(super) kind: Type,
    pub(super) vpc: &'a str,
    pub(super) groups: Vec<&'a str>,
    internal: bool,
    public_v4: bool,
    v6: bool,
    subnets: Vec<&'a str>,
    /// Private addresses of its nodes, by subnet, where they are known.
    nodes: HashMap<&'a str, Vec<(Family, u128)>>,
    pub(super) ports: Vec<Listening<'a>>,
    /// True when its listeners were not read.
    pub(super) unread: bool,
}

/// A listener with where it sends traffic.
#[derive(Debug)]
pub(super) struct Listening<'a> {
    pub(super) port: u16,
    pub(super) protos: &'static [Proto],
    /// The listener itself, for load balancers of the second generation.
    pub(super) listener: Option<&'a Listener>,
    pub(super) forwards: Vec<Forward<'a>>,
    /// What of its rules and target groups was not read. It matters once someone gets in.
    pub(super) gaps: Vec<Gap<'a>>,
}

/// Where a listener sends the traffic of some sources.
#[derive(Debug)]
pub(super) struct Forward<'a> {
    pub(super) to: Destination<'a>,
    /// The clients whom it concerns, by family.
    pub(super) clients: [SetId; 2],
    /// True when the client has to sign in first.
    pub(super) authenticated: bool,
    /// The rule that forwards; `None` for the default action.
    pub(super) rule: Option<&'a Rule>,
    /// What else may take the traffic, if its rules were not read.
    pub(super) unverified: Option<Unverified>,
}

/// Who takes forwarded traffic.
#[derive(Debug, Clone, Copy)]
pub(super) enum Destination<'a> {
    Group(&'a TargetGroup),
    /// A classic load balancer's instance, on a port.
    Instance(&'a str, u16),
}

/// Something that was not read, about which resource.
pub(super) type Gap<'a> = (&'static Call, Option<&'a str>);

/// The private addresses of load balancer nodes, by the mark in their interfaces' descriptions:
/// `ELB app/name/id`, `ELB net/name/id` or `ELB name`.
pub(super) fn nodes(interfaces: &[NetworkInterface]) -> HashMap<&str, Vec<&NetworkInterface>> {
    let mut nodes: HashMap<&str, Vec<&NetworkInterface>> = HashMap::new();
    for interface in interfaces {
        if let Some(mark) = interface.description.strip_prefix("ELB ") {
            nodes.entry(mark).or_default().push(interface);
        }
    }
    nodes
}

/// The protocols of a listener (ELB API reference, Listener `Protocol`).
fn protos(protocol: &str) -> &'static [Proto] {
    match protocol.to_ascii_uppercase().as_str() {
        "HTTP" | "HTTPS" | "TCP" | "TLS" | "SSL" => &[Proto::Tcp],
        "UDP" | "QUIC" => &[Proto::Udp],
        "TCP_UDP" | "TCP_QUIC" => &[Proto::Tcp, Proto::Udp],
        _ => &[],
    }
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
    /// `gateway`, or neither active nor impaired.
    pub(super) fn v2(
        facts: &mut Facts<'a>,
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
        if !matches!(state, None | Some("active" | "active_impaired")) {
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
            let forwards = forwards(facts, elbv2, listener, kind, &mut gaps);
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
    pub(super) fn classic(
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
                authenticated: false,
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

    /// Its ARN, where the API tells one.
    pub(super) fn known_arn(&self) -> Option<&'a str> {
        Some(self.arn).filter(|arn| !arn.is_empty())
    }

    /// True when it lets everyone in: only network load balancers can go without groups.
    pub(super) fn admits_everyone(&self) -> bool {
        self.kind == Type::Network && self.groups.is_empty()
    }

    /// The ports that it listens on with a protocol.
    pub(super) fn listens(&self, proto: Proto) -> Vec<Ports> {
        let listening = self.ports.iter().filter(|l| l.protos.contains(&proto));
        merge(listening.map(|l| (l.port, l.port)).collect())
    }

    /// The subnets that its nodes sit in.
    pub(super) fn places(&self, facts: &mut Facts<'a>) -> Vec<u32> {
        self.subnets.iter().map(|subnet| facts.place(subnet, self.vpc)).collect()
    }

    /// One gate for each subnet and family.
    pub(super) fn gates(&self, facts: &mut Facts<'a>) -> Vec<Gate<'a>> {
        let mut gates = Vec::new();
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
                    let (place, unplaced, blind) = (Some(place), None, Controls::NONE);
                    gates.push(Gate { family, place, unplaced, shut, edge, blind });
                }
            }
        }
        gates
    }

    fn edges(&self, facts: &Facts<'a>, place: u32, family: Family) -> Vec<Edge<'a>> {
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
    pub(super) fn node_addresses(
        &self,
        facts: &Facts<'a>,
        place: u32,
        family: Family,
    ) -> Vec<Range> {
        let at = facts.at(place);
        let known = self.nodes.get(at.subnet).map_or(&[][..], Vec::as_slice);
        let known = known.iter().filter(|node| node.0 == family);
        let known: Vec<Range> = known.map(|node| (node.1, node.1)).collect();
        let ranges = if known.is_empty() { at.blocks(family) } else { known };
        // A described subnet without blocks of the family gives its nodes no such address; of one
        // that was not described any address may be.
        if ranges.is_empty() && at.described.is_none() {
            vec![space(family)]
        } else {
            normal(ranges)
        }
    }
}

/// Where a listener's default actions and rules send traffic. Rules are tried in the order of
/// their priority and the default comes last (ELB user guide, "Listener rules"), so whom an earlier
/// rule takes by address alone never gets to a later one. Every other condition is about what the
/// client chooses to send, and holds for whoever wants it to.
fn forwards<'a>(
    facts: &mut Facts<'a>,
    elbv2: &'a Elbv2,
    listener: &'a Listener,
    kind: Type,
    gaps: &mut Vec<Gap<'a>>,
) -> Vec<Forward<'a>> {
    let arn = listener.listener_arn.as_str();
    let read = elbv2.describe_rules.get(arn);
    let mut unverified = None;
    if read.is_none() && kind == Type::Application {
        let call = &calls::elbv2::DESCRIBE_RULES;
        gaps.push((call, Some(arn)));
        let missing = Unverified::of(Control::ListenerRule, call);
        unverified = Some(Unverified { resource: Some(arn.to_owned()), ..missing });
    }
    let rules = read.filter(|_| kind == Type::Application).map_or(&[][..], |read| &read.rules);
    let is_default = |rule: &Rule| rule.is_default || rule.priority.as_deref() == Some("default");
    let mut ordered: Vec<(i64, &Rule)> = rules
        .iter()
        .filter(|rule| !is_default(rule))
        .map(|rule| {
            let priority = rule.priority.as_deref().and_then(|p| p.parse().ok());
            (priority.unwrap_or(i64::MAX), rule)
        })
        .collect();
    ordered.sort_by_key(|rule| rule.0);
    let mut left = Family::ALL.map(|family| facts.sets.ranges(everything(family)).to_vec());
    let mut found = Vec::new();
    for (_, rule) in ordered {
        let named = rule.conditions.iter().filter(|c| c.field.as_deref() == Some("source-ip"));
        let mut clients = left.clone();
        let mut by_address = 0;
        for condition in named {
            by_address += 1;
            let config = condition.source_ip_config.as_ref().map_or(&[][..], |c| &c.values);
            let values = config.iter().chain(&condition.values).filter_map(|v| parse_cidr(v));
            let values: Vec<_> = values.collect();
            for family in Family::ALL {
                let of = values.iter().filter(|v| v.0 == family).map(|v| v.1);
                let own = &mut clients[family as usize];
                *own = intersection(own, &normal(of.collect()));
            }
        }
        send(facts, elbv2, (Some(rule), &rule.actions), &clients, &mut found, gaps);
        if by_address == rule.conditions.len() {
            for family in Family::ALL {
                let own = &mut left[family as usize];
                *own = difference(own, &clients[family as usize]);
            }
        }
    }
    let default = rules.iter().find(|rule| is_default(rule)).map(|rule| &rule.actions);
    let default = default.filter(|actions| !actions.is_empty());
    let default = default.unwrap_or(&listener.default_actions);
    send(facts, elbv2, (None, default), &left, &mut found, gaps);
    for forward in &mut found {
        forward.unverified.clone_from(&unverified);
    }
    found
}

fn send<'a>(
    facts: &mut Facts<'a>,
    elbv2: &'a Elbv2,
    (rule, actions): (Option<&'a Rule>, &'a [Action]),
    clients: &[Vec<Range>; 2],
    found: &mut Vec<Forward<'a>>,
    gaps: &mut Vec<Gap<'a>>,
) {
    let sets = &mut facts.sets;
    let clients = [0, 1].map(|family: usize| sets.intern(clients[family].clone()));
    // The actions that let only known clients through (ELB API reference, Action `Type`).
    let asks = |kind: &str| kind.starts_with("authenticate-") || kind == "jwt-validation";
    let authenticated = actions.iter().any(|a| a.kind.as_deref().is_some_and(asks));
    for action in actions.iter().filter(|action| action.kind.as_deref() == Some("forward")) {
        let shares = action.forward_config.as_ref().map_or(&[][..], |c| &c.target_groups);
        // A share of 0 takes no traffic (ELB API reference, TargetGroupTuple).
        let shares = shares.iter().filter(|share| share.weight != Some(0));
        let mut arns: Vec<&str> = shares.filter_map(|s| s.target_group_arn.as_deref()).collect();
        if let Some(only) = action.target_group_arn.as_deref().filter(|arn| !arns.contains(arn)) {
            arns.push(only);
        }
        for arn in arns {
            let Some(groups) = elbv2.describe_target_groups.read() else {
                gaps.push((&calls::elbv2::DESCRIBE_TARGET_GROUPS, None));
                continue;
            };
            match groups.target_groups.iter().find(|group| group.target_group_arn == arn) {
                Some(group) => {
                    let to = Destination::Group(group);
                    found.push(Forward { to, clients, authenticated, rule, unverified: None });
                }
                None => gaps.push((&calls::elbv2::DESCRIBE_TARGET_GROUPS, Some(arn))),
            }
        }
    }
}
