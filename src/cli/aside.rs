//! What is said on stderr where the report is for programs or goes to a file: people who look at a
//! job that failed have its log.

use std::io::{self, Write};

use super::options::{Common, LogFormat, Output};
use super::output::Reports;
use crate::model::{Run, Status};
use crate::report::{self, Style, drift};
use crate::triage::Drift;

/// Says what a run found that does not count as known, what was not seen, and how it ended.
pub fn run(run: &Run, chosen: &Output, reports: &Reports, common: &Common) {
    if !is_wanted(reports, common) {
        return;
    }
    let listed = run.findings.iter().filter(|f| f.status == Status::Latent).count() as u64;
    let mut shown = run.clone();
    shown.findings.retain(|f| chosen.min_severity.is_none_or(|least| f.severity >= least));
    let style = Style {
        hidden_latent: run.summary.latent.saturating_sub(listed),
        hidden_below_severity: (run.findings.len() - shown.findings.len()) as u64,
        ..Style::default()
    };
    say(common, |out| report::brief(&shown, &style, out));
}

/// Says what counts of a difference, what was not seen, and how it ended.
pub fn difference(drift: &Drift, new: &Run, reports: &Reports, common: &Common) {
    if is_wanted(reports, common) {
        say(common, |out| drift::brief(drift, new, &Style::default(), out));
    }
}

/// People who read the report itself need no second one.
fn is_wanted(reports: &Reports, common: &Common) -> bool {
    !common.quiet && !reports.are_read()
}

fn say(common: &Common, write: impl Fn(&mut dyn Write) -> io::Result<()>) {
    let mut text = Vec::new();
    write(&mut text).expect("a vector takes everything");
    match common.log_format {
        // Who does not hear it has the report.
        LogFormat::Text => drop(anstream::stderr().write_all(&text)),
        // At a level that is not hidden.
        LogFormat::Json => {
            let text = String::from_utf8_lossy(&text);
            text.lines().for_each(|line| tracing::warn!("{line}"));
        }
    }
}
