//! Tests of all formats together: golden files, schemas, hostile names.
#![allow(clippy::unwrap_used)]

mod baseline;
mod consumers;
mod golden;
mod hostile;
mod read;

use std::path::PathBuf;

use super::{Format, RuleDoc, Style, write};
use crate::model::{Run, Severity};

/// A path under `fixtures/reports`.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports").join(name)
}

fn load(name: &str) -> Run {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

/// A rule as the command line passes it, for every rule of the run.
fn rules(run: &Run) -> Vec<RuleDoc> {
    let doc = |id: &String| RuleDoc {
        id: id.clone(),
        title: format!("What {id} finds"),
        help_markdown: format!("## What it finds\nWhat `{id}` finds.\n"),
        severity: Severity::Critical,
    };
    run.scan.rules.iter().map(doc).collect()
}

fn style() -> Style {
    Style::default()
}

fn render(format: Format, run: &Run, style: &Style) -> String {
    let mut bytes = Vec::new();
    write(format, run, &rules(run), style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}
