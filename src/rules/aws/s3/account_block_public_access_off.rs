//! The account-wide block of public access to S3.

use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::inventory::aws::s3::PublicAccessBlockConfiguration;
use crate::model::Known;
use crate::model::Step;
use crate::model::{Category, GLOBAL, Remediation, Severity};
use crate::rules::change::block_account;
use crate::rules::shapes::setting;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-account-block-public-access-off",
    title: "The account does not block public access to S3",
    category: Category::Guardrail,
    severity: Severity::Medium,
    kind: &kinds::ACCOUNT,
    opt_in: false,
    never: &[],
    reads: &[&[&calls::s3control::GET_PUBLIC_ACCESS_BLOCK]],
    // Whether a bucket is public, and how many have no block of their own.
    reads_more: &[
        &calls::s3::GET_BUCKET_ACL,
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
    ],
    docs: "\
## What it finds
Accounts in which one or more of the four settings of S3 Block Public Access are off.

## Why it matters
The account's block shuts every bucket at once, those of today and those of tomorrow. Without it, one
policy or ACL on one bucket is enough to publish data.

## When it is latent
Never: this is a missing protection, not a way in. It is medium while a bucket is public, low otherwise.

## How to close it
Switch all four settings on. Buckets that must be public (websites) are better served through
CloudFront with origin access control, which needs no public bucket. The call is refused (403) where an
S3 policy of the organization manages the block: it is set there.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let Known::Read(answer) = &cx.snapshot.global.s3control.get_public_access_block else {
        return found.unread(&calls::s3control::GET_PUBLIC_ACCESS_BLOCK, GLOBAL);
    };
    // No configuration is all four off (S3 user guide, Blocking public access).
    let block = answer.as_ref().map(|a| a.public_access_block_configuration).unwrap_or_default();
    let off = settings_off(block);
    if off.is_empty() {
        return;
    }
    let some_public = cx.buckets().iter().any(|bucket| bucket.is_public());
    let mut evidence = vec![Step::new(
        "account-block-public-access",
        format!("off in account {}: {}", cx.snapshot.account, off.join(", ")),
    )];
    if let Some(depend) = cx.s3().buckets_without_own_block() {
        evidence.push(Step::new(
            "buckets",
            format!("{depend} buckets have no full block of their own"),
        ));
    }
    let account = &cx.snapshot.account;
    setting::Off {
        resource: cx.account(),
        way_in: "account-block",
        severity: if some_public { Severity::Medium } else { Severity::Low },
        title: format!("account {account} does not block public access to S3"),
        evidence,
        remediation: Remediation {
            text: "switch on all four settings for the account, after moving buckets that must be \
                   public behind CloudFront; answers 403 when an S3 policy of the organization \
                   manages it"
                .to_owned(),
            commands: vec![block_account(account)],
        },
    }
    .report(found);
}

/// The names of the settings that are off.
pub fn settings_off(block: PublicAccessBlockConfiguration) -> Vec<&'static str> {
    [
        ("BlockPublicAcls", block.block_public_acls),
        ("IgnorePublicAcls", block.ignore_public_acls),
        ("BlockPublicPolicy", block.block_public_policy),
        ("RestrictPublicBuckets", block.restrict_public_buckets),
    ]
    .into_iter()
    .filter(|(_, on)| !on)
    .map(|(name, _)| name)
    .collect()
}
