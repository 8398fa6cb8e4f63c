//! Every entry of the benchmark table is of a rule, or of one that is planned.

use std::collections::{BTreeMap, BTreeSet};

use outcrop::rules::{Benchmarks, RULES};

/// Rules for which no benchmark has a control, and why.
const WITHOUT: [(&str, &str); 10] = [
    (
        "codebuild-webhook-untrusted-build",
        "benchmarks look at the secrets of a project, not at who starts it",
    ),
    (
        "cognito-user-pool-self-signup",
        "benchmarks look at passwords and second factors of a user pool, not at who signs up",
    ),
    ("elasticache-serverless-public", "benchmarks know caches in VPCs only"),
    ("iam-role-federated-open", "benchmarks know no identity providers that serve everybody"),
    ("iam-role-public", "benchmarks look at what a role may do, not at who may assume it"),
    ("elb-sensitive-target-public", "benchmarks look at a load balancer, not at what is behind it"),
    ("lambda-layer-public", "benchmarks look at functions, not at layers"),
    ("rds-cluster-public", "benchmarks know the switch of an instance, not that of a cluster"),
    (
        "shared-snapshot-external",
        "benchmarks look at copies that everyone may use, not at named ones",
    ),
    ("s3-object-public", "benchmarks look at the ACL of a bucket, not at those of its objects"),
];

/// The entries by rule, as the file holds them.
fn table() -> BTreeMap<String, Benchmarks> {
    serde_json::from_str(include_str!("../../src/rules/benchmarks.json")).unwrap()
}

#[test]
fn every_entry_is_of_a_rule_or_of_a_planned_one() {
    let planned: Vec<_> = include_str!("../../fixtures/planned-rules.txt").lines().collect();
    assert!(planned.windows(2).all(|pair| pair[0] < pair[1]), "sorted, no id twice");
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    for id in &planned {
        assert!(!rules.contains(id), "{id} is a rule now: take it out of planned-rules.txt");
    }
    for (id, benchmarks) in table() {
        let known = rules.contains(id.as_str()) || planned.contains(&id.as_str());
        assert!(known, "{id} is no rule and none is planned");
        let empty = benchmarks.is_empty() || benchmarks.values().any(Vec::is_empty);
        assert!(!empty, "{id}: an entry without controls says nothing");
    }
}

#[test]
fn every_rule_has_an_entry_or_a_reason_for_none() {
    let table = table();
    for rule in RULES {
        let reason = WITHOUT.iter().find(|(id, _)| *id == rule.id);
        assert_ne!(table.contains_key(rule.id), reason.is_some(), "{}: {reason:?}", rule.id);
        assert_eq!(table.get(rule.id).cloned().unwrap_or_default(), rule.benchmarks());
    }
    let is_rule = |id: &str| RULES.iter().any(|rule| rule.id == id);
    assert!(WITHOUT.iter().all(|(id, _)| is_rule(id)), "{WITHOUT:?}");
}
