//! Packets through load balancers, to the listener and on to each target.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use outcrop::inventory::aws::Services;
use outcrop::inventory::aws::ec2::NetworkInterface;
use outcrop::inventory::aws::elbv2::{Action, TargetGroup};
use serde_json::{Value, json};

use super::packets::{EntryPoint, Packet, WayOut, World, address, bits, class, family, ip, net};
use super::verdicts::{join, row};

/// A load balancer as a packet sees it.
struct Balancer {
    name: String,
    arn: String,
    kind: &'static str,
    vpc: String,
    groups: Vec<String>,
    entry_points: [Vec<EntryPoint>; 2],
    nodes: BTreeMap<String, Vec<IpAddr>>,
    /// Port, protocols, ARN.
    listeners: Vec<(u16, Vec<u8>, String)>,
}

/// Where a packet is delivered.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    resource: String,
    interface: Option<String>,
    /// `None` for functions, which have no port.
    port: Option<u16>,
    /// False for an address of which nobody knows whose it is.
    known: bool,
}

/// All ports that load balancers and their targets use.
pub(super) fn listeners(services: &Services) -> Vec<u16> {
    let text = serde_json::to_value((&services.elbv2, &services.elb)).expect("facts serialise");
    let mut ports = Vec::new();
    collect(&text, &mut ports);
    ports
}

fn collect(value: &Value, ports: &mut Vec<u16>) {
    match value {
        Value::Number(n) => ports.extend(n.as_u64().and_then(|n| u16::try_from(n).ok())),
        Value::Array(list) => list.iter().for_each(|item| collect(item, ports)),
        Value::Object(map) => map.values().for_each(|item| collect(item, ports)),
        _ => {}
    }
}

fn protocols(name: &str) -> Vec<u8> {
    match name {
        "HTTP" | "HTTPS" | "TCP" | "TLS" | "SSL" => vec![6],
        "UDP" => vec![17],
        "TCP_UDP" => vec![6, 17],
        other => panic!("the generator does not write {other}"),
    }
}

fn balancers(world: &World<'_>) -> Vec<Balancer> {
    let mut all = Vec::new();
    let v2 = world.services.elbv2.describe_load_balancers.read().into_iter();
    for lb in v2.flat_map(|read| &read.load_balancers) {
        let state = lb.state.as_ref().and_then(|s| s.code.as_deref());
        if state == Some("failed") {
            continue;
        }
        let arn = lb.load_balancer_arn.clone();
        let listeners = world.services.elbv2.describe_listeners[&arn].listeners.iter().map(|l| {
            let port = port_of(l.port.expect("generated"));
            (port, protocols(l.protocol.as_deref().expect("generated")), l.listener_arn.clone())
        });
        let subnets = lb.availability_zones.iter().filter_map(|z| z.subnet_id.clone());
        let kind = if lb.kind.as_deref() == Some("network") { "network" } else { "application" };
        let mark = format!("ELB {}", arn.split("loadbalancer/").nth(1).expect("an ARN"));
        all.push(Balancer {
            name: lb.load_balancer_name.clone(),
            kind,
            vpc: lb.vpc_id.clone().expect("generated"),
            groups: lb.security_groups.clone(),
            entry_points: Default::default(),
            nodes: nodes(world, &mark),
            listeners: listeners.collect(),
            arn,
        });
        let own = all.last_mut().expect("just pushed");
        let ip = lb.ip_address_type.as_deref().unwrap_or("ipv4");
        let internal = lb.scheme.as_deref() == Some("internal");
        own.entry_points = entry_points(world, own, &subnets.collect::<Vec<_>>(), internal, ip);
    }
    let v1 = world.services.elb.describe_load_balancers.read().into_iter();
    for lb in v1.flat_map(|read| &read.load_balancer_descriptions) {
        let listeners = lb.listener_descriptions.iter().map(|d| &d.listener);
        let listeners = listeners
            .map(|l| (port_of(l.load_balancer_port), protocols(&l.protocol), String::new()));
        all.push(Balancer {
            name: lb.load_balancer_name.clone(),
            arn: String::new(),
            kind: "classic",
            vpc: lb.vpc_id.clone().expect("generated"),
            groups: lb.security_groups.clone(),
            entry_points: Default::default(),
            nodes: nodes(world, &format!("ELB {}", lb.load_balancer_name)),
            listeners: listeners.collect(),
        });
        let own = all.last_mut().expect("just pushed");
        let internal = lb.scheme.as_deref() == Some("internal");
        own.entry_points = entry_points(world, own, &lb.subnets, internal, "ipv4");
    }
    all
}

