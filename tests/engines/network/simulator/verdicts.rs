//! From packets to rows: counting who passes, for interfaces, services and groups.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use outcrop::inventory::aws::ec2::{NetworkInterface, Subnet};
use outcrop::inventory::aws::rds::{DbSubnet, VpcSecurityGroupMembership};
use serde_json::{Value, json};

use super::generate::ANOTHER;
use super::packets::{EntryPoint, Packet, World, address, class, ip, is_public, net};

/// The verdict on one port.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    status: &'static str,
    class: &'static str,
    /// Controls that block.
    blocked: Vec<&'static str>,
    /// Whether it hangs on what nobody knows of an internet firewall.
    doubtful: bool,
}

impl<'a> World<'a> {
    /// The verdict on one port.
    pub(super) fn verdict(
        &self,
        family: usize,
        admits: &dyn Fn(Packet) -> bool,
        entry_points: &[EntryPoint],
        packet: Packet,
    ) -> Option<Verdict> {
        let (mut admitted, mut reaching, mut certain) = (0u128, 0u128, 0u128);
        let mut passing: BTreeMap<&str, u128> = BTreeMap::new();
        let (mut at_all, mut at_some) = (BTreeSet::new(), BTreeSet::new());
        const CONTROLS: [&str; 13] = [
            "edge-route",
            "igw-firewall",
            "instance-state",
            "internal-scheme",
            "nacl-in",
            "nacl-out",
            "no-igw-route",
            "no-public-ip",
            "not-attached",
            "not-publicly-accessible",
            "rds-state",
            "redshift-state",
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
            let stops: Vec<_> =
                entry_points.iter().map(|entry_point| self.stops(entry_point, packet)).collect();
            if stops.iter().any(Vec::is_empty) {
                reaching += size;
            }
            let mut both = entry_points.iter().zip(&stops);
            if both.any(|(entry_point, stops)| stops.is_empty() && !entry_point.doubtful) {
                certain += size;
            }
            for control in CONTROLS {
                if stops.iter().any(|stops| !stops.contains(&control)) {
                    *passing.entry(control).or_default() += size;
                } else {
                    at_all.insert(control);
                }
                if stops.iter().any(|stops| stops.contains(&control)) {
                    at_some.insert(control);
                }
            }
        }
        let wanted = class(family, admitted)?;
        if let Some(class) = class(family, reaching) {
            let doubtful = self::class(family, certain) != Some(class);
            return Some(Verdict { status: "exposed", class, blocked: Vec::new(), doubtful });
        }
        let alone = CONTROLS.into_iter().filter(|control| {
            class(family, passing.get(control).copied().unwrap_or_default()).is_none()
        });
        let mut blocked: Vec<&str> = alone.collect();
        if blocked.is_empty() {
            blocked = at_all.into_iter().collect();
        }
        if blocked.is_empty() {
            blocked = at_some.into_iter().collect();
        }
        Some(Verdict { status: "latent", class: wanted, blocked, doubtful: false })
    }

