//! How to close an open port: words, and the commands that do it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::opening::{Opening, distinct, parts};
use super::revocation;
use crate::analysis::aws::network::{Admitting, Path};
use crate::inventory::aws::elbv2::TargetGroup;
use crate::inventory::aws::kinds;
use crate::model::{Remediation, aws};
use crate::rules::Region;
use crate::rules::change::Change;

/// How to close what a finding is about, and nothing but that; and the changes that the commands
/// make.
pub fn remediation(
    region: &Region<'_, '_>,
    openings: &[&Opening<'_, '_>],
) -> (Remediation, Vec<Change>) {
    if let Some(path) = openings.first().and_then(|opening| opening.path) {
        return behind(region, path, openings);
    }
    let network = region.network();
    let parts = parts(openings);
    let mut rules: BTreeMap<_, Admitting> = BTreeMap::new();
    for rule in parts.iter().flat_map(|part| network.admitting(part)) {
        rules.entry(revocation::key(&rule)).or_insert(rule);
    }
    // Only its owner changes the rules of a group; a participant's groups guard what is in a shared
    // subnet (VPC user guide, "Responsibilities and permissions for owners and participants").
    let (theirs, rules): (Vec<Admitting>, Vec<Admitting>) =
        rules.into_values().partition(|rule| network.owner_of_group(&rule.group).is_some());
    let owners = distinct(theirs.iter().filter_map(|rule| network.owner_of_group(&rule.group)));
    let balancer =
        openings.iter().any(|opening| opening.row.resource.kind == &kinds::ELB_LOAD_BALANCER);
    let mut text = match rules.len() {
        0 if !owners.is_empty() => {
            let accounts = owners.join(", ");
            match openings.iter().any(|opening| opening.row.resource.owner.is_some()) {
                true => format!(
                    "have the security group narrowed in account {accounts}, which owns it; from \
                     here only the subnet can be shut, by its network ACL or by its route to the \
                     internet gateway"
                ),
                false => format!(
                    "have the security group narrowed in account {accounts}, which shares it, or \
                     put one of this account in its place"
                ),
            }
        }
        0 if balancer && openings.iter().all(|opening| opening.row.front.is_some()) => {
            "take it out of the target group of the load balancer before it, or replace that one by \
             one with a security group that admits only the addresses that need it"
                .to_owned()
        }
        // Whether a network load balancer has security groups is settled when it is made (ELB user
        // guide, "Security groups for your Network Load Balancer"), and so is every scheme.
        0 if balancer => {
            "replace it by one with a security group that admits only the addresses that need it, \
             or by an internal one"
                .to_owned()
        }
        0 => {
            "guard it with a security group that admits only the addresses that need it".to_owned()
        }
        1 => "narrow this security group rule to the addresses that need it, or take it away"
            .to_owned(),
        many => format!(
            "narrow the {many} security group rules that admit it to the addresses that need it, \
             or take them away"
        ),
    };
    if !rules.is_empty() && !owners.is_empty() {
        let accounts = owners.join(", ");
        text.push_str(&format!(
            "; what groups of account {accounts} admit stays until they are narrowed there"
        ));
    }
    let also = revocation::also_closed(&parts, &rules);
    if !also.is_empty() {
        text.push_str(&format!("; a rule is taken away whole, which also closes {also}"));
    }
    let commands = revocation::commands(region.name, &rules);
    let changes = rules.into_iter().map(|rule| Change::Revoke {
        region: region.name.to_owned(),
        group: rule.group,
        source: rule.source,
        permission: rule.permission,
    });
    (Remediation { text, commands }, changes.collect())
}

