//! Objects whose own ACL lets anyone, or any AWS account, read them or change their permissions.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::effective::Via;
use crate::analysis::aws::s3::JudgedSample;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, GLOBAL, Remediation, Resource, Severity, aws};
use crate::rules::change::Change;
use crate::rules::shapes::policy::Ways;
use crate::rules::{Context, Findings, Found, Rule};

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
    never: &[],
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
The grant is there and a Deny statement of the bucket policy, or a resource control policy of the
organization, cuts it. IgnorePublicAcls and object
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
    if cx.snapshot.global.s3.list_buckets.is_unread() {
        return found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    }
    for sample in cx.s3().samples() {
        let bucket = &sample.bucket.resource;
        for call in &sample.bucket.unread {
            found.unread_about(call, &bucket.region, &bucket.id);
        }
        report(&sample, found);
    }
}

fn report(sample: &JudgedSample, found: &mut Findings) {
    let bucket = &sample.bucket.resource;
    let paths = &sample.bucket.exposure.paths;
    let by_object = paths.iter().filter(|path| path.via == Via::ObjectAcl);
    let Some(mut ways) = Ways::worst(by_object) else { return };
    let keys: BTreeSet<&str> = ways.paths.iter().filter_map(|path| path.name.as_deref()).collect();
    let named: BTreeSet<&str> = keys.iter().take(MOST_NAMED).copied().collect();
    let mut notes = Vec::new();
    if keys.len() > named.len() {
        notes.push(format!("{} more objects are open in the same way", keys.len() - named.len()));
    }
    let looked_at = sample.looked_at;
    notes.push(match sample.truncated {
        true => format!("{looked_at} objects were looked at; the bucket holds more"),
        false => format!("all {looked_at} objects of the bucket were looked at"),
    });
    let objects = match keys.len() {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    };
    let title = ways.title(&format!("{objects} in bucket {}", bucket.id));
    let exposure = ways.exposure();
    ways.paths.retain(|path| path.name.as_deref().is_some_and(|key| named.contains(key)));
    let name = &bucket.id;
    let mut commands = Vec::new();
    let mut changes = Vec::new();
    // ACLs cannot be switched off while the bucket's own grants others something (S3 user guide,
    // Prerequisites for disabling ACLs).
    if sample.bucket.exposure.paths.iter().any(|path| path.via == Via::Acl) {
        commands.push(aws(["s3api", "put-bucket-acl", "--bucket", name, "--acl", "private"]));
        changes.push(Change::BucketAcl { bucket: name.clone() });
    }
    let enforced = ["--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]"];
    let controls = ["s3api", "put-bucket-ownership-controls", "--bucket", name];
    commands.push(aws(controls.into_iter().chain(enforced)));
    changes.push(Change::ObjectAcls { bucket: name.clone() });
    let finding = Found {
        way_in: "object-acl",
        severity: RULE.severity,
        title,
        exposure: Some(exposure),
        verdict: ways.verdict("S3", &notes),
        remediation: Remediation {
            text: "switch ACLs off for the bucket, which cuts the grants on all of its objects; \
                   first move what other accounts must reach into the bucket policy"
                .to_owned(),
            commands,
        },
        resource: Resource {
            kind: RULE.kind.name.to_owned(),
            id: format!("{name}/*"),
            ..bucket.clone()
        }
        .with_arn(&format!("{}/*", bucket.uid)),
    };
    found.push_closed_by(finding, changes);
}
