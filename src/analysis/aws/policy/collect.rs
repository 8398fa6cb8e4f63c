//! From single requests that are allowed to grants: strangers' addresses are added up, and who is
//! named has a grant of their own only where strangers have none.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::{AddressSet, Block};
use super::callers::{Caller, Form};
use super::choices::{BOUND, DOUBT, NAMED};
use super::engine::{Engine, Level, Network, Success};
use super::grant::{Example, Grant, Who};
use super::keys;
use super::resource::Target;
use super::services::{CHECKING_SERVICES, Kind};
use super::verdict::Verdict;

type Place = (usize, usize);
/// The Allow of each layer.
type Pair = (Option<usize>, Option<usize>);
/// Network, access point, address class, target, Allow statements, form of caller.
type Way = (Network, usize, usize, usize, Pair, u8);

/// Runs the engine and sorts what it finds.
pub fn grants(engine: &Engine<'_>, kind: &Kind) -> Vec<Grant> {
    let mut seen: FxHashMap<Way, Vec<(usize, Level)>> = FxHashMap::default();
    let mut found = Collector {
        engine,
        kind,
        grants: BTreeMap::new(),
        told: FxHashSet::default(),
        widths: FxHashMap::default(),
    };
    // Requests of strangers by caller, way and target: their addresses have to be added up.
    let mut strangers: BTreeMap<(usize, Network, Place), Stranger> = BTreeMap::new();
    engine.run(&mut |success| {
        let caller = &engine.callers[success.caller];
        let form = match caller.form {
            Form::Unsigned => 0,
            Form::Signed => 1,
            Form::Service(_) => 2,
            Form::Federated { .. } => 3,
        };
        let place = (
            success.network,
            success.point,
            success.address,
            success.target_number,
            success.found.pair(),
            form,
        );
        let others = seen.entry(place).or_default();
        engine.budget.take(20 + others.len() / 2);
        // Somebody who is named has a grant of their own only where a stranger has not.
        let mut wider = others
            .iter()
            .take_while(|(other, _)| engine.callers[*other].names.count() < caller.names.count());
        let covered = wider.any(|(other, level)| {
            let names = &engine.callers[*other].names;
            *level <= success.found.level && caller.names != *names && caller.names.within(names)
        });
        if covered {
            return;
        }
        others.push((success.caller, success.found.level));
        let told = found.cost(&success);
        let new = if caller.names.count() == 0 {
            let class = engine.classes.get(success.address);
            engine.budget.take(class.map_or(0, |class| class.set.blocks().len() / 8));
            let place = (success.point, success.target_number);
            let of_place = strangers.entry((success.caller, success.network, place)).or_default();
            of_place.add(success)
        } else {
            found.named(caller, &success)
        };
        if new {
            engine.budget.take(told);
        }
    });
    for ((caller, network, _), stranger) in &strangers {
        found.stranger(&engine.callers[*caller], *network, stranger);
    }
    found.finish()
}

/// Classes of addresses, and how surely a request from there is allowed.
type Addresses = Vec<(usize, Level)>;

/// What a stranger may do in one way with one target.
#[derive(Default)]
struct Stranger {
    /// From where, and how surely.
    addresses: Addresses,
    /// One request of each kind.
    requests: Vec<Success>,
    said: FxHashSet<usize>,
}

impl Stranger {
    /// Whether there was no such request yet.
    fn add(&mut self, success: Success) -> bool {
        if success.found.flags & NAMED == 0 {
            self.addresses.push((success.address, success.found.level));
        }
        let new = self.said.insert(success.said);
        if new {
            self.requests.push(success);
        }
        new
    }
}

struct Collector<'e, 'a> {
    engine: &'e Engine<'a>,
    kind: &'e Kind,
    /// With a number for each.
    grants: BTreeMap<(Verdict, Who, BTreeSet<String>), (usize, Grant)>,
    told: FxHashSet<Told>,
    widths: FxHashMap<(Network, Addresses), Rc<Width>>,
}

