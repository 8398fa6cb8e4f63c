//! Buckets: what is asked in which order, and what a missing or senseless answer becomes.

use super::replay::{Asked, Cloud, Said, ok, s3_error, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::Snapshot;
use crate::inventory::aws::s3::about;
use crate::model::{Known, Outcome};
use crate::providers::aws::Watch;

const BUCKETS: &[&str] = &["s3", "s3control"];
const ALL_ON: [bool; 4] = [true; 4];
const ALL_OFF: [bool; 4] = [false; 4];

fn block([acls, ignore, policy, restrict]: [bool; 4]) -> Said {
    ok(format!(
        "<PublicAccessBlockConfiguration><BlockPublicAcls>{acls}</BlockPublicAcls>\
         <IgnorePublicAcls>{ignore}</IgnorePublicAcls><BlockPublicPolicy>{policy}\
         </BlockPublicPolicy><RestrictPublicBuckets>{restrict}</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>"
    ))
}

fn listing(names: &[String]) -> Said {
    let bucket = |name: &String| {
        format!("<Bucket><Name>{name}</Name><BucketRegion>us-east-1</BucketRegion></Bucket>")
    };
    let buckets: String = names.iter().map(bucket).collect();
    ok(format!(
        "<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets>{buckets}</Buckets>\
         </ListAllMyBucketsResult>"
    ))
}

fn ownership(of: &str) -> Said {
    ok(format!(
        "<OwnershipControls><Rule><ObjectOwnership>{of}</ObjectOwnership></Rule>\
         </OwnershipControls>"
    ))
}

const PUBLIC: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
const OPEN_ACL: &str = "<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList><Grant>\
    <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"><URI>\
    http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>\
    </Grant></AccessControlList></AccessControlPolicy>";
const OWN_ACL: &str = "<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList><Grant>\
    <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">\
    <ID>me</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>\
    </AccessControlPolicy>";

/// Buckets answer by how their name begins.
fn fleet(account: [bool; 4], names: &'static [&'static str]) -> Cloud {
    Cloud::new(move |asked| answer(asked, account, names))
}

