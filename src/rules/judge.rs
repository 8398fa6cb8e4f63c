//! From an account's facts to its findings and to what could not be judged.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Unread;
use super::{Context, Findings, Rule};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{About, Call};
use crate::model::{Coverage, Finding, GLOBAL};
use crate::model::{Gap, Outcome};

/// What the rules say of one account.
#[derive(Debug, Default, PartialEq)]
pub struct Judgement {
    /// In the order of reports.
    pub findings: Vec<Finding>,
    /// What the rules needed and did not have.
    pub coverage: Vec<Coverage>,
}

/// Applies `rules` to one account.
pub fn judge(cx: &Context<'_>, rules: &[&'static Rule]) -> Judgement {
    let mut findings = Vec::new();
    let mut unread: BTreeMap<Unread, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules {
        let mut found = Findings::new(rule);
        (rule.evaluate)(cx, &mut found);
        findings.append(&mut found.findings);
        for need in found.unread {
            unread.entry(need).or_default().insert(rule.id);
        }
    }
    findings.sort_by(Finding::report_order);
    Judgement { findings, coverage: coverage(cx.snapshot, rules, unread) }
}

/// Joins what rules missed with what the provider said when it was asked.
fn coverage(
    snapshot: &Snapshot,
    rules: &[&'static Rule],
    unread: BTreeMap<Unread, BTreeSet<&str>>,
) -> Vec<Coverage> {
    let mut entries: BTreeMap<(String, String, String, Option<String>), Coverage> = BTreeMap::new();
    let mut add = |gap: &Gap, affects: &BTreeSet<&str>| {
        let key =
            (gap.service.clone(), gap.operation.clone(), gap.region.clone(), gap.resource.clone());
        let entry = entries.entry(key).or_insert_with(|| entry(snapshot, gap));
        entry.affects.extend(affects.iter().map(|&rule| rule.to_owned()));
        entry.affects.sort();
        entry.affects.dedup();
    };
    for (need, affects) in &unread {
        // What belongs to the whole account is asked in some region, and a call about a resource
        // may have been sent to another region's endpoint.
        let here = |gap: &&Gap| {
            need.call.is_missing(gap)
                && (gap.region == need.region
                    || need.call.about != About::Region
                    || need.region == GLOBAL)
        };
        let mut gaps = snapshot.gaps.iter().filter(here);
        // One gap may stand for all that a call was to be asked of in a place.
        let told = gaps
            .clone()
            .find(|gap| gap.resource == need.resource)
            .or_else(|| gaps.find(|gap| gap.resource.is_none()));
        match told {
            Some(gap) => add(gap, affects),
            None => add(&unasked(snapshot, need), affects),
        }
    }
    // Whatever was asked for these rules and refused is said, needed for a verdict or not: nobody
    // can tell what the answer would have been.
    for gap in &snapshot.gaps {
        let affects = affected(gap, rules);
        if !affects.is_empty() {
            add(gap, &affects);
        }
    }
    entries.into_values().collect()
}

/// Every call that had no answer, with the rules that need it, whatever was judged. It may be one
/// that only adds evidence: then no rule needs it.
pub fn unanswered(snapshot: &Snapshot, rules: &[&'static Rule]) -> Vec<Coverage> {
    let entries = snapshot.gaps.iter().map(|gap| {
        let affects = affected(gap, rules).into_iter().map(str::to_owned).collect();
        Coverage { affects, ..entry(snapshot, gap) }
    });
    entries.collect()
}

/// Rules that cannot judge all without the answer.
fn affected(gap: &Gap, rules: &[&'static Rule]) -> BTreeSet<&'static str> {
    // What no rule reads decides what is scanned at all (regions): it concerns them all.
    let of_all = !super::RULES.iter().any(|rule| rule.calls().any(|call| call.is_missing(gap)));
    let reads = |rule: &Rule| rule.required().any(|call| call.is_missing(gap));
    let reading = rules.iter().filter(|rule| of_all || reads(rule));
    reading.map(|rule| rule.id).collect()
}

fn entry(snapshot: &Snapshot, gap: &Gap) -> Coverage {
    Coverage {
        service: gap.service.clone(),
        operation: gap.operation.clone(),
        account: snapshot.account.clone(),
        region: gap.region.clone(),
        resource: gap.resource.clone(),
        outcome: gap.outcome,
        code: gap.code.clone(),
        message: gap.message.clone(),
        affects: Vec::new(),
    }
}

/// A call that was not made: the credentials had been refused in that place, or the input (a dump,
/// an older snapshot) does not hold it.
fn unasked(snapshot: &Snapshot, need: &Unread) -> Gap {
    let Call { service, operation, .. } = *need.call;
    let refused = snapshot.gaps.iter().find(|gap| {
        gap.outcome == Outcome::Expired && gap.service == service && gap.region == need.region
    });
    let (outcome, code, message) = match refused {
        Some(gap) => (gap.outcome, gap.code.clone(), gap.message.clone()),
        None => (
            Outcome::Error,
            Some("NotCollected".to_owned()),
            "the input holds no answer to this call".to_owned(),
        ),
    };
    Gap {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: need.region.clone(),
        resource: need.resource.clone(),
        outcome,
        code,
        message,
    }
}
