//! From single requests that are allowed to grants: strangers' addresses are added up, and who is
//! named has a grant of their own only where strangers have none.

use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::{AddressSet, Block};
use super::callers::{Caller, Form};
use super::choices::NAMED;
use super::engine::{Engine, Level, Network, Success};
use super::grant::{Grant, Who};
use super::keys;
use super::ledger::{Ledger, NEW_GRANT, Pair};
use super::services::{CHECKING_SERVICES, Kind};
use super::verdict::Verdict;
use crate::inventory::aws::kinds;

/// Network, access point, address class, target, Allow statements, form of caller.
type Way = (Network, usize, usize, usize, Pair, u8);
/// Caller, network, access point, target.
type Spot = (usize, Network, usize, usize);
/// Classes of addresses, and how surely a request from there is allowed.
type Addresses = Vec<(usize, Level)>;

/// Runs the engine and sorts what it finds.
pub fn grants(engine: &Engine<'_>, kind: &Kind) -> Vec<Grant> {
    let mut seen: FxHashMap<Way, Others> = FxHashMap::default();
    let mut found = Collector {
        engine,
        kind,
        ledger: Ledger::new(engine),
        strangers: Strangers::default(),
        widths: FxHashMap::default(),
    };
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
        let this = (success.caller, success.found.level);
        let covered = match seen.entry(place) {
            Entry::Vacant(none) => {
                engine.budget.take(30);
                none.insert(Others { first: this, rest: Vec::new() });
                false
            }
            Entry::Occupied(mut others) => {
                let others = others.get_mut();
                engine.budget.take(30 + others.rest.len() / 2);
                let covered = others.cover(engine, this);
                if !covered {
                    others.rest.push(this);
                }
                covered
            }
        };
        if covered {
            return;
        }
        let told = if caller.names.count() == 0 {
            let class = engine.classes.get(success.address);
            let blocks = class.map_or(0, |class| class.set.blocks().len());
            let cost = found.ledger.cost(&success);
            blocks / 8
                + match found.strangers.add(success) {
                    New::Nothing => 0,
                    New::Target => cost,
                    New::Grant => NEW_GRANT * cost,
                }
        } else {
            found.named(caller, &success)
        };
        engine.budget.take(told);
    });
    found.strangers();
    found.ledger.finish()
}

/// Callers with the same requests, in the order in which they came.
struct Others {
    first: (usize, Level),
    rest: Vec<(usize, Level)>,
}

impl Others {
    /// Whether one of them may do what another caller may. Somebody who is named has a grant of
    /// their own only where a stranger has not.
    fn cover(&self, engine: &Engine<'_>, (caller, least): (usize, Level)) -> bool {
        let caller = &engine.callers[caller];
        std::iter::once(&self.first)
            .chain(&self.rest)
            .take_while(|(other, _)| engine.callers[*other].names.count() < caller.names.count())
            .any(|(other, level)| {
                let names = &engine.callers[*other].names;
                *level <= least && caller.names != *names && caller.names.within(names)
            })
    }
}

/// Requests of strangers by caller, way and target: their addresses have to be added up.
#[derive(Default)]
struct Strangers {
    /// From where, and how surely.
    addresses: Vec<(Spot, (usize, Level))>,
    /// One request of each kind.
    requests: Vec<(Spot, Success)>,
    said: FxHashSet<(Spot, usize)>,
    /// Caller, access point and what was said of them.
    grants: FxHashSet<(usize, usize, usize)>,
}

/// What a request adds to those before it.
enum New {
    Nothing,
    /// A target of a grant that was there.
    Target,
    Grant,
}

impl Strangers {
    fn add(&mut self, success: Success) -> New {
        let spot = (success.caller, success.network, success.point, success.target_number);
        if success.found.flags & NAMED == 0 {
            self.addresses.push((spot, (success.address, success.found.level)));
        }
        if !self.said.insert((spot, success.said)) {
            return New::Nothing;
        }
        let new = self.grants.insert((success.caller, success.point, success.said));
        self.requests.push((spot, success));
        if new { New::Grant } else { New::Target }
    }
}

struct Collector<'e, 'a> {
    engine: &'e Engine<'a>,
    kind: &'e Kind,
    ledger: Ledger<'e, 'a>,
    strangers: Strangers,
    widths: FxHashMap<(Network, Addresses), Rc<Width>>,
}

/// Whether requests that are certain come from everywhere, whether those in doubt do, and the
/// addresses of all where they do not.
type Width = (bool, bool, Option<String>);

