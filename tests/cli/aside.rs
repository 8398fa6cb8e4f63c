//! What stderr says where the report is for programs or goes to a file.

use serde_json::Value;

use crate::baseline::but_the_worst;
use crate::reports::FORMATS;
use crate::triage::Place;

const GAPS: &str = r#"{"account": "111111111111", "region": "us-east-1"}"#;

#[test]
fn the_log_says_what_failed_whenever_the_report_is_not_there_to_be_read() {
    let place = Place::new();
    let verdict = place.outcrop(&["scan", "--demo"]).exits(1);
    assert_eq!(verdict.stderr, "", "stdout says it all");
    let table = place.outcrop(&["scan", "--demo", "-f", "table"]).exits(1).stdout;
    let verdict = table.lines().last().expect("a summary").to_owned();
    for format in FORMATS {
        for (to, all) in [(&[][..], format == "text"), (&["-o", "report"], false)] {
            let args = [&["scan", "--demo", "-f", format], to].concat();
            let ran = place.outcrop(&args).exits(1);
            if all {
                assert_eq!(ran.stderr, "", "{args:?}");
                continue;
            }
            assert_eq!(ran.stderr.lines().last(), Some(&*verdict), "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.starts_with("Found: 13 findings\n  critical "), "{}", ran.stderr);
            assert!(ran.stderr.contains("ec2-port-public-database on i-0b3d9f42 (messages-mongo)"));
            let quiet = place.outcrop(&[&args[..], &["-q"]].concat()).exits(1);
            assert_eq!(quiet.stderr, "", "{args:?}");
            assert_eq!(quiet.stdout, ran.stdout, "{args:?}");
        }
    }
    // A further report changes nothing for who reads stdout.
    let further = ["scan", "--demo", "--report", "json=run.json"];
    assert_eq!(place.outcrop(&further).exits(1).stderr, "");
    for in_words in
        [["-o", "/dev/stdout"].as_slice(), &["-f", "csv", "-o", "x", "--report", "text=-"]]
    {
        let args = [&["scan", "--demo"], in_words].concat();
        assert_eq!(place.outcrop(&args).exits(1).stderr, "", "{args:?}");
    }
    let least = ["scan", "--demo", "-f", "json", "--min-severity", "critical"];
    let ran = place.outcrop(&least).exits(1);
    assert!(ran.stderr.starts_with("Found: 7 findings\n"), "{}", ran.stderr);
    assert!(
        ran.stderr.trim_end().ends_with("; 6 below --min-severity not shown"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_log_says_what_is_new_and_not_what_is_known() {
    let place = Place::new();
    but_the_worst(&place);
    let scan = ["scan", "--demo", "--baseline", "accepted.json", "-f", "sarif"];
    let ran = place.outcrop(&scan).exits(1);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines[0], "New: 1 finding", "{}", ran.stderr);
    assert!(lines[1].starts_with("  critical    exposed, new, "), "{}", ran.stderr);
    assert!(ran.stderr.contains("; 1 new, 12 known; complete"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("exposed, known"), "{}", ran.stderr);
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "now.json"]).exits(1);
    let diff = place.outcrop(&["diff", "accepted.json", "now.json", "-f", "markdown"]).exits(1);
    assert!(diff.stderr.starts_with("New: 1 finding\n  critical "), "{}", diff.stderr);
    assert!(diff.stderr.contains("1 new, 0 changed"), "{}", diff.stderr);
    let quiet = place.outcrop(&["diff", "accepted.json", "now.json", "-f", "markdown", "-q"]);
    assert_eq!(quiet.exits(1).stderr, "");
    let text = place.outcrop(&["diff", "accepted.json", "now.json"]).exits(1);
    assert_eq!(text.stderr, "", "stdout says it all");
}

#[test]
fn the_log_says_what_was_not_seen() {
    let place = Place::new();
    place.file("dump.json", GAPS);
    let ran = place.outcrop(&["scan", "--from", "dump.json", "-f", "csv"]).exits(3);
    assert!(ran.stderr.starts_with("Not seen: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("ec2:DescribeNetworkInterfaces in 111111111111"), "{}", ran.stderr);
    assert!(ran.stderr.lines().last().is_some_and(|line| line.contains("INCOMPLETE")));
    assert!(ran.stderr.lines().count() <= 50, "it stays short: {}", ran.stderr);
    // In the form that was asked for.
    let json = ["scan", "--from", "dump.json", "-f", "csv", "--log-format", "json"];
    let ran = place.outcrop(&json).exits(3);
    assert!(ran.stderr.contains("INCOMPLETE"), "{}", ran.stderr);
    for line in ran.stderr.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn a_file_of_an_account_that_could_not_be_read_is_not_that_of_a_closed_one() {
    let place = Place::new();
    place.file("dump.json", GAPS);
    let report = |format| place.outcrop(&["scan", "--from", "dump.json", "-f", format]).exits(3);
    let value = |format| report(format).value();
    let entry = value("gitlab")[0].clone();
    assert_eq!((&entry["check_name"], &entry["severity"]), (&"not-seen".into(), &"major".into()));
    assert!(
        entry["description"].as_str().is_some_and(|text| text.contains("unjudged: ")),
        "{entry}"
    );
    let event = value("ocsf")[0].clone();
    assert_eq!((&event["severity_id"], &event["class_uid"]), (&1.into(), &2004.into()));
    assert_eq!(event["unmapped"]["coverage"][0]["account"], "111111111111");
    let csv = report("csv").stdout;
    let mut rows = csv.lines().skip(1);
    assert!(rows.all(|row| row.starts_with(",not-seen,not-seen,,111111111111,")), "{csv}");
    let hub = value("asff")[0].clone();
    assert_eq!(hub["Compliance"]["Status"], "NOT_AVAILABLE");
    assert_eq!(hub["Resources"][0]["Type"], "AwsAccount");
    assert_eq!(hub["FindingProviderFields"]["Severity"]["Label"], "INFORMATIONAL");
    // Where nothing was found, the region tells the partition.
    let text = std::fs::read_to_string(place.path("dump.json")).expect("it was written");
    let mut dump: serde_json::Value = serde_json::from_str(&text).expect("a dump");
    dump["region"] = "cn-north-1".into();
    place.file("dump.json", &dump.to_string());
    let batches = report("asff").stdout;
    assert!(
        batches.contains("arn:aws-cn:securityhub:") && !batches.contains("arn:aws:"),
        "{batches}"
    );
}
