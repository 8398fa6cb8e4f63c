//! `outcrop doctor`: who asks, where, what is refused, and the line that mends it.

use serde_json::Value;

use crate::live::{ask, aws};
use crate::support::loopback::{Answer, Rule, loopback, on, on_all};
use crate::support::moto::moto;
use crate::support::run::{Keys, Ran, outcrop};

fn doctor(rules: Vec<Rule>, arguments: &[&str]) -> (Ran, usize) {
    let filled = moto().filled("company", "200000000002");
    let aws = aws(&filled, rules);
    let all = ["doctor", "-r", "us-east-1"].iter().chain(arguments).copied();
    let ran = ask(&aws, &filled, all).run();
    (ran, aws.calls().len())
}

fn outcome<'a>(account: &'a Value, call: &str) -> &'a str {
    let calls = account["calls"].as_array().expect("calls are a list");
    let found = calls.iter().find(|tried| tried["call"] == call);
    found.unwrap_or_else(|| panic!("{call} is not tried"))["outcome"].as_str().expect("a word")
}

#[test]
fn an_account_that_answers_everything_is_ready() {
    let (ran, calls) = doctor(Vec::new(), &[]);
    let ran = ran.exits(0);
    for part in ["200000000002", "identity  arn:aws:", "1: us-east-1", "ready: "] {
        assert!(ran.stdout.contains(part), "{part}\n{ran}");
    }
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{ran}");
    // 21 buckets are there; a probe looks at the first three.
    assert!(calls < 80, "{calls} calls");
}

#[test]
fn refused_calls_are_named_with_what_they_leave_unjudged_and_the_line_that_allows_them() {
    let rules = || {
        vec![
            on("s3", "GetBucketPolicy", Answer::Denied),
            on("ec2", "DescribeNetworkAcls", Answer::Denied),
        ]
    };
    let ran = doctor(rules(), &[]).0.exits(3);
    for part in [
        "s3:GetBucketPolicy",
        "ec2:DescribeNetworkAcls",
        "s3-bucket-public",
        "allow ec2:DescribeNetworkAcls, s3:GetBucketPolicy",
        "$ aws iam put-",
        "outcrop permissions",
        "NOT READY",
    ] {
        assert!(ran.stdout.contains(part), "{part}\n{ran}");
    }
    let report = doctor(rules(), &["-f", "json"]).0.exits(3).json();
    let schema = outcrop(["schema", "doctor"]).run().exits(0).json();
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    if let Err(error) = validator.validate(&report) {
        panic!("{error} at {}", error.instance_path());
    }
    assert_eq!(report["complete"], false);
    let account = &report["accounts"][0];
    assert_eq!(outcome(account, "s3:GetBucketPolicy"), "refused");
    assert_eq!(outcome(account, "ec2:DescribeNetworkAcls"), "refused");
    assert_eq!(outcome(account, "s3:ListBuckets"), "answered");
}

#[test]
fn what_is_tried_follows_the_chosen_rules() {
    let (ran, _) = doctor(vec![on_all("ec2", Answer::Denied)], &["--rule", "s3-bucket-public"]);
    let ran = ran.exits(0);
    assert!(!ran.stdout.contains("DescribeNetworkInterfaces"), "{ran}");
}

#[test]
fn an_organization_that_forbids_a_region_is_not_answered_with_a_permission() {
    let code = "UnauthorizedOperation";
    let message = "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a \
                   is not authorized to perform: ec2:DescribeSubnets with an explicit deny in a \
                   service control policy";
    let denied = on("ec2", "DescribeSubnets", Answer::Refused(code, message));
    let ran = doctor(vec![denied], &[]).0.exits(3);
    assert!(ran.stdout.contains("service control policy"), "{ran}");
    assert!(ran.stdout.contains("--exclude-region us-east-1"), "{ran}");
    assert!(!ran.stdout.contains("put-user-policy"), "{ran}");
}

#[test]
fn nobody_to_ask_is_told_as_for_a_scan() {
    let ran = outcrop(["doctor", "-r", "us-east-1"]).run().exits(2);
    assert!(ran.stderr.contains("no AWS credentials found"), "{ran}");
    assert_eq!(ran.stdout, "");
    let aws = loopback([on_all("*", Answer::Error(403, "ExpiredToken"))]);
    let run = outcrop(["doctor", "-r", "us-east-1"]).keys(&Keys::dummy()).endpoint(&aws.url());
    assert!(run.run().exits(2).stderr.contains("expired"));
}

#[test]
fn an_identity_without_any_permission_learns_all_that_it_needs() {
    let denied = ["s3", "s3control", "ec2", "rds"].map(|service| on_all(service, Answer::Denied));
    let ran = doctor(denied.into(), &[]).0.exits(3);
    for action in ["ec2:DescribeInstances", "rds:DescribeDBInstances", "s3:ListAllMyBuckets"] {
        assert!(ran.stdout.contains(action), "{action}\n{ran}");
    }
}
