//! Buckets that anyone, or any AWS account, can list, read, write or take over.

use std::collections::BTreeSet;

use super::s3::{self, Bucket};
use super::{Context, Findings, Found, GLOBAL, Rule};
use crate::analysis::aws::policy::s3::{Lock as Passed, Path, Status as Ruled, Via};
use crate::analysis::aws::policy::{Access, Verdict as Policy, Who};
use crate::analysis::verdict::{Control, Door, Lock, Missing, Status, Step, Verdict};
use crate::findings::{Category, Exposure, Remediation, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-bucket-public",
    title: "A bucket is open to anyone, or to any AWS account",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: "aws.s3.bucket",
    reads: &[
        "s3:GetBucketAcl",
        "s3:GetBucketLocation",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetPublicAccessBlock",
        "s3:ListBuckets",
        "s3control:GetPublicAccessBlock",
    ],
    reads_more: &["s3:GetBucketPolicyStatus", "s3:GetBucketRequestPayment", "s3:GetBucketWebsite"],
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

fn evaluate(cx: &Context<'_>, found: &mut Findings<'_>) {
    if cx.snapshot.global.s3.list_buckets.is_unread() {
        return found.unread("s3:ListBuckets", GLOBAL);
    }
    for bucket in cx.buckets() {
        for call in &bucket.unread {
            found.unread_about(call, &bucket.resource.region, &bucket.resource.id);
        }
        report(bucket, found);
    }
}

fn report(bucket: &Bucket, found: &mut Findings<'_>) {
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
        title: title(name, status, summary.who.as_ref(), &summary.access),
        exposure: Some(Exposure {
            who: summary.who.as_ref().map(Who::text).unwrap_or_default(),
            access: summary.access.iter().map(|access| access.name().to_owned()).collect(),
            source: Some("internet".to_owned()),
            ..Exposure::default()
        }),
        verdict: verdict(bucket, status, &paths),
        remediation: remediation(name, status, &paths),
        resource: bucket.resource.clone(),
    });
}

/// Whole contents and changes are worst; what needs a known key, or only names, is less.
fn severity(access: &BTreeSet<Access>) -> Severity {
    let has = |class| access.contains(&class);
    let changes = has(Access::Write) || has(Access::Permissions);
    if changes || (has(Access::List) && has(Access::Read)) {
        Severity::Critical
    } else {
        Severity::High
    }
}

fn title(name: &str, status: Status, who: Option<&Who>, access: &BTreeSet<Access>) -> String {
    let who = match who {
        Some(Who::AnyAws) => "any AWS account",
        Some(Who::Federated) => "anyone at an identity provider",
        _ => "anyone",
    };
    let verbs: Vec<_> = [
        (Access::List, "list"),
        (Access::Read, "read"),
        (Access::Write, "write to"),
        (Access::Permissions, "change the permissions of"),
        (Access::Other, "act on"),
    ]
    .into_iter()
    .filter(|(class, _)| access.contains(class))
    .map(|(_, verb)| verb)
    .collect();
    let verbs = match verbs.split_last() {
        None => "reach".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    match status {
        Status::Latent => format!("{who} could {verbs} bucket {name} but for a control"),
        Status::Undetermined => format!("{who} may be able to {verbs} bucket {name}"),
        _ => format!("{who} can {verbs} bucket {name}"),
    }
}

/// The ways in of the reported status, with their proof and what stands before them.
fn verdict(bucket: &Bucket, status: Status, paths: &[&Path]) -> Verdict {
    let steps = paths.iter().flat_map(|path| {
        let kind = match path.via {
            Via::Policy => "policy-statement",
            Via::Acl => "acl-grant",
            Via::ObjectAcl => "object-acl-grant",
            Via::AccessPoint => "access-point",
        };
        path.evidence.iter().map(move |text| match &path.name {
            Some(name) => Step::of(kind, name, text),
            None => Step::new(kind, text),
        })
    });
    let notes = bucket.exposure.notes.iter().map(|note| Step::new("note", note));
    let start = Step::new("internet", "anyone on the internet can send requests to S3");
    let mut locks: Vec<Lock> = Vec::new();
    for path in paths {
        locks.extend(path.locks.iter().map(|lock| match lock {
            Passed::Shut { control, text } => {
                Lock::Shut(Control { control: control.clone(), text: text.clone() })
            }
            Passed::Open { control, text } => Lock::Open(Step::of("control", control, text)),
            Passed::Unread { operation, text } => {
                Lock::Unknown(Missing { operation: Some(operation.clone()), text: text.clone() })
            }
        }));
        if status == Status::Undetermined && path.verdict != Policy::Public {
            locks.push(Lock::Unknown(Missing {
                operation: None,
                text: "whether the policy's conditions keep strangers out cannot be proven".into(),
            }));
        }
    }
    let mut verdict = Door::open([start].into_iter().chain(steps).chain(notes)).behind(locks);
    let mut seen = Vec::new();
    verdict.evidence.retain(|step| {
        let new = !seen.contains(step);
        seen.push(step.clone());
        new
    });
    verdict
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
