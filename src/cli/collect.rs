//! `collect`: a snapshot of every account, for `scan --from`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::exit::Exit;
use super::options::{Common, Scope, Selection};
use super::plan::{choose, plan};
use super::{output, scan};
use crate::rules::{self, judge};

/// What `collect` takes.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// File for the snapshot (`.json` or `.json.zst`)
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
    let file = output::Replacement::of(&args.output)?;
    let compressed = args.output.extension().is_some_and(|end| end == "zst");
    let mut writer: Box<dyn Write + '_> = if compressed {
        Box::new(zstd::Encoder::new(file.writer(), 0)?.auto_finish())
    } else {
        Box::new(std::io::BufWriter::new(file.writer()))
    };
    let now = jiff::Timestamp::now();
    let mut unseen = 0;
    let mut written = Ok(());
    let plan = plan(&rules, &args.selection, args.latent);
    let stopped = scan::live(&args.scope, common, plan, &mut |snapshot| {
        // What is missing counts as it will when the file is judged.
        unseen += judge(&rules::Context::new(&snapshot, now).wanting_latent(args.latent), &rules)
            .coverage
            .len();
        if written.is_ok() {
            written = serde_json::to_writer(&mut writer, &snapshot)
                .map_err(std::io::Error::from)
                .and_then(|()| writer.write_all(b"\n"));
        }
    })?;
    written
        .and_then(|()| writer.flush())
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    drop(writer);
    file.finish()?;
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
