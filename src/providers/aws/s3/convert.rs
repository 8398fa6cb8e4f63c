//! Answers of S3's SDK as facts. `None` is an answer that lacks what it must contain.

use aws_sdk_s3::operation as op;
use aws_sdk_s3::types;

use crate::inventory::aws::s3::{
    Acl, BucketOwnershipControls, BucketPolicy, BucketPolicyStatus, BucketRequestPayment,
    BucketWebsite, Grant, Grantee, Owner, OwnershipControls, OwnershipControlsRule, PolicyStatus,
    PublicAccessBlock, PublicAccessBlockConfiguration, RedirectAllRequestsTo,
};

pub(in crate::providers::aws) fn account_block(
    from: &aws_sdk_s3control::types::PublicAccessBlockConfiguration,
) -> PublicAccessBlock {
    // Absent is off (S3 API reference, PublicAccessBlockConfiguration).
    let public_access_block_configuration = PublicAccessBlockConfiguration {
        block_public_acls: from.block_public_acls.unwrap_or_default(),
        ignore_public_acls: from.ignore_public_acls.unwrap_or_default(),
        block_public_policy: from.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: from.restrict_public_buckets.unwrap_or_default(),
    };
    PublicAccessBlock { public_access_block_configuration }
}

pub(super) fn bucket_block(
    from: op::get_public_access_block::GetPublicAccessBlockOutput,
) -> Option<PublicAccessBlock> {
    let from = from.public_access_block_configuration?;
    let public_access_block_configuration = PublicAccessBlockConfiguration {
        block_public_acls: from.block_public_acls.unwrap_or_default(),
        ignore_public_acls: from.ignore_public_acls.unwrap_or_default(),
        block_public_policy: from.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: from.restrict_public_buckets.unwrap_or_default(),
    };
    Some(PublicAccessBlock { public_access_block_configuration })
}

pub(super) fn policy(from: op::get_bucket_policy::GetBucketPolicyOutput) -> Option<BucketPolicy> {
    // The body is the document itself, so the SDK takes whatever comes; S3 keeps only valid JSON.
    let policy = from.policy?;
    serde_json::from_str::<serde_json::Value>(&policy).ok()?;
    Some(BucketPolicy { policy })
}

pub(super) fn ownership(
    from: op::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput,
) -> Option<BucketOwnershipControls> {
    let rules = from.ownership_controls?.rules.into_iter().map(|rule| OwnershipControlsRule {
        object_ownership: rule.object_ownership.as_str().to_owned(),
    });
    Some(BucketOwnershipControls {
        ownership_controls: OwnershipControls { rules: rules.collect() },
    })
}

pub(super) fn bucket_acl(from: op::get_bucket_acl::GetBucketAclOutput) -> Option<Acl> {
    acl(from.owner, from.grants)
}

pub(super) fn object_acl(from: op::get_object_acl::GetObjectAclOutput) -> Option<Acl> {
    acl(from.owner, from.grants)
}

fn acl(owner: Option<types::Owner>, grants: Option<Vec<types::Grant>>) -> Option<Acl> {
    if owner.is_none() && grants.is_none() {
        return None;
    }
    Some(Acl {
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
) -> BucketPolicyStatus {
    BucketPolicyStatus {
        policy_status: from.policy_status.map(|s| PolicyStatus { is_public: s.is_public }),
    }
}

pub(super) fn website(from: op::get_bucket_website::GetBucketWebsiteOutput) -> BucketWebsite {
    BucketWebsite {
        redirect_all_requests_to: from
            .redirect_all_requests_to
            .map(|redirect| RedirectAllRequestsTo { host_name: redirect.host_name }),
    }
}

pub(super) fn payment(
    from: op::get_bucket_request_payment::GetBucketRequestPaymentOutput,
) -> BucketRequestPayment {
    BucketRequestPayment { payer: from.payer.map(|payer| payer.as_str().to_owned()) }
}
