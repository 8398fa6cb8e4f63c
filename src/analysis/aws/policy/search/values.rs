//! The candidates of a key for a caller on a route: fixed by who calls and from where, facts about
//! the resource, or values that the caller chooses.

use std::rc::Rc;

use super::candidates::{Attainability, Candidate, CandidateSet};
use super::engine::{Engine, Network, Route, VariableValues};
use super::relevant::{RelevantValues, candidates};
use crate::analysis::aws::policy::context::FunctionWay;
use crate::analysis::aws::policy::language::common::common;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::principal::is_identifier;
use crate::analysis::aws::policy::search::principals::caller::{Caller, Form};

impl Engine<'_> {
    /// The candidates of a key; `env`: the values of variables that its tests contain.
    pub(super) fn candidate_set(
        &self,
        key: usize,
        caller: &Caller,
        route: Route,
        env: &VariableValues,
    ) -> Rc<CandidateSet> {
        self.budget.cases(1);
        let name = &self.keys[key];
        let class = self.classes_of_keys[key];
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        let depends = !env.is_empty() && self.tests[key].varies;
        let relevant = || {
            let read = || Rc::new(RelevantValues::by(self.tests_of(key), &value_of, &self.budget));
            if depends {
                return read();
            }
            Rc::clone(self.memo.relevant.borrow_mut().entry(key).or_insert_with(read))
        };
        let profile = caller.profile(class).map(|profile| (key, profile)).filter(|_| !depends);
        if let Some(known) =
            profile.as_ref().and_then(|at| self.memo.by_caller.borrow().get(at).cloned())
        {
            return known;
        }
        let by_caller = match class {
            // The caller decides none of them, so their tests need not be read here.
            Class::Free { .. }
            | Class::Unknown
            | Class::Secret
            | Class::Destination
            | Class::MountTarget
            | Class::Time
            | Class::EndpointIp
            | Class::Endpoint
            | Class::EndpointOrgPath
            | Class::SourceIp
                if !matches!(caller.form, Form::Service(_)) && !caller.is_claimed(name) =>
            {
                None
            }
            _ => caller.candidates(name, class, &relevant(), &self.named_principals, &self.fresh),
        };
        if let Some(candidates) = by_caller {
            let set = self.built(candidates);
            if let Some(at) = profile {
                self.memo.by_caller.borrow_mut().insert(at, Rc::clone(&set));
            }
            return set;
        }
        match class {
            Class::SourceIp => {
                let candidate = match route.network {
                    Network::Internet => Candidate::one(
                        self.classes[route.address].sample.clone(),
                        Attainability::FREE,
                    ),
                    Network::Endpoint => Candidate::absent(Attainability::FREE),
                };
                return self.built(vec![candidate]);
            }
            Class::AccessPointAccount | Class::AccessPointArn => {
                let mut by_point = self.memo.by_point.borrow_mut();
                let known = by_point.entry((key, route.point));
                return Rc::clone(
                    known.or_insert_with(|| self.built(self.point_candidates(class, route.point))),
                );
            }
            _ => {}
        }
        if !depends && let Some(set) = self.memo.by_network.borrow().get(&(key, route.network)) {
            return Rc::clone(set);
        }
        let set = self.built(self.free_candidates(name, class, route.network, &relevant()));
        if !depends {
            self.memo.by_network.borrow_mut().insert((key, route.network), Rc::clone(&set));
        }
        set
    }

    fn built(&self, candidates: Vec<Candidate>) -> Rc<CandidateSet> {
        self.budget.cases(candidates.len());
        Rc::new(CandidateSet::new(candidates))
    }

    fn free_candidates(
        &self,
        name: &str,
        class: Class,
        network: Network,
        relevant: &RelevantValues,
    ) -> Vec<Candidate> {
        let fixed = |value: &str| vec![Candidate::one(value, Attainability::FREE)];
        let in_doubt = |values: &[&str]| -> Vec<Candidate> {
            values.iter().map(|value| Candidate::one(*value, Attainability::IN_DOUBT)).collect()
        };
        let mut found = match class {
            Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if network == Network::Internet =>
            {
                return vec![Candidate::absent(Attainability::FREE)];
            }
            Class::ResourceAccount => return fixed(self.owner),
            Class::ResourceOrg => {
                return match &self.context.org_id {
                    Some(org) => fixed(org),
                    None => vec![Candidate::absent(Attainability::FREE)],
                };
            }
            Class::ResourceOrgPath => {
                let Some(org) = &self.context.org_id else {
                    return vec![Candidate::absent(Attainability::FREE)];
                };
                let shape = Glob::pattern(&format!("{org}/*"));
                // Where in the organization the account lies was not collected.
                let unnamed: String =
                    std::iter::repeat_n(self.fresh.letter, self.fresh.run).collect();
                let mut found =
                    vec![Candidate::one(format!("{org}/{unnamed}/"), Attainability::IN_DOUBT)];
                for glob in relevant.patterns() {
                    let paths = common(&[glob, &shape], &self.fresh);
                    let paths = paths.into_iter().filter(|path| is_identifier(path));
                    found.extend(paths.map(|path| Candidate::one(path, Attainability::IN_DOUBT)));
                }
                return found;
            }
            Class::Time => return self.times(relevant),
            Class::FunctionUrl if self.url().is_some() => {
                return match self.url().and_then(|url| url.auth_type.as_deref()) {
                    Some(auth) => fixed(auth),
                    None => in_doubt(&["NONE", "AWS_IAM"]),
                };
            }
            // Calls by the API have none.
            Class::FunctionUrl if matches!(self.context.way, FunctionWay::Api) => {
                return vec![Candidate::absent(Attainability::FREE)];
            }
            Class::ViaFunctionUrl if self.url().is_some() => return fixed("true"),
            // Whether calls by the API carry the key as false or not at all is not documented.
            Class::ViaFunctionUrl if matches!(self.context.way, FunctionWay::Api) => {
                let mut found = in_doubt(&["false"]);
                found.push(Candidate::absent(Attainability::IN_DOUBT));
                return found;
            }
            Class::FunctionUrl => {
                return match &self.context.function_url {
                    Some(Some(auth)) => fixed(auth),
                    Some(None) => vec![Candidate::absent(Attainability::FREE)],
                    None => in_doubt(&["NONE", "AWS_IAM"]),
                };
            }
            _ => candidates(name, class, relevant, &self.fresh),
        };
        let always = matches!(
            class,
            Class::Free { always: true }
                | Class::Forwarded
                | Class::UserName
                | Class::Endpoint
                | Class::EndpointIp
                | Class::MountTarget
        ) && name != "aws:vpceorgid";
        if !always {
            found.push(Candidate::absent(Attainability::FREE));
        }
        found
    }

    /// Now; and, in doubt, the moments after it that a test names.
    fn times(&self, relevant: &RelevantValues) -> Vec<Candidate> {
        #[allow(clippy::cast_precision_loss)] // seconds of this era are exact in a double
        let now = self.context.now.map(|now| now.as_second() as f64);
        let mut found: Vec<Candidate> =
            now.iter().map(|now| Candidate::one(now.to_string(), Attainability::FREE)).collect();
        let later = |at: &f64| now.is_none_or(|now| *at > now);
        found.extend(
            relevant
                .instants()
                .filter(later)
                .map(|at| Candidate::one(at.to_string(), Attainability::IN_DOUBT)),
        );
        if found.is_empty() {
            found.push(Candidate::one("0", Attainability::IN_DOUBT));
        }
        found
    }
}
