//! Repositories of container images that any AWS account may pull from or push to.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::Access;
use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::calls::ecr::{
    DESCRIBE_REPOSITORIES, GET_REGISTRY_POLICY, GET_REPOSITORY_POLICY,
};
use crate::inventory::aws::kinds;
use crate::model::{Category, Known, Severity, aws};
use crate::rules::change::Change;
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, Further, PolicyRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ecr-repository-public",
    title: "A repository of container images is open to any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::ECR_REPOSITORY,
    opt_in: false,
    never: &[],
    reads: &[&[&DESCRIBE_REPOSITORIES, &GET_REGISTRY_POLICY, &GET_REPOSITORY_POLICY]],
    reads_more: &[],
    docs: "\
## What it finds
Private repositories of ECR from which any AWS account may pull images, or to which it may push. The
repository's own policy and the registry policy of the region are judged together: since a registry
policy may hold any action of ECR and is enforced in every request, it opens repositories whose own
policy is closed, and its Deny statements close them. Conditions are judged. Repositories of ECR Public
are public by definition and not meant.

## Why it matters
Images hold the code, often with addresses, keys and passwords in some layer: to pull is high. Whoever
can push puts code of their own under a tag that clusters start, and whoever can change the policy gives
themselves that right: critical.

## When it is latent
A policy grants it to anyone, and a Deny statement of the same policy, of the registry policy, or of a
resource control policy of the organization leaves nothing of the grant.

## How to close it
Name the accounts that need the images, or bound the statement by aws:PrincipalOrgID. A repository
without a policy, in a registry without one, lets its own account in only. Where strangers could push,
compare the digests that are deployed with those that were built.
",
    evaluate: |cx, found| policy::evaluate(cx, found, &SHAPE),
};

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "repository",
    service: "ECR",
    list: &DESCRIBE_REPOSITORIES,
    bearers,
    further: Some(&REGISTRY),
    severity,
    closing: None,
    leaves: None,
    close: |repository| {
        let (region, name) = (&repository.resource.region, repository.asked_of);
        let named = ["--region", region, "--repository-name", name];
        aws(["ecr", "delete-repository-policy"].into_iter().chain(named))
    },
    put: |repository, policy| {
        let (region, name) = (&repository.resource.region, repository.asked_of);
        let named = ["--region", region, "--repository-name", name, "--policy-text", policy];
        aws(["ecr", "set-repository-policy"].into_iter().chain(named))
    },
};

/// ECR "allows all ECR actions in the policy and enforces the registry policy in all ECR requests"
/// (ECR user guide, "Private registry permissions").
static REGISTRY: Further = Further {
    name: "the registry policy",
    call: &GET_REGISTRY_POLICY,
    policy: |region| {
        let answer = region.services.ecr.get_registry_policy.as_ref();
        answer.map(|policy| policy.as_ref().and_then(|policy| policy.policy_text.as_deref()))
    },
    close: |repository| {
        aws(["ecr", "delete-registry-policy", "--region", &repository.resource.region])
    },
    change: Change::registry_policy,
};

fn severity(access: &BTreeSet<Access>) -> Severity {
    match access.contains(&Access::Write) || access.contains(&Access::Permissions) {
        true => Severity::Critical,
        false => Severity::High,
    }
}

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let ecr = &region.services.ecr;
    let place = region.place();
    ecr.describe_repositories.as_ref().map(|listed| {
        let bearers = listed.repositories.iter().map(|repository| {
            let name = repository.repository_name.as_str();
            let arn = repository.repository_arn.clone();
            let arn = arn.unwrap_or_else(|| kinds::ECR_REPOSITORY.arn(&place, name));
            let told = ecr.get_repository_policy.get(name);
            // An answer without a policy is none: where there is none, AWS says so by an error.
            let told =
                told.filter(|told| told.as_ref().is_none_or(|answer| answer.policy_text.is_some()));
            Bearer {
                resource: kinds::ECR_REPOSITORY.resource_of(&place, name, &arn),
                policy: Known::from(told)
                    .map(|told| told.as_ref().and_then(|answer| answer.policy_text.as_deref())),
                asked: &GET_REPOSITORY_POLICY,
                asked_of: name,
                further: Vec::new(),
                locks: Vec::new(),
            }
        });
        bearers.collect()
    })
}
