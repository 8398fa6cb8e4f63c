//! Targets of all variable bindings, each numbered once, in classes that are asked about together.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::engine::{Engine, VariableValues};
use super::grouping::{self, Target};
use super::samples;
use crate::analysis::aws::policy::language::action::category;
use crate::analysis::aws::policy::language::keys;
use crate::analysis::aws::policy::language::resource::Sample;

/// Targets to which the same statements apply and whose actions are of one category: an answer for
/// one of them is an answer for all.
pub(super) struct TargetClass {
    /// Equal for equal classes, whatever the variable binding.
    pub(super) number: usize,
    /// The targets, of which there is at least one.
    pub(super) targets: Vec<NumberedTarget>,
}

/// A target and its number, which is equal for equal targets of different variable bindings.
pub(super) struct NumberedTarget {
    pub(super) number: usize,
    pub(super) target: Rc<Target>,
}

impl TargetClass {
    /// The target that stands for the class.
    pub(super) fn first(&self) -> &Target {
        &self.targets[0].target
    }
}

/// The target classes of one variable binding.
pub(super) type TargetClasses = Rc<[Rc<TargetClass>]>;

/// What the targets of a class have in common.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ClassKey {
    statements: Vec<usize>,
    unknown_action: bool,
    category: u8,
}

/// What makes two targets equal.
#[derive(PartialEq, Eq, Hash)]
struct TargetKey {
    /// In place of the statements, the first action, where statements differ between callers.
    common: ClassKey,
    sample: Sample,
}

/// All targets that were found so far.
pub(super) struct TargetIndex<'e> {
    engine: &'e Engine<'e>,
    /// Samples for every variable binding, where resources contain variables and there are not too
    /// many of them.
    samples: Option<Vec<Sample>>,
    known: HashMap<VariableValues, TargetClasses>,
    target_numbers: FxHashMap<TargetKey, usize>,
    class_numbers: FxHashMap<ClassKey, usize>,
}

impl<'e> TargetIndex<'e> {
    pub(super) fn of(engine: &'e Engine<'e>) -> TargetIndex<'e> {
        TargetIndex {
            engine,
            samples: if engine.resource_variables { engine.all_samples() } else { None },
            known: HashMap::new(),
            target_numbers: FxHashMap::default(),
            class_numbers: FxHashMap::default(),
        }
    }

    /// The target classes of every binding; `None` where resources contain variables.
    pub(super) fn shared(&mut self) -> Option<TargetClasses> {
        let engine = self.engine;
        (!engine.resource_variables).then(|| {
            let nothing = VariableValues::new();
            self.classified(engine.targets(&nothing, &engine.samples(&nothing), false))
        })
    }

    /// The target classes of one binding.
    pub(super) fn under(&mut self, env: &VariableValues) -> TargetClasses {
        let engine = self.engine;
        let env = engine.in_resources(env);
        if let Some(known) = self.known.get(&env) {
            return Rc::clone(known);
        }
        let targets = match &self.samples {
            Some(all) => engine.targets(&env, all, true),
            None => engine.targets(&env, &engine.samples(&env), false),
        };
        engine.budget.cases(targets.len());
        let classes = self.classified(targets);
        self.known.insert(env, Rc::clone(&classes));
        classes
    }

    fn classified(&mut self, targets: Vec<Rc<Target>>) -> TargetClasses {
        let mut classes: Vec<TargetClass> = Vec::new();
        let mut position: FxHashMap<usize, usize> = FxHashMap::default();
        for target in targets {
            let first = target.actions[0];
            let class = ClassKey {
                statements: target.statements.clone(),
                unknown_action: target.unknown_action,
                category: category(&self.engine.actions[first].name),
            };
            let common = match &self.samples {
                Some(_) => ClassKey { statements: vec![first], ..class },
                None => class.clone(),
            };
            let next = self.target_numbers.len();
            let key = TargetKey { common, sample: target.sample.clone() };
            let number = *self.target_numbers.entry(key).or_insert(next);
            let next = self.class_numbers.len();
            let class = *self.class_numbers.entry(class).or_insert(next);
            let at = *position.entry(class).or_insert(classes.len());
            let target = NumberedTarget { number, target };
            match classes.get_mut(at) {
                Some(known) => known.targets.push(target),
                None => classes.push(TargetClass { number: class, targets: vec![target] }),
            }
        }
        classes.into_iter().map(Rc::new).collect()
    }
}

