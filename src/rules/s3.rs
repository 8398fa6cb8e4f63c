//! What the rules about buckets share: every bucket with the ruling on it, worked out once.

use super::Context;
use crate::analysis::aws::policy::Context as PolicyContext;
use crate::analysis::aws::policy::s3::{
    self as ruling, AclGrant, Exposure, Grantee, Object, PublicAccessBlock, Status,
};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::kinds;
use crate::inventory::aws::s3::{self, S3, about};
use crate::model::Resource;
use crate::model::{GLOBAL, Known};

/// A bucket and what is known of who gets in.
pub struct Bucket {
    /// The bucket.
    pub resource: Resource,
    /// Every way in, and what stands before it.
    pub exposure: Exposure,
    /// Calls without whose answer a way in may be missing.
    pub unread: Vec<&'static Call>,
}

impl Bucket {
    /// True when it is public as far as could be read.
    pub fn is_public(&self) -> bool {
        matches!(self.exposure.summary().status, Status::Exposed | Status::Undetermined)
    }
}

/// Rules on every listed bucket.
pub fn judge(cx: &Context<'_>) -> Vec<Bucket> {
    let snapshot = cx.snapshot;
    let s3 = &snapshot.global.s3;
    let Some(listed) = s3.list_buckets.read() else { return Vec::new() };
    let context = context(cx);
    let account_block = account_block(snapshot);
    listed
        .buckets
        .iter()
        .map(|bucket| {
            let resource = resource(snapshot, bucket);
            let facts = facts(s3, &resource, account_block, &context);
            let exposure = ruling::judge(&facts);
            let unread = exposure
                .unread_doors
                .iter()
                .filter(|call| !is_moot(call, &facts))
                .copied()
                .collect();
            Bucket { resource, exposure, unread }
        })
        .collect()
}

/// What policies are judged against besides themselves.
pub fn context(cx: &Context<'_>) -> PolicyContext {
    let listed = cx.snapshot.global.s3.list_buckets.read();
    let buckets = listed.map(|listed| listed.buckets.as_slice()).unwrap_or_default();
    PolicyContext {
        canonical_id: listed.and_then(|listed| listed.owner.as_ref()?.id.clone()),
        owned_buckets: buckets.iter().map(|bucket| bucket.name.clone()).collect(),
        now: Some(cx.now),
        trusted_accounts: cx.trusted.accounts.iter().cloned().collect(),
        trusted_organizations: cx.trusted.organizations.iter().cloned().collect(),
        trusted_ranges: cx.trusted.ranges.clone(),
        ..PolicyContext::default()
    }
}

/// The account's own block.
pub fn account_block(snapshot: &Snapshot) -> Known<Option<PublicAccessBlock>> {
    block(snapshot.global.s3control.get_public_access_block.as_ref().map(Option::as_ref))
}

/// Whether a door matters no more, because a control that was read shuts it whatever it holds.
fn is_moot(call: &Call, facts: &ruling::Bucket<'_>) -> bool {
    let blocks = [&facts.account_block, &facts.bucket_block];
    let on = |setting: fn(&PublicAccessBlock) -> bool| {
        blocks.iter().any(|block| matches!(block, Known::Read(Some(block)) if setting(block)))
    };
    if *call == calls::s3::GET_BUCKET_POLICY {
        return on(|block| block.restrict_public_buckets);
    }
    *call == calls::s3::GET_BUCKET_ACL && acls_are_moot(facts)
}

/// Whether ACLs matter no more, because a control that was read takes all of their effect.
pub fn acls_are_moot(facts: &ruling::Bucket<'_>) -> bool {
    let blocks = [&facts.account_block, &facts.bucket_block];
    let ignored = |block: &&Known<Option<PublicAccessBlock>>| matches!(block, Known::Read(Some(block)) if block.ignore_public_acls);
    blocks.iter().any(ignored)
        || matches!(&facts.ownership, Known::Read(Some(owner)) if owner == ENFORCED)
}

/// Object ownership under which ACLs count for nothing (S3 user guide, Controlling ownership).
const ENFORCED: &str = "BucketOwnerEnforced";

