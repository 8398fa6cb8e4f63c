//! How to close an open port: words, and a command where one does exactly that.

use super::opening::{Opening, distinct, rows};
use crate::analysis::aws::network::{Admitting, Path};
use crate::inventory::aws::ec2::{IpPermission, IpRange, Ipv6Range, PrefixListId};
use crate::inventory::aws::elbv2::TargetGroup;
use crate::inventory::aws::kinds;
use crate::model::Remediation;
use crate::rules::Region;

/// How to close what a finding is about.
pub fn remediation(region: &Region<'_, '_>, openings: &[&Opening<'_, '_>]) -> Remediation {
    if let Some(path) = openings.first().and_then(|opening| opening.path) {
        return behind(region, path, openings);
    }
    let network = region.network();
    let mut rules: Vec<Admitting> = Vec::new();
    for rule in rows(openings).into_iter().flat_map(|row| network.admitting(row)) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    // Only its owner changes the rules of a group; a participant's groups guard what is in a shared
    // subnet (VPC user guide, "Responsibilities and permissions for owners and participants").
    let (theirs, rules): (Vec<_>, Vec<_>) =
        rules.into_iter().partition(|rule| network.owner_of_group(&rule.group).is_some());
    let owners = distinct(theirs.iter().filter_map(|rule| network.owner_of_group(&rule.group)));
    let balancer =
        openings.iter().any(|opening| opening.row.resource.kind == &kinds::ELB_LOAD_BALANCER);
    let text = match rules.len() {
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
    Remediation { text, command: revocation(region, &rules) }
}

/// Takes away every one of the rules: one call for each group, as a call names one group and any
/// number of its rules (EC2 API, `RevokeSecurityGroupIngress`).
fn revocation(region: &Region<'_, '_>, rules: &[Admitting]) -> Option<String> {
    let groups = distinct(rules.iter().map(|rule| &*rule.group));
    let calls: Vec<String> = groups
        .into_iter()
        .map(|group| {
            let of_group = rules.iter().filter(|rule| *rule.group == *group);
            let permissions: Vec<_> = of_group.map(|rule| Reduced::of(&rule.permission)).collect();
            format!(
                "aws ec2 revoke-security-group-ingress --region {} --group-id {group} \
                 --ip-permissions '{}'",
                region.name,
                serde_json::to_string(&permissions).expect("a rule has only strings and numbers")
            )
        })
        .collect();
    (!calls.is_empty()).then(|| calls.join(" && "))
}

/// What a load balancer forwards is closed at the load balancer: narrowing its security group would
/// close everything else that it serves as well.
fn behind(region: &Region<'_, '_>, path: &Path<'_>, openings: &[&Opening<'_, '_>]) -> Remediation {
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
    let command = match (path.group, path.to) {
        (Some(group), Some(_)) => {
            let ids = distinct(openings.iter().filter_map(|o| target_id(o, group)));
            let targets: String = ids.iter().map(|id| format!(" Id={id}")).collect();
            (!targets.is_empty()).then(|| {
                format!(
                    "aws elbv2 deregister-targets --region {} --target-group-arn {} \
                     --targets{targets}",
                    region.name, group.target_group_arn
                )
            })
        }
        _ => Some(format!(
            "aws elb delete-load-balancer-listeners --region {} --load-balancer-name {} \
             --load-balancer-ports {}",
            region.name, path.balancer, path.port
        )),
    };
    Remediation { text: text.to_owned(), command }
}

/// The name by which a target group knows a target; targets by address are left to people.
fn target_id<'a>(opening: &Opening<'_, 'a>, group: &TargetGroup) -> Option<&'a str> {
    let by_instance = group.target_type.as_deref().unwrap_or("instance") == "instance";
    (by_instance && opening.row.resource.kind == &kinds::EC2_INSTANCE)
        .then_some(opening.row.resource.id)
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
