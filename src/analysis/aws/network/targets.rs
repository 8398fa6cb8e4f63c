//! From a load balancer to its targets: what of a listener's clients reaches which target.

use std::collections::{BTreeMap, HashMap};

use crate::inventory::aws::calls;
use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elbv2::TargetGroup;

use std::sync::Arc;

use super::control::{Control, Unverified};
use super::endpoints::{self, instance_id, is_primary};
use super::facts::Facts;
use super::load_balancers::{Balancer, Destination, Forward, Gap, Type};
use super::nacl::Way;
use super::ports::{Ports, at};
use super::protocol::{Family, Kind, Proto};
use super::rows::Path;
use super::security_groups::{blocks, keys_of};
use super::sources::{EMPTY, Range, SetId, intersection, normal, parse_cidr, union};
use super::verdict::Arrival;

/// Interfaces by what targets name.
#[derive(Debug, Default)]
pub(super) struct Interfaces<'a> {
    primary_of: HashMap<&'a str, &'a NetworkInterface>,
    /// By VPC and address: private addresses are unique within a VPC only.
    with_address: HashMap<(&'a str, Family, u128), &'a NetworkInterface>,
}

impl<'a> Interfaces<'a> {
    pub(super) fn new(interfaces: &'a [NetworkInterface]) -> Self {
        let mut index = Interfaces::default();
        for interface in interfaces {
            if let Some(instance) = instance_id(interface).filter(|_| is_primary(interface)) {
                index.primary_of.entry(instance).or_insert(interface);
            }
            for family in Family::ALL {
                for address in locals(interface, family) {
                    index.with_address.insert((&interface.vpc_id, family, address), interface);
                }
            }
        }
        index
    }
}

/// An interface's own addresses of a family, the first one first.
fn locals(interface: &NetworkInterface, family: Family) -> impl Iterator<Item = u128> {
    let v4 = interface.private_ip_address.iter();
    let v4 = v4.chain(interface.private_ip_addresses.iter().map(|a| &a.private_ip_address));
    let all = v4.chain(interface.ipv6_addresses.iter().map(|a| &a.ipv6_address));
    let parsed = all.filter_map(|text| parse_cidr(text));
    parsed.filter(move |found| found.0 == family).map(|found| found.1.0)
}

/// Who is reached behind a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'a> {
    /// An interface, by its id and that of its instance.
    Interface(&'a str, Option<&'a str>),
    /// A function, by its ARN.
    Function(&'a str),
    /// Another load balancer, by its number.
    Balancer(usize),
}

/// One port of one target.
pub(super) type Spot<'a> = (Target<'a>, Family, Proto, u16);

/// Who gets there, and how.
#[derive(Debug, Clone)]
pub(super) struct Reached<'a> {
    pub(super) set: SetId,
    /// Of these, whom only controls that were read let through.
    pub(super) proven: SetId,
    pub(super) unverified: Vec<Unverified>,
    /// The ways there, with the clients of each.
    pub(super) paths: Vec<(Path<'a>, SetId)>,
    pub(super) interface: Option<&'a NetworkInterface>,
}

/// Everything reached behind one load balancer.
pub(super) type Reaches<'a> = BTreeMap<Spot<'a>, Reached<'a>>;

/// The place that traffic is forwarded to.
struct Landing<'l, 'a> {
    groups: Vec<&'a str>,
    place: u32,
    addresses: &'l [Range],
    kind: Kind,
    port: u16,
    /// True when it sees the client's address, false when it sees the node's.
    preserved: bool,
}

/// Whether a target sees the client's address.
enum Preserves {
    Yes,
    No,
    /// Nobody could look: what is the default, and what is missing.
    Unread(bool, Unverified),
}

impl Preserves {
    /// What is so, or what is the default.
    fn assumed(&self) -> bool {
        match self {
            Preserves::Yes => true,
            Preserves::No => false,
            Preserves::Unread(default, _) => *default,
        }
    }
}