/// What is known of one bucket, without its access points.
pub fn facts<'a>(
    s3: &S3,
    resource: &'a Resource,
    account_block: Known<Option<PublicAccessBlock>>,
    context: &'a PolicyContext,
) -> ruling::Bucket<'a> {
    let name = &resource.id;
    let ownership = about(&s3.get_bucket_ownership_controls, name);
    let status = about(&s3.get_bucket_policy_status, name);
    let payer = about(&s3.get_bucket_request_payment, name);
    ruling::Bucket {
        arn: &resource.arn,
        owner_account: &resource.account,
        context,
        policy: about(&s3.get_bucket_policy, name).map(|answer| answer.map(|a| a.policy.clone())),
        acl: about(&s3.get_bucket_acl, name).map(|answer| answer.map(grants).unwrap_or_default()),
        objects: Vec::new(),
        ownership: ownership.map(|answer| {
            let rule = answer?.ownership_controls.rules.first()?;
            Some(rule.object_ownership.clone())
        }),
        // An organization's block shows in the account's answer (S3 user guide, Blocking public
        // access: organization-level settings).
        organization_block: None,
        account_block,
        bucket_block: block(about(&s3.get_public_access_block, name)),
        aws_public: status.map(|answer| answer?.policy_status.as_ref()?.is_public),
        requester_pays: payer.map(|answer| Some(answer?.payer.as_deref() == Some("Requester"))),
        website: about(&s3.get_bucket_website, name).map(|answer| Some(answer.is_some())),
        access_points: Vec::new(),
    }
}

fn block(answer: Known<Option<&s3::PublicAccessBlock>>) -> Known<Option<PublicAccessBlock>> {
    answer.map(|answer| Some(settings(answer?.public_access_block_configuration)))
}

/// The four settings in the words of the analysis.
pub fn settings(of: s3::PublicAccessBlockConfiguration) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_acls: of.block_public_acls,
        ignore_public_acls: of.ignore_public_acls,
        block_public_policy: of.block_public_policy,
        restrict_public_buckets: of.restrict_public_buckets,
    }
}

fn grants(acl: &s3::Acl) -> Vec<AclGrant> {
    let owner = acl.owner.as_ref().and_then(|owner| owner.id.as_deref());
    acl.grants
        .iter()
        .filter_map(|grant| {
            let grantee = grant.grantee.as_ref()?;
            let grantee = match (&grantee.uri, &grantee.id) {
                (Some(uri), _) => Grantee::parse(uri),
                (None, Some(id)) if owner == Some(id.as_str()) => Grantee::Owner,
                (None, Some(id)) => Grantee::Canonical(id.clone()),
                (None, None) => return None,
            };
            Some(AclGrant { grantee, permission: grant.permission.clone()? })
        })
        .collect()
}

/// The objects of a bucket that were looked at.
pub fn objects(s3: &S3, bucket: &str) -> Vec<Object> {
    let listed = s3.list_objects_v2.get(bucket).map(|listed| listed.contents.as_slice());
    let acls = s3.get_object_acl.get(bucket);
    let object = |key: &String| Object {
        key: key.clone(),
        acl: Known::from(acls.and_then(|acls| acls.get(key))).map(grants),
    };
    listed.unwrap_or_default().iter().map(|listed| object(&listed.key)).collect()
}

/// A bucket as a resource.
pub fn resource(snapshot: &Snapshot, bucket: &s3::Bucket) -> Resource {
    let region = bucket.bucket_region.as_deref().unwrap_or(GLOBAL);
    kinds::S3_BUCKET.resource(&snapshot.place(region), &bucket.name)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Trusted;

    #[test]
    fn policies_are_judged_with_all_that_the_user_trusts() {
        let trusted = Trusted {
            accounts: ["222222222222".to_owned()].into(),
            organizations: ["o-aaaa111122".to_owned()].into(),
            ranges: vec!["198.51.100.0/24".parse().expect("a range")],
        };
        let snapshot = Snapshot::default();
        let cx = Context::new(&snapshot, jiff::Timestamp::UNIX_EPOCH).trusting(&trusted);
        let context = context(&cx);
        assert_eq!(context.trusted_accounts, ["222222222222"]);
        assert_eq!(context.trusted_organizations, ["o-aaaa111122"]);
        assert_eq!(context.trusted_ranges, trusted.ranges);
    }
}
