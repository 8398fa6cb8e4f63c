//! Builds grants from allowed requests: requests with one holder, verdict and bound are one grant.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::grant::{Example, Grant, Who};
use super::verdict::Verdict;
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::keys;
use crate::analysis::aws::policy::search::candidates::Attainability;
use crate::analysis::aws::policy::search::engine::{Engine, Network, PointAccount};
use crate::analysis::aws::policy::search::principals::caller::{Caller, Form};
use crate::analysis::aws::policy::search::requests::{AllowEach, AllowedRequest, Certainty};
use crate::analysis::aws::policy::services::{Access, Action};

/// What a request adds to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum New {
    /// Nothing that a grant shows.
    Nothing,
    /// A target of a grant that exists.
    Target,
    /// A grant.
    Grant,
}

impl New {
    /// Counts the entries of a request: each is written into a new grant, and looked up in one that
    /// exists.
    pub fn count(self, entries: usize, budget: &Budget) {
        match self {
            New::Nothing => {}
            New::Target => {
                budget.states(entries);
            }
            New::Grant => {
                budget.cases(entries);
            }
        }
    }
}

/// What requests of one grant have in common, as far as it can be seen without building the texts
/// that a grant consists of.
#[derive(PartialEq, Eq, Hash)]
struct GrantKey {
    caller: usize,
    verdict: Verdict,
    point: usize,
    signature: usize,
    unknown_action: bool,
    /// The addresses, by where the caller of [`GrantBuilder::record`] keeps them.
    addresses: Option<*const String>,
}

/// What a grant recorded of a request. Values of condition keys add nothing to it.
#[derive(PartialEq, Eq, Hash)]
struct RecordedRequest {
    grant: usize,
    target: usize,
    allows: AllowEach,
    certainty: Certainty,
    attainability: Attainability,
}

/// By number, which of the engine's actions and statements a grant recorded.
struct Recorded {
    actions: Vec<bool>,
    statements: Vec<bool>,
    /// How telling the action of the example is.
    telling: usize,
}

/// The grants so far.
pub struct GrantBuilder<'e, 'a> {
    engine: &'e Engine<'a>,
    grants: Vec<Grant>,
    /// For each grant.
    recorded: Vec<Recorded>,
    /// Number of the grant of a holder with a verdict and bounds.
    numbers: BTreeMap<(Verdict, Who, BTreeSet<String>), usize>,
    number_of_key: FxHashMap<GrantKey, usize>,
    requests: FxHashSet<RecordedRequest>,
}

impl<'e, 'a> GrantBuilder<'e, 'a> {
    /// Without a grant.
    pub fn new(engine: &'e Engine<'a>) -> GrantBuilder<'e, 'a> {
        GrantBuilder {
            engine,
            grants: Vec::new(),
            recorded: Vec::new(),
            numbers: BTreeMap::new(),
            number_of_key: FxHashMap::default(),
            requests: FxHashSet::default(),
        }
    }

    /// How many entries a request has in a grant at most: actions, tests, statements, values.
    pub fn entries(&self, request: &AllowedRequest) -> usize {
        let tests = |number: &usize| self.engine.statement(*number).tests.len();
        let tests: usize = request.proof.allows.iter().map(tests).sum();
        let concerned = request.target.statements.len() + request.proof.values.len();
        request.target.actions.len() + tests + concerned
    }