    /// Rows of an endpoint that listens on `listens` (all ports when `None`).
    pub(super) fn rows(
        &self,
        admits: &dyn Fn(Packet) -> bool,
        entry_points: Option<&[Vec<EntryPoint>; 2]>,
        listens: Option<&dyn Fn(u8, u16) -> bool>,
    ) -> Vec<Value> {
        let mut rows = Vec::new();
        for family in 0..2 {
            // Without an address of the family there is nothing to send to.
            if entry_points.is_some_and(|entry_points| entry_points[family].is_empty()) {
                continue;
            }
            let entry_points = entry_points.map_or(&[][..], |entry_points| &entry_points[family]);
            let source = address(family, 0);
            let icmp = if family == 0 { 1u8 } else { 58 };
            let kinds = [("tcp", 6), ("udp", 17), (["icmp", "icmpv6"][family], icmp)];
            for (name, protocol) in kinds {
                let mut found: Vec<PortVerdict> = Vec::new();
                let ports = if protocol == icmp { &self.icmp } else { &self.ports };
                for &(lo, hi) in ports {
                    if listens.is_some_and(|listens| !listens(protocol, lo)) {
                        continue;
                    }
                    let packet = Packet { source, protocol, port: lo };
                    let verdict = self.verdict(family, admits, entry_points, packet);
                    found.extend(verdict.map(|verdict| ((lo, hi), verdict)));
                }
                if protocol == icmp {
                    found = by_type(&found);
                }
                let mut gathered: BTreeMap<_, (Vec<(u16, u16)>, bool)> = BTreeMap::new();
                for (ports, Verdict { status, class, blocked, doubtful }) in found {
                    let same = gathered.entry((status, class, blocked)).or_default();
                    same.0.push(ports);
                    same.1 |= doubtful;
                }
                for ((status, class, blocked), (ports, doubtful)) in gathered {
                    let ports = Some(join(ports));
                    rows.push(row(family, name, ports, (status, class), &blocked, doubtful));
                }
            }
            if listens.is_some() {
                continue;
            }
            let verdicts = self.others.iter().filter_map(|&protocol| {
                let packet = Packet { source, protocol, port: 0 };
                self.verdict(family, admits, entry_points, packet)
            });
            let best = verdicts.fold(None, |best: Option<Verdict>, next| match best {
                Some(best) if weight(&next) <= weight(&best) => Some(best),
                _ => Some(next),
            });
            if let Some(Verdict { status, class, blocked, doubtful }) = best {
                rows.push(row(family, "other", None, (status, class), &blocked, doubtful));
            }
        }
        rows
    }

    /// The state of an instance; of another account's nobody knows it, and so it counts as running.
    fn state_of(&self, instance: &str) -> &'a str {
        let read = self.services.ec2.describe_instances.read().expect("generated");
        let mut all = read.reservations.iter().flat_map(|r| &r.instances);
        let found = all.find(|i| i.instance_id == instance);
        assert_eq!(found.is_none(), instance.starts_with("i-theirs"), "{instance}");
        found.map_or("running", |found| &found.state.as_ref().expect("generated").name)
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

