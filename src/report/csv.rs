//! `csv`: one row per finding, for spreadsheets.

use std::io;

use super::clean::csv_cell;
use super::words;
use crate::model::{Finding, Run, Sources};

const HEADER: [&str; 23] = [
    "severity",
    "status",
    "rule",
    "category",
    "account",
    "region",
    "type",
    "id",
    "name",
    "arn",
    "title",
    "who",
    "access",
    "ports",
    "source",
    "cidrs",
    "evidence",
    "blocked_by",
    "undecided",
    "remediation",
    "command",
    "fingerprint",
    "benchmarks",
];

/// Writes a header and a row for each finding. What was not seen has no place here.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(HEADER).map_err(io::Error::other)?;
    for finding in &run.findings {
        rows.write_record(row(finding).map(|cell| csv_cell(&cell))).map_err(broken)?;
    }
    rows.flush()
}

/// The I/O error inside an error of the writer, so that a closed pipe can be told.
fn broken(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(finding: &Finding) -> [String; 23] {
    let resource = &finding.resource;
    let exposure = finding.exposure.clone().unwrap_or_default();
    let list = |words: Vec<String>| words.join("; ");
    let steps = words::proof(finding);
    [
        finding.severity.as_str().into(),
        finding.status.as_str().into(),
        finding.rule.clone(),
        finding.category.as_str().into(),
        resource.account.clone(),
        resource.region.clone(),
        resource.kind.clone(),
        resource.id.clone(),
        resource.name.clone().unwrap_or_default(),
        resource.uid.clone(),
        finding.title.clone(),
        exposure.who.to_string(),
        words::access_list(&exposure, " "),
        words::port_list(&exposure, usize::MAX),
        exposure.source.map(Sources::as_str).unwrap_or_default().into(),
        exposure.cidrs.join(" "),
        list(steps.map(|s| words::step(&s.kind, s.id.as_deref(), &s.text)).collect()),
        list(finding.blocked_by.iter().map(|c| format!("{}: {}", c.control, c.text)).collect()),
        list(finding.undecided.iter().map(words::unknown).collect()),
        finding.remediation.text.clone(),
        finding.remediation.command.clone().unwrap_or_default(),
        finding.fingerprint.clone(),
        list(words::benchmarks(finding)),
    ]
}
