//! Concrete packets through concrete controls.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use ipnet::IpNet;
use serde_json::{Value, json};

use crate::inventory::aws::Services;
use crate::inventory::aws::ec2::{
    IpPermission, NetworkAcl, NetworkInterface, Route, RouteTable, Subnet,
};
use crate::inventory::aws::rds::{DbSubnet, VpcSecurityGroupMembership};

/// What a sender puts on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub(super) source: IpAddr,
    pub(super) protocol: u8,
    /// Destination port; type * 256 + code for ICMP; nothing otherwise.
    pub(super) key: u16,
}

/// One way to an endpoint.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) subnet: String,
    pub(super) vpc: String,
    pub(super) local: IpAddr,
    /// Switches of the endpoint that are shut whatever the packet.
    pub(super) shut: Vec<&'static str>,
}

/// All facts of a region, as lists to search.
pub(super) struct World<'a> {
    pub(super) services: &'a Services,
    pub(super) interfaces: &'a [NetworkInterface],
    /// Ends of all stretches of addresses, by family.
    pub(super) stretches: [Vec<(u128, u128)>; 2],
    /// Where stretches begin, private ones too, by family.
    pub(super) starts: [Vec<u128>; 2],
    /// First keys of all stretches of ports, and of ICMP types and codes.
    pub(super) ports: Vec<(u16, u16)>,
    icmp: Vec<(u16, u16)>,
    others: Vec<u8>,
    /// Whether a packet may get in or out by an ACL, asked before.
    asked: std::cell::RefCell<HashMap<(String, bool, u128, u8, u16), bool>>,
}

/// IPv4 that is not the internet.
const NOT_PUBLIC: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 \
    172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 \
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 \
    3fff::/20";

pub(super) fn net(text: &str) -> IpNet {
    text.parse().expect("the generator writes blocks")
}

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().expect("the generator writes addresses")
}

pub(super) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

pub(super) fn address(family: usize, n: u128) -> IpAddr {
    match family {
        0 => IpAddr::V4((n as u32).into()),
        _ => IpAddr::V6(n.into()),
    }
}

pub(super) fn family(address: IpAddr) -> usize {
    usize::from(address.is_ipv6())
}

pub(super) fn is_public(address: IpAddr) -> bool {
    let special = NOT_PUBLIC.split_whitespace().any(|block| net(block).contains(&address));
    !special && (address.is_ipv4() || net("2000::/3").contains(&address))
}

pub(super) fn class(family: usize, count: u128) -> Option<&'static str> {
    let (internet, broad) = [(1 << 30, 1 << 16), (1 << 123, 1 << 96)][family];
    if count >= internet { Some("internet") } else { (count >= broad).then_some("broad") }
}

pub(super) fn number(protocol: &str) -> Option<u8> {
    match protocol {
        "-1" => None,
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmp" => Some(1),
        "icmpv6" => Some(58),
        n => Some(n.parse().expect("the generator writes protocol numbers")),
    }
}

fn is_icmp(source: IpAddr, protocol: u8) -> bool {
    protocol == if source.is_ipv4() { 1 } else { 58 }
}

/// Whether a pair of numbers of a rule covers a packet's port, or its ICMP type and code.
fn covers(packet: Packet, from: Option<i32>, to: Option<i32>) -> bool {
    if packet.protocol == 6 || packet.protocol == 17 {
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(65535));
        return from <= i32::from(packet.key) && i32::from(packet.key) <= to;
    }
    if is_icmp(packet.source, packet.protocol) {
        let (kind, code) = (i32::from(packet.key >> 8), i32::from(packet.key & 255));
        let (want, and) = (from.unwrap_or(-1), to.unwrap_or(-1));
        return want == -1 || (want == kind && (and == -1 || and == code));
    }
    true
}

