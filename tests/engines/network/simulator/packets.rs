//! Concrete packets through concrete controls.

use core::net::IpAddr;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::generate::ANOTHER;
use ipnet::IpNet;
use outcrop::inventory::aws::Services;
use outcrop::inventory::aws::ec2::{IpPermission, NetworkAcl, NetworkInterface, Route, RouteTable};

/// What a sender puts on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub(super) source: IpAddr,
    pub(super) protocol: u8,
    /// Destination port; type * 256 + code for ICMP; nothing otherwise.
    pub(super) port: u16,
}

/// An address of an endpoint, with the subnet that it is in.
#[derive(Debug, Clone)]
pub(super) struct EntryPoint {
    pub(super) subnet: String,
    pub(super) vpc: String,
    pub(super) local: IpAddr,
    /// Switches that are shut whatever the packet.
    pub(super) shut: Vec<&'static str>,
    /// True where packets are for addresses of a public pool that the gateway hands over.
    pub(super) pool: bool,
    /// True where nobody knows what the VPC's internet firewall does.
    pub(super) doubtful: bool,
}

/// Where packets go that leave a VPC for a private address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    None,
    /// Over a peering connection, or over transit gateways.
    Link(String),
    /// To where nobody here can see.
    Unseen,
}

/// What is asked of an ACL.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AclQuery {
    subnet: String,
    outbound: bool,
    /// The address at the far end.
    remote: u128,
    protocol: u8,
    port: u16,
}

