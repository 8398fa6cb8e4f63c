//! Buckets and access points, in such an order that what is decided is not asked.

use super::CollectionPlan;
use crate::analysis::aws::policy::PrincipalBreadth;
use crate::inventory::aws::calls;
use crate::inventory::aws::s3::{
    Acl, BucketOwnershipControls, BucketPolicy, PublicAccessBlock, PublicAccessBlockConfiguration,
};
use crate::inventory::aws::s3control::AccessPoint;
use crate::model::Known;

/// Which questions about buckets are still open when the account's own block is known.
#[derive(Debug)]
pub struct Buckets<'a> {
    plan: &'a CollectionPlan,
    /// Ask for policies: public ones may take effect, or are wanted anyway.
    pub policies: bool,
    /// Ask for grants: public ones may take effect, or are wanted anyway.
    pub grants: bool,
    /// Ask for every bucket's block, open or not.
    blocks: bool,
    /// Ask for so many ACLs of objects. With IgnorePublicAcls on they read as if nothing public
    /// were granted (S3 user guide, Blocking public access: block public access settings).
    pub objects: usize,
}

/// What one bucket answered so far; `Unread` also where nothing was asked.
#[derive(Debug, Default)]
pub struct BucketAnswers {
    /// Its policy.
    pub policy: Known<Option<BucketPolicy>>,
    /// Whether ACLs count.
    pub ownership: Known<Option<BucketOwnershipControls>>,
    /// Its access control list.
    pub acl: Known<Option<Acl>>,
    /// Its own block.
    pub block: Known<Option<PublicAccessBlock>>,
    /// True when an object that was looked at is granted to a group.
    pub object_names_a_group: bool,
}

