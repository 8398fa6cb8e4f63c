//! Every request is asked about: caller by caller, way by way, setting by setting, bundle by bundle
//! of targets.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::aims::{Aims, Bundle, Bundles};
use super::index::ByName;
use super::request::Essence;
use super::scenes::Scene;
use super::{Engine, Found, Network, Success};
use crate::analysis::aws::policy::budget::Part;
use crate::analysis::aws::policy::callers::Match;

/// Network, access point, address class.
type Way = (Network, usize, usize);

impl Engine<'_> {
    /// All requests that are allowed, one for each way of being so; the sink sees them in the
    /// order of callers. Ends early when the budget does.
    pub fn run(&self, sink: &mut dyn FnMut(Success)) {
        self.begin(Part::Targets);
        let mut aims = Aims::of(self);
        let shared = aims.shared();
        self.begin(Part::Requests);
        let mut concerning: Vec<Vec<usize>> = vec![Vec::new(); self.statements.len()];
        for (index, bundle) in shared.iter().flat_map(|bundles| bundles.iter()).enumerate() {
            for number in &bundle.first().statements {
                concerning[*number].push(index);
            }
        }
        let mut run = Run {
            engine: self,
            aims,
            shared,
            concerning,
            by_name: ByName::of(self.statements.iter().map(|numbered| numbered.statement)),
            stable: self.settings_are_stable(),
            essences: FxHashMap::default(),
        };
        for caller in 0..self.callers.len() {
            run.caller(caller, sink);
            if self.budget.is_spent() {
                return;
            }
        }
    }
}

struct Run<'e> {
    engine: &'e Engine<'e>,
    aims: Aims<'e>,
    /// The targets of every setting, where no variable stands in a resource.
    shared: Option<Bundles>,
    /// Which of these every statement concerns.
    concerning: Vec<Vec<usize>>,
    by_name: ByName,
    /// Whether settings are the same on every way.
    stable: bool,
    /// Numbers of what requests say.
    essences: FxHashMap<Essence, usize>,
}

/// A caller, and what concerns it.
struct Calling {
    caller: usize,
    /// How each statement relates to it.
    principals: Vec<Match>,
    /// The targets of every setting that some Allow for it covers.
    shared: Option<Bundles>,
}

/// What was answered on one way. An answer in one scene may say nothing new after that in another.
#[derive(Default)]
struct Answered {
    /// Numbers of answers: a bundle, and what is said.
    numbers: FxHashMap<(usize, Vec<usize>), usize>,
    /// Targets, with the number of an answer.
    seen: FxHashSet<(usize, usize)>,
}

impl Run<'_> {
    fn caller(&mut self, caller: usize, sink: &mut dyn FnMut(Success)) {
        let engine = self.engine;
        let Some(calling) = self.calling(caller) else { return };
        let caller = &engine.callers[caller];
        let mut settings = None;
        for way in engine.ways(caller) {
            let (network, point, address) = way;
            if !self.stable || settings.is_none() {
                settings = Some(engine.settings(caller, network, point, address));
            }
            let mut answered = Answered::default();
            for setting in settings.iter().flatten() {
                let scene = engine.scene(setting, caller, way);
                let bundles = match &calling.shared {
                    Some(bundles) => Rc::clone(bundles),
                    None => self.aims.under(&scene.env),
                };
                for bundle in &*bundles {
                    self.bundle(&calling, way, &scene, bundle, &mut answered, sink);
                    if engine.budget.is_spent() {
                        return;
                    }
                }
                // Where it ends while targets are looked for, there are none to ask about.
                if engine.budget.is_spent() {
                    return;
                }
            }
        }
    }

    /// What concerns a caller; `None` if no Allow does.
    fn calling(&self, caller: usize) -> Option<Calling> {
        let engine = self.engine;
        let mut principals = vec![Match::Never; engine.statements.len()];
        let mut concerned: Vec<usize> = Vec::new();
        let mut some = false;
        engine.budget.take(engine.statements.len() / 4 + self.by_name.least());
        for number in self.by_name.for_caller(&engine.callers[caller]) {
            let statement = engine.statements[number].statement;
            principals[number] = engine.callers[caller].matched_by(&statement.principals);
            if statement.allow && principals[number] != Match::Never {
                some = true;
                concerned.extend(&self.concerning[number]);
            }
            engine.budget.take(2 + statement.principals.named.len());
        }
        if !some || engine.budget.is_spent() {
            return None;
        }
        concerned.sort_unstable();
        concerned.dedup();
        let shared = self
            .shared
            .as_ref()
            .map(|shared| concerned.iter().map(|at| Rc::clone(&shared[*at])).collect());
        Some(Calling { caller, principals, shared })
    }

    fn bundle(
        &mut self,
        calling: &Calling,
        (network, point, address): Way,
        scene: &Scene<'_>,
        bundle: &Bundle,
        answered: &mut Answered,
        sink: &mut dyn FnMut(Success),
    ) {
        let engine = self.engine;
        let statements = &bundle.first().statements;
        if !engine.budget.take(2 + statements.len() / 4) {
            return;
        }
        let caller = &engine.callers[calling.caller];
        let Some(doubtful) = engine.admits(caller, bundle.first()) else { return };
        let found: Vec<(Rc<Found>, usize)> = engine
            .ask(scene, &calling.principals, statements, doubtful)
            .into_iter()
            .map(|found| {
                let next = self.essences.len();
                let said = *self.essences.entry(found.essence()).or_insert(next);
                (Rc::new(found), said)
            })
            .collect();
        if found.is_empty() {
            return;
        }
        let said = found.iter().map(|(_, said)| *said).collect();
        let next = answered.numbers.len();
        let answer = *answered.numbers.entry((bundle.number, said)).or_insert(next);
        engine.budget.take(2 * bundle.targets.len());
        for (target_number, target) in &bundle.targets {
            if !answered.seen.insert((*target_number, answer)) {
                continue;
            }
            for (found, said) in &found {
                sink(Success {
                    caller: calling.caller,
                    network,
                    point,
                    address,
                    target: Rc::clone(target),
                    target_number: *target_number,
                    found: Rc::clone(found),
                    said: *said,
                });
            }
        }
    }
}
