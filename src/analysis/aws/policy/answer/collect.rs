//! From allowed requests to grants. The addresses of unnamed callers are added up, and a named
//! principal has a grant of its own only where unnamed callers have none.

use crate::inventory::aws::kinds;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::builder::{GrantBuilder, New};
use super::grant::{Grant, Who};
use super::verdict::Verdict;
use crate::analysis::aws::policy::addresses::{AddressSet, Block};
use crate::analysis::aws::policy::language::keys;
use crate::analysis::aws::policy::search::candidates::Attainability;
use crate::analysis::aws::policy::search::engine::{Engine, Network, Route};
use crate::analysis::aws::policy::search::principals::caller::{Caller, Form, PrincipalAttributes};
use crate::analysis::aws::policy::search::requests::{AllowEach, AllowedRequest, Certainty};
use crate::analysis::aws::policy::services::{CHECKING_SERVICES, Kind};

/// Requests that may have several callers, of which one may cover another.
#[derive(PartialEq, Eq, Hash)]
struct SharedRequest {
    route: Route,
    target: usize,
    allows: AllowEach,
    form: u8,
}

/// Who makes a request, on what, and by which access point: requests that differ from one another
/// in their source address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Spot {
    caller: usize,
    network: Network,
    point: usize,
    target: usize,
}

/// A class of source addresses, and how certain it is that a request from there is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct AllowedFrom {
    address: usize,
    certainty: Certainty,
}

