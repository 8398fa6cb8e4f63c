//! `scan`: from a source of accounts to a report and an exit code.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::assemble::Assembly;
use super::exit::Exit;
use super::options::{Common, Gate, Output, SAMPLED_OBJECTS, Scope, Selection};
use super::plan::{choose, plan};
use super::{output, saved, source};
use crate::model::Category;
use crate::rules::Rule;
use crate::triage::{Baseline, Exceptions};

/// What `scan` takes.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Judge snapshots or AWS dumps instead of an account; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "demo")]
    pub from: Vec<PathBuf>,
    /// Judge an inventory that is built in: no account, no network
    #[arg(long)]
    pub demo: bool,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
    /// Also find and show what is shut by a control now
    #[arg(long, env = "OUTCROP_LATENT", help_heading = "What to look for")]
    pub latent: bool,
    /// How to report
    #[command(flatten)]
    pub output: Output,
    /// When to fail
    #[command(flatten)]
    pub gate: Gate,
    /// Earlier JSON run whose findings do not count again
    #[arg(long, value_name = "FILE", env = "OUTCROP_BASELINE", help_heading = "When to fail")]
    pub baseline: Option<PathBuf>,
}

/// Runs `outcrop scan`.
pub fn scan(args: &ScanArgs, common: &Common, exceptions: &Exceptions) -> anyhow::Result<Exit> {
    let rules = choose(&args.selection)?;
    let baseline = match &args.baseline {
        Some(path) => Baseline::of(&saved::read(path).context("the baseline")?),
        None => Baseline::default(),
    };
    output::check(&args.output)?;
    let mut run = Assembly::new(rules.clone(), jiff::Timestamp::now(), exceptions, args.latent);
    run.not_examined = not_examined(&args.selection, &rules);
    let mut stopped = None;
    if args.demo {
        source::demo(|snapshot| run.add(&snapshot))?;
    } else if !args.from.is_empty() {
        source::files(&args.from, |snapshot| run.add(&snapshot))?;
    } else {
        stopped =
            live(&args.scope, common, plan(&rules, &args.selection, args.latent), &mut |s| {
                run.add(&s);
            })?;
    }
    if common.verbose > 0 {
        show_calls(&run);
    }
    let (run, warnings) = run.finish();
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let about = output::ReportContext { rules: &rules, common, chosen: &args.output };
    output::write(&run, &about)?;
    let new = run.findings.iter().filter(|finding| !baseline.holds(finding));
    Ok(Exit::of(&args.gate, new, run.scan.complete, stopped))
}

/// What the chosen rules leave out that a reader may take for examined.
fn not_examined(selection: &Selection, rules: &[&'static Rule]) -> Vec<String> {
    let mut left_out = Vec::new();
    if selection.rules.is_empty() {
        let chosen = selection.categories();
        let others = Category::ALL.into_iter().filter(|category| !chosen.contains(category));
        left_out.extend(others.map(|category| category.as_str().to_owned()));
    }
    // A bucket that is private itself may hold public objects.
    let chosen = |id: &str| rules.iter().any(|rule| rule.id == id);
    if chosen("s3-object-public") {
        let most = selection.sample_objects.unwrap_or(SAMPLED_OBJECTS);
        left_out.push(format!("ACLs of S3 objects beyond {most} a bucket"));
    } else if chosen("s3-bucket-public") {
        left_out.push("ACLs of S3 objects (--sample-objects)".to_owned());
    }
    left_out
}

/// What was asked of the provider, for people who pay or are paced by calls.
fn show_calls(run: &Assembly<'_>) {
    let mut text = format!("{} API calls\n", run.calls.values().sum::<u64>());
    for (call, count) in &run.calls {
        text.push_str(&format!("{count:>8} {call}\n"));
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(feature = "aws")]
pub use super::live::live;

/// Without the AWS SDK there is nothing to collect from.
#[cfg(not(feature = "aws"))]
pub fn live(
    _: &Scope,
    _: &Common,
    _: crate::analysis::aws::demand::CollectionPlan,
    _: &mut dyn FnMut(crate::inventory::Snapshot),
) -> anyhow::Result<Option<Exit>> {
    anyhow::bail!(
        "this outcrop was built without the AWS SDK and can only judge offline: \
         outcrop scan --from FILE, or outcrop scan --demo"
    )
}
