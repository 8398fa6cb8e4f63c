//! What the rights of a role are to whoever gets hold of it: steps of a proof.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::glob::Glob;
use crate::analysis::aws::rights::{Held, Rights};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::calls::s3::LIST_BUCKETS;
use crate::inventory::aws::calls::secretsmanager::LIST_SECRETS;
use crate::model::{Step, first_few};

/// How many rights a finding proves before it counts the rest.
const PROVEN: usize = 6;
/// How many resources or conditions of one a line names before it counts the rest.
const NAMED: usize = 3;

/// The rights of `role`, worst first, each with the policies that give it.
pub fn steps(snapshot: &Snapshot, role: &str, rights: &Rights<'_>) -> Vec<Step> {
    let held = rights.held.iter();
    let mut steps: Vec<Step> =
        held.take(PROVEN).map(|held| Step::of("right", role, sentence(snapshot, held))).collect();
    let more = rights.held.len().saturating_sub(PROVEN);
    if more > 0 {
        let others = rights.held.iter().skip(PROVEN).flat_map(|held| &held.right.actions);
        let others: BTreeSet<String> = others.map(|action| format!("`{action}`")).collect();
        let text = format!("and {more} more rights of the kind: {}", first_few(others, NAMED));
        steps.push(Step::of("more", role, text));
    }
    steps
}

/// One right: what it does, by which actions on what, by which policies.
fn sentence(snapshot: &Snapshot, held: &Held<'_>) -> String {
    let code = |text: &String| format!("`{text}`");
    let actions = first_few(held.right.actions.iter().map(code), NAMED);
    let on = first_few(held.on.iter().map(code), NAMED);
    let by: BTreeSet<String> =
        held.by.iter().map(|source| format!("`{}`", source.name())).collect();
    let policies = if by.len() == 1 { "policy" } else { "policies" };
    let by = first_few(by, NAMED);
    let mut text = format!("{}: {actions} on {on} by {policies} {by}", held.right.does);
    if let Some(reached) = reached(snapshot, held) {
        text.push_str(&format!(", which reaches {reached}"));
    }
    if !held.but.is_empty() {
        text.push_str(&format!("; not decided: {}", first_few(&held.but, NAMED)));
    }
    text
}

/// What a right reaches that was listed, in words; `None` where nothing of the kind was, or not all.
fn reached(snapshot: &Snapshot, held: &Held<'_>) -> Option<String> {
    let complete = |call: &Call| !snapshot.gaps.iter().any(|gap| call.is_missing(gap));
    let patterns: Vec<Glob> = held.on.iter().map(|pattern| Glob::pattern(pattern)).collect();
    let counted =
        |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    match held.right.actions.as_slice() {
        [one] if one == "s3:GetObject" && complete(&LIST_BUCKETS) => {
            let listed = snapshot.global.s3.list_buckets.read()?;
            let partition = snapshot.partition();
            let reached = listed.buckets.iter().filter(|bucket| {
                // An object that any pattern for objects of the bucket can name.
                let object = Glob::pattern(&format!("arn:{partition}:s3:::{}/*", bucket.name));
                patterns.iter().any(|pattern| !pattern.excludes(&object))
            });
            Some(format!("{} of the account", counted(reached.count(), "bucket")))
        }
        [one] if one == "secretsmanager:GetSecretValue" && complete(&LIST_SECRETS) => {
            let regions = snapshot.regions.values();
            let listed = regions.map(|services| services.secretsmanager.list_secrets.read());
            let listed: Option<Vec<_>> = listed.collect();
            let secrets = listed?.into_iter().flat_map(|listed| &listed.secret_list);
            // What a variable of a policy stands for is not known.
            let fixed = held.on.iter().all(|pattern| !pattern.contains("${"));
            let named = |arn: &str| patterns.iter().any(|pattern| pattern.matches(arn));
            let reached = secrets.filter(|secret| named(&secret.arn)).count();
            fixed.then(|| format!("{} in the scanned regions", counted(reached, "secret")))
        }
        _ => None,
    }
}