/// All facts of a region, as lists to search.
pub(super) struct World<'a> {
    pub(super) services: &'a Services,
    pub(super) interfaces: &'a [NetworkInterface],
    /// Ends of all stretches of addresses, by family.
    pub(super) stretches: [Vec<(u128, u128)>; 2],
    /// Where stretches begin, private ones too, by family.
    pub(super) starts: [Vec<u128>; 2],
    /// All stretches of ports, and of ICMP types with their codes.
    pub(super) ports: Vec<(u16, u16)>,
    pub(super) icmp: Vec<(u16, u16)>,
    pub(super) others: Vec<u8>,
    /// Whether a packet may get in or out by an ACL, asked before.
    asked: RefCell<HashMap<AclQuery, bool>>,
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
        0 => IpAddr::V4(u32::try_from(n).expect("an IPv4 address").into()),
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
        return from <= i32::from(packet.port) && i32::from(packet.port) <= to;
    }
    if is_icmp(packet.source, packet.protocol) {
        let (kind, code) = (i32::from(packet.port >> 8), i32::from(packet.port & 255));
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
        for (family, starts) in starts.into_iter().enumerate() {
            let end = if family == 0 { u128::from(u32::MAX) } else { u128::MAX };
            let all: Vec<u128> = starts.into_iter().filter(|s| *s <= end).collect();
            self.starts[family] = all.clone();
            let ends = all.iter().skip(1).map(|s| s - 1).chain([end]);
            let stretches = all.iter().copied().zip(ends);
            // Nothing that is not public counts, and no stretch is public in part.
            self.stretches[family] =
                stretches.filter(|(lo, _)| is_public(address(family, *lo))).collect();
        }
        let (mut ports, mut icmp) = (BTreeSet::from([0u32]), BTreeSet::from([0u32]));
        // Either ICMP is one in its own family only.
        let mut others = BTreeSet::from([0u8, 47, 255]);
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
            let all: Vec<u16> = starts.into_iter().filter_map(|s| u16::try_from(s).ok()).collect();
            let ends = all.iter().skip(1).map(|s| s - 1).chain([u16::MAX]);
            all.iter().copied().zip(ends).collect()
        };
        self.ports = stretch(ports);
        self.icmp = stretch(icmp);
        self.others = others.into_iter().filter(|n| ![1, 6, 17, 58].contains(n)).collect();
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
        let query = AclQuery {
            subnet: subnet.to_owned(),
            outbound: out,
            remote: bits(packet.source),
            protocol: packet.protocol,
            port: packet.port,
        };
        if let Some(&answer) = self.asked.borrow().get(&query) {
            return answer;
        }
        let answer = self.acl_passes_afresh(subnet, vpc, out, packet);
        self.asked.borrow_mut().insert(query, answer);
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

    /// Whether some packet with a port of the range passes.
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
            .any(|port| self.acl_passes(subnet, vpc, out, Packet { port, ..packet }))
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

    /// The route by which a packet leaves a subnet.
    fn route_from(&self, subnet: &str, vpc: &str, to: IpAddr) -> Option<&'a Route> {
        let of = |table: &&RouteTable| {
            table.associations.iter().any(|a| a.subnet_id.as_deref() == Some(subnet))
        };
        let main = |t: &&RouteTable| t.vpc_id == vpc && t.associations.iter().any(|a| a.main);
        let table = self.tables().iter().find(of).or_else(|| self.tables().iter().find(main));
        table.and_then(|table| self.route(table, to))
    }

    /// Where a packet to a private address goes that no host of the VPC has.
    pub(super) fn way_out(&self, subnet: &str, vpc: &str, to: IpAddr) -> WayOut {
        let Some(route) = self.route_from(subnet, vpc, to) else {
            let all = &self.services.ec2.describe_subnets.read().expect("generated").subnets;
            let blocks = all.iter().filter(|s| s.vpc_id == vpc).flat_map(|s| {
                let v6 = s.ipv6_cidr_block_association_set.iter();
                s.cidr_block.iter().chain(v6.filter_map(|a| a.ipv6_cidr_block.as_ref()))
            });
            let mut blocks = blocks;
            let inside = blocks.any(|block| net(block).contains(&to));
            return if inside { WayOut::Unseen } else { WayOut::None };
        };
        if route.state.as_deref() == Some("blackhole") {
            return WayOut::None;
        }
        if let Some(peering) = &route.vpc_peering_connection_id {
            return WayOut::Link(peering.clone());
        }
        if route.transit_gateway_id.is_some() || route.core_network_arn.is_some() {
            return WayOut::Link("transit".to_owned());
        }
        let gateway = route.gateway_id.as_deref().unwrap_or_default();
        let lost = gateway.starts_with("igw-") && !is_public(to);
        if lost { WayOut::None } else { WayOut::Unseen }
    }

    /// Whether a reply from a subnet gets back to the source.
    fn returns(&self, subnet: &str, vpc: &str, source: IpAddr, through: Option<&str>) -> bool {
        let Some(route) = self.route_from(subnet, vpc, source) else { return false };
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

    /// An address of an endpoint, with what the VPC's internet firewall makes of the subnet.
    pub(super) fn entry_point(
        &self,
        (subnet, vpc): (&str, &str),
        local: IpAddr,
        shut: &[&'static str],
    ) -> EntryPoint {
        let mut shut = shut.to_vec();
        let read = self.services.ec2.describe_vpcs.read().expect("generated");
        let firewalls = read.vpcs.iter().find(|of| of.vpc_id == vpc).expect("generated");
        let firewalls = &firewalls.network_firewall_associations;
        let works = firewalls.iter().any(|firewall| {
            firewall.firewall_onboarding_status.as_deref() == Some("active")
                && firewall.firewall_mode.as_deref() == Some("enforce")
        });
        let doubtful = match self.subnet(subnet).network_firewall_connectivity_type.as_deref() {
            _ if firewalls.is_empty() => false,
            None => true,
            Some("outbound-only") if works => {
                shut.push("igw-firewall");
                false
            }
            Some("outbound-only") => true,
            Some(_) => false,
        };
        let (subnet, vpc) = (subnet.to_owned(), vpc.to_owned());
        EntryPoint { subnet, vpc, local, shut, pool: false, doubtful }
    }

    /// Whether the gateway hands an interface packets for addresses of a pool, and it takes them.
    pub(super) fn takes_pool(&self, interface: &NetworkInterface) -> bool {
        let id = Some(interface.network_interface_id.as_str());
        let vpc = interface.vpc_id.as_str();
        let read = self.services.ec2.describe_vpcs.read().expect("generated");
        let own = read.vpcs.iter().find(|of| of.vpc_id == vpc).expect("generated");
        let own: Vec<IpNet> = own
            .cidr_block_association_set
            .iter()
            .map(|block| net(block.cidr_block.as_deref().expect("generated")))
            .collect();
        let leads = self.tables().iter().filter(|table| table.vpc_id == vpc).any(|table| {
            let gateway = table
                .associations
                .iter()
                .any(|a| a.gateway_id.as_deref().is_some_and(|id| self.is_attached(id, vpc)));
            let pool = table.associations.iter().any(|a| {
                let state = a.association_state.as_ref().and_then(|s| s.state.as_deref());
                a.public_ipv4_pool.is_some() && state == Some("associated")
            });
            let led = table.routes.iter().any(|route| {
                let block = route.destination_cidr_block.as_deref().map(net);
                route.network_interface_id.as_deref() == id
                    && route.state.as_deref() == Some("active")
                    && block.is_some_and(|block| {
                        is_public(block.network()) && !own.iter().any(|own| own.contains(&block))
                    })
            });
            gateway && pool && led
        });
        leads && interface.source_dest_check == Some(false)
    }

    fn bpa_shuts(&self, subnet: &str, vpc: &str, pool: bool) -> bool {
        let ec2 = &self.services.ec2;
        let described = self.subnet(subnet);
        let told = described.block_public_access_states.as_ref();
        let told = told.and_then(|states| states.internet_gateway_block_mode.as_deref());
        let by_itself = told.is_some_and(|mode| mode != "off");
        if described.owner_id.as_deref() == Some(ANOTHER) {
            // What this account set is nothing to a subnet that it does not own.
            return by_itself;
        }
        let Some(read) = ec2.describe_vpc_block_public_access_options.read() else {
            return by_itself;
        };
        let options = &read.vpc_block_public_access_options;
        let excluded = ec2.describe_vpc_block_public_access_exclusions.read().into_iter();
        let excluded =
            excluded.flat_map(|read| &read.vpc_block_public_access_exclusions).any(|exclusion| {
                let arn = exclusion.resource_arn.as_deref().unwrap_or_default();
                let state = exclusion.state.as_deref().unwrap_or_default();
                exclusion.internet_gateway_exclusion_mode.as_deref() == Some("allow-bidirectional")
                    && (arn.ends_with(&format!("vpc/{vpc}"))
                        || (!pool && arn.ends_with(&format!("subnet/{subnet}"))))
                    && (["create-complete", "delete-in-progress"].contains(&state)
                        || state.starts_with("update-"))
            });
        options.internet_gateway_block_mode.as_deref() != Some("off") && !excluded
    }

    /// The controls that stop a packet at an entry point, the groups apart.
    pub(super) fn stops(&self, entry_point: &EntryPoint, packet: Packet) -> Vec<&'static str> {
        let mut stops = entry_point.shut.clone();
        let edge = match entry_point.pool {
            true => Ok(None),
            false => self.edge(&entry_point.vpc, entry_point.local),
        };
        if edge.is_err() {
            stops.push("edge-route");
        }
        let through = edge.ok().flatten();
        if !self.returns(&entry_point.subnet, &entry_point.vpc, packet.source, through.as_deref()) {
            stops.push("no-igw-route");
        }
        if self.bpa_shuts(&entry_point.subnet, &entry_point.vpc, entry_point.pool) {
            stops.push("vpc-bpa");
        }
        if !self.acl_passes(&entry_point.subnet, &entry_point.vpc, false, packet) {
            stops.push("nacl-in");
        }
        let place = (entry_point.subnet.as_str(), entry_point.vpc.as_str());
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
}
