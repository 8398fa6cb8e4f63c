//! One request: an Allow in each layer that matches it, no Deny that does, and what it asks of the
//! caller.

use std::rc::Rc;

use super::scenes::{Reach, Scene};
use super::{Engine, LEVELS, Level};
use crate::analysis::aws::policy::action::admits;
use crate::analysis::aws::policy::callers::Caller;
use crate::analysis::aws::policy::choices::{Bits, Choice, DOUBT, FREE};
use crate::analysis::aws::policy::deny::{Literal, solve};
use crate::analysis::aws::policy::keys;
use crate::analysis::aws::policy::resource::Target;

/// A request that is allowed.
pub(super) struct Found {
    pub(super) actions: Vec<usize>,
    pub(super) allows: Vec<usize>,
    pub(super) level: Level,
    pub(super) flags: u8,
    pub(super) values: Vec<(String, Choice)>,
}

impl Engine<'_> {
    pub(super) fn ask(
        &self,
        scene: &Scene,
        caller: &Caller,
        target: &Target,
        sink: &mut dyn FnMut(Found),
    ) {
        let mut actions = Vec::new();
        let mut doubtful = target.unknown_action;
        for action in &target.actions {
            match admits(caller, &self.actions[*action].name, self.layers[0].kind, self.context) {
                None => {}
                Some(doubt) => {
                    doubtful |= doubt;
                    actions.push(*action);
                }
            }
        }
        if actions.is_empty() {
            return;
        }
        let value_of = |key: &str| scene.env.get(keys::canonical(key)).cloned().flatten();
        let mut allows: Vec<Vec<usize>> = vec![Vec::new(); self.layers.len()];
        let mut clauses: Vec<(bool, Vec<Literal>)> = Vec::new();
        for number in &target.statements {
            if matches!(scene.principals[*number], Reach::Never) {
                continue;
            }
            let numbered = &self.statements[*number];
            if numbered.statement.allow {
                allows[self.layer_of(*number)].push(*number);
                continue;
            }
            let mut clause = Vec::new();
            if let Reach::ByArn(bits) = &scene.principals[*number] {
                clause.push(Literal { key: 0, not: Rc::clone(bits) });
            }
            let doubtful_deny = numbered.statement.doubt.is_some();
            // Where it is not certain what a Deny tests for, it may apply to all it names.
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let not =
                    scene.domains[key].satisfying(numbered.first_test + offset, test, &value_of);
                clause.push(Literal { key, not });
            }
            clauses.push((doubtful_deny, clause));
        }
        let pairs: Vec<Vec<usize>> = match &allows[..] {
            [first] => first.iter().map(|allow| vec![*allow]).collect(),
            [first, second] => first
                .iter()
                .flat_map(|one| second.iter().map(move |other| vec![*one, *other]))
                .collect(),
            _ => Vec::new(),
        };
        for pair in pairs {
            if !self.can_hold(scene, &pair, &value_of) {
                continue;
            }
            let in_doubt = doubtful
                || pair.iter().any(|number| {
                    let numbered = &self.statements[*number];
                    numbered.statement.doubt.is_some() || numbered.unknown.is_some()
                });
            for (level, allowed) in LEVELS {
                if in_doubt && level == Level::Open || scene.flags & !allowed != 0 {
                    continue;
                }
                if let Some((flags, values)) =
                    self.attempt(scene, &pair, &clauses, level, allowed, &value_of)
                {
                    sink(Found {
                        actions: actions.clone(),
                        allows: pair.clone(),
                        level,
                        flags: flags | scene.flags | if in_doubt { DOUBT } else { FREE },
                        values,
                    });
                    break;
                }
                if self.budget.is_spent() {
                    return;
                }
            }
        }
    }

    /// Whether the tests on keys that have one value in this scene hold; most requests end here.
    fn can_hold(
        &self,
        scene: &Scene,
        pair: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        pair.iter().all(|number| {
            let numbered = &self.statements[*number];
            numbered.statement.tests.iter().zip(&numbered.keys).all(|(test, key)| {
                match &scene.domains[*key].choices[..] {
                    [only] => {
                        self.budget.take(1);
                        test.holds(only.value.as_deref(), value_of)
                    }
                    _ => true,
                }
            })
        })
    }

    #[allow(clippy::type_complexity)]
    fn attempt(
        &self,
        scene: &Scene,
        pair: &[usize],
        clauses: &[(bool, Vec<Literal>)],
        level: Level,
        allowed: u8,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(u8, Vec<(String, Choice)>)> {
        let mut live: Vec<Bits> =
            scene.domains.iter().map(|domain| domain.within(allowed)).collect();
        // A fact that nobody asked for has no value that is sure: what depends on it is only
        // certain where all values agree.
        let unsure: Vec<bool> = live.iter().map(Bits::is_empty).collect();
        let mut touched = vec![false; live.len()];
        for number in pair {
            let numbered = &self.statements[*number];
            if let Reach::ByArn(bits) = &scene.principals[*number] {
                live[0] = live[0].and(bits);
                touched[0] = true;
                if live[0].is_empty() {
                    return None;
                }
            }
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let domain = &scene.domains[key];
                let satisfying = domain.satisfying(numbered.first_test + offset, test, value_of);
                self.budget.take(1);
                if unsure[key] {
                    if domain.all().exceeds(&satisfying) {
                        return None;
                    }
                    continue;
                }
                live[key] = live[key].and(&satisfying);
                touched[key] = true;
                if live[key].is_empty() {
                    return None;
                }
            }
        }
        let open = level == Level::Open;
        let mut asked: Vec<Vec<&Literal>> = Vec::new();
        for (_, clause) in clauses.iter().filter(|(doubtful, _)| open || !doubtful) {
            let never = |literal: &&Literal| !scene.domains[literal.key].all().meets(&literal.not);
            if clause.iter().filter(|literal| unsure[literal.key]).any(|literal| never(&literal)) {
                continue;
            }
            asked.push(clause.iter().filter(|literal| !unsure[literal.key]).collect());
        }
        for literal in asked.iter().flatten() {
            touched[literal.key] = true;
        }
        let solved = solve(live, &asked, &self.budget)?;
        let mut flags = FREE;
        let mut values = Vec::new();
        // Values that others refer to belong to the request as well.
        for key in &self.variables {
            touched[*key] = true;
        }
        for (key, bits) in solved.iter().enumerate().filter(|(key, _)| touched[*key]) {
            let choice = &scene.domains[key].choices[bits.first()?];
            flags |= choice.flags;
            values.push((self.keys[key].clone(), choice.clone()));
        }
        Some((flags, values))
    }
}
