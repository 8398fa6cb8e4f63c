//! What the rules about buckets share: every bucket with the ruling on it, worked out once.

use super::Context;
use crate::findings::Resource;
use crate::inventory::Snapshot;
use crate::inventory::aws::s3::{self, about};

/// A bucket and what is known of who gets in.
pub struct Bucket {
    /// The bucket.
    pub resource: Resource,
}

impl Bucket {
    /// True when it is public as far as could be read.
    pub fn is_public(&self) -> bool {
        false
    }
}

/// Rules on every listed bucket.
pub fn judge(snapshot: &Snapshot, _now: jiff::Timestamp) -> Vec<Bucket> {
    let listed = snapshot.global.s3.list_buckets.read();
    let buckets = listed.map_or(&[][..], |listed| &listed.buckets);
    buckets.iter().map(|bucket| Bucket { resource: resource(snapshot, bucket) }).collect()
}

/// A bucket as a resource. Its ARN names neither region nor account (S3 user guide, ARNs).
pub fn resource(snapshot: &Snapshot, bucket: &s3::Bucket) -> Resource {
    let partition = if snapshot.partition.is_empty() { "aws" } else { &snapshot.partition };
    Resource {
        arn: format!("arn:{partition}:s3:::{}", bucket.name),
        kind: "aws.s3.bucket".to_owned(),
        id: bucket.name.clone(),
        name: None,
        region: bucket.bucket_region.clone().unwrap_or_else(|| super::GLOBAL.to_owned()),
        account: snapshot.account.clone(),
    }
}

/// How many buckets would be open if the account's block were gone: they have no full block of
/// their own, as far as was read. `None` when no bucket was.
pub fn buckets_without_own_block(cx: &Context<'_>) -> Option<usize> {
    let s3 = &cx.snapshot.global.s3;
    let listed = s3.list_buckets.read()?;
    let own: Vec<_> = listed
        .buckets
        .iter()
        .filter_map(|bucket| about(&s3.get_public_access_block, &bucket.name).into_option())
        .collect();
    let full = |block: &Option<&s3::PublicAccessBlock>| {
        block.is_some_and(|block| {
            let block = block.public_access_block_configuration;
            block.block_public_acls
                && block.ignore_public_acls
                && block.block_public_policy
                && block.restrict_public_buckets
        })
    };
    (!own.is_empty()).then(|| own.iter().filter(|block| !full(block)).count())
}

/// The command that shuts the public out of a bucket.
pub fn block_command(bucket: &str) -> String {
    format!(
        "aws s3api put-public-access-block --bucket {bucket} \
         --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,\
         BlockPublicPolicy=true,RestrictPublicBuckets=true"
    )
}
