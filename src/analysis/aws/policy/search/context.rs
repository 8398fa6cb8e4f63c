//! The context of a request, as IAM calls the values of its condition keys: a caller, a route, values
//! for the keys that occur as variables, and candidates for all others.

use std::cell::OnceCell;
use std::rc::Rc;

use super::candidates::{Assignment, Attainability, Bits, Candidate, CandidateSet};
use super::engine::{Engine, Route, VariableValues};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::search::principals::caller::Caller;

/// What is fixed before an assignment is searched.
pub(super) struct RequestContext<'e> {
    pub(super) caller: &'e Caller,
    pub(super) route: Route,
    pub(super) env: Rc<VariableValues>,
    /// Who can come by this route with these values of variables.
    pub(super) attainability: Attainability,
    /// Candidates of each key, found on demand: most requests end before they need them.
    sets: Vec<OnceCell<Rc<CandidateSet>>>,
    /// For each statement, the ARNs of the caller that its Principal element names.
    by_arn: Vec<OnceCell<Rc<Bits>>>,
}

/// One value for each key that occurs as a variable.
#[derive(Debug)]
pub(super) struct VariableBinding {
    env: Rc<VariableValues>,
    /// The values, by key.
    fixed: Vec<(usize, Rc<CandidateSet>)>,
    attainability: Attainability,
}

impl VariableBinding {
    /// The values, by name.
    pub(super) fn env(&self) -> &VariableValues {
        &self.env
    }
}

