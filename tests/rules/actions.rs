//! What to do first: every claim is recomputed from the commands that are printed.

use std::path::Path;

use outcrop::inventory::Snapshot;
use outcrop::model::{Action, Finding};
use serde_json::Value;

use super::cases;
use super::claims::{actions, actions_but_for, prove};

#[test]
fn every_claim_of_every_action_is_so_in_every_fixture() {
    let closed: usize =
        cases::all().iter().map(|(place, facts)| prove(place, &cases::snapshot(facts))).sum();
    assert!(closed > 150, "{closed}");
}

#[test]
fn every_claim_of_every_action_is_so_in_every_network_vector() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/network-vectors");
    let mut closed = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        closed += prove(&path.display().to_string(), &cases::snapshot(&vector["inventory"]));
    }
    assert!(closed > 40, "{closed}");
}

fn demo() -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo.json");
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases::snapshot(&facts)
}

#[test]
fn every_claim_of_every_action_is_so_in_the_demo() {
    assert!(prove("demo", &demo()) >= Action::MOST);
}

/// What an action settles, as `rule id`.
fn settled(action: &Action, findings: &[Finding]) -> Vec<String> {
    let mut all: Vec<String> = findings
        .iter()
        .filter(|finding| action.settled().any(|one| *one == finding.fingerprint))
        .map(|finding| format!("{} {}", finding.rule, finding.resource.id))
        .collect();
    all.sort();
    all
}

fn bucket(snapshot: &mut Snapshot, name: &str, website: bool) {
    let facts = serde_json::to_value(&*snapshot).unwrap();
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
    }]});
    let mut facts = facts;
    let s3 = &mut facts["global"]["s3"];
    let listed = s3["ListBuckets"]["Buckets"].as_array_mut().unwrap();
    listed.push(serde_json::json!({"Name": name, "BucketRegion": "eu-west-1"}));
    s3["GetBucketPolicy"][name] = serde_json::json!({"Policy": policy.to_string()});
    s3["GetPublicAccessBlock"][name] = Value::Null;
    s3["GetBucketOwnershipControls"][name] = serde_json::json!({"OwnershipControls":
        {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}});
    s3["GetBucketAcl"][name] = serde_json::json!({"Grants": []});
    s3["GetBucketWebsite"][name] = if website { serde_json::json!({}) } else { Value::Null };
    *snapshot = cases::snapshot(&facts);
}

#[test]
fn the_block_of_the_whole_account_is_first_where_it_shuts_several_buckets() {
    let mut snapshot = demo();
    let block = |action: &Action| action.commands[0].starts_with("aws s3control put-public");
    let (_, before) = actions(&snapshot);
    assert!(!before.iter().any(block), "one bucket and one website: {before:#?}");
    bucket(&mut snapshot, "payroll", false);
    let (judgement, after) = actions(&snapshot);
    assert!(block(&after[0]), "{after:#?}");
    let names = ["acme-call-recordings", "acme-website", "payroll"];
    let shut = names.map(|name| format!("s3-bucket-public {name}"));
    assert_eq!(settled(&after[0], &judgement.findings), shut);
    assert!(after[0].closes.is_empty(), "what opens them is there still");
    let warning = after[0].warning.as_deref().unwrap();
    assert!(warning.contains("meant to be public (acme-website serves a website)"), "{warning}");
    // What is shut is not to be shut again.
    assert!(!after[1..].iter().any(|action| action.text.contains("bucket")), "{after:#?}");
    prove("demo with another bucket", &snapshot);
}

#[test]
fn an_action_says_what_it_closes_that_was_accepted() {
    let mut snapshot = demo();
    bucket(&mut snapshot, "payroll", false);
    bucket(&mut snapshot, "downloads", false);
    let (judgement, actions) = actions_but_for(&snapshot, &["downloads"]);
    let accepted = judgement.findings.iter().find(|one| one.resource.id == "downloads").unwrap();
    assert_eq!(actions[0].accepted, [accepted.fingerprint.as_str()]);
    assert_eq!(actions[0].shuts.len(), 3, "{actions:#?}");
    assert!(!actions[0].shuts.contains(&accepted.fingerprint));
    // With one that is neither accepted nor a website it is not offered.
    let (_, actions) = actions_but_for(&snapshot, &["downloads", "payroll"]);
    assert!(actions.iter().all(|action| action.warning.is_none()), "{actions:#?}");
    assert!(actions.iter().all(|action| action.accepted.is_empty()), "{actions:#?}");
}

#[test]
fn websites_alone_are_no_reason_to_block_the_whole_account() {
    let mut snapshot = demo();
    bucket(&mut snapshot, "blog", true);
    let (_, actions) = actions(&snapshot);
    assert!(!actions.iter().any(|action| action.warning.is_some()), "{actions:#?}");
}

#[test]
fn one_rule_that_opens_several_machines_comes_before_rules_that_open_one() {
    let facts =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo.json"));
    let mut facts: Value = serde_json::from_str(&facts.unwrap()).unwrap();
    let ec2 = &mut facts["regions"]["eu-west-1"]["ec2"];
    let interfaces = ec2["DescribeNetworkInterfaces"]["NetworkInterfaces"].as_array_mut().unwrap();
    let mongo = |one: &&mut Value| one["Groups"][0]["GroupId"] == "sg-0kibana";
    interfaces.iter_mut().find(mongo).unwrap()["Groups"] =
        serde_json::json!([{"GroupId": "sg-0mongo"}]);
    let (judgement, actions) = actions(&cases::snapshot(&facts));
    assert!(actions[0].text.ends_with("security group sg-0mongo"), "{actions:#?}");
    let names = ["i-0b3d9f42", "i-0c5e1a63"];
    let closed = names.map(|name| format!("ec2-port-public-database {name}"));
    assert_eq!(settled(&actions[0], &judgement.findings), closed);
}
