//! Walks requests: every caller from every place with every combination of values, on every sort
//! of action and resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::callers::{Caller, callers};
use super::evaluate::{self, Form, Keys, Outcome, Request};
use super::places::places;
use super::subjects::Subject;
use super::values::{Marks, product};
use super::world::{Asks, NETWORK, POINT, Way, World, entries, referenced};
use outcrop::analysis::aws::policy::services;

/// What a request asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Open,
    Doubt,
    /// To be somebody whom a claim names.
    Named,
    /// A fixed way in.
    Bound,
    /// Both.
    NamedAndBound,
}

impl Level {
    fn of(marks: Marks, sure: bool) -> Level {
        match (marks.bound, marks.named) {
            (true, true) => Level::NamedAndBound,
            (true, false) => Level::Bound,
            (false, true) => Level::Named,
            (false, false) if sure && !marks.doubt => Level::Open,
            (false, false) => Level::Doubt,
        }
    }
}

/// Where a request stands among all that are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Kind of caller.
    pub form: u8,
    /// Place on the network.
    pub cell: usize,
    /// Access point.
    pub point: usize,
    /// Action.
    pub action: usize,
    /// Resource.
    pub resource: usize,
    /// Statement that allows it, or the two that do together.
    pub allow: usize,
}

/// What was found: the best level at which each caller is allowed at each spot.
pub struct Walk {
    pub best: BTreeMap<Spot, BTreeMap<usize, Level>>,
    pub callers: Vec<Caller>,
    pub actions: Vec<services::Action>,
    /// A statement that may allow anything cannot be read.
    pub error: bool,
}

/// Action names that stand for all actions of their class and place that the policy treats alike.
fn actions(subject: &Subject, kind: &services::Kind) -> Vec<services::Action> {
    let mut seen = BTreeSet::new();
    kind.actions
        .iter()
        .filter(|action| {
            let named: Vec<bool> = subject
                .actions
                .iter()
                .map(|pattern| evaluate::glob(&pattern.to_lowercase(), &action.name))
                .collect();
            let special = ["sts:assumerole", "lambda:invokefunctionurl", "kms:retiregrant"]
                .iter()
                .any(|special| action.name.starts_with(special));
            let alone = special.then(|| action.name.clone());
            seen.insert((action.access, action.place == services::Place::Obj, named, alone))
        })
        .cloned()
        .collect()
}

/// The action of calling a function's URL.
const CALL_URL: &str = "lambda:invokefunctionurl";

/// Whether this kind of caller can send the action at all.
fn can_send(form: &Form, world: &World<'_>, action: &str) -> bool {
    let subject = world.subject;
    match world.way {
        Some(Way::Url { auth, .. }) => {
            // Without authentication nobody is known, whatever a request is signed with.
            return action == CALL_URL && (auth == "NONE") == (*form == Form::Unsigned);
        }
        Some(Way::Api) if action == CALL_URL || *form == Form::Unsigned => return false,
        _ => {}
    }
    let provider = match form {
        Form::Federated(provider) if provider.contains(":saml-provider/") => "saml",
        Form::Federated(_) => "oidc",
        _ => "",
    };
    match action {
        "sts:assumerole" => provider.is_empty(),
        "sts:assumerolewithsaml" => provider == "saml",
        "sts:assumerolewithwebidentity" => provider == "oidc",
        _ if subject.kind == "aws.lambda.function" && *form == Form::Unsigned => {
            action == "lambda:invokefunctionurl"
        }
        _ => true,
    }
}

/// What tells callers apart under these statements; those of one sort need be tried only once.
fn sort_of(
    world: &World<'_>,
    caller: &Caller,
    request: &Request,
    statements: &[&Value],
) -> (String, Vec<bool>) {
    let mut attributes = format!(
        "{:?} {:?} {} {} {} {:?} {:?}",
        caller.form,
        caller.named,
        caller.own,
        caller.sourceless,
        caller.guest,
        caller.keys.get("aws:principalorgid"),
        caller.keys.get("aws:sourceorgid"),
    );
    if ["aws:username", "aws:userid"].iter().any(|key| world.used.contains(*key)) {
        attributes.push_str(&format!("{:?}", caller.keys.get("aws:principaltype")));
    }
    // The id of a root user is the account.
    if world.used.contains("aws:userid") || world.used.contains("aws:chatbotsourcearn") {
        attributes.push_str(&caller.account);
    }
    if world.varies {
        attributes.push_str(&format!("{:?}", caller.keys));
    }
    let mut truth: Vec<bool> =
        statements.iter().map(|statement| evaluate::is_for(statement, request)).collect();
    for (operator, key, values) in statements.iter().flat_map(|statement| entries(statement)) {
        if !evaluate::is_malformed(&json!({operator.as_str(): {key.as_str(): values}})) {
            let outcome = evaluate::entry(operator, key, values, request, true, true);
            truth.push(outcome != Outcome::No);
        }
    }
    (attributes, truth)
}