fn nodes(world: &World<'_>, mark: &str) -> BTreeMap<String, Vec<IpAddr>> {
    let mut nodes: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for interface in world.interfaces.iter().filter(|i| i.description == mark) {
        let own = nodes.entry(interface.subnet_id.clone()).or_default();
        own.extend(interface.private_ip_addresses.iter().map(|a| ip(&a.private_ip_address)));
        own.extend(interface.ipv6_addresses.iter().map(|a| ip(&a.ipv6_address)));
    }
    nodes
}

fn entry_points(
    world: &World<'_>,
    balancer: &Balancer,
    subnets: &[String],
    internal: bool,
    ip_type: &str,
) -> [Vec<EntryPoint>; 2] {
    let mut entry_points: [Vec<EntryPoint>; 2] = Default::default();
    for subnet in subnets {
        for (number, own) in entry_points.iter_mut().enumerate() {
            if number == 1 && !ip_type.starts_with("dualstack") {
                continue;
            }
            let shut: &[&str] = match (internal, number, ip_type) {
                (true, ..) => &["internal-scheme"],
                (_, 0, "dualstack-without-public-ipv4") => &["no-public-ip"],
                _ => &[],
            };
            let known = balancer.nodes.get(subnet).map_or(&[][..], Vec::as_slice);
            let known: Vec<_> = known.iter().filter(|ip| family(**ip) == number).collect();
            let unknown = world.entry_points_into(subnet, shut)[number].clone();
            if known.is_empty() {
                own.extend(unknown);
            } else {
                let place = (subnet.as_str(), balancer.vpc.as_str());
                own.extend(known.iter().map(|ip| world.entry_point(place, **ip, shut)));
            }
        }
    }
    entry_points
}

impl Balancer {
    fn admits(&self, world: &World<'_>, packet: Packet) -> bool {
        (self.kind == "network" && self.groups.is_empty())
            || world.admits(&self.groups, packet, &[])
    }

    fn listens(&self, protocol: u8, port: u16) -> bool {
        self.listeners.iter().any(|l| l.0 == port && l.1.contains(&protocol))
    }

    /// Addresses that a node in a subnet may have.
    fn node(&self, world: &World<'_>, subnet: &str, of: usize) -> Vec<IpAddr> {
        let known = self.nodes.get(subnet).map_or(&[][..], Vec::as_slice);
        let known: Vec<IpAddr> = known.iter().copied().filter(|ip| family(*ip) == of).collect();
        if !known.is_empty() {
            return known;
        }
        let Some(entry_point) = world.entry_points_into(subnet, &[])[of].first().cloned() else {
            return Vec::new();
        };
        let described = world.subnet(subnet);
        let v6 = described.ipv6_cidr_block_association_set.first();
        let block = match of {
            0 => described.cidr_block.as_deref(),
            _ => v6.and_then(|a| a.ipv6_cidr_block.as_deref()),
        };
        let last = bits(net(block.expect("it has an entry point")).broadcast());
        let inside =
            world.starts[of].iter().filter(|s| bits(entry_point.local) < **s && **s <= last);
        std::iter::once(entry_point.local).chain(inside.map(|s| address(of, *s))).collect()
    }
}

