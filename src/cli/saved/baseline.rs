//! `baseline`: keeps a run as what is known, since when and why, for `scan --baseline`.

use std::path::PathBuf;

use clap::Args;

use super::super::exit::Exit;
use super::super::options::{Common, LIVE, Output, When};
use super::super::plan::choose;
use super::super::{output, scan};
use crate::model::Accepted;
use crate::report::{Format, GroupBy};
use crate::triage::{self, Exceptions};

/// What `baseline` takes.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is a run in JSON, with the day and the reason: `scan --baseline` \
    reads it, and so do diff,\nconvert and explain.\n\nExit codes: 0 written, 2 nothing written, \
    3 written and not everything was read: what was not\nseen counts as new later."
)]
pub struct BaselineArgs {
    /// A run as `scan -f json` or `-f jsonl` writes it, `-` is stdin; without one a scan makes it
    #[arg(value_name = "RUN.json", conflicts_with_all = ["from", "demo"])]
    #[arg(conflicts_with_all = LIVE, conflicts_with_all = ["regions", "exclude_region"])]
    pub run: Option<PathBuf>,
    /// Why its findings do not count again
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
    /// File for the baseline instead of stdout; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What to judge
    #[command(flatten)]
    pub inputs: scan::Inputs,
}

fn reason(given: &str) -> Result<String, String> {
    match given.trim() {
        "" => Err("say why: whoever reads the file later wants to know".into()),
        reason => Ok(reason.to_owned()),
    }
}

/// Runs `outcrop baseline`. The gate is not asked: what is accepted fails nothing.
pub fn run(args: &BaselineArgs, common: &Common, exceptions: &Exceptions) -> anyhow::Result<Exit> {
    let output = Output {
        format: Format::Json,
        output: args.output.clone(),
        reports: Vec::new(),
        min_severity: None,
        details: false,
        group_by: GroupBy::default(),
        hyperlinks: When::Auto,
    };
    let reports = output::reports(&output)?;
    let (run, stopped) = match &args.run {
        Some(path) => (super::read(path)?, None),
        None => {
            let rules = choose(&args.inputs.selection)?;
            scan::judged(&args.inputs, &rules, common, (exceptions, None))?
        }
    };
    let unlisted = triage::unlisted(&run);
    if unlisted > 0 {
        anyhow::bail!(
            "the run counts {unlisted} findings that it does not list: they would be new again; \
             make it without --min-severity and --only-new"
        );
    }
    let accepted = Accepted {
        date: jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string(),
        reason: args.reason.clone(),
    };
    let run = triage::accept(run, accepted);
    super::write(&run, &output, &reports, common)?;
    if !run.scan.complete {
        tracing::warn!(
            "{} calls had no answer: what they hide is not in the baseline, and counts as new once \
             it is seen",
            run.coverage.len()
        );
    }
    Ok(match stopped {
        Some(stopped) => stopped,
        None if run.scan.complete => Exit::Fine,
        None => Exit::Incomplete,
    })
}
