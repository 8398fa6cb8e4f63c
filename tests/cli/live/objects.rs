//! Objects with ACLs of their own: looked at when asked for, in a bounded sample, and never read.

use std::sync::Arc;

use crate::live::{ask, aws};
use crate::support::judged::{found, unseen};
use crate::support::loopback::{Answer, Rule, on};
use crate::support::moto::{Filled, moto};
use crate::support::run::Ran;

fn files() -> Arc<Filled> {
    moto().filled("files", "720000000001")
}

fn scan(rules: Vec<Rule>, arguments: &[&str]) -> (Ran, Vec<String>) {
    let filled = files();
    let aws = aws(&filled, rules);
    let all = ["scan", "-f", "json", "-r", "us-east-1"].iter().chain(arguments).copied();
    let ran = ask(&aws, &filled, all).run();
    let asked = aws.calls().into_iter().filter(|call| call.service == "s3");
    (ran, asked.map(|call| call.operation).collect())
}

#[test]
fn a_public_file_in_a_private_bucket_is_found_by_a_sample_that_holds_it() {
    let (ran, asked) = scan(Vec::new(), &["--sample-objects", "50"]);
    let report = ran.exits(1).json();
    let open: Vec<_> =
        found(&report).into_iter().filter(|one| one.rule == "s3-object-public").collect();
    assert_eq!(open.len(), 1, "{open:#?}");
    assert_eq!((open[0].id.as_str(), open[0].status.as_str()), ("files-720000000001/*", "exposed"));
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "s3-object-public");
    let finding = finding.unwrap();
    assert_eq!(finding["resource"]["type"], "aws.s3.object");
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["exposure"]["who"], "anyone");
    assert_eq!(finding["exposure"]["access"], serde_json::json!(["read"]));
    let proof = finding["evidence"].to_string();
    assert!(proof.contains("2025/007.txt"), "the object is named: {proof}");
    assert!(proof.contains("all 41 objects"), "how much was looked at is said: {proof}");
    // 41 objects and two folders in each of two buckets; contents are never asked for.
    let count = |operation: &str| asked.iter().filter(|asked| *asked == operation).count();
    assert_eq!(count("GetObjectAcl"), 82);
    assert_eq!(count("ListObjectsV2"), 6);
    assert!(asked.iter().all(|asked| !asked.starts_with("GET ")), "{asked:?}");
}

#[test]
fn a_sample_is_bounded_and_says_that_there_is_more() {
    let (ran, asked) = scan(Vec::new(), &["--rule", "s3-object-public", "--sample-objects", "5"]);
    assert_eq!(asked.iter().filter(|asked| *asked == "GetObjectAcl").count(), 10);
    ran.exits(0);
    let text = {
        let filled = files();
        let aws = aws(&filled, []);
        let arguments = ["scan", "-r", "us-east-1", "--rule", "s3-object-public"];
        ask(&aws, &filled, arguments).run().exits(1).stdout
    };
    let flat = text.replace('\n', " ");
    assert!(flat.contains("not examined: ACLs of S3 objects beyond 100 a bucket"), "{text}");
}

#[test]
fn without_a_sample_no_object_is_named_and_the_report_says_so() {
    let filled = files();
    let aws = aws(&filled, []);
    let ran = ask(&aws, &filled, ["scan", "-r", "us-east-1"]).run().exits(0);
    let flat = ran.stdout.replace('\n', " ");
    assert!(flat.contains("ACLs of S3 objects (--sample-objects)"), "{ran}");
    assert!(!aws.counts().contains_key("s3:ListObjectsV2"), "{:?}", aws.counts());
}

#[test]
fn a_refused_object_is_one_gap_of_its_bucket_and_never_green() {
    for operation in ["ListObjectsV2", "GetObjectAcl"] {
        let denied = on("s3", operation, Answer::Denied);
        let (ran, _) = scan(vec![denied], &["--rule", "s3-object-public"]);
        let report = ran.exits(3).json();
        assert!(found(&report).is_empty(), "{report:#}");
        let unseen = unseen(&report);
        assert_eq!(unseen.len(), 2, "one for each bucket: {unseen:#?}");
        assert!(unseen.iter().all(|entry| entry.call == format!("s3:{operation}")), "{unseen:#?}");
        assert!(unseen.iter().all(|entry| entry.affects == ["s3-object-public"]), "{unseen:#?}");
    }
}

#[test]
fn a_control_that_cannot_be_read_leaves_an_open_object_undetermined() {
    for (service, operation) in
        [("s3control", "GetPublicAccessBlock"), ("s3", "GetPublicAccessBlock")]
    {
        let denied = on(service, operation, Answer::Denied);
        let (ran, _) = scan(vec![denied], &["--rule", "s3-object-public"]);
        let report = ran.exits(3).json();
        let statuses: Vec<_> = found(&report).into_iter().map(|one| one.status).collect();
        assert_eq!(statuses, ["undetermined"], "{service}:{operation}");
    }
}
