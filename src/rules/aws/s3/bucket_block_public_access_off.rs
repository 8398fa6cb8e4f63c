//! Buckets that neither their own block of public access nor the account's covers.

use super::account_block_public_access_off::settings_off;
use super::shared::block_command;
use crate::analysis::aws::s3::resource;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::inventory::aws::s3::{PublicAccessBlockConfiguration, about};
use crate::model::Known;
use crate::model::Step;
use crate::model::{Category, GLOBAL, Remediation, Severity};
use crate::rules::shapes::setting;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-bucket-block-public-access-off",
    title: "Nothing would stop this bucket from becoming public",
    category: Category::Guardrail,
    severity: Severity::Low,
    kind: &kinds::S3_BUCKET,
    opt_in: false,
    never: &[],
    reads: &[&[
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
    ]],
    reads_more: &[],
    docs: "\
## What it finds
Buckets for which one or more of the four settings of S3 Block Public Access are off both at the
bucket and at the account. A bucket that the account covers is fine.

## Why it matters
The next policy or ACL that grants the public something takes effect at once.

## When it is latent
Never: this is a missing protection, not a way in.

## How to close it
Switch all four settings on at the bucket, or better at the account.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let account = match &cx.snapshot.global.s3control.get_public_access_block {
        // No configuration is all four off (S3 user guide, Blocking public access).
        Known::Read(answer) => Known::Read(
            answer.as_ref().map(|a| a.public_access_block_configuration).unwrap_or_default(),
        ),
        Known::Unread => Known::Unread,
    };
    if account.read().is_some_and(|block| settings_off(*block).is_empty()) {
        return;
    }
    let Known::Read(listed) = &cx.snapshot.global.s3.list_buckets else {
        return found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    };
    for bucket in &listed.buckets {
        let resource = resource(cx.snapshot, bucket);
        let own = about(&cx.snapshot.global.s3.get_public_access_block, &bucket.name);
        let Known::Read(own) = own else {
            found.unread_about(&calls::s3::GET_PUBLIC_ACCESS_BLOCK, &resource.region, &bucket.name);
            continue;
        };
        let own = own.map(|answer| answer.public_access_block_configuration).unwrap_or_default();
        if settings_off(own).is_empty() {
            continue;
        }
        let Known::Read(account) = account else {
            found.unread(&calls::s3control::GET_PUBLIC_ACCESS_BLOCK, GLOBAL);
            continue;
        };
        // A setting counts when it is on at either level (S3 user guide, Blocking public access).
        let off = settings_off(either(own, account));
        if off.is_empty() {
            continue;
        }
        let step = Step::of(
            "block-public-access",
            &bucket.name,
            format!("off at the bucket and at the account: {}", off.join(", ")),
        );
        setting::Off {
            title: format!("nothing would stop bucket {} from becoming public", bucket.name),
            way_in: "bucket-block",
            severity: Severity::Low,
            evidence: vec![step],
            remediation: Remediation {
                text: "switch on all four settings at the bucket, or at the account".to_owned(),
                commands: vec![block_command(&bucket.name)],
            },
            resource,
        }
        .report(found);
    }
}

fn either(
    a: PublicAccessBlockConfiguration,
    b: PublicAccessBlockConfiguration,
) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: a.block_public_acls || b.block_public_acls,
        ignore_public_acls: a.ignore_public_acls || b.ignore_public_acls,
        block_public_policy: a.block_public_policy || b.block_public_policy,
        restrict_public_buckets: a.restrict_public_buckets || b.restrict_public_buckets,
    }
}
