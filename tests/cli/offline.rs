//! What works without an account: the demo, files, the catalogue.

use std::time::Duration;

use serde_json::Value;

use crate::support::judged::found;
use crate::support::run::{Outcrop, outcrop};

#[test]
fn the_demo_shows_findings_without_an_account_in_under_two_seconds() {
    let ran = outcrop(["scan", "--demo"]).run().exits(1);
    assert!(ran.took < Duration::from_secs(2), "{ran}");
    assert!(ran.stdout.to_lowercase().contains("critical"), "{ran}");
    let report = outcrop(["scan", "--demo", "-f", "json"]).run().exits(1).json();
    let rules: Vec<_> = found(&report).into_iter().map(|one| one.rule).collect();
    for family in ["s3-bucket-public", "ec2-port-public-database", "ec2-port-public-admin"] {
        assert!(rules.iter().any(|rule| rule == family), "{family} in {rules:?}");
    }
    assert_eq!(report["scan"]["complete"], true);
    assert_eq!(report["scan"]["api_calls"], 0, "nobody was called");
}

#[test]
fn the_demo_gives_the_same_bytes_each_time() {
    let run = || outcrop(["scan", "--demo", "--latent", "-f", "json"]).run();
    let (first, second) = (run(), run());
    let timeless = |text: &str| -> Vec<String> {
        let timed = |line: &&str| !line.contains("_at\":");
        text.lines().filter(timed).map(str::to_owned).collect()
    };
    assert_eq!(timeless(&first.stdout), timeless(&second.stdout));
}

#[test]
fn exit_zero_and_thresholds_decide_the_exit_code_and_not_the_report() {
    let report = |arguments: &[&str], code| {
        let run = outcrop(["scan", "--demo", "-f", "json"]).args(arguments.iter().copied());
        found(&run.run().exits(code).json())
    };
    let all = report(&[], 1);
    assert_eq!(report(&["--exit-zero"], 0), all);
    assert_eq!(report(&["--fail-on", "none"], 0), all);
    assert_eq!(report(&["--fail-on", "critical"], 1), all);
}

