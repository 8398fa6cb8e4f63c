//! Functions of Lambda that strangers run: by the API, by a URL, through a load balancer.

use std::collections::BTreeMap;

use super::doors;
use super::workload::{Assigned, Door, Workload};
use crate::analysis::aws::functions::{self, Target};
use crate::analysis::aws::policy::effective::{Bearer, Effective, effective, effective_for};
use crate::analysis::aws::policy::{self, Grant};
use crate::inventory::aws::calls::lambda::{
    GET_POLICY, LIST_ALIASES, LIST_FUNCTION_URL_CONFIGS, LIST_FUNCTIONS,
};
use crate::inventory::aws::kinds::{self, Place};
use crate::inventory::aws::lambda::{FunctionConfiguration, name_in};
use crate::model::{Known, Status, Step, Verdict, Who};
use crate::rules::shapes::function_url;
use crate::rules::shapes::policy::Ways;
use crate::rules::shapes::port::Opening;
use crate::rules::{Context, Findings, Region};

/// What lets whoever may do it run the function with input of theirs, or code of theirs in it, or give
/// themselves that (Lambda API reference of each).
const RUNS: [&str; 5] = [
    "lambda:AddPermission",
    "lambda:InvokeAsync",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
];

/// The functions that strangers run, among those whose role `matters`: who gets in to another one is
/// another rule's concern.
pub fn reached(
    cx: &Context<'_>,
    region: &Region<'_, '_>,
    found: &mut Findings,
    mut matters: impl FnMut(&Assigned) -> bool,
) -> Vec<Workload> {
    let Known::Read(listed) = &region.services.lambda.list_functions else {
        found.unread(&LIST_FUNCTIONS, region.name);
        return Vec::new();
    };
    let zone = cx.zone_of_trust();
    let mut behind = behind_balancers(region);
    let place = region.place();
    let mut workloads = Vec::new();
    for function in &listed.functions {
        let name = function.function_name.as_str();
        let Some(role) = function.role.as_ref().filter(|role| !role.is_empty()) else { continue };
        let itself = functions::function(function, &place);
        let resource = kinds::LAMBDA_FUNCTION.resource_of(&place, name, &itself.arn);
        let text = "the function acts with the credentials of this role";
        let mut proof = vec![Step::of("execution-role", role, text)];
        let assigned = Assigned::Role(role.clone(), Vec::new());
        if !matters(&assigned) {
            continue;
        }
        let ways = FunctionWays { region, place, function, zone: &zone };
        let mut doors = ways.by_policy(itself, found);
        let openings = behind.remove(name).unwrap_or_default();
        let versions = |opening: &Opening<'_, '_>| opening.row.resource.id != resource.uid;
        let by_version = openings.iter().any(versions);
        let through = doors::widest(region, openings);
        doors.extend(through.map(|door| Way { door, of_a_version: by_version }));
        let Some(status) = doors.iter().map(|way| way.door.verdict.status).min() else { continue };
        doors.retain(|way| way.door.verdict.status == status);
        if doors.iter().all(|way| way.of_a_version) {
            let text = "the role of the function as it is now: a version that an alias names has \
                        the one that the function had when it was published, which is not looked at";
            proof.push(Step::of("note", name, text));
        }
        let Some(door) = Door::widest(doors.into_iter().map(|way| way.door).collect()) else {
            continue;
        };
        workloads.push(Workload {
            label: format!("function {name}"),
            resource,
            to: whom(door.exposure.who.widest()),
            role: Assigned::Role(role.clone(), proof),
            door,
            locks: Vec::new(),
            eased: Vec::new(),
            also: "",
        });
    }
    workloads
}

/// Who gets in, in words.
fn whom(who: Option<&Who>) -> &'static str {
    match who {
        Some(Who::AnyAws) => "any AWS account",
        Some(Who::Federated) => "anyone at an identity provider",
        _ => "the internet",
    }
}

