//! S3: buckets, their policies and grants, and the settings that shut the public out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Known;

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
    pub get_bucket_acl: ByBucket<Acl>,
    /// Static website hosting.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_website: ByBucket<BucketWebsite>,
    /// Who pays for requests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_bucket_request_payment: ByBucket<BucketRequestPayment>,
    /// Objects whose ACLs were asked for, by bucket: a sample.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub list_objects_v2: BTreeMap<String, Objects>,
    /// Access control lists of objects, by bucket and key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_object_acl: BTreeMap<String, BTreeMap<String, Acl>>,
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

/// Response of GetBucketPolicyStatus and of GetAccessPointPolicyStatus.
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

impl PublicAccessBlockConfiguration {
    /// All four on.
    pub const ALL: PublicAccessBlockConfiguration = PublicAccessBlockConfiguration {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
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

/// Response of GetBucketAcl and of GetObjectAcl.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Acl {
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

/// Response of ListObjectsV2.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Objects {
    /// The objects.
    pub contents: Vec<Object>,
    /// True when the bucket holds more than these.
    pub is_truncated: bool,
}

/// An object. Nothing but its name is kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Object {
    /// Its key.
    pub key: String,
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
    /// Access points of the region.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_access_points: Known<AccessPoints>,
    /// Access points one by one, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_access_point: BTreeMap<String, AccessPointDetails>,
    /// Policies of access points, by name; `null` is no policy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_access_point_policy: BTreeMap<String, Option<AccessPointPolicy>>,
    /// AWS's own rulings on those policies, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_access_point_policy_status: BTreeMap<String, Option<BucketPolicyStatus>>,
    /// Access points that span regions, of the whole account.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub list_multi_region_access_points: Known<MultiRegionAccessPoints>,
    /// Their policies, by name; `null` is no policy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_multi_region_access_point_policy: BTreeMap<String, Option<MultiRegionPolicy>>,
    /// AWS's own rulings on those policies, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_multi_region_access_point_policy_status:
        BTreeMap<String, Option<MultiRegionPolicyStatus>>,
}

/// Response of ListAccessPoints.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AccessPoints {
    /// The access points, all pages together.
    pub access_point_list: Vec<AccessPoint>,
}

/// An access point: a door of its own to a bucket, with its own policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AccessPoint {
    /// Its name, unique in account and region.
    pub name: String,
    /// The bucket behind it.
    pub bucket: String,
    /// `Internet` or `VPC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_origin: Option<String>,
    /// Its ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_point_arn: Option<String>,
    /// Account of the bucket, which may be another than that of the access point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_account_id: Option<String>,
}

/// Response of GetAccessPoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AccessPointDetails {
    /// Its own four settings, fixed when it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access_block_configuration: Option<PublicAccessBlockConfiguration>,
}

/// Response of GetAccessPointPolicy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AccessPointPolicy {
    /// The policy document as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// Response of ListMultiRegionAccessPoints.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionAccessPoints {
    /// The access points, all pages together.
    pub access_points: Vec<MultiRegionAccessPoint>,
}

/// An access point before buckets in several regions. It always faces the internet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionAccessPoint {
    /// Its name.
    pub name: String,
    /// The name in its ARN and host, `….mrap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Its own four settings, fixed when it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access_block: Option<PublicAccessBlockConfiguration>,
    /// `READY`, `CREATING` and others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The buckets behind it.
    pub regions: Vec<MultiRegionBucket>,
}

/// A bucket behind a multi-region access point.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionBucket {
    /// Its name.
    pub bucket: String,
    /// Where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_account_id: Option<String>,
}

/// Response of GetMultiRegionAccessPointPolicy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionPolicy {
    /// The policy in force and the one under way.
    pub policy: MultiRegionPolicyDocument,
}

/// The policy of a multi-region access point.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionPolicyDocument {
    /// The one in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub established: Option<AccessPointPolicy>,
}

/// Response of GetMultiRegionAccessPointPolicyStatus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MultiRegionPolicyStatus {
    /// The ruling on the policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub established: Option<PolicyStatus>,
}