    /// Records a request in the grant of `who`, which is asked only for a new grant: a caller and
    /// a verdict decide it. `addresses`: those that the grant is bound to; equal ones have to be
    /// the same reference.
    pub fn record(
        &mut self,
        verdict: Verdict,
        who: impl FnOnce() -> Who,
        addresses: Option<&String>,
        confused_deputy: bool,
        request: &AllowedRequest,
    ) -> New {
        let engine = self.engine;
        let key = GrantKey {
            caller: request.caller,
            verdict,
            point: request.route.point,
            signature: request.signature,
            unknown_action: request.target.unknown_action,
            addresses: addresses.map(std::ptr::from_ref),
        };
        let before = self.grants.len();
        let number = match self.number_of_key.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.number(verdict, who(), self.bounds(request, addresses), request);
                self.number_of_key.insert(key, number);
                number
            }
        };
        let grant = &mut self.grants[number];
        grant.confused_deputy |= confused_deputy;
        let proof = &request.proof;
        let recorded = RecordedRequest {
            grant: number,
            target: request.target_number,
            allows: proof.each(),
            certainty: proof.certainty,
            attainability: proof.attainability,
        };
        if !self.requests.insert(recorded) {
            return New::Nothing;
        }
        let recorded = &mut self.recorded[number];
        for action in &request.target.actions {
            if !std::mem::replace(&mut recorded.actions[*action], true) {
                grant.access.insert(engine.actions[*action].access);
                grant.actions.insert(engine.actions[*action].shown.clone());
            }
        }
        for allow in &proof.allows {
            let statement = engine.statement(*allow);
            if grant.via.contains(&statement.label) {
                continue;
            }
            grant.via.insert(statement.label.clone());
            let not = if statement.resources.negated { "not " } else { "" };
            let resources = statement.resources.any.iter();
            grant.resources.extend(resources.map(|r| format!("{not}{}", r.text())));
            let free = |test: &&Test| {
                engine.is_at_will(&test.key, &grant.who)
                    && proof.values.iter().any(|(key, candidate)| {
                        engine.keys[*key] == keys::canonical(&test.key)
                            && candidate.attainability == Attainability::FREE
                    })
            };
            let tests = statement.tests.iter().filter(free);
            grant.residual.extend(tests.map(|test| test.shown.clone()));
        }
        for number in &request.target.statements {
            if !std::mem::replace(&mut recorded.statements[*number], true) {
                let statement = engine.statement(*number);
                if !statement.allow {
                    grant.cut_by.insert(statement.label.clone());
                }
            }
        }
        // The proof that a reader knows best.
        let telling = telling(engine, request);
        if telling < recorded.telling {
            recorded.telling = telling;
            self.grants[number].example = self.example(request);
        }
        if self.grants.len() > before { New::Grant } else { New::Target }
    }

    /// The number of a grant; a new one takes this request as its example.
    fn number(
        &mut self,
        verdict: Verdict,
        who: Who,
        bound: BTreeSet<String>,
        request: &AllowedRequest,
    ) -> usize {
        let next = self.grants.len();
        let number = *self.numbers.entry((verdict, who.clone(), bound.clone())).or_insert(next);
        if number == next {
            let actions = vec![false; self.engine.actions.len()];
            let statements = vec![false; self.engine.statement_count()];
            let telling = telling(self.engine, request);
            self.recorded.push(Recorded { actions, statements, telling });
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
                example: self.example(request),
            });
        }
        number
    }

    fn example(&self, request: &AllowedRequest) -> Example {
        let engine = self.engine;
        let action = most_telling(engine, request);
        Example {
            caller: describe(&engine.callers[request.caller]),
            network: match request.route.network {
                Network::Internet => match engine.classes[request.route.address].sample.as_str() {
                    "" => "internet".into(),
                    address => address.to_owned(),
                },
                Network::Endpoint => "vpc endpoint".into(),
            },
            action: engine.actions[action].shown.clone(),
            resource: engine.resource(&request.target, action),
            keys: request
                .proof
                .values
                .iter()
                .map(|(key, candidate)| {
                    (engine.keys[*key].clone(), candidate.value.clone().unwrap_or_default())
                })
                .collect(),
        }
    }

    /// What bounds a request or keeps it in doubt.
    fn bounds(&self, request: &AllowedRequest, addresses: Option<&String>) -> BTreeSet<String> {
        let mut bound = BTreeSet::new();
        bound.extend(addresses.cloned());
        let bounding = Attainability::BOUND | Attainability::IN_DOUBT;
        let proof = &request.proof;
        let values = if proof.attainability.intersects(bounding) { &proof.values[..] } else { &[] };
        for (key, candidate) in values {
            if candidate.attainability.intersects(bounding) {
                let value = candidate.value.iter().flatten().cloned().collect::<Vec<_>>().join(",");
                bound.insert(bound_text(&self.engine.keys[*key], &value, candidate.attainability));
            }
        }
        if let Some(PointAccount { id, named: true }) =
            &self.engine.points[request.route.point].account
        {
            bound.insert(format!("access-point:{id}"));
        }
        bound.extend(proof.allows.iter().filter_map(|number| self.engine.doubt_of(*number)));
        let form = &self.engine.callers[request.caller].form;
        if let Form::Federated { provider, unknown: true, .. } = form
            && !proof.attainability.contains(Attainability::NAMED)
        {
            let host = keys::issuer(provider);
            bound.insert(format!("not known whether {host} serves one customer or all"));
        }
        if request.target.unknown_action {
            bound.insert("unknown-action".into());
        }
        bound
    }

    /// The grants, worst first.
    pub fn finish(self) -> Vec<Grant> {
        let mut grants = self.grants;
        let key = |grant: &Grant| (grant.verdict, grant.who.clone(), grant.bound.clone());
        grants.sort_by_cached_key(key);
        let mut covered = covered_by_anyone(&grants).into_iter();
        grants.retain(|_| !covered.next().unwrap_or_default());
        grants
    }
}

