//! `diff`: what changed from one saved run to the next, and whether that fails.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::options::{Common, Gate, Output};
use super::{aside, output, saved};
use crate::report::drift;
use crate::triage;

/// What `diff` takes.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing new, 1 what is new or worse is at or above the \
    threshold, 2 a run cannot\nbe read, 3 something is no longer visible, or the later run is \
    incomplete.\n\nFormats: text, json and markdown show everything; the others hold what is new \
    or worse.")]
pub struct DiffArgs {
    /// The earlier run, as `scan -f json` writes it
    #[arg(value_name = "OLD.json")]
    pub old: PathBuf,
    /// The later run
    #[arg(value_name = "NEW.json")]
    pub new: PathBuf,
    /// How to report
    #[command(flatten)]
    pub output: Output,
    /// When to fail
    #[command(flatten)]
    pub gate: Gate,
}

/// Runs `outcrop diff`.
pub fn run(args: &DiffArgs, common: &Common) -> anyhow::Result<Exit> {
    let reports = output::reports(&args.output)?;
    let (old, new) = (saved::read(&args.old)?, saved::read(&args.new)?);
    if new.scan.finished_at < old.scan.finished_at {
        tracing::warn!(
            "{} was made after {}; the earlier run comes first",
            args.old.display(),
            args.new.display()
        );
    }
    let drift = triage::diff(&old, &new);
    let rules = saved::rules(&new);
    let about = output::ReportContext {
        rules: &rules,
        common,
        chosen: &args.output,
        reports: &reports,
        only_new: false,
        fails: args.gate.fails(),
        next: &[],
    };
    let mut shown = drift.clone();
    if let Some(least) = args.output.min_severity {
        shown.keep(least);
    }
    output::write_with(&about, &new, output::Hidden::default(), &|format, docs, style, out| {
        drift::write(format, &shown, (&old, &new), docs, style, out)
    })?;
    aside::difference(&shown, &new, &reports, common);
    let complete = new.scan.complete && drift.no_longer_visible.is_empty();
    Ok(Exit::of(&args.gate, drift.worse(), complete, None))
}