/// A target as a listener or a target group names it.
struct Named<'a> {
    interface: Option<&'a NetworkInterface>,
    /// Its target group, and whether that names instances.
    group: Option<(&'a TargetGroup, bool)>,
    /// The address by which it is named, for targets by address.
    address: Option<(Family, u128)>,
}

/// What reaches a further load balancer: its number, its port, the arrivals there and the way.
pub(super) type Chained<'a> = (usize, u16, Vec<Arrival>, Arc<Path<'a>>);

/// A walk from the listeners of one load balancer.
pub(super) struct Walk<'w, 'a> {
    pub(super) facts: &'w mut Facts<'a>,
    pub(super) interfaces: &'w Interfaces<'a>,
    pub(super) balancers: &'w [Balancer<'a>],
    pub(super) gaps: &'w mut Vec<Gap<'a>>,
}

impl<'a> Walk<'_, 'a> {
    /// Follows what arrives at a listener's port to its targets. Returns what reaches other load
    /// balancers.
    pub(super) fn follow(
        &mut self,
        balancer: &Balancer<'a>,
        (port, kind): (u16, Kind),
        arrivals: &[Arrival],
        before: Option<Arc<Path<'a>>>,
        reaches: &mut Reaches<'a>,
    ) -> Vec<Chained<'a>> {
        let mut chained = Vec::new();
        let listening = balancer.ports.iter().filter(|l| l.port == port);
        for listening in listening.filter(|l| l.protos.contains(&kind.proto)) {
            self.gaps.extend(&listening.gaps);
            for forward in &listening.forwards {
                let narrowed = self.narrow(arrivals, forward, kind.family);
                if narrowed.is_empty() {
                    continue;
                }
                let path = Path {
                    balancer: balancer.name,
                    port,
                    listener: listening.listener,
                    rule: forward.rule,
                    group: None,
                    to: None,
                    authenticated: forward.authenticated,
                    preserved: false,
                    before: before.clone(),
                };
                match forward.to {
                    Destination::Instance(id, to) => {
                        let interface = self.interfaces.primary_of.get(id).copied();
                        let path = Path { to: Some(to), ..path };
                        let to = Named { interface, group: None, address: None };
                        self.interface(balancer, (path, kind), &narrowed, to, reaches);
                    }
                    Destination::Group(group) => {
                        let way = (Path { group: Some(group), ..path }, kind);
                        chained.extend(self.group(balancer, group, way, &narrowed, reaches));
                    }
                }
            }
        }
        chained
    }

    fn narrow(
        &mut self,
        arrivals: &[Arrival],
        forward: &Forward<'a>,
        family: Family,
    ) -> Vec<Arrival> {
        let clients = forward.clients[family as usize];
        let narrowed = arrivals.iter().map(|arrival| {
            let set = self.facts.sets.and(arrival.set, clients);
            let mut unverified = arrival.unverified.clone();
            unverified.extend(forward.unverified.clone());
            Arrival { set, unverified, place: arrival.place }
        });
        narrowed.filter(|arrival| arrival.set != EMPTY).collect()
    }

    fn group(
        &mut self,
        balancer: &Balancer<'a>,
        group: &'a TargetGroup,
        (path, kind): (Path<'a>, Kind),
        arrivals: &[Arrival],
        reaches: &mut Reaches<'a>,
    ) -> Vec<Chained<'a>> {
        let mut chained = Vec::new();
        let arn = group.target_group_arn.as_str();
        let Some(health) = self.facts.services.elbv2.describe_target_health.get(arn) else {
            self.gaps.push((&calls::elbv2::DESCRIBE_TARGET_HEALTH, Some(arn)));
            return chained;
        };
        let number = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        for description in &health.target_health_descriptions {
            let target = &description.target;
            let to = number(target.port).or_else(|| number(group.port));
            let path = Path { to, ..path.clone() };
            match (group.target_type.as_deref().unwrap_or("instance"), to) {
                ("lambda", _) => {
                    let spot = (Target::Function(&target.id), kind.family, kind.proto, 0);
                    let path = Path { to: None, ..path };
                    for arrival in arrivals {
                        let set = (arrival.set, arrival.unverified.clone());
                        note(self.facts, reaches, spot, set, &path, None);
                    }
                }
                ("instance", Some(_)) => {
                    let interface = self.interfaces.primary_of.get(target.id.as_str()).copied();
                    let to = Named { interface, group: Some((group, true)), address: None };
                    self.interface(balancer, (path, kind), arrivals, to, reaches);
                }
                ("ip", Some(_)) => {
                    let Some((family, range, _)) = parse_cidr(&target.id) else { continue };
                    let vpc = group.vpc_id.as_deref().unwrap_or(balancer.vpc);
                    let known = self.interfaces.with_address.get(&(vpc, family, range.0));
                    let (interface, group) = (known.copied(), Some((group, false)));
                    let address = Some((family, range.0));
                    let to = Named { interface, group, address };
                    self.interface(balancer, (path, kind), arrivals, to, reaches);
                }
                // Only network load balancers have such targets (ELB API reference, TargetType).
                ("alb", Some(to)) if balancer.kind == Type::Network => {
                    let found = self.balancers.iter().position(|b| b.arn == target.id);
                    let Some(number) = found else { continue };
                    if self.balancers[number].unread {
                        self.gaps.push((&calls::elbv2::DESCRIBE_LISTENERS, Some(&target.id)));
                    }
                    let next = self.chain(balancer, number, kind, to, arrivals);
                    let path = Path { preserved: true, ..path };
                    for arrival in &next {
                        let spot = (Target::Balancer(number), kind.family, kind.proto, to);
                        let set = (arrival.set, arrival.unverified.clone());
                        note(self.facts, reaches, spot, set, &path, None);
                    }
                    chained.push((number, to, next, Arc::new(path)));
                }
                _ => {}
            }
        }
        chained
    }

    /// Follows traffic to an interface, named by itself or by one of its addresses.
    fn interface(
        &mut self,
        balancer: &Balancer<'a>,
        (path, kind): (Path<'a>, Kind),
        arrivals: &[Arrival],
        to: Named<'a>,
        reaches: &mut Reaches<'a>,
    ) {
        let Named { interface, group, address: named } = to;
        let (Some(interface), Some(port)) = (interface, path.to) else { return };
        let state = endpoints::state(self.facts, interface);
        if !state.exists || !state.shut.is_empty() {
            return;
        }
        let wanted = group.and_then(|(group, _)| group.ip_address_type.as_deref());
        let default = if wanted == Some("ipv6") { Family::Ipv6 } else { Family::Ipv4 };
        let first = locals(interface, default).next().map(|address| (default, address));
        let Some((family, address)) = named.or(first) else { return };
        let place = self.facts.place(&interface.subnet_id, &interface.vpc_id);
        // IPv6 clients reach IPv4 targets as the node's IPv4 address, and the other way round.
        let preserves = match group {
            Some((group, instance)) if family == kind.family => {
                self.preserves(balancer, group, instance)
            }
            _ => Preserves::No,
        };
        let target = Target::Interface(&interface.network_interface_id, instance_id(interface));
        let spot = (target, kind.family, kind.proto, port);
        let addresses = [(address, address)];
        let landing = |preserved| Landing {
            groups: interface.groups.iter().map(|group| group.group_id.as_str()).collect(),
            place,
            addresses: &addresses,
            kind: Kind { family, proto: kind.proto },
            port,
            preserved,
        };
        for arrival in arrivals {
            let assumed = preserves.assumed();
            let (set, mut unverified) = self.leg(balancer, arrival, &landing(assumed));
            if set == EMPTY {
                continue;
            }
            if let Preserves::Unread(_, missing) = &preserves
                && self.leg(balancer, arrival, &landing(!assumed)).0 != set
            {
                unverified.push(missing.clone());
            }
            for control in state.blind.iter() {
                unverified.push(Unverified::of(control, &calls::ec2::DESCRIBE_INSTANCES));
            }
            let path = Path { preserved: assumed, ..path.clone() };
            note(self.facts, reaches, spot, (set, unverified), &path, Some(interface));
        }
    }

    /// Whether targets see the client's address (ELB user guide, "Client IP preservation"): only
    /// behind network load balancers; always for UDP; else as the group says, by default for
    /// instances.
    fn preserves(
        &mut self,
        balancer: &Balancer<'a>,
        group: &'a TargetGroup,
        instance: bool,
    ) -> Preserves {
        let of = |yes: bool| if yes { Preserves::Yes } else { Preserves::No };
        if balancer.kind != Type::Network {
            return Preserves::No;
        }
        if matches!(group.protocol.as_deref(), Some("UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC")) {
            return Preserves::Yes;
        }
        let arn = group.target_group_arn.as_str();
        let Some(read) = self.facts.services.elbv2.describe_target_group_attributes.get(arn) else {
            let call = &calls::elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES;
            self.gaps.push((call, Some(arn)));
            let missing = Unverified::of(Control::ClientIpPreservation, call);
            let missing = Unverified { resource: Some(arn.to_owned()), ..missing };
            return Preserves::Unread(instance, missing);
        };
        let set = read
            .attributes
            .iter()
            .find(|attribute| attribute.key.as_deref() == Some("preserve_client_ip.enabled"));
        match set.and_then(|attribute| attribute.value.as_deref()) {
            Some("true") => Preserves::Yes,
            Some("false") => Preserves::No,
            _ => of(instance),
        }
    }

    /// A network load balancer's traffic to an application load balancer, which sees the client's
    /// address (ELB user guide, "Application Load Balancers as targets").
    fn chain(
        &mut self,
        from: &Balancer<'a>,
        number: usize,
        kind: Kind,
        port: u16,
        arrivals: &[Arrival],
    ) -> Vec<Arrival> {
        let to = &self.balancers[number];
        let mut next = Vec::new();
        if !to.listens(kind.proto).iter().any(|p| p.0 <= port && port <= p.1) {
            return next;
        }
        for place in to.places(self.facts) {
            let addresses = to.node_addresses(self.facts, place, kind.family);
            let landing = Landing {
                groups: to.groups.clone(),
                place,
                addresses: &addresses,
                kind,
                port,
                preserved: true,
            };
            for arrival in arrivals {
                let (set, unverified) = self.leg(from, arrival, &landing);
                if set != EMPTY {
                    next.push(Arrival { place: Some(place), set, unverified });
                }
            }
        }
        next
    }

    /// The clients of an arrival that get from the node to the landing.
    fn leg(
        &mut self,
        balancer: &Balancer<'a>,
        arrival: &Arrival,
        to: &Landing<'_, 'a>,
    ) -> (SetId, Vec<Unverified>) {
        let mut unverified = arrival.unverified.clone();
        let Some(from) = arrival.place else { return (arrival.set, unverified) };
        let (referenced, admitted) = self.admitted(balancer, to);
        let family = to.kind.family;
        let nodes = balancer.node_addresses(self.facts, from, family);
        // Addresses that the target sees and its groups admit.
        let seen =
            if to.preserved { self.facts.sets.ranges(arrival.set).to_vec() } else { nodes.clone() };
        let mut seen = if referenced { seen } else { intersection(&seen, &admitted) };
        let crosses = self.facts.at(from).subnet != self.facts.at(to.place).subnet;
        if crosses {
            let near = self.acl(from, &mut unverified);
            let ports = if to.preserved { (1, u16::MAX) } else { (1024, u16::MAX) };
            if let Some(near) = near {
                let out = self.passing(near, Way::Out, to.kind, (to.port, to.port));
                let back = self.passing(near, Way::In, to.kind, ports);
                if intersection(&intersection(to.addresses, &out), &back).is_empty() {
                    return (EMPTY, unverified);
                }
            }
            if let Some(far) = self.acl(to.place, &mut unverified) {
                let into = self.passing(far, Way::In, to.kind, (to.port, to.port));
                let back = self.passing(far, Way::Out, to.kind, ports);
                seen = intersection(&intersection(&seen, &into), &back);
            }
        } else if balancer.kind == Type::Classic {
            // A classic load balancer's subnet filters what its nodes send even to neighbours.
            if let Some(near) = self.acl(from, &mut unverified) {
                let out = self.passing(near, Way::Out, to.kind, (to.port, to.port));
                if intersection(to.addresses, &out).is_empty() {
                    return (EMPTY, unverified);
                }
            }
        }
        unverified.sort();
        unverified.dedup();
        let set = match (to.preserved, seen.is_empty()) {
            (_, true) => EMPTY,
            (true, false) => self.facts.sets.intern(seen),
            (false, false) => arrival.set,
        };
        (set, unverified)
    }

    fn acl(&mut self, place: u32, unverified: &mut Vec<Unverified>) -> Option<u32> {
        let at = self.facts.at(place);
        let acl = self.facts.nacls.of(at.subnet, at.vpc).filter(|_| self.facts.nacls.read);
        if acl.is_none() {
            let missing = |control| Unverified::of(control, &calls::ec2::DESCRIBE_NETWORK_ACLS);
            unverified.extend([Control::NaclIn, Control::NaclOut].map(missing));
        }
        acl
    }

    /// Remote addresses that an ACL lets through on some port of a range.
    fn passing(&mut self, acl: u32, way: Way, kind: Kind, ports: Ports) -> Vec<Range> {
        let spans = self.facts.nacls.passing(acl, way, kind, &mut self.facts.sets);
        if ports.0 == ports.1 {
            return self.facts.sets.ranges(at(&spans, ports.0)).to_vec();
        }
        let within = spans.iter().filter(|s| s.keys.0 <= ports.1 && ports.0 <= s.keys.1);
        within.fold(Vec::new(), |all, span| union(&all, self.facts.sets.ranges(span.set)))
    }

    /// What the landing's groups admit on its port: whether a rule names a group of the load
    /// balancer, and the blocks that rules name.
    fn admitted(&mut self, balancer: &Balancer<'a>, to: &Landing<'_, 'a>) -> (bool, Vec<Range>) {
        let (mut referenced, mut ranges) = (false, Vec::new());
        for id in &to.groups {
            let Some(group) = self.facts.groups.get(id) else { continue };
            for permission in &group.ip_permissions {
                let covers = keys_of(permission, to.kind.family).iter().any(|(proto, keys)| {
                    *proto == to.kind.proto && keys.0 <= to.port && to.port <= keys.1
                });
                if !covers {
                    continue;
                }
                let mut named = permission.user_id_group_pairs.iter();
                let named = named.any(|pair| {
                    pair.group_id.as_deref().is_some_and(|id| balancer.groups.contains(&id))
                });
                referenced |= named;
                let unread = |_| {};
                blocks(permission, self.facts.lists, unread, |family, range, _| {
                    if family == to.kind.family {
                        ranges.push(range);
                    }
                });
            }
        }
        (referenced, normal(ranges))
    }
}

/// Adds clients that reach a spot.
fn note<'a>(
    facts: &mut Facts<'a>,
    reaches: &mut Reaches<'a>,
    spot: Spot<'a>,
    (set, unverified): (SetId, Vec<Unverified>),
    path: &Path<'a>,
    interface: Option<&'a NetworkInterface>,
) {
    let reached = reaches.entry(spot).or_insert(Reached {
        set: EMPTY,
        proven: EMPTY,
        unverified: Vec::new(),
        paths: Vec::new(),
        interface,
    });
    reached.set = facts.sets.or(reached.set, set);
    if unverified.is_empty() {
        reached.proven = facts.sets.or(reached.proven, set);
    }
    reached.unverified.extend(unverified);
    match reached.paths.iter_mut().find(|(known, _)| known == path) {
        Some((_, clients)) => *clients = facts.sets.or(*clients, set),
        None => reached.paths.push((path.clone(), set)),
    }
}