/// Whether requests that are certain come from everywhere, whether those in doubt do, and the
/// addresses of all where they do not.
type Width = (bool, bool, Option<String>);

/// Number of the grant, target (by where it is kept), Allow statements, certainty, flags: what a
/// grant was told already, whatever values it takes.
type Told = (usize, *const Target, Pair, Level, u8);

impl Collector<'_, '_> {
    /// Steps of telling a grant of a request that it did not know.
    fn cost(&self, success: &Success) -> usize {
        let tests = |number: &usize| self.engine.statement(*number).tests.len();
        let tests: usize = success.found.allows.iter().map(tests).sum();
        let concerned = success.target.statements.len() + success.found.values.len();
        60 + 6 * success.target.actions.len() + 4 * tests + concerned
    }

    /// Whether a grant was told anything new.
    fn named(&mut self, caller: &Caller, success: &Success) -> bool {
        let names = &caller.names;
        let source = caller.source.as_ref();
        let mut deputy = false;
        let (verdict, who) = if let Some(service) = &names.service {
            let stranger = source.is_none_or(|s| !s.own && names.source.is_none());
            let pinned = names.source_arn.is_some() || names.org.is_some();
            // A bucket's name can be taken over once it is deleted, so Lambda asks for the account
            // of the bucket besides its ARN; an organization says as much.
            let bucket_alone = self.kind.is("aws.lambda.function")
                && names.source_arn.is_some()
                && names.org.is_none();
            deputy = stranger
                && (!pinned || bucket_alone)
                && !self.kind.is("aws.iam.role")
                && !CHECKING_SERVICES.contains(&service.as_str());
            (Verdict::Service, Who::Service(service.clone()))
        } else if let Some(source) = source {
            if source.own {
                return false; // the owner's own resource
            }
            let who = match (&names.source, &names.source_arn) {
                (Some(account), _) => Who::Account(account.clone()),
                (None, Some(arn)) => Who::Source(arn.clone()),
                (None, None) => match &names.org {
                    Some(org) => Who::Org(org.clone()),
                    None => return false,
                },
            };
            (Verdict::CrossAccount, who)
        } else {
            let who = match (&names.account, &names.unique, &names.org, &names.canonical) {
                (Some(account), ..) => Who::Account(account.clone()),
                (_, Some(id), ..) => Who::Unique(id.clone()),
                (_, _, Some(org), _) => Who::Org(org.clone()),
                (.., Some(id)) => Who::Canonical(id.clone()),
                _ => match &names.provider {
                    Some(host) => Who::Provider(host.clone()),
                    None => return false,
                },
            };
            (Verdict::CrossAccount, who)
        };
        let bound = self.bounds(success, None);
        self.add(verdict, who, bound, deputy, success)
    }

    fn stranger(&mut self, caller: &Caller, network: Network, stranger: &Stranger) {
        let who = match &caller.form {
            Form::Unsigned => Who::Anyone,
            Form::Signed | Form::Service(_) => Who::AnyAws,
            Form::Federated { .. } => Who::Federated,
        };
        // Claims that pin an owner make a token's holder somebody whom the policy names.
        let (pinned, rest): (Vec<&Success>, Vec<&Success>) =
            stranger.requests.iter().partition(|success| success.found.flags & NAMED != 0);
        for success in pinned {
            if let Form::Federated { provider, .. } = &caller.form {
                let who = Who::Provider(keys::issuer(provider).to_owned());
                let bound = self.bounds(success, None);
                self.add(Verdict::CrossAccount, who, bound, false, success);
            }
        }
        let width = self.width(network, &stranger.addresses);
        let (open, doubtful, narrow) = &*width;
        for success in rest {
            let verdict = match success.found.level {
                Level::Open if *open => Verdict::Public,
                Level::Open | Level::Doubtful if *doubtful => Verdict::Conditional,
                _ => Verdict::Bounded,
            };
            let narrow = narrow.as_ref().filter(|_| verdict == Verdict::Bounded);
            let bound = self.bounds(success, narrow);
            self.add(verdict, who.clone(), bound, false, success);
        }
    }

