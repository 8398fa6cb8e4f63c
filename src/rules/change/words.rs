//! Changes in plain words.

use std::collections::BTreeMap;

use super::Change;
use crate::inventory::aws::ec2::IpPermission;
use crate::model::first_few;

/// How many rules or targets a sentence names before it counts the rest.
const NAMED: usize = 2;

/// What `changes` do, in one sentence.
pub fn text(changes: &[Change]) -> String {
    let mut parts: Vec<String> = revoked(changes).into_iter().collect();
    parts.extend(changes.iter().filter_map(words));
    parts.join(", and ")
}

/// The rules of security groups that are taken away, all of them together.
fn revoked(changes: &[Change]) -> Option<String> {
    let mut rules = Vec::new();
    let mut groups: BTreeMap<&str, ()> = BTreeMap::new();
    for change in changes {
        if let Change::Revoke { group, source, permission, .. } = change {
            rules.push(format!("{} from {source}", traffic(permission)));
            groups.insert(group, ());
        }
    }
    let count = rules.len();
    let what = match count {
        0 => return None,
        1 => format!("the rule that admits {}", rules.concat()),
        _ => format!("{count} rules ({})", first_few(&rules, NAMED)),
    };
    let of = match groups.len() {
        1 => "security group",
        _ => "security groups",
    };
    Some(format!("take {what} out of {of} {}", first_few(groups.keys(), NAMED)))
}

/// What a rule admits, for instance `tcp 22`.
fn traffic(rule: &IpPermission) -> String {
    let name = match rule.ip_protocol.as_str() {
        "-1" => return "all traffic".to_owned(),
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => return "icmp".to_owned(),
        "icmpv6" | "58" => return "icmpv6".to_owned(),
        other => return format!("protocol {other}"),
    };
    match (rule.from_port, rule.to_port) {
        // All ports are -1 or all of their numbers (EC2 API, IpPermission).
        (None | Some(-1), _) | (Some(0), Some(65_535)) => format!("every {name} port"),
        (Some(from), Some(to)) if from != to => format!("{name} {from}-{to}"),
        (Some(port), _) => format!("{name} {port}"),
    }
}

/// One change by itself; rules of security groups are said together.
fn words(change: &Change) -> Option<String> {
    Some(match change {
        Change::Revoke { .. } => return None,
        Change::Close { closing, id, .. } => (closing.words)(id),
        Change::Unshare { sharing, of, with, .. } => {
            // The last part of an ARN of Organizations tells the organization or the unit.
            let with = with.iter().map(|who| who.rsplit('/').next().unwrap_or(who));
            format!("stop sharing {} {of} with {}", sharing.noun, first_few(with, NAMED))
        }
        Change::Policy { place, id, left: None, .. } => {
            format!("take the policy of {} {id} away", place.noun)
        }
        Change::Policy { place, id, left: Some(_), .. } => {
            format!("take the statements for others out of the policy of {} {id}", place.noun)
        }
        Change::RolePolicies { role, attached, inline } => {
            // `arn:…:policy/<path>/<name>`
            let attached = attached.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn));
            let names: Vec<&str> = attached.chain(inline.iter().map(String::as_str)).collect();
            let noun = if names.len() == 1 { "policy" } else { "policies" };
            format!("take {noun} {} from role {role}", first_few(names, NAMED))
        }
        Change::Deregister { group, targets, .. } => {
            let targets = targets.iter().map(|(id, port)| match port {
                Some(port) => format!("{id} (port {port})"),
                None => id.clone(),
            });
            // `arn:…:targetgroup/<name>/<number>`
            let name = group.split('/').nth(1).unwrap_or(group);
            format!("take {} out of target group {name}", first_few(targets, NAMED))
        }
        Change::DeleteListeners { balancer, ports, .. } => {
            let ports = ports.iter().map(|port| format!("port {port}"));
            let ports = first_few(ports, NAMED);
            format!("take the listener on {ports} of load balancer {balancer} away")
        }
        Change::BucketPolicy { bucket, left: None } => {
            format!("take the policy of bucket {bucket} away")
        }
        Change::BucketPolicy { bucket, left: Some(_) } => {
            format!("take the statements for others out of the policy of bucket {bucket}")
        }
        Change::BucketAcl { bucket } => {
            format!("take the grants of the ACL of bucket {bucket} away")
        }
        Change::BucketBlock { .. } => "block public access to it".to_owned(),
        Change::ObjectAcls { bucket } => format!("switch ACLs off for bucket {bucket}"),
        Change::MultiRegionPolicy { name, .. } => {
            format!("put a policy for this account alone on multi-region access point {name}")
        }
        Change::AccountBlock { account } => {
            format!("block public access to S3 for the whole account {account}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, ports: Option<(i32, i32)>) -> IpPermission {
        IpPermission {
            ip_protocol: protocol.to_owned(),
            from_port: ports.map(|ports| ports.0),
            to_port: ports.map(|ports| ports.1),
            ..IpPermission::default()
        }
    }

    #[test]
    fn rules_are_said_as_people_write_them() {
        for (permission, says) in [
            (rule("tcp", Some((22, 22))), "tcp 22"),
            (rule("6", Some((1, 9))), "tcp 1-9"),
            (rule("udp", Some((0, 65_535))), "every udp port"),
            (rule("tcp", None), "every tcp port"),
            (rule("-1", None), "all traffic"),
            (rule("icmp", Some((8, 0))), "icmp"),
            (rule("50", None), "protocol 50"),
        ] {
            assert_eq!(traffic(&permission), says);
        }
    }

    #[test]
    fn several_rules_are_one_part_of_a_sentence() {
        let revoke = |group: &str, source: &str| Change::Revoke {
            region: "eu-west-1".to_owned(),
            group: group.to_owned(),
            source: source.to_owned(),
            permission: rule("tcp", Some((22, 22))),
        };
        let one = [revoke("sg-1", "0.0.0.0/0")];
        assert_eq!(
            text(&one),
            "take the rule that admits tcp 22 from 0.0.0.0/0 out of security group sg-1"
        );
        let three = [revoke("sg-1", "0.0.0.0/1"), revoke("sg-1", "::/0"), revoke("sg-2", "::/0")];
        assert_eq!(
            text(&three),
            "take 3 rules (tcp 22 from 0.0.0.0/1, tcp 22 from ::/0 and 1 more) out of security \
             groups sg-1, sg-2"
        );
        let bucket = "b".to_owned();
        let closed = [
            Change::BucketPolicy { bucket: bucket.clone(), left: None },
            Change::BucketBlock { bucket },
        ];
        assert_eq!(
            text(&closed),
            "take the policy of bucket b away, and block public access to it"
        );
    }
}
