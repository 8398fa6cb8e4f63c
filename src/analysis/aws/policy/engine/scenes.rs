//! Scenes: a caller on a way with values for the keys that other values refer to as variables.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{Engine, Env, Network};
use crate::analysis::aws::policy::callers::Caller;
use crate::analysis::aws::policy::choices::{BOUND, Bits, Choice, Chosen, DOUBT, Domain, FREE};
use crate::analysis::aws::policy::keys::{self, Class};

/// What is settled before a request is looked for.
pub(super) struct Scene<'e> {
    pub(super) caller: &'e Caller,
    network: Network,
    point: usize,
    address: usize,
    pub(super) env: Rc<Env>,
    pub(super) flags: u8,
    /// Values of keys, once something has asked for them: most requests end before.
    domains: Vec<OnceCell<Rc<Domain>>>,
    /// Whom each statement names, by the caller's ARN.
    by_arn: Vec<OnceCell<Rc<Bits>>>,
}

/// One way of giving values to the keys that other values refer to.
#[derive(Debug)]
pub(super) struct Setting {
    env: Rc<Env>,
    /// The values, by key.
    fixed: Vec<(usize, Rc<Domain>)>,
    flags: u8,
}

impl Setting {
    /// The values, by name.
    pub(super) fn env(&self) -> &Env {
        &self.env
    }
}

impl Engine<'_> {
    /// Whether settings are the same whatever way a caller comes.
    pub(super) fn settings_are_stable(&self) -> bool {
        let stable = |key: &usize| {
            matches!(
                self.classes_of_keys[*key],
                Class::Free { .. }
                    | Class::Signed
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

    /// The ways of giving values to the keys that other values refer to.
    pub(super) fn settings(
        &self,
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
    ) -> Vec<Setting> {
        /// Combinations of values of keys that are used as variables, for a few and for many keys.
        const SCENES: usize = 1_024;
        const SCENES_OF_MANY: usize = 128;
        const FEW: usize = 4;
        let most = if self.variables.len() <= FEW { SCENES } else { SCENES_OF_MANY };
        let mut envs: Vec<(Env, Chosen)> = vec![(Env::new(), Vec::new())];
        for variable in &self.variables {
            let mut next = Vec::new();
            let share = (most / envs.len().max(1)).max(1);
            for (env, fixed) in &envs {
                let domain = self.domain(*variable, caller, network, point, address, env);
                let mut choices = domain.choices.clone();
                choices.retain(|c| c.value.as_ref().is_none_or(|values| values.len() == 1));
                let linked = self.linked(*variable, &choices, caller, network, point, address);
                choices.extend(linked.into_iter().map(Rc::new));
                if !self.budget.take(choices.len() * (30 + 25 * fixed.len())) {
                    return Vec::new();
                }
                if choices.len() > share {
                    // What does not depend on this key is found nevertheless.
                    self.budget.give_up();
                    choices.truncate(share);
                }
                for choice in choices {
                    let value = choice.value.as_ref().and_then(|values| values.first()).cloned();
                    let mut env = env.clone();
                    env.insert(self.keys[*variable].clone(), value);
                    let mut fixed = fixed.clone();
                    fixed.push((*variable, choice));
                    next.push((env, fixed));
                }
            }
            envs = next;
        }
        envs.into_iter()
            .map(|(env, fixed)| Setting {
                env: Rc::new(env),
                flags: fixed.iter().fold(FREE, |flags, (_, choice)| flags | choice.flags),
                fixed: fixed
                    .into_iter()
                    .map(|(key, choice)| (key, Rc::new(Domain::only(choice))))
                    .collect(),
            })
            .collect()
    }

    /// A setting with everything else still to be found.
    pub(super) fn scene<'e>(
        &self,
        setting: &Setting,
        caller: &'e Caller,
        (network, point, address): (Network, usize, usize),
    ) -> Scene<'e> {
        self.budget.take(10 + self.keys.len() + self.statements.len());
        let mut flags = match &self.points[point].account {
            Some((_, true)) => BOUND,
            _ => FREE,
        };
        if self.forced.as_ref().is_some_and(|point| point.vpc_only) {
            flags |= BOUND;
        }
        let domains = vec![OnceCell::new(); self.keys.len()];
        for (key, only) in &setting.fixed {
            domains[*key].get_or_init(|| Rc::clone(only));
        }
        Scene {
            caller,
            network,
            point,
            address,
            env: Rc::clone(&setting.env),
            flags: flags | setting.flags,
            domains,
            by_arn: vec![OnceCell::new(); self.statements.len()],
        }
    }

    /// The values of a key in a scene.
    pub(super) fn values<'s>(&self, scene: &'s Scene<'_>, key: usize) -> &'s Rc<Domain> {
        scene.domains[key].get_or_init(|| {
            let Scene { caller, network, point, address, env, .. } = scene;
            self.domain(key, caller, *network, *point, *address, env)
        })
    }

    /// The ARNs of the caller for which a statement names them.
    pub(super) fn named_by<'s>(&self, scene: &'s Scene<'_>, number: usize) -> &'s Rc<Bits> {
        scene.by_arn[number].get_or_init(|| {
            let arns = self.values(scene, 0);
            let principals = &self.statements[number].statement.principals;
            self.budget.take(arns.choices.len() * (1 + principals.named.len()));
            Rc::new(Bits::of(arns.choices.len(), |index| {
                scene.caller.matched_with(principals, &arns.choices[index])
            }))
        })
    }

    /// Values for a variable that make it equal to what it is compared with.
    fn linked(
        &self,
        variable: usize,
        have: &[Rc<Choice>],
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
    ) -> Vec<Choice> {
        let class = self.classes_of_keys[variable];
        if !matches!(class, Class::Free { .. } | Class::Signed | Class::Unknown) || have.len() < 2 {
            return Vec::new(); // not the caller's to choose, or absent for this caller
        }
        let flags = if class == Class::Unknown { DOUBT } else { FREE };
        let mut found: Vec<Choice> = Vec::new();
        let mut add = |value: String| {
            let is_spelled = keys::is_spelled(&self.keys[variable], &value);
            let choice = Choice::one(value, flags);
            if is_spelled
                && !have.iter().any(|known| **known == choice)
                && !found.contains(&choice)
                && found.len() < 24
            {
                found.push(choice);
            }
        };
        for key in &self.tests[variable].compared_with {
            let domain = self.domain(*key, caller, network, point, address, &Env::new());
            if !self.budget.take(10 + 4 * domain.choices.len()) {
                break;
            }
            for choice in &domain.choices {
                choice.value.iter().flatten().take(1).cloned().for_each(&mut add);
            }
        }
        // Names that other statements spell out where this one has the variable.
        for word in &self.words {
            if !self.budget.take(4) {
                break;
            }
            add(word.clone());
        }
        found
    }
}
