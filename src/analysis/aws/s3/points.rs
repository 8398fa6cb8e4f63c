//! Ways in through access points: requests have to pass the policy of the point and the bucket's.

use super::Exposure;
use super::facts::Point;
use super::locks::{Setting, level};
use super::paths::{Composer, differs};
use crate::analysis::aws::policy::AccessPoint;
use crate::analysis::aws::policy::Verdict;
use crate::analysis::aws::policy::document::{self, Policy};
use crate::analysis::aws::policy::effective::{Path, Via, allowing, denied, not_public};
use crate::analysis::aws::policy::resource::Layer;
use crate::analysis::aws::policy::services::Kind;
use crate::analysis::aws::policy::{Asked, Context, aws_public};
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
        let joint = |own: &Policy, bucket: Option<&Policy>| {
            let mut layers = vec![Layer { statements: &own.statements, kind: &kind }];
            let mut read = vec![own];
            if let Some(bucket) = bucket {
                layers.push(Layer { statements: &bucket.statements, kind: &self.kind });
                read.push(bucket);
            }
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
        let ruling = joint(&policy, bucket_policy);
        let mut add = |mut path: Path, lock: Option<Lock>| {
            path.name = Some(point.name.clone());
            if own_public != by_text {
                path.evidence.push(differs("access point's policy", own_public, by_text));
            }
            path.locks.extend(lock);
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
            add(Path::of(Via::AccessPoint, &ruling, ruling.verdict), None);
        } else {
            let own = joint(&allowing(&policy), None);
            if own.verdict == Verdict::Public {
                let undenied = joint(&allowing(&policy), bucket_policy.map(allowing).as_ref());
                if undenied.verdict == Verdict::Public {
                    // With the bucket's Deny statements alone: is it they that leave nothing?
                    let of_bucket = joint(&allowing(&policy), bucket_policy);
                    let lock = match bucket_policy {
                        Some(bucket) if of_bucket.verdict != Verdict::Public => {
                            denied(bucket, "bucket policy")
                        }
                        _ => denied(&policy, "access point's policy"),
                    };
                    add(Path::of(Via::AccessPoint, &undenied, Verdict::Public), Some(lock));
                } else {
                    let lock = Lock::Shut(Control {
                        control: "policy:no-delegation".into(),
                        text:
                            "the bucket policy does not let requests through the access point pass"
                                .into(),
                    });
                    add(Path::of(Via::AccessPoint, &own, Verdict::Public), Some(lock));
                }
            }
        }
        for path in not_public(Via::AccessPoint, &ruling) {
            add(path, None);
        }
    }
}
