//! The ways into a bucket, each with its locks.

use std::collections::BTreeSet;

use super::Exposure;
use super::facts::{Bucket, ENFORCED};
use super::locks::{Setting, level};
use crate::analysis::aws::policy::document::{self, Policy};
use crate::analysis::aws::policy::effective::{
    Before, Closed, Path, Via, allowing, closed, closed_to, paths,
};
use crate::analysis::aws::policy::organization::{Beside, Guard};
use crate::analysis::aws::policy::services::Kind;
use crate::analysis::aws::policy::{Context, Ruling, Subject, Verdict, named};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::{calls, kinds};
use crate::model::{Known, Lock, Missing};

pub(super) const BUCKET: &str = kinds::S3_BUCKET.name;

/// Builds the paths of one bucket.
pub struct Composer<'b> {
    pub(super) bucket: &'b Bucket<'b>,
    pub(super) kind: Kind,
    pub(super) context: Context,
    pub(super) policy: Known<Option<Policy>>,
    /// What the organization denies on the bucket.
    pub(super) guard: Guard,
}

impl<'b> Composer<'b> {
    /// For this bucket.
    pub fn new(bucket: &'b Bucket<'b>) -> Composer<'b> {
        let kind = Kind::of(BUCKET, bucket.arn);
        let policy = bucket
            .policy
            .as_ref()
            .map(|text| text.as_ref().map(|text| document::parse(text, &kind)));
        // A requester-pays bucket refuses unsigned requests, whatever grants them (S3 user guide,
        // "Requester Pays"). Unread counts as off: the wider answer.
        let requester_pays = bucket.requester_pays.read().copied().flatten().unwrap_or_default();
        let context = Context {
            requester_pays: requester_pays || bucket.context.requester_pays,
            ..bucket.context.clone()
        };
        let guard = context.control_policies.guard(&kind, bucket.owner_account);
        Composer { bucket, kind, context, policy, guard }
    }

    /// The ways through its access points alone.
    pub fn through_points(&self) -> Vec<Path> {
        let mut exposure = Exposure {
            paths: Vec::new(),
            unread_doors: BTreeSet::new(),
            notes: Vec::new(),
            policy: None,
        };
        // Whether AWS calls the bucket's own policy public decides what shuts its access points.
        self.policy_path(&mut exposure);
        exposure.paths.clear();
        self.point_paths(&mut exposure);
        exposure.paths
    }

    /// The bucket's name, by which calls are about it.
    pub(super) fn name(&self) -> &str {
        self.bucket.arn.rsplit(':').next().unwrap_or_default()
    }

    /// The locks of one setting at the levels above the bucket and at the bucket.
    pub(super) fn levels(&self, setting: Setting, locks: &mut Vec<Lock>) {
        if let Some(block) = self.bucket.organization_block {
            // It is given, never read: no call tells it apart from the account's.
            let unread = |text| Missing { operation: None, resource: None, text };
            locks.push(level(setting, "organization", &Known::Read(Some(block)), unread));
        }
        let account = &self.bucket.account_block;
        let of_account = |text| calls::s3control::GET_PUBLIC_ACCESS_BLOCK.missing(text);
        locks.push(level(setting, "account", account, of_account));
        let of_bucket = |text| calls::s3::GET_PUBLIC_ACCESS_BLOCK.missing_of(self.name(), text);
        locks.push(level(setting, "bucket", &self.bucket.bucket_block, of_bucket));
    }

    /// All paths.
    pub fn compose(&self) -> Exposure {
        let mut exposure = Exposure {
            paths: Vec::new(),
            unread_doors: BTreeSet::new(),
            notes: Vec::new(),
            policy: None,
        };
        self.policy_path(&mut exposure);
        self.acl_paths(&mut exposure);
        self.point_paths(&mut exposure);
        if self.bucket.website.read().copied().flatten() == Some(true) {
            exposure.notes.push(
                "the static website endpoint serves the same grants over plain HTTP".to_owned(),
            );
        }
        if !self.bucket.objects.is_empty() {
            let count = self.bucket.objects.len();
            exposure.notes.push(format!("the ACLs of {count} objects were looked at"));
        }
        exposure
    }

    /// The ways in of outsiders whom the policy or the ACL names, by neither objects nor access points;
    /// and the calls without whose answer one may be missing.
    pub(super) fn named(&self) -> (Vec<Path>, BTreeSet<&'static Call>) {
        let Exposure { mut paths, mut unread_doors, .. } = self.compose();
        paths.retain(|path| {
            path.verdict == Verdict::CrossAccount && matches!(path.via, Via::Policy | Via::Acl)
        });
        let by_policy = paths.iter().any(|path| path.via == Via::Policy);
        if let Known::Read(Some(policy)) = &self.policy
            && !by_policy
        {
            let judge = |policy: &Policy, beside: &Beside| self.judge_bucket(policy, beside);
            paths.extend(named::by(policy, "bucket policy", &self.guard, judge));
        }
        // Settings against public grants leave those to named accounts alone.
        let enforced =
            matches!(&self.bucket.ownership, Known::Read(Some(mode)) if mode == ENFORCED);
        if self.bucket.acl.is_unread() && !enforced {
            unread_doors.insert(&calls::s3::GET_BUCKET_ACL);
        }
        (paths, unread_doors)
    }

    pub(super) fn subject<'s>(
        &'s self,
        kind: &'s str,
        arn: &'s str,
        context: &'s Context,
    ) -> Subject<'s> {
        Subject { kind, arn, owner_account: self.bucket.owner_account, context }
    }

    fn judge_bucket(&self, policy: &Policy, beside: &Beside) -> Ruling {
        let subject = self.subject(BUCKET, self.bucket.arn, &self.context);
        crate::analysis::aws::policy::ruling_beside(policy, &self.kind, &subject, beside)
    }

    /// What is left of the bucket's policy without what lets the public in; `shut`: or would, but
    /// for the policy's own Deny statements. What the organization denies is not counted on. `None`
    /// where it has none, or nobody read it.
    pub(super) fn closed_policy(&self, shut: bool) -> Option<Closed> {
        let text = self.bucket.policy.read()?.as_deref()?;
        let judge = |policy: &Policy| match shut {
            true => self.judge_bucket(&allowing(policy), &Beside::default()),
            false => self.judge_bucket(policy, &Beside::default()),
        };
        Some(closed(text, &self.kind, judge))
    }

    /// The same without what lets outsiders in who are named.
    pub(super) fn without_named(&self, shut: bool) -> Option<Closed> {
        let text = self.bucket.policy.read()?.as_deref()?;
        let judge = |policy: &Policy| {
            let ruling = match shut {
                true => self.judge_bucket(&allowing(policy), &Beside::default()),
                false => self.judge_bucket(policy, &Beside::default()),
            };
            ruling.keeping(&named::is_to_named)
        };
        Some(closed_to(text, &self.kind, judge, Verdict::CrossAccount, &mut BTreeSet::new()))
    }

    fn policy_path(&self, exposure: &mut Exposure) {
        let policy = match &self.policy {
            Known::Unread => {
                exposure.unread_doors.insert(&calls::s3::GET_BUCKET_POLICY);
                return;
            }
            Known::Read(None) => return,
            Known::Read(Some(policy)) => policy,
        };
        let mut ruling = self.judge_bucket(policy, &self.guard.beside());
        let by_text = ruling.aws_public;
        let live = self.bucket.aws_public.read().copied().flatten();
        if let Some(live) = live {
            ruling.aws_public = live;
            if live != by_text {
                exposure.notes.push(differs("policy", live, by_text));
            }
        }
        let public = ruling.verdict <= Verdict::Conditional;
        if public != ruling.aws_public {
            exposure.notes.push(format!(
                "effectively the policy is {}, while AWS calls it {}",
                ruling.verdict.name(),
                public_word(ruling.aws_public),
            ));
        }
        let mut restrict = Vec::new();
        if ruling.aws_public {
            self.levels(Setting::RestrictPublicBuckets, &mut restrict);
        }
        let judge = |policy: &Policy, beside: &Beside| self.judge_bucket(policy, beside);
        // RestrictPublicBuckets leaves AWS services their access, as `paths` does with all locks.
        let before = Before { locks: &restrict, guard: &self.guard };
        let paths = paths(Via::Policy, &ruling, policy, "bucket policy", &before, judge);
        exposure.paths.extend(paths);
        exposure.policy = Some(ruling);
    }
}

/// What AWS says of a policy live is not what its documentation says of the text.
pub(super) fn differs(what: &str, live: bool, by_text: bool) -> String {
    format!(
        "AWS calls the {what} {}; by the wording of its documentation it would be {}",
        public_word(live),
        public_word(by_text),
    )
}

fn public_word(public: bool) -> &'static str {
    if public { "public" } else { "not public" }
}
