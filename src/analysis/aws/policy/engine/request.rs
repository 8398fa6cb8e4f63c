//! One request: an Allow in each layer that matches it, no Deny that does, and what it asks of the
//! caller.

use std::cell::OnceCell;
use std::rc::Rc;

use super::scenes::Scene;
use super::{Engine, LEVELS, Level, Numbered};
use crate::analysis::aws::policy::action::admits;
use crate::analysis::aws::policy::callers::{Caller, Match};
use crate::analysis::aws::policy::choices::{Bits, Chosen, DOUBT, FREE};
use crate::analysis::aws::policy::condition::Test;
use crate::analysis::aws::policy::deny::{Literal, solve};
use crate::analysis::aws::policy::keys;
use crate::analysis::aws::policy::resource::Target;

/// How a request is allowed.
#[derive(Debug)]
pub struct Found {
    /// The Allow of each layer.
    pub allows: Vec<usize>,
    /// Certainty.
    pub level: Level,
    /// Flags of the values used.
    pub flags: u8,
    /// The values used.
    pub values: Chosen,
}

/// What a request amounts to: requests that differ in values which anyone can have say the same.
pub type Essence = (Vec<usize>, Level, u8, Chosen);

impl Found {
    /// The Allow of the first layer, and that of the second where there is one.
    pub fn pair(&self) -> (Option<usize>, Option<usize>) {
        (self.allows.first().copied(), self.allows.get(1).copied())
    }

    /// What this request has to say.
    pub fn essence(&self) -> Essence {
        let telling = self.values.iter().filter(|(_, choice)| choice.flags != FREE);
        let values = telling.map(|(key, choice)| (*key, Rc::clone(choice))).collect();
        (self.allows.clone(), self.level, self.flags, values)
    }
}

/// Deny statements that concern a request: each is falsified by one of its literals.
struct Clause {
    /// What it denies is not certain.
    doubtful: bool,
    literals: Vec<Literal>,
}