/// What a load balancer forwards is closed at the load balancer: narrowing its security group would
/// close everything else that it serves as well.
fn behind(
    region: &Region<'_, '_>,
    path: &Path<'_>,
    openings: &[&Opening<'_, '_>],
) -> (Remediation, Vec<Change>) {
    let text = match path.listener {
        Some(_) => {
            "take the targets out of the target group, or forward to it from an internal load \
             balancer; where some clients need it, let a rule ask for their addresses or a login"
        }
        None => {
            "take the listener away, or serve it from an internal load balancer; where some \
             clients need it, narrow the load balancer's security group to their addresses"
        }
    };
    let (command, change) = match path.group {
        Some(group) => {
            let targets = targets(region, group, openings);
            let change = Change::Deregister {
                region: region.name.to_owned(),
                group: group.target_group_arn.clone(),
                targets: targets.clone(),
            };
            let targets: Vec<String> = targets.iter().map(named).collect();
            let of_group = ["--region", region.name, "--target-group-arn", &group.target_group_arn];
            let call = ["elbv2", "deregister-targets"].into_iter().chain(of_group);
            let call = call.chain(["--targets"]).chain(targets.iter().map(String::as_str));
            match targets.is_empty() {
                true => (None, None),
                false => (Some(aws(call)), Some(change)),
            }
        }
        None => {
            let ports = openings.iter().filter_map(|opening| Some(opening.path?.port));
            let ports: BTreeSet<u16> = ports.collect();
            let change = Change::DeleteListeners {
                region: region.name.to_owned(),
                balancer: path.balancer.to_owned(),
                ports: ports.iter().copied().collect(),
            };
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            let named = ["--region", region.name, "--load-balancer-name", path.balancer];
            let call = ["elb", "delete-load-balancer-listeners"].into_iter().chain(named);
            let call =
                call.chain(["--load-balancer-ports"]).chain(ports.iter().map(String::as_str));
            (Some(aws(call)), Some(change))
        }
    };
    let commands = command.into_iter().collect();
    (Remediation { text: text.to_owned(), commands }, change.into_iter().collect())
}

/// A target as the AWS CLI takes it.
fn named((id, port): &(String, Option<i32>)) -> String {
    match port {
        Some(port) => format!("Id={id},Port={port}"),
        None => format!("Id={id}"),
    }
}

/// The targets of a group that the openings are, as it knows them. One that was registered with a
/// port of its own is taken out with that port only (AWS CLI, `elbv2 deregister-targets`).
fn targets(
    region: &Region<'_, '_>,
    group: &TargetGroup,
    openings: &[&Opening<'_, '_>],
) -> Vec<(String, Option<i32>)> {
    let elbv2 = &region.services.elbv2;
    let Some(health) = elbv2.describe_target_health.get(&group.target_group_arn) else {
        return Vec::new();
    };
    // By id, and by the addresses of interfaces: of the port that is reached.
    let mut open: BTreeSet<(&str, i32)> = BTreeSet::new();
    let mut open_addresses: BTreeSet<(IpAddr, i32)> = BTreeSet::new();
    let mut open_prefixes: Vec<(IpNet, i32)> = Vec::new();
    let mut ports: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for opening in openings {
        let Some(to) = opening.path.and_then(|path| path.to).map(i32::from) else { continue };
        open.insert((opening.row.resource.id, to));
        if let Some(eni) = opening.row.eni {
            ports.entry(eni).or_default().push(to);
        }
    }
    let interfaces = region.services.ec2.describe_network_interfaces.read();
    for interface in interfaces.iter().flat_map(|read| &read.network_interfaces) {
        let Some(ports) = ports.get(interface.network_interface_id.as_str()) else { continue };
        let v4 = interface.private_ip_addresses.iter().map(|own| own.private_ip_address.as_str());
        let v4 = v4.chain(interface.private_ip_address.as_deref());
        let v6 = interface.ipv6_addresses.iter().map(|own| own.ipv6_address.as_str());
        for address in v4.chain(v6).filter_map(|text| text.parse().ok()) {
            open_addresses.extend(ports.iter().map(|port| (address, *port)));
        }
        // Pods have addresses of the prefixes of their node's interface (EC2 user guide, prefix
        // delegation).
        let v4 = interface.ipv4_prefixes.iter().map(|own| own.ipv4_prefix.as_str());
        let v6 = interface.ipv6_prefixes.iter().map(|own| own.ipv6_prefix.as_str());
        for prefix in v4.chain(v6).filter_map(|text| text.parse().ok()) {
            open_prefixes.extend(ports.iter().map(|port| (prefix, *port)));
        }
    }
    let described = health.target_health_descriptions.iter().map(|described| &described.target);
    let reached = described.filter(|target| {
        let Some(port) = target.port.or(group.port) else { return false };
        let by_address = target.id.parse().is_ok_and(|id: IpAddr| {
            let within = |(prefix, open): &(IpNet, i32)| *open == port && prefix.contains(&id);
            open_addresses.contains(&(id, port)) || open_prefixes.iter().any(within)
        });
        by_address || open.contains(&(target.id.as_str(), port))
    });
    distinct(reached.map(|target| (target.id.clone(), target.port)))
}
