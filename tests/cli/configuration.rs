//! `outcrop.toml` with the real binary: what counts, what is refused, what is left out and said.

use std::fs;

use serde_json::{Value, json};

use crate::triage::Place;

const RULE: &str = "s3-account-block-public-access-off";

/// Two accounts that do not block public access to S3.
const DUMPS: [(&str, &str); 2] = [
    (
        "one.json",
        r#"{"account": "111111111111", "region": "us-east-1", "s3control": {"GetPublicAccessBlock": null}, "s3": {"ListBuckets": {"Buckets": []}}}"#,
    ),
    (
        "two.json",
        r#"{"account": "222222222222", "region": "us-east-1", "s3control": {"GetPublicAccessBlock": null}, "s3": {"ListBuckets": {"Buckets": []}}}"#,
    ),
];

fn place() -> Place {
    let place = Place::new();
    for (name, text) in DUMPS {
        place.file(name, text);
    }
    place
}

const SCAN: [&str; 9] = [
    "scan",
    "--from",
    "one.json",
    "two.json",
    "--rule",
    RULE,
    "--fail-status",
    "weakness",
    "--fail-on=low",
];

fn accounts(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|f| f["resource"]["account"].as_str().expect("an account")).collect()
}

#[test]
fn flags_beat_the_environment_and_the_environment_beats_the_file() {
    let place = place();
    let scan = |more: &[&str], environment: &[(&str, &str)]| {
        place.outcrop_with(&[&SCAN[..6], more].concat(), environment).code
    };
    assert_eq!(scan(&[], &[]), Some(0), "weaknesses do not fail");
    place.file("outcrop.toml", "fail-on = 'low'\nfail-status = ['weakness', 'exposed']\n");
    assert_eq!(scan(&[], &[]), Some(1));
    assert_eq!(scan(&["--no-config"], &[]), Some(0));
    assert_eq!(scan(&[], &[("OUTCROP_NO_CONFIG", "true")]), Some(0));
    assert_eq!(scan(&[], &[("OUTCROP_FAIL_ON", "none")]), Some(0));
    assert_eq!(scan(&["--fail-on", "low"], &[("OUTCROP_FAIL_ON", "none")]), Some(1));
    assert_eq!(scan(&["--fail-on", "none"], &[]), Some(0));
    place.file("other.toml", "fail-status = 'exposed'\n");
    assert_eq!(scan(&["-c", "other.toml"], &[]), Some(0), "instead of the one that is found");
    assert_eq!(scan(&[], &[("OUTCROP_CONFIG", "other.toml")]), Some(0));
    let off = [("OUTCROP_NO_CONFIG", "true")];
    assert_eq!(scan(&["-c", "outcrop.toml"], &off), Some(1), "the flag beats the environment");
    assert_eq!(scan(&["--no-config"], &[("OUTCROP_CONFIG", "outcrop.toml")]), Some(0));
    assert_eq!(scan(&["--no-config", "-c", "outcrop.toml"], &[]), Some(2));
    place.outcrop(&[&SCAN[..], &["-v"]].concat()).exits(1).says("configuration: ");
    place.outcrop(&["scan", "-c", "none.toml", "--demo"]).exits(2).says("cannot read the config");
}

#[test]
fn the_users_own_file_counts_where_there_is_no_other() {
    let place = place();
    place.file(".config/outcrop/outcrop.toml", "format = 'csv'\nprofile = 'audit'\n");
    let csv = place.outcrop(&SCAN).exits(1).stdout;
    assert!(csv.starts_with("severity,"), "{csv}");
    place.file("xdg/outcrop/outcrop.toml", "format = 'jsonl'\n");
    let xdg = place.path("xdg");
    let environment = [("XDG_CONFIG_HOME", xdg.to_str().expect("UTF-8"))];
    assert!(place.outcrop_with(&SCAN, &environment).stdout.starts_with('{'));
    place.file("outcrop.toml", "format = 'table'\n");
    assert!(place.outcrop_with(&SCAN, &environment).stdout.starts_with('+'));
}

