//! URLs of functions that anyone, or any AWS account, may call.

use std::collections::BTreeSet;

use super::statements;
use crate::analysis::aws::functions;
use crate::analysis::aws::policy::effective::{Bearer, opening};
use crate::inventory::aws::Lambda;
use crate::inventory::aws::calls::lambda::{
    GET_FUNCTION_CONCURRENCY, GET_POLICY, LIST_ALIASES, LIST_FUNCTION_URL_CONFIGS, LIST_FUNCTIONS,
};
use crate::inventory::aws::kinds::{self, Place};
use crate::inventory::aws::lambda::{FunctionConfiguration, FunctionUrlConfig};
use crate::model::{Category, Known, Remediation, Severity, Status, aws};
use crate::rules::change::Change;
use crate::rules::shapes::function_url;
use crate::rules::shapes::policy::{Said, Ways, report};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "lambda-url-public",
    title: "The URL of a function can be called by anyone",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::LAMBDA_FUNCTION_URL,
    opt_in: false,
    never: &[],
    reads: &[&[
        &GET_FUNCTION_CONCURRENCY,
        &GET_POLICY,
        &LIST_ALIASES,
        &LIST_FUNCTION_URL_CONFIGS,
        &LIST_FUNCTIONS,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
URLs of Lambda functions, and of their aliases, that strangers may call: those of type NONE take requests
without a signature, those of type AWS_IAM take signed ones of any AWS account where the policy lets
everyone in. The type alone opens nothing: the policy of the function has to grant
lambda:InvokeFunctionUrl and, to the same caller, lambda:InvokeFunction for calls through a URL. The
console writes both when it makes a URL without authentication. What a URL says about other sites (CORS)
is for browsers, and keeps nobody out.

## Why it matters
A URL is found by whoever looks for such names, and whoever calls it runs the function with input of
theirs, with the permissions of its role, at your cost. Nothing checks a request before the function's own
code does.

## When it is latent
One of the two permissions is missing for everyone who has the other, a Deny statement of the policy leaves
nothing of them, or the function's reserved concurrency is 0, so that nobody can run it. A URL of type NONE
from before October 2025 that has only lambda:InvokeFunctionUrl is undetermined: AWS went on answering
those until 2026-11-01, and whether it still does cannot be read.

## How to close it
Take the statements for everyone out of the policy: a URL of type NONE answers nobody then. Or delete the
URL, or set its type to AWS_IAM and name who may call it.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    for region in cx.regions() {
        let lambda = &region.services.lambda;
        let Some(listed) = lambda.list_functions.read() else {
            found.unread(&LIST_FUNCTIONS, region.name);
            continue;
        };
        let place = region.place();
        for function in &listed.functions {
            match functions::urls(lambda, function) {
                Known::Read(urls) => {
                    for (url, target) in urls {
                        let bearer = functions::by_url(lambda, &place, function, &target);
                        judge(cx, found, url, bearer);
                    }
                }
                Known::Unread => without_urls(cx, found, lambda, &place, function),
            }
        }
    }
}

/// A function whose URLs were not read. There is nothing to say where nobody would get in by one.
fn without_urls(
    cx: &Context<'_>,
    found: &mut Findings,
    lambda: &Lambda,
    place: &Place<'_>,
    function: &FunctionConfiguration,
) {
    let zone = cx.zone_of_trust();
    for target in statements::targets(found, lambda, place, function) {
        let bearer = functions::by_url(lambda, place, function, &target);
        let name = &function.function_name;
        match functions::would_open(&bearer, &zone, cx.latent) {
            Known::Unread => found.unread_one(&GET_POLICY, place.region, target.name),
            Known::Read(true) => found.unread_one(&LIST_FUNCTION_URL_CONFIGS, place.region, name),
            Known::Read(false) => {}
        }
    }
}

fn judge(cx: &Context<'_>, found: &mut Findings, url: &FunctionUrlConfig, bearer: Bearer<'_>) {
    let zone = functions::url_context(&cx.zone_of_trust(), url);
    report(found, bearer, &zone, |bearer, ways| {
        let statements = opening(bearer, &zone);
        let (remediation, changes) = fix(bearer, ways.status, statements.as_ref());
        Said {
            severity: Severity::High,
            title: title(ways, &bearer.resource.id),
            exposure: ways.exposure(),
            verdict: function_url::verdict(ways, url),
            remediation,
            changes,
        }
    });
}

fn fix(
    bearer: &Bearer<'_>,
    status: Status,
    statements: Option<&BTreeSet<String>>,
) -> (Remediation, Vec<Change>) {
    let Some(_) = statements else {
        let text = "delete the URL; or set its type to AWS_IAM, and name in the policy who may \
                    call it";
        let remediation = Remediation { text: text.to_owned(), commands: vec![delete(bearer)] };
        let change = Change::close(RULE.kind, &bearer.resource, bearer.asked_of);
        return (remediation, change.into_iter().collect());
    };
    let taken = statements::taken_away(status, statements);
    let text =
        format!("{taken}; or delete the URL, or set its type to AWS_IAM and name who may call it");
    let (commands, changes) = statements::remove(bearer, statements);
    (Remediation { text, commands }, changes)
}

fn title(ways: &Ways<'_>, name: &str) -> String {
    let who = ways.who_says();
    match ways.status {
        Status::Latent => format!("{who} could call the URL of {name} but for a control"),
        Status::Undetermined => format!("{who} may be able to call the URL of {name}"),
        _ => format!("{who} can call the URL of {name}"),
    }
}

/// Deletes the URL. An alias is named apart (Lambda API reference, DeleteFunctionUrlConfig).
fn delete(bearer: &Bearer<'_>) -> String {
    let region = bearer.resource.region.as_str();
    let words = ["lambda", "delete-function-url-config", "--region", region, "--function-name"];
    let name = bearer.asked_of.split(':');
    let (name, alias): (Vec<_>, Vec<_>) = (name.clone().take(1).collect(), name.skip(1).collect());
    let alias = alias.into_iter().flat_map(|alias| ["--qualifier", alias]);
    aws(words.into_iter().chain(name).chain(alias))
}
