//! Access points through which anyone, or any AWS account, gets into a bucket.

use super::access_points::report;
use crate::analysis::aws::s3::JudgedPoint;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Resource, Severity, aws};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-access-point-public",
    title: "An access point opens its bucket to anyone",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::S3_ACCESS_POINT,
    opt_in: false,
    never: &[],
    reads: &[&[
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3control::GET_ACCESS_POINT,
        &calls::s3control::GET_ACCESS_POINT_POLICY,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3control::LIST_ACCESS_POINTS,
    ]],
    reads_more: &[&calls::s3control::GET_ACCESS_POINT_POLICY_STATUS],
    docs: "\
## What it finds
Access points that face the internet and whose policy lets anyone, or any AWS account, through, where
the bucket's own policy lets such requests pass: by a grant of its own or by leaving the decision to
the account's access points (`s3:DataAccessPointAccount`). Both policies are judged together.

## Why it matters
A bucket policy that leaves decisions to access points looks harmless by itself, and nobody sees in
the bucket's settings that one access point is open. What it lets out is the bucket's contents.

## When it is latent
The access point's policy is public and a control cuts it: it takes requests from a VPC only,
RestrictPublicBuckets is on for the account, the bucket or the access point, a Deny statement or a
resource control policy of the organization, or the bucket policy does not let requests through the
access point pass.

## How to close it
Take the public statement out of the access point's policy. Its own block public access cannot be
changed later: make a new access point with all four settings on, or switch them on for the bucket
and the account.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let account = cx.s3();
    let list = &calls::s3control::LIST_ACCESS_POINTS;
    for region in cx.snapshot.regions.keys() {
        let points = account.access_points(region);
        report(&account, found, list, region, points, "access point", |point| close(point, region));
    }
}

/// The command that takes the policy of an access point away, and what it changes.
pub fn close(point: &JudgedPoint, region: &str) -> (String, Option<Change>) {
    let Resource { account, id, .. } = &point.resource;
    let named = ["--account-id", account, "--name", id, "--region", region];
    let command = ["s3control", "delete-access-point-policy"].into_iter().chain(named);
    (aws(command), Change::close(RULE.kind, &point.resource, id))
}
