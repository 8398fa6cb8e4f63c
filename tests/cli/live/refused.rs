//! Calls that are refused, throttled, malformed, unanswered or cut off in the middle: a refusal is
//! never an answer.

use std::time::Duration;

use serde_json::Value;

use crate::live::{ask, aws};
use crate::support::judged::{found, open_ways, unseen};
use crate::support::loopback::{Answer, Rule, on, on_all};
use crate::support::moto::{Filled, moto};
use crate::support::run::Ran;

/// A scan for a machine: few attempts, short waits.
fn scan(filled: &Filled, rules: Vec<Rule>, arguments: &[&str]) -> Ran {
    let aws = aws(filled, rules);
    ask(&aws, filled, ["scan", "-f", "json", "-r", "us-east-1", "--timeout", "2"])
        .args(arguments.iter().copied())
        .env("AWS_MAX_ATTEMPTS", "2")
        .run()
}

#[test]
fn a_refused_bucket_policy_leaves_that_bucket_unjudged_and_all_others_judged() {
    let filled = moto().filled("small", "500000000001");
    let private = format!("small-private-{}", filled.account);
    let public = format!("small-public-{}", filled.account);
    // Private but for its policy, for all that is known: the policy is the question.
    let open = on(
        "s3",
        "GetPublicAccessBlock",
        Answer::Error(404, "NoSuchPublicAccessBlockConfiguration"),
    );
    let denied = on("s3", "GetBucketPolicy", Answer::Denied).of(&private);
    let report = scan(&filled, vec![denied, open], &[]).exits(1).json();
    let unseen = unseen(&report);
    let [entry] = unseen.as_slice() else { panic!("one call is refused: {unseen:#?}") };
    assert_eq!(entry.call, "s3:GetBucketPolicy");
    assert_eq!(entry.resource.as_ref(), Some(&private));
    assert_eq!(entry.outcome, "denied");
    assert_eq!(
        entry.affects,
        ["s3-access-point-public", "s3-bucket-public", "s3-multi-region-access-point-public"]
    );
    assert_eq!(report["scan"]["complete"], false);
    let ways = open_ways(&report);
    assert_eq!(
        ways.get(&format!("s3-bucket-public {public}")).map(String::as_str),
        Some("exposed")
    );
    assert!(!ways.keys().any(|way| way.ends_with(&private)), "no verdict on it: {ways:#?}");
}

#[test]
fn a_refused_bucket_policy_in_a_private_account_is_exit_code_3() {
    let filled = moto().filled("private", "500000000002");
    let open = on(
        "s3",
        "GetPublicAccessBlock",
        Answer::Error(404, "NoSuchPublicAccessBlockConfiguration"),
    );
    let denied = on("s3", "GetBucketPolicy", Answer::Denied);
    let report = scan(&filled, vec![denied, open], &[]).exits(3).json();
    assert!(found(&report).is_empty(), "{:#?}", found(&report));
    assert_eq!(unseen(&report).len(), 1, "{:#?}", unseen(&report));
}

#[test]
fn an_incomplete_scan_may_be_made_a_warning() {
    let filled = moto().filled("private", "500000000002");
    let open = on(
        "s3",
        "GetPublicAccessBlock",
        Answer::Error(404, "NoSuchPublicAccessBlockConfiguration"),
    );
    let denied = on("s3", "GetBucketPolicy", Answer::Denied);
    let report = scan(&filled, vec![denied, open], &["--incomplete", "warn"]).exits(0).json();
    assert_eq!(report["scan"]["complete"], false);
}

#[test]
fn a_public_policy_behind_an_unreadable_public_access_block_is_undetermined() {
    let filled = moto().filled("small", "500000000001");
    let public = format!("small-public-{}", filled.account);
    let denied = on("s3", "GetPublicAccessBlock", Answer::Denied).of(&public);
    let report = scan(&filled, vec![denied], &["--rule", "s3-bucket-public"]).exits(3).json();
    let findings = report["findings"].as_array().expect("a list");
    let [finding] = findings.as_slice() else { panic!("one finding: {findings:#?}") };
    assert_eq!(finding["status"], "undetermined");
    assert_eq!(finding["resource"]["id"], public.as_str());
    assert_eq!(finding["undecided"][0]["operation"], "s3:GetPublicAccessBlock");
    let unseen = unseen(&report);
    assert!(unseen.iter().any(|entry| entry.resource.as_ref() == Some(&public)), "{unseen:#?}");
}

#[test]
fn an_unreadable_account_block_leaves_a_public_policy_undetermined() {
    let filled = moto().filled("small", "500000000001");
    let denied = on("s3control", "GetPublicAccessBlock", Answer::Denied);
    let report = scan(&filled, vec![denied], &["--rule", "s3-bucket-public"]).exits(3).json();
    let statuses: Vec<_> = found(&report).into_iter().map(|one| one.status).collect();
    assert_eq!(statuses, ["undetermined"]);
    assert_eq!(unseen(&report)[0].call, "s3control:GetPublicAccessBlock");
}

