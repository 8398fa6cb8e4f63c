//! Several accounts and regions in one run.

use serde_json::json;

use crate::live::aws;
use crate::support::judged::{assert_true, unseen};
use crate::support::loopback::{Answer, on};
use crate::support::moto::moto;
use crate::support::run::{Keys, Outcrop, outcrop};

const FIRST: &str = "300000000001";
const SECOND: &str = "300000000002";

/// An auditor in the emulator's default account, who may assume a role in both branches.
fn audit(url: &str, accounts: &[&str], regions: &str) -> Outcrop {
    let mut run = outcrop(["scan", "-f", "json", "-r", regions])
        .keys(&Keys::dummy())
        .endpoint(url)
        .env("AWS_REGION", "us-east-1");
    for account in accounts {
        run = run.args(["--role", &format!("arn:aws:iam::{account}:role/auditor")]);
    }
    run
}

#[test]
fn every_role_is_an_account_of_the_same_report() {
    let (first, second) = (moto().filled("branch", FIRST), moto().filled("branch", SECOND));
    let both = aws(&first, []);
    let ran = audit(&both.url(), &[FIRST, SECOND], "eu-*").run();
    let report = ran.exits(1).json();
    let truth: Vec<_> = first.truth.iter().chain(&second.truth).cloned().collect();
    assert_true(&report, &truth, &["exposed", "undetermined"]);
    assert_eq!(report["scan"]["accounts"], json!([FIRST, SECOND]));
    assert_eq!(unseen(&report), []);
    let regions = report["scan"]["regions"].as_array().expect("a list");
    assert!(regions.contains(&json!("eu-west-1")) && regions.contains(&json!("eu-central-1")));
    assert!(regions.iter().all(|region| region.as_str().is_some_and(|r| r.starts_with("eu-"))));
    // The auditor's own account is not in scope: no read is made with its keys.
    let own = both.calls().into_iter().filter(|call| call.key == Keys::dummy().id);
    let own: Vec<_> = own.filter(|call| call.service != "sts").collect();
    assert!(own.iter().all(|call| call.operation == "DescribeRegions"), "{own:#?}");
}

#[test]
fn a_region_that_is_left_out_is_not_asked() {
    let filled = moto().filled("branch", FIRST);
    let one = aws(&filled, []);
    let report = audit(&one.url(), &[FIRST], "eu-*")
        .args(["--exclude-region", "eu-central-1", "--exclude-region", "eu-north-1"])
        .run()
        .exits(1)
        .json();
    let truth: Vec<_> =
        filled.truth.iter().filter(|line| line["region"] == "eu-west-1").cloned().collect();
    assert_true(&report, &truth, &["exposed", "undetermined"]);
    assert!(one.calls().iter().all(|call| call.service != "ec2" || call.region != "eu-central-1"));
}

#[test]
fn a_role_that_cannot_be_assumed_leaves_its_account_unseen_and_not_green() {
    let filled = moto().filled("branch", FIRST);
    let one = aws(&filled, [on("sts", "AssumeRole", Answer::Denied)]);
    let ran = audit(&one.url(), &[FIRST], "eu-west-1").run();
    // No identity at all: nothing could be scanned.
    assert!(matches!(ran.status.code(), Some(2 | 3)), "{ran}");
    assert!(ran.stderr.contains(FIRST), "the role is named\n{ran}");
}

#[test]
fn one_role_of_several_that_cannot_be_assumed_leaves_the_others_judged() {
    let first = moto().filled("branch", FIRST);
    let role = format!("arn%3Aaws%3Aiam%3A%3A{SECOND}%3Arole%2Fauditor");
    let both = aws(&first, [on("sts", "AssumeRole", Answer::Denied).of(&role)]);
    let report = audit(&both.url(), &[SECOND, FIRST], "eu-*").run().exits(1).json();
    assert_true(&report, &first.truth, &["exposed", "undetermined"]);
    assert_eq!(report["scan"]["complete"], false);
    assert_eq!(report["scan"]["accounts"], json!([FIRST, SECOND]));
    let refused = unseen(&report).into_iter().find(|entry| entry.call == "sts:AssumeRole");
    let refused = refused.expect("the role is in coverage");
    assert_eq!(refused.outcome, "denied");
    assert!(refused.affects.contains(&"s3-bucket-public".to_owned()), "{refused:?}");
}
