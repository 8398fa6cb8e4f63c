//! Findings equal the truth that was built.

use std::sync::{Arc, OnceLock};

use crate::live::{ask, aws};
use crate::support::judged::{assert_true, timeless, unseen};
use crate::support::loopback::{Answer, Loopback, on};
use crate::support::moto::{Filled, moto};
use crate::support::run::{Ran, outcrop};

const REGIONS: &str = "us-east-1,eu-west-1,ap-southeast-2";

struct Scanned {
    filled: Arc<Filled>,
    aws: Loopback,
    ran: Ran,
}

/// The fleet and one scan of it, which several tests look at.
fn scanned() -> &'static Scanned {
    static SCANNED: OnceLock<Scanned> = OnceLock::new();
    SCANNED.get_or_init(|| {
        let filled = moto().filled("fleet", "200000000001");
        let aws = aws(&filled, []);
        let ran = ask(&aws, &filled, ["scan", "-f", "json", "-r", REGIONS]).run();
        Scanned { filled, aws, ran }
    })
}

#[test]
fn a_fleet_of_200_buckets_and_100_instances_in_3_regions_is_judged_as_it_was_built() {
    let Scanned { filled, ran, .. } = scanned();
    assert_eq!(ran.status.code(), Some(1), "{ran}");
    let report = ran.json();
    assert_eq!(unseen(&report), [], "everything was read");
    assert_eq!(report["scan"]["complete"], true);
    assert_true(&report, &filled.truth, &["exposed", "undetermined"]);
}

#[test]
fn a_scan_for_latent_findings_has_every_shut_door_and_no_other() {
    let filled = moto().filled("company", "200000000002");
    let aws = aws(&filled, []);
    let ran = ask(&aws, &filled, ["scan", "--latent", "-f", "json", "-r", "us-east-1"]).run();
    let report = ran.exits(1).json();
    assert_true(&report, &filled.truth, &["exposed", "undetermined", "latent"]);
}

#[test]
fn what_outsiders_get_decides_how_bad_it_is() {
    let filled = moto().filled("company", "200000000002");
    let aws = aws(&filled, []);
    let ran = ask(&aws, &filled, ["scan", "-f", "json", "-r", "us-east-1"]).run();
    let report = ran.exits(1).json();
    let expected = [
        ("company-acl-write", "anyone", "write", "critical"),
        ("company-acl-read", "anyone", "list", "high"),
        ("company-acl-any-aws", "any-aws", "list", "high"),
        ("company-policy-read", "anyone", "read", "high"),
        ("company-policy-list", "anyone", "list", "critical"),
        ("company-policy-aws-star", "anyone", "permissions", "critical"),
        ("company-db-open", "anyone", "connect", "critical"),
    ];
    for (id, who, access, severity) in expected {
        let findings = report["findings"].as_array().expect("a list");
        let finding = findings.iter().find(|finding| finding["resource"]["id"] == id);
        let finding = finding.unwrap_or_else(|| panic!("nothing about {id}"));
        assert_eq!(finding["exposure"]["who"], who, "{finding:#}");
        let classes = finding["exposure"]["access"].as_array().expect("a list");
        assert!(classes.iter().any(|class| class == access), "{finding:#}");
        assert_eq!(finding["severity"], severity, "{finding:#}");
        assert!(finding["remediation"]["command"].as_str().is_some_and(|c| c.starts_with("aws ")));
        assert!(finding["evidence"].as_array().is_some_and(|steps| steps.len() > 1), "{finding:#}");
    }
}

#[test]
fn two_scans_differ_only_in_their_times() {
    let Scanned { filled, aws, ran } = scanned();
    let again = ask(aws, filled, ["scan", "-f", "json", "-r", REGIONS]).run();
    let (first, second) = (timeless(&ran.json()), timeless(&again.json()));
    assert!(first == second, "the values are the same");
    let lines = |text: &str| -> Vec<String> {
        let times = ["\"started_at\"", "\"finished_at\""];
        let kept = |line: &&str| !times.iter().any(|time| line.contains(time));
        text.lines().filter(kept).map(str::to_owned).collect()
    };
    let (first, second) = (lines(&ran.stdout), lines(&again.stdout));
    assert!(first.len() < 2 || first == second, "and so are the bytes");
}

