//! A scan that is stopped still hands over what it has.

use std::time::Duration;

use crate::live::{ask, aws};
use crate::support::judged::{found, unseen};
use crate::support::loopback::{Answer, on};
use crate::support::moto::moto;

#[track_caller]
fn stopped_by(signal: &str, code: i32) {
    let filled = moto().filled("small", "700000000001");
    let public = format!("small-public-{}", filled.account);
    // The answer about the private bucket never comes; everything else does.
    let aws = aws(&filled, [on("rds", "DescribeDBInstances", Answer::Hang)]);
    let running = ask(&aws, &filled, ["scan", "-f", "json", "-r", "us-east-1"]).start();
    aws.wait_for("DescribeDBInstances");
    aws.wait_for("GetBucketPolicy");
    // Let the answers arrive that were asked for.
    std::thread::sleep(Duration::from_secs(2));
    running.signal(signal);
    let ran = running.finish().exits(code);
    assert!(ran.took < Duration::from_secs(10), "{ran}");
    let report = ran.json();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["scan"]["complete"], false);
    let unseen = unseen(&report);
    let entry = unseen.iter().find(|entry| entry.call == "rds:DescribeDBInstances");
    let entry = entry.unwrap_or_else(|| panic!("not in coverage: {unseen:#?}"));
    assert_eq!(entry.outcome, "interrupted");
    assert_eq!(entry.affects, ["rds-cluster-public", "rds-instance-public"]);
    let ids: Vec<_> = found(&report).into_iter().map(|one| one.id).collect();
    assert!(ids.contains(&public), "what was read is judged: {ids:?}\n{ran}");
}

#[test]
fn an_interrupted_scan_writes_a_valid_partial_report_and_exits_130() {
    stopped_by("INT", 130);
}

#[test]
fn a_terminated_scan_writes_a_valid_partial_report_and_exits_143() {
    stopped_by("TERM", 143);
}

#[test]
fn a_collection_that_is_stopped_twice_leaves_no_half_a_file() {
    let filled = moto().filled("small", "700000000001");
    let aws = aws(&filled, [on("rds", "DescribeDBInstances", Answer::Hang)]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("accounts.json");
    let path = file.to_str().expect("UTF-8");
    let running = ask(&aws, &filled, ["collect", "-o", path, "-r", "us-east-1"]).start();
    aws.wait_for("DescribeDBInstances");
    running.signal("INT");
    running.signal("INT");
    running.finish().exits(130);
    let left = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    // It may have been done before the second signal came.
    assert_eq!(
        left.filter(|left| *left != file).collect::<Vec<_>>(),
        [] as [std::path::PathBuf; 0]
    );
}
