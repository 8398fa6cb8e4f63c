//! Sentences for people: who may do what, by which statement, and what stands in the way.

use super::grant::{Grant, Who};
use super::ruling::Ruling;
use super::verdict::Verdict;
use crate::analysis::aws::policy::language::document::{IDENTITY_POLICY, TEMPLATE};
use crate::analysis::aws::policy::language::issuers::SESSION_NAME;
use crate::model::first_few;

/// Actions that are spelled out before the rest is counted.
const ACTIONS: usize = 3;

/// One grant in one sentence: "statement `AllowRead` lets anyone `s3:GetObject` on
/// `arn:aws:s3:::b/*`; no Deny cuts it".
pub fn sentence(grant: &Grant) -> String {
    let mut text = allowing(grant);
    if grant.cut_by.is_empty() {
        text.push_str("; no Deny cuts it");
    } else {
        let denies: Vec<String> = grant.cut_by.iter().map(|label| format!("`{label}`")).collect();
        text.push_str(&format!("; Deny {} does not reach all of it", denies.join(", ")));
    }
    if grant.confused_deputy {
        text.push_str("; any AWS account can make the service call");
    }
    text
}

/// The part of the sentence that is about Allow statements, for grants that a Deny takes away.
pub fn allowing(grant: &Grant) -> String {
    let via: Vec<String> = grant.via.iter().map(|label| format!("`{label}`")).collect();
    let statements = if via.len() == 1 { "statement" } else { "statements" };
    let lets = if via.len() == 1 { "lets" } else { "let" };
    let mut text = format!(
        "{statements} {} {lets} {} {} on {}",
        via.join(", "),
        holder(grant),
        list(&grant.actions),
        list(&grant.resources),
    );
    if grant.who == Who::AnyAws
        && ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"]
            .iter()
            .any(|key| grant.example.keys.get(*key).is_some_and(|values| !values.is_empty()))
    {
        text.push_str(", by an AWS service that acts for a resource of theirs");
    }
    if !grant.bound.is_empty() {
        let bound: Vec<&str> = grant.bound.iter().map(String::as_str).collect();
        let word = if grant.verdict == Verdict::Conditional { "in doubt" } else { "bounded by" };
        text.push_str(&format!(", {word}: {}", bound.join(", ")));
    }
    if !grant.residual.is_empty() {
        let residual: Vec<&str> = grant.residual.iter().map(String::as_str).collect();
        text.push_str(&format!(
            ", under conditions that the caller meets at will ({})",
            residual.join("; ")
        ));
    }
    text
}

/// Who has a grant, in words. A provider may have it for all its identities: then no claim but the
/// audience, and no name of the session, is in the request that proves it.
fn holder(grant: &Grant) -> String {
    match &grant.who {
        Who::Provider(host) => {
            let keys = &grant.example.keys;
            let claims = format!("{}:", host.to_lowercase());
            let audience = format!("{claims}aud");
            let names =
                |key: &String| key == SESSION_NAME || key.starts_with(&claims) && *key != audience;
            match (keys.keys().any(names), keys.contains_key(&audience)) {
                (true, _) => people(&grant.who),
                (false, true) => format!("any identity of {host} for that audience"),
                (false, false) => format!("any identity of {host}"),
            }
        }
        who => people(who),
    }
}

/// Who, in words.
pub fn people(who: &Who) -> String {
    match who {
        Who::Anyone => "anyone".into(),
        Who::AnyAws => "any AWS account".into(),
        Who::Federated => "anyone at the identity provider".into(),
        Who::Account(id) => format!("account {id}"),
        Who::Principal(arn) => format!("`{arn}`"),
        Who::Org(id) => format!("organization {id}"),
        Who::Canonical(id) => format!("the account with canonical id {id}"),
        Who::Unique(id) => format!("the principal with id {id}"),
        Who::Source(arn) => format!("AWS services on behalf of `{arn}`"),
        Who::Provider(host) => format!("the pinned identities of {host}"),
        Who::Service(_) if who.is_any_service() => "any AWS service".into(),
        Who::Service(name) => format!("the service {name}"),
        Who::Other(text) => text.clone(),
    }
}

fn network(name: &str) -> &str {
    match name {
        "internet" => "anywhere on the internet",
        "vpc endpoint" => "a VPC endpoint",
        address => address,
    }
}

fn list(items: &std::collections::BTreeSet<String>) -> String {
    first_few(items.iter().map(|item| format!("`{item}`")), ACTIONS)
}

/// The whole ruling: a line for the verdict, one for each grant with a request that proves it, and
/// the diagnostics.
pub fn explain(ruling: &Ruling) -> Vec<String> {
    let has = |code: &str| ruling.diagnostics.iter().any(|found| found.code == code);
    let mut lines = vec![
        match ruling.verdict {
            Verdict::Public => "public: somebody whom nobody named has a request that is allowed",
            Verdict::Error if has(TEMPLATE) => {
                "cannot be judged: it is a template that is not filled in"
            }
            Verdict::Error if has(IDENTITY_POLICY) => "cannot be judged: it belongs to no resource",
            Verdict::Error => "unreadable: a part that may allow anything cannot be read",
            Verdict::Conditional => "conditional: what cannot be decided may let an attacker in",
            Verdict::CrossAccount => "cross-account: only outsiders that are named",
            Verdict::Bounded => "bounded: anyone, but only by a fixed way in",
            Verdict::Service => "service: only AWS services",
            Verdict::Private => "private: nobody outside",
        }
        .to_owned(),
    ];
    for grant in &ruling.grants {
        lines.push(format!("{}: {}", grant.verdict.name(), sentence(grant)));
        if grant.verdict <= Verdict::Conditional {
            let example = &grant.example;
            let mut line = format!(
                "  for example {}, from {}: {} on {}",
                example.caller,
                network(&example.network),
                example.action,
                example.resource
            );
            for (key, values) in &example.keys {
                let value = if values.is_empty() { "absent".into() } else { values.join(", ") };
                line.push_str(&format!(", {key} = {value}"));
            }
            lines.push(line);
        }
    }
    for diagnostic in &ruling.diagnostics {
        lines.push(format!("{}: {}", diagnostic.code, diagnostic.text));
    }
    lines
}
