//! The grants, each told by the requests that are its own.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::callers::{Caller, Form};
use super::choices::{BOUND, DOUBT};
use super::engine::{Engine, Level, Network, Success};
use super::grant::{Example, Grant, Who};
use super::keys;
use super::verdict::Verdict;

/// How many times as much a request costs with which a grant begins.
pub const NEW_GRANT: usize = 4;

/// The Allow of each layer.
pub type Pair = (Option<usize>, Option<usize>);

/// Caller, verdict, access point, what is said, unknown action, addresses (by where they are kept):
/// requests that have these in common are of one grant.
type Common = (usize, Verdict, usize, usize, bool, Option<*const String>);

/// Number of the grant, number of the target, Allow statements, certainty, flags: what a grant was
/// told already, whatever values it takes.
type Told = (usize, usize, Pair, Level, u8);

/// Of which of the engine's actions and statements a grant was told.
struct Heard {
    actions: Vec<bool>,
    statements: Vec<bool>,
}

/// What was told so far.
pub struct Ledger<'e, 'a> {
    engine: &'e Engine<'a>,
    grants: Vec<Grant>,
    heard: Vec<Heard>,
    numbers: BTreeMap<(Verdict, Who, BTreeSet<String>), usize>,
    known: FxHashMap<Common, usize>,
    told: FxHashSet<Told>,
}

impl<'e, 'a> Ledger<'e, 'a> {
    /// With nothing told.
    pub fn new(engine: &'e Engine<'a>) -> Ledger<'e, 'a> {
        Ledger {
            engine,
            grants: Vec::new(),
            heard: Vec::new(),
            numbers: BTreeMap::new(),
            known: FxHashMap::default(),
            told: FxHashSet::default(),
        }
    }

    /// Steps of telling a grant of a request that it did not know.
    pub fn cost(&self, success: &Success) -> usize {
        let tests = |number: &usize| self.engine.statement(*number).tests.len();
        let tests: usize = success.found.allows.iter().map(tests).sum();
        let concerned = success.target.statements.len() + success.found.values.len();
        40 + success.target.actions.len() + 2 * tests + concerned
    }

    /// Tells the grant of `who`, which the caller decides, of a request. `narrow`: the addresses it
    /// is bound to, kept in one place. The steps that it took beyond finding nothing new.
    pub fn tell(
        &mut self,
        verdict: Verdict,
        who: impl FnOnce() -> Who,
        narrow: Option<&String>,
        confused_deputy: bool,
        success: &Success,
    ) -> usize {
        let engine = self.engine;
        let kept = narrow.map(std::ptr::from_ref);
        let unknown = success.target.unknown_action;
        let common = (success.caller, verdict, success.point, success.said, unknown, kept);
        let before = self.grants.len();
        let number = match self.known.get(&common) {
            Some(number) => *number,
            None => {
                let number = self.number(verdict, who(), self.bounds(success, narrow), success);
                self.known.insert(common, number);
                number
            }
        };
        let grant = &mut self.grants[number];
        grant.confused_deputy |= confused_deputy;
        let found = &success.found;
        let told = (number, success.target_number, found.pair(), found.level, found.flags);
        if !self.told.insert(told) {
            return 0;
        }
        let heard = &mut self.heard[number];
        for action in &success.target.actions {
            if !std::mem::replace(&mut heard.actions[*action], true) {
                grant.access.insert(engine.actions[*action].access);
                grant.actions.insert(engine.actions[*action].shown.clone());
            }
        }
        for allow in &success.found.allows {
            let statement = engine.statement(*allow);
            if grant.via.contains(&statement.label) {
                continue;
            }
            grant.via.insert(statement.label.clone());
            let not = if statement.resources.negated { "not " } else { "" };
            let resources = statement.resources.any.iter();
            grant.resources.extend(resources.map(|r| format!("{not}{}", r.text())));
            let free = |test: &&super::condition::Test| {
                success.found.values.iter().any(|(key, choice)| {
                    engine.keys[*key] == keys::canonical(&test.key) && choice.flags == 0
                })
            };
            let tests = statement.tests.iter().filter(free);
            grant.residual.extend(tests.map(|test| test.shown.clone()));
        }
        for number in &success.target.statements {
            if !std::mem::replace(&mut heard.statements[*number], true) {
                let statement = engine.statement(*number);
                if !statement.allow {
                    grant.cut_by.insert(statement.label.clone());
                }
            }
        }
        let times = if self.grants.len() > before { NEW_GRANT } else { 1 };
        times * self.cost(success)
    }