/// Target groups that a packet to a listener may be forwarded to.
fn forwarded<'a>(
    world: &World<'a>,
    balancer: &Balancer,
    listener: &str,
    source: IpAddr,
) -> Vec<&'a TargetGroup> {
    let elbv2 = &world.services.elbv2;
    let groups_of = |actions: &'a [Action]| {
        let mut arns: Vec<&str> = Vec::new();
        for action in actions.iter().filter(|a| a.kind.as_deref() == Some("forward")) {
            arns.extend(action.target_group_arn.as_deref());
            let shares = action.forward_config.as_ref().map_or(&[][..], |c| &c.target_groups);
            let live = shares.iter().filter(|share| share.weight != Some(0));
            arns.extend(live.filter_map(|share| share.target_group_arn.as_deref()));
        }
        let all = &elbv2.describe_target_groups.read().expect("generated").target_groups;
        all.iter().filter(move |g| arns.contains(&&*g.target_group_arn)).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    let mut rules: Vec<_> = elbv2
        .describe_rules
        .get(listener)
        .map_or(vec![], |read| read.rules.iter().filter(|rule| !rule.is_default).collect());
    rules.sort_by_key(|rule| rule.priority.as_deref().map(|p| p.parse::<u32>().expect("a number")));
    for rule in rules {
        let mut certain = true;
        let mut holds = true;
        for condition in &rule.conditions {
            match &condition.source_ip_config {
                // A network load balancer tells clients apart by nothing but their family.
                Some(config) if balancer.kind == "network" => {
                    let wanted = if source.is_ipv6() { "ipv6" } else { "ipv4" };
                    holds &= config.ip_address_type.as_deref() == Some(wanted);
                }
                Some(config) => holds &= config.values.iter().any(|v| net(v).contains(&source)),
                // What the client sends holds if it likes.
                None => certain = false,
            }
        }
        if holds {
            found.extend(groups_of(&rule.actions));
            if certain {
                return found;
            }
        }
    }
    let listeners = elbv2.describe_listeners.values().flat_map(|read| &read.listeners);
    let own = listeners.into_iter().find(|l| l.listener_arn == listener).expect("generated");
    found.extend(groups_of(&own.default_actions));
    found
}

/// Whether a packet that a node in a subnet took in gets to an address behind it.
fn leg(
    world: &World<'_>,
    balancer: &Balancer,
    from: &EntryPoint,
    (subnet, vpc): (&str, &str),
    groups: &[String],
    (to, port): (IpAddr, u16),
    (packet, preserved): (Packet, bool),
) -> bool {
    let nodes = balancer.node(world, &from.subnet, family(to));
    let senders = if preserved { vec![packet.source] } else { nodes };
    let replies = if preserved { (1, 65535) } else { (1024, 65535) };
    senders.into_iter().any(|sender| {
        let seen = Packet { source: sender, protocol: packet.protocol, port };
        let sent = Packet { source: to, ..seen };
        let here = (from.subnet.as_str(), from.vpc.as_str());
        let mut passes = world.admits(groups, seen, &balancer.groups);
        if from.subnet != subnet {
            passes &= world.acl_passes(here.0, here.1, true, sent)
                && world.acl_passes_some(here, false, sent, replies)
                && world.acl_passes(subnet, vpc, false, seen)
                && world.acl_passes_some((subnet, vpc), true, seen, replies);
        } else if balancer.kind == "classic" {
            passes &= world.acl_passes(here.0, here.1, true, sent);
        }
        passes
    })
}

fn first_address(interface: &NetworkInterface, group: Option<&TargetGroup>) -> Option<IpAddr> {
    let v6 = group.and_then(|g| g.ip_address_type.as_deref()) == Some("ipv6");
    let v4 = interface.private_ip_addresses.first().map(|a| ip(&a.private_ip_address));
    if v6 { interface.ipv6_addresses.first().map(|a| ip(&a.ipv6_address)) } else { v4 }
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    all: &'w [Balancer],
    /// Who reaches what: by name of the load balancer, family, protocol and target, the stretches,
    /// each with whether it certainly does.
    reached: BTreeMap<(String, usize, u8, Target), BTreeMap<u128, bool>>,
}

