//! Reports as tests compare them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// What makes a finding the one that was to be found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub rule: String,
    pub id: String,
    pub account: String,
    pub region: String,
    pub status: String,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { rule, id, account, region, status } = self;
        write!(f, "{status} {rule} {id} {account} {region}")
    }
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {of}")).to_owned()
}

/// The findings of a report. One finding a resource, rule and status: no duplicates.
pub fn found(report: &Value) -> BTreeSet<Found> {
    let listed = report["findings"].as_array().expect("findings are a list");
    let mut all = BTreeSet::new();
    for finding in listed {
        let resource = &finding["resource"];
        let found = Found {
            rule: text(finding, "rule"),
            id: text(resource, "id"),
            account: text(resource, "account"),
            region: text(resource, "region"),
            status: text(finding, "status"),
        };
        assert!(all.insert(found.clone()), "found twice: {found:?}");
    }
    all
}

/// Compares findings with a truth by construction: every line of it, and no other finding.
///
/// `statuses` are those that the run was to show. Lines with `silent-or-latent` allow a latent
/// finding and do not ask for it.
#[track_caller]
pub fn assert_true(report: &Value, truth: &[Value], statuses: &[&str]) {
    let lines: Vec<Found> = truth
        .iter()
        .map(|line| Found {
            rule: text(line, "rule"),
            id: text(line, "id"),
            account: text(line, "account"),
            region: text(line, "region"),
            status: text(line, "status"),
        })
        .collect();
    let asked: BTreeSet<Found> =
        lines.iter().filter(|line| statuses.contains(&line.status.as_str())).cloned().collect();
    let allowed: BTreeSet<Found> = lines
        .into_iter()
        .filter(|line| line.status == "silent-or-latent" && statuses.contains(&"latent"))
        .map(|line| Found { status: "latent".to_owned(), ..line })
        .collect();
    let found = found(report);
    let missing: Vec<_> = asked.difference(&found).collect();
    let extra: Vec<_> = found.difference(&asked).filter(|one| !allowed.contains(one)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{} findings of {} asked for; missing: {missing:#?}; not true: {extra:#?}",
        found.len(),
        asked.len(),
    );
}

/// An entry of the coverage block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    pub call: String,
    pub resource: Option<String>,
    pub region: String,
    pub outcome: String,
    pub affects: Vec<String>,
}

/// The coverage block of a report.
pub fn unseen(report: &Value) -> Vec<Unseen> {
    let listed = report["coverage"].as_array().expect("coverage is a list");
    let entry = |entry: &Value| Unseen {
        call: format!("{}:{}", text(entry, "service"), text(entry, "operation")),
        resource: entry["resource"].as_str().map(str::to_owned),
        region: text(entry, "region"),
        outcome: text(entry, "outcome"),
        affects: serde_json::from_value(entry["affects"].clone()).expect("affects is a list"),
    };
    listed.iter().map(entry).collect()
}

/// The findings without their status, as `rule id`: what a partial run has judged.
pub fn open_ways(report: &Value) -> BTreeMap<String, String> {
    let way = |one: Found| (format!("{} {}", one.rule, one.id), one.status);
    found(report).into_iter().map(way).collect()
}

/// The report without the fields that tell when it was made.
pub fn timeless(report: &Value) -> Value {
    let mut report = report.clone();
    let scan = report["scan"].as_object_mut().expect("scan is an object");
    for time in ["started_at", "finished_at"] {
        assert!(scan.remove(time).is_some(), "{time} is told");
    }
    report
}
