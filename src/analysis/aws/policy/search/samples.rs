//! Concrete resources to ask about: the resource itself and names inside of it, as many as the
//! Resource elements of the statements distinguish.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::language::common::common;
use crate::analysis::aws::policy::language::document::Statement;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::{Glob, Token};
use crate::analysis::aws::policy::language::principal::Principal;
use crate::analysis::aws::policy::language::resource::{Layer, Sample};
use crate::analysis::aws::policy::language::template::Template;
use crate::analysis::aws::policy::services::{Action, Place};

/// Samples that the statements distinguish. `value_of` replaces variables in resources.
pub fn samples(
    layers: &[Layer<'_>],
    actions: &[Action],
    fresh: &Fresh,
    value_of: &dyn Fn(&str) -> Option<String>,
) -> Vec<Sample> {
    let kind = layers[0].kind;
    let statements = statements(layers);
    let below = actions.iter().any(|action| action.place != Place::Res) || kind.reaches_below();
    let mut samples = vec![Sample::Itself];
    if below {
        let resolved = resolved(&statements, value_of, &fresh.budget);
        samples.extend(below_samples(layers, &statements, &resolved, fresh));
    }
    samples
}

/// The statements of all layers, each with its layer.
pub(super) fn statements<'l, 'a>(layers: &'l [Layer<'a>]) -> Vec<(&'a Statement, &'l Layer<'a>)> {
    layers
        .iter()
        .flat_map(|layer| layer.statements.iter().map(move |statement| (statement, layer)))
        .collect()
}

/// The patterns of each statement's Resource element with variables replaced; a variable without a
/// value makes its pattern match nothing.
pub(super) fn resolved(
    statements: &[(&Statement, &Layer<'_>)],
    value_of: &dyn Fn(&str) -> Option<String>,
    budget: &Budget,
) -> Vec<Vec<Glob>> {
    let resolve = |template: &Template| {
        budget.states(template.text().len());
        template.resolve(value_of)
    };
    statements
        .iter()
        .map(|(statement, _)| statement.resources.any.iter().filter_map(resolve).collect())
        .collect()
}

/// Names inside of the resource, enough for every set of statements that can apply to one: names
/// that match each pattern, two or three patterns at once, and none.
fn below_samples(
    layers: &[Layer<'_>],
    statements: &[(&Statement, &Layer<'_>)],
    resolved: &[Vec<Glob>],
    fresh: &Fresh,
) -> Vec<Sample> {
    /// Patterns up to which names for pairs and triples of them are sought.
    const PAIRS: usize = 16;
    const TRIPLES: usize = 6;
    let mut wanted: BTreeSet<Glob> = BTreeSet::new();
    let prefixes: Vec<String> = layers.iter().map(|layer| layer.kind.below()).collect();
    for ((statement, layer), globs) in statements.iter().zip(resolved) {
        // A Deny for everyone leaves no caller what it names; a name that nothing matches avoids it.
        let for_all = !statement.principals.negated
            && statement.principals.named.contains(&Principal::Everyone)
            && statement.tests.is_empty();
        if !statement.allow && !statement.resources.negated && for_all {
            continue;
        }
        let index = layers.iter().position(|other| std::ptr::eq(other, *layer)).unwrap_or_default();
        for glob in globs {
            if !fresh.budget.states(glob.tokens().len() + prefixes[index].len()) {
                break;
            }
            wanted.extend(glob.after(&prefixes[index]));
        }
    }
    wanted.insert(Glob::pattern("*"));
    let few = wanted.len() <= 64;
    let mut names: BTreeSet<String> = BTreeSet::new();
    for glob in &wanted {
        let samples = common(&[glob], fresh);
        let count = if few { samples.len() } else { 2 };
        names.extend(samples.into_iter().take(count));
    }
    // `*` adds nothing to another pattern.
    let wild: Vec<&Glob> = wanted
        .iter()
        .filter(|glob| glob.literal().is_none() && glob.tokens() != [Token::Many])
        .collect();
    // A Deny with NotResource spares the names that match its patterns, so a name that an Allow
    // matches as well has to be found; elsewhere such names only reveal more.
    let leaves_out = statements.iter().any(|(s, _)| !s.allow && s.resources.negated);
    if wild.len() > PAIRS {
        if leaves_out {
            fresh.budget.give_up();
        }
    } else {
        for (index, one) in wild.iter().enumerate() {
            for (other_index, other) in wild.iter().enumerate().skip(index + 1) {
                names.extend(common(&[one, other], fresh));
                if wild.len() <= TRIPLES {
                    for third in wild.iter().skip(other_index + 1) {
                        names.extend(common(&[one, other, third], fresh));
                    }
                }
            }
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).map(Sample::Below).collect()
}
