//! Buckets that anyone, or any AWS account, can list, read, write or take over.

use super::shared::{block_command, severity};
use crate::analysis::aws::policy::effective::{Closed, Via};
use crate::analysis::aws::s3::Account;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, GLOBAL, Lock, Remediation, Resource, Severity, Status, aws};
use crate::rules::change::Change;
use crate::rules::shapes::policy::Ways;
use crate::rules::{Context, Findings, Found, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-bucket-public",
    title: "A bucket is open to anyone, or to any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::S3_BUCKET,
    opt_in: false,
    never: &[],
    reads: &[&[
        &calls::s3::GET_BUCKET_ACL,
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
    ]],
    reads_more: &[&calls::s3::GET_BUCKET_POLICY_STATUS, &calls::s3::GET_BUCKET_REQUEST_PAYMENT, &calls::s3::GET_BUCKET_WEBSITE],
    docs: "\
## What it finds
Buckets whose policy or ACL lets anyone, or any AWS account, in: to list, read, write, or change the
permissions themselves. An AWS account is free, so \"any AWS account\" is anyone. The policy is judged
as a whole: Deny statements, conditions, and what block public access and object ownership leave of it.

## Why it matters
Most of the large leaks of recent years were a readable bucket. A writable one lets strangers plant
files in your name; one whose policy can be written is theirs.

## When it is latent
The grant is there and a control cuts it: RestrictPublicBuckets or IgnorePublicAcls at the account or
the bucket, object ownership that disables ACLs, a Deny statement, or a resource control policy of the
organization. BlockPublicAcls and BlockPublicPolicy refuse new grants only and cut nothing that is in
place.

## How to close it
Take the grant away, and switch block public access on for the bucket and the account. Serve public
files through CloudFront with origin access control, which needs no public bucket.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    if cx.snapshot.global.s3.list_buckets.is_unread() {
        found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    }
    let account = cx.s3();
    for bucket in cx.buckets() {
        let resource = &bucket.resource;
        for call in &bucket.unread {
            found.unread_about(call, &resource.region, &resource.id);
        }
        let Some(ways) = Ways::worst(&bucket.exposure.paths) else { continue };
        let (remediation, changes) = remediation(&account, resource, &ways);
        let finding = Found {
            way_in: "bucket",
            severity: severity(&ways.access()),
            title: ways.title(&format!("bucket {}", resource.id)),
            exposure: Some(ways.exposure()),
            verdict: ways.verdict("S3", &bucket.exposure.notes),
            remediation,
            resource: resource.clone(),
        };
        found.push_closed_by(finding, changes);
    }
}

fn remediation(
    account: &Account<'_>,
    bucket: &Resource,
    ways: &Ways<'_>,
) -> (Remediation, Vec<Change>) {
    let Ways { status, paths } = ways;
    let name = &bucket.id;
    let by_policy = paths.iter().any(|path| path.via == Via::Policy);
    let by_acl = paths.iter().any(|path| path.via == Via::Acl);
    let mut commands = Vec::new();
    let mut changes = Vec::new();
    let mut grants = Vec::new();
    if by_policy {
        // Where its own Deny statements shut it, all that it allows counts. A setting or the
        // organization leaves it open by itself, and what its Deny statements bound stays.
        let by_deny = |lock: &Lock| matches!(lock, Lock::Shut(by) if by.control == "policy:Deny");
        let of_policy = paths.iter().filter(|path| path.via == Via::Policy);
        let shut = of_policy.flat_map(|path| &path.locks).any(by_deny);
        let left = account.closed_policy(bucket, shut).unwrap_or(Closed::Nothing);
        grants.push(match &left {
            Closed::Policy(_) => "the policy's statements for everyone",
            Closed::Nothing => "the policy",
        });
        let bucket = name.clone();
        commands.push(match &left {
            Closed::Policy(left) => {
                aws(["s3api", "put-bucket-policy", "--bucket", name, "--policy", left])
            }
            Closed::Nothing => aws(["s3api", "delete-bucket-policy", "--bucket", name]),
        });
        changes.push(match left {
            Closed::Policy(left) => Change::BucketPolicy { bucket, left: Some(left) },
            Closed::Nothing => Change::BucketPolicy { bucket, left: None },
        });
    }
    if by_acl {
        grants.push("the ACL's grants");
        commands.push(aws(["s3api", "put-bucket-acl", "--bucket", name, "--acl", "private"]));
        changes.push(Change::BucketAcl { bucket: name.clone() });
    }
    let grants = grants.join(" and ");
    let text = match status {
        Status::Latent => format!("take {grants} away, so that nothing depends on the control"),
        _ => {
            commands.push(block_command(name));
            changes.push(Change::BucketBlock { bucket: name.clone() });
            format!("take {grants} away, and block public access to the bucket")
        }
    };
    (Remediation { text, commands }, changes)
}