impl<'a> Walk<'_, 'a> {
    fn note(&mut self, balancer: &Balancer, from: &EntryPoint, packet: Packet, target: Target) {
        let key = (balancer.name.clone(), family(packet.source), packet.protocol, target);
        let stretches = self.reached.entry(key).or_default();
        *stretches.entry(bits(packet.source)).or_default() |= !from.doubtful;
    }

    /// A packet that was taken in at a node: where may it end?
    fn forward(&mut self, balancer: &Balancer, entry_point: &EntryPoint, packet: Packet) {
        let world = self.world;
        if balancer.kind == "classic" {
            let read = world.services.elb.describe_load_balancers.read().into_iter();
            let mut lists = read.flat_map(|read| &read.load_balancer_descriptions);
            let own = lists.find(|lb| lb.load_balancer_name == balancer.name).expect("listed");
            for listener in own.listener_descriptions.iter().map(|d| &d.listener) {
                if port_of(listener.load_balancer_port) == packet.port {
                    for instance in &own.instances {
                        let port = port_of(listener.instance_port.expect("generated"));
                        self.instance(
                            balancer,
                            entry_point,
                            packet,
                            &instance.instance_id,
                            port,
                            None,
                        );
                    }
                }
            }
            return;
        }
        for (port, protocols, arn) in &balancer.listeners {
            if *port != packet.port || !protocols.contains(&packet.protocol) {
                continue;
            }
            for group in forwarded(world, balancer, arn, packet.source) {
                self.group(balancer, entry_point, packet, group);
            }
        }
    }

    fn group(
        &mut self,
        balancer: &Balancer,
        entry_point: &EntryPoint,
        packet: Packet,
        group: &'a TargetGroup,
    ) {
        let world = self.world;
        let health = &world.services.elbv2.describe_target_health[&group.target_group_arn];
        for target in health.target_health_descriptions.iter().map(|d| &d.target) {
            let port = port_of(target.port.or(group.port).unwrap_or_default());
            match group.target_type.as_deref() {
                Some("lambda") => {
                    let resource = target.id.clone();
                    let function = Target { resource, interface: None, port: None, known: true };
                    self.note(balancer, entry_point, packet, function);
                }
                Some("alb") if balancer.kind != "network" => {}
                Some("alb") => {
                    let Some(next) = self.all.iter().find(|b| b.arn == target.id) else { continue };
                    let arrived = Packet { port, ..packet };
                    if !next.listens(packet.protocol, port) {
                        continue;
                    }
                    // Its nodes, in each of its subnets.
                    let subnets: BTreeSet<_> = next.entry_points[0]
                        .iter()
                        .map(|w| (w.subnet.clone(), w.vpc.clone()))
                        .collect();
                    for (subnet, vpc) in subnets {
                        let nodes = next.node(world, &subnet, family(packet.source));
                        let lands = nodes.iter().any(|node| {
                            let (to, packet) = ((*node, port), (packet, true));
                            leg(
                                world,
                                balancer,
                                entry_point,
                                (&subnet, &vpc),
                                &next.groups,
                                to,
                                packet,
                            )
                        });
                        if lands {
                            let (resource, port) = (next.name.clone(), Some(port));
                            let next_one = Target { resource, interface: None, port, known: true };
                            self.note(balancer, entry_point, packet, next_one);
                            let inner = EntryPoint { subnet, vpc, ..entry_point.clone() };
                            self.forward(next, &inner, arrived);
                        }
                    }
                }
                Some("ip") => {
                    let named = ip(&target.id);
                    let mut own = holders(world, named);
                    match own.find(|interface| interface.vpc_id == balancer.vpc) {
                        Some(interface) => self.land(
                            balancer,
                            entry_point,
                            packet,
                            (interface, named, port),
                            Some(group),
                        ),
                        None => self.far(balancer, entry_point, packet, (named, port), group),
                    }
                }
                _ => self.instance(balancer, entry_point, packet, &target.id, port, Some(group)),
            }
        }
    }

    /// A packet to an address that no host of the load balancer's VPC has.
    fn far(
        &mut self,
        balancer: &Balancer,
        entry_point: &EntryPoint,
        packet: Packet,
        (named, port): (IpAddr, u16),
        group: &'a TargetGroup,
    ) {
        let world = self.world;
        let here = (entry_point.subnet.as_str(), entry_point.vpc.as_str());
        let way = world.way_out(here.0, here.1, named);
        if way == WayOut::None {
            return;
        }
        let nodes = balancer.node(world, here.0, family(named));
        let answers = |interface: &&NetworkInterface| {
            let (subnet, vpc) = (&interface.subnet_id, &interface.vpc_id);
            vpc != here.1 && nodes.iter().any(|node| world.way_out(subnet, vpc, *node) == way)
        };
        let linked = matches!(way, WayOut::Link(_));
        if let Some(interface) = holders(world, named).filter(|_| linked).find(answers) {
            let to = (interface, named, port);
            return self.land(balancer, entry_point, packet, to, Some(group));
        }
        // Nobody knows who that is, and what guards it. On ports that are there to be published it
        // is not worth a word.
        let published = match (packet.protocol, port) {
            (6, 80 | 443) => true,
            (6, 22 | 3306 | 8080) => false,
            (_, port) => port == 443 || balancer.kind == "application",
        };
        let sent = Packet { source: named, port, ..packet };
        let kept = preserved(world, balancer, Some(group), named, packet.source);
        let replies = if kept { (1, 65535) } else { (1024, 65535) };
        if !published
            && world.acl_passes(here.0, here.1, true, sent)
            && world.acl_passes_some(here, false, sent, replies)
        {
            let (resource, port) = (named.to_string(), Some(port));
            let target = Target { resource, interface: None, port, known: false };
            self.note(balancer, entry_point, packet, target);
        }
    }

    fn instance(
        &mut self,
        balancer: &Balancer,
        entry_point: &EntryPoint,
        packet: Packet,
        id: &str,
        port: u16,
        group: Option<&'a TargetGroup>,
    ) {
        let primary = self.world.interfaces.iter().find(|interface| {
            self.world.instance_of(interface) == Some(id)
                && interface.attachment.as_ref().and_then(|a| a.device_index) == Some(0)
        });
        let Some(interface) = primary else { return };
        let Some(to) = first_address(interface, group) else { return };
        self.land(balancer, entry_point, packet, (interface, to, port), group);
    }

    fn land(
        &mut self,
        balancer: &Balancer,
        entry_point: &EntryPoint,
        packet: Packet,
        (interface, to, port): (&'a NetworkInterface, IpAddr, u16),
        group: Option<&'a TargetGroup>,
    ) {
        let world = self.world;
        if world.switches(interface).is_none_or(|shut| !shut.is_empty()) {
            return;
        }
        let preserved = preserved(world, balancer, group, to, packet.source);
        let groups: Vec<String> = interface.groups.iter().map(|g| g.group_id.clone()).collect();
        let place = (interface.subnet_id.as_str(), interface.vpc_id.as_str());
        if leg(world, balancer, entry_point, place, &groups, (to, port), (packet, preserved)) {
            let id = interface.network_interface_id.clone();
            let resource = world.instance_of(interface).unwrap_or(&id).to_owned();
            let (interface, port) = (Some(id), Some(port));
            self.note(
                balancer,
                entry_point,
                packet,
                Target { resource, interface, port, known: true },
            );
        }
    }
}

