//! What is known about a bucket: each fact read, or not.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::Access;
use crate::model::Known;

use crate::analysis::aws::policy::Context;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::s3::PublicAccessBlockConfiguration;

/// Object ownership under which ACLs count for nothing (S3 user guide, Controlling ownership).
pub(super) const ENFORCED: &str = "BucketOwnerEnforced";

/// Who is granted something by an ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// The group of everyone, without credentials.
    AllUsers,
    /// The group of every AWS account.
    AuthenticatedUsers,
    /// The group of S3 log delivery.
    LogDelivery,
    /// The bucket owner.
    Owner,
    /// An account by canonical id.
    Canonical(String),
}

impl Grantee {
    /// From a group URI, a canonical id, or the words `owner` and `canonical:<id>`.
    pub fn parse(text: &str) -> Grantee {
        match text.rsplit('/').next().unwrap_or(text) {
            "AllUsers" => Grantee::AllUsers,
            "AuthenticatedUsers" => Grantee::AuthenticatedUsers,
            "LogDelivery" => Grantee::LogDelivery,
            "owner" => Grantee::Owner,
            other => Grantee::Canonical(other.trim_start_matches("canonical:").to_owned()),
        }
    }
}

/// One grant of an ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclGrant {
    /// To whom.
    pub grantee: Grantee,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

impl AclGrant {
    /// What the permission allows (S3 user guide, "ACL overview": mapping of ACL permissions to
    /// policy actions).
    pub fn actions(&self, object: bool) -> &'static [&'static str] {
        match (self.permission.as_str(), object) {
            ("READ", false) => {
                &["s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"]
            }
            ("WRITE", false) => &["s3:putobject"],
            ("READ_ACP", false) => &["s3:getbucketacl"],
            ("WRITE_ACP", false) => &["s3:putbucketacl"],
            ("FULL_CONTROL", false) => &[
                "s3:listbucket",
                "s3:listbucketversions",
                "s3:listbucketmultipartuploads",
                "s3:putobject",
                "s3:getbucketacl",
                "s3:putbucketacl",
            ],
            ("READ", true) => &["s3:getobject", "s3:getobjectversion"],
            ("READ_ACP", true) => &["s3:getobjectacl", "s3:getobjectversionacl"],
            ("WRITE_ACP", true) => &["s3:putobjectacl", "s3:putobjectversionacl"],
            ("FULL_CONTROL", true) => &[
                "s3:getobject",
                "s3:getobjectversion",
                "s3:getobjectacl",
                "s3:getobjectversionacl",
                "s3:putobjectacl",
                "s3:putobjectversionacl",
            ],
            _ => &[],
        }
    }

    /// The classes of those actions.
    pub fn access(&self, object: bool) -> BTreeSet<Access> {
        let (read, list, write, permissions) =
            (Access::Read, Access::List, Access::Write, Access::Permissions);
        let classes = match (self.permission.as_str(), object) {
            ("READ", false) => vec![list],
            ("READ", true) | ("READ_ACP", _) => vec![read],
            ("WRITE", false) => vec![write],
            ("WRITE_ACP", _) => vec![permissions],
            ("FULL_CONTROL", false) => vec![list, read, write, permissions],
            ("FULL_CONTROL", true) => vec![read, permissions],
            _ => Vec::new(),
        };
        classes.into_iter().collect()
    }
}

/// An object that was looked at.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its ACL.
    pub acl: Known<Vec<AclGrant>>,
}

/// An access point of the bucket, in one region or in several.
#[derive(Debug, Clone)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: String,
    /// `Internet` or `VPC`.
    pub network_origin: Known<Option<String>>,
    /// Its own settings, fixed when it was made.
    pub block: Known<Option<PublicAccessBlockConfiguration>>,
    /// Its policy.
    pub policy: Known<Option<String>>,
    /// What AWS calls the policy.
    pub aws_public: Known<Option<bool>>,
    /// Whether it spans regions.
    pub multi_region: bool,
}

impl Point {
    /// The call that tells its policy.
    pub(super) fn policy_call(&self) -> &'static Call {
        match self.multi_region {
            true => &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY,
            false => &calls::s3control::GET_ACCESS_POINT_POLICY,
        }
    }
}

/// A bucket and what surrounds it.
#[derive(Debug, Clone)]
pub struct Bucket<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// Its owner.
    pub owner_account: &'a str,
    /// Further facts.
    pub context: &'a Context,
    /// Policy text; `Read(None)`: there is none.
    pub policy: Known<Option<String>>,
    /// Grants of the bucket's ACL.
    pub acl: Known<Vec<AclGrant>>,
    /// Objects that were looked at.
    pub objects: Vec<Object>,
    /// Object ownership; without a configuration ACLs are in force.
    pub ownership: Known<Option<String>>,
    /// Settings of the organization, where they were read apart from the account's.
    pub organization_block: Option<PublicAccessBlockConfiguration>,
    /// Settings of the account; `Read(None)`: no configuration, all four off.
    pub account_block: Known<Option<PublicAccessBlockConfiguration>>,
    /// Settings of the bucket.
    pub bucket_block: Known<Option<PublicAccessBlockConfiguration>>,
    /// Whether AWS calls the policy public (`GetBucketPolicyStatus`).
    pub aws_public: Known<Option<bool>>,
    /// Whether the requester pays.
    pub requester_pays: Known<Option<bool>>,
    /// Whether website hosting is on.
    pub website: Known<Option<bool>>,
    /// Access points.
    pub access_points: Vec<Point>,
}
