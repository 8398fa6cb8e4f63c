//! One request: whether an Allow in each layer applies to it and no Deny does, and what it asks of
//! the caller.

use std::cell::OnceCell;
use std::rc::Rc;

use super::candidates::{Assignment, Attainability, Bits, Candidate};
use super::context::RequestContext;
use super::engine::{Engine, Route};
use super::grouping::Target;
use super::indexed::IndexedStatement;
use super::solve::{Literal, solve};
use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::keys;
use crate::analysis::aws::policy::search::principals::caller::Caller;
use crate::analysis::aws::policy::search::principals::matching::{PrincipalMatch, admits};

/// How certain it is that a caller can make an allowed request: what the values of the request ask
/// of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Nothing that any caller lacks.
    Open,
    /// Something that cannot be decided.
    Doubtful,
    /// To be a principal that a claim names.
    Named,
    /// To come by a fixed route.
    Bound,
    /// Both.
    NamedAndBound,
}

impl Certainty {
    /// Best first.
    const ALL: [Certainty; 5] = [
        Certainty::Open,
        Certainty::Doubtful,
        Certainty::Named,
        Certainty::Bound,
        Certainty::NamedAndBound,
    ];

    /// The values that a request of this certainty may have.
    fn allowed(self) -> Attainability {
        match self {
            Certainty::Open => Attainability::FREE,
            Certainty::Doubtful => Attainability::IN_DOUBT,
            Certainty::Named => Attainability::IN_DOUBT | Attainability::NAMED,
            Certainty::Bound => Attainability::IN_DOUBT | Attainability::BOUND,
            Certainty::NamedAndBound => Attainability::all(),
        }
    }
}

/// A request that is allowed.
#[derive(Debug, Clone)]
pub struct AllowedRequest {
    /// Index into [`Engine::callers`].
    pub caller: usize,
    /// How it reaches the resource.
    pub route: Route,
    /// What it is about.
    pub target: Rc<Target>,
    /// Number of the target, equal for equal targets alone.
    pub target_number: usize,
    /// How it is allowed.
    pub proof: Rc<Proof>,
    /// Number of the proof's [`Signature`], equal for equal signatures alone.
    pub signature: usize,
}

/// How a request is allowed.
#[derive(Debug)]
pub struct Proof {
    /// The Allow of each layer.
    pub allows: Vec<usize>,
    /// How certain it is.
    pub certainty: Certainty,
    /// Who can have the values, the access point and the route together.
    pub attainability: Attainability,
    /// The values of keys that something in the policy depends on.
    pub values: Assignment,
}

/// Most layers: an access point, its bucket, and the Deny statements that are looked for.
const LAYERS: usize = 3;

/// The Allow of each layer that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AllowEach([Option<usize>; LAYERS]);

/// What a proof amounts to: values that anyone can have make no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    allows: Vec<usize>,
    certainty: Certainty,
    attainability: Attainability,
    /// Values that not everyone can have.
    values: Assignment,
}

impl Proof {
    /// The Allow of each layer.
    pub fn each(&self) -> AllowEach {
        AllowEach(std::array::from_fn(|layer| self.allows.get(layer).copied()))
    }

    /// What it amounts to.
    pub fn signature(&self) -> Signature {
        let special = self.values.iter().filter(|(_, c)| c.attainability != Attainability::FREE);
        Signature {
            allows: self.allows.clone(),
            certainty: self.certainty,
            attainability: self.attainability,
            values: special.map(|(key, candidate)| (*key, Rc::clone(candidate))).collect(),
        }
    }
}

/// A Deny that applies to a request unless one of its literals is true.
struct Clause {
    /// It is not certain what it denies.
    doubtful: bool,
    literals: Vec<Literal>,
}

