//! S3: buckets, their policies and grants, and the settings that shut the public out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::inventory::Known;

/// Answers about one bucket each, by bucket name. A missing bucket is unread; `null` says that the
/// bucket has no such configuration (`NoSuchBucketPolicy` and its like).
pub type ByBucket<T> = BTreeMap<String, Option<T>>;

/// Answers of S3.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct S3 {
    /// All buckets of the account.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_buckets: Known<Buckets>,
    /// Bucket policies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_policy: ByBucket<BucketPolicy>,
    /// AWS's own ruling on the policy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_policy_status: ByBucket<BucketPolicyStatus>,
    /// Bucket level block public access.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_public_access_block: ByBucket<PublicAccessBlock>,
    /// Whether ACLs count.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_ownership_controls: ByBucket<BucketOwnershipControls>,
    /// Access control lists.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_acl: ByBucket<BucketAcl>,
    /// Static website hosting.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_website: ByBucket<BucketWebsite>,
    /// Who pays for requests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_request_payment: ByBucket<BucketRequestPayment>,
}

/// Looks an answer up: unread, absent, or there.
pub fn about<'a, T>(answers: &'a ByBucket<T>, bucket: &str) -> Known<Option<&'a T>> {
    Known::from(answers.get(bucket)).map(Option::as_ref)
}

/// Response of ListBuckets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Buckets {
    /// The buckets, all pages together.
    pub buckets: Vec<Bucket>,
    /// Owner of them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Bucket {
    /// Its name, unique in the partition.
    pub name: String,
    /// Where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_region: Option<String>,
}

/// An owner by canonical user id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// Canonical user id.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Response of GetBucketPolicy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketPolicy {
    /// The policy document as text.
    pub policy: String,
}

/// Response of GetBucketPolicyStatus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketPolicyStatus {
    /// The ruling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_status: Option<PolicyStatus>,
}

/// AWS's own ruling on a policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PolicyStatus {
    /// True when AWS calls it public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
}

/// Response of GetPublicAccessBlock (bucket or account).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PublicAccessBlock {
    /// The four settings.
    pub public_access_block_configuration: PublicAccessBlockConfiguration,
}

/// The four settings of block public access. Absent is off (AWS S3 API reference,
/// PublicAccessBlockConfiguration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PublicAccessBlockConfiguration {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs are not honoured.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// A public policy gives nothing outside the account.
    pub restrict_public_buckets: bool,
}

/// Response of GetBucketOwnershipControls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketOwnershipControls {
    /// The controls.
    pub ownership_controls: OwnershipControls,
}

/// Who owns objects, hence whether ACLs count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct OwnershipControls {
    /// Rules (one).
    pub rules: Vec<OwnershipControlsRule>,
}

/// An ownership rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct OwnershipControlsRule {
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: String,
}

/// Response of GetBucketAcl.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketAcl {
    /// Owner of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// What is granted to whom.
    pub grants: Vec<Grant>,
}

/// A grant of an ACL.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Grant {
    /// To whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grantee: Option<Grantee>,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
}

/// Whom an ACL grants to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Grantee {
    /// `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Canonical user id.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// URI of a group.
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// Response of GetBucketWebsite.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketWebsite {
    /// Set when every request is redirected elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_all_requests_to: Option<RedirectAllRequestsTo>,
}

/// Where a website redirects to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RedirectAllRequestsTo {
    /// The host.
    pub host_name: String,
}

/// Response of GetBucketRequestPayment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BucketRequestPayment {
    /// `BucketOwner` or `Requester`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
}

/// Answers of S3 Control.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct S3Control {
    /// Account level block public access; `null` is no configuration.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub get_public_access_block: Known<Option<PublicAccessBlock>>,
}