/// Calls that tell whether a way in is there, one or more of every service.
const DOORS: [(&str, &str, &str); 8] = [
    ("s3", "ListBuckets", "s3-bucket-public"),
    ("s3", "GetBucketPolicy", "s3-bucket-public"),
    ("s3", "GetBucketAcl", "s3-bucket-public"),
    ("ec2", "DescribeNetworkInterfaces", "ec2-port-public-admin"),
    ("ec2", "DescribeSecurityGroups", "ec2-port-public-admin"),
    ("rds", "DescribeDBInstances", "rds-instance-public"),
    ("elb", "DescribeLoadBalancers", "elb-public"),
    ("elbv2", "DescribeLoadBalancers", "elb-sensitive-target-public"),
];

/// Calls that tell whether a way in is shut.
const LOCKS: [(&str, &str, &str); 9] = [
    ("s3control", "GetPublicAccessBlock", "s3-bucket-public"),
    ("s3", "GetPublicAccessBlock", "s3-bucket-public"),
    ("ec2", "DescribeInstances", "ec2-port-public-admin"),
    ("ec2", "DescribeInternetGateways", "ec2-port-public-admin"),
    ("ec2", "DescribeNetworkAcls", "ec2-port-public-admin"),
    ("ec2", "DescribeRouteTables", "ec2-port-public-admin"),
    ("ec2", "DescribeVpcBlockPublicAccessOptions", "ec2-port-public-admin"),
    ("ec2", "DescribeVpcs", "ec2-port-public-admin"),
    ("ec2", "DescribeRouteTables", "rds-instance-public"),
];

/// Ways in which a call has no answer, what a report calls it, and how long a scan may take.
const FAILURES: [(Answer, &str, u64); 4] = [
    (Answer::Denied, "denied", 10),
    (Answer::Throttled, "throttled", 15),
    (Answer::Malformed, "malformed", 15),
    (Answer::Hang, "timeout", 20),
];

/// Scans with one call that fails, to exit code 3, and answers the report.
#[track_caller]
fn failing(
    filled: &Filled,
    (service, operation, rule): (&'static str, &'static str, &str),
    (answer, outcome, within): (Answer, &str, u64),
) -> Value {
    let name = format!("{service}:{operation} {answer:?}");
    let ran = scan(filled, vec![on(service, operation, answer)], &["--rule", rule]);
    assert_eq!(ran.status.code(), Some(3), "{name} is never green\n{ran}");
    assert!(ran.took < Duration::from_secs(within), "{name} takes {:?}", ran.took);
    let report = ran.json();
    assert_eq!(report["scan"]["complete"], false, "{name}");
    let unseen = unseen(&report);
    let call = format!("{service}:{operation}");
    let entry = unseen.iter().find(|entry| entry.call == call);
    let entry = entry.unwrap_or_else(|| panic!("{name} is not in coverage: {unseen:#?}"));
    assert_eq!(entry.outcome, outcome, "{name}: {entry:?}");
    assert!(entry.affects.iter().any(|affected| affected == rule), "{name}: {entry:?}");
    report
}

#[test]
fn a_door_that_cannot_be_read_is_no_finding_and_never_green() {
    let filled = moto().filled("bare", "500000000003");
    for failure in FAILURES {
        // One of each service is enough to wait for.
        let calls = if failure.1 == "timeout" { &DOORS[3..] } else { &DOORS[..] };
        for call in calls {
            let report = failing(&filled, *call, failure.clone());
            assert!(found(&report).is_empty(), "{call:?} {failure:?}: {:#?}", found(&report));
        }
    }
}

#[test]
fn a_lock_that_cannot_be_read_makes_an_open_door_undetermined() {
    let filled = moto().filled("small", "500000000001");
    for failure in FAILURES {
        let calls = if failure.1 == "timeout" { &LOCKS[..3] } else { &LOCKS[..] };
        for call in calls {
            let report = failing(&filled, *call, failure.clone());
            let statuses: Vec<_> = found(&report).into_iter().map(|one| one.status).collect();
            assert_eq!(statuses, ["undetermined"], "{call:?} {failure:?}");
        }
    }
}

#[test]
fn a_lock_that_cannot_be_read_before_no_open_door_is_still_said() {
    let filled = moto().filled("bare", "500000000003");
    let denied = on("s3control", "GetPublicAccessBlock", Answer::Denied);
    let report = scan(&filled, vec![denied], &["--rule", "s3-bucket-public"]).exits(3).json();
    assert!(found(&report).is_empty(), "{report:#}");
    assert_eq!(unseen(&report)[0].call, "s3control:GetPublicAccessBlock");
}

#[test]
fn expired_credentials_during_a_scan_are_told_as_such() {
    let filled = moto().filled("bare", "500000000003");
    failing(&filled, DOORS[3], (Answer::Error(400, "RequestExpired"), "expired", 10));
}