/// The interfaces that have an address, or a prefix around it.
fn holders<'a>(
    world: &World<'a>,
    named: IpAddr,
) -> impl Iterator<Item = &'a NetworkInterface> + use<'a> {
    world.interfaces.iter().filter(move |i| {
        i.private_ip_addresses.iter().any(|a| ip(&a.private_ip_address) == named)
            || i.ipv6_addresses.iter().any(|a| ip(&a.ipv6_address) == named)
            || i.ipv6_prefixes.iter().any(|p| net(&p.ipv6_prefix).contains(&named))
    })
}

/// Whether a target sees the client's address.
fn preserved(
    world: &World<'_>,
    balancer: &Balancer,
    group: Option<&TargetGroup>,
    to: IpAddr,
    client: IpAddr,
) -> bool {
    let Some(group) = group else { return false };
    let attributes = &world.services.elbv2.describe_target_group_attributes;
    let says = attributes.get(&group.target_group_arn).and_then(|read| {
        let mut all = read.attributes.iter();
        all.find(|a| a.key.as_deref() == Some("preserve_client_ip.enabled"))?.value.as_deref()
    });
    let kept = ["UDP", "TCP_UDP"].contains(&group.protocol.as_deref().unwrap_or_default())
        || match says {
            Some("true") => true,
            Some("false") => false,
            _ => group.target_type.as_deref() == Some("instance"),
        };
    balancer.kind == "network" && kept && family(to) == family(client)
}

