//! The difference of two runs for programs.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::super::{json, schema as schemas};
use super::{gaps, reasons};
use crate::model::Status;
use crate::model::{Coverage, Exposure, Finding, Run, SCHEMA_VERSION, Severity, Tool};
use crate::triage::{Changed, Drift, Field, Unseen};

/// The difference of two runs.
#[derive(Debug, Serialize, JsonSchema)]
struct Comparison {
    /// Version of this form.
    schema_version: u32,
    /// Who made it.
    tool: Tool,
    /// Which runs were compared.
    compared: Compared,
    /// How many there are of each.
    summary: Counts,
    /// There now and not before.
    new: Vec<Finding>,
    /// There both times, and not the same.
    changed: Vec<Change>,
    /// Open before; the later run cannot say whether they still are.
    no_longer_visible: Vec<Gone>,
    /// There before, and left out of the later run by its configuration.
    suppressed: Vec<Finding>,
    /// There before, judged again, and gone.
    fixed: Vec<Finding>,
}

/// Which runs were compared.
#[derive(Debug, Serialize, JsonSchema)]
struct Compared {
    /// The earlier one.
    old: Side,
    /// The later one.
    new: Side,
}

/// What a run looked at, and when.
#[derive(Debug, Serialize, JsonSchema)]
struct Side {
    /// Accounts in its scope.
    accounts: Vec<String>,
    /// Regions in its scope.
    regions: Vec<String>,
    /// When its first call was made (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When its last call was answered (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// False when something that its rules need was not seen.
    complete: bool,
}

/// How many there are of each.
#[derive(Debug, Serialize, JsonSchema)]
struct Counts {
    new: usize,
    changed: usize,
    no_longer_visible: usize,
    suppressed: usize,
    fixed: usize,
    /// There both times and the same.
    unchanged: u64,
    /// Listed by one run, and of a kind that the other only counts.
    not_compared: u64,
}

/// A finding that is not what it was.
#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    /// Which of its fields are different.
    #[schemars(with = "Vec<String>")]
    fields: Vec<&'static str>,
    /// Whether it counts as new: open where it was shut, more severe, or letting in more.
    worse: bool,
    /// How it was.
    before: Before,
    /// As it is.
    finding: Finding,
}

/// How a finding was.
#[derive(Debug, Serialize, JsonSchema)]
struct Before {
    status: Status,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<Exposure>,
}

/// A finding of which nothing is known now.
#[derive(Debug, Serialize, JsonSchema)]
struct Gone {
    /// Why not, in words.
    because: Vec<String>,
    /// Calls without an answer that are the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coverage: Vec<Coverage>,
    /// As it was when it was last seen.
    finding: Finding,
}

/// Writes one indented object.
pub fn write(drift: &Drift, runs: (&Run, &Run), out: &mut dyn io::Write) -> io::Result<()> {
    json::pretty(&document(drift, runs), out)
}

/// The JSON Schema of what [`write`] writes.
pub fn schema() -> Value {
    schemas::of::<Comparison>("outcrop diff")
}

fn document(drift: &Drift, (old, new): (&Run, &Run)) -> Comparison {
    Comparison {
        schema_version: SCHEMA_VERSION,
        tool: new.tool.clone(),
        compared: Compared { old: side(old), new: side(new) },
        summary: Counts {
            new: drift.new.len(),
            changed: drift.changed.len(),
            no_longer_visible: drift.no_longer_visible.len(),
            suppressed: drift.suppressed.len(),
            fixed: drift.fixed.len(),
            unchanged: drift.unchanged,
            not_compared: drift.not_compared,
        },
        new: drift.new.clone(),
        changed: drift.changed.iter().map(change).collect(),
        no_longer_visible: drift.no_longer_visible.iter().map(gone).collect(),
        suppressed: drift.suppressed.clone(),
        fixed: drift.fixed.clone(),
    }
}

fn side(run: &Run) -> Side {
    Side {
        accounts: run.scan.accounts.clone(),
        regions: run.scan.regions.clone(),
        started_at: run.scan.started_at.clone(),
        finished_at: run.scan.finished_at.clone(),
        complete: run.scan.complete,
    }
}

fn change(changed: &Changed) -> Change {
    let before = &changed.before;
    Change {
        fields: changed.fields.iter().copied().map(Field::as_str).collect(),
        worse: changed.is_worse(),
        before: Before {
            status: before.status,
            severity: before.severity,
            exposure: before.exposure.clone(),
        },
        finding: changed.now.clone(),
    }
}

fn gone(unseen: &Unseen) -> Gone {
    Gone {
        because: reasons(&unseen.because, &unseen.finding),
        coverage: gaps(&unseen.because).to_vec(),
        finding: unseen.finding.clone(),
    }
}
