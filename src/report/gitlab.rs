//! `gitlab`: the code quality report that GitLab shows in merge requests.

use std::io;

use serde::Serialize;

use super::not_seen::{self, NotSeen};
use super::{clean, json, words};
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

/// Letters of a description; GitLab names no limit, and shows it in one line.
const MOST_IN_DESCRIPTION: usize = 1_000;

/// Writes an array of entries: what counts, without what the baseline knows, and what was not seen.
///
/// The form has entries and nothing about the run (GitLab's documentation, "Code Quality report
/// format"; `scan.status` belongs to its security reports). What was not seen is an entry as well,
/// which its parser takes like any other.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let not_seen = not_seen::of(run);
    let prints: Vec<String> = not_seen.iter().map(NotSeen::fingerprint).collect();
    let mut issues: Vec<Issue<'_>> =
        run.findings.iter().filter(|finding| !finding.is_known()).map(issue).collect();
    issues.extend(not_seen.iter().zip(&prints).map(|(place, print)| unseen(place, print)));
    json::pretty(&issues, out)
}

fn unseen<'a>(place: &NotSeen<'_>, fingerprint: &'a str) -> Issue<'a> {
    let details = place.details().join("; ");
    let description = clean::markup(&format!("{}; {details}", place.title()));
    let at = [place.provider.as_str(), place.account, place.region, not_seen::CHECK, "calls"];
    Issue {
        description: clean::shorten(&description, MOST_IN_DESCRIPTION),
        check_name: not_seen::CHECK,
        fingerprint,
        severity: "major",
        location: CodeLocation { path: clean::uri_path(&at), lines: Lines { begin: 1 } },
    }
}

fn issue(finding: &Finding) -> Issue<'_> {
    let mut description = match (finding.status, words::standing(finding)) {
        (Status::Exposed, "") => finding.title.clone(),
        (Status::Exposed, standing) => format!("{} ({standing})", finding.title),
        _ => format!("{} ({})", finding.title, words::status(finding)),
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