impl<'a> World<'a> {
    pub(super) fn new(services: &'a Services) -> World<'a> {
        let ec2 = &services.ec2;
        let interfaces = ec2.describe_network_interfaces.read().expect("generated");
        let mut world = World {
            services,
            interfaces: &interfaces.network_interfaces,
            stretches: [Vec::new(), Vec::new()],
            starts: [Vec::new(), Vec::new()],
            ports: Vec::new(),
            icmp: Vec::new(),
            others: Vec::new(),
            asked: Default::default(),
        };
        world.edges();
        world
    }

    /// Gathers every edge that any rule has.
    fn edges(&mut self) {
        let text = serde_json::to_string(self.services).expect("facts serialise");
        let mut starts = [BTreeSet::from([0u128]), BTreeSet::from([0u128])];
        let quoted = text.split('"').chain(NOT_PUBLIC.split_whitespace()).chain(["2000::/3"]);
        for block in quoted.filter_map(|word| word.parse::<IpNet>().ok()) {
            let family = usize::from(matches!(block, IpNet::V6(_)));
            starts[family].insert(bits(block.network()));
            starts[family].insert(bits(block.broadcast()).wrapping_add(1));
        }
        for family in 0..2 {
            let end = if family == 0 { u128::from(u32::MAX) } else { u128::MAX };
            let all: Vec<u128> = starts[family].iter().copied().filter(|s| *s <= end).collect();
            self.starts[family] = all.clone();
            let ends = all.iter().skip(1).map(|s| s - 1).chain([end]);
            let stretches = all.iter().copied().zip(ends);
            // Nothing that is not public counts, and no stretch is public in part.
            self.stretches[family] =
                stretches.filter(|(lo, _)| is_public(address(family, *lo))).collect();
        }
        let (mut ports, mut icmp) = (BTreeSet::from([0u32]), BTreeSet::from([0u32]));
        let mut others = BTreeSet::from([0u8, 1, 47, 58, 255]);
        let mut add = |protocol: &str, from: Option<i32>, to: Option<i32>| {
            if let Some(n) = number(protocol) {
                others.insert(n);
            }
            let (from, to) = (from.unwrap_or(-1), to.unwrap_or(-1));
            if from >= 0 {
                ports.insert(from as u32);
                icmp.extend([from as u32 * 256, (from as u32 + 1) * 256]);
                if to >= 0 {
                    icmp.extend([from as u32 * 256 + to as u32, from as u32 * 256 + to as u32 + 1]);
                }
            }
            if to >= 0 {
                ports.insert(to as u32 + 1);
            }
        };
        let ec2 = &self.services.ec2;
        for group in &ec2.describe_security_groups.read().expect("generated").security_groups {
            for rule in &group.ip_permissions {
                add(&rule.ip_protocol, rule.from_port, rule.to_port);
            }
        }
        for acl in &ec2.describe_network_acls.read().expect("generated").network_acls {
            for entry in &acl.entries {
                let ports = entry.port_range.unwrap_or_default();
                add(&entry.protocol, ports.from, ports.to);
                let icmp = entry.icmp_type_code.unwrap_or_default();
                add(&entry.protocol, icmp.kind, icmp.code);
            }
        }
        for balancer in super::balancers::listeners(self.services) {
            add("tcp", Some(balancer.into()), Some(balancer.into()));
        }
        for port in self.service_ports() {
            add("tcp", Some(port), Some(port));
        }
        let stretch = |starts: BTreeSet<u32>| -> Vec<(u16, u16)> {
            let all: Vec<u32> = starts.into_iter().filter(|s| *s <= 65535).collect();
            let ends = all.iter().skip(1).map(|s| s - 1).chain([65535]);
            all.iter().zip(ends).map(|(lo, hi)| (*lo as u16, hi as u16)).collect()
        };
        self.ports = stretch(ports);
        self.icmp = stretch(icmp);
        self.others = others.into_iter().collect();
    }

    fn service_ports(&self) -> Vec<i32> {
        let rds = self.services.rds.describe_db_instances.read().into_iter();
        let rds = rds.flat_map(|read| &read.db_instances).filter_map(|i| i.endpoint.as_ref()?.port);
        let clusters = self.services.redshift.describe_clusters.read().into_iter();
        let clusters = clusters.flat_map(|read| &read.clusters);
        rds.chain(clusters.filter_map(|c| c.endpoint.as_ref()?.port)).collect()
    }

    pub(super) fn blocks_of(&self, list: &str) -> Vec<IpNet> {
        let lists = &self.services.ec2.get_managed_prefix_list_entries;
        lists[list].entries.iter().map(|entry| net(&entry.cidr)).collect()
    }

    fn rule_names(&self, rule: &IpPermission, source: IpAddr) -> bool {
        rule.ip_ranges.iter().any(|r| net(&r.cidr_ip).contains(&source))
            || rule.ipv6_ranges.iter().any(|r| net(&r.cidr_ipv6).contains(&source))
            || rule.prefix_list_ids.iter().any(|list| {
                self.blocks_of(&list.prefix_list_id).iter().any(|b| b.contains(&source))
            })
    }

    /// Whether any group admits the packet, or what comes from a member of the named groups.
    pub(super) fn admits(&self, groups: &[String], packet: Packet, from: &[String]) -> bool {
        let known = &self.services.ec2.describe_security_groups.read().expect("generated");
        let guards = known.security_groups.iter().filter(|g| groups.contains(&g.group_id));
        guards.flat_map(|group| &group.ip_permissions).any(|rule| {
            let protocol = number(&rule.ip_protocol);
            let fits = protocol.is_none()
                || (protocol == Some(packet.protocol)
                    && covers(packet, rule.from_port, rule.to_port));
            let member = rule
                .user_id_group_pairs
                .iter()
                .any(|pair| pair.group_id.as_ref().is_some_and(|id| from.contains(id)));
            fits && (member || self.rule_names(rule, packet.source))
        })
    }

    fn acl(&self, subnet: &str, vpc: &str) -> &'a NetworkAcl {
        let list = &self.services.ec2.describe_network_acls.read().expect("generated").network_acls;
        let own = list
            .iter()
            .find(|acl| acl.associations.iter().any(|a| a.subnet_id.as_deref() == Some(subnet)));
        own.or_else(|| list.iter().find(|acl| acl.is_default && acl.vpc_id == vpc))
            .expect("every VPC has a default ACL")
    }

