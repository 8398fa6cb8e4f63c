//! Resources: what requests can be about, as groups of actions on sample names that every statement
//! treats alike.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::action::{category, names_action};
use super::budget::Budget;
use super::document::Statement;
use super::glob::{Fresh, Glob, Token, common};
use super::principal::Principal;
use super::services::{Action, Kind, Place};
use super::template::Template;

/// A policy and the resource its statements are about. Requests through an access point have to
/// pass two.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Its statements.
    pub statements: &'a [Statement],
    /// Kind and ARN of what the policy belongs to.
    pub kind: &'a Kind,
}

impl Layer<'_> {
    /// The ARN of a sample in this layer's writing.
    pub fn resource(&self, sample: &Sample) -> String {
        match sample {
            Sample::Itself => self.kind.arn.clone(),
            Sample::Below(name) => format!("{}{name}", self.kind.below()),
        }
    }
}

/// A concrete resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sample {
    /// The resource that the policy belongs to.
    Itself,
    /// Something inside of it.
    Below(String),
}

/// Actions on a sample to which the same statements apply.
#[derive(Debug, Clone)]
pub struct Target {
    /// Indexes into the engine's actions.
    pub actions: Vec<usize>,
    /// The sample.
    pub sample: Sample,
    /// Statements (by number over all layers) that apply to the actions and the sample.
    pub statements: Vec<usize>,
    /// The action is in no table: AWS may know it, or not.
    pub unknown_action: bool,
}

/// Samples that statements can tell apart. `value_of` replaces variables in resources.
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

fn statements<'l, 'a>(layers: &'l [Layer<'a>]) -> Vec<(&'a Statement, &'l Layer<'a>)> {
    layers
        .iter()
        .flat_map(|layer| layer.statements.iter().map(move |statement| (statement, layer)))
        .collect()
}

fn resolved(
    statements: &[(&Statement, &Layer<'_>)],
    value_of: &dyn Fn(&str) -> Option<String>,
    budget: &Budget,
) -> Vec<Vec<Glob>> {
    let resolve = |template: &Template| {
        budget.take(10 + 2 * template.text().len());
        template.resolve(value_of)
    };
    statements
        .iter()
        .map(|(statement, _)| statement.resources.any.iter().filter_map(resolve).collect())
        .collect()
}

/// Actions that the same statements name, on the same kind of place.
#[derive(Debug)]
pub struct Group {
    place: Place,
    category: u8,
    /// Statements, by number over all layers.
    naming: Vec<usize>,
    /// Indexes into the engine's actions.
    members: Vec<usize>,
}

/// The actions that some Allow names, in groups.
pub fn groups(layers: &[Layer<'_>], actions: &[Action], budget: &Budget) -> Vec<Group> {
    let statements = statements(layers);
    let mut groups: BTreeMap<(u8, u8, Vec<usize>), Group> = BTreeMap::new();
    for (index, action) in actions.iter().enumerate() {
        let naming: Vec<usize> = (0..statements.len())
            .filter(|number| names_action(&statements[*number].0.actions, &action.name, budget))
            .collect();
        if budget.is_spent() {
            break;
        }
        if naming.iter().any(|number| statements[*number].0.allow) {
            let Action { place, .. } = *action;
            let category = category(&action.name);
            let key = (place_number(place), category, naming.clone());
            let new = || Group { place, category, naming, members: Vec::new() };
            groups.entry(key).or_insert_with(new).members.push(index);
        }
    }
    groups.into_values().collect()
}

/// All targets on these samples, within a budget. `value_of` replaces variables in resources.
/// `apart`: samples and actions that the same statements cover stay apart: they do for one caller
/// and not for another.
pub fn targets(
    layers: &[Layer<'_>],
    (groups, budget): (&[Group], &Budget),
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
            budget.take(covered.len() / 16);
            for (layer, beginnings) in layers.iter().zip(&beginnings) {
                for number in beginnings.matching(&layer.resource(sample), budget) {
                    covered[number] = !statements[number].0.resources.negated;
                }
            }
            covered
        })
        // What was looked at when the budget ended was not looked at whole.
        .take_while(|_: &Vec<bool>| !budget.is_spent())
        .collect();

    /// Statements; sample and first action where those stay apart; unknown action; category.
    type Key<'s> = (Vec<usize>, Option<(&'s Sample, usize)>, bool, u8);
    let mut numbers: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    let mut targets: Vec<Target> = Vec::new();
    for Group { place, category, naming, members } in groups {
        let unknown_action = *place == Place::Any;
        for (sample, covered) in samples.iter().zip(&covered) {
            let fits = match sample {
                Sample::Itself => *place != Place::Obj && *place != Place::Sub,
                Sample::Below(_) => *place != Place::Res || kind.reaches_below(),
            };
            if !fits {
                continue;
            }
            if !budget.take(30 + naming.len() / 8 + members.len()) {
                break;
            }
            let applying: Vec<usize> =
                naming.iter().copied().filter(|number| covered[*number]).collect();
            if !applying.iter().any(|number| statements[*number].0.allow) {
                continue;
            }
            let place = apart.then_some((sample, members[0]));
            let next = targets.len();
            let number = *numbers
                .entry((applying, place, unknown_action, *category))
                .or_insert_with_key(|(applying, ..)| {
                    targets.push(Target {
                        actions: Vec::new(),
                        sample: sample.clone(),
                        statements: applying.clone(),
                        unknown_action,
                    });
                    next
                });
            targets[number].actions.extend(members);
        }
    }
    for target in &mut targets {
        target.actions.sort_unstable();
        target.actions.dedup();
    }
    targets
}

/// Patterns by the characters before their first wildcard: of many, a text begins like few.
struct Beginnings<'g> {
    patterns: FxHashMap<&'g str, Vec<(usize, &'g Glob)>>,
    /// How long these beginnings are, each length once.
    lengths: BTreeSet<usize>,
}

impl<'g> Beginnings<'g> {
    /// Of patterns with the number of their statement.
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
        budget.take(4 * self.lengths.len());
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
        Place::Res => 0,
        Place::Obj => 1,
        Place::Sub => 2,
        Place::Any => 3,
    }
}

/// Names inside of the resource, such that whatever a statement can tell apart is told apart:
/// of each pattern, of each two together, and one that nobody names.
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
        // What a Deny takes from everyone no caller is left with, and a fresh name avoids it.
        let for_all = !statement.principals.negated
            && statement.principals.named.contains(&Principal::Everyone)
            && statement.tests.is_empty();
        if !statement.allow && !statement.resources.negated && for_all {
            continue;
        }
        let index = layers.iter().position(|other| std::ptr::eq(other, *layer)).unwrap_or_default();
        for glob in globs {
            if !fresh.budget.take(20 + 2 * glob.tokens().len() + prefixes[index].len()) {
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
    // Two patterns have to meet where a Deny leaves out what it names; elsewhere they only may.
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
    // Names that nobody chose come first: they make the better examples.
    names.into_iter().filter(|name| !name.is_empty()).map(Sample::Below).collect()
}
