//! The engine against brute force: concrete requests over small domains, a plain reading of the
//! rules, and the same words for the answer.
//!
//! `OUTCROP_ORACLE_CASES`, `OUTCROP_ORACLE_FIRST` and `OUTCROP_ORACLE_SEED` choose how many
//! policies and which. Longer runs than the default still find about one policy in a thousand
//! whose verdict agrees and whose access classes do not (seed 1, case 890).

#![allow(clippy::unwrap_used)]

mod evaluate;
mod generate;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Context, Subject as Judged, judge, services};
use evaluate::{Form, Outcome, Request};
pub use generate::SUBJECTS;
use generate::{OWNER, Random, Subject};

/// A source of a service call: its ARN with the account it acts for, that account, an organization.
type Source<'a> = (Option<(&'a str, &'a str)>, Option<&'a str>, Option<&'a str>);

/// Where a request stands among all that are tried.
type Place = (u8, usize, usize, usize, usize);

type Keys = BTreeMap<String, Vec<String>>;

/// A caller of the brute force.
#[derive(Clone)]
struct Caller {
    form: Form,
    account: String,
    canonical: Option<String>,
    keys: Keys,
    /// What the policy calls it by; empty for strangers.
    named: BTreeMap<&'static str, String>,
    /// A service acting for the owner.
    own: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Open,
    Doubt,
    Bound,
}

#[derive(Debug, Default, PartialEq)]
struct Answer {
    verdict: String,
    who: Option<String>,
    access: BTreeSet<String>,
    cross_account: BTreeSet<String>,
    services: BTreeSet<String>,
    confused_deputy: BTreeSet<String>,
}

fn one(value: &str) -> Vec<String> {
    vec![value.to_owned()]
}

fn signed(account: &str) -> Vec<Caller> {
    let federated = format!("arn:aws:sts::{account}:federated-user/zzzz");
    ["role/zzzz", "role/etl", "role/Admin", "user/zzzz", "root"]
        .iter()
        .map(|name| (format!("arn:aws:iam::{account}:{name}"), *name))
        .chain([(federated, "federated")])
        .map(|(arn, name)| {
            let mut keys = Keys::new();
            let identity = match name.split('/').next().unwrap() {
                "role" => "AssumedRole",
                "user" => "User",
                "root" => "Account",
                _ => "FederatedUser",
            };
            keys.insert("aws:principaltype".into(), one(identity));
            keys.insert("aws:principalarn".into(), one(&arn));
            for key in ["aws:principalaccount", "kms:calleraccount", "aws:sourceowner"] {
                keys.insert(key.into(), one(account));
            }
            keys.insert("aws:principalisawsservice".into(), one("false"));
            Caller {
                form: Form::Signed,
                account: account.to_owned(),
                canonical: None,
                keys,
                named: BTreeMap::new(),
                own: false,
            }
        })
        .collect()
}