/// For each grant, whether it is one of any AWS account that adds nothing to one of anyone: what
/// can be done without credentials, every AWS account can do as well. The same holds for a service
/// that nobody names, which is not worse than any AWS account.
fn covered_by_anyone(grants: &[Grant]) -> Vec<bool> {
    type ByVia<'g> = BTreeMap<(Verdict, &'g String), Vec<&'g Grant>>;
    let (mut of_anyone, mut of_any_aws) = (ByVia::new(), ByVia::new());
    for grant in grants {
        let wide = match grant.who {
            Who::Anyone => &mut of_anyone,
            Who::AnyAws => &mut of_any_aws,
            _ => continue,
        };
        for statement in &grant.via {
            let known = wide.entry((grant.verdict, statement)).or_default();
            // Grants that differ in their bounds alone cover the same.
            let last = known.last();
            if last.is_none_or(|last| last.actions != grant.actions || last.via != grant.via) {
                known.push(grant);
            }
        }
    }
    let covered = |grant: &Grant| {
        let (verdict, wide) = match grant.who {
            Who::AnyAws => (grant.verdict, &[&of_anyone][..]),
            _ if grant.who.is_any_service() => (Verdict::Public, &[&of_anyone, &of_any_aws][..]),
            _ => return false,
        };
        let first = grant.via.first();
        let wider =
            wide.iter().flat_map(|wide| first.and_then(|first| wide.get(&(verdict, first))));
        wider.flatten().any(|wider| {
            grant.access.is_subset(&wider.access)
                && grant.actions.is_subset(&wider.actions)
                && grant.via.is_subset(&wider.via)
        })
    };
    grants.iter().map(covered).collect()
}

fn bound_text(key: &str, value: &str, attainability: Attainability) -> String {
    match key {
        "aws:sourcevpc" | "aws:sourcevpcarn" | "aws:ec2instancesourcevpc" => {
            format!("vpc:{value}")
        }
        "aws:sourcevpce" => format!("vpce:{value}"),
        "aws:currenttime" => "time".into(),
        "sts:externalid" | "lambda:eventsourcetoken" => "secret".into(),
        "sns:endpoint" => format!("endpoint:{value}"),
        "elasticfilesystem:accessedviamounttarget" => "mount-target".into(),
        key if key.starts_with("s3:dataaccesspoint") => format!("access-point:{value}"),
        key if attainability.contains(Attainability::IN_DOUBT) => format!("unknown-key:{key}"),
        key => format!("{key}:{value}"),
    }
}

/// Actions by which people know what a grant is worth, first the best known. Others come after them:
/// what reads and lists before what writes.
const TELLING: &[&str] = &[
    "s3:getobject",
    "s3:listbucket",
    "s3:putobject",
    "s3:deleteobject",
    "sqs:receivemessage",
    "sqs:sendmessage",
    "sns:subscribe",
    "sns:publish",
    "kms:decrypt",
    "lambda:invokefunctionurl",
    "lambda:invokefunction",
    "secretsmanager:getsecretvalue",
    "sts:assumerole",
    "sts:assumerolewithwebidentity",
    "ecr:batchgetimage",
    "elasticfilesystem:clientmount",
    "dynamodb:getitem",
    "es:eshttpget",
    "events:putevents",
    "execute-api:invoke",
];

/// The rank of an action as an example; less is better.
fn rank(action: &Action) -> usize {
    let known = TELLING.iter().position(|name| *name == action.name);
    known.unwrap_or(match action.access {
        Access::Read => TELLING.len(),
        Access::List => TELLING.len() + 1,
        _ => TELLING.len() + 2,
    })
}

/// The action of a request that tells most.
fn most_telling(engine: &Engine<'_>, request: &AllowedRequest) -> usize {
    let actions = request.target.actions.iter().copied();
    actions.min_by_key(|action| rank(&engine.actions[*action])).unwrap_or_default()
}