/// Rows of every load balancer and of what is behind it.
pub(super) fn rows(world: &World<'_>) -> Vec<Value> {
    let all = balancers(world);
    let mut rows = Vec::new();
    let mut walk = Walk { world, all: &all, reached: BTreeMap::new() };
    for balancer in &all {
        let admits = |packet| balancer.admits(world, packet);
        let listens = |protocol, port| balancer.listens(protocol, port);
        for mut row in world.rows(&admits, Some(&balancer.entry_points), Some(&listens)) {
            row["resource"] = json!(balancer.name);
            rows.push(row);
        }
        for (number, entry_points) in balancer.entry_points.iter().enumerate() {
            for (port, protocols, _) in &balancer.listeners {
                for &protocol in protocols {
                    let mut arrived = Vec::new();
                    let mut size = 0;
                    for &(lo, hi) in &world.stretches[number] {
                        let packet = Packet { source: address(number, lo), protocol, port: *port };
                        let open =
                            |entry_point: &&EntryPoint| world.stops(entry_point, packet).is_empty();
                        if !balancer.admits(world, packet) {
                            continue;
                        }
                        let open: Vec<_> = entry_points.iter().filter(open).collect();
                        if !open.is_empty() {
                            size += hi - lo + 1;
                            arrived.push((packet, open));
                        }
                    }
                    if class(number, size).is_some() {
                        for (packet, entry_points) in arrived {
                            entry_points.iter().for_each(|entry_point| {
                                walk.forward(balancer, entry_point, packet)
                            });
                        }
                    }
                }
            }
        }
    }
    let mut gathered: BTreeMap<String, (Value, Vec<(u16, u16)>)> = BTreeMap::new();
    for ((name, number, protocol, target), from) in walk.reached {
        let size = |counts: &dyn Fn(&bool) -> bool| -> u128 {
            let stretches = world.stretches[number].iter();
            let counted = stretches.filter(|(lo, _)| from.get(lo).is_some_and(counts));
            counted.map(|(lo, hi)| hi - lo + 1).sum()
        };
        let Some(of_all) = class(number, size(&|_| true)) else { continue };
        let doubtful = class(number, size(&|certain| *certain)) != Some(of_all);
        let proto = if protocol == 6 { "tcp" } else { "udp" };
        let mut row = row(number, proto, None, ("exposed", of_all), &[], false);
        row["resource"] = json!(target.resource);
        row["via"] = json!(format!("lb:{name}"));
        if let Some(eni) = target.interface {
            row["eni"] = json!(eni);
        }
        if !target.known {
            row["not_verified"] = json!(["target-unknown"]);
        }
        let same = gathered.entry(row.to_string()).or_insert_with(|| (row, Vec::new()));
        same.1.extend(target.port.map(|port| (port, port)));
        if doubtful {
            let unknown = !target.known;
            let names = ["igw-firewall", "target-unknown"];
            same.0["not_verified"] = json!(names[..1 + usize::from(unknown)]);
        }
    }
    rows.extend(gathered.into_values().map(|(mut row, ports)| {
        if !ports.is_empty() {
            row["ports"] = json!(join(ports));
        }
        row
    }));
    rows
}

/// A port as the API writes it: as a number that may have a sign.
fn port_of(api: i32) -> u16 {
    u16::try_from(api).expect("only ports are generated")
}