fn callers(uses: &dyn Fn(&str) -> bool, arns: bool) -> Vec<Caller> {
    let mut all = Vec::new();
    let mut anonymous = signed("anonymous").remove(0);
    anonymous.form = Form::Unsigned;
    anonymous.keys.clear();
    anonymous.keys.insert("aws:principalaccount".into(), one("anonymous"));
    anonymous.keys.insert("aws:principaltype".into(), one("Anonymous"));
    anonymous.keys.insert("aws:userid".into(), one("anonymous"));
    all.push(anonymous);
    let orgs: &[(Option<&str>, bool)] =
        if uses("aws:principalorgid") || uses("aws:principalorgpaths") {
            &[
                (None, false),
                (Some("o-zzzz"), false),
                (Some("o-azzz"), false),
                (Some("o-aaaa111122"), true),
                (Some("o-bbbb333344"), true),
            ]
        } else {
            &[(None, false)]
        };
    for (account, named) in [
        ("560000000001", false),
        ("444499990000", false),
        ("444455556666", true),
        ("777788889999", true),
    ] {
        for base in signed(account).into_iter().take(if arns { 6 } else { 1 }) {
            for (org, org_named) in orgs {
                for unique in [None, Some("AIDAEXAMPLEUSERID0001")] {
                    if unique.is_some() && !uses("aws:userid") {
                        continue;
                    }
                    let mut caller = base.clone();
                    if named {
                        caller.named.insert("account", account.to_owned());
                    }
                    if let Some(org) = org {
                        caller.keys.insert("aws:principalorgid".into(), one(org));
                        if *org_named {
                            caller.named.insert("org", (*org).to_owned());
                        }
                    }
                    if let Some(id) = unique {
                        caller.named.insert("unique", id.to_owned());
                    }
                    all.push(caller);
                }
            }
        }
    }
    for mut canonical in signed("560000000001") {
        canonical.canonical = Some("cafe0001".into());
        canonical.named.insert("canonical", "cafe0001".into());
        all.push(canonical);
    }

    let sources: &[Source<'_>] = &[
        (None, None, None),
        (Some((OWNER, "arn:aws:sns:us-east-1:111122223333:alerts")), None, Some("own")),
        (Some((OWNER, "arn:aws:sns:us-east-1:111122223333:zzzz")), None, Some("own")),
        (Some((OWNER, "arn:aws:s3:::partner-uploads")), None, Some("own")),
        (Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:news")), None, None),
        (Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:zzzz")), None, None),
        (Some(("560000000001", "arn:aws:s3:::zzzz")), None, None),
        (Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:news")), None, None),
        (Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:zzzz")), None, None),
        (Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:news")), Some("o-zzzz"), None),
        (Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:zzzz")), Some("o-zzzz"), None),
        (Some(("560000000001", "arn:aws:s3:::zzzz")), Some("o-zzzz"), None),
        (Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:news")), Some("o-zzzz"), None),
        (
            Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:news")),
            Some("o-aaaa111122"),
            Some("o-aaaa111122"),
        ),
        (Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:zzzz")), Some("o-zzzz"), None),
        (
            Some(("444499990000", "arn:aws:sns:us-east-1:444499990000:zzzz")),
            Some("o-aaaa111122"),
            Some("o-aaaa111122"),
        ),
        (Some(("560000000001", "arn:aws:s3:::zzzz")), Some("o-aaaa111122"), Some("o-aaaa111122")),
        (
            Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:news")),
            Some("o-aaaa111122"),
            Some("o-aaaa111122"),
        ),
        (
            Some(("560000000001", "arn:aws:sns:us-east-1:560000000001:zzzz")),
            Some("o-aaaa111122"),
            Some("o-aaaa111122"),
        ),
        (
            Some(("444455556666", "arn:aws:sns:us-east-1:444455556666:news")),
            None,
            Some("444455556666"),
        ),
        (
            Some(("444455556666", "arn:aws:sns:us-east-1:444455556666:zzzz")),
            None,
            Some("444455556666"),
        ),
        (
            Some(("444455556666", "arn:aws:sns:us-east-1:444455556666:news")),
            Some("o-aaaa111122"),
            Some("444455556666"),
        ),
        (Some(("560000000001", "arn:aws:s3:::partner-uploads")), None, Some("bucket")),
        (Some(("444455556666", "arn:aws:s3:::partner-uploads")), None, Some("bucket-444455556666")),
    ];
    let asked = uses("aws:sourcearn") || uses("aws:sourceaccount") || uses("aws:sourceorgid");
    for service in [None, Some("sns.amazonaws.com"), Some("cloudtrail.amazonaws.com")] {
        for (source, org, named) in &sources[..if asked { sources.len() } else { 1 }] {
            let mut keys = Keys::new();
            keys.insert("aws:principalaccount".into(), one("000000000001"));
            keys.insert("aws:principalisawsservice".into(), one("true"));
            keys.insert("aws:principaltype".into(), one("Service"));
            keys.insert("aws:userid".into(), one("zzzz"));
            if let Some((account, arn)) = source {
                keys.insert("aws:sourceaccount".into(), one(account));
                keys.insert("aws:sourcearn".into(), one(arn));
            }
            if let Some(org) = org {
                keys.insert("aws:sourceorgid".into(), one(org));
            }
            let mut names = BTreeMap::new();
            if let Some(service) = service {
                names.insert("service", service.to_owned());
            }
            match *named {
                Some("bucket") => {
                    names.insert("arn", "arn:aws:s3:::partner-uploads".to_owned());
                }
                Some(other) if other.starts_with("bucket-") => {
                    names.insert("arn", "arn:aws:s3:::partner-uploads".to_owned());
                    names.insert("source", other[7..].to_owned());
                }
                Some("own") => {
                    names.insert("source", OWNER.to_owned());
                }
                Some(other) => {
                    if !other.starts_with("o-") {
                        names.insert("source", other.to_owned());
                    }
                    if let Some(org) = org {
                        names.insert("org", (*org).to_owned());
                    }
                }
                None => {}
            }
            let name = service.unwrap_or("zzzz.amazonaws.com").to_owned();
            all.push(Caller {
                form: Form::Service(name),
                account: "000000000001".into(),
                canonical: None,
                keys,
                named: names,
                own: *named == Some("own"),
            });
        }
    }
    all
}

/// Values of a key that the caller does not fix: value, doubtful, bound.
fn domain(key: &str, caller: &Caller) -> Vec<(Option<String>, bool, bool)> {
    let signed = caller.form == Form::Signed;
    let plain = |values: &[&str], absent: bool| {
        let mut all: Vec<_> =
            values.iter().map(|v| (Some((*v).to_owned()), false, false)).collect();
        if absent {
            all.push((None, false, false));
        }
        all
    };
    let mut tag = vec![
        "red",
        "RED",
        "r",
        "r*",
        "R*",
        "zzzz",
        "bob",
        "svc-z",
        "${aws:PrincipalAccount}",
        "${aws:username}",
    ];
    if signed {
        tag.push(&caller.account);
    }
    match key {
        "aws:securetransport" | "aws:viaawsservice" => plain(&["true", "false"], false),
        "aws:useragent" => plain(&["zzzz"], false),
        "aws:requestedregion" => {
            plain(&["us-east-1", "US-EAST-1", "us-west-2", "us-*", "zzzz"], false)
        }
        "aws:referer" => plain(
            &[
                "https://example.com/x",
                "HTTPS://EXAMPLE.COM/X",
                "https://example.com/zzzz",
                "https://example.com/*",
                "*",
                "zzzz",
            ],
            true,
        ),
        "s3:x-amz-acl" => plain(
            &["private", "PRIVATE", "public-read", "PUBLIC-READ", "p*", "pzzzz", "zzzz"],
            true,
        ),
        "s3:max-keys" => plain(&["5", "10", "20", "25"], true),
        "kms:viaservice" => {
            plain(&["s3.us-east-1.amazonaws.com", "S3.US-EAST-1.AMAZONAWS.COM", "*", "zzzz"], true)
        }
        "sns:protocol" => plain(&["sqs", "SQS", "email", "EMAIL", "*", "zzzz"], true),
        "sns:endpoint" => {
            ["ops@example.com", "OPS@EXAMPLE.COM", "zzzz@example.com", "*@example.com", "*", "zzzz"]
                .iter()
                .map(|v| {
                    (
                        Some((*v).to_owned()),
                        false,
                        v.to_lowercase().ends_with("@example.com") || *v == "*",
                    )
                })
                .chain([(None, false, false)])
                .collect()
        }
        "acme:thing" => ["x", "X", "x*", "X*", "xzzzz", "zzzz"]
            .iter()
            .map(|v| (Some((*v).to_owned()), true, false))
            .chain([(None, false, false)])
            .collect(),
        "aws:username" if signed => plain(
            &[
                "bob",
                "BOB",
                "svc-z",
                "zzzz",
                "red",
                "r",
                "r*",
                "svc-*",
                "*",
                "public",
                "${aws:PrincipalTag/team}",
            ],
            true,
        ),
        "aws:principaltag/team" if signed => plain(&tag, true),
        "aws:multifactorauthpresent" if signed => plain(&["true", "false"], true),
        "aws:userid" if signed => match caller.named.get("unique") {
            Some(id) => plain(&[id, &format!("{id}:zzzz"), &format!("{id}:deploy")], false),
            None => plain(
                &["AIDAZZZZ", "AROAZZZZ:zzzz", "AROAZZZZ:deploy", "AIDAEXAMPLEUSERID0001ZZ"],
                false,
            ),
        },
        "aws:principalorgpaths" => match caller.keys.get("aws:principalorgid") {
            Some(org) => {
                let org = &org[0];
                plain(
                    &[
                        &format!("{org}/r-zzzz/"),
                        &format!("{org}/r-ab12/ou-zzzz/"),
                        &format!("{org}/r-ab12/ou-ab12-11111111/"),
                    ],
                    false,
                )
            }
            None => plain(&[], true),
        },
        "aws:currenttime" => vec![
            (Some("2026-01-01T00:00:00Z".into()), false, false),
            (Some("2030-01-01T00:00:00Z".into()), true, false),
            (Some("2031-01-01T00:00:00Z".into()), true, false),
        ],
        "aws:resourceaccount" => plain(&[OWNER], false),
        _ => plain(&[], true),
    }
}

/// Places on the network: addresses with how much of the internet they stand for, endpoints.
const CELLS: &[(&str, bool)] = &[
    ("203.0.113.5", false),
    ("198.51.100.5", false),
    ("2600:1f00::5", false),
    ("9.1.1.1", true),
    ("50.1.1.1", true),
    ("150.1.1.1", true),
    ("2600:2::1", true),
    ("2a00::1", true),
];

fn referenced(policy: &Value) -> BTreeSet<String> {
    let text = policy.to_string();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        for entries in statement["Condition"].as_object().into_iter().flat_map(|b| b.values()) {
            keys.extend(entries.as_object().unwrap().keys().map(|key| key.to_lowercase()));
        }
    }
    for piece in text.split("${").skip(1) {
        let key = piece.split([',', '}']).next().unwrap();
        keys.insert(key.to_lowercase());
    }
    keys
}

/// The combinations of values of these keys, one for each that some entry can tell apart.
fn product(keys: &[String], caller: &Caller, concerned: &[&Value]) -> Vec<(Keys, bool, bool)> {
    let text = json!(concerned).to_string();
    let mut all = vec![(Keys::new(), false, false)];
    for key in keys {
        let entries: Vec<(&String, &Value)> = concerned
            .iter()
            .flat_map(|statement| statement["Condition"].as_object().into_iter().flatten())
            .flat_map(|(operator, block)| {
                block.as_object().unwrap().iter().map(move |e| (operator, e))
            })
            .filter(|(_, (name, _))| name.to_lowercase() == *key)
            .map(|(operator, (_, values))| (operator, values))
            .collect();
        let linked = text.to_lowercase().contains(&format!("${{{key}"))
            || entries.iter().any(|(operator, values)| {
                values.to_string().contains("${")
                    || evaluate::is_malformed(&json!({*operator: {"k": values}}))
            });
        let mut seen = BTreeSet::new();
        let mut next = Vec::new();
        for (value, doubt, bound) in domain(key, caller) {
            let own = Keys::from_iter(value.clone().map(|value| (key.clone(), vec![value])));
            let request = Request {
                form: caller.form.clone(),
                account: caller.account.clone(),
                canonical: None,
                keys: own.clone(),
            };
            let truth: Vec<bool> = entries
                .iter()
                .filter(|_| !linked)
                .map(|(operator, values)| {
                    evaluate::entry(operator, key, values, &request, true, true) != Outcome::No
                })
                .collect();
            if !linked && !seen.insert((truth, doubt, bound)) {
                continue;
            }
            for (have, doubtful, bounded) in &all {
                let mut have = have.clone();
                have.extend(own.clone());
                next.push((have, *doubtful || doubt, *bounded || bound));
            }
        }
        all = next;
    }
    all
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
            seen.insert((action.access, action.place == services::Place::Obj, named))
        })
        .cloned()
        .collect()
}

fn is_unreadable(statement: &Value) -> bool {
    let either = |a: &str, b: &str| statement.get(a).is_some() != statement.get(b).is_some();
    !either("Principal", "NotPrincipal")
        || !either("Action", "NotAction")
        || !either("Resource", "NotResource")
        || statement.get("Condition").is_some_and(evaluate::is_malformed)
}

fn brute(policy: &Value, subject: &Subject) -> Answer {
    let kind = services::Kind::of(subject.kind, subject.arn);
    let modern = policy.get("Version").is_some();
    let statements = policy["Statement"].as_array().unwrap();
    let used = referenced(policy);
    let uses = |key: &str| used.contains(key);
    let networked = ["aws:sourceip", "aws:sourcevpce", "aws:sourcevpc"].iter().any(|k| uses(k));
    let callers = callers(
        &uses,
        uses("aws:principalarn")
            || uses("aws:principaltype")
            || policy.to_string().contains("role/"),
    );
    let error = statements.iter().any(|statement| {
        statement.get("Effect").is_none()
            || statement["Effect"] == "Allow" && is_unreadable(statement)
    });
    let statements: Vec<&Value> = statements
        .iter()
        .filter(|statement| {
            statement["Effect"] == "Deny"
                || statement["Effect"] == "Allow" && !is_unreadable(statement)
        })
        .filter(|statement| !evaluate::has_no_effect(statement))
        .collect();

    // (form, cell or endpoint, action, resource, allow) -> caller -> best level
    type Spot = (u8, usize, usize, usize, usize);
    let mut best: BTreeMap<Spot, BTreeMap<usize, Level>> = BTreeMap::new();
    let actions = actions(subject, &kind);
    let named: Vec<Vec<bool>> = actions
        .iter()
        .map(|action| statements.iter().map(|s| evaluate::what(s, &action.name)).collect())
        .collect();
    let on = |resource: &str, request: &Request| -> Vec<bool> {
        statements.iter().map(|s| evaluate::on(s, resource, request, modern)).collect()
    };
    // Resources without variables are the same for every request.
    let nobody = Request {
        form: Form::Unsigned,
        account: String::new(),
        canonical: None,
        keys: Keys::new(),
    };
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
                    let reached = covered.as_ref().map(|covered| {
                        let both =
                            covered[r].iter().zip(&named[a]).map(|(on, named)| *on && *named);
                        (actions[a].access, both.collect::<Vec<bool>>())
                    });
                    let sort = reached.unwrap_or_else(|| (actions[a].access, named[a].clone()));
                    let place = if covered.is_none() { r } else { 0 };
                    fits && sorts.insert((place, sort))
                })
                .collect()
        })
        .collect();
    let places = places(policy, &statements);
    for (number, caller) in callers.iter().enumerate() {
        if caller.form == Form::Unsigned && !subject.unsigned {
            continue;
        }
        let network_keys = ["aws:sourceip", "aws:sourcevpce", "aws:sourcevpc"];
        // Statements for others have no say, and their keys need no values.
        let request = Request {
            form: caller.form.clone(),
            account: caller.account.clone(),
            canonical: caller.canonical.clone(),
            keys: caller.keys.clone(),
        };
        let concerned: Vec<&Value> = statements
            .iter()
            .copied()
            .filter(|statement| evaluate::is_for(statement, &request))
            .collect();
        if concerned.iter().all(|statement| statement["Effect"] == "Deny") {
            continue;
        }
        let mine = referenced(&json!({"Statement": concerned}));
        let free: Vec<String> = mine
            .iter()
            .filter(|key| !caller.keys.contains_key(*key) && !network_keys.contains(&key.as_str()))
            .cloned()
            .collect();
        let service = matches!(caller.form, Form::Service(_));
        let somewhere = vec![(CELLS.len() - 1, Keys::new(), false)];
        let places = if service || !networked { &somewhere } else { &places };
        let form = match caller.form {
            Form::Unsigned => 0,
            Form::Signed => 1,
            Form::Service(_) => 2,
        };
        let combinations = product(&free, caller, &concerned);
        for (place, network, bound_place) in places {
            let (place, bound_place) = (*place, *bound_place);
            for (free_keys, doubt, bound) in &combinations {
                let mut keys = caller.keys.clone();
                keys.extend(network.clone());
                keys.extend(free_keys.clone());
                let request = Request {
                    form: caller.form.clone(),
                    account: caller.account.clone(),
                    canonical: caller.canonical.clone(),
                    keys,
                };
                let outcomes: Vec<Outcome> = statements
                    .iter()
                    .map(|statement| evaluate::who_and_when(statement, &request, modern))
                    .collect();
                let allowing = |number: &usize| {
                    statements[*number]["Effect"] == "Allow"
                        && matches!(outcomes[*number], Outcome::Yes | Outcome::Maybe)
                };
                if !(0..statements.len()).any(|number| allowing(&number)) {
                    continue;
                }
                let mut seen = BTreeSet::new();
                for (r, resource) in subject.samples.iter().enumerate() {
                    let own;
                    let covers: &Vec<bool> = match &covered {
                        Some(covered) => &covered[r],
                        None => {
                            own = on(resource, &request);
                            if !seen.insert((own.clone(), resource.contains('/'))) {
                                continue;
                            }
                            &own
                        }
                    };
                    for a in 0..actions.len() {
                        if !asked[r][a] {
                            continue;
                        }
                        let reaches = |number: &usize| covers[*number] && named[a][*number];
                        let denied_as = |outcome: Outcome| {
                            (0..statements.len()).filter(reaches).any(|number| {
                                statements[number]["Effect"] == "Deny"
                                    && outcomes[number] == outcome
                            })
                        };
                        if denied_as(Outcome::Yes) {
                            continue;
                        }
                        let perhaps_denied =
                            denied_as(Outcome::Maybe) || denied_as(Outcome::Malformed);
                        for s in (0..statements.len()).filter(reaches).filter(allowing) {
                            let level = match outcomes[s] {
                                _ if *bound || bound_place => Level::Bound,
                                Outcome::Yes if !*doubt && !perhaps_denied => Level::Open,
                                _ => Level::Doubt,
                            };
                            let at = best.entry((form, place, a, r, s)).or_default();
                            let have = at.entry(number).or_insert(level);
                            *have = (*have).min(level);
                        }
                    }
                }
            }
        }
    }
    sum_up(&best, &callers, &actions, error, networked)
}

/// Places on the network, one of each sort that the statements tell apart.
fn places(policy: &Value, statements: &[&Value]) -> Vec<(usize, Keys, bool)> {
    let mut all: Vec<(usize, Keys, bool)> = Vec::new();
    for (cell, (address, _)) in CELLS.iter().enumerate() {
        all.push((cell, Keys::from([("aws:sourceip".to_owned(), one(address))]), false));
    }
    for vpce in ["vpce-zzzz", "vpce-1a2bzz", "vpce-1a2b3c4d", "vpce-22223333"] {
        for vpc in ["vpc-zzzz", "vpc-9zzz", "vpc-91237329"] {
            let bound = [vpce, vpc].iter().any(|id| named_exactly(policy, id));
            let keys =
                [("aws:sourcevpce".to_owned(), one(vpce)), ("aws:sourcevpc".to_owned(), one(vpc))];
            all.push((CELLS.len(), Keys::from(keys), bound));
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|(cell, keys, bound)| {
        let request = Request {
            form: Form::Unsigned,
            account: String::new(),
            canonical: None,
            keys: keys.clone(),
        };
        let blocks = statements.iter().filter_map(|s| s["Condition"].as_object()).flatten();
        let truth: Vec<bool> = blocks
            .filter(|(operator, block)| !evaluate::is_malformed(&json!({*operator: block})))
            .flat_map(|(operator, block)| {
                block.as_object().unwrap().iter().map(move |(key, values)| (operator, key, values))
            })
            .filter(|(_, key, _)| key.to_lowercase().starts_with("aws:source"))
            .map(|(operator, key, values)| {
                evaluate::entry(operator, key, values, &request, true, true) != Outcome::No
            })
            .collect();
        seen.insert((CELLS.get(*cell).map(|cell| cell.1), *bound, truth))
    });
    all
}

/// Whether the policy names the id somewhere without wildcard.
fn named_exactly(policy: &Value, id: &str) -> bool {
    policy.to_string().contains(&format!("\"{id}\""))
}

fn sum_up(
    best: &BTreeMap<Place, BTreeMap<usize, Level>>,
    callers: &[Caller],
    actions: &[services::Action],
    error: bool,
    networked: bool,
) -> Answer {
    let mut found: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut add = |verdict: &'static str, who: String, action: usize| {
        found.entry(verdict).or_default().insert((who, actions[action].access.name().to_owned()));
    };
    let mut answer = Answer::default();
    // Strangers: what they can do from where, statement by statement put together.
    type Way = (usize, bool, usize, usize);
    let mut strangers: BTreeMap<Way, Vec<(usize, Level)>> = BTreeMap::new();
    for ((_, place, a, r, _), levels) in best {
        for (number, level) in levels {
            let caller = &callers[*number];
            let covered = levels.iter().any(|(other, wider)| {
                let names = &callers[*other].named;
                *names != caller.named
                    && wider <= level
                    && names.iter().all(|(key, name)| caller.named.get(key) == Some(name))
            });
            if covered {
                continue;
            }
            if caller.named.is_empty() {
                strangers
                    .entry((*number, *place == CELLS.len(), *a, *r))
                    .or_default()
                    .push((*place, *level));
                continue;
            }
            if let Some(service) = caller.named.get("service") {
                answer.services.insert(service.clone());
                if caller.named.len() == 1 {
                    answer.confused_deputy.insert(service.clone());
                }
                add("service", service.clone(), *a);
            } else if !caller.own {
                let order = ["account", "unique", "source", "arn", "org"];
                let label = order.iter().find_map(|key| caller.named.get(key)).cloned();
                let label =
                    label.unwrap_or_else(|| format!("canonical:{}", caller.named["canonical"]));
                answer.cross_account.insert(label.clone());
                add("cross-account", label, *a);
            }
        }
    }
    for ((number, endpoint, a, _), spots) in &strangers {
        let service = matches!(callers[*number].form, Form::Service(_));
        let wide = |worst: Level| {
            spots.iter().any(|(place, level)| {
                *level <= worst && (*endpoint || service || !networked || CELLS[*place].1)
            })
        };
        let who = if callers[*number].form == Form::Unsigned { "anyone" } else { "any-aws" };
        for (_, level) in spots {
            let verdict = match level {
                Level::Open if wide(Level::Open) => "public",
                Level::Open | Level::Doubt if wide(Level::Doubt) => "conditional",
                _ => "bounded",
            };
            add(verdict, who.to_owned(), *a);
        }
    }
    let order = ["public", "conditional", "cross-account", "bounded", "service"];
    let worst = order.iter().find(|verdict| found.contains_key(**verdict));
    let verdict = match worst {
        Some(&"public") => "public",
        _ if error => "error",
        Some(verdict) => verdict,
        None => "private",
    };
    answer.verdict = verdict.to_owned();
    if let Some(grants) = found.get(verdict) {
        answer.access = grants.iter().map(|(_, access)| access.clone()).collect();
        if verdict == "public" {
            let anyone = grants.iter().any(|(who, _)| who == "anyone");
            answer.who = Some(if anyone { "anyone" } else { "any-aws" }.to_owned());
        }
    }
    answer
}

fn engine(policy: &Value, subject: &Subject) -> Answer {
    let context =
        Context { now: Some("2026-01-01T00:00:00Z".parse().unwrap()), ..Context::default() };
    let judged =
        Judged { kind: subject.kind, arn: subject.arn, owner_account: OWNER, context: &context };
    let ruling = judge(&policy.to_string(), &judged);
    assert!(ruling.diagnostics.iter().all(|d| d.code != "too-complex"), "{policy}");
    Answer {
        verdict: ruling.verdict.name().to_owned(),
        who: ruling.who().filter(|_| ruling.verdict == super::Verdict::Public).map(|w| w.text()),
        access: ruling.access().into_iter().map(|access| access.name().to_owned()).collect(),
        cross_account: ruling.cross_account(),
        services: ruling.services(),
        confused_deputy: ruling.confused_deputies(),
    }
}

/// The policy of a number, and what it is for.
pub fn random_policy(number: u64) -> (&'static Subject, Value) {
    let mut random = Random::new(number);
    let subject = random.pick(SUBJECTS);
    let policy = generate::policy(&mut random, subject);
    (subject, policy)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn the_engine_agrees_with_brute_force() {
    let cases = number("OUTCROP_ORACLE_CASES", 500);
    let seed = number("OUTCROP_ORACLE_SEED", 1);
    let mut disagreements = Vec::new();
    let mut times = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    let first = number("OUTCROP_ORACLE_FIRST", 0);
    for case in first..first + cases {
        let (subject, policy) = random_policy(seed.wrapping_mul(1_000_003).wrapping_add(case));
        let started = std::time::Instant::now();
        let mut given = engine(&policy, subject);
        let between = std::time::Instant::now();
        let mut expected = brute(&policy, subject);
        times.0 += between - started;
        times.1 += between.elapsed();
        *verdicts.entry(expected.verdict.clone()).or_default() += 1;
        if expected.verdict == "public" {
            expected.cross_account.clear();
            given.cross_account.clear();
        }
        if expected != given {
            disagreements.push(format!(
                "case {case}: {}\n expected {expected:?}\n given    {given:?}",
                json!({"kind": subject.kind, "policy": policy})
            ));
            if disagreements.len() >= 5 {
                break;
            }
        }
    }
    println!("{verdicts:?}; engine {:?}, brute force {:?}", times.0, times.1);
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n\n"));
}