#[test]
fn a_second_page_is_read_and_judged() {
    let filled = moto().filled("private", "500000000004");
    let bucket = "on-the-second-page";
    let rules = vec![
        on("s3", "ListBuckets", Answer::MorePages).first_page(true),
        on("s3", "ListBuckets", Answer::Recorded("s3/ListBuckets.page-2.xml")).first_page(false),
        on(
            "s3",
            "GetPublicAccessBlock",
            Answer::Error(404, "NoSuchPublicAccessBlockConfiguration"),
        )
        .of(bucket),
        on(
            "s3",
            "GetBucketOwnershipControls",
            Answer::Recorded("s3/GetBucketOwnershipControls.xml"),
        )
        .of(bucket),
        on("s3", "GetBucketPolicy", Answer::Recorded("s3/GetBucketPolicy.public.json")).of(bucket),
        on("s3", "GetBucketPolicyStatus", Answer::Recorded("s3/GetBucketPolicyStatus.public.xml"))
            .of(bucket),
        on("s3", "GetBucketWebsite", Answer::Error(404, "NoSuchWebsiteConfiguration")).of(bucket),
        on("ec2", "DescribeSecurityGroups", Answer::MorePages).first_page(true),
        on(
            "ec2",
            "DescribeSecurityGroups",
            Answer::Recorded("ec2/DescribeSecurityGroups.page-2.xml"),
        )
        .first_page(false),
    ];
    let report = scan(&filled, rules, &["--rule", "s3-bucket-public,ec2-port-public-admin"]).json();
    let ways: Vec<_> = found(&report).into_iter().filter(|one| one.id == bucket).collect();
    assert_eq!(ways.len(), 1, "{report:#}");
    let about_groups = |entry: &&_| -> bool {
        let entry: &crate::support::judged::Unseen = entry;
        entry.call == "ec2:DescribeSecurityGroups"
    };
    assert_eq!(unseen(&report).iter().find(about_groups), None, "both pages were read");
}

#[test]
fn a_second_page_that_fails_is_a_gap_although_the_first_was_read() {
    let filled = moto().filled("private", "500000000004");
    let lists = [
        ("s3", "ListBuckets"),
        ("ec2", "DescribeNetworkInterfaces"),
        ("ec2", "DescribeSecurityGroups"),
        ("rds", "DescribeDBInstances"),
        ("elb", "DescribeLoadBalancers"),
        ("elbv2", "DescribeLoadBalancers"),
    ];
    for (service, operation) in lists {
        let rules = vec![
            on(service, operation, Answer::MorePages).first_page(true),
            on(service, operation, Answer::Denied).first_page(false),
        ];
        let report = scan(&filled, rules, &[]).exits(3).json();
        let call = format!("{service}:{operation}");
        let unseen = unseen(&report);
        let entry = unseen.iter().find(|entry| entry.call == call);
        let entry = entry.unwrap_or_else(|| panic!("{call} is not in coverage: {unseen:#?}"));
        assert_eq!(entry.outcome, "denied");
        assert!(!entry.affects.is_empty(), "{entry:?}");
    }
}

#[test]
fn a_service_that_refuses_everything_leaves_the_others_judged() {
    let filled = moto().filled("small", "500000000001");
    let report = scan(&filled, vec![on_all("ec2", Answer::Denied)], &[]).exits(1).json();
    let ways = open_ways(&report);
    assert!(ways.keys().any(|way| way.starts_with("s3-bucket-public")), "{ways:#?}");
    assert!(!ways.keys().any(|way| way.starts_with("ec2-")), "{ways:#?}");
    let refused = unseen(&report);
    assert!(refused.iter().all(|entry| entry.call.starts_with("ec2:")), "{refused:#?}");
}

#[test]
fn a_whole_service_that_hangs_ends_in_bounded_time() {
    let filled = moto().filled("private", "500000000004");
    let ran = scan(&filled, vec![on_all("rds", Answer::Hang), on_all("ec2", Answer::Hang)], &[]);
    assert!(ran.took < Duration::from_secs(20), "{ran}");
    let report = ran.exits(3).json();
    assert!(unseen(&report).iter().all(|entry| entry.outcome == "timeout"), "{report:#}");
}

#[test]
fn reach_names_what_was_refused_and_is_never_green() {
    let filled = moto().filled("bare", "500000000003");
    for (service, operation) in [
        ("rds", "DescribeDBInstances"),
        ("elbv2", "DescribeLoadBalancers"),
        ("elb", "DescribeLoadBalancers"),
        ("ec2", "DescribeSecurityGroups"),
    ] {
        let reach = |format: &[&str]| {
            let aws = aws(&filled, [on(service, operation, Answer::Denied)]);
            let ask = ask(&aws, &filled, ["reach", "-r", "us-east-1"]);
            ask.args(format.iter().copied()).run().exits(3)
        };
        let line = format!("us-east-1: not read: {service}:{operation}");
        let text = reach(&[]);
        assert!(text.stdout.contains(&line), "{line}: {text}");
        let rows = reach(&["-f", "json"]);
        assert_eq!(rows.json(), serde_json::json!({"exposures": []}));
        assert!(rows.stderr.contains(&line), "{line}: {rows}");
    }
}