impl Engine<'_> {
    /// Whether a caller of this form can make the requests of a target at all, and whether that is
    /// in doubt. The actions of a target are of one category.
    pub(super) fn admits(&self, caller: &Caller, target: &Target) -> Option<bool> {
        let name = &self.actions[*target.actions.first()?].name;
        let doubt = admits(caller, name, self.layers[0].kind, self.context)?;
        Some(doubt || target.unknown_action)
    }

    /// Proofs for requests of a context under these statements, one for each Allow (for each choice of
    /// one from every layer where there are several). `principals`: how each statement relates to the
    /// caller.
    pub(super) fn ask(
        &self,
        context: &RequestContext<'_>,
        principals: &[PrincipalMatch],
        statements: &[usize],
        in_doubt: bool,
    ) -> Vec<Proof> {
        let mut found = Vec::new();
        if !self.budget.states(statements.len()) {
            return found;
        }
        let value_of = |key: &str| context.env.get(keys::canonical(key)).cloned().flatten();
        let mut allows: Vec<Vec<usize>> = vec![Vec::new(); self.layers.len()];
        for number in statements {
            if principals[*number] != PrincipalMatch::Never
                && self.statements[*number].statement.allow
            {
                allows[self.layer_of(*number)].push(*number);
            }
        }
        let (first, others) = allows.split_first().expect("there is a layer");
        // One from each layer behind the first; of no layers there is one choice, which is empty.
        let others = others.iter().fold(vec![Vec::new()], |chosen, layer| {
            let with = |before: &Vec<usize>| {
                let before = before.clone();
                layer.iter().map(move |next| [&before[..], &[*next]].concat())
            };
            chosen.iter().flat_map(with).collect()
        });
        let denied = OnceCell::new();
        let mut each = Vec::with_capacity(self.layers.len());
        for (one, others) in first.iter().flat_map(|one| others.iter().map(move |o| (*one, o))) {
            each.clear();
            each.push(one);
            each.extend(others);
            let each = &each[..];
            if !self.can_hold(context, each, &value_of) {
                continue;
            }
            let in_doubt = in_doubt
                || each.iter().any(|number| {
                    let indexed = &self.statements[*number];
                    indexed.statement.doubt.is_some() || indexed.unknown.is_some()
                });
            let clauses =
                denied.get_or_init(|| self.clauses(context, principals, statements, &value_of));
            for certainty in Certainty::ALL {
                let allowed = certainty.allowed();
                if in_doubt && certainty == Certainty::Open
                    || !allowed.contains(context.attainability)
                {
                    continue;
                }
                let asked = Asked { each, principals, clauses, certainty, allowed };
                let assigned = self.attempt(context, &asked, &value_of);
                if self.budget.is_spent() {
                    return found; // a Deny may not have been looked at
                }
                if let Some((attainability, values)) = assigned {
                    let doubt =
                        if in_doubt { Attainability::IN_DOUBT } else { Attainability::FREE };
                    let attainability = attainability | context.attainability | doubt;
                    found.push(Proof { allows: each.to_vec(), certainty, attainability, values });
                    break;
                }
            }
        }
        found
    }

    /// The Denies among the statements.
    fn clauses(
        &self,
        context: &RequestContext<'_>,
        principals: &[PrincipalMatch],
        statements: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Clause> {
        let mut clauses = Vec::new();
        for number in statements {
            let indexed = &self.statements[*number];
            if indexed.statement.allow || principals[*number] == PrincipalMatch::Never {
                continue;
            }
            let mut literals = Vec::new();
            if principals[*number] == PrincipalMatch::ByArn {
                let not = Rc::clone(self.named_by(context, *number));
                literals.push(Literal { key: 0, not });
            }
            // Where it is not certain what a Deny tests, it may apply to everything that it names.
            for (offset, test) in indexed.statement.tests.iter().enumerate() {
                if !self.budget.states(1) {
                    return clauses;
                }
                let key = indexed.keys[offset];
                let not = self.satisfying(context, indexed, offset, test, value_of);
                literals.push(Literal { key, not });
            }
            clauses.push(Clause { doubtful: indexed.statement.doubt.is_some(), literals });
        }
        clauses
    }

    fn satisfying(
        &self,
        context: &RequestContext<'_>,
        indexed: &IndexedStatement<'_>,
        offset: usize,
        test: &Test,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Rc<Bits> {
        let set = self.values(context, indexed.keys[offset]);
        set.satisfying(indexed.first_test + offset, test, value_of, &self.budget)
    }

    /// Whether those tests of the Allows hold whose key has one candidate in this context. For most
    /// requests one of them does not.
    fn can_hold(
        &self,
        context: &RequestContext<'_>,
        each: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        each.iter().all(|number| {
            let indexed = &self.statements[*number];
            indexed.statement.tests.iter().zip(&indexed.keys).all(|(test, key)| {
                match &self.values(context, *key).candidates[..] {
                    [only] => {
                        let asked = test.with(value_of, &self.budget);
                        asked.holds(only.value.as_deref(), &self.budget)
                    }
                    _ => !self.budget.is_spent(),
                }
            })
        })
    }

    /// An assignment of this certainty that satisfies the Allows and no Deny.
    fn attempt(
        &self,
        context: &RequestContext<'_>,
        asked: &Asked<'_>,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(Attainability, Assignment)> {
        let mut open = Open::of(self, context, asked.allowed);
        let mut facts = Vec::new();
        for number in asked.each {
            let indexed = &self.statements[*number];
            if asked.principals[*number] == PrincipalMatch::ByArn {
                open.narrow(0, self.named_by(context, *number))?;
            }
            for (offset, test) in indexed.statement.tests.iter().enumerate() {
                let key = indexed.keys[offset];
                let satisfying = self.satisfying(context, indexed, offset, test, value_of);
                if open.is_unsure(key) {
                    if self.values(context, key).all().exceeds(&satisfying) {
                        return None;
                    }
                    // Whichever it is, it belongs to the request.
                    facts.extend((!facts.contains(&key)).then_some(key));
                    continue;
                }
                open.narrow(key, &satisfying)?;
            }
        }
        let certain = asked.certainty == Certainty::Open;
        let mut clauses: Vec<Vec<&Literal>> = Vec::new();
        for clause in asked.clauses.iter().filter(|clause| certain || !clause.doubtful) {
            if !self.budget.states(1 + clause.literals.len()) {
                return None;
            }
            let (unsure, mut sure): (Vec<&Literal>, Vec<&Literal>) =
                clause.literals.iter().partition(|literal| open.is_unsure(literal.key));
            if !certain {
                // What anyone can have first: a request asks no more of its caller than it has to,
                // in whatever order the tests of a Deny stand.
                sure.sort_by_cached_key(|literal| {
                    let set = self.values(context, literal.key);
                    self.budget.states(set.candidates.len());
                    let asks = !set.within(Attainability::FREE).exceeds(&literal.not);
                    (asks, &self.keys[literal.key])
                });
            }
            if !unsure.iter().any(|literal| literal.not.is_empty()) {
                clauses.push(sure);
            }
        }
        for literal in clauses.iter().flatten() {
            open.used[literal.key] = true;
        }
        // Keys that occur as variables belong to the proof as well.
        for key in &self.variables {
            open.is_unsure(*key);
            open.used[*key] = true;
        }
        let used = open.used;
        let solved = solve(open.live, &clauses, &self.budget)?;
        let mut attainability = Attainability::FREE;
        let any = |key: usize| {
            let candidate = Candidate::clone(self.values(context, key).candidates.first()?);
            Some((key, Rc::new(Candidate { attainability: Attainability::FREE, ..candidate })))
        };
        let mut values: Assignment = facts.into_iter().filter_map(any).collect();
        for (key, bits) in solved.iter().enumerate().filter(|(key, _)| used[*key]) {
            let candidate = Rc::clone(&self.values(context, key).candidates[bits.first()?]);
            attainability |= candidate.attainability;
            values.push((key, candidate));
        }
        Some((attainability, values))
    }
}

/// What an assignment has to satisfy.
struct Asked<'q> {
    /// The Allow of each layer.
    each: &'q [usize],
    principals: &'q [PrincipalMatch],
    clauses: &'q [Clause],
    certainty: Certainty,
    /// What its values may ask of the caller.
    allowed: Attainability,
}

