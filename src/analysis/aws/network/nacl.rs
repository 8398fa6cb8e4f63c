//! Network ACLs: stateless lists of a subnet, first match decides.
//!
//! Entries are tried in the order of their numbers and what none matches is denied; an entry has
//! one family, so an IPv4 deny says nothing of IPv6 (VPC user guide, "Network ACL rules").

use std::collections::HashMap;
use std::sync::Arc;

use crate::inventory::aws::ec2::{NetworkAcl, NetworkAclEntry, NetworkAcls};
use crate::model::Known;

use super::ports::{Cuts, Ports, Span, at, push};
use super::protocol::{Family, Kind, Named, Proto, classify, icmp_keys, port_keys};
use super::sources::{
    EMPTY, Range, SetId, Sets, difference, intersection, parse_cidr, space, union,
};

/// Direction of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    In,
    Out,
}

/// All ACLs of a region.
#[derive(Debug)]
pub(super) struct Nacls<'a> {
    pub(super) read: bool,
    list: &'a [NetworkAcl],
    by_subnet: HashMap<&'a str, u32>,
    default_of: HashMap<&'a str, u32>,
    compiled: HashMap<(u32, Way, Kind), Arc<[Span]>>,
    replies: HashMap<(u32, Kind), Arc<[Span]>>,
}

impl<'a> Nacls<'a> {
    pub(super) fn new(answer: &'a Known<NetworkAcls>) -> Self {
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
    pub(super) fn of(&self, subnet: &str, vpc: &str) -> Option<u32> {
        self.by_subnet.get(subnet).or_else(|| self.default_of.get(vpc)).copied()
    }

    pub(super) fn acl(&self, index: u32) -> &'a NetworkAcl {
        &self.list[index as usize]
    }

    /// The remote addresses that pass, per key.
    pub(super) fn passing(
        &mut self,
        index: u32,
        way: Way,
        kind: Kind,
        sets: &mut Sets,
    ) -> Arc<[Span]> {
        let list = self.list;
        let compile = || compile(&list[index as usize], way, kind, sets).into();
        Arc::clone(self.compiled.entry((index, way, kind)).or_insert_with(compile))
    }

    /// The remote addresses that some reply can be sent to, per key of the request. Clients choose
    /// the port that a reply goes to, so any port 1..=65535 will do; for ICMP any type; for other
    /// protocols the reply has the same number.
    pub(super) fn replies(&mut self, index: u32, kind: Kind, sets: &mut Sets) -> Arc<[Span]> {
        if let Some(known) = self.replies.get(&(index, kind)) {
            return Arc::clone(known);
        }
        let out = self.passing(index, Way::Out, kind, sets);
        let spans: Arc<[Span]> = match kind.proto {
            Proto::Other => out,
            proto => {
                let port = |span: &&Span| proto == Proto::Icmp || span.keys.1 >= 1;
                let mut any = EMPTY;
                for span in out.iter().filter(port) {
                    any = sets.or(any, span.set);
                }
                Arc::from([Span { keys: (0, u16::MAX), set: any }])
            }
        };
        self.replies.insert((index, kind), Arc::clone(&spans));
        spans
    }
}

impl Nacls<'_> {
    /// The remote addresses that pass in at a key, and those that can be answered, as they were
    /// worked out before.
    pub(super) fn known(&self, index: u32, kind: Kind, key: u16) -> Option<(SetId, SetId)> {
        let inbound = self.compiled.get(&(index, Way::In, kind))?;
        let replies = self.replies.get(&(index, kind))?;
        Some((at(inbound, key), at(replies, key)))
    }
}

/// What an entry matches of one kind of traffic, if anything.
pub(super) fn matches(entry: &NetworkAclEntry, way: Way, kind: Kind) -> Option<(Ports, Range)> {
    if entry.egress != (way == Way::Out) {
        return None;
    }
    let block = match kind.family {
        Family::Ipv4 => entry.cidr_block.as_deref(),
        Family::Ipv6 => entry.ipv6_cidr_block.as_deref(),
    };
    let (family, range, _) = parse_cidr(block?)?;
    if family != kind.family {
        return None;
    }
    let keys = match Named::parse(&entry.protocol)? {
        Named::All => Some((0, kind.proto.last_key())),
        Named::Number(number) if classify(kind.family, number) != kind.proto => None,
        Named::Number(number) => match kind.proto {
            Proto::Tcp | Proto::Udp => {
                let ports = entry.port_range.unwrap_or_default();
                port_keys(ports.from, ports.to)
            }
            Proto::Icmp => {
                let icmp = entry.icmp_type_code.unwrap_or_default();
                icmp_keys(icmp.kind, icmp.code)
            }
            Proto::Other => Some((u16::from(number), u16::from(number))),
        },
    };
    Some((keys?, range))
}

fn compile(acl: &NetworkAcl, way: Way, kind: Kind, sets: &mut Sets) -> Vec<Span> {
    let mut entries: Vec<(i32, Ports, Range, bool)> = acl
        .entries
        .iter()
        .filter_map(|entry| {
            let (keys, range) = matches(entry, way, kind)?;
            Some((entry.rule_number, keys, range, allows(entry)))
        })
        .collect();
    entries.sort_by_key(|entry| entry.0);
    let mut cuts = Cuts::default();
    cuts.add((0, kind.proto.last_key()));
    entries.iter().for_each(|entry| cuts.add(entry.1));
    let mut spans = Vec::new();
    for keys in cuts.intervals() {
        let set = first_match(&entries, keys, kind.family, sets);
        if set != EMPTY {
            push(&mut spans, keys, set);
        }
    }
    spans
}

/// True for `allow`; anything else denies.
pub(super) fn allows(entry: &NetworkAclEntry) -> bool {
    entry.rule_action.eq_ignore_ascii_case("allow")
}

fn first_match(
    entries: &[(i32, Ports, Range, bool)],
    keys: Ports,
    family: Family,
    sets: &mut Sets,
) -> SetId {
    let mut undecided = vec![space(family)];
    let mut passing = Vec::new();
    for (_, covered, range, allow) in entries {
        if undecided.is_empty() {
            break;
        }
        if covered.0 <= keys.0 && keys.1 <= covered.1 {
            if *allow {
                passing = union(&passing, &intersection(&undecided, &[*range]));
            }
            undecided = difference(&undecided, &[*range]);
        }
    }
    sets.intern(passing)
}
