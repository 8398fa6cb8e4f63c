//! Unread is an answer: whatever is missing, no rule takes it for "there is nothing".

use std::collections::BTreeSet;

use outcrop::inventory::Snapshot;
use outcrop::model::{Finding, Status};
use outcrop::rules::{RULES, Rule, judge};
use serde_json::Value;

use super::cases;
use super::reads::blank_all;

#[test]
fn where_nothing_was_read_every_rule_says_so() {
    let silent: Vec<_> = RULES
        .iter()
        .filter(|rule| {
            let snapshot = Snapshot {
                account: "111122223333".to_owned(),
                regions: [("eu-west-1".to_owned(), Default::default())].into(),
                ..Snapshot::default()
            };
            let said = judge(&cases::context(&snapshot), &[rule]);
            !said.coverage.iter().any(|entry| entry.affects.iter().any(|id| id == rule.id))
        })
        .map(|rule| rule.id)
        .collect();
    assert!(silent.is_empty(), "nothing was read and nothing is said: {silent:?}");
}

/// The answers in these facts that a rule needs.
fn answers(facts: &Value, rule: &Rule) -> Vec<String> {
    let required: BTreeSet<String> = rule.required().map(|call| call.name()).collect();
    let mut answers = blank_all(&mut facts.clone(), &|name| required.contains(name));
    answers.sort();
    answers.dedup();
    answers
}

/// What of the findings of a rule vanishes without a word when answers are missing.
fn vanished(
    (facts, before): (&Value, &[Finding]),
    rule: &'static Rule,
    missing: &[&String],
) -> Vec<String> {
    let mut without = facts.clone();
    blank_all(&mut without, &|name| missing.iter().any(|missing| *missing == name));
    let snapshot = cases::snapshot(&without);
    let now = judge(&cases::context(&snapshot), &[rule]);
    let told = now.coverage.iter().any(|entry| entry.affects.iter().any(|id| id == rule.id));
    let gone = before.iter().filter(|finding| {
        !told && !now.findings.iter().any(|now| now.resource.uid == finding.resource.uid)
    });
    gone.map(|finding| finding.resource.uid.clone()).collect()
}

#[test]
fn nothing_open_vanishes_without_a_word_when_one_or_two_answers_are_missing() {
    let mut silent = BTreeSet::new();
    for rule in RULES {
        for name in cases::names(rule) {
            let facts = cases::facts(rule, &name);
            let answers = answers(&facts, rule);
            let mut before = cases::judged(rule, &name).findings;
            // What a control shuts that was read needs no further answer, and none is asked for.
            before.retain(|finding| finding.status != Status::Latent);
            if before.is_empty() {
                continue;
            }
            for (at, one) in answers.iter().enumerate() {
                for other in &answers[at..] {
                    let gone = vanished((&facts, &before), rule, &[one, other]);
                    if !gone.is_empty() {
                        silent
                            .insert(format!("{}/{name} without {one}, {other}: {gone:?}", rule.id));
                    }
                }
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}
