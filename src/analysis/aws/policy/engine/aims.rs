//! What requests aim at: the targets of a setting, numbered over all settings.

use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Engine, Env};
use crate::analysis::aws::policy::action::category;
use crate::analysis::aws::policy::resource::{Sample, Target};

/// A target, with what it has in common with others.
#[derive(Clone)]
pub(super) struct Aim {
    /// Equal only for targets that are.
    pub(super) number: usize,
    /// Equal only for targets under the same statements.
    pub(super) set: usize,
    pub(super) target: Rc<Target>,
}

/// What tells targets apart: statements or an action, whether it is known, its category, and where.
type Key = (Vec<usize>, bool, u8, Sample);

/// All targets that were found so far.
pub(super) struct Aims<'e> {
    engine: &'e Engine<'e>,
    /// Samples for every setting, where variables stand in resources and there are not too many.
    samples: Option<Vec<Sample>>,
    known: HashMap<Env, Rc<[Aim]>>,
    numbers: FxHashMap<Key, usize>,
    sets: FxHashMap<Vec<usize>, usize>,
}

impl<'e> Aims<'e> {
    pub(super) fn of(engine: &'e Engine<'e>) -> Aims<'e> {
        Aims {
            engine,
            samples: if engine.resource_variables { engine.all_samples() } else { None },
            known: HashMap::new(),
            numbers: FxHashMap::default(),
            sets: FxHashMap::default(),
        }
    }

    /// The targets of every setting, where no variable stands in a resource.
    pub(super) fn shared(&mut self) -> Option<Vec<Aim>> {
        let engine = self.engine;
        (!engine.resource_variables).then(|| {
            let nothing = Env::new();
            let targets = engine.targets(&nothing, &engine.samples(&nothing), false);
            targets.into_iter().map(|target| self.numbered(target)).collect()
        })
    }

    /// The targets of a setting.
    pub(super) fn under(&mut self, env: &Env) -> Rc<[Aim]> {
        let engine = self.engine;
        let env = engine.in_resources(env);
        if let Some(known) = self.known.get(&env) {
            engine.budget.take(10 + known.len());
            return Rc::clone(known);
        }
        let targets = match &self.samples {
            Some(all) => engine.targets(&env, all, true),
            None => engine.targets(&env, &engine.samples(&env), false),
        };
        engine.budget.take(40 * targets.len());
        let aims: Rc<[Aim]> = targets.into_iter().map(|target| self.numbered(target)).collect();
        self.known.insert(env, Rc::clone(&aims));
        aims
    }

    fn numbered(&mut self, target: Rc<Target>) -> Aim {
        let what = match &self.samples {
            Some(_) => vec![target.actions[0]],
            None => target.statements.clone(),
        };
        let category = category(&self.engine.actions[target.actions[0]].name);
        let next = self.numbers.len();
        let key = (what, target.unknown_action, category, target.sample.clone());
        let number = *self.numbers.entry(key).or_insert(next);
        let next = self.sets.len();
        let set = *self.sets.entry(target.statements.clone()).or_insert(next);
        Aim { number, set, target }
    }
}
