//! `convert`, `merge` and `baseline`: saved runs read back, written in another format, joined,
//! accepted.

mod baseline;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::exit::Exit;
use super::options::{Common, Output, When, format};
use super::output::{self, Reports};
use super::source;
use crate::inventory::load;
use crate::model::Run;
use crate::report::{Fails, Format, GroupBy};
use crate::rules::{RULES, Rule};
use crate::triage::{self, Baseline};

pub use baseline::{BaselineArgs, run as baseline};

/// What `convert` takes.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// A run as `scan -f json` or `-f jsonl` writes it; `-` is stdin
    #[arg(value_name = "RUN.json")]
    pub run: PathBuf,
    /// How to report
    #[command(flatten)]
    pub output: Output,
}

/// What `merge` takes.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Runs as `scan -f json` or `-f jsonl` writes them
    #[arg(value_name = "RUN.json", required = true, num_args = 1..)]
    pub runs: Vec<PathBuf>,
    /// Format of the joined run
    #[arg(short, long, value_name = "FORMAT", default_value = "json", value_parser = format())]
    pub format: Format,
    /// File for the joined run instead of stdout; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Runs `outcrop convert`. The gate is not asked: the run was judged when it was made.
pub fn convert(args: &ConvertArgs, common: &Common) -> anyhow::Result<Exit> {
    let reports = output::reports(&args.output)?;
    write(&read(&args.run)?, &args.output, &reports, common)
}

/// Runs `outcrop merge`.
pub fn merge(args: &MergeArgs, common: &Common) -> anyhow::Result<Exit> {
    let output = Output {
        format: args.format,
        output: args.output.clone(),
        reports: Vec::new(),
        min_severity: None,
        details: false,
        group_by: GroupBy::default(),
        hyperlinks: When::Auto,
    };
    let reports = output::reports(&output)?;
    let runs = args.runs.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    for rule in triage::not_everywhere(&runs) {
        tracing::warn!("not every run applied {rule}: of the others' accounts it says nothing");
    }
    write(&triage::merge(runs)?, &output, &reports, common)
}

/// A saved run from a file, plain or compressed; `-` is stdin.
///
/// # Errors
/// Names the file, the place in it and what was expected.
pub fn read(path: &Path) -> anyhow::Result<Run> {
    let text = source::read(path).with_context(|| {
        format!("cannot read {}; expected a run that `outcrop scan -f json` wrote", path.display())
    })?;
    let name = path.display();
    triage::parse(&text).map_err(|error| match load(&text, |_| {}) {
        Ok(_) => anyhow::anyhow!(
            "{name} is an inventory and no report; to judge it, use: outcrop scan --from {name}"
        ),
        Err(_) => anyhow::anyhow!("{name} is {error}"),
    })
}

/// What does not count again: a saved run, most of all one that `outcrop baseline` kept.
///
/// # Errors
/// Names the file, the place in it and what was expected.
pub fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    let run = read(path).context("the baseline")?;
    let file = path.display();
    if let Some(accepted) = &run.accepted {
        tracing::info!("{file}: accepted on {}: {}", accepted.date, accepted.reason);
    }
    let unlisted = triage::unlisted(&run);
    if unlisted > 0 {
        tracing::warn!(
            "{file} counts findings that it does not list, so that they count again: {unlisted}; \
             a run for a baseline is made without --min-severity and --only-new"
        );
    }
    Ok(Baseline::of(&run))
}

/// The rules that a run applied, as far as this program knows them.
pub fn rules(run: &Run) -> Vec<&'static Rule> {
    RULES.iter().filter(|rule| run.scan.rules.iter().any(|id| id == rule.id)).copied().collect()
}

fn write(run: &Run, chosen: &Output, reports: &Reports, common: &Common) -> anyhow::Result<Exit> {
    let rules = rules(run);
    let about = output::ReportContext {
        rules: &rules,
        common,
        chosen,
        reports,
        only_new: false,
        // What failed it is not saved: as where nothing is chosen.
        fails: Fails::default(),
        next: &[],
    };
    output::write(run, &about)?;
    Ok(Exit::Fine)
}