    /// Whether a subnet's ACL lets a packet through whose far end is `packet.source`.
    pub(super) fn acl_passes(&self, subnet: &str, vpc: &str, out: bool, packet: Packet) -> bool {
        let question = (subnet.to_owned(), out, bits(packet.source), packet.protocol, packet.key);
        if let Some(&answer) = self.asked.borrow().get(&question) {
            return answer;
        }
        let answer = self.acl_passes_afresh(subnet, vpc, out, packet);
        self.asked.borrow_mut().insert(question, answer);
        answer
    }

    fn acl_passes_afresh(&self, subnet: &str, vpc: &str, out: bool, packet: Packet) -> bool {
        let mut entries: Vec<_> = self.acl(subnet, vpc).entries.iter().collect();
        entries.sort_by_key(|entry| entry.rule_number);
        let decisive = entries.iter().find(|entry| {
            let block = if packet.source.is_ipv4() {
                entry.cidr_block.as_deref()
            } else {
                entry.ipv6_cidr_block.as_deref()
            };
            let protocol = number(&entry.protocol);
            let (ports, icmp) =
                (entry.port_range.unwrap_or_default(), entry.icmp_type_code.unwrap_or_default());
            let (from, to) = if is_icmp(packet.source, packet.protocol) {
                (icmp.kind, icmp.code)
            } else {
                (ports.from, ports.to)
            };
            entry.egress == out
                && block.is_some_and(|block| net(block).contains(&packet.source))
                && (protocol.is_none()
                    || (protocol == Some(packet.protocol) && covers(packet, from, to)))
        });
        decisive.is_some_and(|entry| entry.rule_action == "allow")
    }

    /// Whether some packet with a key of the range passes.
    pub(super) fn acl_passes_some(
        &self,
        (subnet, vpc): (&str, &str),
        out: bool,
        packet: Packet,
        (first, last): (u16, u16),
    ) -> bool {
        let stretches =
            if is_icmp(packet.source, packet.protocol) { &self.icmp } else { &self.ports };
        let within = stretches.iter().filter(|s| s.0 <= last && first <= s.1);
        within
            .map(|s| s.0.max(first))
            .any(|key| self.acl_passes(subnet, vpc, out, Packet { key, ..packet }))
    }