impl Collector<'_, '_> {
    /// Tells the grant of somebody who is named; the steps of that.
    fn named(&mut self, caller: &Caller, success: &Success) -> usize {
        let names = &caller.names;
        let source = caller.source.as_ref();
        let mut deputy = false;
        let (verdict, who) = if let Some(service) = &names.service {
            let stranger = source.is_none_or(|s| !s.own && names.source.is_none());
            let pinned = names.source_arn.is_some() || names.org.is_some();
            // A bucket's name can be taken over once it is deleted, so Lambda asks for the account
            // of the bucket besides its ARN; an organization says as much.
            let bucket_alone = self.kind.is(&kinds::LAMBDA_FUNCTION)
                && names.source_arn.is_some()
                && names.org.is_none();
            deputy = stranger
                && (!pinned || bucket_alone)
                && !self.kind.is(&kinds::IAM_ROLE)
                && !CHECKING_SERVICES.contains(&service.as_str());
            (Verdict::Service, Who::Service(service.clone()))
        } else if let Some(source) = source {
            if source.own {
                return 0; // the owner's own resource
            }
            let who = match (&names.source, &names.source_arn) {
                (Some(account), _) => Who::Account(account.clone()),
                (None, Some(arn)) => Who::Source(arn.clone()),
                (None, None) => match &names.org {
                    Some(org) => Who::Org(org.clone()),
                    None => return 0,
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
                    None => return 0,
                },
            };
            (Verdict::CrossAccount, who)
        };
        self.ledger.tell(verdict, || who, None, deputy, success)
    }

    fn strangers(&mut self) {
        let Strangers { mut addresses, mut requests, .. } = std::mem::take(&mut self.strangers);
        addresses.sort_unstable();
        addresses.dedup();
        requests.sort_by_key(|(spot, _)| *spot);
        let mut addresses = addresses.chunk_by(|(one, _), (other, _)| one == other).peekable();
        for requests in requests.chunk_by(|(one, _), (other, _)| one == other) {
            let from = addresses.next_if(|from| from[0].0 == requests[0].0).unwrap_or_default();
            self.stranger(from, requests);
        }
    }

    fn stranger(&mut self, from: &[(Spot, (usize, Level))], requests: &[(Spot, Success)]) {
        let (caller, network, ..) = requests[0].0;
        let form = &self.engine.callers[caller].form;
        let who = match form {
            Form::Unsigned => Who::Anyone,
            Form::Signed | Form::Service(_) => Who::AnyAws,
            Form::Federated { .. } => Who::Federated,
        };
        let from = from.iter().map(|(_, from)| *from).collect();
        let width = self.width(network, from);
        let (open, doubtful, narrow) = &*width;
        for (_, success) in requests {
            // Claims that pin an owner make a token's holder somebody whom the policy names.
            if success.found.flags & NAMED != 0 {
                if let Form::Federated { provider, .. } = form {
                    let who = || Who::Provider(keys::issuer(provider).to_owned());
                    self.ledger.tell(Verdict::CrossAccount, who, None, false, success);
                }
                continue;
            }
            let verdict = match success.found.level {
                Level::Open if *open => Verdict::Public,
                Level::Open | Level::Doubtful if *doubtful => Verdict::Conditional,
                _ => Verdict::Bounded,
            };
            let narrow = narrow.as_ref().filter(|_| verdict == Verdict::Bounded);
            self.ledger.tell(verdict, || who.clone(), narrow, false, success);
        }
    }

    /// What the addresses of one place add up to; many places have the same.
    fn width(&mut self, network: Network, from: Addresses) -> Rc<Width> {
        let classes = &self.engine.classes;
        let compute = |from: &[(usize, Level)]| {
            let sum = |worst: Level| -> AddressSet {
                let of_level = from.iter().filter(|(_, level)| *level <= worst);
                let of_level = of_level.filter_map(|(address, _)| classes.get(*address));
                let blocks: Vec<Block> =
                    of_level.flat_map(|class| class.set.blocks()).copied().collect();
                AddressSet::of(blocks)
            };
            let count = |worst: Level| from.iter().filter(|(_, level)| *level <= worst).count();
            if network == Network::Endpoint {
                return Rc::new((count(Level::Open) > 0, count(Level::Doubtful) > 0, None));
            }
            let all = sum(Level::Bound);
            let is_broad = all.is_broad();
            let wide = |worst: Level| match count(worst) {
                0 => false,
                some if some == count(Level::Bound) => is_broad,
                _ => is_broad && sum(worst).is_broad(),
            };
            let narrow = (!is_broad).then(|| format!("ip:{}", all.texts().join(",")));
            Rc::new((wide(Level::Open), wide(Level::Doubtful), narrow))
        };
        let known = self.widths.entry((network, from));
        Rc::clone(known.or_insert_with_key(|(_, from)| compute(from)))
    }
}
