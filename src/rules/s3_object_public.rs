//! Objects whose own ACL lets anyone, or any AWS account, read them or change their permissions.

use std::collections::BTreeSet;

use super::s3;
use super::s3_ways::{title, verdict};
use super::{Context, Findings, Found, Rule};
use crate::analysis::aws::policy::Who;
use crate::analysis::aws::policy::s3::{
    self as ruling, Bucket, Exposure as Ruling, Path, Status as Ruled, Via,
};
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::Status;
use crate::model::{Category, Exposure, GLOBAL, Remediation, Resource, Severity};

/// Objects that are named in the proof.
const MOST_NAMED: usize = 10;

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-object-public",
    title: "Objects are open to anyone by their own ACL",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::S3_OBJECT,
    opt_in: true,
    reads: &[&[
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_OBJECT_ACL,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3::LIST_OBJECTS_V2,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
    ]],
    reads_more: &[&calls::s3::GET_BUCKET_REQUEST_PAYMENT, &calls::s3::GET_BUCKET_WEBSITE],
    docs: "\
## What it finds
Objects whose ACL grants something to everyone or to every AWS account, although the bucket itself may
be private. One finding for each bucket, which names the objects. It looks at a sample: up to 100
objects of each bucket (`--sample-objects` sets how many), spread over its folders, the same ones for
the same contents. It reads names and ACLs, never contents. It runs only when it is asked for, by its
own id or by `--sample-objects`: families, globs and categories leave it out.

## Why it matters
An upload with `public-read` opens one file and leaves no trace in the bucket's settings. A sample
proves what it finds; that it finds nothing proves little for a bucket that holds more.

## When it is latent
The grant is there and a Deny statement of the bucket policy cuts it. IgnorePublicAcls and object
ownership that disables ACLs also cut such grants; S3 then answers as if there were none, so that
they cannot be shown, and the objects are not asked for.

## How to close it
Switch ACLs off for the bucket (object ownership BucketOwnerEnforced), which cuts the grants on all
objects at once, or switch on IgnorePublicAcls. Serve public files through CloudFront with origin
access control.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let snapshot = cx.snapshot;
    let answers = &snapshot.global.s3;
    let Some(listed) = answers.list_buckets.read() else {
        return found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    };
    let context = s3::context(cx);
    let account_block = s3::account_block(snapshot);
    for bucket in &listed.buckets {
        let resource = s3::resource(snapshot, bucket);
        let mut facts = s3::facts(answers, &resource, account_block, &context);
        facts.objects = s3::objects(answers, &bucket.name);
        let Some(sample) = answers.list_objects_v2.get(&bucket.name) else {
            if !s3::acls_are_moot(&facts) {
                found.unread_about(&calls::s3::LIST_OBJECTS_V2, &resource.region, &resource.id);
            }
            continue;
        };
        let exposure = ruling::judge(&facts);
        if exposure.unread_doors.contains(&calls::s3::GET_OBJECT_ACL) {
            found.unread_about(&calls::s3::GET_OBJECT_ACL, &resource.region, &resource.id);
        }
        report(&resource, &facts, &exposure, sample.is_truncated, found);
    }
}

fn report(
    bucket: &Resource,
    facts: &Bucket<'_>,
    exposure: &Ruling,
    truncated: bool,
    found: &mut Findings,
) {
    let mut paths: Vec<&Path> = exposure.paths.iter().collect();
    paths.retain(|path| path.via == Via::ObjectAcl && path.is_public());
    let worst = paths.iter().map(|path| path.status()).min().unwrap_or(Ruled::None);
    let status = match worst {
        Ruled::Exposed => Status::Exposed,
        Ruled::Undetermined => Status::Undetermined,
        Ruled::Latent => Status::Latent,
        Ruled::None => return,
    };
    paths.retain(|path| path.status() == worst);
    let keys: BTreeSet<&str> = paths.iter().filter_map(|path| path.name.as_deref()).collect();
    let named: BTreeSet<&str> = keys.iter().take(MOST_NAMED).copied().collect();
    let mut notes = Vec::new();
    if keys.len() > named.len() {
        notes.push(format!("{} more objects are open in the same way", keys.len() - named.len()));
    }
    let looked_at = facts.objects.iter().filter(|object| !object.acl.is_unread()).count();
    notes.push(match truncated {
        true => format!("{looked_at} objects were looked at; the bucket holds more"),
        false => format!("all {looked_at} objects of the bucket were looked at"),
    });
    let access = paths.iter().flat_map(|path| path.access.iter().copied()).collect();
    let who = paths.iter().filter_map(|path| path.who.clone()).min();
    let objects = match keys.len() {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    };
    let what = format!("{objects} in bucket {}", bucket.id);
    paths.retain(|path| path.name.as_deref().is_some_and(|key| named.contains(key)));
    let name = &bucket.id;
    let found_here = Found {
        way_in: "object-acl",
        severity: RULE.severity,
        title: title(&what, status, who.as_ref(), &access),
        exposure: Some(Exposure {
            who: who.as_ref().map(Who::text).unwrap_or_default(),
            access: access.iter().map(|access| access.name().to_owned()).collect(),
            source: Some("internet".to_owned()),
            ..Exposure::default()
        }),
        verdict: verdict(&notes, status, &paths),
        remediation: Remediation {
            text: "switch ACLs off for the bucket, which cuts the grants on all of its objects; \
                   first move what other accounts must reach into the bucket policy"
                .to_owned(),
            command: Some(format!(
                "aws s3api put-bucket-ownership-controls --bucket {name} --ownership-controls \
                 'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'"
            )),
        },
        resource: Resource {
            arn: format!("{}/*", bucket.arn),
            kind: RULE.kind.name.to_owned(),
            id: format!("{name}/*"),
            ..bucket.clone()
        },
    };
    found.push(found_here);
}
