//! Fixtures of rules. A new folder under `fixtures/rules` is a new rule's, a new file in it a new
//! case; `golden.json` beside the cases holds what the rule says of each.

use std::fs;
use std::path::{Path, PathBuf};

use outcrop::inventory::{self, Snapshot};
use outcrop::rules::{Context, Judgement, RULES, Rule, judge};
use serde_json::Value;

/// Where every rule has a folder of its name.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules")
}

/// What the rule says of each of its cases.
pub fn golden(rule: &Rule) -> PathBuf {
    folder().join(rule.id).join("golden.json")
}

/// Names of the rule's cases, sorted.
pub fn names(rule: &Rule) -> Vec<String> {
    let folder = folder().join(rule.id);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "golden")
        .collect();
    names.sort();
    names
}

/// Facts that many cases share and that a case names as its `base`.
pub fn bases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bases")
}

/// The JSON of a file, merged into that of its base if it names one (RFC 7396: objects are joined,
/// `null` takes an answer away, a list replaces the list). Only tests know of bases.
pub fn merged(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut own: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let Some(base) = own.as_object_mut().unwrap().remove("base") else { return own };
    let mut facts = merged(&bases().join(format!("{}.json", base.as_str().unwrap())));
    json_patch::merge(&mut facts, &own);
    facts
}

/// The facts of a case.
pub fn facts(rule: &Rule, case: &str) -> Value {
    merged(&folder().join(rule.id).join(format!("{case}.json")))
}

/// The account that facts are of.
pub fn snapshot(facts: &Value) -> Snapshot {
    let mut snapshots = Vec::new();
    inventory::load(&facts.to_string(), |snapshot| snapshots.push(snapshot))
        .unwrap_or_else(|error| panic!("{error}: {facts}"));
    assert_eq!(snapshots.len(), 1, "one account a case: {facts}");
    snapshots.remove(0)
}

/// An account at the time of the tests.
pub fn context(snapshot: &Snapshot) -> Context<'_> {
    Context::new(snapshot, "2026-11-01T00:00:00Z".parse().unwrap())
}

/// What the rule says of one of its cases.
pub fn judged(rule: &'static Rule, case: &str) -> Judgement {
    judge(&context(&snapshot(&facts(rule, case))), &[rule])
}

/// The facts of every case of every rule, and of the demo.
pub fn all() -> Vec<(String, Value)> {
    let case = |rule: &Rule, name: String| (format!("{}/{name}", rule.id), facts(rule, &name));
    let of_rule = |rule: &'static Rule| names(rule).into_iter().map(move |name| case(rule, name));
    let cases = RULES.iter().copied().flat_map(of_rule);
    let demo = include_str!("../../fixtures/demo.json");
    let demo = serde_json::Deserializer::from_str(demo).into_iter().map(Result::unwrap);
    cases.chain(demo.map(|account| ("the demo".to_owned(), account))).collect()
}