#[test]
fn a_found_file_never_decides_where_calls_and_files_go() {
    let place = place();
    for (key, value) in [
        ("endpoint-url", "'http://localhost:1'"),
        ("profile", "'admin'"),
        ("role", "['arn:aws:iam::111111111111:role/x']"),
        ("external-id", "'x'"),
        ("output", "'stolen.json'"),
        ("report", "['json=stolen.json']"),
    ] {
        place.file("outcrop.toml", &format!("{key} = {value}\n"));
        let ran = place.outcrop(&["scan", "--demo"]).exits(2);
        assert_eq!(ran.stdout, "", "{key}");
        let says = format!("outcrop.toml:1:1: `{key}` may not be set by a file that was found");
        ran.says(&says).says("--config");
    }
    assert!(!place.path("stolen.json").exists());
    let named = [&SCAN[..], &["--config", "outcrop.toml"]].concat();
    place.outcrop(&named).exits(1);
    assert!(place.path("stolen.json").exists(), "named, the file may");
}

#[test]
fn what_is_wrong_stops_before_anything_is_done_and_only_where_the_file_counts() {
    let place = place();
    place.file("outcrop.toml", "latent = true\nfail_on = 'high'\n");
    let says = "outcrop: outcrop.toml:2:1: unknown key `fail_on`, did you mean `fail-on`?";
    assert_eq!(place.outcrop(&SCAN).exits(2).says(says).stdout, "");
    place.outcrop(&["rules"]).exits(0);
    place.outcrop(&["schema", "config"]).exits(0);
    place.outcrop(&["--version"]).exits(0);
    place.outcrop(&["scan", "--help"]).exits(0);
}

#[test]
fn ignored_findings_are_left_out_counted_and_kept_with_their_reason() {
    let place = place();
    place.file(
        "outcrop.toml",
        "[[ignore]]\nrule = 's3-account-*'\naccount = '111111111111'\nreason = 'a sandbox'\n",
    );
    let json = [&SCAN[..], &["-f", "json"]].concat();
    let report = place.outcrop(&json).exits(1).silent_about("warning").value();
    assert_eq!(accounts(&report), ["222222222222"]);
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["summary"]["weakness"], 1);
    assert_eq!(report["suppressed"][0]["reason"], "a sandbox");
    place.outcrop(&SCAN).exits(1).says("1 suppressed");
    place.file("outcrop.toml", "[[ignore]]\nrule = 's3'\nreason = 'all of it'\n");
    let none = place.outcrop(&SCAN).exits(0).says("2 suppressed");
    none.says("No findings but those that the configuration suppresses");
    // What is left out is explained too, and is not fixed.
    place.outcrop(&[&json[..], &["--no-config", "-o", "old.json"]].concat()).exits(1);
    place.outcrop(&[&json[..], &["-o", "new.json"]].concat()).exits(0);
    place.outcrop(&["diff", "old.json", "new.json"]).exits(0).says("2 suppressed now, 0 fixed");
    let new: Value =
        serde_json::from_str(&fs::read_to_string(place.path("new.json")).expect("the run"))
            .expect("JSON");
    let fingerprint = new["suppressed"][0]["fingerprint"].as_str().expect("a fingerprint");
    place.outcrop(&["explain", fingerprint, "--run", "new.json"]).exits(2).says("all of it");
    let schema = place.outcrop(&["schema"]).exits(0).value();
    let errors = jsonschema::validator_for(&schema).expect("a schema");
    assert_eq!(errors.iter_errors(&new).map(|e| e.to_string()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn expired_and_unmatched_ignores_are_told() {
    let place = place();
    let ignore = |more: &str| {
        let text = format!("\n[[ignore]]\nrule = '{RULE}'\nreason = 'x'\n{more}");
        place.file("outcrop.toml", &text);
        place.outcrop(&SCAN)
    };
    ignore("expires = '2020-01-31'")
        .exits(1)
        .says("outcrop.toml:2: this ignore expired on 2020-01-31, and its 2 findings are back");
    ignore("expires = 2999-01-31").exits(0).silent_about("outcrop.toml");
    ignore("region = 'us-east-1'").exits(1).says("outcrop.toml:2: this ignore matches no finding");
    ignore("account = '333333333333'").exits(1).silent_about("outcrop.toml");
}

#[test]
fn a_changed_severity_counts_and_is_shown_as_such() {
    let place = place();
    place.file("outcrop.toml", &format!("[severity]\n{RULE} = 'critical'\n"));
    let scan = [&SCAN[..8], &["--fail-on=critical"]].concat();
    let text = place.outcrop(&scan).exits(1).says("CRITICAL, weakness");
    text.says("critical by configuration, low by its rule");
    let report = place.outcrop(&[&scan[..], &["-f", "json"]].concat()).exits(1).value();
    assert_eq!(report["findings"][0]["severity"], "critical");
    assert_eq!(report["findings"][0]["default_severity"], "low");
    place.outcrop(&[&scan[..], &["--no-config"]].concat()).exits(0);
}

#[test]
fn the_printed_schema_is_one_and_knows_the_flags() {
    let place = Place::new();
    let schema = place.outcrop(&["schema", "config"]).exits(0).value();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json!({ "fail-on": "high", "trusted": { "accounts": [] } })));
    assert!(!validator.is_valid(&json!({ "fail_on": "high" })));
    assert_eq!(schema["properties"]["timeout"]["type"], "string");
}

