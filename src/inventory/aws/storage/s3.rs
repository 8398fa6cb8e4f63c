//! S3: buckets, their policies and grants, and the settings that shut the public out.

use std::collections::BTreeMap;

use crate::model::Known;

/// Answers about one bucket each, by bucket name. A missing bucket is unread; `null` says that the
/// bucket has no such configuration (`NoSuchBucketPolicy` and its like).
pub type ByBucket<T> = BTreeMap<String, Option<T>>;

operations! {
    /// Answers of S3.
    S3 {
        /// All buckets of the account.
        list_buckets: Known<Buckets>,
        get_bucket_policy: ByBucket<BucketPolicy>,
        /// AWS's own ruling on the policy.
        get_bucket_policy_status: ByBucket<BucketPolicyStatus>,
        /// Bucket level block public access.
        get_public_access_block: ByBucket<PublicAccessBlock>,
        get_bucket_ownership_controls: ByBucket<BucketOwnershipControls>,
        get_bucket_acl: ByBucket<Acl>,
        get_bucket_website: ByBucket<BucketWebsite>,
        /// Who pays for requests.
        get_bucket_request_payment: ByBucket<BucketRequestPayment>,
        /// Objects whose ACLs were asked for, by bucket: a sample.
        list_objects_v2: BTreeMap<String, Objects>,
        /// Access control lists of objects, by bucket and key.
        get_object_acl: BTreeMap<String, BTreeMap<String, Acl>>,
    }
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

/// Looks an answer up: unread, absent, or there.
pub fn about<'a, T>(answers: &'a ByBucket<T>, bucket: &str) -> Known<Option<&'a T>> {
    Known::from(answers.get(bucket)).map(Option::as_ref)
}

responses! {
    /// Response of ListBuckets.
    Buckets {
        /// The buckets, all pages together.
        buckets: Vec<Bucket>,
        /// Owner of them all.
        owner: Option<Owner>,
    }

    /// A bucket.
    Bucket {
        /// Its name, unique in the partition.
        name: String,
        /// Where it is kept.
        bucket_region: Option<String>,
    }

    /// An owner by canonical user id.
    Owner {
        #[serde(rename = "ID")]
        id: Option<String>,
    }

    /// Response of GetBucketPolicy.
    BucketPolicy {
        /// The policy document as text.
        policy: String,
    }

    /// Response of GetBucketPolicyStatus and of GetAccessPointPolicyStatus.
    BucketPolicyStatus {
        policy_status: Option<PolicyStatus>,
    }

    /// AWS's own ruling on a policy.
    PolicyStatus {
        /// True when AWS calls it public.
        is_public: Option<bool>,
    }

    /// Response of GetPublicAccessBlock (bucket or account).
    PublicAccessBlock {
        public_access_block_configuration: PublicAccessBlockConfiguration,
    }

    /// The four settings of block public access. Absent is off (AWS S3 API reference,
    /// PublicAccessBlockConfiguration).
    #[derive(Copy, Eq)]
    PublicAccessBlockConfiguration {
        /// New public ACLs are refused.
        block_public_acls: bool,
        /// Public ACLs are not honoured.
        ignore_public_acls: bool,
        /// New public policies are refused.
        block_public_policy: bool,
        /// A public policy gives nothing outside the account.
        restrict_public_buckets: bool,
    }

    /// Response of GetBucketOwnershipControls.
    BucketOwnershipControls {
        ownership_controls: OwnershipControls,
    }

    /// Who owns objects, hence whether ACLs count.
    OwnershipControls {
        rules: Vec<OwnershipControlsRule>,
    }

    /// An ownership rule.
    OwnershipControlsRule {
        /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
        object_ownership: String,
    }

    /// Response of GetBucketAcl and of GetObjectAcl.
    Acl {
        /// Owner of the bucket.
        owner: Option<Owner>,
        /// What is granted to whom.
        grants: Vec<Grant>,
    }

    /// A grant of an ACL.
    Grant {
        grantee: Option<Grantee>,
        /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
        permission: Option<String>,
    }

    /// Whom an ACL grants to.
    Grantee {
        /// `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
        #[serde(rename = "Type")]
        kind: Option<String>,
        #[serde(rename = "ID")]
        id: Option<String>,
        /// URI of a group.
        #[serde(rename = "URI")]
        uri: Option<String>,
    }

    /// Response of ListObjectsV2.
    Objects {
        contents: Vec<Object>,
        /// True when the bucket holds more than these.
        is_truncated: bool,
    }

    /// An object. Nothing but its name is kept.
    Object {
        key: String,
    }

    /// Response of GetBucketWebsite.
    BucketWebsite {
        /// Set when every request is redirected elsewhere.
        redirect_all_requests_to: Option<RedirectAllRequestsTo>,
    }

    /// Where a website redirects to.
    RedirectAllRequestsTo {
        host_name: String,
    }

    /// Response of GetBucketRequestPayment.
    BucketRequestPayment {
        /// `BucketOwner` or `Requester`.
        payer: Option<String>,
    }
}
