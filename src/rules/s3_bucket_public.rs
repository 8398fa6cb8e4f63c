//! Buckets that anyone, or any AWS account, can list, read, write or take over.

use super::s3::{self, Bucket};
use super::s3_ways::{severity, title, verdict};
use super::{Context, Findings, Found, Rule};
use crate::analysis::aws::policy::Who;
use crate::analysis::aws::policy::s3::{Path, Status as Ruled, Via};
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::Status;
use crate::model::{Category, Exposure, GLOBAL, Remediation, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-bucket-public",
    title: "A bucket is open to anyone, or to any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::S3_BUCKET,
    opt_in: false,
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
the bucket, object ownership that disables ACLs, or a Deny statement. BlockPublicAcls and
BlockPublicPolicy refuse new grants only and cut nothing that is in place.

## How to close it
Take the grant away, and switch block public access on for the bucket and the account. Serve public
files through CloudFront with origin access control, which needs no public bucket.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    if cx.snapshot.global.s3.list_buckets.is_unread() {
        return found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    }
    for bucket in cx.buckets() {
        for call in &bucket.unread {
            found.unread_about(call, &bucket.resource.region, &bucket.resource.id);
        }
        report(bucket, found);
    }
}

fn report(bucket: &Bucket, found: &mut Findings) {
    let summary = bucket.exposure.summary();
    let status = match summary.status {
        Ruled::Exposed => Status::Exposed,
        Ruled::Undetermined => Status::Undetermined,
        Ruled::Latent => Status::Latent,
        Ruled::None => return,
    };
    let paths: Vec<&Path> =
        bucket.exposure.paths.iter().filter(|path| path.status() == summary.status).collect();
    let name = &bucket.resource.id;
    found.push(Found {
        way_in: "bucket",
        severity: severity(&summary.access),
        title: title(&format!("bucket {name}"), status, summary.who.as_ref(), &summary.access),
        exposure: Some(Exposure {
            who: summary.who.as_ref().map(Who::text).unwrap_or_default(),
            access: summary.access.iter().map(|access| access.name().to_owned()).collect(),
            source: Some("internet".to_owned()),
            ..Exposure::default()
        }),
        verdict: verdict(&bucket.exposure.notes, status, &paths),
        remediation: remediation(name, status, &paths),
        resource: bucket.resource.clone(),
    });
}

fn remediation(name: &str, status: Status, paths: &[&Path]) -> Remediation {
    let by_policy = paths.iter().any(|path| path.via == Via::Policy);
    let by_acl = paths.iter().any(|path| path.via == Via::Acl);
    let grant = match (by_policy, by_acl) {
        (true, true) => "the policy statement and the ACL grant",
        (false, true) => "the ACL grant",
        _ => "the policy statement",
    };
    let text = match status {
        Status::Latent => format!("take {grant} away, so that nothing depends on the control"),
        _ => format!("take {grant} away, and block public access to the bucket"),
    };
    let command = match (status, by_policy) {
        (Status::Latent, true) => format!("aws s3api get-bucket-policy --bucket {name}"),
        (Status::Latent, false) => {
            format!("aws s3api put-bucket-acl --bucket {name} --acl private")
        }
        _ => s3::block_command(name),
    };
    Remediation { text, command: Some(command) }
}
