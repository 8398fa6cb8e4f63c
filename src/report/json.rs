//! `json` and `jsonl`: the form that programs read, exactly as the findings carry it.

use std::io;

use serde::Serialize;

use super::clean::JsonStyle;
use crate::model::{Accepted, Action, Coverage, Run, Scan, Summary, Suppressed, Tool};

/// Writes one indented object.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    pretty(run, out)
}

/// Writes `value` indented, with a newline at the end.
pub fn pretty(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    put(value, JsonStyle::indented(), out)
}

/// Writes `value` on one line.
pub fn line(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    put(value, JsonStyle::compact(), out)
}

fn put(value: &impl Serialize, style: JsonStyle, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, style);
    // serde_json keeps the kind of an I/O error, so that a closed pipe can be told.
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// The last line of `jsonl`: a run without its findings.
#[derive(Serialize)]
struct Rest<'a> {
    schema_version: u32,
    tool: &'a Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: &'a Option<Accepted>,
    scan: &'a Scan,
    summary: &'a Summary,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    actions: &'a [Action],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    suppressed: &'a [Suppressed],
    coverage: &'a [Coverage],
}

/// Writes one finding a line, then one line with the rest.
pub fn write_lines(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in &run.findings {
        line(finding, out)?;
    }
    let rest = Rest {
        schema_version: run.schema_version,
        tool: &run.tool,
        accepted: &run.accepted,
        scan: &run.scan,
        summary: &run.summary,
        actions: &run.actions,
        suppressed: &run.suppressed,
        coverage: &run.coverage,
    };
    line(&rest, out)
}
