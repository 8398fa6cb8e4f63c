//! `github`: workflow commands, which a run of GitHub Actions turns into annotations.

use std::io;

use super::clean::{command_data, command_property, terminal, terminal_line};
use super::{Style, words};
use crate::model::Status;
use crate::model::{Finding, Run, Severity};

/// Writes one command per finding, worst first, a warning for each call without an answer, and
/// the summary line.
///
/// GitHub shows ten annotations of each level per step; the log has them all. What the baseline
/// knows would take the place of what is new: the summary line counts it.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in run.findings.iter().filter(|finding| !finding.is_known()) {
        let standing = match words::standing(finding) {
            "" => String::new(),
            standing => format!(", {standing}"),
        };
        let (status, severity) = (finding.status.as_str(), finding.severity.as_str());
        let title = format!("{status} {severity}{standing}: {}", finding.rule);
        let mut lines = vec![format!(
            "{} [{} in {} {}]",
            finding.title,
            words::resource_label(finding),
            finding.resource.account,
            finding.resource.region
        )];
        lines.extend(words::details(finding));
        command(level(finding), &title, &lines, out)?;
    }
    for gap in &run.coverage {
        let mut lines = vec![words::gap(gap)];
        if !gap.affects.is_empty() {
            lines.push(format!("unjudged: {}", gap.affects.join(", ")));
        }
        command("warning", "not seen", &lines, out)?;
    }
    writeln!(out, "{}", terminal_line(&terminal(&words::summary_line(run, style))))
}

fn command(level: &str, title: &str, lines: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let message: Vec<String> = lines.iter().map(|line| command_data(line)).collect();
    writeln!(out, "::{level} title={}::{}", command_property(title), message.join("%0A"))
}

fn level(finding: &Finding) -> &'static str {
    match (finding.status, finding.severity) {
        (Status::Latent | Status::Weakness, _) | (_, Severity::Low) => "notice",
        (Status::Undetermined, _) | (_, Severity::Medium) => "warning",
        (Status::Exposed, Severity::High | Severity::Critical) => "error",
    }
}
