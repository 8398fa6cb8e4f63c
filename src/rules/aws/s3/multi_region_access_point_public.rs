//! Multi-region access points through which anyone, or any AWS account, gets into buckets.

use super::access_points::report;
use crate::analysis::aws::s3::JudgedPoint;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, GLOBAL, Resource, Severity, aws};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Rule};
use serde_json::json;

/// The rule.
pub static RULE: Rule = Rule {
    id: "s3-multi-region-access-point-public",
    title: "A multi-region access point opens its buckets to anyone",
    category: Category::Exposure,
    severity: Severity::Critical,
    kind: &kinds::S3_MULTI_REGION_ACCESS_POINT,
    opt_in: false,
    never: &[],
    reads: &[&[
        &calls::s3::GET_BUCKET_LOCATION,
        &calls::s3::GET_BUCKET_POLICY,
        &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3::LIST_BUCKETS,
        &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY,
        &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
        &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS,
    ]],
    reads_more: &[&calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS],
    docs: "\
## What it finds
Multi-region access points whose policy in force lets anyone, or any AWS account, through, where the
policy of at least one bucket behind them lets such requests pass. The policies are judged together,
bucket by bucket, for the buckets of the regions that are scanned.

## Why it matters
One such policy opens copies of the same data in every region at once, and it is shown in none of the
buckets' own settings.

## When it is latent
The policy is public and a control cuts it: RestrictPublicBuckets is on for the account, the buckets
or the access point, a Deny statement or a resource control policy of the organization, or the bucket
policies do not let its requests pass.

## How to close it
Put a policy without the public statement in its place (multi-region access points are managed in
us-west-2). The access point's own block public access is fixed when it is made: switch it on for the
buckets and the account.
",
    evaluate,
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    // They exist in the commercial partition only (S3 user guide, restrictions and limitations).
    if !matches!(cx.snapshot.partition.as_str(), "" | "aws") {
        return;
    }
    let account = cx.s3();
    let list = &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS;
    let points = account.multi_region_access_points();
    report(&account, found, list, GLOBAL, points, "multi-region access point", close);
}

/// The command that leaves an access point to its own account, and what it changes. Its policy can be
/// replaced and not deleted (S3 API, `PutMultiRegionAccessPointPolicy`), in us-west-2 only.
pub fn close(point: &JudgedPoint) -> (String, Option<Change>) {
    let Resource { account, id, uid, partition, .. } = &point.resource;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": "s3:GetObject",
            "Resource": format!("{uid}/object/*"),
        }],
    });
    let policy = policy.to_string();
    let details = json!({"Name": id, "Policy": policy}).to_string();
    let named = ["--account-id", account, "--details", &details, "--region", "us-west-2"];
    let call = ["s3control", "put-multi-region-access-point-policy"].into_iter().chain(named);
    (aws(call), Some(Change::MultiRegionPolicy { name: id.clone(), policy }))
}
