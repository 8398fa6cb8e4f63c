//! Versions of layers that every AWS account may read.

use std::collections::BTreeSet;

use super::statements::left;
use crate::analysis::aws::policy::effective::{Bearer, opening};
use crate::inventory::aws::Lambda;
use crate::inventory::aws::calls::lambda::{
    GET_LAYER_VERSION_POLICY, LIST_LAYER_VERSIONS, LIST_LAYERS,
};
use crate::inventory::aws::kinds::{self, Place};
use crate::inventory::aws::lambda::{Layer, LayerVersion, about};
use crate::model::{Category, Remediation, Severity, aws};
use crate::rules::change::Change;
use crate::rules::shapes::policy::{Said, report};
use crate::rules::{Context, Findings, Rule};

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
        let lambda = &region.services.lambda;
        let Some(listed) = lambda.list_layers.read() else {
            found.unread(&LIST_LAYERS, region.name);
            continue;
        };
        let place = region.place();
        for layer in &listed.layers {
            let Some(versions) = lambda.list_layer_versions.get(&layer.layer_name) else {
                found.unread_one(&LIST_LAYER_VERSIONS, region.name, &layer.layer_name);
                continue;
            };
            for version in &versions.layer_versions {
                report(found, bearer(lambda, &place, version), &zone, |bearer, ways| {
                    let opening = opening(bearer, &zone);
                    let (remediation, changes) = fix(bearer, layer, version, opening);
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

fn fix(
    bearer: &Bearer<'_>,
    layer: &Layer,
    version: &LayerVersion,
    statements: Option<BTreeSet<String>>,
) -> (Remediation, Vec<Change>) {
    let (region, number) = (bearer.resource.region.as_str(), version.version.to_string());
    let layer = layer.layer_name.as_str();
    let named = ["--region", region, "--layer-name", layer, "--version-number", &number];
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