    fn tables(&self) -> &'a [RouteTable] {
        &self.services.ec2.describe_route_tables.read().expect("generated").route_tables
    }

    /// The route of a table that wins for an address.
    fn route(&self, table: &'a RouteTable, to: IpAddr) -> Option<&'a Route> {
        let mut best: Option<((u8, u8), &Route)> = None;
        for route in table.routes.iter().filter(|r| r.state.as_deref() != Some("filtered")) {
            let propagated = matches!(
                route.origin.as_deref(),
                Some("EnableVgwRoutePropagation" | "Advertisement")
            );
            let fixed = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block];
            let mut blocks: Vec<(IpNet, u8)> =
                fixed.into_iter().flatten().map(|b| (net(b), 2)).collect();
            if let Some(list) = &route.destination_prefix_list_id {
                blocks.extend(self.blocks_of(list).into_iter().map(|b| (b, 1)));
            }
            for (block, rank) in blocks.into_iter().filter(|(block, _)| block.contains(&to)) {
                let score = (block.prefix_len(), if propagated { 0 } else { rank });
                if best.is_none_or(|(most, _)| score > most) {
                    best = Some((score, route));
                }
            }
        }
        best.map(|(_, route)| route)
    }

    fn is_attached(&self, gateway: &str, vpc: &str) -> bool {
        let list = self.services.ec2.describe_internet_gateways.read().expect("generated");
        list.internet_gateways.iter().any(|g| {
            g.internet_gateway_id == gateway
                && g.attachments.iter().any(|a| {
                    a.vpc_id.as_deref() == Some(vpc) && a.state.as_deref() == Some("available")
                })
        })
    }

    /// What the gateway does to packets for a local address: dropped, or through whom.
    fn edge(&self, vpc: &str, local: IpAddr) -> Result<Option<String>, ()> {
        let table = self.tables().iter().find(|table| {
            table.vpc_id == vpc
                && table
                    .associations
                    .iter()
                    .any(|a| a.gateway_id.as_deref().is_some_and(|id| self.is_attached(id, vpc)))
        });
        let Some(table) = table else { return Ok(None) };
        let route = self.route(table, local).ok_or(())?;
        if route.state.as_deref() == Some("blackhole") {
            return Err(());
        }
        if let Some(id) = &route.network_interface_id {
            return Ok(Some(id.clone()));
        }
        match route.gateway_id.as_deref() {
            Some("local") => Ok(None),
            Some(id) if id.starts_with("vpce-") => Ok(Some(id.to_owned())),
            _ => Err(()),
        }
    }

    /// Whether a reply from a subnet gets back to the source.
    fn returns(&self, subnet: &str, vpc: &str, source: IpAddr, through: Option<&str>) -> bool {
        let of = |table: &&RouteTable| {
            table.associations.iter().any(|a| a.subnet_id.as_deref() == Some(subnet))
        };
        let main = |t: &&RouteTable| t.vpc_id == vpc && t.associations.iter().any(|a| a.main);
        let table = self.tables().iter().find(of).or_else(|| self.tables().iter().find(main));
        let Some(route) = table.and_then(|table| self.route(table, source)) else { return false };
        if route.state.as_deref() == Some("blackhole") {
            return false;
        }
        let gateway = route.gateway_id.as_deref().unwrap_or_default();
        let hop = route.network_interface_id.as_deref();
        let hop = hop.or(Some(gateway).filter(|id| id.starts_with("vpce-")));
        if let Some(hop) = hop {
            let Some(expected) = through else { return false };
            return hop == expected
                && self.subnet_of(hop).is_some_and(|next| self.returns(&next, vpc, source, None));
        }
        gateway.starts_with("igw-") && self.is_attached(gateway, vpc)
    }

    fn subnet_of(&self, hop: &str) -> Option<String> {
        let own = self.interfaces.iter().find(|i| i.network_interface_id == hop);
        let endpoints = self.services.ec2.describe_vpc_endpoints.read().into_iter();
        let mut endpoints = endpoints.flat_map(|read| &read.vpc_endpoints);
        own.map(|interface| interface.subnet_id.clone())
            .or_else(|| endpoints.find(|e| e.vpc_endpoint_id == hop)?.subnet_ids.first().cloned())
    }

    fn bpa_shuts(&self, subnet: &str, vpc: &str) -> bool {
        let ec2 = &self.services.ec2;
        let Some(read) = ec2.describe_vpc_block_public_access_options.read() else { return false };
        let options = &read.vpc_block_public_access_options;
        let excluded = ec2.describe_vpc_block_public_access_exclusions.read().into_iter();
        let excluded =
            excluded.flat_map(|read| &read.vpc_block_public_access_exclusions).any(|exclusion| {
                let arn = exclusion.resource_arn.as_deref().unwrap_or_default();
                let state = exclusion.state.as_deref().unwrap_or_default();
                exclusion.internet_gateway_exclusion_mode.as_deref() == Some("allow-bidirectional")
                    && (arn.ends_with(&format!("vpc/{vpc}"))
                        || arn.ends_with(&format!("subnet/{subnet}")))
                    && (["create-complete", "delete-in-progress"].contains(&state)
                        || state.starts_with("update-"))
            });
        options.internet_gateway_block_mode.as_deref() != Some("off") && !excluded
    }

    /// The controls that stop a packet on a way, the groups apart.
    pub(super) fn stops(&self, way: &Way, packet: Packet) -> Vec<&'static str> {
        let mut stops = way.shut.clone();
        let edge = self.edge(&way.vpc, way.local);
        if edge.is_err() {
            stops.push("edge-route");
        }
        let through = edge.ok().flatten();
        if !self.returns(&way.subnet, &way.vpc, packet.source, through.as_deref()) {
            stops.push("no-igw-route");
        }
        if self.bpa_shuts(&way.subnet, &way.vpc) {
            stops.push("vpc-bpa");
        }
        if !self.acl_passes(&way.subnet, &way.vpc, false, packet) {
            stops.push("nacl-in");
        }
        let place = (way.subnet.as_str(), way.vpc.as_str());
        let replies = match packet.protocol {
            6 | 17 => self.acl_passes_some(place, true, packet, (1, 65535)),
            n if is_icmp(packet.source, n) => self.acl_passes_some(place, true, packet, (0, 65535)),
            _ => self.acl_passes(place.0, place.1, true, packet),
        };
        if !replies {
            stops.push("nacl-out");
        }
        stops
    }

    /// The verdict on one key: status, class and blocking controls.
    pub(super) fn verdict(
        &self,
        family: usize,
        admits: &dyn Fn(Packet) -> bool,
        ways: &[Way],
        packet: Packet,
    ) -> Option<(&'static str, &'static str, Vec<&'static str>)> {
        let (mut admitted, mut reaching) = (0u128, 0u128);
        let mut passing: BTreeMap<&str, u128> = BTreeMap::new();
        let (mut at_all, mut on_a_way) = (BTreeSet::new(), BTreeSet::new());
        const CONTROLS: [&str; 10] = [
            "edge-route",
            "instance-state",
            "internal-scheme",
            "nacl-in",
            "nacl-out",
            "no-igw-route",
            "no-public-ip",
            "not-attached",
            "not-publicly-accessible",
            "vpc-bpa",
        ];
        for &(lo, hi) in &self.stretches[family] {
            let size = hi - lo + 1;
            let packet = Packet { source: address(family, lo), ..packet };
            let last = Packet { source: address(family, hi), ..packet };
            assert_eq!(admits(packet), admits(last), "a stretch has one answer");
            if !admits(packet) {
                continue;
            }
            admitted += size;
            let stops: Vec<_> = ways.iter().map(|way| self.stops(way, packet)).collect();
            if stops.iter().any(Vec::is_empty) {
                reaching += size;
            }
            for control in CONTROLS {
                if stops.iter().any(|stops| !stops.contains(&control)) {
                    *passing.entry(control).or_default() += size;
                } else {
                    at_all.insert(control);
                }
                if stops.iter().any(|stops| stops.contains(&control)) {
                    on_a_way.insert(control);
                }
            }
        }
        let wanted = class(family, admitted)?;
        if let Some(class) = class(family, reaching) {
            return Some(("exposed", class, Vec::new()));
        }
        let alone = CONTROLS.into_iter().filter(|control| {
            class(family, passing.get(control).copied().unwrap_or_default()).is_none()
        });
        let mut blocked: Vec<&str> = alone.collect();
        if blocked.is_empty() {
            blocked = at_all.into_iter().collect();
        }
        if blocked.is_empty() {
            blocked = on_a_way.into_iter().collect();
        }
        Some(("latent", wanted, blocked))
    }

    /// Rows of an endpoint that listens on `listens` (all keys when `None`).
    pub(super) fn rows(
        &self,
        admits: &dyn Fn(Packet) -> bool,
        ways: Option<&[Vec<Way>; 2]>,
        listens: Option<&dyn Fn(u8, u16) -> bool>,
    ) -> Vec<Value> {
        let mut rows = Vec::new();
        for family in 0..2 {
            // Without an address of the family there is nothing to send to.
            if ways.is_some_and(|ways| ways[family].is_empty()) {
                continue;
            }
            let ways = ways.map_or(&[][..], |ways| &ways[family]);
            let source = address(family, 0);
            let icmp = if family == 0 { 1u8 } else { 58 };
            let kinds = [("tcp", 6), ("udp", 17), (["icmp", "icmpv6"][family], icmp)];
            for (name, protocol) in kinds {
                type Verdict = (&'static str, &'static str, Vec<&'static str>);
                let mut found: Vec<((u16, u16), Verdict)> = Vec::new();
                let keys = if protocol == icmp { &self.icmp } else { &self.ports };
                for &(lo, hi) in keys {
                    if listens.is_some_and(|listens| !listens(protocol, lo)) {
                        continue;
                    }
                    let packet = Packet { source, protocol, key: lo };
                    let verdict = self.verdict(family, admits, ways, packet);
                    found.extend(verdict.map(|verdict| ((lo, hi), verdict)));
                }
                if protocol == icmp {
                    found = by_type(&found);
                }
                let mut gathered: BTreeMap<Verdict, Vec<(u16, u16)>> = BTreeMap::new();
                for (keys, verdict) in found {
                    gathered.entry(verdict).or_default().push(keys);
                }
                for ((status, class, blocked), keys) in gathered {
                    rows.push(row(family, name, Some(join(keys)), (status, class), &blocked));
                }
            }
            if listens.is_some() {
                continue;
            }
            let numbers = self.others.iter().filter(|n| ![6, 17, icmp].contains(n));
            let verdicts = numbers.filter_map(|&protocol| {
                let packet = Packet { source, protocol, key: 0 };
                self.verdict(family, admits, ways, packet)
            });
            let best = verdicts.fold(None, |best: Option<(_, _, _)>, next| match best {
                Some(best) if weight(&next) <= weight(&best) => Some(best),
                _ => Some(next),
            });
            if let Some((status, class, blocked)) = best {
                rows.push(row(family, "other", None, (status, class), &blocked));
            }
        }
        rows
    }

    fn state_of(&self, instance: &str) -> &'a str {
        let read = self.services.ec2.describe_instances.read().expect("generated");
        let mut all = read.reservations.iter().flat_map(|r| &r.instances);
        let found = all.find(|i| i.instance_id == instance).expect("generated");
        &found.state.as_ref().expect("generated").name
    }

    pub(super) fn instance_of(&self, interface: &'a NetworkInterface) -> Option<&'a str> {
        interface.attachment.as_ref()?.instance_id.as_deref()
    }

    /// Switches of an interface that are shut; `None` when what it belongs to is gone.
    pub(super) fn switches(&self, interface: &'a NetworkInterface) -> Option<Vec<&'static str>> {
        let mut shut = Vec::new();
        if interface.status.as_deref() == Some("available") {
            shut.push("not-attached");
        }
        match self.instance_of(interface).map(|id| self.state_of(id)) {
            Some("terminated" | "shutting-down") => return None,
            Some("stopped" | "stopping") => shut.push("instance-state"),
            _ => {}
        }
        Some(shut)
    }

    fn ways_to(&self, interface: &'a NetworkInterface, shut: &[&'static str]) -> [Vec<Way>; 2] {
        let way = |local: IpAddr, public: bool| {
            let mut shut = shut.to_vec();
            if !public {
                shut.push("no-public-ip");
            }
            let (subnet, vpc) = (interface.subnet_id.clone(), interface.vpc_id.clone());
            (public, Way { subnet, vpc, local, shut })
        };
        let v4 = interface.private_ip_addresses.iter().map(|a| {
            let top = a.primary && interface.association.is_some();
            way(ip(&a.private_ip_address), top || a.association.is_some())
        });
        let single = interface.ipv6_addresses.iter().map(|a| ip(&a.ipv6_address));
        let prefixes = interface.ipv6_prefixes.iter().map(|p| net(&p.ipv6_prefix).network());
        let v6 = single.chain(prefixes).map(|local| way(local, is_public(local)));
        // Public addresses stand for the interface; others only where there is none.
        let chosen = |ways: Vec<(bool, Way)>| {
            let any = ways.iter().any(|(public, _)| *public);
            ways.into_iter().filter(|(public, _)| *public || !any).map(|(_, way)| way).collect()
        };
        [chosen(v4.collect()), chosen(v6.collect())]
    }

    pub(super) fn interface_rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for interface in self.interfaces {
            let kind = interface.interface_type.as_deref().unwrap_or("interface");
            let marked = interface.description.starts_with("ELB ")
                || interface.description.starts_with("RDSNetworkInterface");
            if kind != "interface" || marked {
                continue;
            }
            let Some(shut) = self.switches(interface) else { continue };
            let groups: Vec<String> =
                interface.groups.iter().map(|group| group.group_id.clone()).collect();
            let instance = self.instance_of(interface);
            let admits = |packet| self.admits(&groups, packet, &[]);
            for mut row in self.rows(&admits, Some(&self.ways_to(interface, &shut)), None) {
                let quiet = interface.requester_managed && instance.is_none();
                if quiet && row["status"] == "latent" {
                    continue;
                }
                let id = interface.network_interface_id.as_str();
                row["resource"] = json!(instance.unwrap_or(id));
                row["eni"] = json!(id);
                rows.push(row);
            }
        }
        rows
    }

    pub(super) fn subnet(&self, id: &str) -> &'a Subnet {
        let read = self.services.ec2.describe_subnets.read().expect("generated");
        read.subnets.iter().find(|subnet| subnet.subnet_id == id).expect("generated")
    }

    /// The first and the last address of a subnet: edge routes cover whole subnets.
    pub(super) fn ways_into(&self, subnet: &str, shut: &[&'static str]) -> [Vec<Way>; 2] {
        let subnet = self.subnet(subnet);
        let v4 = subnet.cidr_block.as_deref();
        let v6 = subnet.ipv6_cidr_block_association_set.first();
        let v6 = v6.and_then(|a| a.ipv6_cidr_block.as_deref());
        [v4, v6].map(|block| {
            let way = |block: &str| Way {
                subnet: subnet.subnet_id.clone(),
                vpc: subnet.vpc_id.clone(),
                local: net(block).network(),
                shut: shut.to_vec(),
            };
            block.map(way).into_iter().collect()
        })
    }

    fn service(
        &self,
        name: &str,
        port: i32,
        public: bool,
        zone: Option<&str>,
        subnets: &[DbSubnet],
        groups: &[VpcSecurityGroupMembership],
    ) -> Vec<Value> {
        let shut: &[&str] = if public { &[] } else { &["not-publicly-accessible"] };
        let own = subnets.iter().filter(|subnet| {
            let of = subnet.subnet_availability_zone.as_ref().and_then(|z| z.name.as_deref());
            of == zone
        });
        let mut ways: [Vec<Way>; 2] = Default::default();
        for subnet in own {
            ways[0].extend(self.ways_into(&subnet.subnet_identifier, shut)[0].clone());
        }
        let groups: Vec<String> = groups
            .iter()
            .filter(|group| group.status.as_deref() == Some("active"))
            .map(|group| group.vpc_security_group_id.clone())
            .collect();
        let listens = |protocol: u8, key: u16| protocol == 6 && i32::from(key) == port;
        let admits = |packet| self.admits(&groups, packet, &[]);
        let mut rows = self.rows(&admits, Some(&ways), Some(&listens));
        for row in &mut rows {
            row["resource"] = json!(name);
        }
        rows
    }

    pub(super) fn service_rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        let read = self.services.rds.describe_db_instances.read().into_iter();
        for db in read.flat_map(|read| &read.db_instances) {
            let port = db.endpoint.as_ref().and_then(|e| e.port).expect("generated");
            rows.extend(self.service(
                &db.db_instance_identifier,
                port,
                db.publicly_accessible == Some(true),
                db.availability_zone.as_deref(),
                &db.db_subnet_group.as_ref().expect("generated").subnets,
                &db.vpc_security_groups,
            ));
        }
        let redshift = &self.services.redshift;
        let groups = redshift.describe_cluster_subnet_groups.read().into_iter();
        let groups: Vec<_> = groups.flat_map(|read| &read.cluster_subnet_groups).collect();
        let read = redshift.describe_clusters.read().into_iter();
        for cluster in read.flat_map(|read| &read.clusters) {
            let name = cluster.cluster_subnet_group_name.as_deref();
            let group = groups.iter().find(|g| Some(&*g.cluster_subnet_group_name) == name);
            rows.extend(self.service(
                &cluster.cluster_identifier,
                cluster.endpoint.as_ref().and_then(|e| e.port).expect("generated"),
                cluster.publicly_accessible == Some(true),
                cluster.availability_zone.as_deref(),
                &group.expect("generated").subnets,
                &cluster.vpc_security_groups,
            ));
        }
        rows
    }

    pub(super) fn group_rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        // Whatever guards anything names its group by id.
        let services = serde_json::to_value(self.services).expect("facts serialise");
        let mut users = services.clone();
        users["ec2"]["DescribeSecurityGroups"] = Value::Null;
        let users = users.to_string();
        let read = self.services.ec2.describe_security_groups.read().expect("generated");
        for group in &read.security_groups {
            if users.contains(&format!("\"{}\"", group.group_id)) {
                continue;
            }
            let groups = [group.group_id.clone()];
            let admits = |packet| self.admits(&groups, packet, &[]);
            for mut row in self.loose_rows(&admits) {
                row["resource"] = json!(group.group_id);
                rows.push(row);
            }
        }
        rows
    }

    /// Rows of what no packet can be sent to: the groups alone count.
    fn loose_rows(&self, admits: &dyn Fn(Packet) -> bool) -> Vec<Value> {
        let mut merged: BTreeMap<String, Value> = BTreeMap::new();
        for mut row in self.rows(admits, None, None) {
            row["status"] = json!("latent");
            row["blocked_by"] = json!(["not-attached"]);
            let ports = row["ports"].take();
            let same = merged.entry(row.to_string()).or_insert_with(|| {
                row["ports"] = if ports.is_null() { Value::Null } else { json!([]) };
                row
            });
            if let (Some(all), Some(more)) = (same["ports"].as_array_mut(), ports.as_array()) {
                all.extend(more.iter().cloned());
            }
        }
        let mut rows: Vec<Value> = merged.into_values().collect();
        for row in &mut rows {
            if let Some(ports) = row["ports"].as_array() {
                let pair = |p: &Value| {
                    let end = |i: usize| p[i].as_u64().unwrap_or_default() as u16;
                    (end(0), end(1))
                };
                row["ports"] = json!(join(ports.iter().map(pair).collect()));
            }
        }
        rows
    }
}