    /// What the addresses of one place add up to; many places have the same.
    fn width(&mut self, network: Network, from: &[(usize, Level)]) -> Rc<Width> {
        let classes = &self.engine.classes;
        let compute = || {
            let of_level = |worst: Level| from.iter().filter(move |(_, level)| *level <= worst);
            let addresses = |worst: Level| -> AddressSet {
                let of_level = of_level(worst).filter_map(|(address, _)| classes.get(*address));
                let blocks: Vec<Block> =
                    of_level.flat_map(|class| class.set.blocks()).copied().collect();
                AddressSet::of(blocks)
            };
            let wide = |worst: Level| match network {
                Network::Internet => addresses(worst).is_broad(),
                Network::Endpoint => of_level(worst).next().is_some(),
            };
            let all = addresses(Level::Bound);
            let narrow = (network == Network::Internet && !all.is_broad())
                .then(|| format!("ip:{}", all.texts().join(",")));
            Rc::new((wide(Level::Open), wide(Level::Doubtful), narrow))
        };
        let known = self.widths.entry((network, from.to_vec()));
        Rc::clone(known.or_insert_with(compute))
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

    /// Whether the grant was told anything new.
    fn add(
        &mut self,
        verdict: Verdict,
        who: Who,
        bound: BTreeSet<String>,
        confused_deputy: bool,
        success: &Success,
    ) -> bool {
        let engine = self.engine;
        let example = || Example {
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
        };
        let next = self.grants.len();
        let key = (verdict, who, bound);
        let (number, grant) = match self.grants.get_mut(&key) {
            Some(known) => known,
            None => self.grants.entry(key).or_insert_with_key(|(verdict, who, bound)| {
                let grant = Grant {
                    who: who.clone(),
                    verdict: *verdict,
                    access: BTreeSet::new(),
                    actions: BTreeSet::new(),
                    resources: BTreeSet::new(),
                    bound: bound.clone(),
                    residual: BTreeSet::new(),
                    via: BTreeSet::new(),
                    cut_by: BTreeSet::new(),
                    confused_deputy: false,
                    example: example(),
                };
                (next, grant)
            }),
        };
        grant.confused_deputy |= confused_deputy;
        let told = (
            *number,
            Rc::as_ptr(&success.target),
            success.found.pair(),
            success.found.level,
            success.found.flags,
        );
        if !self.told.insert(told) {
            return false;
        }
        for action in &success.target.actions {
            grant.access.insert(engine.actions[*action].access);
            let shown = &engine.actions[*action].shown;
            if !grant.actions.contains(shown) {
                grant.actions.insert(shown.clone());
            }
        }
        for allow in &success.found.allows {
            let statement = engine.statement(*allow);
            if grant.via.insert(statement.label.clone()) {
                let not = if statement.resources.negated { "not " } else { "" };
                grant
                    .resources
                    .extend(statement.resources.any.iter().map(|r| format!("{not}{}", r.text())));
                let free = |test: &&super::condition::Test| {
                    success.found.values.iter().any(|(key, choice)| {
                        engine.keys[*key] == keys::canonical(&test.key) && choice.flags == 0
                    })
                };
                let tests = statement.tests.iter().filter(free);
                grant.residual.extend(tests.map(|test| test.shown.clone()));
            }
        }
        for number in &success.target.statements {
            let statement = engine.statement(*number);
            if !statement.allow && !grant.cut_by.contains(&statement.label) {
                grant.cut_by.insert(statement.label.clone());
            }
        }
        true
    }

    fn finish(self) -> Vec<Grant> {
        let mut grants: Vec<Grant> = self.grants.into_values().map(|(_, grant)| grant).collect();
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
