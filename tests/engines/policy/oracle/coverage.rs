//! What the generated policies are made of, so that agreement on them means something.

use std::collections::BTreeMap;

use serde_json::Value;

use super::world::entries;
use super::{Case, case_number, evaluate};
use outcrop::analysis::aws::policy::key_class;

/// Everything about a case that a run has to have met.
fn features(case: &Case) -> Vec<String> {
    let federated = case.subject.kind == "aws.iam.role";
    let mut found = vec![format!("kind {}", case.subject.kind)];
    if case.org.is_some() {
        found.push("owner in an organization".into());
    }
    if case.policy.get("Version").is_none() {
        found.push("version absent".into());
    }
    if !case.others.is_empty() {
        found.push("several documents".into());
    }
    found.push(format!("way {:?}", case.way));
    for control in &case.controls {
        found.push("resource control policy".into());
        if control.policy.to_string().contains("aws:ResourceTag") {
            found.push("resource control policy by tag".into());
        }
    }
    let statements = case.policy["Statement"].as_array().unwrap();
    found.push(format!("{} statements", statements.len()));
    for statement in statements {
        let effect = statement["Effect"].as_str().unwrap_or("no effect");
        found.push(effect.to_owned());
        for element in statement.as_object().unwrap().keys() {
            found.push(format!("{effect} {element}"));
        }
        for (kind, values) in statement["Principal"].as_object().into_iter().flatten() {
            found.push(format!("principal {kind}"));
            if values.to_string().contains("/*") || values.to_string().contains("::*") {
                found.push("principal with a wildcard".into());
            }
        }
        if evaluate::is_unreadable(statement, federated) {
            found.push(format!("malformed {effect}"));
        }
        if evaluate::has_no_effect(statement) {
            found.push("empty element".into());
        }
        let elements = [&statement["Resource"], &statement["NotResource"]];
        if elements.iter().any(|element| element.to_string().contains("${")) {
            found.push("variable in a resource".into());
        }
        for (operator, key, values) in entries(statement) {
            found.extend(entry_features(effect, operator, key, values, federated));
        }
    }
    found
}

fn entry_features(
    effect: &str,
    operator: &str,
    key: &str,
    values: &Value,
    federated: bool,
) -> Vec<String> {
    let (quantifier, base) = operator.split_once(':').unwrap_or(("", operator));
    let plain = base.trim_end_matches("IfExists");
    let mut found = vec![format!("operator {plain}")];
    if base != plain {
        found.push(format!("{effect} IfExists"));
    }
    if !quantifier.is_empty() {
        found.push(format!("{effect} {quantifier}"));
    }
    let class = format!("{:?}", key_class(&key.to_lowercase(), federated));
    found.push(format!("{effect} class {class}"));
    if values.to_string().contains("${") {
        found.push("variable in a condition".into());
    }
    if values.as_array().is_some_and(Vec::is_empty) {
        found.push("empty list of values".into());
    }
    found
}

/// What a run has to contain.
fn wanted() -> Vec<String> {
    let mut wanted: Vec<String> = [
        "owner in an organization",
        "version absent",
        "1 statements",
        "2 statements",
        "3 statements",
        "no effect",
        "allow",
        "principal AWS",
        "principal Service",
        "principal Federated",
        "principal CanonicalUser",
        "principal with a wildcard",
        "malformed Allow",
        "malformed Deny",
        "several documents",
        "resource control policy",
        "resource control policy by tag",
        "empty element",
        "variable in a resource",
        "variable in a condition",
        "empty list of values",
    ]
    .map(str::to_owned)
    .to_vec();
    let kinds = super::SUBJECTS.iter().map(|subject| format!("kind {}", subject.kind));
    wanted.extend(kinds);
    let operators = "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase \
        StringLike StringNotLike ArnEquals ArnNotEquals ArnLike ArnNotLike NumericEquals \
        NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan \
        NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals \
        DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress Null";
    wanted.extend(operators.split_whitespace().map(|operator| format!("operator {operator}")));
    let elements = "Principal NotPrincipal Action NotAction Resource NotResource Condition \
        IfExists ForAllValues ForAnyValue";
    let classes = "CallerAccount CallerArn CallerOrg CallerOrgPath CallerId CallerType IsService \
        ServiceName SourceAccount SourceArn SourceOrg SourceOrgPath SourceIp Endpoint \
        EndpointOrgPath EndpointIp AccessPointAccount AccessPointArn MountTarget ResourceAccount \
        ResourceOrg ResourceOrgPath Time FunctionUrl Forwarded InstanceVpc SessionSource Secret Destination Signed Claim Unknown";
    for effect in ["Allow", "Deny"] {
        wanted.extend(elements.split_whitespace().map(|element| format!("{effect} {element}")));
        wanted.extend(classes.split_whitespace().map(|class| format!("{effect} class {class}")));
        for always in [true, false] {
            wanted.push(format!("{effect} class Free {{ always: {always} }}"));
        }
    }
    wanted
}

#[test]
fn generated_policies_hold_every_feature() {
    const CASES: u64 = 5_000;
    /// Fewer than these in that many policies is as good as none.
    const FEWEST: usize = 5;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in 0..CASES {
        let mut features = features(&Case::of(case_number(1, case)));
        features.sort_unstable();
        features.dedup();
        for feature in features {
            *counts.entry(feature).or_default() += 1;
        }
    }
    for (feature, count) in &counts {
        println!("{count:>6} {feature}");
    }
    let count = |feature: &String| counts.get(feature).copied().unwrap_or_default();
    let rare: Vec<String> =
        wanted().into_iter().filter(|feature| count(feature) < FEWEST).collect();
    assert!(rare.is_empty(), "{rare:?}");
}
