//! Network ACLs: stateless lists of a subnet, first match decides.
//!
//! Entries are tried in the order of their numbers and what none matches is denied; an entry has
//! one family, so an IPv4 deny says nothing of IPv6 (VPC user guide, "Network ACL rules").

use std::collections::HashMap;
use std::sync::Arc;

use crate::inventory::aws::ec2::{NetworkAcl, NetworkAclEntry, NetworkAcls};
use crate::model::Known;

use super::ports::{Cuts, Ports, Span, at, push};
use crate::analysis::addresses::{AddressSet, Range, parse_cidr, space};
use crate::analysis::aws::network::protocol::{
    Family, NamedProtocol, Proto, Traffic, classify, icmp_range, port_range,
};
use crate::analysis::aws::network::sources::{EMPTY, SetId, Sets};

/// Direction of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    In,
    Out,
}

/// All ACLs of a region.
#[derive(Debug)]
pub(crate) struct Nacls<'a> {
    pub(crate) read: bool,
    list: &'a [NetworkAcl],
    by_subnet: HashMap<&'a str, u32>,
    default_of: HashMap<&'a str, u32>,
    compiled: HashMap<(u32, Direction, Traffic), Arc<[Span]>>,
    replies: HashMap<(u32, Traffic), Arc<[Span]>>,
}

impl<'a> Nacls<'a> {
    pub(crate) fn new(answer: &'a Known<NetworkAcls>) -> Self {
        let list = answer.read().map_or(&[][..], |read| &read.network_acls);
        let (mut by_subnet, mut default_of) = (HashMap::new(), HashMap::new());
        for (index, acl) in (0u32..).zip(list) {
            for association in &acl.associations {
                if let Some(subnet) = &association.subnet_id {
                    by_subnet.insert(subnet.as_str(), index);
                }
            }
            if acl.is_default {
                default_of.insert(acl.vpc_id.as_str(), index);
            }
        }
        let read = !answer.is_unread();
        let (compiled, replies) = (HashMap::new(), HashMap::new());
        Nacls { read, list, by_subnet, default_of, compiled, replies }
    }

    /// The ACL of a subnet: the one associated with it, else its VPC's default one. `None` when
    /// that is not known (a subnet that another account shares may hide it).
    pub(crate) fn of(&self, subnet: &str, vpc: &str) -> Option<u32> {
        self.by_subnet.get(subnet).or_else(|| self.default_of.get(vpc)).copied()
    }

    pub(crate) fn acl(&self, index: u32) -> &'a NetworkAcl {
        &self.list[index as usize]
    }

    /// The remote addresses that pass, per port.
    pub(crate) fn passing(
        &mut self,
        index: u32,
        direction: Direction,
        traffic: Traffic,
        sets: &mut Sets,
    ) -> Arc<[Span]> {
        let list = self.list;
        let compile = || compile(&list[index as usize], direction, traffic, sets).into();
        Arc::clone(self.compiled.entry((index, direction, traffic)).or_insert_with(compile))
    }

    /// The remote addresses that some reply can be sent to, per port of the request. Clients choose
    /// the port that a reply goes to, so any port 1..=65535 will do; for ICMP any type; for other
    /// protocols the reply has the same number.
    pub(crate) fn replies(&mut self, index: u32, traffic: Traffic, sets: &mut Sets) -> Arc<[Span]> {
        if let Some(known) = self.replies.get(&(index, traffic)) {
            return Arc::clone(known);
        }
        let out = self.passing(index, Direction::Out, traffic, sets);
        let spans: Arc<[Span]> = match traffic.proto {
            Proto::Other => out,
            proto => {
                let port = |span: &&Span| proto == Proto::Icmp || span.ports.1 >= 1;
                let mut any = EMPTY;
                for span in out.iter().filter(port) {
                    any = sets.or(any, span.set);
                }
                Arc::from([Span { ports: (0, u16::MAX), set: any }])
            }
        };
        self.replies.insert((index, traffic), Arc::clone(&spans));
        spans
    }
}

impl Nacls<'_> {
    /// The remote addresses that pass in at a port, and those that can be answered, as they were
    /// worked out before.
    pub(crate) fn known(&self, index: u32, traffic: Traffic, port: u16) -> Option<(SetId, SetId)> {
        let inbound = self.compiled.get(&(index, Direction::In, traffic))?;
        let replies = self.replies.get(&(index, traffic))?;
        Some((at(inbound, port), at(replies, port)))
    }
}

/// What an entry matches of one kind of traffic, if anything.
pub(crate) fn matches(
    entry: &NetworkAclEntry,
    direction: Direction,
    traffic: Traffic,
) -> Option<(Ports, Range)> {
    if entry.egress != (direction == Direction::Out) {
        return None;
    }
    let block = match traffic.family {
        Family::Ipv4 => entry.cidr_block.as_deref(),
        Family::Ipv6 => entry.ipv6_cidr_block.as_deref(),
    };
    let (family, range, _) = parse_cidr(block?)?;
    if family != traffic.family {
        return None;
    }
    let ports = match NamedProtocol::parse(&entry.protocol)? {
        NamedProtocol::All => Some((0, traffic.proto.last_port())),
        NamedProtocol::Number(number)
            if classify(traffic.family, number) != Some(traffic.proto) =>
        {
            None
        }
        NamedProtocol::Number(number) => match traffic.proto {
            Proto::Tcp | Proto::Udp => {
                let ports = entry.port_range.unwrap_or_default();
                port_range(ports.from, ports.to)
            }
            Proto::Icmp => {
                let icmp = entry.icmp_type_code.unwrap_or_default();
                icmp_range(icmp.kind, icmp.code)
            }
            Proto::Other => Some((u16::from(number), u16::from(number))),
        },
    };
    Some((ports?, range))
}

/// An entry that concerns one direction of one kind of traffic.
struct Rule {
    number: i32,
    ports: Ports,
    range: Range,
    allows: bool,
}

fn compile(acl: &NetworkAcl, direction: Direction, traffic: Traffic, sets: &mut Sets) -> Vec<Span> {
    let mut entries: Vec<Rule> = acl
        .entries
        .iter()
        .filter_map(|entry| {
            let (ports, range) = matches(entry, direction, traffic)?;
            Some(Rule { number: entry.rule_number, ports, range, allows: allows(entry) })
        })
        .collect();
    entries.sort_by_key(|entry| entry.number);
    let mut cuts = Cuts::default();
    cuts.add((0, traffic.proto.last_port()));
    entries.iter().for_each(|entry| cuts.add(entry.ports));
    let mut spans = Vec::new();
    for ports in cuts.intervals() {
        let set = first_match(&entries, ports, traffic.family, sets);
        if set != EMPTY {
            push(&mut spans, ports, set);
        }
    }
    spans
}

/// True for `allow`; anything else denies.
pub(crate) fn allows(entry: &NetworkAclEntry) -> bool {
    entry.rule_action.eq_ignore_ascii_case("allow")
}

fn first_match(entries: &[Rule], ports: Ports, family: Family, sets: &mut Sets) -> SetId {
    let mut undecided = AddressSet::from(space(family));
    let mut passing = AddressSet::default();
    for rule in entries {
        if undecided.is_empty() {
            break;
        }
        if rule.ports.0 <= ports.0 && ports.1 <= rule.ports.1 {
            if rule.allows {
                undecided.within(rule.range).for_each(|range| passing.insert(range));
            }
            undecided.remove(rule.range);
        }
    }
    sets.intern(passing)
}
