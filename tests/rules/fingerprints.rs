//! A fingerprint is of one finding, and stays with it from run to run.

use std::collections::BTreeSet;

use outcrop::model::Finding;
use outcrop::rules::{RULES, judge};
use serde_json::Value;

use super::cases;

/// What all rules find in an account.
fn found(facts: &Value) -> Vec<Finding> {
    judge(&cases::context(&cases::snapshot(facts)), RULES).findings
}

fn fingerprints(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.fingerprint.as_str()).collect()
}

#[test]
fn no_two_findings_of_the_rules_share_a_fingerprint_and_judging_again_gives_the_same() {
    let mut all = 0;
    for (place, facts) in cases::all() {
        let (once, again) = (found(&facts), found(&facts));
        assert_eq!(fingerprints(&once).len(), once.len(), "{place}");
        assert_eq!(once, again, "{place}");
        all += once.len();
    }
    assert!(all > 50);
}

/// The same with every list the other way round.
fn turned(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(turned).collect(),
        Value::Object(items) => {
            items.iter().map(|(key, item)| (key.clone(), turned(item))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn a_finding_keeps_its_fingerprint_in_whatever_order_a_provider_answers() {
    for (place, facts) in cases::all() {
        let (there, back) = (found(&facts), found(&turned(&facts)));
        assert_eq!(fingerprints(&there), fingerprints(&back), "{place}");
    }
}
