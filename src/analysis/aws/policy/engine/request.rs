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

/// What one request depends on.
struct Question<'q> {
    /// An Allow of each layer.
    pair: &'q [usize],
    /// What is to fail, and whether it is in doubt.
    clauses: &'q [(bool, Vec<Literal>)],
    /// Keys that are asked about.
    involved: Vec<bool>,
    /// Flags of their values.
    flags: u8,
}

impl Engine<'_> {
    pub(super) fn ask(
        &self,
        scene: &Scene,
        caller: &Caller,
        target: &Target,
        sink: &mut dyn FnMut(Found),
    ) {
        // All actions of a target are of one category.
        let admitted = admits(
            caller,
            &self.actions[target.actions[0]].name,
            self.layers[0].kind,
            self.context,
        );
        let Some(doubt) = admitted else { return };
        let doubtful = target.unknown_action | doubt;
        self.budget.take(5 + target.statements.len() / 2);
        let value_of = |key: &str| scene.env.get(keys::canonical(key)).cloned().flatten();
        let mut allows: Vec<Vec<usize>> = vec![Vec::new(); self.layers.len()];
        let mut denies: Vec<usize> = Vec::new();
        for number in &target.statements {
            if matches!(scene.principals[*number], Reach::Never) {
                continue;
            }
            if !self.statements[*number].statement.allow {
                denies.push(*number);
            } else if self.can_hold(scene, *number, &value_of) {
                allows[self.layer_of(*number)].push(*number);
            }
        }
        if allows.iter().any(Vec::is_empty) {
            return;
        }
        let clauses = self.clauses(scene, &denies, &value_of);
        let doubtful_denies = clauses.iter().any(|(doubtful, _)| *doubtful);
        let pairs: Vec<Vec<usize>> = match &allows[..] {
            [first] => first.iter().map(|allow| vec![*allow]).collect(),
            [first, second] => first
                .iter()
                .flat_map(|one| second.iter().map(move |other| vec![*one, *other]))
                .collect(),
            _ => Vec::new(),
        };
        for pair in pairs {
            let in_doubt = doubtful
                || pair.iter().any(|number| {
                    let numbered = &self.statements[*number];
                    numbered.statement.doubt.is_some() || numbered.unknown.is_some()
                });
            let question = self.question(scene, &pair, &clauses);
            let mut failed: Vec<(u8, bool)> = Vec::new();
            for (level, allowed) in LEVELS {
                if in_doubt && level == Level::Open || scene.flags & !allowed != 0 {
                    continue;
                }
                // Where no value has what another level admits, the answer is the same.
                let asks = (question.flags & allowed, doubtful_denies && level == Level::Open);
                if failed.contains(&asks) {
                    continue;
                }
                let attempt = self.attempt(scene, &question, level, allowed, &value_of);
                if let Some((flags, values)) = attempt {
                    sink(Found {
                        actions: target.actions.clone(),
                        allows: pair.clone(),
                        level,
                        flags: flags | scene.flags | if in_doubt { DOUBT } else { FREE },
                        values,
                    });
                    break;
                }
                failed.push(asks);
                if self.budget.is_spent() {
                    return;
                }
            }
        }
    }

    /// What each Deny tests for: it is to fail.
    fn clauses(
        &self,
        scene: &Scene,
        denies: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<(bool, Vec<Literal>)> {
        let mut clauses = Vec::with_capacity(denies.len());
        for number in denies {
            let numbered = &self.statements[*number];
            self.budget.take(5 + 5 * numbered.keys.len());
            let mut clause = Vec::new();
            if let Reach::ByArn(bits) = &scene.principals[*number] {
                clause.push(Literal { key: 0, not: Rc::clone(bits) });
            }
            // Where it is not certain what a Deny tests for, it may apply to all it names.
            let doubtful_deny = numbered.statement.doubt.is_some();
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let number = numbered.first_test + offset;
                let not = scene.domains[key].satisfying(number, test, value_of, &self.budget);
                clause.push(Literal { key, not });
            }
            clauses.push((doubtful_deny, clause));
        }
        clauses
    }

    /// The keys that these statements ask about.
    fn question<'q>(
        &self,
        scene: &Scene,
        pair: &'q [usize],
        clauses: &'q [(bool, Vec<Literal>)],
    ) -> Question<'q> {
        let mut involved = vec![false; self.keys.len()];
        for number in pair {
            involved[0] |= matches!(scene.principals[*number], Reach::ByArn(_));
            for key in &self.statements[*number].keys {
                involved[*key] = true;
            }
        }
        for literal in clauses.iter().flat_map(|(_, clause)| clause) {
            involved[literal.key] = true;
        }
        let flags = (involved.iter().zip(&scene.domains))
            .filter(|(involved, _)| **involved)
            .fold(FREE, |flags, (_, domain)| flags | domain.flags);
        let asked: usize = clauses.iter().map(|(_, clause)| 1 + clause.len()).sum();
        self.budget.take(10 + self.keys.len() / 4 + asked / 2);
        Question { pair, clauses, involved, flags }
    }

    /// Whether the tests on keys that have one value in this scene hold; most requests end here.
    fn can_hold(
        &self,
        scene: &Scene,
        number: usize,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        let numbered = &self.statements[number];
        numbered.statement.tests.iter().zip(&numbered.keys).enumerate().all(
            |(offset, (test, key))| {
                let domain = &scene.domains[*key];
                self.budget.take(3);
                domain.choices.len() != 1 || {
                    let number = numbered.first_test + offset;
                    !domain.satisfying(number, test, value_of, &self.budget).is_empty()
                }
            },
        )
    }

    #[allow(clippy::type_complexity)]
    fn attempt(
        &self,
        scene: &Scene,
        question: &Question<'_>,
        level: Level,
        allowed: u8,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(u8, Vec<(String, Choice)>)> {
        let Question { pair, clauses, .. } = *question;
        let mut live: Vec<Bits> = (scene.domains.iter().enumerate())
            .map(|(key, domain)| match question.involved[key] {
                true => {
                    let choices = domain.choices.len();
                    self.budget.take(3 + choices / 8);
                    domain.within(allowed)
                }
                false => Bits::none(),
            })
            .collect();
        // A fact that nobody asked for has no value that is sure: what depends on it is only
        // certain where all values agree.
        let unsure: Vec<bool> = (live.iter().zip(&question.involved))
            .map(|(live, involved)| *involved && live.is_empty())
            .collect();
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
                let number = numbered.first_test + offset;
                let satisfying = domain.satisfying(number, test, value_of, &self.budget);
                self.budget.take(8 + satisfying.words());
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
        self.budget.take(10 + live.len() / 4 + 5 * clauses.len());
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
            self.budget.take(15);
            let choice = match question.involved[key] {
                true => &scene.domains[key].choices[bits.first()?],
                // A variable, which has one value in each scene.
                false => scene.domains[key].choices.first()?,
            };
            flags |= choice.flags;
            values.push((self.keys[key].clone(), choice.clone()));
        }
        Some((flags, values))
    }
}
