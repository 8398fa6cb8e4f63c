//! Which sources of which security group rules let a row in on given ports: what to close.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::aws::ec2::{IpPermission, IpRange, Ipv6Range, PrefixListId};

use crate::analysis::addresses::{AddressSet, internet};
use crate::analysis::aws::network::controls::Ports;
use crate::analysis::aws::network::controls::ports::Cuts;
use crate::analysis::aws::network::controls::security_groups::{blocks, ports_of};
use crate::analysis::aws::network::endpoints::endpoint::{
    Endpoint, EndpointSubject, first_endpoint, groups,
};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::{Family, Proto, Traffic};
use crate::analysis::aws::network::rows::Row;
use crate::analysis::aws::network::sources::Sources;

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

impl Admitting {
    /// The ports that the rule covers, for each protocol that has ports.
    pub fn covers(&self, family: Family) -> Vec<(Proto, Ports)> {
        ports_of(&self.permission, family)
    }
}

/// A source with what it lets in.
struct Source {
    admitting: Admitting,
    public: AddressSet,
}

/// What opens the ports of a row, at the endpoint that clients connect to.
pub(crate) fn admitting<'a>(
    facts: &RegionFacts<'a>,
    endpoints: &[Endpoint<'a>],
    row: &Row<'a>,
) -> Vec<Admitting> {
    let Some(endpoint) = endpoints.get(row.endpoint as usize) else { return Vec::new() };
    let traffic = Traffic { family: row.family, proto: row.proto };
    let at = |endpoint: &Endpoint<'a>, ports: &[Ports]| {
        opening(facts, &groups(endpoint).unwrap_or_default(), traffic, ports)
    };
    let EndpointSubject::Target { judged, .. } = &endpoint.subject else {
        return at(endpoint, &keys(row));
    };
    let mut found = Vec::new();
    for path in row.paths() {
        let Some(front) = first_endpoint(endpoints, judged, path) else { continue };
        let port = path.first().port;
        found.extend(at(front, &[(port, port)]));
    }
    found
}

/// The ports of a row as rules distinguish them.
fn keys(row: &Row<'_>) -> Vec<Ports> {
    match (row.proto, row.ports.as_deref()) {
        (Proto::Icmp, Some(types)) => {
            types.iter().map(|&(lo, hi)| (lo << 8, hi << 8 | 255)).collect()
        }
        (_, Some(ports)) => ports.to_vec(),
        (proto, None) => vec![(0, proto.last_port())],
    }
}

/// Of the sources that `groups` admit to some of `ports`, those that open them: at every port the
/// ones that let a broad part of the internet in by themselves, and all others too where these add
/// up to one. An allow-list of a few addresses beside them opens nothing, and stays when what opens
/// the port is closed.
fn opening(
    facts: &RegionFacts<'_>,
    groups: &[&str],
    traffic: Traffic,
    ports: &[Ports],
) -> Vec<Admitting> {
    let mut sources = Vec::new();
    // Most rules are about one port each: sources by what they cover, so that a port asks few.
    let mut covering: BTreeMap<Ports, Vec<usize>> = BTreeMap::new();
    let touches = |covered: Ports| ports.iter().any(|p| covered.0 <= p.1 && p.0 <= covered.1);
    for group in groups.iter().filter_map(|id| facts.groups.get(id)) {
        for permission in &group.ip_permissions {
            let covered = ports_of(permission, traffic.family).into_iter();
            let covered: Vec<Ports> = covered
                .filter(|(proto, covered)| *proto == traffic.proto && touches(*covered))
                .map(|(_, covered)| covered)
                .collect();
            if covered.is_empty() {
                continue;
            }
            for admitting in reduced(&group.group_id, permission, traffic.family) {
                let public = public(facts, &admitting.permission, traffic.family);
                if public.is_empty() {
                    continue;
                }
                for ports in &covered {
                    covering.entry(*ports).or_default().push(sources.len());
                }
                sources.push(Source { admitting, public });
            }
        }
    }
    let counts = |public: &AddressSet| Sources::of(traffic.family, public.count()).is_some();
    let wide: Vec<bool> = sources.iter().map(|source| counts(&source.public)).collect();
    let mut cuts = Cuts::default();
    ports.iter().chain(covering.keys()).for_each(|ports| cuts.add(*ports));
    let mut opening = BTreeSet::new();
    for interval in cuts.intervals() {
        let within = |ports: &&Ports| ports.0 <= interval.0 && interval.1 <= ports.1;
        if !ports.iter().any(|ports| within(&ports)) {
            continue;
        }
        // What covers an interval begins at it or before.
        let here = covering.range(..=(interval.0, u16::MAX)).filter(|(ports, _)| within(ports));
        let here: Vec<usize> = here.flat_map(|(_, sources)| sources.iter().copied()).collect();
        let (by_themselves, together): (Vec<usize>, Vec<usize>) =
            here.into_iter().partition(|&source| wide[source]);
        opening.extend(by_themselves);
        if together.len() > 1 {
            let sets = together.iter().flat_map(|&source| sources[source].public.ranges());
            if counts(&sets.collect()) {
                opening.extend(together);
            }
        }
    }
    let numbered = sources.into_iter().enumerate();
    numbered.filter(|(at, _)| opening.contains(at)).map(|(_, source)| source.admitting).collect()
}

/// The public addresses of one family that a rule names.
fn public(facts: &RegionFacts<'_>, permission: &IpPermission, of: Family) -> AddressSet {
    let mut ranges = Vec::new();
    let unread = |_: &str| {};
    blocks(permission, facts.lists, unread, |family, block, _| {
        if family == of {
            ranges.extend(internet(of).within(block));
        }
    });
    ranges.into_iter().collect()
}

/// The rule once for each of its sources.
fn reduced(group: &str, permission: &IpPermission, family: Family) -> Vec<Admitting> {
    let bare = IpPermission {
        ip_protocol: permission.ip_protocol.clone(),
        from_port: permission.from_port,
        to_port: permission.to_port,
        ..IpPermission::default()
    };
    let one = |source: &str, permission: IpPermission| Admitting {
        group: group.to_owned(),
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
