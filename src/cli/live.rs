//! Collecting from AWS: runtime, signals, progress. The only async outside the providers.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::args::{Common, Scope};
use super::exit::Exit;
use super::permissions;
use super::progress::Progress;
use super::scan::Asking;
use crate::analysis::aws::network;
use crate::inventory::Snapshot;
use crate::inventory::aws::Services;
use crate::model::Category;
use crate::providers::aws::{self, Account, Event, Options, Question, Wanted, Watch};

/// Things of every list that a probe looks at.
const PROBED: usize = 3;

/// Hands every account in `scope` to `with`, one at a time. Answers how it was stopped, if it was.
///
/// # Errors
/// When there is no identity or no usable configuration; single calls that fail are gaps in the
/// snapshots.
pub fn live(
    scope: &Scope,
    common: &Common,
    asking: &Asking<'_>,
    with: &mut dyn FnMut(Snapshot),
) -> anyhow::Result<Option<Exit>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let bar = progress();
    let outcome = runtime.block_on(async {
        let stopped = Arc::new(OnceLock::new());
        let (stop, stop_heard) = watch::channel(false);
        let listening = tokio::spawn(listen(stop, Arc::clone(&stopped)));
        let unwanted = scope.no_progress || common.quiet;
        let showing = tokio::spawn(shown_later(bar.clone(), unwanted));
        let outcome = accounts(scope, &wanted(asking), &bar, stop_heard, with).await;
        listening.abort();
        showing.abort();
        outcome.map(|()| stopped.get().copied())
    });
    bar.finish_and_clear();
    // A hanging name lookup must not hold the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome
}

async fn accounts(
    scope: &Scope,
    wanted: &Wanted,
    bar: &ProgressBar,
    stop: watch::Receiver<bool>,
    with: &mut dyn FnMut(Snapshot),
) -> anyhow::Result<()> {
    bar.set_message("who am I");
    let mut early = stop.clone();
    let options = options(scope);
    let connected = tokio::select! {
        connected = aws::connect(&options) => connected?,
        _ = early.wait_for(|stop| *stop) => return Ok(()),
    };
    for unseen in connected.unseen {
        with(unseen);
    }
    for account in &connected.accounts {
        with(aws::collect(account, wanted, &watch(account, bar, stop.clone())).await);
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

fn wanted(asking: &Asking<'_>) -> Wanted {
    let Asking { rules, latent, objects, probe } = *asking;
    Wanted {
        calls: permissions::calls(rules),
        latent,
        // The guard rails' question decides which calls there are; a probe tries them all.
        protections: probe || rules.iter().any(|rule| rule.category == Category::Guardrail),
        objects: if probe { PROBED } else { usize::from(objects) },
        probe: probe.then_some(PROBED),
        further: Some(further),
    }
}

/// What the network engine lacks: it follows only what the internet gets in to, so what is behind a
/// load balancer that nobody can open is never asked for.
fn further(services: &Services) -> Vec<Question> {
    if services.elbv2.describe_listeners.is_empty() {
        return Vec::new();
    }
    let unread = network::analyse(services).unread.into_iter();
    unread.map(|unread| Question { call: unread.call, about: unread.resource }).collect()
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