    /// The number of a grant; of a new one with this request as its example.
    fn number(
        &mut self,
        verdict: Verdict,
        who: Who,
        bound: BTreeSet<String>,
        success: &Success,
    ) -> usize {
        let next = self.grants.len();
        let number = *self.numbers.entry((verdict, who.clone(), bound.clone())).or_insert(next);
        if number == next {
            let actions = vec![false; self.engine.actions.len()];
            let statements = vec![false; self.engine.statement_count()];
            self.heard.push(Heard { actions, statements });
            self.grants.push(Grant {
                who,
                verdict,
                access: BTreeSet::new(),
                actions: BTreeSet::new(),
                resources: BTreeSet::new(),
                bound,
                residual: BTreeSet::new(),
                via: BTreeSet::new(),
                cut_by: BTreeSet::new(),
                confused_deputy: false,
                example: self.example(success),
            });
        }
        number
    }

    fn example(&self, success: &Success) -> Example {
        let engine = self.engine;
        Example {
            caller: describe(&engine.callers[success.caller]),
            network: match success.network {
                Network::Internet => match engine.classes[success.address].sample.as_str() {
                    "" => "internet".into(),
                    address => address.to_owned(),
                },
                Network::Endpoint => "vpc endpoint".into(),
            },
            action: engine.actions[success.target.actions[0]].shown.clone(),
            resource: engine.resource(&success.target),
            keys: success
                .found
                .values
                .iter()
                .map(|(key, choice)| {
                    (engine.keys[*key].clone(), choice.value.clone().unwrap_or_default())
                })
                .collect(),
        }
    }

    fn bounds(&self, success: &Success, narrow: Option<&String>) -> BTreeSet<String> {
        let mut bound = BTreeSet::new();
        bound.extend(narrow.cloned());
        let telling = BOUND | DOUBT;
        let values =
            if success.found.flags & telling == 0 { &[] } else { &success.found.values[..] };
        for (key, choice) in values {
            if choice.flags & telling != 0 {
                let value = choice.value.iter().flatten().cloned().collect::<Vec<_>>().join(",");
                bound.insert(bound_text(&self.engine.keys[*key], &value, choice.flags));
            }
        }
        if let Some((account, true)) = &self.engine.points[success.point].account {
            bound.insert(format!("access-point:{account}"));
        }
        bound
            .extend(success.found.allows.iter().filter_map(|number| self.engine.doubt_of(*number)));
        if success.target.unknown_action {
            bound.insert("unknown-action".into());
        }
        bound
    }

    /// The grants, worst first.
    pub fn finish(self) -> Vec<Grant> {
        let mut grants = self.grants;
        let key = |grant: &Grant| (grant.verdict, grant.who.clone(), grant.bound.clone());
        grants.sort_by_cached_key(key);
        // What anyone may do without credentials, any AWS account may do as well.
        let mut of_anyone: BTreeMap<(Verdict, &String), Vec<&Grant>> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| grant.who == Who::Anyone) {
            for statement in &grant.via {
                let said = of_anyone.entry((grant.verdict, statement)).or_default();
                // Grants that differ in their bounds cover the same.
                let last = said.last();
                if last.is_none_or(|last| last.actions != grant.actions || last.via != grant.via) {
                    said.push(grant);
                }
            }
        }
        let covered: Vec<bool> = grants
            .iter()
            .map(|grant| {
                let first = grant.via.first().filter(|_| grant.who == Who::AnyAws);
                let wider = first.and_then(|first| of_anyone.get(&(grant.verdict, first)));
                wider.into_iter().flatten().any(|wider| {
                    grant.access.is_subset(&wider.access)
                        && grant.actions.is_subset(&wider.actions)
                        && grant.via.is_subset(&wider.via)
                })
            })
            .collect();
        let mut covered = covered.into_iter();
        grants.retain(|_| !covered.next().unwrap_or_default());
        grants
    }
}

fn bound_text(key: &str, value: &str, flags: u8) -> String {
    match key {
        "aws:sourcevpc" => format!("vpc:{value}"),
        "aws:sourcevpce" => format!("vpce:{value}"),
        "aws:currenttime" => "time".into(),
        "sts:externalid" | "lambda:eventsourcetoken" => "secret".into(),
        "sns:endpoint" => format!("endpoint:{value}"),
        "elasticfilesystem:accessedviamounttarget" => "mount-target".into(),
        key if key.starts_with("s3:dataaccesspoint") => format!("access-point:{value}"),
        key if flags & DOUBT != 0 => format!("unknown-key:{key}"),
        key => format!("{key}:{value}"),
    }
}

fn describe(caller: &Caller) -> String {
    match &caller.form {
        Form::Unsigned => "an unsigned request".into(),
        Form::Signed => match (&caller.names.canonical, &caller.names.account) {
            (Some(id), _) => format!("the account with canonical id {id}"),
            (_, Some(account)) => format!("account {account}"),
            _ => format!("any AWS account, such as {}", caller.account),
        },
        Form::Service(name) => match &caller.source {
            Some(source) => format!("{name} for account {}", source.account),
            None => format!("{name}, for whomever"),
        },
        Form::Federated { provider, .. } => format!("an identity of {provider}"),
    }
}