#[test]
fn whom_the_file_trusts_is_no_outsider_to_a_policy() {
    let place = Place::new();
    // Two neighbouring /8 are broad: AWS calls that public. One of them alone is a bound.
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "9.0.0.0/8"]}},
    }]});
    let dump = json!({"account": "111111111111", "region": "us-east-1",
        "s3control": {"GetPublicAccessBlock": null},
        "s3": {"ListBuckets": {"Buckets": [{"Name": "b"}]},
            "GetBucketPolicy": {"b": {"Policy": policy.to_string()}}}});
    place.file("b.json", &dump.to_string());
    let scan = ["scan", "--from", "b.json", "--rule", "s3-bucket-public", "-f", "json"];
    let report = place.outcrop(&scan).value();
    assert_eq!(report["findings"][0]["status"], "exposed", "{report}");
    place.file("outcrop.toml", "[trusted]\nip-ranges = ['9.0.0.0/8']\n");
    let report = place.outcrop(&scan).value();
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["summary"]["suppressed"], 0, "nobody gets in: nothing to leave out");
}

#[test]
fn an_old_rule_id_is_answered_with_the_new_one_wherever_it_is_written() {
    const OLD: &str = "eni-port-public";
    const SAYS: &str = "rule `eni-port-public` is now called `ec2-interface-port-public`";
    const CACHES: &str = "rule `cache-cluster-security-group-open` is now called \
        `elasticache-cluster-security-group-open` and `memorydb-cluster-security-group-open`";
    let place = place();
    for flag in ["--rule", "--exclude-rule"] {
        let scan = ["scan", "--from", "one.json", flag, OLD];
        assert_eq!(place.outcrop(&scan).exits(2).says(SAYS).stdout, "");
        let scan = ["scan", "--from", "one.json", flag, "cache-cluster-security-group-open"];
        place.outcrop(&scan).exits(2).says(CACHES);
        place.outcrop(&["permissions", flag, OLD]).exits(2).says(SAYS);
    }
    place.outcrop(&["explain", OLD]).exits(2).says(SAYS);
    place.outcrop(&["explain", "cache-cluster-security-group-open"]).exits(2).says(CACHES);
    place.outcrop(&["explain", "ec2-interface-port-public"]).exits(0).says("Formerly called `eni-");
    let rules = place.outcrop(&["rules", "-f", "json"]).exits(0).value();
    let formerly = |id: &str| {
        let mut rules = rules.as_array().expect("rules").iter();
        rules.find(|rule| rule["id"] == id).expect(id)["formerly"].clone()
    };
    assert_eq!(formerly("ec2-interface-port-public"), json!([OLD]));
    let caches = json!(["cache-cluster-security-group-open"]);
    assert_eq!(formerly("elasticache-cluster-security-group-open"), caches);
    assert_eq!(formerly("memorydb-cluster-security-group-open"), caches);
    assert_eq!(formerly(RULE), json!([]));
    for (file, at) in [
        (format!("rule = '{OLD}'"), "1:8"),
        (format!("exclude-rule = ['s3-*', '{OLD}']"), "1:25"),
        (format!("[[ignore]]\nrule = '{OLD}'\nreason = 'meant'"), "2:8"),
        (format!("[severity]\n{OLD} = 'low'"), "2:1"),
    ] {
        place.file("outcrop.toml", &file);
        let says = format!("outcrop.toml:{at}: {SAYS}");
        assert_eq!(place.outcrop(&SCAN).exits(2).says(&says).stdout, "", "{file}");
    }
}
