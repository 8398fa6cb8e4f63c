//! From the requests that are allowed to the words of the answer.

use std::collections::{BTreeMap, BTreeSet};

use super::brute::{Level, Walk};
use super::callers::Caller;
use super::evaluate::Form;
use super::places::{CELLS, ENDPOINT};
use super::world::{self, World};

/// What is compared.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Answer {
    pub verdict: String,
    pub who: Option<String>,
    pub access: BTreeSet<String>,
    pub cross_account: BTreeSet<String>,
    pub services: BTreeSet<String>,
    pub confused_deputy: BTreeSet<String>,
    pub status: &'static str,
    pub blocked_by: BTreeSet<String>,
}

/// Verdicts from the worst on; a grant of who and what for each.
pub type Found = BTreeMap<&'static str, BTreeSet<(String, String)>>;

const ORDER: [&str; 5] = ["public", "conditional", "cross-account", "bounded", "service"];

pub fn sum_up(world: &World<'_>, walk: &Walk) -> Answer {
    grants(world, walk).0
}

/// For each caller, which of the others are no less than it wherever they are allowed as much.
fn wider(callers: &[Caller]) -> Vec<Vec<bool>> {
    let is_wider = |other: &Caller, caller: &Caller| {
        let fewer = other.named != caller.named
            && other.named.iter().all(|(key, name)| caller.named.get(key) == Some(name));
        // A source that need not be there adds nothing.
        let sourceless = other.named == caller.named && other.sourceless && !caller.sourceless;
        fewer || sourceless
    };
    let row = |caller: &Caller| callers.iter().map(|other| is_wider(other, caller)).collect();
    callers.iter().map(row).collect()
}

/// The answer, and every grant.
pub fn grants(world: &World<'_>, walk: &Walk) -> (Answer, Found) {
    let mut found = Found::new();
    let mut add = |verdict: &'static str, who: &str, action: usize| {
        let access = walk.actions[action].access.name().to_owned();
        found.entry(verdict).or_default().insert((who.to_owned(), access));
    };
    let mut answer = Answer::default();
    // Strangers: what they can do from where, statement by statement put together.
    type Way = (usize, bool, usize, usize, usize);
    let mut strangers: BTreeMap<Way, Vec<(usize, Level)>> = BTreeMap::new();
    let beside = wider(&walk.callers);
    for (spot, levels) in &walk.best {
        for (number, level) in levels {
            let caller = &walk.callers[*number];
            let covered =
                levels.iter().any(|(other, wider)| wider <= level && beside[*number][*other]);
            if covered {
                continue;
            }
            if caller.named.is_empty() && caller.sourceless {
                let any = "*".to_owned();
                add("service", &any, spot.action);
                if world.subject.kind != "aws.iam.role" {
                    answer.confused_deputy.insert(any.clone());
                }
                answer.services.insert(any);
                continue;
            }
            if caller.named.is_empty() {
                let endpoint = spot.cell == ENDPOINT;
                strangers
                    .entry((*number, endpoint, spot.point, spot.action, spot.resource))
                    .or_default()
                    .push((spot.cell, *level));
                continue;
            }
            if let Some(service) = caller.named.get("service") {
                answer.services.insert(service.clone());
                // Names of buckets can be taken over, so Lambda needs the account as well.
                let bucket_alone = world.subject.kind == "aws.lambda.function"
                    && !matches!(world.way, Some(world::Way::Url { .. }))
                    && caller.named.keys().eq(["arn", "service"].iter());
                if (caller.named.len() == 1 || bucket_alone) && world.subject.kind != "aws.iam.role"
                {
                    answer.confused_deputy.insert(service.clone());
                }
                add("service", service, spot.action);
            } else if !caller.own {
                let order = ["account", "unique", "source", "arn", "canonical", "org", "provider"];
                let named = |key: &&&str| caller.named.contains_key(**key);
                let key = *order.iter().find(named).unwrap();
                let label = match (key, &caller.named[key]) {
                    ("canonical", id) => format!("canonical:{id}"),
                    (_, name) => name.clone(),
                };
                add("cross-account", &label, spot.action);
                answer.cross_account.insert(label);
            }
        }
    }
    let networked = world.is_networked();
    for ((number, endpoint, _, action, _), spots) in &strangers {
        let caller = &walk.callers[*number];
        let everywhere = *endpoint || !networked || matches!(caller.form, Form::Service(_));
        let wide = |worst: Level| {
            spots.iter().any(|(cell, level)| *level <= worst && (everywhere || CELLS[*cell].1))
        };
        let who = match &caller.form {
            Form::Unsigned => "anyone",
            Form::Federated(_) => "federated",
            _ => "any-aws",
        };
        for (_, level) in spots {
            match (level, &caller.form) {
                (Level::Named | Level::NamedAndBound, Form::Federated(provider)) => {
                    let host = provider.rsplit('/').next().unwrap();
                    answer.cross_account.insert(host.to_owned());
                    add("cross-account", host, *action);
                }
                (Level::Open, _) if wide(Level::Open) => add("public", who, *action),
                (Level::Open | Level::Doubt, _) if wide(Level::Doubt) => {
                    add("conditional", who, *action);
                }
                _ => add("bounded", who, *action),
            }
        }
    }
    let worst = ORDER.iter().find(|verdict| found.contains_key(**verdict));
    let verdict = match worst {
        Some(&"public") => "public",
        _ if walk.error => "error",
        Some(verdict) => verdict,
        None => "private",
    };
    answer.verdict = verdict.to_owned();
    if let Some(grants) = found.get(verdict) {
        answer.access = grants.iter().map(|(_, access)| access.clone()).collect();
        if verdict == "public" {
            let widest = ["anyone", "any-aws", "federated"];
            let widest = widest.iter().find(|who| grants.iter().any(|(name, _)| name == **who));
            answer.who = widest.map(|who| (*who).to_owned());
        }
    }
    (answer, found)
}