fn number(form: &Form) -> u8 {
    match form {
        Form::Unsigned => 0,
        Form::Signed => 1,
        Form::Service(_) => 2,
        Form::Federated(_) => 3,
    }
}

/// Walks all requests, once for every way that the facts may be which nobody asked for: what is
/// allowed under all of them is as sure as under each, the rest is in doubt.
pub fn walk(world: &World<'_>) -> Walk {
    let facts = world.facts();
    let mut walks = facts.iter().map(|fact| walk_under(world, fact));
    let mut walk = walks.next().unwrap();
    let mut count = BTreeMap::new();
    for other in walks {
        for (spot, levels) in other.best {
            for (caller, level) in levels {
                *count.entry((spot, caller)).or_insert(0) += 1;
                let have = walk.best.entry(spot).or_default();
                match have.get_mut(&caller) {
                    Some(have) if *have != level => *have = (*have).min(level).max(Level::Doubt),
                    Some(_) => {}
                    None => {
                        have.insert(caller, level.max(Level::Doubt));
                    }
                }
            }
        }
    }
    for (spot, levels) in &mut walk.best {
        for (caller, level) in levels {
            let seen = count.get(&(*spot, *caller)).copied().unwrap_or_default();
            if seen + 1 < facts.len() {
                *level = (*level).max(Level::Doubt);
            }
        }
    }
    walk
}

