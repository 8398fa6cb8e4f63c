//! Answers of S3's SDK as facts; an error is an answer that lacks what it must contain.

use aws_sdk_s3::operation as op;
use aws_sdk_s3::types;

use crate::inventory::aws::s3::{
    Acl, BucketOwnershipControls, BucketPolicy, BucketPolicyStatus, BucketRequestPayment,
    BucketWebsite, Grant, Grantee, Owner, OwnershipControls, OwnershipControlsRule, PolicyStatus,
    PublicAccessBlock, PublicAccessBlockConfiguration, RedirectAllRequestsTo,
};
use crate::providers::aws::transport::site::Converted;

const NOTHING: &str = "an answer without its contents";

pub(super) fn bucket_block(
    from: op::get_public_access_block::GetPublicAccessBlockOutput,
) -> Converted<PublicAccessBlock> {
    let from = from.public_access_block_configuration.ok_or(NOTHING)?;
    let public_access_block_configuration = PublicAccessBlockConfiguration {
        block_public_acls: from.block_public_acls.unwrap_or_default(),
        ignore_public_acls: from.ignore_public_acls.unwrap_or_default(),
        block_public_policy: from.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: from.restrict_public_buckets.unwrap_or_default(),
    };
    Ok(PublicAccessBlock { public_access_block_configuration })
}

pub(super) fn policy(
    from: op::get_bucket_policy::GetBucketPolicyOutput,
) -> Converted<BucketPolicy> {
    // The body is the document itself, so the SDK takes whatever comes; S3 keeps only valid JSON.
    let policy = from.policy.ok_or(NOTHING)?;
    serde_json::from_str::<serde_json::Value>(&policy).map_err(|_| NOTHING)?;
    Ok(BucketPolicy { policy })
}

pub(super) fn ownership(
    from: op::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput,
) -> Converted<BucketOwnershipControls> {
    let rules = from.ownership_controls.ok_or(NOTHING)?.rules.into_iter().map(|rule| {
        OwnershipControlsRule { object_ownership: rule.object_ownership.as_str().to_owned() }
    });
    Ok(BucketOwnershipControls { ownership_controls: OwnershipControls { rules: rules.collect() } })
}

pub(super) fn bucket_acl(from: op::get_bucket_acl::GetBucketAclOutput) -> Converted<Acl> {
    acl(from.owner, from.grants)
}

pub(super) fn object_acl(from: op::get_object_acl::GetObjectAclOutput) -> Converted<Acl> {
    acl(from.owner, from.grants)
}

fn acl(owner: Option<types::Owner>, grants: Option<Vec<types::Grant>>) -> Converted<Acl> {
    if owner.is_none() && grants.is_none() {
        return Err(NOTHING);
    }
    Ok(Acl {
        owner: owner.map(|owner| Owner { id: owner.id }),
        grants: grants.unwrap_or_default().into_iter().map(grant).collect(),
    })
}

fn grant(from: types::Grant) -> Grant {
    Grant {
        grantee: from.grantee.map(|grantee| Grantee {
            kind: Some(grantee.r#type.as_str().to_owned()),
            id: grantee.id,
            uri: grantee.uri,
        }),
        permission: from.permission.map(|permission| permission.as_str().to_owned()),
    }
}

pub(super) fn status(
    from: op::get_bucket_policy_status::GetBucketPolicyStatusOutput,
) -> Converted<BucketPolicyStatus> {
    Ok(BucketPolicyStatus {
        policy_status: from.policy_status.map(|s| PolicyStatus { is_public: s.is_public }),
    })
}

pub(super) fn website(
    from: op::get_bucket_website::GetBucketWebsiteOutput,
) -> Converted<BucketWebsite> {
    Ok(BucketWebsite {
        redirect_all_requests_to: from
            .redirect_all_requests_to
            .map(|redirect| RedirectAllRequestsTo { host_name: redirect.host_name }),
    })
}

pub(super) fn payment(
    from: op::get_bucket_request_payment::GetBucketRequestPaymentOutput,
) -> Converted<BucketRequestPayment> {
    Ok(BucketRequestPayment { payer: from.payer.map(|payer| payer.as_str().to_owned()) })
}
