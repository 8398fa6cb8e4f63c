//! Functions that any AWS account may invoke or change by the API.

use std::collections::BTreeSet;

use super::statements;
use crate::analysis::aws::functions;
use crate::analysis::aws::policy::Access;
use crate::analysis::aws::policy::effective::{Bearer, opening};
use crate::inventory::aws::calls::lambda::{GET_POLICY, LIST_ALIASES, LIST_FUNCTIONS};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Remediation, Severity};
use crate::rules::shapes::named::{Close, NamedKind};
use crate::rules::shapes::policy::{Said, report};
use crate::rules::{Context, Findings, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "lambda-function-public",
    title: "A function can be invoked or changed by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::LAMBDA_FUNCTION,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_POLICY, &LIST_ALIASES, &LIST_FUNCTIONS]],
    reads_more: &[],
    docs: "\
## What it finds
Functions of Lambda, and aliases of them, whose policy lets any AWS account invoke them by the API, or
change them. Requests to the API are signed, so everyone means every AWS account. What holds only for
calls through the function's URL is no way in by the API: that is `lambda-url-public`. Conditions are
judged: a service that may invoke the function only for what the account itself owns is not meant, nor is
a service without such a condition. Policies of single published versions are not read: that would be a
call for each of them.

## Why it matters
Whoever invokes a function makes it do its work with data of theirs, with the permissions of its role, and
at your cost. Whoever may change its code or its permissions has the role as well.

## When it is latent
The policy grants it to everyone, and a Deny statement of the same policy leaves nothing of the grant.
Remove that and the function is open.

## How to close it
Take the statements out of the policy, and name the principals that need the function, or bound what a
service may do by aws:SourceArn or aws:SourceAccount.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = functions::api_context(&cx.zone_of_trust());
    for region in cx.regions() {
        let Known::Read(bearers) = bearers(&region) else {
            found.unread(&LIST_FUNCTIONS, region.name);
            continue;
        };
        for bearer in bearers {
            report(found, bearer, &zone, |bearer, ways| {
                let statements = opening(bearer, &zone);
                let text = statements::taken_away(ways.status, statements.as_ref());
                let (commands, changes) = statements::remove(bearer, statements.as_ref());
                let name = bearer.asked_of;
                let noun = if name.contains(':') { "function alias" } else { "function" };
                Said {
                    severity: severity(&ways.access()),
                    title: ways.title(&format!("{noun} {name}")),
                    exposure: ways.exposure(),
                    verdict: ways.verdict("Lambda", &[]),
                    remediation: Remediation { text: text.to_owned(), commands },
                    changes,
                }
            });
        }
    }
}

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind {
    rule: &RULE,
    noun: "function",
    list: &LIST_FUNCTIONS,
    bearers,
    further: None,
    zone: functions::api_context,
    close: Close::Statements(statements::remove),
};

/// Functions and their aliases. Where the aliases of one were not read, what stands for them is
/// unread.
fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let lambda = &region.services.lambda;
    let place = region.place();
    lambda.list_functions.as_ref().map(|listed| {
        let mut bearers = Vec::new();
        for function in &listed.functions {
            let own = functions::by_api(lambda, &place, &functions::function(function, &place));
            match functions::aliases(lambda, function) {
                Known::Read(aliases) => {
                    let all = aliases.iter().map(|alias| functions::by_api(lambda, &place, alias));
                    bearers.extend(all);
                }
                Known::Unread => bearers.push(Bearer {
                    policy: Known::Unread,
                    asked: &LIST_ALIASES,
                    ..own.clone()
                }),
            }
            bearers.push(own);
        }
        bearers
    })
}

/// To invoke is to write. What only reads tells of code and settings.
fn severity(access: &BTreeSet<Access>) -> Severity {
    let reads = |class: &Access| matches!(class, Access::Read | Access::List);
    if access.iter().all(reads) { Severity::High } else { Severity::Critical }
}
