//! What a finding says of itself is true: its commands close it, and every rule that its evidence
//! names admits its very ports from its very sources.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use outcrop::inventory::Snapshot;
use outcrop::model::{Finding, Ports, Status};
use outcrop::rules::{Context, Rule, judge};

use super::commands;

/// An account at the time of the tests.
fn context(snapshot: &Snapshot) -> Context<'_> {
    Context::new(snapshot, "2026-11-01T00:00:00Z".parse().unwrap())
}

/// What the rules find.
pub fn found(snapshot: &Snapshot, rules: &[&'static Rule]) -> Vec<Finding> {
    judge(&context(snapshot), rules).findings
}

/// Proves every finding of the rules in an account. Returns how many were closed by commands.
pub fn prove(place: &str, snapshot: &Snapshot, rules: &[&'static Rule]) -> usize {
    let findings = found(snapshot, rules);
    let mut closed = 0;
    for finding in &findings {
        named_rules_admit(place, snapshot, finding);
        if !finding.remediation.commands.is_empty() {
            closes(place, snapshot, rules, finding, &findings);
            closed += 1;
        }
    }
    closed
}

/// After all commands the finding is gone, and in its place there is none that is open.
fn closes(
    place: &str,
    snapshot: &Snapshot,
    rules: &[&'static Rule],
    finding: &Finding,
    all: &[Finding],
) {
    let commands = &finding.remediation.commands;
    let after = commands::after(snapshot, commands);
    let rule: Vec<&'static Rule> =
        rules.iter().copied().filter(|rule| rule.id == finding.rule).collect();
    let before: BTreeSet<&str> = all.iter().map(|known| known.fingerprint.as_str()).collect();
    for left in found(&after, &rule) {
        if left.resource.uid != finding.resource.uid || apart(finding, &left, all) {
            continue;
        }
        let same = left.fingerprint == finding.fingerprint;
        let open = |one: &Finding| matches!(one.status, Status::Exposed | Status::Undetermined);
        // What is shut from now on, by what the commands switched on, is closed.
        let shut = open(finding) && !open(&left);
        // Narrower, and the text says by what it stays open.
        let theirs = finding.remediation.text.contains("; what groups of account ")
            && left.exposure != finding.exposure;
        let known = before.contains(left.fingerprint.as_str());
        assert!(
            shut || theirs || !same && (known || !open(&left)),
            "{place}: not closed by {commands:#?}: {finding:#?}\nleft: {left:#?}"
        );
    }
}

/// Whether what is left is no part of a finding: it names none of its ports, or only such as another
/// finding of the resource was about before. Where every port is open, other protocols belong to that
/// hole, and to this finding when the hole is closed; and a port may be open by two families.
fn apart(finding: &Finding, left: &Finding, all: &[Finding]) -> bool {
    let ports =
        |of: &Finding| of.exposure.as_ref().map(|own| own.ports.clone()).unwrap_or_default();
    let meets = |a: &Ports, b: &Ports| a.protocol == b.protocol && a.from <= b.to && b.from <= a.to;
    let own = ports(finding);
    let others = all.iter().filter(|other| {
        other.resource.uid == finding.resource.uid && other.fingerprint != finding.fingerprint
    });
    let others: Vec<Ports> = others.flat_map(ports).collect();
    let mut shared = ports(left);
    shared.retain(|left| own.iter().any(|own| meets(own, left)));
    !own.is_empty() && shared.iter().all(|left| others.iter().any(|other| meets(other, left)))
}

/// Every security group that the evidence names has a rule on a port of the finding, from a source
/// of the finding.
fn named_rules_admit(place: &str, snapshot: &Snapshot, finding: &Finding) {
    let Some(exposure) = &finding.exposure else { return };
    // Behind a load balancer there are the ports of listeners and those of targets.
    let forwarded =
        finding.evidence.iter().any(|step| matches!(&*step.kind, "listener-rule" | "forward"));
    let steps = finding.evidence.iter().filter(|step| step.kind == "security-group");
    for step in steps.take(if forwarded { 0 } else { usize::MAX }) {
        let Some(rest) = step.text.strip_prefix("admits ") else { continue };
        let (what, from) = rest.split_once(" from ").unwrap();
        let from = from.split(", +").next().unwrap();
        let source = match from.split_once(" (pl-") {
            Some((_, list)) => format!("pl-{}", list.trim_end_matches(')')),
            None => from.to_owned(),
        };
        let told = || format!("{place}: {what} from {source}: {finding:#?}");
        // Sources stand in the form that people gave them: 2600::1/32 is 2600::/32.
        let cidrs = exposure.cidrs.iter().map(|cidr| block(cidr));
        assert!(cidrs.into_iter().any(|cidr| cidr == block(&source)), "{}", told());
        let covers = |from: u16, to: u16| {
            exposure.ports.iter().any(|ports| match (ports.from, ports.to) {
                (Some(lo), Some(hi)) => from <= hi && lo <= to,
                _ => true,
            })
        };
        let (protocol, ports) = what.split_once(' ').unwrap_or((what, ""));
        match (protocol, ports) {
            ("tcp" | "udp", "on all ports") | ("all", _) | ("protocol", _) => {}
            ("tcp" | "udp", ports) => {
                let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
                assert!(covers(from.parse().unwrap(), to.parse().unwrap()), "{}", told());
                let protocols = exposure.ports.iter().map(|ports| ports.protocol.as_str());
                assert!(protocols.into_iter().any(|own| own == protocol), "{}", told());
            }
            _ => {}
        }
        let group = step.id.as_deref().unwrap_or_default();
        assert!(has_group(snapshot, group), "{}", told());
    }
}

/// A block by its first address and its length; a prefix list as it is.
fn block(text: &str) -> (String, String) {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let bits: u32 = length.parse().unwrap_or_default();
    if let Ok(v4) = address.parse::<Ipv4Addr>() {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        return (Ipv4Addr::from(u32::from(v4) & mask).to_string(), length.to_owned());
    }
    if let Ok(v6) = address.parse::<Ipv6Addr>() {
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        return (Ipv6Addr::from(u128::from(v6) & mask).to_string(), length.to_owned());
    }
    (address.to_owned(), length.to_owned())
}

fn has_group(snapshot: &Snapshot, id: &str) -> bool {
    let listed = snapshot.regions.values().filter_map(|services| {
        services.ec2.describe_security_groups.read().map(|read| &read.security_groups)
    });
    listed.flatten().any(|group| group.group_id == id)
}
