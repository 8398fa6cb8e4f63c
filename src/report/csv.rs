//! `csv`: one row per finding, and per place that was not seen, for spreadsheets.

use std::io;

use super::clean::{csv_cell, shorten};
use super::not_seen::{self, NotSeen};
use super::words;
use crate::model::{Finding, Run, Sources};

const HEADER: [&str; 24] = [
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
    "baseline",
];

/// What Excel takes in a cell is 32,767 characters (its specifications and limits), and of an account
/// where much was refused there is more.
const MOST_IN_CELL: usize = 32_000;

/// Writes a header, a row for each finding, and one for each account and region in which something
/// was not seen, whose status says so: CSV has no comments (RFC 4180), and a line that were none of
/// its rows would break the readers.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(HEADER).map_err(io::Error::other)?;
    for finding in &run.findings {
        rows.write_record(row(finding).map(|cell| csv_cell(&cell))).map_err(broken)?;
    }
    for place in not_seen::of(run) {
        rows.write_record(unseen(&place).map(|cell| csv_cell(&cell))).map_err(broken)?;
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

fn unseen(place: &NotSeen<'_>) -> [String; 24] {
    HEADER.map(|column| match column {
        "status" | "rule" => not_seen::CHECK.into(),
        "account" => place.account.into(),
        "region" => place.region.into(),
        "title" => place.title(),
        "undecided" => shorten(&place.details().join("; "), MOST_IN_CELL),
        "fingerprint" => place.fingerprint(),
        _ => String::new(),
    })
}

fn row(finding: &Finding) -> [String; 24] {
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
        words::one_line(&finding.remediation.commands),
        finding.fingerprint.clone(),
        list(words::benchmarks(finding)),
        words::standing(finding).into(),
    ]
}
