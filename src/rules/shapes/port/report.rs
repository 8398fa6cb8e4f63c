//! What the rules about open ports share: from the network's rows to findings.
//!
//! One finding per resource, rule and status; families, interfaces and paths go to the evidence.

use crate::inventory::aws::kinds;
use std::collections::{BTreeMap, HashMap};

use super::fix::remediation;
use super::opening::{Group, Opening, distinct, parts};
use super::resource::resource;
use crate::analysis::aws::network::catalogue::Class;
use crate::analysis::aws::network::{Row, Sources, Via};
use crate::inventory::aws::calls::Call;
use crate::model::{
    Access, Door, Exposure, Lock, Ports, Remediation, Resource, Status, Step, Verdict, Who,
    first_few,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region};

/// Reports what the internet can open of `group` on instances.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, group: Group) {
    let wanted =
        |row: &Row<'_>| row.resource.kind == &kinds::EC2_INSTANCE && row.via == Via::Direct;
    for region in cx.regions() {
        note_unread(&region, found);
        for openings in openings(&region, wanted).into_values() {
            report(&region, found, &of_group(openings, group));
        }
    }
}

/// Reports what the internet can open on interfaces that belong to no instance.
pub fn evaluate_interfaces(cx: &Context<'_>, found: &mut Findings) {
    let wanted = |row: &Row<'_>| {
        row.resource.kind == &kinds::EC2_NETWORK_INTERFACE && row.via == Via::Direct
    };
    for region in cx.regions() {
        note_unread(&region, found);
        for mut openings in openings(&region, wanted).into_values() {
            openings.retain(|opening| Group::of(opening.usage.class).is_some());
            report(&region, found, &openings);
        }
    }
}

/// Reports security groups that admit the internet and guard nothing.
pub fn evaluate_unused_groups(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        note_unread(&region, found);
        let groups = openings(&region, |row| row.resource.kind == &kinds::EC2_SECURITY_GROUP);
        for mut openings in groups.into_values() {
            openings.retain(|opening| Group::of(opening.usage.class).is_some());
            report(&region, found, &openings);
        }
    }
}

/// Without these facts there is no door to judge. What other rules read is their concern.
pub fn note_unread(region: &Region<'_, '_>, found: &mut Findings) {
    note_unread_of(region, found, |_| true);
}

/// The same of those calls that matter.
pub fn note_unread_of(
    region: &Region<'_, '_>,
    found: &mut Findings,
    matters: impl Fn(&Call) -> bool,
) {
    for unread in &region.network().unread {
        let read = found.rule().required().any(|call| call == unread.call);
        if !read || !matters(unread.call) {
            continue;
        }
        match &unread.resource {
            Some(resource) => found.unread_one(unread.call, region.name, resource),
            None => found.unread(unread.call, region.name),
        }
    }
}

/// What is open, by resource.
pub fn openings<'r, 'a>(
    region: &Region<'r, 'a>,
    wanted: impl Fn(&Row<'a>) -> bool,
) -> BTreeMap<&'a str, Vec<Opening<'r, 'a>>> {
    let mut by_resource: BTreeMap<&'a str, Vec<Opening<'r, 'a>>> = BTreeMap::new();
    for row in region.network().rows.iter().filter(|row| wanted(row)) {
        by_resource.entry(row.resource.id).or_default().extend(Opening::of(row));
    }
    by_resource
}

/// The openings that a rule is about. Where every port is open, every other protocol is part of
/// the same hole and not a finding of its own.
fn of_group<'r, 'a>(openings: Vec<Opening<'r, 'a>>, group: Group) -> Vec<Opening<'r, 'a>> {
    let wide: Vec<Status> = openings
        .iter()
        .filter(|opening| opening.usage.class == Class::All)
        .map(Opening::status)
        .collect();
    let belongs = |opening: &Opening<'_, '_>| {
        let own = Group::of(opening.usage.class);
        if opening.ports.is_none() && wide.contains(&opening.status()) {
            group == Group::All
        } else {
            own == Some(group)
        }
    };
    openings.into_iter().filter(|opening| belongs(opening)).collect()
}

/// One finding for each status that the openings of a resource have.
pub fn report(region: &Region<'_, '_>, found: &mut Findings, openings: &[Opening<'_, '_>]) {
    report_closing(region, found, openings, |by_groups, changes| (by_groups, changes));
}

