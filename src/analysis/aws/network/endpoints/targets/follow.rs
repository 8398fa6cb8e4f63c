//! From a load balancer to its targets: what of a listener's clients reached which target.

use crate::inventory::aws::calls;
use std::sync::Arc;

use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elbv2::TargetGroup;

use super::beyond::{Beyond, beyond};
use super::index::{Interfaces, locals};
use super::leg::{Leaving, Receiver};
use super::reached::{ReachedTargets, Target, TargetPort};
use crate::analysis::addresses::{AddressSet, parse_cidr};
use crate::analysis::aws::network::catalogue::{classify, is_sensitive};
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::endpoints::interfaces::{self, instance_id};
use crate::analysis::aws::network::endpoints::listeners::{Destination, Forward, Gap};
use crate::analysis::aws::network::endpoints::load_balancers::{Balancer, Type};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Traffic};
use crate::analysis::aws::network::rows::Path;
use crate::analysis::aws::network::sources::EMPTY;
use crate::analysis::aws::network::verdict::Arrival;

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

/// A target's interface, as a listener or a target group names it.
struct NamedTarget<'a> {
    interface: Option<&'a NetworkInterface>,
    by: NamedBy<'a>,
}

/// What names a target.
#[derive(Clone, Copy)]
enum NamedBy<'a> {
    /// A classic load balancer, by the instance.
    ClassicListener,
    /// A target group, by the instance.
    Instance(&'a TargetGroup),
    /// A target group, by one of the interface's addresses.
    Address(&'a TargetGroup, Family, u128),
}

/// What a load balancer forwards to a further one.
pub(super) struct ForwardedToBalancer<'a> {
    /// The further load balancer's number.
    pub(super) number: usize,
    pub(super) port: u16,
    /// Who arrives there.
    pub(super) arrivals: Vec<Arrival>,
    /// The path there.
    pub(super) path: Arc<Path<'a>>,
}

/// Follows what listeners of load balancers forward.
pub(super) struct Forwarding<'w, 'a> {
    pub(super) facts: &'w mut RegionFacts<'a>,
    pub(super) interfaces: &'w Interfaces<'a>,
    pub(super) balancers: &'w [Balancer<'a>],
    pub(super) gaps: &'w mut Vec<Gap<'a>>,
}

