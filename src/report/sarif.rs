//! `sarif`: SARIF 2.1.0 as GitHub code scanning accepts it.
//!
//! What GitHub asks for beyond the standard (its page "SARIF support for code scanning"): a
//! physical location for every result, `primaryLocationLineHash` to know a result again,
//! `security-severity` at the rule, and at most 5,000 results that count.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::{RuleDoc, clean, json as written, words};
use crate::model::Status;
use crate::model::{Finding, Run, Severity, Standing};

/// GitHub keeps the 5,000 worst of a run and drops the rest without a word.
const MOST_RESULTS: usize = 5_000;
/// Calls without an answer that are told one by one.
const MOST_NOTIFICATIONS: usize = 200;
/// GitHub's limit for descriptions of rules.
const MOST_IN_DESCRIPTION: usize = 1_000;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun {
    tool: Value,
    automation_details: Value,
    invocations: Value,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    message: Message,
    locations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<Value>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: Value,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

/// Writes a log with one run.
pub fn write(run: &Run, rules: &[RuleDoc], out: &mut dyn io::Write) -> io::Result<()> {
    // Worst first already; what is open for certain goes before what is not.
    let mut findings: Vec<&Finding> = run.findings.iter().collect();
    findings.sort_by_key(|f| (std::cmp::Reverse(f.severity), f.status));
    findings.truncate(MOST_RESULTS);
    findings.sort_by(|a, b| a.report_order(b));

    let rules = Rules::of(run, rules);
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [SarifRun {
            tool: json!({ "driver": {
                "name": clean::markup(&run.tool.name),
                "version": clean::markup(&run.tool.version),
                "rules": rules.descriptors,
            }}),
            automation_details: json!({ "id": category(run) }),
            invocations: json!([invocation(run)]),
            column_kind: "utf16CodeUnits",
            results: findings.iter().map(|finding| result(finding, &rules)).collect(),
        }],
    };
    written::pretty(&log, out)
}

/// Runs of the same category replace each other's results at GitHub: one per account.
fn category(run: &Run) -> String {
    match run.scan.accounts.as_slice() {
        [account] => format!("outcrop/{}/", clean::uri_component(account)),
        _ => "outcrop/".into(),
    }
}

struct Rules {
    descriptors: Vec<Value>,
    index: BTreeMap<String, usize>,
}

impl Rules {
    /// Every rule that was applied or found something, documented where it is known.
    fn of(run: &Run, docs: &[RuleDoc]) -> Rules {
        let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in &run.findings {
            let severity = worst.entry(&finding.rule).or_insert(finding.severity);
            *severity = (*severity).max(finding.severity);
        }
        for rule in &run.scan.rules {
            worst.entry(rule).or_insert(Severity::Low);
        }
        let provider = clean::markup(&run.scan.provider);
        let mut rules = Rules { descriptors: Vec::new(), index: BTreeMap::new() };
        for (n, (id, worst)) in worst.into_iter().enumerate() {
            let doc = docs.iter().find(|doc| doc.id == id);
            rules.descriptors.push(descriptor(id, doc, worst, &provider));
            rules.index.insert(id.to_owned(), n);
        }
        rules
    }
}

fn descriptor(id: &str, doc: Option<&RuleDoc>, worst: Severity, provider: &str) -> Value {
    let id = clean::markup(id);
    let title = doc.map_or(id.as_str(), |doc| doc.title.as_str());
    let title = clean::sarif_message(&clean::shorten(title, MOST_IN_DESCRIPTION));
    // A rule page is ours, not the account's, and GitHub renders it as Markdown.
    let page = doc.map_or(title.as_str(), |doc| doc.help_markdown.as_str());
    let severity = doc.map_or(worst, |doc| doc.severity);
    json!({
        "id": id,
        "name": id,
        "shortDescription": { "text": title },
        "fullDescription": { "text": title },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level_of(severity) },
        "properties": {
            "security-severity": security_severity(severity),
            "precision": "very-high",
            "tags": ["security", "cloud", provider],
        },
    })
}

