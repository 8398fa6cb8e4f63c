//! What an action claims is so: its printed commands, applied to the facts and judged again, leave
//! nothing open of what it closes, and close nothing else.

use std::collections::{BTreeMap, BTreeSet};

use outcrop::inventory::Snapshot;
use outcrop::model::{Action, Finding, Severity, Status};
use outcrop::rules::change::Change;
use outcrop::rules::{Context, Judgement, RULES, Rule, judge};
use outcrop::triage::actions::{Again, first};

use super::commands;

fn context(snapshot: &Snapshot) -> Context<'_> {
    Context::new(snapshot, "2026-11-01T00:00:00Z".parse().unwrap())
}

fn judged(snapshot: &Snapshot) -> Judgement {
    judge(&context(snapshot), RULES)
}

fn is_open(finding: &Finding) -> bool {
    matches!(finding.status, Status::Exposed | Status::Undetermined)
}

/// The actions for an account in which every open finding counts.
pub fn actions(snapshot: &Snapshot) -> (Judgement, Vec<Action>) {
    actions_but_for(snapshot, &[])
}

/// The actions for an account in which every open finding counts but those of these resources.
pub fn actions_but_for(snapshot: &Snapshot, accepted: &[&str]) -> (Judgement, Vec<Action>) {
    let judgement = judged(snapshot);
    let open = judgement.findings.iter().filter(|finding| is_open(finding));
    let open = open.filter(|finding| !accepted.contains(&finding.resource.id.as_str()));
    let counted: BTreeMap<String, Severity> =
        open.map(|finding| (finding.fingerprint.clone(), finding.severity)).collect();
    let again = |snapshot: &Snapshot, region: Option<&str>, rules: &[&'static Rule]| {
        judge(&context(snapshot).only_in(region), rules).findings
    };
    let again = Again { rules: RULES, judge: &again };
    let actions = first(snapshot.clone(), &judgement, &counted, &again);
    (judgement, actions)
}

/// Proves every claim of every action for an account. Returns how many findings they close.
pub fn prove(place: &str, snapshot: &Snapshot) -> usize {
    changes_are_what_commands_do(place, snapshot);
    let (judgement, actions) = actions(snapshot);
    let before: Vec<&Finding> = judgement.findings.iter().collect();
    let known: BTreeSet<&str> = before.iter().map(|one| one.fingerprint.as_str()).collect();
    let open: Vec<&Finding> = before.iter().copied().filter(|one| is_open(one)).collect();
    assert!(actions.len() <= Action::MOST, "{place}");
    let mut account = snapshot.clone();
    let mut settled: BTreeSet<String> = BTreeSet::new();
    for action in &actions {
        account = commands::after(&account, &action.commands);
        let after = judged(&account).findings;
        let told = || format!("{place}: {action:#?}\nleft: {after:#?}");
        let open_now = after.iter().filter(|one| is_open(one));
        // What is open where nothing of that name was open before is a part of what was.
        let appeared = open_now.clone().filter(|one| !known.contains(one.fingerprint.as_str()));
        let appeared: BTreeSet<&str> = appeared.map(|one| one.resource.uid.as_str()).collect();
        let open_now: BTreeSet<&str> = open_now.map(|one| one.fingerprint.as_str()).collect();
        let is_gone = |one: &&&Finding| {
            let uid = one.resource.uid.as_str();
            !open_now.contains(one.fingerprint.as_str()) && !appeared.contains(uid)
        };
        let gone: BTreeSet<String> =
            open.iter().filter(is_gone).map(|one| one.fingerprint.clone()).collect();
        let claimed: BTreeSet<String> = action.settled().cloned().collect();
        let newly: BTreeSet<String> = gone.difference(&settled).cloned().collect();
        assert_eq!(newly, claimed, "{}", told());
        assert!(!claimed.is_empty() && gone.is_superset(&settled), "{}", told());
        let of = |fingerprint: &String| {
            open.iter().find(|one| one.fingerprint == *fingerprint).expect("one that was open")
        };
        let mut severities: BTreeMap<Severity, u64> = BTreeMap::new();
        for fingerprint in &claimed {
            *severities.entry(of(fingerprint).severity).or_default() += 1;
        }
        assert_eq!(severities, action.severities, "{}", told());
        // What is shut is said to be latent of the same resource; what is closed is not.
        let is_latent = |fingerprint: &String| {
            let finding = of(fingerprint);
            after.iter().any(|one| {
                let new = !known.contains(one.fingerprint.as_str());
                (one.fingerprint == *fingerprint || new)
                    && one.status == Status::Latent
                    && (&one.rule, &one.resource.uid) == (&finding.rule, &finding.resource.uid)
            })
        };
        assert!(action.shuts.iter().all(is_latent), "{}", told());
        assert!(!action.closes.iter().any(is_latent), "{}", told());
        for narrower in &action.narrows {
            let finding = of(narrower);
            let left = after.iter().any(|one| {
                let same = one.fingerprint == *narrower && one.exposure == finding.exposure;
                is_open(one) && one.resource.uid == finding.resource.uid && !same
            });
            assert!(left, "{narrower}: {}", told());
        }
        settled = gone;
    }
    settled.len()
}

/// Every command that a finding prints does what the changes do that it is to stand for, and these
/// can be taken back.
fn changes_are_what_commands_do(place: &str, snapshot: &Snapshot) {
    let judgement = judged(snapshot);
    for finding in judgement.findings.iter().filter(|finding| is_open(finding)) {
        let commands = &finding.remediation.commands;
        let changes = judgement.changes.get(&finding.fingerprint);
        let changes: &[Change] = changes.map(Vec::as_slice).unwrap_or_default();
        assert_eq!(
            commands.is_empty(),
            changes.is_empty(),
            "{place}: what {} prints is no change that can be judged: a kind of resource needs its \
             row in src/rules/change/resource.rs: {commands:#?}",
            finding.rule
        );
        let mut changed = snapshot.clone();
        let mut made = Vec::new();
        for change in changes {
            let undo = change.apply(&mut changed);
            made.push(undo.unwrap_or_else(|| panic!("{place}: nothing to change: {change:#?}")));
        }
        let by_commands = serde_json::to_value(commands::after(snapshot, commands)).unwrap();
        let by_changes = serde_json::to_value(&changed).unwrap();
        assert_eq!(by_changes, by_commands, "{place}: {commands:#?}: {changes:#?}");
        made.into_iter().rev().for_each(|undo| undo.undo(&mut changed));
        assert!(changed == *snapshot, "{place}: not taken back: {changes:#?}");
    }
}
