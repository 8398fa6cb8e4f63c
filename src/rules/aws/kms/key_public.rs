//! Keys that any AWS account may use.

use serde_json::json;

use crate::analysis::aws::policy::effective::Bearer;
use crate::inventory::aws::Kms;
use crate::inventory::aws::calls::kms::{DESCRIBE_KEY, GET_KEY_POLICY, LIST_ALIASES, LIST_KEYS};
use crate::inventory::aws::kinds;
use crate::inventory::aws::kms::Aliases;
use crate::model::{Category, Control, Known, Lock, Severity, Step, aws};
use crate::rules::shapes::named::NamedKind;
use crate::rules::shapes::policy::{self, PolicyRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "kms-key-public",
    title: "A key can be used by any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::KMS_KEY,
    opt_in: false,
    never: &[],
    reads: &[&[&DESCRIBE_KEY, &GET_KEY_POLICY, &LIST_KEYS]],
    reads_more: &[&LIST_ALIASES],
    docs: "\
## What it finds
Keys of KMS whose policy lets any AWS account decrypt, encrypt or sign with them, or make grants.
Conditions are judged: `kms:CallerAccount` bounds a statement, `kms:ViaService` alone does not, since
every account can go through that service. What KMS lets nobody do from another account (to change the
policy, to delete the key, …) counts for nothing. AWS managed keys are left out: nobody can change
their policies, and these let the own account in only. A grant names one principal (an account, a user,
a role, a session or a service) and no wildcard, so grants share a key with somebody who is named and
cannot make it public: they are not asked for.

## Why it matters
The key is what encryption rests on: whoever gets hold of a copy of the data (a shared snapshot, an
open bucket, a backup) and may decrypt with the key reads it. Whoever may sign forges what others trust,
and whoever may make grants passes the key on.

## When it is latent
The policy grants it to anyone, and a Deny statement of the same policy, or a resource control policy
of the organization, leaves nothing of the grant; or the key cannot be used in its state (disabled,
about to be deleted, without key material): the grant works again when it is enabled.

## How to close it
Name the principals that need the key, or bound the statement by kms:CallerAccount or
aws:PrincipalOrgID. Keep the statement for the own account, or nobody can manage the key any more.
",
    evaluate: |cx, found| policy::evaluate(cx, found, &SHAPE),
};

/// What it lends to the rule about outsiders who are named.
pub static NAMED: NamedKind = NamedKind::of(&RULE, &SHAPE);

const SHAPE: PolicyRule = PolicyRule {
    noun: "key",
    service: "KMS",
    list: &LIST_KEYS,
    bearers,
    further: None,
    severity: |_| Severity::Critical,
    closing: Some(
        "the command puts back the policy of a new key, by which its own account's IAM policies \
         decide: name again whoever else needs the key",
    ),
    leaves: Some(|key| policy_of_a_new_key(key).to_string()),
    close: |key| put(key, &policy_of_a_new_key(key).to_string()),
    put,
};

fn put(key: &Bearer<'_>, policy: &str) -> String {
    let (region, id) = (&key.resource.region, key.asked_of);
    let put = ["--policy-name", "default", "--policy", policy];
    let named = ["kms", "put-key-policy", "--region", region, "--key-id", id];
    aws(named.into_iter().chain(put))
}

/// The policy that KMS gives a key for which nobody says one (KMS developer guide, "Default key
/// policy").
fn policy_of_a_new_key(key: &Bearer<'_>) -> serde_json::Value {
    let place = kinds::Place {
        partition: &key.resource.partition,
        region: &key.resource.region,
        account: &key.resource.account,
    };
    json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": kinds::ACCOUNT.arn(&place, &key.resource.account)},
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
}

fn bearers<'a>(region: &Region<'_, 'a>) -> Known<Vec<Bearer<'a>>> {
    let kms = &region.services.kms;
    let place = region.place();
    let aliases = kms.list_aliases.read();
    let managed = aliases.map(Aliases::managed_by_aws).unwrap_or_default();
    kms.list_keys.as_ref().map(|listed| {
        // Nobody can change the policy of an AWS managed key, which lets its own account's calls
        // through one service in only (KMS developer guide, "AWS managed keys").
        let own = listed.keys.iter().filter(|key| !managed.contains(key.key_id.as_str()));
        let bearers = own.map(|key| {
            let id = key.key_id.as_str();
            let arn = key.key_arn.clone().unwrap_or_else(|| kinds::KMS_KEY.arn(&place, id));
            let told = kms.get_key_policy.get(id).and_then(|answer| answer.policy.as_deref());
            let mut resource = kinds::KMS_KEY.resource_of(&place, id, &arn);
            resource.name = aliases.and_then(|aliases| aliases.of(id)).map(str::to_owned);
            Bearer {
                resource,
                policy: Known::from(told).map(Some),
                asked: &GET_KEY_POLICY,
                asked_of: id,
                further: Vec::new(),
                locks: vec![lock(kms, id)],
            }
        });
        bearers.collect()
    })
}

/// In which states a key encrypts, decrypts and signs (KMS developer guide, "Key states of AWS KMS
/// keys"). What else works in the others, as to list grants, opens no data. A word that is not known
/// counts as open.
fn lock(kms: &Kms, id: &str) -> Lock {
    const CONTROL: &str = "kms-state";
    let described = kms.describe_key.get(id);
    let state = described.and_then(|answer| answer.key_metadata.key_state.as_deref());
    let why = match state {
        None => {
            let text = "whether the key can be used in its state was not read";
            return Lock::Unknown(DESCRIBE_KEY.missing_of(id, text));
        }
        Some("Disabled") => "it is disabled",
        Some("PendingDeletion" | "PendingReplicaDeletion") => "it is about to be deleted",
        Some("PendingImport") => "it has no key material",
        Some("Unavailable") => "its key store is disconnected",
        Some(state) => return Lock::Open(Step::new(CONTROL, format!("its state is {state}"))),
    };
    Lock::Shut(Control {
        control: CONTROL.to_owned(),
        text: format!("the key cannot be used now: {why}"),
    })
}
