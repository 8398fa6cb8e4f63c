//! `collect`: a snapshot of every account, for `scan --from`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::exit::Exit;
use super::options::{Common, Scope, Selection};
use super::plan::{choose, plan};
use super::{output, scan};
use crate::rules::{Context, Rule, judge};

/// What `collect` takes.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// File for the snapshot (`.json` or `.json.zst`); `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
    /// Also collect what only latent findings need
    #[arg(long, env = "OUTCROP_LATENT", help_heading = "What to look for")]
    pub latent: bool,
}

/// Runs `outcrop collect`. Each account is written as soon as it is collected.
pub fn collect(args: &CollectArgs, common: &Common) -> anyhow::Result<Exit> {
    let rules = choose(&args.selection)?;
    let destination = output::Destination::of("-o ", &args.output)?;
    let mut sink = destination.open()?;
    let cannot = || format!("cannot write {}", destination.named);
    let (unseen, stopped) = if args.output.extension().is_some_and(|end| end == "zst") {
        let mut writer = zstd::Encoder::new(&mut sink, 0)?;
        let collected = collect_into(args, common, &rules, &mut writer)?;
        // Its end may not find place on the disk either.
        writer.finish().with_context(cannot)?;
        collected
    } else {
        let mut writer = io::BufWriter::new(&mut sink);
        let collected = collect_into(args, common, &rules, &mut writer)?;
        writer.flush().with_context(cannot)?;
        collected
    };
    sink.finish()?;
    if unseen > 0 {
        tracing::warn!(
            "{unseen} calls had no answer; `outcrop scan --from` says what they leave open"
        );
    }
    Ok(match stopped {
        Some(stopped) => stopped,
        None if unseen > 0 => Exit::Incomplete,
        None => Exit::Fine,
    })
}

/// Writes each account to `writer`; answers how many calls had no answer, and how it was stopped.
fn collect_into(
    args: &CollectArgs,
    common: &Common,
    rules: &[&'static Rule],
    writer: &mut dyn Write,
) -> anyhow::Result<(usize, Option<Exit>)> {
    let now = jiff::Timestamp::now();
    let mut unseen = 0;
    let mut written = Ok(());
    let plan = plan(rules, &args.selection, args.latent);
    let stopped = scan::live(&args.scope, common, plan, &mut |snapshot| {
        // What is missing counts as it will when the file is judged.
        let cx = Context::new(&snapshot, now).wanting_latent(args.latent);
        unseen += judge(&cx, rules).coverage.len();
        if written.is_ok() {
            written = serde_json::to_writer(&mut *writer, &snapshot)
                .map_err(io::Error::from)
                .and_then(|()| writer.write_all(b"\n"));
        }
    })?;
    written.with_context(|| format!("cannot write {}", args.output.display()))?;
    Ok((unseen, stopped))
}