/// The same, where `close` may know a better remedy than the rules of groups.
pub fn report_closing(
    region: &Region<'_, '_>,
    found: &mut Findings,
    openings: &[Opening<'_, '_>],
    close: impl Fn(Remediation, Vec<Change>) -> (Remediation, Vec<Change>),
) {
    let openings = as_open_as_any_way(openings);
    for status in [Status::Exposed, Status::Undetermined, Status::Latent] {
        let mut of_status: Vec<_> =
            openings.iter().copied().filter(|opening| opening.status() == status).collect();
        of_status.sort_by_key(|opening| (std::cmp::Reverse(opening.severity), opening.ports));
        let Some(worst) = of_status.first() else { continue };
        let resource = resource(region, worst);
        let title = title(&resource, &of_status, status);
        let (by_groups, changes) = remediation(region, &of_status);
        let (remediation, changes) = close(by_groups, changes);
        let finding = Found {
            way_in: status.as_str(),
            severity: worst.severity,
            title,
            exposure: Some(exposure(region, &of_status)),
            verdict: verdict(region, &of_status),
            remediation,
            resource,
        };
        found.push_closed_by(finding, changes);
    }
}

/// The openings without those of ports to which another way is more open: a port behind two load
/// balancers, or behind one and open by itself, is one door.
fn as_open_as_any_way<'o, 'r, 'a>(openings: &'o [Opening<'r, 'a>]) -> Vec<&'o Opening<'r, 'a>> {
    let mut worst = HashMap::new();
    let door = |opening: &Opening<'r, 'a>| {
        let row = opening.row;
        (row.resource.id, row.eni, row.family, row.proto, opening.ports)
    };
    for opening in openings {
        let known = worst.entry(door(opening)).or_insert(opening.status());
        *known = opening.status().min(*known);
    }
    openings.iter().filter(|opening| opening.status() == worst[&door(opening)]).collect()
}

/// How many ports or products a line names before it counts the rest.
const NAMED: usize = 4;

fn list(items: Vec<String>) -> String {
    first_few(items, NAMED)
}

/// Whom a finding is about in its title: of a way through a load balancer, the targets.
fn whose(resource: &Resource, openings: &[&Opening<'_, '_>]) -> String {
    let Some(path) = openings.first().and_then(|opening| opening.path) else {
        return resource.name.as_deref().unwrap_or(&resource.id).to_owned();
    };
    let targets = openings.iter().map(|opening| opening.row.resource.label().to_owned());
    format!("{} behind {}", list(distinct(targets)), path.balancer)
}

fn title(resource: &Resource, openings: &[&Opening<'_, '_>], status: Status) -> String {
    let ports = distinct(openings.iter().map(|opening| opening.label()));
    let products = distinct(openings.iter().flat_map(|opening| &opening.usage.products));
    let products: Vec<_> = products.into_iter().map(|product| (*product).to_owned()).collect();
    let what = match products.is_empty() {
        true => list(ports),
        false => format!("{} ({})", list(ports), list(products)),
    };
    let who = match openings.iter().any(|opening| opening.row.sources == Sources::Internet) {
        true => "the internet",
        false => "a large part of the internet",
    };
    let whose = whose(resource, openings);
    match status {
        Status::Latent => format!("{what} of {whose} would be open to {who}"),
        Status::Undetermined => format!("{what} of {whose} may be open to {who}"),
        _ => format!("{what} of {whose} is open to {who}"),
    }
}

/// What an outsider gets by these openings.
pub fn exposure(region: &Region<'_, '_>, openings: &[&Opening<'_, '_>]) -> Exposure {
    let mut ports: Vec<Ports> = openings.iter().map(|opening| opening.ports()).collect();
    ports.sort();
    ports.dedup();
    let widest = openings.iter().map(|opening| opening.row.sources).max();
    let network = region.network();
    let (mut cidrs, opened_by): (Vec<_>, Vec<_>) = parts(openings)
        .iter()
        .flat_map(|part| network.admitting(part))
        .map(|rule| (rule.source, rule.group))
        .unzip();
    cidrs.sort();
    cidrs.dedup();
    Exposure {
        who: Who::Anyone.into(),
        access: vec![Access::Connect],
        ports,
        source: widest,
        cidrs,
        opened_by: distinct(opened_by),
    }
}

/// How many paths a finding proves before it counts the rest.
const PROVEN: usize = 3;

/// The proof of these openings, and what stands before them.
pub fn verdict(region: &Region<'_, '_>, openings: &[&Opening<'_, '_>]) -> Verdict {
    let network = region.network();
    let parts = parts(openings);
    // TCP and UDP of one rule meet the same controls: one proof is enough for both.
    let chains = distinct(openings.iter().map(|opening| match opening.path {
        Some(path) => network.chain_through(opening.row, path),
        None => network.chain(&opening.part()),
    }));
    let more = chains.len().saturating_sub(PROVEN);
    let mut evidence: Vec<Step> = chains.into_iter().take(PROVEN).flatten().collect();
    if more > 0 {
        evidence.push(Step::new("more", format!("and {more} more paths of the same kind")));
    }
    let shut = parts.iter().flat_map(|part| network.blocks(part)).map(Lock::Shut);
    let unknown = parts.iter().flat_map(|part| network.missing(part)).map(Lock::Unknown);
    Door::open(evidence).behind(shut.chain(unknown))
}
