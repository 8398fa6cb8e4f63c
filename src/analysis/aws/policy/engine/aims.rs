//! What requests aim at: the targets of a setting, numbered over all settings.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Engine, Env};
use crate::analysis::aws::policy::action::category;
use crate::analysis::aws::policy::keys;
use crate::analysis::aws::policy::resource::{self, Sample, Target};

/// Targets under the same statements and of one category: what is asked of one holds for all.
pub(super) struct Bundle {
    /// Equal only for bundles under the same statements and of one category.
    pub(super) number: usize,
    /// With the number of each, equal only for targets that are.
    pub(super) targets: Vec<(usize, Rc<Target>)>,
}

impl Bundle {
    /// The one to ask about.
    pub(super) fn first(&self) -> &Target {
        &self.targets[0].1
    }
}

/// The bundles of a setting.
pub(super) type Bundles = Rc<[Rc<Bundle>]>;

/// What tells bundles apart: statements, whether the actions are known, and their category.
type Common = (Vec<usize>, bool, u8);
/// What tells targets apart: that, or an action, and where.
type Key = (Common, Sample);

/// All targets that were found so far.
pub(super) struct Aims<'e> {
    engine: &'e Engine<'e>,
    /// Samples for every setting, where variables stand in resources and there are not too many.
    samples: Option<Vec<Sample>>,
    known: HashMap<Env, Bundles>,
    numbers: FxHashMap<Key, usize>,
    bundles: FxHashMap<Common, usize>,
}

impl<'e> Aims<'e> {
    pub(super) fn of(engine: &'e Engine<'e>) -> Aims<'e> {
        Aims {
            engine,
            samples: if engine.resource_variables { engine.all_samples() } else { None },
            known: HashMap::new(),
            numbers: FxHashMap::default(),
            bundles: FxHashMap::default(),
        }
    }

    /// The targets of every setting, where no variable stands in a resource.
    pub(super) fn shared(&mut self) -> Option<Bundles> {
        let engine = self.engine;
        (!engine.resource_variables).then(|| {
            let nothing = Env::new();
            self.bundled(engine.targets(&nothing, &engine.samples(&nothing), false))
        })
    }

    /// The targets of a setting.
    pub(super) fn under(&mut self, env: &Env) -> Bundles {
        let engine = self.engine;
        let env = engine.in_resources(env);
        engine.budget.take(10);
        if let Some(known) = self.known.get(&env) {
            return Rc::clone(known);
        }
        let targets = match &self.samples {
            Some(all) => engine.targets(&env, all, true),
            None => engine.targets(&env, &engine.samples(&env), false),
        };
        engine.budget.take(40 * targets.len());
        let bundles = self.bundled(targets);
        self.known.insert(env, Rc::clone(&bundles));
        bundles
    }

    fn bundled(&mut self, targets: Vec<Rc<Target>>) -> Bundles {
        let mut bundles: Vec<Bundle> = Vec::new();
        let mut place: FxHashMap<usize, usize> = FxHashMap::default();
        for target in targets {
            let first = target.actions[0];
            let category = category(&self.engine.actions[first].name);
            let common = (target.statements.clone(), target.unknown_action, category);
            let what = match &self.samples {
                Some(_) => (vec![first], target.unknown_action, category),
                None => common.clone(),
            };
            let next = self.numbers.len();
            let key = (what, target.sample.clone());
            let target = (*self.numbers.entry(key).or_insert(next), target);
            let next = self.bundles.len();
            let number = *self.bundles.entry(common).or_insert(next);
            let at = *place.entry(number).or_insert(bundles.len());
            match bundles.get_mut(at) {
                Some(bundle) => bundle.targets.push(target),
                None => bundles.push(Bundle { number, targets: vec![target] }),
            }
        }
        bundles.into_iter().map(Rc::new).collect()
    }
}

impl Engine<'_> {
    fn samples(&self, env: &Env) -> Vec<Sample> {
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        match &self.only {
            Some(only) => only.clone(),
            None => resource::samples(&self.layers, &self.actions, &self.fresh, &value_of),
        }
    }

    fn targets(&self, env: &Env, samples: &[Sample], apart: bool) -> Vec<Rc<Target>> {
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        let grouped = (&self.groups[..], &self.budget);
        resource::targets(&self.layers, grouped, &value_of, samples, apart)
            .into_iter()
            .map(Rc::new)
            .collect()
    }

    /// The values of those variables that stand in resources.
    fn in_resources(&self, env: &Env) -> Env {
        let own = env.iter().filter(|(key, _)| self.in_resources.contains(*key));
        own.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The samples of all scenes, where variables make callers differ in the names that statements
    /// give them: what one caller reaches has to be compared with what another does. `None` where
    /// there are too many of them.
    fn all_samples(&self) -> Option<Vec<Sample>> {
        const MOST: usize = 160;
        let mut envs = BTreeSet::new();
        let mut samples = BTreeSet::new();
        for caller in &self.callers {
            if self.budget.is_spent() {
                return None;
            }
            let ways = self.ways(caller).into_iter().filter(|way| way.2 == 0);
            let different = if self.settings_are_stable() { 1 } else { usize::MAX };
            for (network, point, address) in ways.take(different) {
                for setting in self.settings(caller, network, point, address) {
                    let env = self.in_resources(setting.env());
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