/// Runs the engine and builds the grants of what it finds.
pub fn grants(engine: &Engine<'_>, kind: &Kind) -> Vec<Grant> {
    let mut seen: FxHashMap<SharedRequest, CallersOfRequest> = FxHashMap::default();
    let mut found = Collector {
        engine,
        kind,
        builder: GrantBuilder::new(engine),
        unnamed: UnnamedRequests::default(),
        widths: FxHashMap::default(),
    };
    engine.run(&mut |request| {
        let caller = &engine.callers[request.caller];
        let shared = SharedRequest {
            route: request.route,
            target: request.target_number,
            allows: request.proof.each(),
            form: match caller.form {
                Form::Unsigned => 0,
                Form::Signed => 1,
                Form::Service(_) => 2,
                Form::Federated { .. } => 3,
            },
        };
        engine.budget.cases(1);
        let this = (request.caller, request.proof.certainty);
        let covered = match seen.entry(shared) {
            Entry::Vacant(none) => {
                none.insert(CallersOfRequest { first: this, rest: Vec::new() });
                false
            }
            Entry::Occupied(mut others) => {
                let others = others.get_mut();
                engine.budget.states(others.rest.len());
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
        if caller.attributes.count() > 0 {
            found.record_named(caller, &request);
            return;
        }
        // Requests of unnamed callers are recorded at the end, when no limit may stop that.
        let class = engine.classes.get(request.route.address);
        engine.budget.states(class.map_or(0, |class| class.set.blocks().len()));
        let entries = found.builder.entries(&request);
        found.unnamed.add(request).count(entries, &engine.budget);
    });
    found.record_unnamed();
    found.builder.finish()
}

/// The callers of one request, in the order in which they came, with the certainty for each.
struct CallersOfRequest {
    first: (usize, Certainty),
    rest: Vec<(usize, Certainty)>,
}

impl CallersOfRequest {
    /// Whether one of them stands for a caller and may do as much: a named principal has a grant
    /// of its own only where no unnamed caller has it.
    fn cover(&self, engine: &Engine<'_>, (caller, least): (usize, Certainty)) -> bool {
        let caller = &engine.callers[caller];
        let own = caller.attributes.count();
        std::iter::once(&self.first)
            .chain(&self.rest)
            .take_while(|(other, _)| {
                // Of those that have as many, only one without a source can stand for this one.
                let count = engine.callers[*other].attributes.count();
                count < own || count == own && caller.source.is_some()
            })
            .any(|(other, certainty)| {
                let other = &engine.callers[*other];
                let wider = caller.attributes != other.attributes
                    && caller.attributes.within(&other.attributes);
                // Where no source need be named, naming one adds nothing.
                let sourceless = caller.attributes == other.attributes
                    && caller.source.is_some()
                    && other.source.is_none();
                *certainty <= least && (wider || sourceless)
            })
    }
}

/// Requests of callers that the policy does not name, kept until the addresses of each spot can be
/// added up.
#[derive(Default)]
struct UnnamedRequests {
    from: Vec<(Spot, AllowedFrom)>,
    /// One request for each spot and signature.
    requests: Vec<(Spot, AllowedRequest)>,
    signatures: FxHashSet<(Spot, usize)>,
    grants: FxHashSet<UnnamedGrant>,
}

/// What the requests of one grant have in common.
#[derive(PartialEq, Eq, Hash)]
struct UnnamedGrant {
    caller: usize,
    point: usize,
    signature: usize,
}

impl UnnamedRequests {
    fn add(&mut self, request: AllowedRequest) -> New {
        let AllowedRequest { caller, route, signature, .. } = request;
        let spot = Spot {
            caller,
            network: route.network,
            point: route.point,
            target: request.target_number,
        };
        if !request.proof.attainability.contains(Attainability::NAMED) {
            let certainty = request.proof.certainty;
            self.from.push((spot, AllowedFrom { address: route.address, certainty }));
        }
        if !self.signatures.insert((spot, signature)) {
            return New::Nothing;
        }
        let new = self.grants.insert(UnnamedGrant { caller, point: route.point, signature });
        self.requests.push((spot, request));
        if new { New::Grant } else { New::Target }
    }
}

struct Collector<'e, 'a> {
    engine: &'e Engine<'a>,
    kind: &'e Kind,
    builder: GrantBuilder<'e, 'a>,
    unnamed: UnnamedRequests,
    /// Many spots have the same addresses.
    widths: FxHashMap<(Network, Vec<AllowedFrom>), Rc<Width>>,
}

/// What the addresses of a spot add up to.
struct Width {
    /// Requests that are certain come from everywhere.
    certain: bool,
    /// Requests that are certain or in doubt come from everywhere.
    in_doubt: bool,
    /// The addresses of all requests, where they are not everywhere.
    narrow: Option<String>,
}

impl Collector<'_, '_> {
    /// Records a request of a caller that the policy names.
    fn record_named(&mut self, caller: &Caller, request: &AllowedRequest) {
        let attributes = &caller.attributes;
        let source = caller.source.as_ref();
        let mut deputy = false;
        let (verdict, who) = if let Some(service) = &attributes.service {
            let external = source.is_none_or(|s| !s.own && attributes.source.is_none());
            let pinned = attributes.source_arn.is_some() || attributes.org.is_some();
            // A bucket's name can be taken over once it is deleted, so Lambda asks for the account
            // of the bucket besides its ARN; an organization says as much.
            let bucket_alone = self.kind.is(&kinds::LAMBDA_FUNCTION)
                && attributes.source_arn.is_some()
                && attributes.org.is_none();
            deputy = external
                && (!pinned || bucket_alone)
                && !self.kind.is(&kinds::IAM_ROLE)
                && !CHECKING_SERVICES.contains(&service.as_str());
            (Verdict::Service, Who::Service(service.clone()))
        } else if let Some(source) = source {
            if source.own {
                return; // the owner's own resource
            }
            let who = match (&attributes.source, &attributes.source_arn) {
                (Some(account), _) => Who::Account(account.clone()),
                (None, Some(arn)) => Who::Source(arn.clone()),
                (None, None) => match &attributes.org {
                    Some(org) => Who::Org(org.clone()),
                    None => return,
                },
            };
            (Verdict::CrossAccount, who)
        } else {
            let PrincipalAttributes { account, unique, org, canonical, .. } = attributes;
            let who = match (account, unique, org, canonical) {
                (Some(account), ..) => Who::Account(account.clone()),
                (_, Some(id), ..) => Who::Unique(id.clone()),
                // Whether an account is a member of the organization is not known: the id names it.
                (.., Some(id)) => Who::Canonical(id.clone()),
                (_, _, Some(org), _) => Who::Org(org.clone()),
                _ => match &attributes.provider {
                    Some(host) => Who::Provider(host.clone()),
                    None => return,
                },
            };
            (Verdict::CrossAccount, who)
        };
        let entries = self.builder.entries(request);
        let new = self.builder.record(verdict, || who, None, deputy, request);
        new.count(entries, &self.engine.budget);
    }

    /// Records the requests of callers that the policy does not name.
    fn record_unnamed(&mut self) {
        let UnnamedRequests { mut from, mut requests, .. } = std::mem::take(&mut self.unnamed);
        from.sort_unstable();
        from.dedup();
        requests.sort_by_key(|(spot, _)| *spot);
        let mut from = from.chunk_by(|(one, _), (other, _)| one == other).peekable();
        for requests in requests.chunk_by(|(one, _), (other, _)| one == other) {
            let from = from.next_if(|from| from[0].0 == requests[0].0).unwrap_or_default();
            let from = from.iter().map(|(_, from)| *from).collect();
            self.record_spot(from, requests);
        }
    }

    fn record_spot(&mut self, from: Vec<AllowedFrom>, requests: &[(Spot, AllowedRequest)]) {
        let Spot { caller, network, .. } = requests[0].0;
        let Caller { form, source, .. } = &self.engine.callers[caller];
        // What any service may do without a source is not the public's: whoever wants to use it
        // has to find a service that can be made to call so (IAM user guide, "The confused deputy
        // problem"). A source that must be there and may be anything is the caller's own resource.
        if matches!(form, Form::Service(_)) && source.is_none() {
            let deputy = !self.kind.is(&kinds::IAM_ROLE);
            for (_, request) in requests {
                self.builder.record(Verdict::Service, Who::any_service, None, deputy, request);
            }
            return;
        }
        let who = match form {
            Form::Unsigned => Who::Anyone,
            Form::Signed | Form::Service(_) => Who::AnyAws,
            Form::Federated { .. } => Who::Federated,
        };
        let width = self.width(network, from);
        for (_, request) in requests {
            // A claim that pins an owner makes the holder of the token a named principal.
            if request.proof.attainability.contains(Attainability::NAMED) {
                if let Form::Federated { provider, .. } = form {
                    let who = || Who::Provider(keys::issuer(provider).to_owned());
                    self.builder.record(Verdict::CrossAccount, who, None, false, request);
                }
                continue;
            }
            let verdict = match request.proof.certainty {
                Certainty::Open if width.certain => Verdict::Public,
                Certainty::Open | Certainty::Doubtful if width.in_doubt => Verdict::Conditional,
                _ => Verdict::Bounded,
            };
            let narrow = width.narrow.as_ref().filter(|_| verdict == Verdict::Bounded);
            self.builder.record(verdict, || who.clone(), narrow, false, request);
        }
    }

    /// What the addresses of a spot add up to.
    fn width(&mut self, network: Network, from: Vec<AllowedFrom>) -> Rc<Width> {
        let classes = &self.engine.classes;
        let compute = |from: &[AllowedFrom]| {
            let sum = |worst: Certainty| -> AddressSet {
                let certain = from.iter().filter(|from| from.certainty <= worst);
                let classes = certain.filter_map(|from| classes.get(from.address));
                let blocks: Vec<Block> =
                    classes.flat_map(|class| class.set.blocks()).copied().collect();
                AddressSet::of(blocks)
            };
            let count =
                |worst: Certainty| from.iter().filter(|from| from.certainty <= worst).count();
            if network == Network::Endpoint {
                return Rc::new(Width {
                    certain: count(Certainty::Open) > 0,
                    in_doubt: count(Certainty::Doubtful) > 0,
                    narrow: None,
                });
            }
            let all = sum(Certainty::Bound);
            let is_broad = all.is_broad();
            let wide = |worst: Certainty| match count(worst) {
                0 => false,
                some if some == count(Certainty::Bound) => is_broad,
                _ => is_broad && sum(worst).is_broad(),
            };
            Rc::new(Width {
                certain: wide(Certainty::Open),
                in_doubt: wide(Certainty::Doubtful),
                narrow: (!is_broad).then(|| format!("ip:{}", all.texts().join(","))),
            })
        };
        let known = self.widths.entry((network, from));
        Rc::clone(known.or_insert_with_key(|(_, from)| compute(from)))
    }
}
