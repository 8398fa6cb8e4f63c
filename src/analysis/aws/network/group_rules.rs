//! Which rule of an endpoint's groups admits a packet: the security group's part of the evidence.

use crate::inventory::aws::ec2::IpPermission;
use crate::model::Step;

use super::Ports;
use super::facts::Facts;
use super::protocol::{Kind, Named, Proto};
use super::security_groups::{blocks as blocks_of, keys_of};
use super::sources::{Range, internet, intersection, normal};
use super::wording::{keys_text, more, text_of};

/// A rule of a group that covers a key, with the widest block it names.
struct Rule<'a> {
    group: &'a str,
    keys: Ports,
    all: bool,
    /// The widest block, with the prefix list that names it.
    block: Option<(Range, Option<&'a str>)>,
}

fn rules<'a>(
    facts: &Facts<'a>,
    groups: &[&str],
    kind: Kind,
    key: u16,
    named: impl Fn(&IpPermission) -> bool,
) -> Vec<Rule<'a>> {
    let mut found = Vec::new();
    for group in groups.iter().filter_map(|id| facts.groups.get(id)) {
        for permission in &group.ip_permissions {
            let keys = keys_of(permission, kind.family);
            let covers = |(proto, keys): &&(Proto, Ports)| {
                *proto == kind.proto && keys.0 <= key && key <= keys.1
            };
            let Some(&(_, keys)) = keys.iter().find(covers) else { continue };
            let all = Named::parse(&permission.ip_protocol) == Some(Named::All);
            let group = group.group_id.as_str();
            if named(permission) {
                found.push(Rule { group, keys, all, block: None });
            }
            blocks_of(
                permission,
                facts.lists,
                |_| {},
                |family, range, list| {
                    if family == kind.family {
                        found.push(Rule { group, keys, all, block: Some((range, list)) });
                    }
                },
            );
        }
    }
    found
}

pub(super) fn group_step<'a>(
    facts: &Facts<'a>,
    groups: &[&str],
    kind: Kind,
    key: u16,
    named: impl Fn(&IpPermission) -> bool,
) -> Option<Step> {
    let rules = rules(facts, groups, kind, key, named);
    // A rule that names the load balancer's group is the reason; else the widest block is.
    let width = |rule: &&Rule<'_>| rule.block.map_or(u128::MAX, |((lo, hi), _)| hi - lo);
    let widest = rules.iter().max_by_key(width)?;
    let what = if widest.all { "all traffic".to_owned() } else { keys_text(kind, widest.keys) };
    let from = match widest.block {
        Some((range, Some(list))) => format!("{} ({list})", text_of(kind.family, range)),
        Some((range, None)) => text_of(kind.family, range),
        None => "the load balancer's group".to_owned(),
    };
    let text = format!("admits {what} from {from}{}", more(rules.len()));
    Some(Step::of("security-group", widest.group, text))
}

/// The public sources that groups admit at a key.
pub(super) fn admitted(facts: &Facts<'_>, groups: &[&str], kind: Kind, key: u16) -> Vec<Range> {
    let rules = rules(facts, groups, kind, key, |_| false);
    let ranges = rules.iter().filter_map(|rule| rule.block).map(|(range, _)| range).collect();
    intersection(&normal(ranges), facts.sets.ranges(internet(kind.family)))
}

/// The widest range of a set.
pub(super) fn largest(set: &[Range]) -> Option<Range> {
    set.iter().copied().max_by_key(|(lo, hi)| hi - lo)
}
