//! Versions of layers that every AWS account may read.

use std::collections::BTreeSet;

use super::statements::left;
use crate::analysis::aws::policy::Context as Zone;
use crate::analysis::aws::policy::effective::{Bearer, opening};
use crate::inventory::aws::Lambda;
use crate::inventory::aws::calls::lambda::{
    GET_LAYER_VERSION_POLICY, LIST_LAYER_VERSIONS, LIST_LAYERS,
};
use crate::inventory::aws::kinds::{self, Place};
use crate::inventory::aws::lambda::{LayerVersion, about};
use crate::model::{Category, Known, Remediation, Severity, aws};
use crate::rules::change::Change;
use crate::rules::shapes::named::{Close, NamedKind};
use crate::rules::shapes::policy::{Said, report};
use crate::rules::{Context, Findings, Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "lambda-layer-public",
    title: "A layer can be read by any AWS account",
    category: Category::Exposure,
    severity: Severity::Medium,
    kind: &kinds::LAMBDA_LAYER_VERSION,
    // A call for each version, and one a region for a list of what few accounts have.
    opt_in: true,
    never: &[],
    reads: &[&[&GET_LAYER_VERSION_POLICY, &LIST_LAYER_VERSIONS, &LIST_LAYERS]],
    reads_more: &[],
    docs: "\
## What it finds
Versions of Lambda layers whose policy lets every AWS account read them (lambda:GetLayerVersion). Versions
that only named accounts or an organization may read are not meant. Every version has a policy of its own,
which takes a call for each, so the rule runs only when it is asked for (`--rule lambda-layer-public`).

## Why it matters
Whoever may read a layer can download it: code, libraries, certificates and whatever else was packed in.
Layers are often published on purpose, which is why this is medium: accept those.

## When it is latent
A Deny statement of the same policy leaves nothing of the grant. AWS's own calls write no such statement.

## How to close it
Take the statement out of the version's policy. Functions that use the version go on, and copies that
others made stay theirs: change the secrets that were in it.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = cx.zone_of_trust();
    for region in cx.regions() {
        let Known::Read(bearers) = bearers(&region) else {
            found.unread(&LIST_LAYERS, region.name);
            continue;
        };
        for bearer in bearers {
            report(found, bearer, &zone, |bearer, ways| {
                let (remediation, changes) = fix(bearer, opening(bearer, &zone));
                Said {
                    severity: Severity::Medium,
                    title: ways.title(&format!("layer {}", bearer.resource.id)),
                    exposure: ways.exposure(),
                    verdict: ways.verdict("Lambda", &[]),
                    remediation,
                    changes,
                }
            });
        }
    }
}

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind {
    rule: &RULE,
    noun: "layer",
    list: &LIST_LAYERS,
    bearers,
    further: None,
    zone: Zone::clone,
    close: Close::Statements(|bearer, statements| {
        let (remediation, changes) = fix(bearer, statements.cloned());
        (remediation.commands, changes)
    }),
};

/// The versions of all layers. Where those of one were not read, what stands for them is unread.
fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let lambda = &region.services.lambda;
    let place = region.place();
    lambda.list_layers.as_ref().map(|listed| {
        let mut bearers = Vec::new();
        for layer in &listed.layers {
            let name = layer.layer_name.as_str();
            match lambda.list_layer_versions.get(name) {
                Some(versions) => {
                    let all = versions.layer_versions.iter();
                    bearers.extend(all.map(|version| bearer(lambda, &place, version)));
                }
                None => bearers.push(Bearer {
                    resource: kinds::LAMBDA_LAYER_VERSION.resource(&place, name),
                    policy: Known::Unread,
                    further: Vec::new(),
                    asked: &LIST_LAYER_VERSIONS,
                    asked_of: name,
                    locks: Vec::new(),
                }),
            }
        }
        bearers
    })
}

fn bearer<'a>(lambda: &'a Lambda, place: &Place<'_>, version: &'a LayerVersion) -> Bearer<'a> {
    let arn = version.layer_version_arn.as_str();
    let name = arn.split_once(":layer:").map_or(arn, |(_, name)| name);
    let policy = about(&lambda.get_layer_version_policy, arn);
    Bearer {
        resource: kinds::LAMBDA_LAYER_VERSION.resource_of(place, name, arn),
        policy: policy.map(|answer| answer.and_then(|answer| answer.policy.as_deref())),
        further: Vec::new(),
        asked: &GET_LAYER_VERSION_POLICY,
        asked_of: arn,
        locks: Vec::new(),
    }
}

fn fix(bearer: &Bearer<'_>, statements: Option<BTreeSet<String>>) -> (Remediation, Vec<Change>) {
    let region = bearer.resource.region.as_str();
    // `<layer>:<version>`
    let id = bearer.resource.id.as_str();
    let (layer, number) = id.rsplit_once(':').unwrap_or((id, ""));
    let named = ["--region", region, "--layer-name", layer, "--version-number", number];
    let Some(statements) = statements else {
        // Every statement that AWS writes has an id: one without is none that a call takes out.
        let words = ["lambda", "delete-layer-version"].into_iter().chain(named);
        let remediation = Remediation {
            text: "name who may read the version in its policy; the command deletes the version, \
                   which functions that use it outlive"
                .to_owned(),
            commands: vec![aws(words)],
        };
        let change = Change::close(RULE.kind, &bearer.resource, bearer.asked_of);
        return (remediation, change.into_iter().collect());
    };
    let remove = statements.iter().map(|sid| {
        let words = ["lambda", "remove-layer-version-permission"].into_iter().chain(named);
        aws(words.chain(["--statement-id", sid]))
    });
    let remediation = Remediation {
        text:
            "take the statement for everyone out of the version's policy, and change the secrets \
               that were in it: copies that others made stay theirs"
                .to_owned(),
        commands: remove.collect(),
    };
    let left = left(bearer, &statements);
    let change = Change::policy(RULE.kind, &bearer.resource, bearer.asked_of, left);
    (remediation, change.into_iter().collect())
}
