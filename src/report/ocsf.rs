//! `ocsf`: events of the Open Cybersecurity Schema Framework 1.5.0 (released 2025), class
//! Detection Finding (2004) with the profile `cloud`.
//!
//! Detection rather than compliance: a finding is a proven way in, not a control of a standard.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::clean::markup;
use super::{RuleDoc, json as written, words};
use crate::model::{Finding, Provider, Run, Severity};

const SCHEMA: &str = "1.5.0";
const CLASS: u32 = 2004;
/// Every finding of a run is reported as new: a run does not know of the one before.
const ACTIVITY_CREATE: u32 = 1;

#[derive(Serialize)]
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

/// Writes an array of events. OCSF has no place for what was not seen.
pub fn write(run: &Run, rules: &[RuleDoc], out: &mut dyn io::Write) -> io::Result<()> {
    // Milliseconds since 1970; the time is required, and a run without one is as old as can be.
    let at = run.scan.finished_at.as_deref().or(run.scan.started_at.as_deref());
    let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok()).unwrap_or_default();
    let time = at.as_millisecond();
    let events: Vec<Detection> = run.findings.iter().map(|f| event(f, run, rules, time)).collect();
    written::pretty(&events, out)
}

fn event(finding: &Finding, run: &Run, rules: &[RuleDoc], time: i64) -> Detection {
    let resource = &finding.resource;
    let (severity_id, severity) = severity(finding.severity);
    let (account_type_id, account_type) = account_type(resource.provider);
    let rule_title = rules.iter().find(|rule| rule.id == finding.rule).map(|rule| &*rule.title);
    let evidence = |step: &crate::model::Evidence| json!({ "name": step.kind, "data": step });
    Detection {
        activity_id: ACTIVITY_CREATE,
        activity_name: "Create",
        category_name: "Findings",
        category_uid: 2,
        class_name: "Detection Finding",
        class_uid: CLASS,
        type_name: "Detection Finding: Create",
        type_uid: CLASS * 100 + ACTIVITY_CREATE,
        severity,
        severity_id,
        status: "New",
        status_id: 1,
        time,
        message: markup(&finding.title),
        metadata: json!({
            "version": SCHEMA,
            "event_code": finding.rule,
            "profiles": ["cloud"],
            "product": {
                "name": run.tool.name,
                "vendor_name": run.tool.name,
                "version": run.tool.version,
            },
        }),
        cloud: json!({
            "provider": resource.provider.title(),
            "region": resource.region,
            "account": {
                "uid": resource.account,
                "name": resource.account,
                "type": account_type,
                "type_id": account_type_id,
            },
        }),
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
        unmapped: json!({
            "status": finding.status,
            "exposure": finding.exposure,
            "blocked_by": finding.blocked_by,
            "undecided": finding.undecided,
            "benchmarks": finding.benchmarks,
        }),
    }
}

fn remediation(finding: &Finding) -> Option<Value> {
    let fix = &finding.remediation;
    let desc = match &fix.command {
        Some(command) => format!("{}: {command}", fix.text),
        None => fix.text.clone(),
    };
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
