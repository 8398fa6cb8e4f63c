//! Collecting from AWS: runtime, signals, progress. The only async outside the providers.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::exit::Exit;
use super::options::{Common, Scope};
use super::output;
use super::progress::Progress;
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::Snapshot;
use crate::providers::aws::{self, Account, Event, Options, Watch};

/// Hands every account in `scope` to `with`, one at a time: the next one is collected meanwhile,
/// and no further one before `with` is done. Answers how it was stopped, if it was.
///
/// # Errors
/// When there is no identity or no usable configuration; single calls that fail are gaps in the
/// snapshots.
pub fn live(
    scope: &Scope,
    common: &Common,
    plan: CollectionPlan,
    with: &mut dyn FnMut(Snapshot),
) -> anyhow::Result<Option<Exit>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let bar = progress();
    let stopped = Arc::new(OnceLock::new());
    let (stop, stop_heard) = watch::channel(false);
    runtime.spawn(listen(stop, Arc::clone(&stopped)));
    let unwanted = scope.no_progress || common.quiet;
    runtime.spawn(shown_later(bar.clone(), unwanted));
    // Judging is work for this thread and not for those that await answers.
    let (collected, mut judged) = mpsc::channel(1);
    let (options, plan) = (options(scope), Arc::new(plan));
    // Another provider would be another arm here.
    let collecting = runtime.spawn(accounts(options, plan, bar.clone(), stop_heard, collected));
    while let Some(snapshot) = judged.blocking_recv() {
        with(snapshot);
    }
    let outcome = match runtime.block_on(collecting) {
        Ok(outcome) => outcome,
        // Nothing aborts it, so it panicked: as if it had happened here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    bar.finish_and_clear();
    // A hanging name lookup must not hold the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome.map(|()| stopped.get().copied())
}

/// Collects the accounts of AWS one by one.
async fn accounts(
    options: Options,
    plan: Arc<CollectionPlan>,
    bar: ProgressBar,
    stop: watch::Receiver<bool>,
    collected: mpsc::Sender<Snapshot>,
) -> anyhow::Result<()> {
    bar.set_message("who am I");
    let mut early = stop.clone();
    let connected = tokio::select! {
        connected = aws::connect(&options) => connected?,
        _ = early.wait_for(|stop| *stop) => return Ok(()),
    };
    for unseen in connected.unseen {
        collected.send(unseen).await.context("nobody takes the account")?;
    }
    for account in &connected.accounts {
        // A place first: no more than two accounts are in memory.
        let place = collected.reserve().await.context("nobody takes the account")?;
        let watch = watch(account, &bar, stop.clone());
        place.send(aws::collect(account, &plan, &watch).await);
    }
    Ok(())
}

fn options(scope: &Scope) -> Options {
    Options {
        profile: scope.profile.clone(),
        roles: scope.roles.clone(),
        external_id: scope.external_id.clone(),
        regions: scope.regions.clone(),
        exclude_regions: scope.exclude_region.clone(),
        endpoint_url: scope.endpoint_url.clone(),
        concurrency: usize::from(scope.concurrency),
        max_rps: scope.max_rps,
        timeout: scope.timeout,
    }
}

/// Passes the first signal on, so that a partial report is written; the second ends the process:
/// whoever asks twice does not want to wait for the report.
async fn listen(stop: watch::Sender<bool>, stopped: Arc<OnceLock<Exit>>) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        let exit = tokio::select! {
            _ = interrupt.recv() => Exit::Interrupted,
            _ = terminate.recv() => Exit::Terminated,
        };
        if stopped.set(exit).is_err() {
            output::discard_unfinished();
            std::process::exit(i32::from(exit.code()));
        }
        let _ = anstream::stderr().write_all(b"outcrop: stopping; again to stop at once\n");
        let _ = stop.send(true);
    }
}

/// Shows what is going on to whoever watches.
fn watch(account: &Account, bar: &ProgressBar, stop: watch::Receiver<bool>) -> Watch {
    let (bar, id) = (bar.clone(), account.id().to_owned());
    bar.set_position(0);
    let progress = Mutex::new(Progress::default());
    Watch::new(stop, move |event| {
        let mut progress = progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match event {
            Event::Planned { parts } => {
                bar.set_length(parts.len() as u64);
                *progress = Progress::of(parts);
            }
            Event::Answered { .. } => progress.answered(),
            Event::Done { region, .. } => {
                bar.inc(1);
                progress.done(&region);
            }
        }
        bar.set_message(format!("{id}: {}", progress.line()));
    })
}

/// Progress on stderr, for whoever watches; nothing is drawn before [`shown_later`].
fn progress() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{elapsed} {pos}/{len} {wide_msg}");
    bar.set_style(style.expect("the template is valid"));
    bar
}

/// Draws the progress from the moment on at which a person begins to wonder, where one looks.
async fn shown_later(bar: ProgressBar, unwanted: bool) {
    if std::io::stderr().is_terminal() && !unwanted {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
    }
}