#[test]
fn the_report_is_valid_by_the_schema_that_the_binary_prints() {
    let schema = outcrop(["schema"]).run().exits(0).json();
    let validator = jsonschema::validator_for(&schema).expect("a JSON Schema");
    let report = scanned().ran.json();
    let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // A schema that takes anything would prove nothing.
    let mut other = report;
    other["findings"][0]["status"] = "open".into();
    assert!(!validator.is_valid(&other), "an unknown status is not valid");
}

#[test]
fn the_summary_counts_what_the_report_lists() {
    let report = scanned().ran.json();
    let findings = report["findings"].as_array().expect("a list");
    let exposed = findings.iter().filter(|finding| finding["status"] == "exposed");
    let counted = report["summary"]["exposed"].as_object().expect("counts by severity");
    let counted: u64 = counted.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(counted, exposed.count() as u64);
    assert_eq!(report["scan"]["accounts"], serde_json::json!(["200000000001"]));
    let mut regions: Vec<_> = REGIONS.split(',').collect();
    regions.sort_unstable();
    assert_eq!(report["scan"]["regions"], serde_json::json!(regions));
}

#[test]
fn ports_behind_vpc_block_public_access_are_latent() {
    let filled = moto().filled("small", "200000000003");
    let shut = on(
        "ec2",
        "DescribeVpcBlockPublicAccessOptions",
        Answer::Recorded("ec2/DescribeVpcBlockPublicAccessOptions.block-bidirectional.xml"),
    );
    let none = on(
        "ec2",
        "DescribeVpcBlockPublicAccessExclusions",
        Answer::Recorded("ec2/DescribeVpcBlockPublicAccessExclusions.xml"),
    );
    let aws = aws(&filled, [shut, none]);
    let arguments = ["scan", "--latent", "-f", "json", "-r", "us-east-1"];
    let report = ask(&aws, &filled, arguments).run().exits(1).json();
    let mut truth = filled.truth.clone();
    for line in &mut truth {
        if line["rule"] != "s3-bucket-public" {
            line["status"] = "latent".into();
        }
    }
    assert_true(&report, &truth, &["exposed", "undetermined", "latent"]);
    let ports = report["findings"].as_array().expect("a list").iter();
    for finding in ports.filter(|finding| finding["rule"] == "ec2-port-public-admin") {
        assert_eq!(finding["blocked_by"][0]["control"], "vpc-bpa", "{finding}");
    }
}

#[test]
fn the_emulator_alone_leaves_ports_undetermined_because_it_lacks_block_public_access() {
    let filled = moto().filled("small", "200000000003");
    let ran = outcrop(["scan", "-f", "json", "-r", "us-east-1"])
        .keys(&filled.keys)
        .endpoint(&moto().url())
        .run();
    // The public bucket is certain, so the answer is 1 and not 3. The emulator's page for what it
    // lacks is not asked for again and again.
    assert!(ran.took < std::time::Duration::from_secs(15), "{:?}", ran.took);
    let report = ran.exits(1).json();
    assert_eq!(report["scan"]["complete"], false);
    let mut truth = filled.truth.clone();
    for line in &mut truth {
        if line["rule"] != "s3-bucket-public" {
            line["status"] = "undetermined".into();
        }
    }
    assert_true(&report, &truth, &["exposed", "undetermined"]);
    let unseen = unseen(&report);
    let [options, caches, workgroups, points, multi_region] = unseen.as_slice() else {
        panic!("five calls have no answer: {unseen:#?}")
    };
    assert_eq!(caches.call, "elasticache:DescribeServerlessCaches");
    assert_eq!(workgroups.call, "redshift-serverless:ListWorkgroups");
    assert_eq!(options.call, "ec2:DescribeVpcBlockPublicAccessOptions");
    assert_eq!(points.call, "s3control:ListAccessPoints");
    assert_eq!(multi_region.call, "s3control:ListMultiRegionAccessPoints");
    assert!(options.affects.contains(&"ec2-port-public-admin".to_owned()), "{options:?}");
}