fn walk_under(world: &World<'_>, fact: &Keys) -> Walk {
    let subject = world.subject;
    let kind = match &world.through {
        Some(point) => services::Kind::of("aws.s3.access-point", &point.arn),
        None => services::Kind::of(subject.kind, subject.arn),
    };
    let modern = world.policy.get("Version").is_some();
    let all = world.policy["Statement"].as_array().unwrap();
    let is_deny = |statement: &Value| statement["Effect"] == "Deny";
    let unreadable =
        |statement: &Value| evaluate::is_unreadable(statement, subject.kind == "aws.iam.role");
    let error = all.iter().any(|statement| !is_deny(statement) && unreadable(statement));
    let numbered: Vec<(usize, &Value)> = all
        .iter()
        .enumerate()
        .filter(|(_, statement)| is_deny(statement) || !unreadable(statement))
        .filter(|(_, statement)| !evaluate::has_no_effect(statement))
        .collect();
    let statements: Vec<&Value> = numbered.iter().map(|(_, statement)| *statement).collect();
    // An access point's policy has to allow a request, and so has the bucket's.
    let own = world.through.as_ref().map_or(0, |point| point.own);
    let own = numbered.iter().filter(|(number, _)| *number < own).count();
    let malformed: Vec<bool> = statements.iter().map(|s| unreadable(s)).collect();

    let mut walk = Walk {
        best: BTreeMap::new(),
        callers: callers(world),
        actions: actions(subject, &kind),
        error,
    };
    let actions = &walk.actions;
    let beside = |number: usize| world.beside.holds(numbered[number].0);
    // No policy of an organization reaches this one.
    let spared = |number: usize, action: &str| beside(number) && action == "kms:retiregrant";
    let named: Vec<Vec<bool>> = actions
        .iter()
        .map(|action| {
            let name = &action.name;
            let is_named =
                |(number, s): (usize, &&Value)| evaluate::what(s, name) && !spared(number, name);
            statements.iter().enumerate().map(is_named).collect()
        })
        .collect();
    let on = |resource: &str, request: &Request| -> Vec<bool> {
        statements.iter().map(|s| evaluate::on(s, resource, request, modern)).collect()
    };
    // Resources without variables are the same for every request.
    let nobody = Request::nobody(BTreeMap::new());
    let varying =
        statements.iter().any(|s| format!("{}{}", s["Resource"], s["NotResource"]).contains("${"));
    let covered: Option<Vec<Vec<bool>>> =
        (!varying).then(|| subject.samples.iter().map(|resource| on(resource, &nobody)).collect());
    // Pairs of resource and action that fit, one of each sort that the statements tell apart.
    let mut sorts = BTreeSet::new();
    let asked: Vec<Vec<bool>> = (0..subject.samples.len())
        .map(|r| {
            let object = subject.samples[r].contains('/') && subject.kind == "aws.s3.bucket";
            (0..actions.len())
                .map(|a| {
                    let fits = (actions[a].place == services::Place::Obj) == object;
                    let alone = actions[a].name.contains(":assumerole")
                        || ["lambda:invokefunctionurl", "kms:retiregrant"]
                            .contains(&actions[a].name.as_str());
                    let alone = alone.then_some(a);
                    let reached = covered.as_ref().map(|covered| {
                        let both =
                            covered[r].iter().zip(&named[a]).map(|(on, named)| *on && *named);
                        (actions[a].access, both.collect::<Vec<bool>>())
                    });
                    let sort = reached.unwrap_or_else(|| (actions[a].access, named[a].clone()));
                    let place = if covered.is_none() { r } else { 0 };
                    fits && sorts.insert((place, alone, sort))
                })
                .collect()
        })
        .collect();
    let varied: Vec<String> = statements
        .iter()
        .flat_map(|s| super::world::variables(&format!("{}{}", s["Resource"], s["NotResource"])))
        .collect();
    let mut reached: BTreeMap<Vec<Option<Vec<String>>>, Vec<Vec<bool>>> = BTreeMap::new();
    let mut alike = BTreeSet::new();
    let from_networks = places(world, &statements, false);
    let from_nowhere = places(world, &statements, true);
    for (index, caller) in walk.callers.iter().enumerate() {
        if caller.form == Form::Unsigned && !subject.unsigned {
            continue;
        }
        // Statements for others have no say, and their keys need no values.
        let request = Request::of(caller, caller.keys.clone());
        let concerned: Vec<&Value> = statements
            .iter()
            .copied()
            .filter(|statement| evaluate::is_for(statement, &request))
            .collect();
        if concerned.iter().all(|statement| is_deny(statement)) {
            continue;
        }
        if !alike.insert(sort_of(world, caller, &request, &statements)) {
            continue;
        }
        let placed =
            |key: &&String| NETWORK.contains(&key.as_str()) || POINT.contains(&key.as_str());
        let free: Vec<String> = referenced(concerned.iter().copied())
            .iter()
            .filter(|key| !caller.keys.contains_key(*key) && !placed(key))
            .filter(|key| !fact.contains_key(*key))
            .cloned()
            .collect();
        let service = matches!(caller.form, Form::Service(_));
        let places = if service { &from_nowhere } else { &from_networks };
        let combinations = product(world, &free, caller, &concerned);
        for place in places {
            for (free_keys, marks) in &combinations {
                let mut keys = caller.keys.clone();
                keys.extend(place.keys.clone());
                keys.extend(free_keys.clone());
                keys.extend(fact.clone());
                let request = Request::of(caller, keys);
                let judged = |request: &Request| -> Vec<Outcome> {
                    statements
                        .iter()
                        .zip(&malformed)
                        .zip(&numbered)
                        .map(|((statement, malformed), (number, _))| match malformed {
                            true if evaluate::is_for(statement, request) => Outcome::Malformed,
                            true => Outcome::No,
                            false => match evaluate::who_and_when(statement, request, modern) {
                                Outcome::Yes if world.beside.unsure.contains(number) => {
                                    Outcome::Maybe
                                }
                                outcome => outcome,
                            },
                        })
                        .collect()
                };
                if let Some(Way::Url { auth, asks, .. }) = world.way {
                    let asked = Permissions::of(&request, auth, asks, &judged);
                    for (r, resource) in subject.samples.iter().enumerate() {
                        let covers = on(resource, &request);
                        let spots = asked.spots(&statements, &covers);
                        for (allow, sure) in spots {
                            let a = actions.iter().position(|one| one.name == CALL_URL).unwrap();
                            if !can_send(&caller.form, world, CALL_URL) {
                                continue;
                            }
                            let level = Level::of(marks.and(place.marks), sure);
                            let spot = Spot {
                                form: number(&caller.form),
                                cell: place.cell,
                                point: place.point,
                                action: a,
                                resource: r,
                                allow,
                            };
                            let at = walk.best.entry(spot).or_default();
                            let have = at.entry(index).or_insert(level);
                            *have = (*have).min(level);
                        }
                    }
                    continue;
                }
                let outcomes = judged(&request);
                let allowing = |number: &usize| {
                    !is_deny(statements[*number])
                        && matches!(outcomes[*number], Outcome::Yes | Outcome::Maybe)
                };
                if !(0..statements.len()).any(|number| allowing(&number)) {
                    continue;
                }
                let values = varied.iter().map(|key| request.keys.get(key).cloned()).collect();
                let covers = match &covered {
                    Some(covered) => covered,
                    None => reached.entry(values).or_insert_with(|| {
                        subject.samples.iter().map(|resource| on(resource, &request)).collect()
                    }),
                };
                for (r, covers) in covers.iter().enumerate() {
                    for a in (0..actions.len()).filter(|a| asked[r][*a]) {
                        if !can_send(&caller.form, world, &actions[a].name) {
                            continue;
                        }
                        let reaches = |number: &usize| covers[*number] && named[a][*number];
                        let denied_as = |outcome: Outcome| {
                            (0..statements.len()).filter(reaches).any(|number| {
                                is_deny(statements[number])
                                    && outcomes[number] == outcome
                                    && !(world.beside.wanted && beside(number))
                            })
                        };
                        let is_wanted =
                            |number: usize| beside(number) && outcomes[number] == Outcome::Yes;
                        if world.beside.wanted
                            && !(0..statements.len()).filter(reaches).any(is_wanted)
                        {
                            continue;
                        }
                        if denied_as(Outcome::Yes) {
                            continue;
                        }
                        let sure = !denied_as(Outcome::Maybe) && !denied_as(Outcome::Malformed);
                        let allowed = |from: usize, to: usize| {
                            (from..to).filter(reaches).filter(allowing).collect::<Vec<_>>()
                        };
                        let pairs: Vec<(usize, usize)> = match &world.through {
                            Some(_) => allowed(0, own)
                                .into_iter()
                                .flat_map(|one| {
                                    let bucket = allowed(own, statements.len());
                                    bucket.into_iter().map(move |other| (one, other))
                                })
                                .collect(),
                            None => {
                                allowed(0, statements.len()).into_iter().map(|s| (s, s)).collect()
                            }
                        };
                        for (s, other) in pairs {
                            let sure = sure
                                && outcomes[s] == Outcome::Yes
                                && outcomes[other] == Outcome::Yes;
                            let marks = marks.and(place.marks);
                            let doubt = marks.doubt || caller.unknown;
                            let level = Level::of(Marks { doubt, ..marks }, sure);
                            let spot = Spot {
                                form: number(&caller.form),
                                cell: place.cell,
                                point: place.point,
                                action: a,
                                resource: r,
                                allow: s * statements.len() + other,
                            };
                            let at = walk.best.entry(spot).or_default();
                            let have = at.entry(index).or_insert(level);
                            *have = (*have).min(level);
                        }
                    }
                }
            }
        }
    }
    walk
}