/// A number on the scale of CVSS, which GitHub turns back into critical, high, medium, low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
    }
}

fn level_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn result(finding: &Finding, rules: &Rules) -> SarifResult {
    let resource = &finding.resource;
    let mut lines = vec![finding.title.clone(), format!("resource: {}", resource.uid)];
    lines.push(format!("{}, {}", finding.status.as_str(), finding.severity.as_str()));
    lines.extend(words::details(finding));
    let lines: Vec<String> = lines.iter().map(|line| clean::sarif_message(line)).collect();
    let step = |text: String| {
        let message = json!({ "text": clean::sarif_message(&text) });
        json!({ "location": { "physicalLocation": physical(finding), "message": message } })
    };
    let steps: Vec<Value> = words::proof(finding)
        .map(|s| step(words::step(&s.kind, s.id.as_deref(), &s.text)))
        .collect();
    let code_flows = match steps.is_empty() {
        true => Vec::new(),
        false => vec![json!({ "threadFlows": [{ "locations": steps }] })],
    };
    SarifResult {
        rule_id: clean::markup(&finding.rule),
        rule_index: rules.index.get(&finding.rule).copied().unwrap_or_default(),
        level: match finding.status {
            Status::Latent | Status::Weakness => "note",
            Status::Exposed | Status::Undetermined => level_of(finding.severity),
        },
        baseline_state: finding.baseline.map(baseline_state),
        message: Message { text: lines.join("\n") },
        locations: [location(finding)],
        code_flows,
        partial_fingerprints: BTreeMap::from([
            ("outcropFingerprint/v1", clean::markup(&finding.fingerprint)),
            ("primaryLocationLineHash", format!("{}:1", clean::markup(&finding.fingerprint))),
        ]),
        properties: json!({
            "status": finding.status,
            "severity": finding.severity,
            "account": resource.account,
            "region": resource.region,
            "benchmarks": finding.benchmarks,
        }),
    }
}

/// The words of the standard (section 3.27.24); `unchanged` is what did not change in a way that
/// the tool holds to be significant.
fn baseline_state(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Worse => "updated",
        Standing::Known => "unchanged",
    }
}

/// No file holds a resource: a path that names it stands for one, always the same.
fn physical(finding: &Finding) -> Value {
    json!({
        "artifactLocation": { "uri": super::place(&finding.resource) },
        "region": { "startLine": 1 },
    })
}

fn location(finding: &Finding) -> Value {
    json!({
        "physicalLocation": physical(finding),
        "logicalLocations": [{
            "name": clean::markup(&finding.resource.id),
            "fullyQualifiedName": clean::markup(&finding.resource.uid),
            "kind": "resource",
        }],
    })
}

/// How the scan went: what was left out of this file and what was not seen.
fn invocation(run: &Run) -> Value {
    let mut notices = Vec::new();
    let mut note = |text: String| {
        let text = clean::sarif_message(&text);
        notices.push(json!({ "level": "warning", "message": { "text": text } }));
    };
    if run.findings.len() > MOST_RESULTS {
        let all = run.findings.len();
        note(format!(
            "{all} findings, of which the {MOST_RESULTS} worst are here: GitHub keeps no more; \
             other formats have them all"
        ));
    }
    for gap in run.coverage.iter().take(MOST_NOTIFICATIONS) {
        note(format!("not seen: {}; unjudged: {}", words::gap(gap), gap.affects.join(", ")));
    }
    if let Some(more @ 1..) = run.coverage.len().checked_sub(MOST_NOTIFICATIONS) {
        note(format!("not seen: {more} more calls without an answer"));
    }
    let mut invocation = json!({
        "executionSuccessful": run.scan.complete,
        "toolExecutionNotifications": notices,
    });
    let times = [("startTimeUtc", &run.scan.started_at), ("endTimeUtc", &run.scan.finished_at)];
    for (key, time) in times {
        // Only what is a time: a saved run may come from anywhere.
        if let Some(Ok(time)) = time.as_deref().map(str::parse::<jiff::Timestamp>) {
            invocation[key] = json!(time.to_string());
        }
    }
    invocation
}
