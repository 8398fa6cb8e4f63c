//! Which sources the security groups of an endpoint admit, per port.
//!
//! Groups only allow, and an endpoint's groups add up (EC2 user guide, "Security group rules").
//! They are stateful, so outbound rules play no part in who may connect. Rules that name another
//! group match private addresses and never an internet source.

use std::collections::{BTreeSet, HashMap};

use crate::inventory::aws::ec2::{IpPermission, SecurityGroup};

use super::ports::{Cuts, Ports, Span, push};
use super::prefix_lists::PrefixLists;
use crate::analysis::addresses::{AddressSet, Range, parse_cidr, space};
use crate::analysis::aws::network::protocol::{
    Family, NamedProtocol, Proto, Traffic, classify, icmp_range, port_range,
};
use crate::analysis::aws::network::sources::{Sets, Sources, internet};

/// One source of one rule: what it covers of one kind of traffic.
#[derive(Debug, Clone, Copy)]
struct Admission {
    traffic: Traffic,
    ports: Ports,
    range: Range,
    /// Public addresses of the range, capped so that sums cannot overflow.
    weight: u128,
}

/// Above every threshold, and far below overflow when a million of them are added.
const WEIGHT_CAP: u128 = 1 << 100;

/// The sources an endpoint's groups admit, for each kind of traffic: only intervals of ports that
/// admit at least a broad part of the internet.
#[derive(Debug, Default)]
pub(crate) struct Admitted([Vec<Span>; 8]);

impl Admitted {
    pub(crate) fn of(&self, traffic: Traffic) -> &[Span] {
        &self.0[traffic.index()]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// What a listener without any group admits: everyone, on every port.
    pub(crate) fn everything() -> Admitted {
        let mut admitted = Admitted::default();
        for traffic in Traffic::all() {
            admitted.0[traffic.index()] =
                vec![Span { ports: (0, traffic.proto.last_port()), set: internet(traffic.family) }];
        }
        admitted
    }
}

/// All groups of a region, compiled once.
#[derive(Debug)]
pub(crate) struct Groups<'a> {
    pub(crate) list: &'a [SecurityGroup],
    ids: HashMap<&'a str, u32>,
    admissions: Vec<Vec<Admission>>,
    /// Prefix lists that rules name and nobody read: doors that cannot be judged.
    pub(crate) unread_lists: BTreeSet<&'a str>,
    /// Distinct sets of groups on endpoints.
    sets: HashMap<Vec<u32>, u32>,
    admitted: Vec<Admitted>,
}

impl<'a> Groups<'a> {
    pub(crate) fn new(list: &'a [SecurityGroup], lists: PrefixLists<'a>, sets: &Sets) -> Self {
        let mut groups = Groups {
            list,
            ids: HashMap::with_capacity(list.len()),
            admissions: Vec::with_capacity(list.len()),
            unread_lists: BTreeSet::new(),
            sets: HashMap::new(),
            admitted: Vec::new(),
        };
        for (index, group) in list.iter().enumerate() {
            groups.ids.insert(&group.group_id, u32::try_from(index).unwrap_or(u32::MAX));
            let mut admissions = Vec::new();
            for permission in &group.ip_permissions {
                compile(permission, lists, sets, &mut admissions, &mut groups.unread_lists);
            }
            admissions.sort_unstable_by_key(|a| a.traffic);
            admissions.shrink_to_fit();
            groups.admissions.push(admissions);
        }
        groups
    }

    pub(crate) fn get(&self, id: &str) -> Option<&'a SecurityGroup> {
        self.ids.get(id).map(|&index| &self.list[index as usize])
    }

    /// The number of a set of groups, compiled when it is met first. Groups that are not listed
    /// (of another account's VPC) admit nothing here; the caller reports them as not read.
    pub(crate) fn set_of<'g>(
        &mut self,
        ids: impl Iterator<Item = &'g str>,
        sets: &mut Sets,
    ) -> u32 {
        let mut members: Vec<u32> = ids.filter_map(|id| self.ids.get(id).copied()).collect();
        members.sort_unstable();
        members.dedup();
        if let Some(&known) = self.sets.get(&members) {
            return known;
        }
        let number = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        self.admitted.push(self.admit(&members, sets));
        self.sets.insert(members, number);
        number
    }

    pub(crate) fn admitted(&self, set: u32) -> &Admitted {
        &self.admitted[set as usize]
    }

    fn admit(&self, members: &[u32], sets: &mut Sets) -> Admitted {
        let mut admitted = Admitted::default();
        let mut gathered = Vec::new();
        for traffic in Traffic::all() {
            gathered.clear();
            for &member in members {
                let all = &self.admissions[member as usize];
                let from = all.partition_point(|a| a.traffic < traffic);
                let to = all.partition_point(|a| a.traffic <= traffic);
                gathered.extend_from_slice(&all[from..to]);
            }
            admitted.0[traffic.index()] = sweep(traffic, &mut gathered, sets);
        }
        admitted
    }
}

