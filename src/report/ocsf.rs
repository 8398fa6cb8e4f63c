//! `ocsf`: events of the Open Cybersecurity Schema Framework 1.5.0 (released 2025), class
//! Detection Finding (2004) with the profile `cloud`.
//!
//! Detection rather than compliance: a finding is a proven way in, not a control of a standard.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::clean::markup;
use super::not_seen::{self, NotSeen};
use super::{RuleDoc, json as written, words};
use crate::model::{Finding, Provider, Run, Severity, Standing};

const SCHEMA: &str = "1.5.0";
const CLASS: u32 = 2004;

#[derive(Default, Serialize)]
struct Detection {
    activity_id: u32,
    activity_name: &'static str,
    category_name: &'static str,
    category_uid: u32,
    class_name: &'static str,
    class_uid: u32,
    type_name: &'static str,
    type_uid: u32,
    severity: &'static str,
    severity_id: u32,
    status: &'static str,
    status_id: u32,
    time: i64,
    message: String,
    metadata: Value,
    cloud: Value,
    finding_info: Value,
    resources: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidences: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Value>,
    unmapped: Value,
}

/// Writes an array of events, at its end one for each account and region in which something was not
/// seen.
///
/// OCSF would have the class Scan Activity (6007) for that, but a custom source of Security Lake
/// holds events of one class (its user guide, "Requirements for ingesting custom sources"): what was
/// not seen is an informational event of this one.
pub fn write(run: &Run, rules: &[RuleDoc], out: &mut dyn io::Write) -> io::Result<()> {
    // Milliseconds since 1970; the time is required, and a run without one is as old as can be.
    let at = run.scan.finished_at.as_deref().or(run.scan.started_at.as_deref());
    let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok()).unwrap_or_default();
    let time = at.as_millisecond();
    let mut events: Vec<Detection> =
        run.findings.iter().map(|f| event(f, run, rules, time)).collect();
    events.extend(not_seen::of(run).iter().map(|place| unseen(place, run, time)));
    written::pretty(&events, out)
}

fn event(finding: &Finding, run: &Run, rules: &[RuleDoc], time: i64) -> Detection {
    let resource = &finding.resource;
    let (severity_id, severity) = severity(finding.severity);
    let rule_title = rules.iter().find(|rule| rule.id == finding.rule).map(|rule| &*rule.title);
    let evidence = |step: &crate::model::Evidence| json!({ "name": step.kind, "data": step });
    let mut unmapped = json!({
        "status": finding.status,
        "exposure": finding.exposure,
        "blocked_by": finding.blocked_by,
        "undecided": finding.undecided,
        "benchmarks": finding.benchmarks,
    });
    if let Some(standing) = finding.baseline {
        unmapped["baseline"] = json!(standing);
    }
    Detection {
        severity,
        severity_id,
        message: markup(&finding.title),
        metadata: metadata(run, &finding.rule),
        cloud: cloud(resource.provider, &resource.account, &resource.region),
        finding_info: json!({
            "uid": finding.fingerprint,
            "title": markup(&finding.title),
            "desc": markup(&words::details(finding).join("; ")),
            "created_time": time,
            "types": [finding.category.as_str(), finding.status.as_str()],
            // 1 is "Rule".
            "analytic": {
                "uid": finding.rule,
                "name": rule_title.unwrap_or(&finding.rule),
                "type": "Rule",
                "type_id": 1,
            },
        }),
        resources: [json!({
            "uid": resource.uid,
            "name": resource.name.as_ref().unwrap_or(&resource.id),
            "type": resource.kind,
            "region": resource.region,
            "cloud_partition": resource.partition,
        })],
        evidences: finding.evidence.iter().map(evidence).collect(),
        remediation: remediation(finding),
        unmapped,
        ..of_class(finding.baseline, time)
    }
}

fn unseen(place: &NotSeen<'_>, run: &Run, time: i64) -> Detection {
    let title = markup(&place.title());
    Detection {
        severity: "Informational",
        severity_id: 1,
        message: title.clone(),
        metadata: metadata(run, not_seen::CHECK),
        cloud: cloud(place.provider, place.account, place.region),
        finding_info: json!({
            "uid": place.fingerprint(),
            "title": title,
            "desc": markup(&place.details().join("; ")),
            "created_time": time,
            "types": [not_seen::CHECK],
        }),
        resources: [json!({
            "uid": place.account,
            "name": place.account,
            "type": format!("{}.account", place.provider.as_str()),
            "region": place.region,
        })],
        unmapped: json!({ "status": not_seen::CHECK, "coverage": place.gaps }),
        ..of_class(None, time)
    }
}

/// What every event of the class has.
fn of_class(standing: Option<Standing>, time: i64) -> Detection {
    let (activity_id, activity_name, type_name) = activity(standing);
    let (status_id, status) = status(standing);
    Detection {
        activity_id,
        activity_name,
        category_name: "Findings",
        category_uid: 2,
        class_name: "Detection Finding",
        class_uid: CLASS,
        type_name,
        type_uid: CLASS * 100 + activity_id,
        status,
        status_id,
        time,
        ..Detection::default()
    }
}

fn metadata(run: &Run, code: &str) -> Value {
    json!({
        "version": SCHEMA,
        "event_code": code,
        "profiles": ["cloud"],
        "product": {
            "name": run.tool.name,
            "vendor_name": run.tool.name,
            "version": run.tool.version,
        },
    })
}

fn cloud(provider: Provider, account: &str, region: &str) -> Value {
    let (type_id, r#type) = account_type(provider);
    json!({
        "provider": provider.title(),
        "region": region,
        "account": { "uid": account, "name": account, "type": r#type, "type_id": type_id },
    })
}

/// Number and captions of the activity: without a baseline a run does not know of the one before,
/// and every finding is created.
fn activity(standing: Option<Standing>) -> (u32, &'static str, &'static str) {
    match standing {
        None | Some(Standing::New) => (1, "Create", "Detection Finding: Create"),
        Some(Standing::Worse | Standing::Known) => (2, "Update", "Detection Finding: Update"),
    }
}

/// Number and caption of the status. 1 is "new and yet to be reviewed"; for what was accepted there
/// is no number (3 is "determined to be benign"), and 99 leaves the word to the product.
fn status(standing: Option<Standing>) -> (u32, &'static str) {
    match standing {
        None | Some(Standing::New | Standing::Worse) => (1, "New"),
        Some(Standing::Known) => (99, "Known"),
    }
}

fn remediation(finding: &Finding) -> Option<Value> {
    let desc = words::fix(&finding.remediation);
    (!desc.is_empty()).then(|| json!({ "desc": markup(&desc) }))
}

/// Number and caption of the account's `type_id`.
fn account_type(provider: Provider) -> (u32, &'static str) {
    match provider {
        Provider::Aws => (10, "AWS Account"),
    }
}

/// Numbers and captions of `severity_id`.
fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}