    fn entry_points_of(
        &self,
        interface: &'a NetworkInterface,
        shut: &[&'static str],
    ) -> [Vec<EntryPoint>; 2] {
        let entry_point = |local: IpAddr, public: bool| {
            let mut shut = shut.to_vec();
            if !public {
                shut.push("no-public-ip");
            }
            let place = (interface.subnet_id.as_str(), interface.vpc_id.as_str());
            (public, self.entry_point(place, local, &shut))
        };
        let v4 = interface.private_ip_addresses.iter().map(|a| {
            let top = a.primary && interface.association.is_some();
            entry_point(ip(&a.private_ip_address), top || a.association.is_some())
        });
        let single = interface.ipv6_addresses.iter().map(|a| ip(&a.ipv6_address));
        let prefixes = interface.ipv6_prefixes.iter().map(|p| net(&p.ipv6_prefix).network());
        let v6 = single.chain(prefixes).map(|local| entry_point(local, is_public(local)));
        let v4: Vec<_> = v4.collect();
        // An address of a pool is as public as an own one.
        let pooled = v4.first().filter(|_| self.takes_pool(interface)).map(|(_, own)| {
            let shut = own.shut.iter().copied().filter(|control| *control != "no-public-ip");
            (true, EntryPoint { pool: true, shut: shut.collect(), ..own.clone() })
        });
        let v4 = v4.into_iter().chain(pooled);
        // Public addresses stand for the interface; others only where there is none.
        let chosen = |entry_points: Vec<(bool, EntryPoint)>| {
            let any = entry_points.iter().any(|(public, _)| *public);
            entry_points
                .into_iter()
                .filter(|(public, _)| *public || !any)
                .map(|(_, entry_point)| entry_point)
                .collect()
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
            for mut row in self.rows(&admits, Some(&self.entry_points_of(interface, &shut)), None) {
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
    pub(super) fn entry_points_into(
        &self,
        subnet: &str,
        shut: &[&'static str],
    ) -> [Vec<EntryPoint>; 2] {
        let subnet = self.subnet(subnet);
        let v4 = subnet.cidr_block.as_deref();
        let v6 = subnet.ipv6_cidr_block_association_set.first();
        let v6 = v6.and_then(|a| a.ipv6_cidr_block.as_deref());
        [v4, v6].map(|block| {
            let entry_point = |block: &str| {
                let place = (subnet.subnet_id.as_str(), subnet.vpc_id.as_str());
                self.entry_point(place, net(block).network(), shut)
            };
            block.map(entry_point).into_iter().collect()
        })
    }

    fn service(
        &self,
        name: &str,
        port: i32,
        (public, down): (bool, Option<&'static str>),
        zone: Option<&str>,
        subnets: &[DbSubnet],
        groups: &[VpcSecurityGroupMembership],
    ) -> Vec<Value> {
        let private = (!public).then_some("not-publicly-accessible");
        let shut: Vec<&'static str> = private.into_iter().chain(down).collect();
        let shut = shut.as_slice();
        let own = subnets.iter().filter(|subnet| {
            let of = subnet.subnet_availability_zone.as_ref().and_then(|z| z.name.as_deref());
            of == zone
        });
        let mut entry_points: [Vec<EntryPoint>; 2] = Default::default();
        for subnet in own {
            entry_points[0]
                .extend(self.entry_points_into(&subnet.subnet_identifier, shut)[0].clone());
        }
        let groups: Vec<String> = groups
            .iter()
            .filter(|group| group.status.as_deref() == Some("active"))
            .map(|group| group.vpc_security_group_id.clone())
            .collect();
        let listens = |protocol: u8, to: u16| protocol == 6 && i32::from(to) == port;
        let admits = |packet| self.admits(&groups, packet, &[]);
        let mut rows = self.rows(&admits, Some(&entry_points), Some(&listens));
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
                (
                    db.publicly_accessible == Some(true),
                    (db.db_instance_status.as_deref() == Some("stopped")).then_some("rds-state"),
                ),
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
            rows.extend(
                self.service(
                    &cluster.cluster_identifier,
                    cluster.endpoint.as_ref().and_then(|e| e.port).expect("generated"),
                    (
                        cluster.publicly_accessible == Some(true),
                        (cluster.cluster_status.as_deref() == Some("paused"))
                            .then_some("redshift-state"),
                    ),
                    cluster.availability_zone.as_deref(),
                    &group.expect("generated").subnets,
                    &cluster.vpc_security_groups,
                ),
            );
        }
        rows
    }

    pub(super) fn group_rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        // Whatever guards anything names its group by id.
        let services = serde_json::to_value(self.services).expect("facts serialise");
        let mut users = services;
        users["ec2"]["DescribeSecurityGroups"] = Value::Null;
        let users = users.to_string();
        let read = self.services.ec2.describe_security_groups.read().expect("generated");
        for group in &read.security_groups {
            let theirs = group.owner_id.as_deref() == Some(ANOTHER);
            if theirs || users.contains(&format!("\"{}\"", group.group_id)) {
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
                    let end = |i: usize| {
                        p[i].as_u64().and_then(|p| u16::try_from(p).ok()).expect("a port")
                    };
                    (end(0), end(1))
                };
                row["ports"] = json!(join(ports.iter().map(pair).collect()));
            }
        }
        rows
    }
}

fn weight(verdict: &Verdict) -> (bool, bool) {
    (verdict.status == "exposed", verdict.class == "internet")
}

type PortVerdict = ((u16, u16), Verdict);

fn by_type(found: &[PortVerdict]) -> Vec<PortVerdict> {
    let mut types = Vec::new();
    for kind in 0..=255u16 {
        let mut best: Option<&PortVerdict> = None;
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
pub(super) fn join(mut ports: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ports.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::new();
    for (lo, hi) in ports {
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
    doubtful: bool,
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
    if doubtful {
        row["not_verified"] = json!(["igw-firewall"]);
    }
    row
}