/// What load balancers forward to functions, by the function's name. A function is registered with an
/// ARN that may name a version or an alias (ELB user guide, "Use Lambda functions as targets").
fn behind_balancers<'r, 'a>(region: &Region<'r, 'a>) -> BTreeMap<&'a str, Vec<Opening<'r, 'a>>> {
    let mut openings: BTreeMap<&str, Vec<Opening<'_, '_>>> = BTreeMap::new();
    for row in &region.network().rows {
        if row.resource.kind != &kinds::LAMBDA_FUNCTION || row.status == Status::Latent {
            continue;
        }
        let Some(named) = name_in(row.resource.id) else { continue };
        let name = named.split(':').next().unwrap_or(named);
        openings.entry(name).or_default().extend(doors::of(row));
    }
    openings
}

/// A way into a function.
struct Way {
    door: Door,
    /// Whether it leads to a version of the function that an alias, or its number, names.
    of_a_version: bool,
}

/// What one function is judged by.
struct FunctionWays<'w, 'r, 'a> {
    region: &'w Region<'r, 'a>,
    place: Place<'a>,
    function: &'a FunctionConfiguration,
    zone: &'w policy::Context,
}

impl<'a> FunctionWays<'_, '_, 'a> {
    /// The ways in by the policies on the function and on its aliases.
    fn by_policy(&self, itself: Target<'a>, found: &mut Findings) -> Vec<Way> {
        let lambda = &self.region.services.lambda;
        let function = self.function;
        let mut targets = vec![itself];
        match functions::aliases(lambda, function) {
            Known::Read(aliases) => targets.extend(aliases),
            Known::Unread => {
                found.unread_one(&LIST_ALIASES, self.region.name, &function.function_name);
            }
        }
        let api = functions::api_context(self.zone);
        let mut ways = Vec::new();
        for target in &targets {
            let bearer = functions::by_api(lambda, &self.place, target);
            let judged = effective_for(&bearer, &api, &runs);
            let verdict = |ways: &Ways<'_>| ways.verdict("Lambda", &[]);
            ways.extend(self.way(&bearer, judged, verdict, found));
        }
        let Known::Read(urls) = functions::urls(lambda, function) else {
            self.without_urls(&targets, found);
            return ways;
        };
        for (url, target) in urls {
            let bearer = functions::by_url(lambda, &self.place, function, &target);
            let judged = effective(&bearer, &functions::url_context(self.zone, url));
            let verdict = |ways: &Ways<'_>| function_url::verdict(ways, url);
            ways.extend(self.way(&bearer, judged, verdict, found));
        }
        ways
    }

    /// A way in, if it is open.
    fn way(
        &self,
        bearer: &Bearer<'_>,
        judged: Known<Option<Effective>>,
        verdict: impl Fn(&Ways<'_>) -> Verdict,
        found: &mut Findings,
    ) -> Option<Way> {
        let Known::Read(judged) = judged else {
            found.unread_about(bearer.asked, self.region.name, bearer.asked_of);
            return None;
        };
        let judged = judged?;
        let ways = Ways::worst(&judged.paths).filter(|ways| ways.status != Status::Latent)?;
        let door = Door { exposure: ways.exposure(), verdict: verdict(&ways), hindered: false };
        Some(Way { door, of_a_version: bearer.asked_of.contains(':') })
    }

    /// Its URLs were not read. There is nothing to say where nobody would get in by one.
    fn without_urls(&self, targets: &[Target<'a>], found: &mut Findings) {
        let lambda = &self.region.services.lambda;
        for target in targets {
            let bearer = functions::by_url(lambda, &self.place, self.function, target);
            let (region, name) = (self.region.name, &self.function.function_name);
            match functions::would_open(&bearer, self.zone, false) {
                Known::Unread => found.unread_one(&GET_POLICY, region, target.name),
                Known::Read(true) => {
                    found.unread_one(&LIST_FUNCTION_URL_CONFIGS, region, name);
                }
                Known::Read(false) => {}
            }
        }
    }
}

/// Whether a grant lets its holder run code in the function.
fn runs(grant: &Grant) -> bool {
    RUNS.iter().any(|action| grant.actions.contains(*action))
}
