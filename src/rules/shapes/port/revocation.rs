//! Rules of security groups that are taken away: the commands, and what else they close.

use std::collections::BTreeMap;

use crate::analysis::aws::network::{Admitting, Family, Proto, Row};
use crate::inventory::aws::ec2::{IpPermission, IpRange, Ipv6Range, PrefixListId};
use crate::model::{aws, first_few};

/// How much of a command its list of rules may take: what people paste stays of a size that a
/// terminal shows whole.
const MOST_AT_ONCE: usize = 1_200;

/// How many ranges of ports the text names before it counts the rest.
const NAMED: usize = 4;

/// First and last port, as rules distinguish them.
type Ports = (u16, u16);

/// What tells one source of one rule from another.
pub fn key(rule: &Admitting) -> (String, String, Option<i32>, Option<i32>, String) {
    let IpPermission { ip_protocol, from_port, to_port, .. } = &rule.permission;
    (rule.group.clone(), ip_protocol.clone(), *from_port, *to_port, rule.source.clone())
}

/// Takes away every one of the rules. A call names one group and any number of its rules, each as
/// it stands (EC2 API, `RevokeSecurityGroupIngress`: the values must match the rule's exactly).
pub fn commands(region: &str, rules: &[Admitting]) -> Vec<String> {
    let mut by_group: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in rules {
        let reduced = serde_json::to_string(&Reduced::of(&rule.permission))
            .expect("a rule has only strings and numbers");
        by_group.entry(&rule.group).or_default().push(reduced);
    }
    let mut commands = Vec::new();
    for (group, rules) in by_group {
        let mut rest = rules.as_slice();
        while !rest.is_empty() {
            let mut size = 0;
            let fits = rest.iter().take_while(|rule| {
                size += rule.len();
                size <= MOST_AT_ONCE
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            rest = later;
            commands.push(revocation(region, group, now));
        }
    }
    commands
}

/// Takes one source of one rule away.
pub fn revoke(region: &str, group: &str, permission: &IpPermission) -> String {
    let rule = serde_json::to_string(&Reduced::of(permission));
    let rule = rule.expect("a rule has only strings and numbers");
    revocation(region, group, &[rule])
}

fn revocation(region: &str, group: &str, rules: &[String]) -> String {
    aws([
        "ec2",
        "revoke-security-group-ingress",
        "--region",
        region,
        "--group-id",
        group,
        "--ip-permissions",
        &format!("[{}]", rules.join(",")),
    ])
}

/// What else the rules admit than the ports of these rows: all of it is closed with them.
pub fn also_closed(parts: &[Row<'_>], rules: &[Admitting]) -> String {
    let mut found: BTreeMap<Proto, Vec<Ports>> = BTreeMap::new();
    for part in parts {
        let own = found.entry(part.proto).or_default();
        match (&part.front, part.ports.as_deref(), part.proto) {
            // The rules are those before the load balancer's listeners.
            (Some(_), ..) => own.extend(part.paths().map(|path| path.first().port).map(|p| (p, p))),
            (None, None, _) => own.push((0, u16::MAX)),
            (None, Some(types), Proto::Icmp) => {
                own.extend(types.iter().map(|&(lo, hi)| (lo << 8, hi << 8 | 255)));
            }
            (None, Some(ports), _) => own.extend(ports),
        }
    }
    let mut others: BTreeMap<(Proto, Family), Vec<Ports>> = BTreeMap::new();
    for rule in rules {
        let v6 = !rule.permission.ipv6_ranges.is_empty();
        let family = if v6 { Family::Ipv6 } else { Family::Ipv4 };
        for (proto, covered) in rule.covers(family) {
            let own = found.get(&proto).map(Vec::as_slice).unwrap_or_default();
            let icmp = if proto == Proto::Icmp { family } else { Family::Ipv4 };
            others.entry((proto, icmp)).or_default().extend(without(covered, own));
        }
    }
    let mut named = Vec::new();
    for ((proto, family), ports) in others {
        let ports = joined(ports);
        let name = proto.name(family);
        if !ports.is_empty() {
            named.extend(match proto {
                Proto::Tcp | Proto::Udp => ports.iter().map(|&span| label(name, span)).collect(),
                Proto::Icmp => vec![name.to_owned()],
                Proto::Other => vec!["every other protocol".to_owned()],
            });
        }
    }
    first_few(named, NAMED)
}

fn label(name: &str, ports: Ports) -> String {
    match ports {
        (0, u16::MAX) => format!("every {name} port"),
        (from, to) if from == to => format!("{name} {from}"),
        (from, to) => format!("{name} {from}-{to}"),
    }
}

/// What of `covered` is in none of `ports`.
fn without(covered: Ports, ports: &[Ports]) -> Vec<Ports> {
    let ports = joined(ports.to_vec());
    let (mut left, mut next) = (Vec::new(), u32::from(covered.0));
    let last = u32::from(covered.1);
    for (lo, hi) in ports {
        let (lo, hi) = (u32::from(lo), u32::from(hi));
        if hi < next || lo > last {
            continue;
        }
        if lo > next {
            left.push((next, lo - 1));
        }
        next = hi + 1;
    }
    if next <= last {
        left.push((next, last));
    }
    let port = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    left.into_iter().map(|(lo, hi)| (port(lo), port(hi))).collect()
}

/// The ranges in order, with those that touch joined.
fn joined(mut ports: Vec<Ports>) -> Vec<Ports> {
    ports.sort_unstable();
    ports.dedup_by(|next, last| {
        let touches = u32::from(next.0) <= u32::from(last.1) + 1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    ports
}

/// A rule without its empty lists, as a command takes it.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reduced<'p> {
    ip_protocol: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_port: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_port: Option<i32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ip_ranges: &'p [IpRange],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ipv6_ranges: &'p [Ipv6Range],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    prefix_list_ids: &'p [PrefixListId],
}

impl<'p> Reduced<'p> {
    fn of(permission: &'p IpPermission) -> Reduced<'p> {
        Reduced {
            ip_protocol: &permission.ip_protocol,
            from_port: permission.from_port,
            to_port: permission.to_port,
            ip_ranges: &permission.ip_ranges,
            ipv6_ranges: &permission.ipv6_ranges,
            prefix_list_ids: &permission.prefix_list_ids,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_rule_lies_around_the_ports_of_the_finding() {
        assert_eq!(without((0, 65535), &[(22, 22)]), [(0, 21), (23, 65535)]);
        assert_eq!(without((80, 443), &[(443, 443), (80, 80)]), [(81, 442)]);
        assert_eq!(without((80, 443), &[(0, 65535)]), []);
        assert_eq!(without((1, 65535), &[(65535, 65535)]), [(1, 65534)]);
        assert_eq!(without((5, 9), &[]), [(5, 9)]);
        assert_eq!(joined(vec![(3, 4), (1, 2), (9, 9)]), [(1, 4), (9, 9)]);
    }

    #[test]
    fn a_group_with_many_rules_is_closed_by_several_commands() {
        let rule = |n: i32| Admitting {
            group: "sg-1".to_owned(),
            source: "0.0.0.0/0".to_owned(),
            permission: IpPermission {
                ip_protocol: "tcp".to_owned(),
                from_port: Some(n),
                to_port: Some(n),
                ip_ranges: vec![IpRange { cidr_ip: "0.0.0.0/0".to_owned() }],
                ..IpPermission::default()
            },
        };
        let rules: Vec<Admitting> = (1..=100).map(rule).collect();
        let commands = commands("eu-west-1", &rules);
        assert!(commands.len() > 1 && commands.iter().all(|command| command.len() < 1_500));
        for n in 1..=100 {
            let named = format!("\"FromPort\":{n},");
            assert_eq!(commands.iter().filter(|command| command.contains(&named)).count(), 1);
        }
    }
}