/// The candidates that are still open for each key that something depends on.
struct Open<'q> {
    engine: &'q Engine<'q>,
    context: &'q RequestContext<'q>,
    allowed: Attainability,
    live: Vec<Bits>,
    /// For keys that were looked at: whether no candidate is allowed.
    unsure: Vec<Option<bool>>,
    /// Keys that belong to the request.
    used: Vec<bool>,
}

impl<'q> Open<'q> {
    fn of(
        engine: &'q Engine<'q>,
        context: &'q RequestContext<'q>,
        allowed: Attainability,
    ) -> Open<'q> {
        let keys = engine.keys.len();
        engine.budget.cases(1);
        engine.budget.states(keys);
        Open {
            engine,
            context,
            allowed,
            live: vec![Bits::default(); keys],
            unsure: vec![None; keys],
            used: vec![false; keys],
        }
    }

    /// Whether no candidate of the key is allowed, as for facts that were not collected: what
    /// depends on such a key is certain only where all candidates agree.
    fn is_unsure(&mut self, key: usize) -> bool {
        *self.unsure[key].get_or_insert_with(|| {
            let set = self.engine.values(self.context, key);
            self.engine.budget.states(set.candidates.len());
            self.live[key] = set.within(self.allowed);
            self.live[key].is_empty()
        })
    }

    /// Leaves a key these candidates alone; `None` where none of them is open.
    fn narrow(&mut self, key: usize, to: &Bits) -> Option<()> {
        self.is_unsure(key);
        self.live[key] = self.live[key].and(to);
        self.used[key] = true;
        (!self.live[key].is_empty()).then_some(())
    }
}