impl Engine<'_> {
    /// Whether a form of caller can make the requests of a target at all, and whether that is in
    /// doubt. Its actions are all of one category.
    pub(super) fn admits(&self, caller: &Caller, target: &Target) -> Option<bool> {
        let name = &self.actions[*target.actions.first()?].name;
        let doubt = admits(caller, name, self.layers[0].kind, self.context)?;
        Some(doubt || target.unknown_action)
    }

    /// Requests of a scene under these statements, one for each Allow. `principals`: how each
    /// statement relates to the caller.
    pub(super) fn ask(
        &self,
        scene: &Scene<'_>,
        principals: &[Match],
        statements: &[usize],
        doubtful: bool,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        if !self.budget.take(28 + 2 * statements.len()) {
            return found;
        }
        let value_of = |key: &str| scene.env.get(keys::canonical(key)).cloned().flatten();
        let mut allows: Vec<Vec<usize>> = vec![Vec::new(); self.layers.len()];
        for number in statements {
            if principals[*number] != Match::Never && self.statements[*number].statement.allow {
                allows[self.layer_of(*number)].push(*number);
            }
        }
        let first = allows.first().map_or(&[][..], Vec::as_slice);
        let others: Vec<Option<usize>> = match allows.get(1) {
            Some(second) => second.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        let pairs = first.iter().flat_map(|one| others.iter().map(move |other| (*one, *other)));
        let denied = OnceCell::new();
        for (one, other) in pairs {
            let pair = [one, other.unwrap_or(one)];
            let pair = &pair[..self.layers.len()];
            if !self.can_hold(scene, pair, &value_of) {
                continue;
            }
            let in_doubt = doubtful
                || pair.iter().any(|number| {
                    let numbered = &self.statements[*number];
                    numbered.statement.doubt.is_some() || numbered.unknown.is_some()
                });
            let clauses =
                denied.get_or_init(|| self.clauses(scene, principals, statements, &value_of));
            for (level, allowed) in LEVELS {
                if in_doubt && level == Level::Open || scene.flags & !allowed != 0 {
                    continue;
                }
                let asked = Asked { pair, principals, clauses, level, allowed };
                let allowed = self.attempt(scene, &asked, &value_of);
                if self.budget.is_spent() {
                    return found; // and what looks allowed was not looked at to its end
                }
                if let Some((flags, values)) = allowed {
                    let doubt = if in_doubt { DOUBT } else { FREE };
                    let flags = flags | scene.flags | doubt;
                    found.push(Found { allows: pair.to_vec(), level, flags, values });
                    break;
                }
            }
        }
        found
    }

    /// What every Deny among the statements asks for.
    fn clauses(
        &self,
        scene: &Scene<'_>,
        principals: &[Match],
        statements: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Clause> {
        let mut clauses = Vec::new();
        for number in statements {
            let numbered = &self.statements[*number];
            if numbered.statement.allow || principals[*number] == Match::Never {
                continue;
            }
            let mut literals = Vec::new();
            if principals[*number] == Match::ByArn {
                let not = Rc::clone(self.named_by(scene, *number));
                literals.push(Literal { key: 0, not });
            }
            // Where it is not certain what a Deny tests for, it may apply to all it names.
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                if !self.budget.take(4) {
                    return clauses;
                }
                let key = numbered.keys[offset];
                let not = self.satisfying(scene, numbered, offset, test, value_of);
                literals.push(Literal { key, not });
            }
            clauses.push(Clause { doubtful: numbered.statement.doubt.is_some(), literals });
        }
        clauses
    }

    fn satisfying(
        &self,
        scene: &Scene<'_>,
        numbered: &Numbered<'_>,
        offset: usize,
        test: &Test,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Rc<Bits> {
        let domain = self.values(scene, numbered.keys[offset]);
        domain.satisfying(numbered.first_test + offset, test, value_of, &self.budget)
    }

    /// Whether the tests on keys that have one value in this scene hold; most requests end here.
    fn can_hold(
        &self,
        scene: &Scene<'_>,
        pair: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        pair.iter().all(|number| {
            let numbered = &self.statements[*number];
            numbered.statement.tests.iter().zip(&numbered.keys).all(|(test, key)| {
                match &self.values(scene, *key).choices[..] {
                    [only] => {
                        let asked = test.with(value_of, &self.budget);
                        asked.holds(only.value.as_deref(), &self.budget)
                    }
                    _ => !self.budget.is_spent(),
                }
            })
        })
    }

    fn attempt(
        &self,
        scene: &Scene<'_>,
        asked: &Asked<'_>,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(u8, Chosen)> {
        let mut open = Open::of(self, scene, asked.allowed);
        for number in asked.pair {
            let numbered = &self.statements[*number];
            if asked.principals[*number] == Match::ByArn {
                open.narrow(0, self.named_by(scene, *number))?;
            }
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let satisfying = self.satisfying(scene, numbered, offset, test, value_of);
                if open.is_unsure(key) {
                    if self.values(scene, key).all().exceeds(&satisfying) {
                        return None;
                    }
                    continue;
                }
                open.narrow(key, &satisfying)?;
            }
        }
        let certain = asked.level == Level::Open;
        let mut clauses: Vec<Vec<&Literal>> = Vec::new();
        for clause in asked.clauses.iter().filter(|clause| certain || !clause.doubtful) {
            if !self.budget.take(2 + 2 * clause.literals.len()) {
                return None;
            }
            let (unsure, sure): (Vec<&Literal>, Vec<&Literal>) =
                clause.literals.iter().partition(|literal| open.is_unsure(literal.key));
            if !unsure.iter().any(|literal| literal.not.is_empty()) {
                clauses.push(sure);
            }
        }
        for literal in clauses.iter().flatten() {
            open.used[literal.key] = true;
        }
        // Values that others refer to belong to the request as well.
        for key in &self.variables {
            open.is_unsure(*key);
            open.used[*key] = true;
        }
        let used = open.used;
        let solved = solve(open.live, &clauses, &self.budget)?;
        let mut flags = FREE;
        let mut values = Vec::new();
        for (key, bits) in solved.iter().enumerate().filter(|(key, _)| used[*key]) {
            self.budget.take(5);
            let choice = Rc::clone(&self.values(scene, key).choices[bits.first()?]);
            flags |= choice.flags;
            values.push((key, choice));
        }
        Some((flags, values))
    }
}

/// What a request is asked to be.
struct Asked<'q> {
    /// The Allow of each layer.
    pair: &'q [usize],
    principals: &'q [Match],
    clauses: &'q [Clause],
    level: Level,
    /// Flags that its values may have.
    allowed: u8,
}

/// The values that are still open for each key that something asked about.
struct Open<'q> {
    engine: &'q Engine<'q>,
    scene: &'q Scene<'q>,
    allowed: u8,
    live: Vec<Bits>,
    /// For keys that were looked at: whether no value is sure.
    unsure: Vec<Option<bool>>,
    /// Keys that belong to the request.
    used: Vec<bool>,
}

impl<'q> Open<'q> {
    fn of(engine: &'q Engine<'q>, scene: &'q Scene<'q>, allowed: u8) -> Open<'q> {
        let keys = engine.keys.len();
        engine.budget.take(10 + 2 * keys);
        Open {
            engine,
            scene,
            allowed,
            live: vec![Bits::default(); keys],
            unsure: vec![None; keys],
            used: vec![false; keys],
        }
    }

    /// A fact that nobody asked for has no value that is sure: what depends on it is only certain
    /// where all values agree.
    fn is_unsure(&mut self, key: usize) -> bool {
        *self.unsure[key].get_or_insert_with(|| {
            let domain = self.engine.values(self.scene, key);
            self.engine.budget.take(8 + domain.choices.len() / 4);
            self.live[key] = domain.within(self.allowed);
            self.live[key].is_empty()
        })
    }

    /// Leaves a key these values; `None` where there is none of them.
    fn narrow(&mut self, key: usize, to: &Bits) -> Option<()> {
        self.is_unsure(key);
        self.live[key] = self.live[key].and(to);
        self.used[key] = true;
        (!self.live[key].is_empty()).then_some(())
    }
}