impl Engine<'_> {
    /// Whether a caller has the same bindings on every route.
    pub(super) fn bindings_fit_every_route(&self) -> bool {
        let stable = |key: &usize| {
            matches!(
                self.classes_of_keys[*key],
                Class::Free { .. }
                    | Class::Signed
                    | Class::Forwarded
                    | Class::InstanceVpc
                    | Class::SessionSource
                    | Class::UserName
                    | Class::Unknown
                    | Class::CallerAccount
                    | Class::CallerArn
                    | Class::CallerId
                    | Class::CallerOrg
                    | Class::CallerType
            )
        };
        self.variables
            .iter()
            .all(|key| stable(key) && self.tests[*key].compared_with.iter().all(stable))
    }

    /// The bindings worth asking about.
    pub(super) fn bindings(&self, caller: &Caller, route: Route) -> Vec<VariableBinding> {
        /// Most combinations of values, for a few and for many keys.
        const BINDINGS: usize = 1_024;
        const BINDINGS_OF_MANY: usize = 128;
        const FEW: usize = 4;
        let most = if self.variables.len() <= FEW { BINDINGS } else { BINDINGS_OF_MANY };
        let mut envs: Vec<(VariableValues, Assignment)> = vec![(VariableValues::new(), Vec::new())];
        for variable in &self.variables {
            let mut next = Vec::new();
            let share = (most / envs.len().max(1)).max(1);
            for (env, fixed) in &envs {
                let set = self.candidate_set(*variable, caller, route, env);
                let mut candidates = set.candidates.clone();
                candidates.retain(|c| c.value.as_ref().is_none_or(|values| values.len() == 1));
                let linked = self.linked(*variable, &candidates, caller, route);
                candidates.extend(linked.into_iter().map(Rc::new));
                // A binding is made of one value for each key so far.
                if !self.budget.cases(candidates.len() * (1 + fixed.len())) {
                    return Vec::new();
                }
                if candidates.len() > share {
                    // Requests that do not depend on this key are found nevertheless.
                    self.budget.give_up();
                    candidates.truncate(share);
                }
                for candidate in candidates {
                    let value = candidate.value.as_ref().and_then(|values| values.first()).cloned();
                    let mut env = env.clone();
                    env.insert(self.keys[*variable].clone(), value);
                    let mut fixed = fixed.clone();
                    fixed.push((*variable, candidate));
                    next.push((env, fixed));
                }
            }
            envs = next;
        }
        envs.into_iter()
            .map(|(env, fixed)| VariableBinding {
                env: Rc::new(env),
                attainability: fixed
                    .iter()
                    .fold(Attainability::FREE, |attainability, (_, candidate)| {
                        attainability | candidate.attainability
                    }),
                fixed: fixed
                    .into_iter()
                    .map(|(key, candidate)| (key, Rc::new(CandidateSet::only(candidate))))
                    .collect(),
            })
            .collect()
    }

    /// The context of a binding, its other keys without candidates yet.
    pub(super) fn request_context<'e>(
        &self,
        binding: &VariableBinding,
        caller: &'e Caller,
        route: Route,
    ) -> RequestContext<'e> {
        self.budget.cases(1);
        self.budget.states(self.keys.len() + self.statements.len());
        let mut attainability = match &self.points[route.point].account {
            Some(account) if account.named => Attainability::BOUND,
            _ => Attainability::FREE,
        };
        if self.forced.as_ref().is_some_and(|point| point.vpc_only) {
            attainability |= Attainability::BOUND;
        }
        let sets = vec![OnceCell::new(); self.keys.len()];
        for (key, only) in &binding.fixed {
            sets[*key].get_or_init(|| Rc::clone(only));
        }
        RequestContext {
            caller,
            route,
            env: Rc::clone(&binding.env),
            attainability: attainability | binding.attainability,
            sets,
            by_arn: vec![OnceCell::new(); self.statements.len()],
        }
    }

    /// The candidates of a key in a context.
    pub(super) fn values<'s>(
        &self,
        context: &'s RequestContext<'_>,
        key: usize,
    ) -> &'s Rc<CandidateSet> {
        context.sets[key]
            .get_or_init(|| self.candidate_set(key, context.caller, context.route, &context.env))
    }

    /// The ARNs of the caller that the Principal element of a statement names.
    pub(super) fn named_by<'s>(
        &self,
        context: &'s RequestContext<'_>,
        number: usize,
    ) -> &'s Rc<Bits> {
        context.by_arn[number].get_or_init(|| {
            let arns = self.values(context, 0);
            let principals = &self.statements[number].statement.principals;
            self.budget.states(arns.candidates.len() * (1 + principals.named.len()));
            Rc::new(Bits::of(arns.candidates.len(), |index| {
                context.caller.matched_with(principals, &arns.candidates[index])
            }))
        })
    }

    /// Values that make a variable equal to values of the keys that it is compared with.
    fn linked(
        &self,
        variable: usize,
        have: &[Rc<Candidate>],
        caller: &Caller,
        route: Route,
    ) -> Vec<Candidate> {
        let class = self.classes_of_keys[variable];
        let is_chosen = match class {
            Class::Free { .. } | Class::Signed | Class::InstanceVpc | Class::Unknown => {
                have.len() > 1
            }
            // Users always have a name, others never.
            Class::UserName => have.iter().any(|candidate| candidate.value.is_some()),
            _ => false,
        };
        if !is_chosen {
            return Vec::new(); // not the caller's to choose, or absent for this caller
        }
        let attainability =
            if class == Class::Unknown { Attainability::IN_DOUBT } else { Attainability::FREE };
        let mut found: Vec<Candidate> = Vec::new();
        let mut add = |value: String| {
            let is_spelled = keys::is_spelled(&self.keys[variable], &value);
            let candidate = Candidate::one(value, attainability);
            if is_spelled
                && !have.iter().any(|known| **known == candidate)
                && !found.contains(&candidate)
                && found.len() < 24
            {
                found.push(candidate);
            }
        };
        for key in &self.tests[variable].compared_with {
            let set = self.candidate_set(*key, caller, route, &VariableValues::new());
            if !self.budget.states(set.candidates.len() * (1 + have.len())) {
                break;
            }
            for candidate in &set.candidates {
                candidate.value.iter().flatten().take(1).cloned().for_each(&mut add);
            }
        }
        // Names that other resources spell out in place of the variable.
        for word in &self.words {
            if !self.budget.states(1 + have.len()) {
                break;
            }
            add(word.clone());
        }
        found
    }
}
