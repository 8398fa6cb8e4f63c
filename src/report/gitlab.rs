//! `gitlab`: the code quality report that GitLab shows in merge requests.

use std::io;

use serde::Serialize;

use super::{clean, json};
use crate::model::Status;
use crate::model::{Finding, Run, Severity};

/// One entry, as GitLab's documentation of the custom tool report lists its fields.
#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: CodeLocation,
}

#[derive(Serialize)]
struct CodeLocation {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes an array of entries. GitLab's form has no place for what was not seen.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let issues: Vec<Issue<'_>> = run.findings.iter().map(issue).collect();
    json::pretty(&issues, out)
}

fn issue(finding: &Finding) -> Issue<'_> {
    let mut description = match finding.status {
        Status::Exposed => finding.title.clone(),
        status => format!("{} ({})", finding.title, status.as_str()),
    };
    for control in &finding.blocked_by {
        description.push_str(&format!("; blocked by {}", control.control));
    }
    Issue {
        description: clean::markup(&description),
        check_name: &finding.rule,
        fingerprint: &finding.fingerprint,
        severity: severity(finding),
        location: CodeLocation { path: super::place(&finding.resource), lines: Lines { begin: 1 } },
    }
}

/// Levels of the Code Climate form: info, minor, major, critical, blocker.
fn severity(finding: &Finding) -> &'static str {
    match (finding.status, finding.severity) {
        (Status::Latent | Status::Weakness, Severity::Low) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    }
}