/// A dump as auditors get it: one public bucket, everything else unread.
const DUMP: &str = r#"{"account": "123456789012", "region": "us-east-1",
  "s3control": {"GetPublicAccessBlock": null},
  "s3": {
    "ListBuckets": {"Buckets": [{"Name": "open", "BucketRegion": "us-east-1"}]},
    "GetPublicAccessBlock": {"open": null},
    "GetBucketPolicy": {"open": {"Policy": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::open/*\"}}"}},
    "GetBucketOwnershipControls": {"open": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}}
  }}"#;

fn from(text: &str, arguments: &[&str]) -> Outcrop {
    let run = outcrop(["scan", "--from", "dump.json"]).args(arguments.iter().copied());
    run.file("dump.json", text);
    run
}

#[test]
fn a_dump_is_judged_as_a_live_account_would_be() {
    let only = ["-f", "json", "--rule", "s3-bucket-public"];
    let report = from(DUMP, &only).run().exits(1).json();
    let ways: Vec<_> = found(&report).into_iter().map(|one| (one.id, one.status)).collect();
    assert_eq!(ways, [("open".to_owned(), "exposed".to_owned())]);
}

#[test]
fn a_dump_without_what_the_rules_need_is_incomplete() {
    let empty = r#"{"account": "123456789012", "region": "us-east-1"}"#;
    let report = from(empty, &["-f", "json"]).run().exits(3).json();
    assert_eq!(report["scan"]["complete"], false);
    assert!(report["coverage"].as_array().is_some_and(|gaps| !gaps.is_empty()), "{report:#}");
}

#[test]
fn a_broken_file_is_named_with_line_and_remedy() {
    let ran = from("{\n  \"account\": }", &[]).run().exits(2);
    assert_eq!(ran.stdout, "", "{ran}");
    for told in ["dump.json", "line 2", "outcrop collect"] {
        assert!(ran.stderr.contains(told), "`{told}` is told\n{ran}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let ran = outcrop(["scan", "--from", "nowhere.json"]).run().exits(2);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("nowhere.json"), "{ran}");
}

#[test]
fn an_unknown_rule_is_named_with_the_nearest_one() {
    for flag in ["--rule", "--exclude-rule"] {
        let ran = outcrop(["scan", "--demo", flag, "s3-bucket-pubic"]).run().exits(2);
        assert_eq!(ran.stdout, "", "{ran}");
        for told in ["s3-bucket-pubic", "s3-bucket-public"] {
            assert!(ran.stderr.contains(told), "`{told}` is told\n{ran}");
        }
        assert!(ran.took < Duration::from_secs(2), "{ran}");
    }
}

#[test]
fn an_unknown_rule_to_explain_is_named_with_the_nearest_one() {
    let ran = outcrop(["explain", "ec2-port-publik-admin"]).run().exits(2);
    assert!(ran.stderr.contains("ec2-port-public-admin"), "{ran}");
}

#[test]
fn every_listed_rule_can_be_explained() {
    let rules = outcrop(["rules", "-f", "json"]).run().exits(0).json();
    let rules = rules.as_array().or_else(|| rules["rules"].as_array()).expect("a list").clone();
    assert!(rules.len() >= 10, "{rules:#?}");
    for rule in rules {
        let id = rule["id"].as_str().expect("an id");
        let page = outcrop(["explain", id]).run().exits(0).stdout;
        assert!(page.contains(id) && page.len() > 200, "{id}: {page}");
    }
}

#[test]
fn reports_go_where_they_are_sent() {
    let arguments = ["scan", "--demo", "-f", "json", "-o", "report.json"];
    let ran = outcrop(arguments).run().exits(1);
    assert_eq!(ran.stdout, "", "{ran}");
    let written = std::fs::read_to_string(ran.wrote("report.json")).expect("a report");
    let report: Value = serde_json::from_str(&written).expect("in JSON");
    assert!(!found(&report).is_empty());
    let both = ["scan", "--demo", "--report", "json=second.json"];
    let ran = outcrop(both).run().exits(1);
    assert!(ran.stdout.contains("s3") && ran.wrote("second.json").exists(), "{ran}");
}

#[cfg(feature = "aws")]
mod of_a_live_account {
    use super::*;
    use crate::live::{ask, aws};
    use crate::support::judged::assert_true;
    use crate::support::moto::moto;

    #[test]
    fn a_collected_account_is_judged_later_as_it_would_have_been_live() {
        let filled = moto().filled("company", "200000000002");
        let aws = aws(&filled, []);
        let live = ["scan", "--latent", "-f", "json", "-r", "us-east-1"];
        let live = ask(&aws, &filled, live).run().exits(1).json();
        for name in ["snapshot.json", "snapshot.json.zst"] {
            // With what latent findings need, so that both can be compared whole.
            let collect = ["collect", "--latent", "-o", name, "-r", "us-east-1"];
            let collected = ask(&aws, &filled, collect).run().exits(0);
            let file = collected.wrote(name);
            let calls = aws.calls().len();
            let file = file.to_str().expect("a UTF-8 path");
            let offline = ["scan", "--latent", "-f", "json", "--from", file];
            let offline = outcrop(offline).run().exits(1).json();
            assert_eq!(offline["findings"], live["findings"], "{name}");
            assert_true(&offline, &filled.truth, &["exposed", "undetermined", "latent"]);
            assert_eq!(aws.calls().len(), calls, "nobody is called");
        }
    }

    #[test]
    fn refusals_are_kept_in_a_collected_file() {
        use crate::support::loopback::{Answer, on};
        let filled = moto().filled("private", "700000000002");
        let aws = aws(&filled, [on("rds", "DescribeDBInstances", Answer::Denied)]);
        let collected = ask(&aws, &filled, ["collect", "-o", "s.json", "-r", "us-east-1"]).run();
        assert!(matches!(collected.status.code(), Some(0 | 3)), "{collected}");
        let file = collected.wrote("s.json");
        let offline = ["scan", "-f", "json", "--from", file.to_str().expect("a UTF-8 path")];
        let report = outcrop(offline).run().exits(3).json();
        assert_eq!(report["coverage"][0]["outcome"], "denied", "{report:#}");
        assert_eq!(report["coverage"][0]["service"], "rds", "{report:#}");
    }
}