fn telling(engine: &Engine<'_>, request: &AllowedRequest) -> usize {
    rank(&engine.actions[most_telling(engine, request)])
}

fn describe(caller: &Caller) -> String {
    match &caller.form {
        Form::Unsigned => "an unsigned request".into(),
        Form::Signed => match (&caller.attributes.canonical, &caller.attributes.account) {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::analysis::aws::policy::search::testing::{allow, with_engine};

    /// Calls `check` with a builder and all allowed requests of a policy.
    fn with_requests(
        policy: &Value,
        check: impl FnOnce(GrantBuilder<'_, '_>, &Engine<'_>, Vec<AllowedRequest>),
    ) {
        with_engine(policy, |engine| {
            let mut requests = Vec::new();
            engine.run(&mut |request| requests.push(request));
            check(GrantBuilder::new(engine), engine, requests);
        });
    }

    fn unsigned<'r>(engine: &Engine<'_>, requests: &'r [AllowedRequest]) -> &'r AllowedRequest {
        let first =
            requests.iter().find(|request| engine.callers[request.caller].form == Form::Unsigned);
        first.expect("anyone has a request")
    }

    #[test]
    fn a_request_is_recorded_once_and_a_bound_makes_another_grant() {
        let policy = json!([allow("s3:GetObject", "*", &json!({}))]);
        with_requests(&policy, |mut builder, engine, requests| {
            let request = unsigned(engine, &requests);
            let anyone = || Who::Anyone;
            let addresses = "ip:203.0.113.0/24".to_owned();
            for (bound, expected) in [
                (None, New::Grant),
                (None, New::Nothing),
                (Some(&addresses), New::Grant),
                (Some(&addresses), New::Nothing),
            ] {
                let verdict = Verdict::Public;
                let new = builder.record(verdict, anyone, bound, false, request);
                assert_eq!(new, expected, "{bound:?}");
            }
            let grants = builder.finish();
            let bounds: Vec<usize> = grants.iter().map(|grant| grant.bound.len()).collect();
            assert_eq!(bounds, [0, 1]);
        });
    }

    #[test]
    fn a_grant_shows_statements_conditions_and_denies() {
        let tls = json!({"Bool": {"aws:SecureTransport": "true"}});
        let mut deny = allow("s3:GetObject", "private/*", &json!({}));
        deny["Effect"] = "Deny".into();
        deny["Condition"] = json!({"StringNotEquals": {"aws:Referer": "acme"}});
        let policy = json!([allow("s3:GetObject", "*", &tls), deny]);
        with_requests(&policy, |mut builder, engine, requests| {
            let own = requests.iter().filter(|r| engine.callers[r.caller].form == Form::Unsigned);
            for request in own {
                builder.record(Verdict::Public, || Who::Anyone, None, false, request);
            }
            let grants = builder.finish();
            let [grant] = &grants[..] else { panic!("{grants:?}") };
            let texts = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
            assert_eq!(texts(&grant.via), ["#1"]);
            assert_eq!(texts(&grant.cut_by), ["#2"]);
            assert_eq!(texts(&grant.actions), ["s3:GetObject"]);
            assert_eq!(texts(&grant.residual), ["Bool aws:SecureTransport `true`"]);
            assert_eq!(grant.example.keys["aws:securetransport"], ["true"]);
        });
    }

    #[test]
    fn a_grant_of_any_account_that_anyone_has_is_left_out() {
        let policy = json!([allow("s3:GetObject", "*", &json!({}))]);
        for (signed, kept) in [
            (Verdict::Public, vec![Who::Anyone]),
            // Another verdict says something else.
            (Verdict::Bounded, vec![Who::Anyone, Who::AnyAws]),
        ] {
            with_requests(&policy, |mut builder, engine, requests| {
                let request = unsigned(engine, &requests);
                builder.record(Verdict::Public, || Who::Anyone, None, false, request);
                let other = requests
                    .iter()
                    .find(|r| engine.callers[r.caller].form == Form::Signed)
                    .expect("every account has a request");
                builder.record(signed, || Who::AnyAws, None, false, other);
                let who: Vec<Who> = builder.finish().into_iter().map(|grant| grant.who).collect();
                assert_eq!(who, kept);
            });
        }
    }
}
