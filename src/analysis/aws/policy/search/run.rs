//! Every request is asked about: caller by caller, route by route, variable binding by variable
//! binding, target class by target class.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::RequestContext;
use super::engine::Engine;
use super::requests::{AllowedRequest, Proof, Signature};
use super::statements::StatementIndex;
use super::targets::{NumberedTarget, TargetClass, TargetClasses, TargetIndex};
use crate::analysis::aws::policy::search::principals::matching::PrincipalMatch;

impl Engine<'_> {
    /// Passes all allowed requests to `sink`, one for each proof and target, in the order of
    /// callers. Ends early when the budget does.
    pub fn run(&self, sink: &mut dyn FnMut(AllowedRequest)) {
        self.begin();
        let mut targets = TargetIndex::of(self);
        let shared = targets.shared();
        self.begin();
        let mut classes_of: Vec<Vec<usize>> = vec![Vec::new(); self.statements.len()];
        for (index, class) in shared.iter().flat_map(|classes| classes.iter()).enumerate() {
            for number in &class.first().statements {
                classes_of[*number].push(index);
            }
        }
        let mut run = Run {
            engine: self,
            targets,
            shared,
            classes_of,
            index: StatementIndex::of(self.statements.iter().map(|indexed| indexed.statement)),
            bindings_fit_every_route: self.bindings_fit_every_route(),
            signatures: FxHashMap::default(),
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
    targets: TargetIndex<'e>,
    /// The target classes of every binding, where resources contain no variables.
    shared: Option<TargetClasses>,
    /// For each statement, the shared classes that it applies to.
    classes_of: Vec<Vec<usize>>,
    index: StatementIndex,
    bindings_fit_every_route: bool,
    /// Numbers of the signatures so far.
    signatures: FxHashMap<Signature, usize>,
}

/// A caller and the statements and targets that concern it.
struct Calling {
    caller: usize,
    /// How the Principal element of each statement relates to it.
    principals: Vec<PrincipalMatch>,
    /// The shared target classes to which an Allow for it applies.
    shared: Option<TargetClasses>,
}

/// The answers on one route. Another binding may repeat the answer of one before it.
#[derive(Default)]
struct Answered {
    numbers: FxHashMap<Answer, usize>,
    /// Targets, each with the number of an answer for it.
    seen: FxHashSet<(usize, usize)>,
}

/// An answer for a target class: the signatures of its allowed requests.
#[derive(PartialEq, Eq, Hash)]
struct Answer {
    class: usize,
    signatures: Vec<usize>,
}

impl Run<'_> {
    fn caller(&mut self, caller: usize, sink: &mut dyn FnMut(AllowedRequest)) {
        let engine = self.engine;
        let Some(calling) = self.calling(caller) else { return };
        let caller = &engine.callers[caller];
        let mut bindings = None;
        for route in engine.routes(caller) {
            if !self.bindings_fit_every_route || bindings.is_none() {
                bindings = Some(engine.bindings(caller, route));
            }
            let mut answered = Answered::default();
            for binding in bindings.iter().flatten() {
                let context = engine.request_context(binding, caller, route);
                let classes = match &calling.shared {
                    Some(classes) => Rc::clone(classes),
                    None => self.targets.under(&context.env),
                };
                for class in &*classes {
                    self.class(&calling, &context, class, &mut answered, sink);
                    if engine.budget.is_spent() {
                        return;
                    }
                }
                // The budget may end while targets are looked for; then there is no class.
                if engine.budget.is_spent() {
                    return;
                }
            }
        }
    }

    /// The statements and targets that concern a caller; `None` if no Allow names it.
    fn calling(&self, caller: usize) -> Option<Calling> {
        let engine = self.engine;
        let mut principals = vec![PrincipalMatch::Never; engine.statements.len()];
        let mut applying: Vec<usize> = Vec::new();
        let mut some = false;
        engine.budget.states(engine.statements.len());
        for number in self.index.for_caller(&engine.callers[caller]) {
            let statement = engine.statements[number].statement;
            principals[number] = engine.callers[caller].matched_by(&statement.principals);
            if statement.allow && principals[number] != PrincipalMatch::Never {
                some = true;
                applying.extend(&self.classes_of[number]);
            }
            engine.budget.states(1 + statement.principals.named.len());
        }
        if !some || engine.budget.is_spent() {
            return None;
        }
        applying.sort_unstable();
        applying.dedup();
        let shared = self
            .shared
            .as_ref()
            .map(|shared| applying.iter().map(|at| Rc::clone(&shared[*at])).collect());
        Some(Calling { caller, principals, shared })
    }

    fn class(
        &mut self,
        calling: &Calling,
        context: &RequestContext<'_>,
        class: &TargetClass,
        answered: &mut Answered,
        sink: &mut dyn FnMut(AllowedRequest),
    ) {
        let engine = self.engine;
        if !engine.budget.cases(1) {
            return;
        }
        let statements = &class.first().statements;
        let caller = &engine.callers[calling.caller];
        let Some(in_doubt) = engine.admits(caller, class.first()) else { return };
        let proofs: Vec<(Rc<Proof>, usize)> = engine
            .ask(context, &calling.principals, statements, in_doubt)
            .into_iter()
            .map(|proof| {
                let next = self.signatures.len();
                let signature = *self.signatures.entry(proof.signature()).or_insert(next);
                (Rc::new(proof), signature)
            })
            .collect();
        if proofs.is_empty() {
            return;
        }
        let signatures = proofs.iter().map(|(_, signature)| *signature).collect();
        let next = answered.numbers.len();
        let answer = Answer { class: class.number, signatures };
        let answer = *answered.numbers.entry(answer).or_insert(next);
        engine.budget.states(class.targets.len());
        for NumberedTarget { number, target } in &class.targets {
            if !answered.seen.insert((*number, answer)) {
                continue;
            }
            for (proof, signature) in &proofs {
                sink(AllowedRequest {
                    caller: calling.caller,
                    route: context.route,
                    target: Rc::clone(target),
                    target_number: *number,
                    proof: Rc::clone(proof),
                    signature: *signature,
                });
            }
        }
    }
}