/// The permissions that a function's URL asks of one request, each with what statements say of it.
struct Permissions(Vec<(&'static str, Vec<Outcome>)>);

impl Permissions {
    fn of(
        request: &Request,
        auth: &str,
        asks: Asks,
        judged: &dyn Fn(&Request) -> Vec<Outcome>,
    ) -> Permissions {
        let with = |key: &str, value: &str| {
            let mut keys = request.keys.clone();
            keys.insert(key.to_owned(), vec![value.to_owned()]);
            judged(&Request { keys, ..request.clone() })
        };
        let mut all = Vec::new();
        if asks != Asks::Invoke {
            all.push((CALL_URL, with("lambda:functionurlauthtype", auth)));
        }
        if asks != Asks::CallUrl {
            all.push(("lambda:invokefunction", with("lambda:invokedviafunctionurl", "true")));
        }
        Permissions(all)
    }

    /// The statements that together allow the request, and whether that is sure.
    fn spots(&self, statements: &[&Value], covers: &[bool]) -> Vec<(usize, bool)> {
        let mut spots = vec![(0, true)];
        for (action, outcomes) in &self.0 {
            let reaches =
                |number: &usize| covers[*number] && evaluate::what(statements[*number], action);
            let of = |effect: &'static str| {
                let numbers = (0..statements.len()).filter(reaches);
                numbers.filter(move |number| {
                    (statements[*number]["Effect"] == "Deny") == (effect == "Deny")
                })
            };
            if of("Deny").any(|number| outcomes[number] == Outcome::Yes) {
                return Vec::new();
            }
            let undenied = of("Deny").all(|number| outcomes[number] == Outcome::No);
            let allowing: Vec<(usize, bool)> = of("Allow")
                .filter(|number| matches!(outcomes[*number], Outcome::Yes | Outcome::Maybe))
                .map(|number| (number, undenied && outcomes[number] == Outcome::Yes))
                .collect();
            spots = spots
                .iter()
                .flat_map(|(before, sure)| {
                    let with = |(number, own): &(usize, bool)| {
                        (before * statements.len() + number, *sure && *own)
                    };
                    allowing.iter().map(with).collect::<Vec<_>>()
                })
                .collect();
        }
        spots
    }
}