fn weight(verdict: &(&str, &str, Vec<&str>)) -> (bool, bool) {
    (verdict.0 == "exposed", verdict.1 == "internet")
}

type Keyed = ((u16, u16), (&'static str, &'static str, Vec<&'static str>));

fn by_type(found: &[Keyed]) -> Vec<Keyed> {
    let mut types = Vec::new();
    for kind in 0..=255u16 {
        let mut best: Option<&Keyed> = None;
        for one in found.iter().filter(|(k, _)| k.0 >> 8 <= kind && kind <= k.1 >> 8) {
            if best.is_none_or(|best| weight(&one.1) > weight(&best.1)) {
                best = Some(one);
            }
        }
        types.extend(best.map(|best| ((kind, kind), best.1.clone())));
    }
    types
}

/// Joins touching stretches.
pub(super) fn join(mut keys: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    keys.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::new();
    for (lo, hi) in keys {
        match joined.last_mut() {
            Some(last) if u32::from(last.1) + 1 >= u32::from(lo) => last.1 = last.1.max(hi),
            _ => joined.push((lo, hi)),
        }
    }
    joined
}

pub(super) fn row(
    family: usize,
    proto: &str,
    ports: Option<Vec<(u16, u16)>>,
    (status, class): (&str, &str),
    blocked: &[&str],
) -> Value {
    let family = if family == 0 { "ipv4" } else { "ipv6" };
    let mut row = json!({
        "via": "direct",
        "family": family,
        "proto": proto,
        "ports": ports,
        "sources": class,
        "status": status,
    });
    if !blocked.is_empty() {
        row["blocked_by"] = json!(blocked);
    }
    row
}