fn answer(asked: &Asked, account: [bool; 4], names: &[&str]) -> Said {
    let what = asked.what.as_str();
    if what.starts_with("GET /v20180820/configuration/publicAccessBlock") {
        return if account == ALL_OFF {
            s3_error(404, "NoSuchPublicAccessBlockConfiguration")
        } else {
            block(account)
        };
    }
    if what.starts_with("GET /v20180820/accesspoint") {
        return ok("<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>");
    }
    if what.starts_with("GET /v20180820/mrap/instances") {
        return ok("<ListMultiRegionAccessPointsResult><AccessPoints/>\
             </ListMultiRegionAccessPointsResult>");
    }
    let Some((bucket, about)) = what.strip_prefix("GET /").and_then(|rest| rest.split_once('?'))
    else {
        return s3_error(500, "Unexpected");
    };
    let bucket = bucket.trim_end_matches('/');
    if bucket.is_empty() {
        return listing(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    }
    if bucket.starts_with("gone") {
        return s3_error(404, "NoSuchBucket");
    }
    match about.split('&').next().unwrap_or_default() {
        "policy" if bucket.starts_with("public") => ok(PUBLIC),
        "policy" if bucket.starts_with("refused") => s3_error(403, "AccessDenied"),
        "policy" if bucket.starts_with("garbage") => ok("<html>"),
        "policy" => s3_error(404, "NoSuchBucketPolicy"),
        "ownershipControls" if bucket.starts_with("acl") => {
            s3_error(404, "OwnershipControlsNotFoundError")
        }
        "ownershipControls" => ownership("BucketOwnerEnforced"),
        "acl" if bucket.starts_with("acl-open") => ok(OPEN_ACL),
        "acl" => ok(OWN_ACL),
        "publicAccessBlock" => s3_error(404, "NoSuchPublicAccessBlockConfiguration"),
        "policyStatus" => ok("<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"),
        "website" => s3_error(404, "NoSuchWebsiteConfiguration"),
        "requestPayment" => ok(
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
        ),
        other => s3_error(400, &format!("Unexpected{other}")),
    }
}

fn calls_per_bucket(snapshot: &Snapshot) -> u64 {
    let all = snapshot
        .calls
        .iter()
        .filter(|(call, _)| call.starts_with("s3:") && call.as_str() != "s3:ListBuckets");
    all.map(|(_, count)| count).sum()
}

#[test]
fn nothing_is_asked_of_buckets_when_the_account_shuts_the_public_out() {
    let cloud = fleet(ALL_ON, &["public", "acl-open", "private"]);
    let snapshot = cloud.collect(BUCKETS);
    assert_eq!(snapshot.gaps, []);
    assert_eq!(
        snapshot.calls,
        [("s3:ListBuckets".to_owned(), 1), ("s3control:GetPublicAccessBlock".to_owned(), 1)].into()
    );
    assert_eq!(snapshot.global.s3.list_buckets.read().unwrap().buckets.len(), 3);
}

#[test]
fn latent_findings_are_asked_for_all_the_same() {
    let cloud = fleet(ALL_ON, &["public"]);
    let wanted = CollectionPlan { latent: true, ..wanted(BUCKETS) };
    let snapshot = cloud.collect_with(&wanted, &Watch::silent());
    let policy = about(&snapshot.global.s3.get_bucket_policy, "public");
    assert!(matches!(policy, Known::Read(Some(_))), "{:?}", snapshot.gaps);
}

#[test]
fn each_flag_of_the_account_spares_its_own_questions() {
    let restrict = fleet([false, false, false, true], &["public", "acl-own"]);
    let asked = restrict.collect(BUCKETS).calls;
    assert!(!asked.contains_key("s3:GetBucketPolicy"), "{asked:?}");
    assert!(asked.contains_key("s3:GetBucketAcl"));
    let ignore = fleet([false, true, false, false], &["public", "acl-open"]);
    let asked = ignore.collect(BUCKETS).calls;
    assert!(asked.contains_key("s3:GetBucketPolicy"));
    assert!(!asked.contains_key("s3:GetBucketAcl"), "{asked:?}");
}

#[test]
fn a_policy_is_asked_where_its_deny_may_cut_a_grant_that_opens_the_bucket() {
    let restrict = fleet([false, false, false, true], &["public", "acl-open"]);
    let snapshot = restrict.collect(BUCKETS);
    assert_eq!(snapshot.calls["s3:GetBucketPolicy"], 1, "{:?}", snapshot.calls);
    assert_eq!(about(&snapshot.global.s3.get_bucket_policy, "acl-open"), Known::Read(None));
    assert!(about(&snapshot.global.s3.get_bucket_policy, "public").is_unread());
}

#[test]
fn a_private_bucket_costs_two_calls_and_a_mixed_fleet_fewer_than_three() {
    let private = fleet(ALL_OFF, &["p1", "p2"]);
    assert_eq!(calls_per_bucket(&private.collect(BUCKETS)), 4);
    let mixed =
        fleet(ALL_OFF, &["a", "b", "c", "d", "e", "f", "g", "h", "acl-own", "acl-open", "public"]);
    let snapshot = mixed.collect(BUCKETS);
    assert_eq!(snapshot.gaps, []);
    let calls = calls_per_bucket(&snapshot);
    assert!(calls <= 3 * 11, "{calls} calls: {:?}", snapshot.calls);
    assert_eq!(snapshot.calls["s3:GetPublicAccessBlock"], 2, "only where there is a door");
    assert_eq!(snapshot.calls["s3:GetBucketPolicyStatus"], 1);
}

#[test]
fn the_guard_rail_asks_every_bucket_unless_the_account_covers_them_all() {
    let protections = CollectionPlan { protections: true, ..wanted(BUCKETS) };
    let open = fleet([true, true, true, false], &["p1", "p2"]);
    let asked = open.collect_with(&protections, &Watch::silent()).calls;
    assert_eq!(asked["s3:GetPublicAccessBlock"], 2);
    let covered = fleet(ALL_ON, &["p1", "p2"]);
    let asked = covered.collect_with(&protections, &Watch::silent()).calls;
    assert!(!asked.contains_key("s3:GetPublicAccessBlock"), "{asked:?}");
}

#[test]
fn absent_settings_are_facts() {
    let cloud = fleet(ALL_OFF, &["acl-open"]);
    let snapshot = cloud.collect(BUCKETS);
    let s3 = &snapshot.global.s3;
    assert_eq!(about(&s3.get_bucket_policy, "acl-open"), Known::Read(None));
    assert_eq!(about(&s3.get_bucket_ownership_controls, "acl-open"), Known::Read(None));
    assert_eq!(about(&s3.get_public_access_block, "acl-open"), Known::Read(None));
    assert_eq!(about(&s3.get_bucket_website, "acl-open"), Known::Read(None));
    assert_eq!(snapshot.global.s3control.get_public_access_block, Known::Read(None));
    assert_eq!(snapshot.gaps, []);
}

#[test]
fn a_bucket_deleted_meanwhile_is_dropped() {
    let cloud = fleet(ALL_OFF, &["gone", "here"]);
    let snapshot = cloud.collect(BUCKETS);
    let buckets = &snapshot.global.s3.list_buckets.read().unwrap().buckets;
    assert_eq!(buckets.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["here"]);
    assert_eq!(snapshot.gaps, []);
}

#[test]
fn a_refused_policy_is_a_gap_of_that_bucket_and_its_block_is_asked() {
    let cloud = fleet(ALL_OFF, &["refused", "here"]);
    let snapshot = cloud.collect(BUCKETS);
    assert_eq!(snapshot.gaps.len(), 1, "{:?}", snapshot.gaps);
    let gap = &snapshot.gaps[0];
    assert_eq!(
        (gap.call().as_str(), gap.resource.as_deref()),
        ("s3:GetBucketPolicy", Some("refused"))
    );
    let s3 = &snapshot.global.s3;
    assert!(about(&s3.get_bucket_policy, "refused").is_unread());
    assert_eq!(about(&s3.get_public_access_block, "refused"), Known::Read(None));
    assert_eq!(about(&s3.get_bucket_policy, "here"), Known::Read(None));
}

#[test]
fn a_policy_that_is_no_document_and_an_empty_listing_are_malformed() {
    let cloud = fleet(ALL_OFF, &["garbage"]);
    let snapshot = cloud.collect(BUCKETS);
    assert_eq!(snapshot.gaps[0].outcome, Outcome::Malformed, "{:?}", snapshot.gaps);
    for body in ["", "<ListAllMyBucketsResult/>", "<html/>"] {
        let cloud = Cloud::new(move |_| ok(body));
        let snapshot = cloud.collect(&["s3"]);
        assert!(snapshot.global.s3.list_buckets.is_unread(), "{body:?}");
        assert_eq!(snapshot.gaps[0].outcome, Outcome::Malformed, "{body:?} {:?}", snapshot.gaps);
    }
    for body in ["", "<PublicAccessBlockConfiguration", "<html/>"] {
        let cloud = Cloud::new(move |_| ok(body));
        let snapshot = cloud.collect(&["s3control"]);
        assert!(snapshot.global.s3control.get_public_access_block.is_unread(), "{body:?}");
        assert_eq!(snapshot.gaps[0].outcome, Outcome::Malformed, "{body:?} {:?}", snapshot.gaps);
    }
}

#[test]
fn s3_control_keeps_to_the_host_of_the_endpoint() {
    let cloud = fleet(ALL_OFF, &[]);
    cloud.collect(BUCKETS);
    let seen = cloud.seen.lock().unwrap().clone();
    assert!(seen.iter().all(|asked| asked.host == "aws.test"), "{seen:?}");
}

#[test]
fn a_region_that_the_listing_lacks_is_asked_for_and_other_regions_are_left_out() {
    let cloud = Cloud::new(|asked| {
        let bucket = |name| format!("<Bucket><Name>{name}</Name></Bucket>");
        match asked.what.as_str() {
            what if what.starts_with("GET /?") => ok(format!(
                "<ListAllMyBucketsResult><Buckets>{}{}{}</Buckets></ListAllMyBucketsResult>",
                bucket("old"),
                bucket("ireland"),
                bucket("unsaid")
            )),
            what if what.contains("location") && what.starts_with("GET /old") => {
                ok("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>")
            }
            what if what.contains("location") && what.starts_with("GET /ireland") => ok(
                "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">EU</LocationConstraint>",
            ),
            what if what.contains("location") => s3_error(403, "AccessDenied"),
            _ => answer(asked, ALL_OFF, &[]),
        }
    });
    let snapshot = cloud.collect(BUCKETS);
    let buckets = &snapshot.global.s3.list_buckets.read().unwrap().buckets;
    let regions: Vec<_> =
        buckets.iter().map(|b| (b.name.as_str(), b.bucket_region.as_deref())).collect();
    assert_eq!(regions, [("old", Some("us-east-1")), ("unsaid", None)]);
    assert_eq!(snapshot.gaps.len(), 1, "{:?}", snapshot.gaps);
}

/// An account with one open access point, one inside a VPC and one that blocks the public.
fn with_points(account: [bool; 4]) -> Cloud {
    let point = |name: &str, origin: &str| {
        format!(
            "<AccessPoint><Name>{name}</Name><NetworkOrigin>{origin}</NetworkOrigin>\
             <Bucket>b</Bucket></AccessPoint>"
        )
    };
    let all =
        [point("open", "Internet"), point("inside", "VPC"), point("shut", "Internet")].concat();
    Cloud::new(move |asked| {
        let what = asked.what.split('?').next().unwrap_or_default();
        let Some(path) = what.strip_prefix("GET /v20180820/") else {
            return answer(asked, account, &[]);
        };
        let own = |name: &str, restrict: bool| {
            ok(format!(
                "<GetAccessPointResult><Name>{name}</Name><PublicAccessBlockConfiguration>\
                 <RestrictPublicBuckets>{restrict}</RestrictPublicBuckets>\
                 </PublicAccessBlockConfiguration></GetAccessPointResult>"
            ))
        };
        match path {
            "accesspoint" => ok(format!(
                "<ListAccessPointsResult><AccessPointList>{all}</AccessPointList>\
                 </ListAccessPointsResult>"
            )),
            "accesspoint/open" => own("open", false),
            "accesspoint/shut" => own("shut", true),
            "accesspoint/inside" => own("inside", false),
            "accesspoint/open/policy" => ok(format!(
                "<GetAccessPointPolicyResult><Policy>{}</Policy></GetAccessPointPolicyResult>",
                PUBLIC.replace('"', "&quot;")
            )),
            "accesspoint/open/policyStatus" => {
                ok("<GetAccessPointPolicyStatusResult><PolicyStatus><IsPublic>true</IsPublic>\
                 </PolicyStatus></GetAccessPointPolicyStatusResult>")
            }
            path if path.ends_with("/policy") => s3_error(404, "NoSuchAccessPointPolicy"),
            _ => answer(asked, account, &[]),
        }
    })
}

#[test]
fn access_points_are_asked_only_where_the_public_may_pass() {
    let cloud = with_points(ALL_OFF);
    let snapshot = cloud.collect(BUCKETS);
    assert_eq!(snapshot.gaps, []);
    let control = &snapshot.regions["us-east-1"].s3control;
    assert_eq!(control.list_access_points.read().unwrap().access_point_list.len(), 3);
    assert_eq!(control.get_access_point.keys().collect::<Vec<_>>(), ["open", "shut"]);
    assert_eq!(control.get_access_point_policy.keys().collect::<Vec<_>>(), ["open"]);
    assert_eq!(snapshot.calls["s3control:GetPublicAccessBlock"], 1, "one answer for all");
    let ruling = &control.get_access_point_policy_status["open"];
    let public = ruling.as_ref().unwrap().policy_status.as_ref().unwrap().is_public;
    assert_eq!(public, Some(true), "AWS's own ruling on a policy that names anyone");
    assert_eq!(snapshot.calls["s3control:GetAccessPointPolicyStatus"], 1);

    let shut = with_points(ALL_ON).collect(BUCKETS);
    assert!(!shut.calls.contains_key("s3control:ListAccessPoints"), "{:?}", shut.calls);
    assert!(!shut.calls.contains_key("s3control:ListMultiRegionAccessPoints"));

    let wanted = CollectionPlan { latent: true, ..wanted(BUCKETS) };
    let latent = with_points(ALL_ON).collect_with(&wanted, &Watch::silent());
    assert_eq!(latent.gaps, []);
    let policies = &latent.regions["us-east-1"].s3control.get_access_point_policy;
    assert_eq!(policies.len(), 3);
    assert_eq!(policies["inside"], None, "no policy is a fact");
}

/// A bucket whose objects may have ACLs of their own, in folders; `doc/2` is deleted meanwhile and
/// `doc/3` belongs to somebody who lets nobody look.
fn with_objects() -> Cloud {
    Cloud::new(|asked| {
        let what = asked.what.as_str();
        let keys = |keys: &[&str]| -> String {
            keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect()
        };
        let page = |inside: String| {
            ok(format!("<ListBucketResult><Name>acl-files</Name>{inside}</ListBucketResult>"))
        };
        if what.starts_with("GET /acl-files") && what.contains("list-type=2") {
            return match what.contains("prefix=doc") {
                true => page(keys(&["doc/1", "doc/2", "doc/3"])),
                false => page(format!(
                    "{}<CommonPrefixes><Prefix>doc/</Prefix></CommonPrefixes>",
                    keys(&["index.html"])
                )),
            };
        }
        match what.split('?').next().unwrap_or_default() {
            "GET /acl-files/index.html" => ok(OPEN_ACL),
            "GET /acl-files/doc/1" => ok(OWN_ACL),
            "GET /acl-files/doc/2" => s3_error(404, "NoSuchKey"),
            "GET /acl-files/doc/3" => s3_error(403, "AccessDenied"),
            _ => answer(asked, ALL_OFF, &["acl-files"]),
        }
    })
}

#[test]
fn objects_are_looked_at_in_every_folder_and_only_when_asked() {
    let snapshot = with_objects().collect(BUCKETS);
    assert!(snapshot.global.s3.list_objects_v2.is_empty(), "not by default");

    let wanted = CollectionPlan { objects: 10, ..wanted(BUCKETS) };
    let cloud = with_objects();
    let snapshot = cloud.collect_with(&wanted, &Watch::silent());
    let s3 = &snapshot.global.s3;
    let listed = &s3.list_objects_v2["acl-files"];
    let keys: Vec<_> = listed.contents.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["doc/1", "doc/3", "index.html"], "what is gone is gone");
    assert!(!listed.is_truncated);
    let acls: Vec<_> = s3.get_object_acl["acl-files"].keys().collect();
    assert_eq!(acls, ["doc/1", "index.html"]);
    let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.resource.clone())).collect();
    assert_eq!(gaps, [("s3:GetObjectAcl".to_owned(), Some("acl-files".to_owned()))]);
    assert_eq!(snapshot.calls["s3:ListObjectsV2"], 2);
    assert_eq!(snapshot.calls["s3:GetObjectAcl"], 4);

    let few = CollectionPlan { objects: 2, ..wanted };
    let snapshot = with_objects().collect_with(&few, &Watch::silent());
    assert_eq!(snapshot.calls["s3:GetObjectAcl"], 2, "a bounded sample");
    assert!(snapshot.global.s3.list_objects_v2["acl-files"].is_truncated);
}

#[test]
fn objects_are_not_asked_where_their_acls_count_for_nothing() {
    let wanted = CollectionPlan { objects: 10, latent: true, ..wanted(BUCKETS) };
    let enforced = fleet(ALL_OFF, &["private"]).collect_with(&wanted, &Watch::silent());
    assert!(!enforced.calls.contains_key("s3:ListObjectsV2"), "{:?}", enforced.calls);
    let ignore = [false, true, false, false];
    let ignored = fleet(ignore, &["acl-own"]).collect_with(&wanted, &Watch::silent());
    assert!(!ignored.calls.contains_key("s3:ListObjectsV2"), "{:?}", ignored.calls);
}

#[test]
fn a_probe_looks_at_the_first_things_of_every_list_only() {
    let cloud = fleet(ALL_OFF, &["a", "b", "c", "d", "e"]);
    let wanted = CollectionPlan { probe: Some(2), ..wanted(BUCKETS) };
    let snapshot = cloud.collect_with(&wanted, &Watch::silent());
    assert_eq!(snapshot.global.s3.list_buckets.read().unwrap().buckets.len(), 2);
    assert_eq!(snapshot.calls["s3:GetBucketPolicy"], 2);
}
