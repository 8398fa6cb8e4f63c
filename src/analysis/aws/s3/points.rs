//! Ways in through access points: requests have to pass the policy of the point and the bucket's.

use super::Exposure;
use super::acl::anything;
use super::facts::Point;
use super::locks::{Setting, level};
use super::paths::{Composer, differs};
use crate::analysis::aws::policy::AccessPoint;
use crate::analysis::aws::policy::document::{self, Policy};
use crate::analysis::aws::policy::effective::{Path, Via, allowing, denied, not_public};
use crate::analysis::aws::policy::organization::{Beside, Guard};
use crate::analysis::aws::policy::resource::Layer;
use crate::analysis::aws::policy::services::Kind;
use crate::analysis::aws::policy::{Asked, Context, aws_public};
use crate::analysis::aws::policy::{Ruling, Verdict};
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Control, Known, Lock};

impl Composer<'_> {
    pub(super) fn point_paths(&self, exposure: &mut Exposure) {
        for point in &self.bucket.access_points {
            match &point.policy {
                Known::Unread => {
                    exposure.unread_doors.insert(point.policy_call());
                }
                Known::Read(None) => {}
                Known::Read(Some(text)) => self.point_path(point, text, exposure),
            }
        }
    }

    fn point_path(&self, point: &Point, text: &str, exposure: &mut Exposure) {
        let kind_name = match point.multi_region {
            true => kinds::S3_MULTI_REGION_ACCESS_POINT.name,
            false => kinds::S3_ACCESS_POINT.name,
        };
        let kind = Kind::of(kind_name, &point.arn);
        let policy = document::parse(text, &kind);
        let origin = point.network_origin.read().cloned().flatten();
        let context = Context { network_origin: origin.clone(), ..self.context.clone() };
        let subject = self.subject(kind_name, &point.arn, &context);
        let nothing = Policy::default();
        let bucket_policy = match &self.policy {
            Known::Read(Some(policy)) => Some(policy),
            Known::Read(None) => Some(&nothing),
            Known::Unread => None,
        };
        // What the organization denies reaches both resources where one account owns them.
        let policies = &self.context.control_policies;
        let own_guard = policies.guard(&kind, &point.account);
        let on_point = !own_guard.is_empty();
        let guard = if on_point { &own_guard } else { &self.guard };
        let everything = anything("bucket policy that was not read");
        let joint = |own: &Policy, bucket: Option<&Policy>, beside: &Beside| {
            let nothing = Beside::default();
            let on_point = if on_point { beside } else { &nothing };
            let on_bucket = if self.guard.is_empty() { &nothing } else { beside };
            let own_denying = on_point.denying(own);
            // What the organization denies on the bucket does so whatever the bucket's policy says.
            let guarded = (!on_bucket.denies.is_empty()).then_some(&everything);
            let bucket_denying = bucket.or(guarded).map(|bucket| on_bucket.denying(bucket));
            let mut layers = vec![Layer { statements: &own_denying, kind: &kind }];
            let behind = bucket_denying.as_deref().into_iter().chain(beside.only.as_deref());
            layers.extend(behind.map(|statements| Layer { statements, kind: &self.kind }));
            let read: Vec<&Policy> = [own].into_iter().chain(bucket).collect();
            let through = AccessPoint {
                account: point.account.clone(),
                arn: point.arn.clone(),
                vpc_only: origin.as_deref() == Some("VPC"),
            };
            let asked = Asked { layers, point: Some(through), only: None };
            crate::analysis::aws::policy::answer(asked, &read, &subject, false)
        };
        let by_text = aws_public::is_public(&policy, &kind, &subject);
        let own_public = point.aws_public.read().copied().flatten().unwrap_or(by_text);
        let bucket_public = exposure.policy.as_ref().is_some_and(|ruling| ruling.aws_public);
        let mut restrict = Vec::new();
        if own_public || bucket_public {
            self.levels(Setting::RestrictPublicBuckets, &mut restrict);
            restrict.push(level(
                Setting::RestrictPublicBuckets,
                "access-point",
                &point.block,
                |text| calls::s3control::GET_ACCESS_POINT.missing_of(&point.name, text),
            ));
        }
        let ruling = joint(&policy, bucket_policy, &guard.beside());
        let mut add = |mut path: Path, before: Vec<Lock>| {
            path.name = Some(point.name.clone());
            if own_public != by_text {
                path.evidence.push(differs("access point's policy", own_public, by_text));
            }
            path.locks.extend(before);
            // RestrictPublicBuckets leaves AWS services their access.
            if path.verdict != Verdict::Service {
                path.locks.extend(restrict.iter().cloned());
            }
            if bucket_policy.is_none() {
                path.locks.push(Lock::Unknown(calls::s3::GET_BUCKET_POLICY.missing_of(
                    self.name(),
                    "whether the bucket policy lets the access point pass was not read",
                )));
            }
            exposure.paths.push(path);
        };
        if ruling.verdict <= Verdict::Conditional {
            let open = own_guard.open().or_else(|| self.guard.open());
            add(Path::of(Via::AccessPoint, &ruling, ruling.verdict), open.into_iter().collect());
        } else if let Some((shown, controls)) = shut(&policy, bucket_policy, guard, joint) {
            let locks = controls.into_iter().map(Lock::Shut).collect();
            add(Path::of(Via::AccessPoint, &shown, Verdict::Public), locks);
        }
        for path in not_public(Via::AccessPoint, &ruling) {
            add(path, Vec::new());
        }
    }
}

/// What is public through an access point but for Deny statements or a bucket policy that does not
/// let it pass. `joint` judges the two policies together, or the access point's alone.
fn shut(
    policy: &Policy,
    bucket: Option<&Policy>,
    guard: &Guard,
    joint: impl Fn(&Policy, Option<&Policy>, &Beside) -> Ruling,
) -> Option<(Ruling, Vec<Control>)> {
    let nothing = Beside::default();
    let by_organization = |own: &Policy, bucket: Option<&Policy>| {
        let beside = |beside: &Beside| joint(own, bucket, beside);
        let shut = !guard.is_empty() && beside(&guard.beside()).verdict > Verdict::Conditional;
        if shut { guard.shutting(beside) } else { Vec::new() }
    };
    if !guard.is_empty() {
        let without = joint(policy, bucket, &nothing);
        match without.verdict {
            Verdict::Public => return Some((without, by_organization(policy, bucket))),
            // Whether the policies leave something by themselves cannot be decided.
            verdict if verdict <= Verdict::Conditional => return None,
            _ => {}
        }
    }
    let alone = allowing(policy);
    let own = joint(&alone, None, &nothing);
    if own.verdict != Verdict::Public {
        return None;
    }
    let bucket_alone = bucket.map(allowing);
    let undenied = joint(&alone, bucket_alone.as_ref(), &nothing);
    if undenied.verdict == Verdict::Public {
        // With the bucket's Deny statements alone: is it they that leave nothing?
        let of_bucket = joint(&alone, bucket, &nothing);
        let deny = match bucket {
            Some(bucket) if of_bucket.verdict != Verdict::Public => denied(bucket, "bucket policy"),
            _ => denied(policy, "access point's policy"),
        };
        let mut controls = by_organization(&alone, bucket_alone.as_ref());
        controls.push(deny);
        return Some((undenied, controls));
    }
    let mut controls = by_organization(&alone, None);
    controls.push(Control {
        control: "policy:no-delegation".into(),
        text: "the bucket policy does not let requests through the access point pass".into(),
    });
    Some((own, controls))
}
