//! Buckets and access points to which policies or ACLs give access to outsiders who are named.

use super::super::s3::{access_point_public, multi_region_access_point_public};
use crate::analysis::aws::policy::Context as Zone;
use crate::analysis::aws::policy::effective::{Closed, Path, Via};
use crate::analysis::aws::policy::{Verdict, Who};
use crate::analysis::aws::s3::{Account, JudgedNamed, JudgedPoint};
use crate::inventory::aws::calls::{self, Call};
use crate::model::{GLOBAL, Known, Remediation, aws};
use crate::rules::change::Change;
use crate::rules::shapes::named::{Way, advice, is_denied, report};
use crate::rules::{Context, Findings};

/// The account by which CloudFront writes its logs where ACLs let it (CloudFront developer guide,
/// "Configure standard logging (legacy)": `awslogsdelivery`).
const LOGS_OF_CLOUDFRONT: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/// Reports the buckets and access points of the account.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, zone: &Zone) {
    let account = Account::new(cx.snapshot, zone.clone());
    if cx.snapshot.global.s3.list_buckets.is_unread() {
        found.unread(&calls::s3::LIST_BUCKETS, GLOBAL);
    }
    for bucket in account.named() {
        for call in &bucket.unread {
            found.unread_about(call, &bucket.resource.region, &bucket.resource.id);
        }
        by_policy(cx, found, &account, &bucket);
        by_acl(cx, found, &bucket);
    }
    let list = &calls::s3control::LIST_ACCESS_POINTS;
    for region in cx.snapshot.regions.keys() {
        let named = |point: &JudgedPoint| access_point_public::close(point, region);
        points(cx, found, (list, region), account.access_points(region), "access point", named);
    }
    // They exist in the commercial partition only (S3 user guide, restrictions and limitations).
    if matches!(cx.snapshot.partition.as_str(), "" | "aws") {
        let list = &calls::s3control::LIST_MULTI_REGION_ACCESS_POINTS;
        let all = account.multi_region_access_points();
        let close = multi_region_access_point_public::close;
        points(cx, found, (list, GLOBAL), all, "multi-region access point", close);
    }
}

fn by_policy(cx: &Context<'_>, found: &mut Findings, account: &Account<'_>, bucket: &JudgedNamed) {
    let Some(path) = bucket.paths.iter().find(|path| path.via == Via::Policy) else { return };
    let name = &bucket.resource.id;
    let (then, left) = match account.without_named(&bucket.resource, is_denied(path)) {
        Some(Closed::Policy(left)) => {
            ("the statements that let them in, with everybody else whom these name", Some(left))
        }
        _ => ("the bucket's whole policy", None),
    };
    let command = match &left {
        Some(left) => aws(["s3api", "put-bucket-policy", "--bucket", name, "--policy", left]),
        None => aws(["s3api", "delete-bucket-policy", "--bucket", name]),
    };
    let remediation = Remediation { text: advice(path, then), commands: vec![command] };
    let way = Way { way_in: "policy", paths: vec![path], what: format!("bucket {name}") };
    let change = Change::BucketPolicy { bucket: name.clone(), left };
    report(cx, found, bucket.resource.clone(), &way, (remediation, vec![change]));
}

fn by_acl(cx: &Context<'_>, found: &mut Findings, bucket: &JudgedNamed) {
    let of_aws = |who: &Who| matches!(who, Who::Canonical(id) if id == LOGS_OF_CLOUDFRONT);
    let others = |path: &&Path| path.via == Via::Acl && !path.holders.iter().all(of_aws);
    let name = &bucket.resource.id;
    let paths = bucket.paths.iter().filter(others);
    let Some(way) = Way::worst("acl", paths, format!("bucket {name}")) else { return };
    let command = aws(["s3api", "put-bucket-acl", "--bucket", name, "--acl", "private"]);
    let text = advice(way.paths[0], "every grant of the bucket's ACL");
    let remediation = Remediation { text, commands: vec![command] };
    let change = Change::BucketAcl { bucket: name.clone() };
    report(cx, found, bucket.resource.clone(), &way, (remediation, vec![change]));
}

fn points(
    cx: &Context<'_>,
    found: &mut Findings,
    (list, region): (&'static Call, &str),
    points: Known<Vec<JudgedPoint>>,
    noun: &str,
    close: impl Fn(&JudgedPoint) -> (String, Option<Change>),
) {
    let Known::Read(points) = points else {
        found.unread(list, region);
        return;
    };
    for point in points {
        if let Some(call) = point.unread {
            found.unread_about(call, &point.resource.region, &point.resource.id);
        }
        let named = point.paths.iter().filter(|(_, path)| path.verdict == Verdict::CrossAccount);
        let mut buckets: Vec<&str> = named.clone().map(|(bucket, _)| bucket.as_str()).collect();
        buckets.dedup();
        let what = format!("bucket {} through {noun} {}", buckets.join(", "), point.resource.id);
        let paths = named.map(|(_, path)| path);
        let Some(way) = Way::worst("access-point", paths, what) else { continue };
        let (command, change) = close(&point);
        let text = advice(way.paths[0], "every statement of the access point's policy");
        let remediation = Remediation { text, commands: vec![command] };
        let changes = change.into_iter().collect();
        report(cx, found, point.resource.clone(), &way, (remediation, changes));
    }
}
