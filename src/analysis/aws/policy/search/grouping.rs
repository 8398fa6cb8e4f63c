//! Targets: actions on a sample, grouped such that the same statements apply to all of them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::samples::{resolved, statements};
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::language::action::category;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::resource::{Layer, Sample};
use crate::analysis::aws::policy::services::{Action, Place};

/// Actions on a sample to which the same statements apply.
#[derive(Debug, Clone)]
pub struct Target {
    /// Indexes into the engine's actions.
    pub actions: Vec<usize>,
    /// The sample.
    pub sample: Sample,
    /// One of the other sort, where the same holds of it: what is inside, or the resource itself.
    pub other: Option<Sample>,
    /// Statements (by number over all layers) that apply to the actions and the sample.
    pub statements: Vec<usize>,
    /// The action is in no table: AWS may know it, or not.
    pub unknown_action: bool,
}

/// Actions of one category that the same statements name and that apply to the same place.
#[derive(Debug)]
pub struct ActionGroup {
    place: Place,
    category: u8,
    /// The statements, by number over all layers.
    naming: Vec<usize>,
    /// Indexes into the engine's actions.
    members: Vec<usize>,
}

/// The actions that some Allow names, in groups.
pub fn action_groups(
    layers: &[Layer<'_>],
    actions: &[Action],
    budget: &Budget,
) -> Vec<ActionGroup> {
    let statements = statements(layers);
    let mut groups: BTreeMap<(u8, u8, Vec<usize>), ActionGroup> = BTreeMap::new();
    for (index, action) in actions.iter().enumerate() {
        let naming: Vec<usize> = (0..statements.len())
            .filter(|number| statements[*number].0.is_about(&action.name, budget))
            .collect();
        if budget.is_spent() {
            break;
        }
        if naming.iter().any(|number| statements[*number].0.allow) {
            let Action { place, .. } = *action;
            let category = category(&action.name);
            let key = (place_number(place), category, naming.clone());
            let new = || ActionGroup { place, category, naming, members: Vec::new() };
            groups.entry(key).or_insert_with(new).members.push(index);
        }
    }
    groups.into_values().collect()
}

/// All targets on these samples, within a budget. `value_of` replaces variables in resources.
/// `apart`: samples and actions stay apart although the same statements apply to them, because for
/// another value of the variables other statements may.
pub fn targets(
    layers: &[Layer<'_>],
    groups: &[ActionGroup],
    budget: &Budget,
    value_of: &dyn Fn(&str) -> Option<String>,
    samples: &[Sample],
    apart: bool,
) -> Vec<Target> {
    let statements = statements(layers);
    let resolved = resolved(&statements, value_of, budget);

    let kind = layers[0].kind;
    let beginnings: Vec<Beginnings<'_>> = layers
        .iter()
        .map(|layer| {
            let own = statements.iter().zip(&resolved).enumerate();
            let own = own.filter(|(_, ((_, of), _))| std::ptr::eq(*of, layer));
            Beginnings::of(
                own.flat_map(|(number, (_, globs))| globs.iter().map(move |g| (number, g))),
            )
        })
        .collect();
    let covered: Vec<Vec<bool>> = samples
        .iter()
        .map(|sample| {
            let mut covered: Vec<bool> =
                statements.iter().map(|(statement, _)| statement.resources.negated).collect();
            budget.states(covered.len());
            for (layer, beginnings) in layers.iter().zip(&beginnings) {
                for number in beginnings.matching(&layer.resource(sample), budget) {
                    covered[number] = !statements[number].0.resources.negated;
                }
            }
            covered
        })
        // The sample at which the budget ended was not compared with every statement.
        .take_while(|_: &Vec<bool>| !budget.is_spent())
        .collect();

    /// What the actions and samples of a target have in common.
    #[derive(PartialEq, Eq, Hash)]
    struct Key<'s> {
        statements: Vec<usize>,
        /// Sample and first action, where those stay apart.
        apart: Option<(&'s Sample, usize)>,
        unknown_action: bool,
        category: u8,
    }
    let mut numbers: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    let mut targets: Vec<Target> = Vec::new();
    for ActionGroup { place, category, naming, members } in groups {
        let unknown_action = *place == Place::Any;
        for (sample, covered) in samples.iter().zip(&covered) {
            let fits = match sample {
                Sample::Itself => *place != Place::Obj && *place != Place::Sub,
                Sample::Below(_) => *place != Place::Res || kind.reaches_below(),
            };
            if !fits {
                continue;
            }
            if !budget.cases(1) || !budget.states(naming.len() + members.len()) {
                break;
            }
            let applying: Vec<usize> =
                naming.iter().copied().filter(|number| covered[*number]).collect();
            if !applying.iter().any(|number| statements[*number].0.allow) {
                continue;
            }
            let key = Key {
                statements: applying,
                apart: apart.then_some((sample, members[0])),
                unknown_action,
                category: *category,
            };
            let next = targets.len();
            let number = *numbers.entry(key).or_insert_with_key(|key| {
                targets.push(Target {
                    actions: Vec::new(),
                    sample: sample.clone(),
                    other: None,
                    statements: key.statements.clone(),
                    unknown_action,
                });
                next
            });
            let target = &mut targets[number];
            target.actions.extend(members);
            let itself = |sample: &Sample| *sample == Sample::Itself;
            if target.other.is_none() && itself(sample) != itself(&target.sample) {
                target.other = Some(sample.clone());
            }
        }
    }
    for target in &mut targets {
        target.actions.sort_unstable();
        target.actions.dedup();
    }
    targets
}

/// Patterns by the characters before their first wildcard, so that a text is compared with those
/// alone that begin like it.
struct Beginnings<'g> {
    patterns: FxHashMap<&'g str, Vec<(usize, &'g Glob)>>,
    /// The lengths of these beginnings, each once.
    lengths: BTreeSet<usize>,
}

impl<'g> Beginnings<'g> {
    /// An index of patterns, each with the number of its statement.
    fn of(all: impl Iterator<Item = (usize, &'g Glob)>) -> Beginnings<'g> {
        let mut patterns: FxHashMap<&str, Vec<(usize, &Glob)>> = FxHashMap::default();
        for (number, glob) in all {
            patterns.entry(glob.fixed_prefix()).or_default().push((number, glob));
        }
        let lengths = patterns.keys().map(|beginning| beginning.len()).collect();
        Beginnings { patterns, lengths }
    }

    /// Statements with a pattern that matches the text.
    fn matching(&self, text: &str, budget: &Budget) -> Vec<usize> {
        budget.states(self.lengths.len());
        let beginnings = self.lengths.iter().filter_map(|length| text.get(..*length));
        beginnings
            .filter_map(|beginning| self.patterns.get(beginning))
            .flatten()
            .filter(|(_, glob)| !budget.is_spent() && glob.matches_within(text, budget))
            .map(|(number, _)| *number)
            .collect()
    }
}

fn place_number(place: Place) -> u8 {
    match place {
        // What is the owner's alone is no action of this search; its place is the resource.
        Place::Res | Place::Own => 0,
        Place::Obj => 1,
        Place::Sub => 2,
        Place::Any => 3,
    }
}