impl<'a> Buckets<'a> {
    /// What is open under the account's `block`.
    pub fn new(plan: &'a CollectionPlan, block: &Known<Option<PublicAccessBlock>>) -> Buckets<'a> {
        let account = settings(block);
        let all_on = account.block_public_acls
            && account.ignore_public_acls
            && account.block_public_policy
            && account.restrict_public_buckets;
        Buckets {
            plan,
            // What the account's block shuts is public: it leaves named accounts their access.
            policies: plan.latent || plan.named || !account.restrict_public_buckets,
            grants: plan.latent || plan.named || !account.ignore_public_acls,
            blocks: plan.protections && !all_on,
            objects: if account.ignore_public_acls { 0 } else { plan.objects },
        }
    }

    /// Whether a bucket is asked anything at all.
    pub fn anything(&self) -> bool {
        self.policies || self.grants || self.blocks || self.objects > 0
    }

    /// With ACLs switched off the ACL reads as the owner's alone, whatever was granted before.
    pub fn acl(&self, answers: &BucketAnswers) -> bool {
        self.grants && !acls_are_off(&answers.ownership)
    }

    /// A block acts on what is public: on nothing that is granted to named accounts only.
    pub fn block(&self, answers: &BucketAnswers) -> bool {
        self.blocks
            || self.policy_opens(answers)
            || self.acl_opens(answers)
            || self.may_sample(answers)
    }

    /// Whether objects are looked at.
    pub fn sample(&self, answers: &BucketAnswers) -> bool {
        self.may_sample(answers) && !settings(&answers.block).ignore_public_acls
    }

    /// A Deny statement cuts grants too: where a grant opens the bucket the policy is asked
    /// although none of its own grants can take effect.
    pub fn policy_for_its_denials(&self, answers: &BucketAnswers) -> bool {
        let granted = self.acl_opens(answers) && !settings(&answers.block).ignore_public_acls;
        !self.policies && (granted || answers.object_names_a_group)
    }

    /// Whether AWS's own ruling on the policy may differ from ours and matter.
    pub fn ruling(&self, answers: &BucketAnswers) -> bool {
        let breadth = self.breadth(answers);
        self.by_policy(answers, breadth) || (self.plan.latent && breadth > PrincipalBreadth::None)
    }

    /// What opens no door is asked where anybody may get in: website and payer.
    pub fn details(&self, answers: &BucketAnswers) -> bool {
        let breadth = self.breadth(answers);
        let group = acl_names_a_group(&answers.acl);
        let by_acl = group && !settings(&answers.block).ignore_public_acls;
        self.by_policy(answers, breadth)
            || by_acl
            || (self.plan.latent && (breadth > PrincipalBreadth::None || group))
    }

    /// A policy that was read for its denials alone opens nothing.
    fn breadth(&self, answers: &BucketAnswers) -> PrincipalBreadth {
        match &answers.policy {
            Known::Read(Some(policy)) if self.policies => {
                PrincipalBreadth::of(&policy.policy, "aws.s3.bucket")
            }
            _ => PrincipalBreadth::None,
        }
    }

    fn policy_opens(&self, answers: &BucketAnswers) -> bool {
        let asked = self.policies && self.plan.wants(&calls::s3::GET_BUCKET_POLICY);
        asked && (answers.policy.is_unread() || self.breadth(answers) > PrincipalBreadth::None)
    }

    fn acl_opens(&self, answers: &BucketAnswers) -> bool {
        let asked = self.acl(answers) && self.plan.wants(&calls::s3::GET_BUCKET_ACL);
        asked && (answers.acl.is_unread() || acl_names_a_group(&answers.acl))
    }

    fn may_sample(&self, answers: &BucketAnswers) -> bool {
        self.objects > 0
            && self.plan.wants(&calls::s3::LIST_OBJECTS_V2)
            && !acls_are_off(&answers.ownership)
    }

    fn by_policy(&self, answers: &BucketAnswers, breadth: PrincipalBreadth) -> bool {
        // RestrictPublicBuckets takes a public policy's effect outside the account.
        breadth > PrincipalBreadth::Bounded && !settings(&answers.block).restrict_public_buckets
    }
}

/// Settings that are absent are off (S3 API reference, PublicAccessBlockConfiguration); those that
/// were not read shut nothing as far as anybody knows.
fn settings(block: &Known<Option<PublicAccessBlock>>) -> PublicAccessBlockConfiguration {
    let block = block.read().and_then(Option::as_ref);
    block.map(|block| block.public_access_block_configuration).unwrap_or_default()
}

/// Ownership `BucketOwnerEnforced` switches ACLs off (S3 user guide, controlling ownership).
/// Without controls ACLs count, and so they must be taken to when nobody could look.
fn acls_are_off(ownership: &Known<Option<BucketOwnershipControls>>) -> bool {
    let Known::Read(Some(controls)) = ownership else { return false };
    let rules = &controls.ownership_controls.rules;
    rules.iter().any(|rule| rule.object_ownership == "BucketOwnerEnforced")
}

/// True when something is granted to a group: all users, or all AWS accounts.
fn acl_names_a_group(acl: &Known<Option<Acl>>) -> bool {
    matches!(acl, Known::Read(Some(acl)) if grants_to_a_group(acl))
}

/// The same of an ACL that was read.
pub fn grants_to_a_group(acl: &Acl) -> bool {
    acl.grants.iter().any(|grant| grant.grantee.as_ref().is_some_and(|g| g.uri.is_some()))
}

/// Whether a public policy of an access point may take effect under the account's `block`, or is
/// wanted anyway.
pub fn access_points_matter(
    plan: &CollectionPlan,
    block: &Known<Option<PublicAccessBlock>>,
) -> bool {
    plan.latent || plan.named || !settings(block).restrict_public_buckets
}

/// Whether an access point is asked anything: its policy says nothing more where its network origin
/// shuts the public out.
pub fn access_point_matters(plan: &CollectionPlan, point: &AccessPoint) -> bool {
    plan.latent || plan.named || point.network_origin.as_deref() != Some("VPC")
}

/// Whether the policy of an access point with these settings of its own says anything more.
pub fn access_point_policy_matters(
    plan: &CollectionPlan,
    own: Option<PublicAccessBlockConfiguration>,
) -> bool {
    plan.latent || plan.named || !own.is_some_and(|block| block.restrict_public_buckets)
}

/// Whether AWS is asked for its ruling on an access point's policy: where it may differ from ours
/// and matter.
pub fn access_point_ruling_matters(plan: &CollectionPlan, policy: Option<&str>) -> bool {
    let least = if plan.latent { PrincipalBreadth::None } else { PrincipalBreadth::Bounded };
    policy.is_some_and(|text| PrincipalBreadth::of(text, "aws.s3.access-point") > least)
}
