//! Which rule of an endpoint's groups admits a packet: the security group's part of the evidence.

use crate::inventory::aws::ec2::IpPermission;
use crate::model::Step;

use super::wording::{more, ports_text, text_of};
use crate::analysis::addresses::{AddressSet, Range, internet};
use crate::analysis::aws::network::Ports;
use crate::analysis::aws::network::controls::security_groups::{blocks as blocks_of, ports_of};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{NamedProtocol, Proto, Traffic};

/// A rule of a group that covers a port, with the widest block it names.
struct Rule<'a> {
    group: &'a str,
    ports: Ports,
    all: bool,
    /// The widest block, with the prefix list that names it.
    block: Option<(Range, Option<&'a str>)>,
}

fn rules<'a>(
    facts: &RegionFacts<'a>,
    groups: &[&str],
    traffic: Traffic,
    port: u16,
    named: impl Fn(&IpPermission) -> bool,
) -> Vec<Rule<'a>> {
    let mut found = Vec::new();
    for group in groups.iter().filter_map(|id| facts.groups.get(id)) {
        for permission in &group.ip_permissions {
            let ports = ports_of(permission, traffic.family);
            let covers = |(proto, ports): &&(Proto, Ports)| {
                *proto == traffic.proto && ports.0 <= port && port <= ports.1
            };
            let Some(&(_, ports)) = ports.iter().find(covers) else { continue };
            let all = NamedProtocol::parse(&permission.ip_protocol) == Some(NamedProtocol::All);
            let group = group.group_id.as_str();
            if named(permission) {
                found.push(Rule { group, ports, all, block: None });
            }
            blocks_of(
                permission,
                facts.lists,
                |_| {},
                |family, range, list| {
                    if family == traffic.family {
                        found.push(Rule { group, ports, all, block: Some((range, list)) });
                    }
                },
            );
        }
    }
    found
}

/// The step of the rule that admits a packet of `source` to `port`, one of those that `senders`
/// send.
pub(super) fn group_step<'a>(
    facts: &RegionFacts<'a>,
    groups: &[&str],
    traffic: Traffic,
    port: u16,
    (senders, source): (&AddressSet, u128),
    named: impl Fn(&IpPermission) -> bool,
) -> Option<Step> {
    let mut rules = rules(facts, groups, traffic, port, named);
    // What admits nobody of those who send is no part of the proof.
    let admits = |block: Range| senders.within(block).next().is_some();
    rules.retain(|rule| rule.block.is_none_or(|(block, _)| admits(block)));
    // A rule that names the load balancer's group is the reason; else the widest block is that
    // holds the sender.
    let weight = |rule: &&Rule<'_>| match rule.block {
        None => (true, u128::MAX),
        Some(((lo, hi), _)) => (lo <= source && source <= hi, hi - lo),
    };
    let widest = rules.iter().max_by_key(weight)?;
    let what =
        if widest.all { "all traffic".to_owned() } else { ports_text(traffic, widest.ports) };
    let from = match widest.block {
        Some((range, Some(list))) => format!("{} ({list})", text_of(traffic.family, range)),
        Some((range, None)) => text_of(traffic.family, range),
        None => "the load balancer's group".to_owned(),
    };
    let admitted = format!("{what} from {from}{}", more(rules.len()));
    let step = Step::of("security-group", widest.group, format!("admits {admitted}"));
    Some(step.in_brief(format!("{} {admitted}", widest.group)))
}

/// The public sources that groups admit at a port.
pub(super) fn admitted(
    facts: &RegionFacts<'_>,
    groups: &[&str],
    traffic: Traffic,
    port: u16,
) -> AddressSet {
    let rules = rules(facts, groups, traffic, port, |_| false);
    let ranges = rules.iter().filter_map(|rule| rule.block).map(|(range, _)| range);
    ranges.collect::<AddressSet>().intersection(internet(traffic.family))
}
