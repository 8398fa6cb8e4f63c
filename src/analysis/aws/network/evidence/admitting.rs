//! Which sources of which security group rules let a row in: what to close.

use crate::inventory::aws::ec2::{IpPermission, IpRange, Ipv6Range, PrefixListId};

use crate::analysis::addresses::internet;
use crate::analysis::aws::network::controls::security_groups::{blocks, ports_of};
use crate::analysis::aws::network::endpoints::endpoint::{Endpoint, groups};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Family;
use crate::analysis::aws::network::rows::Row;

/// One source of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitting {
    /// The group, `sg-…`.
    pub group: String,
    /// The source as the rule names it: a CIDR block or a prefix list.
    pub source: String,
    /// The rule, reduced to this source, as the API takes it.
    pub permission: IpPermission,
}

/// The sources that admit some public address to the row's ports.
pub(crate) fn admitting<'a>(
    facts: &RegionFacts<'a>,
    endpoint: &Endpoint<'a>,
    row: &Row<'a>,
) -> Vec<Admitting> {
    let mut found = Vec::new();
    for id in groups(endpoint).unwrap_or_default() {
        let Some(group) = facts.groups.get(id) else { continue };
        for permission in group.ip_permissions.iter().filter(|p| concerns(p, row)) {
            for reduced in sources(permission, row.family) {
                let public = internet(row.family);
                let mut admits = false;
                blocks(
                    &reduced.permission,
                    facts.lists,
                    |_| (),
                    |family, block, _| {
                        admits |= family == row.family && public.within(block).next().is_some();
                    },
                );
                if admits {
                    found.push(Admitting { group: id.to_owned(), ..reduced });
                }
            }
        }
    }
    found
}

/// Whether a rule speaks of the row's protocol and any of its ports.
fn concerns(permission: &IpPermission, row: &Row<'_>) -> bool {
    ports_of(permission, row.family).iter().any(|(proto, covered)| {
        let touches = |ports: &(u16, u16)| covered.0 <= ports.1 && ports.0 <= covered.1;
        *proto == row.proto && row.ports.as_deref().is_none_or(|ports| ports.iter().any(touches))
    })
}

/// The rule once for each of its sources.
fn sources(permission: &IpPermission, family: Family) -> Vec<Admitting> {
    let bare = IpPermission {
        ip_protocol: permission.ip_protocol.clone(),
        from_port: permission.from_port,
        to_port: permission.to_port,
        ..IpPermission::default()
    };
    let one = |source: &str, permission: IpPermission| Admitting {
        group: String::new(),
        source: source.to_owned(),
        permission,
    };
    let mut found = Vec::new();
    match family {
        Family::Ipv4 => found.extend(permission.ip_ranges.iter().map(|range: &IpRange| {
            one(&range.cidr_ip, IpPermission { ip_ranges: vec![range.clone()], ..bare.clone() })
        })),
        Family::Ipv6 => found.extend(permission.ipv6_ranges.iter().map(|range: &Ipv6Range| {
            one(&range.cidr_ipv6, IpPermission { ipv6_ranges: vec![range.clone()], ..bare.clone() })
        })),
    }
    found.extend(permission.prefix_list_ids.iter().map(|list: &PrefixListId| {
        let permission = IpPermission { prefix_list_ids: vec![list.clone()], ..bare.clone() };
        one(&list.prefix_list_id, permission)
    }));
    found
}
