//! Collecting from AWS: runtime, signals, progress. The only async outside the providers.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use super::args::{Common, Scope};
use super::exit::Exit;
use super::permissions;
use crate::inventory::Snapshot;
use crate::providers::aws::{self, Options, Wanted, Watch};
use crate::rules::Rule;

/// Hands every account in `scope` to `with`, one at a time.
///
/// # Errors
/// When there is no identity or no usable configuration; single calls that fail are gaps in the
/// snapshots.
pub fn live(
    scope: &Scope,
    common: &Common,
    rules: &[&'static Rule],
    latent: bool,
    with: &mut dyn FnMut(Snapshot),
) -> anyhow::Result<Option<Exit>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let wanted = Wanted {
        calls: permissions::calls(rules).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
        latent,
    };
    let options = Options {
        profile: scope.profile.clone(),
        roles: scope.roles.clone(),
        external_id: scope.external_id.clone(),
        regions: scope.regions.clone(),
        exclude_regions: scope.exclude_region.clone(),
        endpoint_url: scope.endpoint_url.clone(),
        concurrency: usize::from(scope.concurrency),
        max_rps: scope.max_rps,
        timeout: scope.timeout,
    };
    let bar = progress(scope, common);
    let stopped = runtime.block_on(async {
        let (stop, stopped) = watch::channel(None);
        let signals = tokio::spawn(async move {
            let exit = first_signal().await;
            let _ = stop.send(Some(exit));
            // Whoever asks twice does not want to wait for the report.
            let exit = first_signal().await;
            std::process::exit(i32::from(exit.code()));
        });
        todo_collect(&options, &wanted, &bar, stopped, with).await?;
        signals.abort();
        anyhow::Ok(None)
    })?;
    bar.finish_and_clear();
    // A hanging name lookup must not hold the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(stopped)
}