/// Unites admissions per elementary interval of ports. Most intervals of real rules admit a few
/// addresses; those are passed over by a running sum before any set is built.
fn sweep(traffic: Traffic, admissions: &mut [Admission], sets: &mut Sets) -> Vec<Span> {
    let possible = |weight: u128| Sources::of(traffic.family, weight).is_some();
    if !possible(admissions.iter().map(|a| a.weight).sum()) {
        return Vec::new();
    }
    admissions.sort_unstable_by_key(|a| a.ports);
    let mut cuts = Cuts::default();
    admissions.iter().for_each(|a| cuts.add(a.ports));
    let mut ends: Vec<(u16, u128)> = admissions.iter().map(|a| (a.ports.1, a.weight)).collect();
    ends.sort_unstable();
    let (mut begun, mut ended, mut weight) = (0, 0, 0u128);
    let mut spans = Vec::new();
    for ports in cuts.intervals() {
        while let Some(next) = admissions.get(begun).filter(|a| a.ports.0 <= ports.0) {
            weight += next.weight;
            begun += 1;
        }
        while let Some(&(_, gone)) = ends.get(ended).filter(|end| end.0 < ports.0) {
            weight -= gone;
            ended += 1;
        }
        if !possible(weight) {
            continue;
        }
        let covering = || admissions[..begun].iter().filter(|a| a.ports.1 >= ports.1);
        let set = if covering().any(|a| a.range == space(traffic.family)) {
            internet(traffic.family)
        } else {
            let all: AddressSet = covering().map(|a| a.range).collect();
            let public = all.intersection(sets.get(internet(traffic.family)));
            sets.intern(public)
        };
        if sets.class(traffic.family, set).is_some() {
            push(&mut spans, ports, set);
        }
    }
    spans
}

/// The blocks that a permission admits, with the list that names them where one does.
pub(crate) fn blocks<'a>(
    permission: &'a IpPermission,
    lists: PrefixLists<'a>,
    mut unread: impl FnMut(&'a str),
    mut each: impl FnMut(Family, Range, Option<&'a str>),
) {
    let direct = permission.ip_ranges.iter().map(|r| r.cidr_ip.as_str());
    let direct = direct.chain(permission.ipv6_ranges.iter().map(|r| r.cidr_ipv6.as_str()));
    for (family, range, _) in direct.filter_map(parse_cidr) {
        each(family, range, None);
    }
    for list in &permission.prefix_list_ids {
        let id = list.prefix_list_id.as_str();
        match lists.blocks(id) {
            Some(blocks) => blocks.for_each(|(family, range, _)| each(family, range, Some(id))),
            None => unread(id),
        }
    }
}

/// The ports that a permission covers in a family, for each protocol it covers.
pub(crate) fn ports_of(permission: &IpPermission, family: Family) -> Vec<(Proto, Ports)> {
    match NamedProtocol::parse(&permission.ip_protocol) {
        // "-1" is all protocols and all ports, whatever ports are given
        // (EC2 API reference, IpPermission).
        Some(NamedProtocol::All) => {
            let mut all = vec![
                (Proto::Tcp, (0, u16::MAX)),
                (Proto::Udp, (0, u16::MAX)),
                (Proto::Icmp, (0, u16::MAX)),
            ];
            // As protocol numbers: what lies between those three and the other family's ICMP.
            let mut from = 0;
            for number in [1, 6, 17, 58] {
                if from < number {
                    all.push((Proto::Other, (from, number - 1)));
                }
                from = number + 1;
            }
            all.push((Proto::Other, (from, 255)));
            all
        }
        Some(NamedProtocol::Number(number)) => {
            let Some(proto) = classify(family, number) else { return Vec::new() };
            let ports = match proto {
                Proto::Tcp | Proto::Udp => port_range(permission.from_port, permission.to_port),
                Proto::Icmp => icmp_range(permission.from_port, permission.to_port),
                Proto::Other => Some((u16::from(number), u16::from(number))),
            };
            ports.map(|ports| (proto, ports)).into_iter().collect()
        }
        None => Vec::new(),
    }
}

fn compile<'a>(
    permission: &'a IpPermission,
    lists: PrefixLists<'a>,
    sets: &Sets,
    admissions: &mut Vec<Admission>,
    unread_lists: &mut BTreeSet<&'a str>,
) {
    let ports = Family::ALL.map(|family| ports_of(permission, family));
    let unread = |id| {
        unread_lists.insert(id);
    };
    blocks(permission, lists, unread, |family, range, _| {
        let public = public_part(sets, family, range);
        if public == 0 {
            return;
        }
        for &(proto, ports) in &ports[family as usize] {
            let traffic = Traffic { family, proto };
            admissions.push(Admission { traffic, ports, range, weight: public.min(WEIGHT_CAP) });
        }
    });
}

/// How many addresses of a block are public.
fn public_part(sets: &Sets, family: Family, range: Range) -> u128 {
    let parts = sets.get(internet(family)).within(range);
    parts.map(|(first, last)| last - first + 1).sum()
}
