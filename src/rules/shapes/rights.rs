//! What the rights of a role are to whoever gets hold of it: steps of a proof.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::glob::Glob;
use crate::analysis::aws::rights::{Class, Held, Rights};
use crate::inventory::Snapshot;
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
    if let Some(count) = buckets(snapshot, held) {
        let buckets = if count == 1 { "bucket" } else { "buckets" };
        text.push_str(&format!(", which reaches {count} {buckets} of the account"));
    }
    if !held.but.is_empty() {
        text.push_str(&format!("; not decided: {}", first_few(&held.but, NAMED)));
    }
    text
}

/// How many buckets of the account the reading of objects reaches, where they were listed.
fn buckets(snapshot: &Snapshot, held: &Held<'_>) -> Option<usize> {
    let reads = held.right.class == Class::Data
        && held.right.actions.iter().any(|action| action == "s3:GetObject");
    let listed = snapshot.global.s3.list_buckets.read().filter(|_| reads)?;
    let patterns: Vec<Glob> = held.on.iter().map(|pattern| Glob::pattern(pattern)).collect();
    let partition = snapshot.partition();
    let reached = listed.buckets.iter().filter(|bucket| {
        // An object that any pattern for objects of the bucket can name.
        let object = Glob::pattern(&format!("arn:{partition}:s3:::{}/*", bucket.name));
        patterns.iter().any(|pattern| !pattern.excludes(&object))
    });
    Some(reached.count())
}
