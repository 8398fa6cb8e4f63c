//! `reads` is true: what a rule says does not depend on an answer that it does not declare. A scan
//! of that rule alone does not ask for it, so the rule would say less than in a scan of all.

use std::collections::{BTreeMap, BTreeSet};

use outcrop::rules::{RULES, Rule, judge};
use serde_json::{Map, Value};

use super::cases;

/// Takes away the answers of one scope for which `blanked` says so, and names them.
fn blank(scope: &mut Map<String, Value>, blanked: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    for (service, answers) in scope {
        let Value::Object(answers) = answers else { continue };
        answers.retain(|operation, _| {
            let name = format!("{service}:{operation}");
            let gone = blanked(&name);
            if gone {
                names.push(name);
            }
            !gone
        });
    }
    names
}

/// A dump is one scope; a snapshot has one for the account and one for each region.
pub fn blank_all(facts: &mut Value, blanked: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    if facts["schema_version"].is_null() {
        return blank(facts.as_object_mut().unwrap(), blanked);
    }
    names.extend(blank(facts["global"].as_object_mut().unwrap(), blanked));
    for region in facts["regions"].as_object_mut().unwrap().values_mut() {
        names.extend(blank(region.as_object_mut().unwrap(), blanked));
    }
    names.sort();
    names.dedup();
    names
}

/// What rules of `rules` say otherwise, of these facts, without the answers that they do not declare.
fn undeclared(facts: &Value, rules: &[&'static Rule]) -> Vec<String> {
    let snapshot = cases::snapshot(facts);
    let whole = cases::context(&snapshot);
    // Rules that lose the same answers look at the same account.
    let mut losing: BTreeMap<Vec<String>, (Value, Vec<&'static Rule>)> = BTreeMap::new();
    for rule in rules {
        let declared: BTreeSet<String> = rule.calls().map(|call| call.name()).collect();
        let mut without = facts.clone();
        // What an organization says of an account is asked once, for whatever rules judge policies.
        let asked = |name: &str| declared.contains(name) || name.starts_with("organizations:");
        let lost = blank_all(&mut without, &|name| !asked(name));
        losing.entry(lost).or_insert((without, Vec::new())).1.push(rule);
    }
    let mut wrong = Vec::new();
    for (lost, (without, rules)) in losing {
        let snapshot = cases::snapshot(&without);
        let without = cases::context(&snapshot);
        for rule in rules {
            let said = judge(&whole, &[rule]);
            if judge(&without, &[rule]) == said {
                continue;
            }
            let matters = |name: &&String| {
                let mut without = facts.clone();
                blank_all(&mut without, &|other| other == *name);
                judge(&cases::context(&cases::snapshot(&without)), &[rule]) != said
            };
            // None by itself: it takes several of them.
            let mut guilty: Vec<_> = lost.iter().filter(matters).collect();
            if guilty.is_empty() {
                guilty.extend(&lost);
            }
            wrong.push(format!("{} reads {guilty:?}", rule.id));
        }
    }
    wrong
}

#[test]
fn no_rule_reads_an_answer_that_it_does_not_declare() {
    let mut wrong = Vec::new();
    for (place, facts) in cases::all() {
        let said = undeclared(&facts, RULES);
        wrong.extend(said.into_iter().map(|what| format!("{what}: {place}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
