//! The values that a key can have for a caller on a way: fixed by who calls and from where, known
//! facts, or the caller's to choose.

use std::rc::Rc;

use super::{Engine, Env, Network};
use crate::analysis::aws::policy::callers::{Caller, Form};
use crate::analysis::aws::policy::choices::{
    Choice, DOUBT, Domain, FREE, Wanted, choices, is_identifier,
};
use crate::analysis::aws::policy::glob::{Glob, common};
use crate::analysis::aws::policy::keys::{self, Class};

impl Engine<'_> {
    pub(super) fn domain(
        &self,
        key: usize,
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
        env: &Env,
    ) -> Rc<Domain> {
        self.budget.take(20);
        let name = &self.keys[key];
        let class = self.classes_of_keys[key];
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        let depends = !env.is_empty() && self.tests[key].varies;
        let wanted = || {
            let read = || Rc::new(Wanted::by(self.tests_of(key), &value_of, &self.budget));
            if depends {
                return read();
            }
            Rc::clone(self.wanted.borrow_mut().entry(key).or_insert_with(read))
        };
        let profile = caller.profile(class).map(|profile| (key, profile)).filter(|_| !depends);
        if let Some(known) =
            profile.as_ref().and_then(|at| self.by_caller.borrow().get(at).cloned())
        {
            return known;
        }
        let by_caller = match class {
            // Those need no look at the tests.
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
                if !matches!(caller.form, Form::Service(_)) =>
            {
                None
            }
            _ => caller.choices(name, class, &wanted(), &self.mentions, &self.fresh),
        };
        if let Some(choices) = by_caller {
            let domain = self.built(choices);
            if let Some(at) = profile {
                self.by_caller.borrow_mut().insert(at, Rc::clone(&domain));
            }
            return domain;
        }
        match class {
            Class::SourceIp => {
                let choice = match network {
                    Network::Internet => Choice::one(self.classes[address].sample.clone(), FREE),
                    Network::Endpoint => Choice::absent(FREE),
                };
                return self.built(vec![choice]);
            }
            Class::AccessPointAccount | Class::AccessPointArn => {
                let mut by_point = self.by_point.borrow_mut();
                let known = by_point.entry((key, point));
                return Rc::clone(
                    known.or_insert_with(|| self.built(self.point_choices(class, point))),
                );
            }
            _ => {}
        }
        if !depends && let Some(domain) = self.shared.borrow().get(&(key, network)) {
            return Rc::clone(domain);
        }
        let domain = self.built(self.free_choices(name, class, network, &wanted()));
        if !depends {
            self.shared.borrow_mut().insert((key, network), Rc::clone(&domain));
        }
        domain
    }

    fn built(&self, choices: Vec<Choice>) -> Rc<Domain> {
        self.budget.take(10 + 30 * choices.len());
        Rc::new(Domain::new(choices))
    }

    fn free_choices(
        &self,
        name: &str,
        class: Class,
        network: Network,
        wanted: &Wanted,
    ) -> Vec<Choice> {
        let fixed = |value: &str| vec![Choice::one(value, FREE)];
        let mut found = match class {
            Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if network == Network::Internet =>
            {
                return vec![Choice::absent(FREE)];
            }
            Class::ResourceAccount => return fixed(self.owner),
            Class::ResourceOrg => {
                return match &self.context.org_id {
                    Some(org) => fixed(org),
                    None => vec![Choice::absent(FREE)],
                };
            }
            Class::ResourceOrgPath => {
                let Some(org) = &self.context.org_id else { return vec![Choice::absent(FREE)] };
                let shape = Glob::pattern(&format!("{org}/*"));
                // Where in it the account lies was not asked: here, or anywhere else.
                let unnamed: String =
                    std::iter::repeat_n(self.fresh.letter, self.fresh.run).collect();
                let mut found = vec![Choice::one(format!("{org}/{unnamed}/"), DOUBT)];
                for glob in wanted.patterns() {
                    let paths = common(&[glob, &shape], &self.fresh);
                    let paths = paths.into_iter().filter(|path| is_identifier(path));
                    found.extend(paths.map(|path| Choice::one(path, DOUBT)));
                }
                return found;
            }
            Class::Time => return self.times(wanted),
            Class::FunctionUrl => {
                return match &self.context.function_url {
                    Some(Some(auth)) => fixed(auth),
                    Some(None) => vec![Choice::absent(FREE)],
                    None => ["NONE", "AWS_IAM"].map(|auth| Choice::one(auth, DOUBT)).to_vec(),
                };
            }
            _ => choices(name, class, wanted, &self.fresh),
        };
        let always = matches!(
            class,
            Class::Free { always: true } | Class::Endpoint | Class::EndpointIp | Class::MountTarget
        ) && name != "aws:vpceorgid";
        if !always {
            found.push(Choice::absent(FREE));
        }
        found
    }

    /// Now; and, in doubt, the moments after it that a test names.
    fn times(&self, wanted: &Wanted) -> Vec<Choice> {
        #[allow(clippy::cast_precision_loss)] // seconds of this era are exact in a double
        let now = self.context.now.map(|now| now.as_second() as f64);
        let mut found: Vec<Choice> =
            now.iter().map(|now| Choice::one(now.to_string(), FREE)).collect();
        let later = |at: &f64| now.is_none_or(|now| *at > now);
        found.extend(wanted.instants().filter(later).map(|at| Choice::one(at.to_string(), DOUBT)));
        if found.is_empty() {
            found.push(Choice::one("0", DOUBT));
        }
        found
    }
}
