//! From what the user chose to what is asked: the rules, the calls that they read, and how far the
//! collection goes.

use std::collections::BTreeSet;

use super::options::{SAMPLED_OBJECTS, Selection};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::aws::calls::{CALLS, Call, organizations};
use crate::model::Category;
use crate::rules::{self, Rule};

/// Things of every list that a probe looks at.
const PROBED: usize = 3;

/// What tells the resource control policies that reach an account. They are no rule's: where they
/// are refused, as to most accounts, a scan says so once and lacks nothing else.
const CONTROL_POLICIES: [&Call; 5] = [
    &organizations::DESCRIBE_ORGANIZATION,
    &organizations::DESCRIBE_POLICY,
    &organizations::LIST_PARENTS,
    &organizations::LIST_POLICIES_FOR_TARGET,
    &organizations::LIST_ROOTS,
];

/// The rules that the user means.
pub fn choose(selection: &Selection) -> anyhow::Result<Vec<&'static Rule>> {
    let sampling = selection.sample_objects.map(|_| "s3-object-public");
    let categories = selection.categories();
    let opted_in = sampling.as_slice();
    let rules = rules::select(&selection.rules, &selection.exclude_rule, &categories, opted_in)?;
    if rules.is_empty() {
        anyhow::bail!("no rule is left to apply; `outcrop rules` lists rules and categories");
    }
    Ok(rules)
}

/// The calls that a scan with these rules may make.
pub fn calls(rules: &[&'static Rule]) -> BTreeSet<&'static Call> {
    let connecting = CALLS.iter().copied().filter(|call| call.connecting);
    let of_rules = rules.iter().flat_map(|rule| rule.calls());
    let mut calls: BTreeSet<&'static Call> = connecting.chain(of_rules).collect();
    if rules.iter().any(|rule| rule.heeds_control_policies()) {
        calls.extend(CONTROL_POLICIES);
    }
    calls
}

/// What a scan with `rules` asks; with `latent` also what only findings need that a control shuts.
pub fn plan(rules: &[&'static Rule], selection: &Selection, latent: bool) -> CollectionPlan {
    let objects = selection.sample_objects.unwrap_or(SAMPLED_OBJECTS);
    CollectionPlan { objects: usize::from(objects), ..without_objects(rules, latent) }
}

/// As [`plan`], where no rule looks at objects.
pub fn without_objects(rules: &[&'static Rule], latent: bool) -> CollectionPlan {
    CollectionPlan {
        calls: calls(rules),
        latent,
        named: rules.iter().any(|rule| rule.category == Category::Sharing),
        // The guard rails' question decides which calls there are.
        protections: rules.iter().any(|rule| rule.category == Category::Guardrail),
        objects: 0,
        probe: None,
    }
}

/// Every call that a scan with `rules` may make, each for the first things of every list only.
pub fn probe(rules: &[&'static Rule]) -> CollectionPlan {
    CollectionPlan {
        calls: calls(rules),
        latent: true,
        named: true,
        protections: true,
        objects: PROBED,
        probe: Some(PROBED),
    }
}
