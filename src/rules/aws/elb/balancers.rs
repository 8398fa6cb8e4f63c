//! What the rules about load balancers share: from rows to findings about the front door, and about
//! what is published through it.

use crate::inventory::aws::kinds;
use std::collections::BTreeMap;

use crate::analysis::aws::network::catalogue::{classify, is_sensitive};
use crate::analysis::aws::network::reads;
use crate::analysis::aws::network::{Path, Row};
use crate::inventory::aws::calls::{self, Call};
use crate::model::Severity;
use crate::rules::Region;
use crate::rules::shapes::port::{Opening, note_unread, openings, report, severity};
use crate::rules::{Context, Findings};

/// Calls behind every verdict on a load balancer; another one may forward to it.
pub const READS: &[&[&Call]] =
    &[reads::CONTROLS, reads::INTERFACES, reads::LOAD_BALANCERS, reads::FORWARDED];

/// Calls behind every verdict on what a load balancer forwards to.
pub const READS_OF_TARGETS: &[&[&Call]] =
    &[reads::CONTROLS, reads::INTERFACES, reads::INSTANCES, reads::LOAD_BALANCERS, reads::TARGETS];

/// Reports load balancers that the internet can open.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        if !has_balancers(&region, found) {
            continue;
        }
        // A classic load balancer may carry the name of one of the second generation.
        for second in [true, false] {
            let of = |row: &Row<'_>| {
                row.resource.kind == &kinds::ELB_LOAD_BALANCER
                    && row.resource.arn.is_some() == second
            };
            for mut openings in openings(&region, of).into_values() {
                // What listens is the load balancer. What it forwards to is judged by itself.
                for opening in &mut openings {
                    opening.usage.products.clear();
                    opening.severity = Severity::Low;
                }
                report(&region, found, &openings);
            }
        }
    }
}

/// Reports targets on sensitive ports that the internet reaches through load balancers, by target
/// group; behind classic load balancers, which have none, by load balancer.
pub fn evaluate_targets(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        if !has_balancers(&region, found) {
            continue;
        }
        let mut by_group: BTreeMap<(&str, &str), Vec<Opening<'_, '_>>> = BTreeMap::new();
        for row in &region.network().rows {
            let Some(front) = &row.front else { continue };
            let targets = [&kinds::EC2_INSTANCE, &kinds::EC2_NETWORK_INTERFACE, &kinds::ELB_TARGET];
            if !targets.contains(&row.resource.kind) {
                continue;
            }
            for path in &front.paths {
                let Some(opening) = sensitive(row, path, front.application) else { continue };
                let group = path.group.map_or("", |group| group.target_group_arn.as_str());
                // A target group is one resource, whichever load balancers forward to it.
                let balancer = if group.is_empty() { path.balancer } else { "" };
                by_group.entry((group, balancer)).or_default().push(opening);
            }
        }
        for openings in by_group.into_values() {
            report(&region, found, &openings);
        }
    }
}

/// Notes what of load balancers was not read. False where there are none and nothing is missing.
fn has_balancers(region: &Region<'_, '_>, found: &mut Findings) -> bool {
    let (v2, v1) = (&region.services.elbv2, &region.services.elb);
    for (unread, call) in [
        (v2.describe_load_balancers.is_unread(), &calls::elbv2::DESCRIBE_LOAD_BALANCERS),
        (v1.describe_load_balancers.is_unread(), &calls::elb::DESCRIBE_LOAD_BALANCERS),
    ] {
        if unread {
            found.unread(call, region.name);
        }
    }
    let some_v2 = v2.describe_load_balancers.read().is_some_and(|l| !l.load_balancers.is_empty());
    let v1 = v1.describe_load_balancers.read();
    let some_v1 = v1.is_some_and(|l| !l.load_balancer_descriptions.is_empty());
    if some_v2 || some_v1 {
        note_unread(region, found);
    }
    some_v2 || some_v1
}

/// A target's port, if what listens there should not be published.
fn sensitive<'r, 'a>(
    row: &'r Row<'a>,
    path: &'r Path<'a>,
    application: bool,
) -> Option<Opening<'r, 'a>> {
    let port = path.to?;
    let (ports, usage) = classify(row.proto, (port, port)).pop()?;
    if !is_sensitive(usage.class, application) {
        return None;
    }
    let mut bad = severity(usage.class, row.sources);
    // An application load balancer on a web port talks HTTP: a database does not answer that.
    if application && matches!(path.port, 80 | 443) {
        bad = bad.min(Severity::High);
    }
    if path.asks.hinders() {
        bad = lower(bad);
    }
    Some(Opening { row, ports: Some(ports), usage, severity: bad, path: Some(path) })
}

/// One level less: outsiders need a login or a value first.
fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}
