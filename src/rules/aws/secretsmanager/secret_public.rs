//! Secrets that any AWS account may read, change or take over.

use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::calls::secretsmanager::{GET_RESOURCE_POLICY, LIST_SECRETS};
use crate::inventory::aws::kinds;
use crate::inventory::aws::secretsmanager::Secret;
use crate::model::{Category, Control, Known, Lock, Severity, Step, aws};
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, PolicyRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "secretsmanager-secret-public",
    title: "A secret is open to any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::SECRETS_MANAGER_SECRET,
    opt_in: false,
    never: &[],
    reads: &[&[&GET_RESOURCE_POLICY, &LIST_SECRETS]],
    reads_more: &[],
    docs: "\
## What it finds
Secrets of Secrets Manager whose policy lets any AWS account read the value, change it, or change the
policy itself. Conditions are judged: a secret that only the own organization may read is not public.
Replicas are judged in each region, since each has a policy of its own, and so are secrets that another
service manages. The evidence names the key that encrypts the value, because whoever reads it needs that
key as well: a customer managed key has a policy of its own (`kms-key-public`), and the AWS managed key
`aws/secretsmanager` cannot be used from another account, so that others get all that the policy grants
but the value. No value is ever read. Of the policies on a secret the one called `default` is read.

## Why it matters
A secret is a password, a token or a private key: who has it has what it opens. Whoever may change the
policy or the value takes over or breaks what depends on it.

## When it is latent
The policy grants it to anyone, and a Deny statement of the same policy, or a resource control policy
of the organization, leaves nothing of the grant; or the secret is about to be deleted, and can be
restored until then.

## How to close it
Name the principals that need the secret, or bound the statement by aws:PrincipalOrgID or
aws:PrincipalAccount, and change the value: it may be known. `BlockPublicPolicy` of PutResourcePolicy
refuses such a policy.
",
    evaluate: |cx, found| policy::evaluate(cx, found, &SHAPE),
};

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "secret",
    service: "Secrets Manager",
    list: &LIST_SECRETS,
    bearers,
    further: None,
    severity: |_| Severity::Critical,
    closing: None,
    leaves: None,
    close: |secret| {
        let named = ["--region", &secret.resource.region, "--secret-id", secret.asked_of];
        aws(["secretsmanager", "delete-resource-policy"].into_iter().chain(named))
    },
    put: |secret, policy| {
        let named = ["--region", &secret.resource.region, "--secret-id", secret.asked_of];
        let put = ["--resource-policy", policy];
        aws(["secretsmanager", "put-resource-policy"].into_iter().chain(named).chain(put))
    },
};

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let secrets = &region.services.secretsmanager;
    let place = region.place();
    secrets.list_secrets.as_ref().map(|listed| {
        let bearers = listed.secret_list.iter().map(|secret| {
            let told = secrets.get_resource_policy.get(&secret.arn);
            let told = told.filter(|told| told.arn.is_some() || told.resource_policy.is_some());
            Bearer {
                resource: kinds::SECRETS_MANAGER_SECRET.resource_of(
                    &place,
                    &secret.name,
                    &secret.arn,
                ),
                policy: Known::from(told).map(|told| told.resource_policy.as_deref()),
                asked: &GET_RESOURCE_POLICY,
                asked_of: &secret.arn,
                further: Vec::new(),
                locks: locks(secret),
            }
        });
        bearers.collect()
    })
}

/// A secret whose deletion was asked for cannot be read until it is restored (Secrets Manager API
/// reference, DeleteSecret). The key is a second permission, which the policy does not give (Secrets
/// Manager user guide, "Access Secrets Manager secrets from a different account").
fn locks(secret: &Secret) -> Vec<Lock> {
    let key = match &secret.kms_key_id {
        Some(key) => Step::of(
            "kms-key",
            key,
            "encrypts the value: whoever reads it needs this key as well, by the key's own policy",
        ),
        None => Step::of(
            "kms-key",
            "alias/aws/secretsmanager",
            "encrypts the value: no other account can use this key, so that others get what the \
             policy grants but the value, until the secret has another key",
        ),
    };
    let deleted = secret.deleted_date.as_ref().map(|_| {
        Lock::Shut(Control {
            control: "secretsmanager-state".to_owned(),
            text: "the secret is about to be deleted and cannot be read unless it is restored"
                .to_owned(),
        })
    });
    [Lock::Open(key)].into_iter().chain(deleted).collect()
}
