//! What was not read is said, wherever users look: a missing answer is never "there is nothing".

use serde_json::Value;

use crate::support::judged::{found, unseen};
use crate::support::run::{Outcrop, outcrop};

/// The facts of a published network, without some of the answers.
fn without(vector: &str, missing: &[(&str, &str)]) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/network-vectors/");
    let text = std::fs::read_to_string(format!("{folder}{vector}.json")).unwrap();
    let mut facts: Value = serde_json::from_str::<Value>(&text).unwrap()["inventory"].take();
    for (service, operation) in missing {
        let gone = facts[*service].as_object_mut().unwrap().remove(*operation);
        assert!(gone.is_some(), "{service}:{operation} is in {vector}");
    }
    facts
}

fn on(facts: &Value, arguments: &[&str]) -> Outcrop {
    let run = outcrop(arguments.iter().copied());
    run.file("dump.json", &facts.to_string());
    run
}

const RDS_AND_GROUPS: [(&str, &str); 2] =
    [("rds", "DescribeDBInstances"), ("ec2", "DescribeSecurityGroups")];

#[test]
fn a_dump_without_databases_and_groups_is_incomplete_and_nothing_in_it_is_fixed() {
    let scan = ["scan", "--from", "dump.json", "--rule", "rds-instance-public", "-f", "json"];
    let whole = on(&without("v59-svc-rds", &[]), &scan).run();
    let before = found(&whole.json());
    assert!(!before.is_empty(), "{whole}");
    let now = on(&without("v59-svc-rds", &RDS_AND_GROUPS), &scan).run().exits(3);
    assert_eq!(now.json()["scan"]["complete"], false);
    let calls: Vec<String> = unseen(&now.json()).into_iter().map(|entry| entry.call).collect();
    assert!(calls.contains(&"rds:DescribeDBInstances".to_owned()), "{calls:?}");

    let diff = outcrop(["diff", "old.json", "new.json", "-f", "json"]);
    diff.file("old.json", &whole.stdout);
    diff.file("new.json", &now.stdout);
    let drift = diff.run().exits(3).json();
    assert_eq!(drift["fixed"], serde_json::json!([]), "{drift:#}");
    let unseen = drift["no_longer_visible"].as_array().unwrap();
    assert_eq!(unseen.len(), before.len(), "{drift:#}");
}

#[test]
fn reach_names_every_list_that_nobody_read() {
    let facts = without("v59-svc-rds", &RDS_AND_GROUPS);
    let told = on(&facts, &["reach", "--from", "dump.json"]).run().exits(3);
    for (service, operation) in [
        ("ec2", "DescribeSecurityGroups"),
        ("elb", "DescribeLoadBalancers"),
        ("elbv2", "DescribeLoadBalancers"),
        ("rds", "DescribeDBInstances"),
    ] {
        let named = told.stdout.contains(&format!("not read: {service}:{operation}\n"));
        assert_eq!(named, facts[service][operation].is_null(), "{service}:{operation}: {told}");
    }
    let rows = on(&facts, &["reach", "--from", "dump.json", "-f", "json"]).run().exits(3);
    assert_eq!(rows.json(), serde_json::json!({"exposures": []}));
    assert!(rows.stderr.contains("not read: rds:DescribeDBInstances"), "{rows}");
}

#[test]
fn reach_says_the_word_that_scan_says_of_the_same_port() {
    let facts = without("v01-sg-basic", &[("ec2", "DescribeNetworkAcls")]);
    let told = on(&facts, &["reach", "--from", "dump.json"]).run();
    assert!(told.stdout.contains("undetermined tcp 22 of "), "{told}");
    assert!(told.stdout.contains("not verified: "), "{told}");
    assert!(!told.stdout.contains("exposed"), "{told}");
    let scan = ["scan", "--from", "dump.json", "--rule", "ec2-port-public-admin", "-f", "json"];
    let scanned = found(&on(&facts, &scan).run().json());
    assert!(scanned.iter().all(|one| one.status == "undetermined"), "{scanned:?}");
    // Rows for programs keep the form of the published scenarios.
    let rows = on(&facts, &["reach", "--from", "dump.json", "-f", "json"]).run().json();
    assert_eq!(rows["exposures"][0]["status"], "exposed", "{rows:#}");
    assert!(!rows["exposures"][0]["not_verified"].as_array().unwrap().is_empty(), "{rows:#}");
}
