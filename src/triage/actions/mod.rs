//! What to do first: the few changes of an account that close the most.
//!
//! A change is claimed to close what is open no more when the account is judged again with the
//! change applied to what was read, together with those that were chosen before it. Nothing else is
//! claimed. The best is chosen first, then the best of what is left.
//!
//! Judging again costs as much as judging did, so that it is done for few: what a change may close
//! at most is estimated from what each finding says of itself, and only the best by that estimate
//! are tried, in their region and with the rules that read what they change.

mod candidates;
mod lists;
mod trial;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use candidates::{Candidate, Estimates};
pub use lists::{joined, shown};
use trial::{Account, Effect};

use crate::inventory::Snapshot;
use crate::inventory::aws::kinds;
use crate::model::{Action, Finding, Severity, first_few};
use crate::rules::change::{self, Change};
use crate::rules::{Judgement, Rule};

/// How often an account is judged again, at most, for one action and for all of them.
const MOST_TRIALS: usize = 3;
const MOST_TRIALS_IN_ALL: usize = 15;
/// Websites that a warning names before it counts the rest.
const NAMED: usize = 3;

/// What rules find in an account; in one region of it, if one is given.
pub type Judge<'a> = dyn Fn(&Snapshot, Option<&str>, &[&'static Rule]) -> Vec<Finding> + 'a;

/// How an account is judged again.
pub struct Again<'a> {
    /// The rules that were applied.
    pub rules: &'a [&'static Rule],
    /// By what.
    pub judge: &'a Judge<'a>,
}

/// The actions for one account, the best first. `counted` has the open findings that count, by
/// fingerprint, with how bad they are to the user; all others that are open were accepted.
pub fn first(
    mut snapshot: Snapshot,
    judged: &Judgement,
    counted: &BTreeMap<String, Severity>,
    again: &Again<'_>,
) -> Vec<Action> {
    if counted.is_empty() {
        return Vec::new();
    }
    let mut account = Account::new(&mut snapshot, judged, counted, again);
    let candidates = candidates::of(&account, judged);
    let estimates = Estimates::of(&account, judged);
    let mut useless = vec![false; candidates.len()];
    let mut actions = Vec::new();
    let mut trials = 0;
    while actions.len() < Action::MOST && trials < MOST_TRIALS_IN_ALL {
        let trials_before = trials;
        let mut best: Option<(Rank, &Candidate<'_>, Effect)> = None;
        let likely = estimates.best(&account, &candidates, &useless);
        for (at, most) in likely.into_iter().take(MOST_TRIALS) {
            // Those that follow close no more than this one.
            if best.as_ref().is_some_and(|(rank, ..)| rank.settles >= most) {
                break;
            }
            let candidate = &candidates[at];
            trials += 1;
            let tried = account.try_out(&candidate.changes);
            let fewest = if is_account_block(&candidate.changes) { 2 } else { 1 };
            let rank = tried.map(|effect| (Rank::of(&account, candidate, &effect), effect));
            let enough = |rank: &Rank| rank.settles.iter().sum::<u64>() >= fewest;
            let Some((rank, effect)) = rank.filter(|(rank, _)| enough(rank)) else {
                useless[at] = true;
                continue;
            };
            if best.as_ref().is_none_or(|(known, ..)| rank > *known) {
                best = Some((rank, candidate, effect));
            }
        }
        let Some((_, candidate, effect)) = best else {
            match trials > trials_before {
                true => continue,
                false => break,
            }
        };
        actions.push(action(&account, candidate, &effect));
        account.make(&candidate.changes, effect);
    }
    actions
}

/// How many findings, worst first; of each severity those that are open for certain before those
/// that may be.
type Counts = [u64; 8];

/// What makes one change better than another, in this order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// What is open no more.
    settles: Counts,
    /// How much of it is gone.
    closes: usize,
    /// What was accepted stays as it is.
    accepted: Reverse<usize>,
    /// Little is changed.
    changes: Reverse<usize>,
    /// The same every time.
    commands: Reverse<Vec<String>>,
}

impl Rank {
    fn of(account: &Account<'_>, candidate: &Candidate<'_>, effect: &Effect) -> Rank {
        let settled = effect.closes.iter().chain(&effect.shuts);
        // A website that nobody reaches any more speaks for no block of the whole account.
        let block = is_account_block(&candidate.changes);
        let mut settles = Counts::default();
        for at in settled.filter(|at| !(block && is_website(account, **at))) {
            settles[account.class(*at)] += 1;
        }
        Rank {
            settles,
            closes: effect.closes.len(),
            accepted: Reverse(effect.accepted.len()),
            changes: Reverse(candidate.changes.len()),
            commands: Reverse(candidate.commands.to_vec()),
        }
    }
}

fn is_account_block(changes: &[Change]) -> bool {
    matches!(changes, [Change::AccountBlock { .. }])
}

fn action(account: &Account<'_>, candidate: &Candidate<'_>, effect: &Effect) -> Action {
    let names = |all: &[usize]| -> Vec<String> {
        all.iter().map(|at| account.open[*at].fingerprint.clone()).collect()
    };
    let mut severities = BTreeMap::new();
    for at in effect.closes.iter().chain(&effect.shuts) {
        if let Some(severity) = account.counted[*at] {
            *severities.entry(severity).or_default() += 1;
        }
    }
    Action {
        text: change::text(&candidate.changes),
        warning: warning(account, &candidate.changes, effect),
        resource: candidate.changes[0].resource(account.snapshot),
        commands: candidate.commands.to_vec(),
        closes: names(&effect.closes),
        shuts: names(&effect.shuts),
        narrows: names(&effect.narrows),
        accepted: names(&effect.accepted),
        severities,
    }
}

/// Whether a finding is about a bucket that serves a website.
fn is_website(account: &Account<'_>, at: usize) -> bool {
    let resource = &account.open[at].resource;
    let answers = &account.snapshot.global.s3.get_bucket_website;
    resource.kind == kinds::S3_BUCKET.name && answers.get(&resource.id).is_some_and(Option::is_some)
}

/// What a change does besides, where people may not expect it.
fn warning(account: &Account<'_>, changes: &[Change], effect: &Effect) -> Option<String> {
    if !is_account_block(changes) {
        return None;
    }
    let shut = effect.closes.iter().chain(&effect.shuts).chain(&effect.accepted);
    let websites = shut.filter(|at| is_website(account, **at));
    let websites: Vec<&str> = websites.map(|at| account.open[*at].resource.id.as_str()).collect();
    let these = match websites.as_slice() {
        [] => String::new(),
        [one] => format!(" ({one} serves a website)"),
        many => format!(" ({} serve websites)", first_few(many, NAMED)),
    };
    Some(format!(
        "this also shuts buckets that are meant to be public{these}: move those behind CloudFront \
         first, or close the others one by one"
    ))
}