impl Engine<'_> {
    fn samples(&self, env: &VariableValues) -> Vec<Sample> {
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        match &self.only {
            Some(only) => only.clone(),
            None => samples::samples(&self.layers, &self.actions, &self.fresh, &value_of),
        }
    }

    fn targets(&self, env: &VariableValues, samples: &[Sample], apart: bool) -> Vec<Rc<Target>> {
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        grouping::targets(&self.layers, &self.groups, &self.budget, &value_of, samples, apart)
            .into_iter()
            .map(Rc::new)
            .collect()
    }

    /// The values of those variables that resources contain.
    fn in_resources(&self, env: &VariableValues) -> VariableValues {
        let own = env.iter().filter(|(key, _)| self.in_resources.contains(*key));
        own.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The samples of all bindings together. With variables, a statement covers one name for one
    /// caller and another name for another; whether a named caller reaches more than an unnamed
    /// one is only seen on the same names. `None` where there are too many.
    fn all_samples(&self) -> Option<Vec<Sample>> {
        const MOST: usize = 160;
        let mut envs = BTreeSet::new();
        let mut samples = BTreeSet::new();
        for caller in &self.callers {
            if self.budget.is_spent() {
                return None;
            }
            let routes = self.routes(caller).into_iter().filter(|route| route.address == 0);
            let different = if self.bindings_fit_every_route() { 1 } else { usize::MAX };
            for route in routes.take(different) {
                for binding in self.bindings(caller, route) {
                    let env = self.in_resources(binding.env());
                    if envs.insert(env.clone()) {
                        samples.extend(self.samples(&env));
                    }
                    if samples.len() > MOST || self.budget.is_spent() {
                        return None;
                    }
                }
            }
        }
        Some(samples.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::aws::policy::search::testing::{allow, with_engine};

    /// For each class: its statements, and the actions of its targets.
    fn shown(engine: &Engine<'_>, classes: &TargetClasses) -> Vec<(Vec<usize>, Vec<String>)> {
        let actions = |class: &TargetClass| {
            let of = |t: &NumberedTarget| t.target.actions.clone();
            let mut all: Vec<usize> = class.targets.iter().flat_map(of).collect();
            all.sort_unstable();
            all.dedup();
            all.iter().map(|action| engine.actions[*action].shown.clone()).collect()
        };
        let mut all: Vec<_> = classes
            .iter()
            .map(|class| (class.first().statements.clone(), actions(class)))
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn a_class_is_what_the_same_statements_apply_to() {
        let policy = json!([
            allow("s3:GetObject", "public/*", &json!({})),
            allow("s3:PutObject", "*", &json!({})),
            allow("s3:GetObject", "*", &json!({})),
        ]);
        with_engine(&policy, |engine| {
            let classes = TargetIndex::of(engine).shared().expect("no variables");
            let (get, put) = ("s3:GetObject".to_owned(), "s3:PutObject".to_owned());
            assert_eq!(
                shown(engine, &classes),
                [(vec![0, 2], vec![get.clone()]), (vec![1], vec![put]), (vec![2], vec![get])]
            );
        });
    }

    #[test]
    fn what_no_allow_names_is_no_target() {
        let mut deny = allow("s3:*", "*", &json!({}));
        deny["Effect"] = "Deny".into();
        with_engine(&json!([deny]), |engine| {
            assert!(TargetIndex::of(engine).shared().expect("no variables").is_empty());
        });
    }

    #[test]
    fn targets_keep_their_numbers_under_every_binding() {
        let policy = json!([
            allow("s3:GetObject", "${aws:username}/*", &json!({})),
            allow("s3:PutObject", "*", &json!({})),
        ]);
        with_engine(&policy, |engine| {
            let mut index = TargetIndex::of(engine);
            assert!(index.shared().is_none());
            let of = |name: Option<&str>| {
                VariableValues::from([("aws:username".to_owned(), name.map(str::to_owned))])
            };
            let mut numbers = |name: Option<&str>| {
                let classes = index.under(&of(name));
                let put = classes.iter().find(|class| class.first().statements == [1]);
                let put = put.expect("everyone may put an object");
                let mut targets: Vec<usize> = put.targets.iter().map(|t| t.number).collect();
                targets.sort_unstable();
                (put.number, targets, classes.len())
            };
            let nobody = numbers(None);
            let known = numbers(Some("bob"));
            assert_eq!(nobody.2, 1, "without a name the first statement matches nothing");
            assert_eq!((nobody.0, &nobody.1), (known.0, &known.1));
            assert_eq!(numbers(Some("bob")), known);
        });
    }
}