impl<'a> Forwarding<'_, 'a> {
    /// Follows what arrives at a listener's port to its targets. Returns what reached other load
    /// balancers.
    pub(super) fn follow(
        &mut self,
        balancer: &Balancer<'a>,
        (port, traffic): (u16, Traffic),
        arrivals: &[Arrival],
        before: Option<&Arc<Path<'a>>>,
        reached: &mut ReachedTargets<'a>,
    ) -> Vec<ForwardedToBalancer<'a>> {
        let mut chained = Vec::new();
        let listening = balancer.ports.iter().filter(|l| l.port == port);
        for listening in listening.filter(|l| l.protos.contains(&traffic.proto)) {
            self.gaps.extend(&listening.gaps);
            for forward in &listening.forwards {
                let narrowed = self.narrow(arrivals, forward, traffic.family);
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
                    asks: forward.asks,
                    preserved: false,
                    before: before.cloned(),
                };
                match forward.to {
                    Destination::Instance(id, to) => {
                        let interface = self.interfaces.primary_of.get(id).copied();
                        let path = Path { to: Some(to), ..path };
                        let to = NamedTarget { interface, by: NamedBy::ClassicListener };
                        self.interface(balancer, (path, traffic), &narrowed, to, reached);
                    }
                    Destination::Group(group) => {
                        let path = Path { group: Some(group), ..path };
                        let next = self.group(balancer, group, (path, traffic), &narrowed, reached);
                        chained.extend(next);
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
        (path, traffic): (Path<'a>, Traffic),
        arrivals: &[Arrival],
        reached: &mut ReachedTargets<'a>,
    ) -> Vec<ForwardedToBalancer<'a>> {
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
                    let function = Target::Function(&target.id);
                    let at = TargetPort { target: function, traffic, port: 0 };
                    let path = Path { to: None, ..path };
                    for arrival in arrivals {
                        let set = (arrival.set, arrival.unverified.clone());
                        reached.add(self.facts, at, set, &path, None);
                    }
                }
                ("instance", Some(_)) => {
                    let interface = self.interfaces.primary_of.get(target.id.as_str()).copied();
                    let to = NamedTarget { interface, by: NamedBy::Instance(group) };
                    self.interface(balancer, (path, traffic), arrivals, to, reached);
                }
                ("ip", Some(_)) => {
                    let Some((family, range, _)) = parse_cidr(&target.id) else { continue };
                    let vpc = group.vpc_id.as_deref().unwrap_or(balancer.vpc);
                    let known = self.interfaces.within(vpc, family, range.0);
                    let by = NamedBy::Address(group, family, range.0);
                    if let Some(interface) = known {
                        let to = NamedTarget { interface: Some(interface), by };
                        self.interface(balancer, (path, traffic), arrivals, to, reached);
                    } else {
                        for arrival in arrivals {
                            let way = (path.clone(), traffic);
                            self.beyond(balancer, way, arrival, (&target.id, by), reached);
                        }
                    }
                }
                // Only network load balancers have such targets (ELB API reference, TargetType).
                ("alb", Some(to)) if balancer.kind == Type::Network => {
                    let found = self.balancers.iter().position(|b| b.arn == target.id);
                    let Some(number) = found else { continue };
                    if self.balancers[number].unread {
                        self.gaps.push((&calls::elbv2::DESCRIBE_LISTENERS, Some(&target.id)));
                    }
                    let next = self.chain(balancer, number, traffic, to, arrivals);
                    let path = Path { preserved: true, ..path };
                    for arrival in &next {
                        let next = Target::Balancer(number);
                        let at = TargetPort { target: next, traffic, port: to };
                        let set = (arrival.set, arrival.unverified.clone());
                        reached.add(self.facts, at, set, &path, None);
                    }
                    let path = Arc::new(path);
                    chained.push(ForwardedToBalancer { number, port: to, arrivals: next, path });
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
        (path, traffic): (Path<'a>, Traffic),
        arrivals: &[Arrival],
        to: NamedTarget<'a>,
        reached: &mut ReachedTargets<'a>,
    ) {
        let (Some(interface), Some(port)) = (to.interface, path.to) else { return };
        let (group, named) = match to.by {
            NamedBy::ClassicListener => (None, None),
            NamedBy::Instance(group) => (Some(group), None),
            NamedBy::Address(group, family, address) => (Some(group), Some((family, address))),
        };
        let state = interfaces::state(self.facts, interface);
        if !state.exists || !state.shut.is_empty() {
            return;
        }
        let wanted = group.and_then(|group| group.ip_address_type.as_deref());
        let default = if wanted == Some("ipv6") { Family::Ipv6 } else { Family::Ipv4 };
        let first = locals(interface, default).next().map(|address| (default, address));
        let Some((family, address)) = named.or(first) else { return };
        let place = self.facts.place(&interface.subnet_id, &interface.vpc_id);
        // IPv6 clients reach IPv4 targets as the node's IPv4 address, and the other way round.
        let preserves = match group {
            Some(group) if family == traffic.family => {
                self.preserves(balancer, group, named.is_none())
            }
            _ => Preserves::No,
        };
        let target = Target::Interface(&interface.network_interface_id, instance_id(interface));
        let at = TargetPort { target, traffic, port };
        let addresses = AddressSet::from((address, address));
        let receiver = |preserved| Receiver {
            groups: interface.groups.iter().map(|group| group.group_id.as_str()).collect(),
            place,
            addresses: &addresses,
            traffic: Traffic { family, proto: traffic.proto },
            port,
            preserved,
        };
        for arrival in arrivals {
            let assumed = preserves.assumed();
            let (set, mut unverified) = receiver(assumed).clients(self.facts, balancer, arrival);
            if set == EMPTY {
                continue;
            }
            if let Preserves::Unread(_, missing) = &preserves
                && receiver(!assumed).clients(self.facts, balancer, arrival).0 != set
            {
                unverified.push(missing.clone());
            }
            for control in state.unread.iter() {
                unverified.push(Unverified::of(control, &calls::ec2::DESCRIBE_INSTANCES));
            }
            let path = Path { preserved: assumed, ..path.clone() };
            reached.add(self.facts, at, (set, unverified), &path, Some(interface));
        }
    }

    /// Follows traffic to an address that nothing in the load balancer's VPC has.
    fn beyond(
        &mut self,
        balancer: &Balancer<'a>,
        (path, traffic): (Path<'a>, Traffic),
        arrival: &Arrival,
        (id, by): (&'a str, NamedBy<'a>),
        reached: &mut ReachedTargets<'a>,
    ) {
        let (NamedBy::Address(group, family, address), Some(port)) = (by, path.to) else { return };
        let found = match arrival.place {
            // Without interfaces nobody could look for it: a door that was not read.
            _ if self.facts.services.ec2.describe_network_interfaces.is_unread() => Beyond::Nobody,
            None => Beyond::Unknown,
            Some(place) => {
                let nodes = balancer.node_addresses(self.facts, place, family);
                beyond(self.facts, self.interfaces, place, &nodes, (family, address))
            }
        };
        match found {
            Beyond::Nobody => {}
            Beyond::Interface(interface) => {
                let to = NamedTarget { interface: Some(interface), by };
                self.interface(
                    balancer,
                    (path, traffic),
                    std::slice::from_ref(arrival),
                    to,
                    reached,
                );
            }
            // Whatever guards it is not known: worth a word where the port should not be published.
            Beyond::Unknown => {
                let application = balancer.kind == Type::Application;
                let usage = classify(traffic.proto, (port, port));
                if !usage.iter().any(|(_, usage)| is_sensitive(usage.class, application)) {
                    return;
                }
                let same = family == traffic.family;
                let preserved = same && self.preserves(balancer, group, false).assumed();
                let addresses = &AddressSet::from((address, address));
                let sent = Traffic { family, proto: traffic.proto };
                let leaving = Leaving { addresses, traffic: sent, port, preserved };
                let mut unverified = arrival.unverified.clone();
                let leaves = arrival
                    .place
                    .is_none_or(|from| leaving.passes(self.facts, from, &mut unverified));
                if !leaves {
                    return;
                }
                unverified.push(Unverified {
                    control: Control::TargetUnknown,
                    call: None,
                    resource: Some(id.to_owned()),
                });
                let at = TargetPort { target: Target::Address(id), traffic, port };
                let path = Path { preserved, ..path };
                reached.add(self.facts, at, (arrival.set, unverified), &path, None);
            }
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
        traffic: Traffic,
        port: u16,
        arrivals: &[Arrival],
    ) -> Vec<Arrival> {
        let to = &self.balancers[number];
        let mut next = Vec::new();
        if !to.listens(traffic.proto).iter().any(|p| p.0 <= port && port <= p.1) {
            return next;
        }
        for place in to.places(self.facts) {
            let addresses = to.node_addresses(self.facts, place, traffic.family);
            let receiver = Receiver {
                groups: to.groups.clone(),
                place,
                addresses: &addresses,
                traffic,
                port,
                preserved: true,
            };
            for arrival in arrivals {
                let (set, unverified) = receiver.clients(self.facts, from, arrival);
                if set != EMPTY {
                    next.push(Arrival { place: Some(place), set, unverified });
                }
            }
        }
        next
    }
}
