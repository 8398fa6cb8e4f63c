//! What to do first, with the real binary: who counts, what is shown, and what a saved run holds.

use serde_json::{Value, json};

use crate::baseline::but_the_worst;
use crate::triage::Place;

const DEMO: [&str; 4] = ["scan", "--demo", "-f", "json"];

/// The actions of a report.
fn actions(report: &Value) -> Vec<Value> {
    report["actions"].as_array().cloned().unwrap_or_default()
}

/// The findings that an action settles, as `rule id`.
fn settled(report: &Value, action: &Value) -> Vec<String> {
    let listed = |name: &str| action[name].as_array().cloned().unwrap_or_default();
    let all = [listed("closes"), listed("shuts")].concat();
    let findings = report["findings"].as_array().expect("findings");
    let of = |fingerprint: &Value| {
        let finding = findings.iter().find(|one| one["fingerprint"] == *fingerprint);
        let finding = finding.unwrap_or_else(|| panic!("{fingerprint} is not in the report"));
        let id = finding["resource"]["id"].as_str().expect("an id");
        format!("{} {id}", finding["rule"].as_str().expect("a rule"))
    };
    all.iter().map(of).collect()
}

#[test]
fn a_report_says_first_what_to_do_first_and_a_saved_run_says_it_again() {
    let place = Place::new();
    let text = place.outcrop(&["scan", "--demo"]).exits(1).stdout;
    let start = text.find("Fix these first\n\n  1 take the rule that admits tcp ").expect(&text);
    let end = text.find("\n\nCRITICAL  ").expect("details");
    let block = &text[start..end];
    assert_eq!(block.matches("    closes   1 finding (1 critical): ").count(), 5, "{block}");
    assert!(block.lines().all(|line| line.len() <= 80 || line.starts_with("    $ ")), "{block}");
    let report = place.outcrop(&[&DEMO[..], &["-o", "run.json"]].concat()).exits(1);
    assert_eq!(report.stdout, "");
    for (from, format) in [("run.json", "jsonl"), ("run.jsonl", "json"), ("run.json", "text")] {
        let to = format!("run.{format}");
        place.outcrop(&["convert", from, "-f", format, "-o", &to]).exits(0);
    }
    let again = std::fs::read_to_string(place.path("run.text")).expect("the text");
    assert!(again.contains(block), "{again}");
    for format in ["markdown", "html"] {
        let ran = place.outcrop(&["convert", "run.json", "-f", format]).exits(0);
        ran.says("Fix these first").says("sg-0mongo");
    }
    for format in ["sarif", "csv", "gitlab", "table", "github", "ocsf", "asff", "junit"] {
        let ran = place.outcrop(&["convert", "run.json", "-f", format]).exits(0);
        ran.silent_about("Fix these first");
    }
    let joined = place.outcrop(&["merge", "run.json", "run.jsonl"]).exits(0).value();
    let run: Value =
        serde_json::from_slice(&std::fs::read(place.path("run.json")).expect("run")).expect("JSON");
    assert_eq!((actions(&joined), actions(&joined).len()), (actions(&run), 5));
}

#[test]
fn what_was_accepted_is_not_to_be_done_first() {
    let place = Place::new();
    let new = but_the_worst(&place);
    // One new finding stands by itself.
    let with = [&DEMO[..], &["--baseline", "accepted.json"]].concat();
    assert!(actions(&place.outcrop(&with).exits(1).value()).is_empty());
    // Two are put in order, and nothing is said of the seven that are known.
    let text = std::fs::read_to_string(place.path("accepted.json")).expect("the run");
    let mut run: Value = serde_json::from_str(&text).expect("JSON");
    let other = run["findings"].as_array_mut().expect("findings").remove(0);
    let count = &mut run["summary"]["exposed"]["critical"];
    *count = json!(count.as_u64().expect("a count") - 1);
    place.json("accepted.json", &run);
    let report = place.outcrop(&with).exits(1).value();
    let all: Vec<String> =
        actions(&report).iter().flat_map(|action| settled(&report, action)).collect();
    let name = |finding: &Value| {
        let id = finding["resource"]["id"].as_str().expect("an id");
        format!("{} {id}", finding["rule"].as_str().expect("a rule"))
    };
    assert_eq!(all.len(), 2, "{all:?}");
    assert!([new, other].iter().all(|finding| all.contains(&name(finding))), "{all:?}");
    // A baseline says what is accepted, and not what to do.
    let keep = ["baseline", "--demo", "--reason", "known", "-o", "kept.json"];
    place.outcrop(&keep).exits(0);
    let kept = std::fs::read_to_string(place.path("kept.json")).expect("the baseline");
    assert!(!kept.contains("\"actions\""), "{kept}");
}

#[test]
fn what_the_configuration_leaves_out_is_not_counted() {
    let place = Place::new();
    let config =
        "[[ignore]]\nresource = \"arn:aws:ec2:*:instance/i-0b3d9f42\"\nreason = \"ours\"\n";
    place.file("outcrop.toml", config);
    let report = place.outcrop(&DEMO).exits(1).value();
    let all: Vec<String> =
        actions(&report).iter().flat_map(|action| settled(&report, action)).collect();
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(!all.iter().any(|name| name.ends_with("i-0b3d9f42")), "{all:?}");
}

#[test]
fn what_is_not_shown_needs_no_action() {
    let place = Place::new();
    let run = |more: &[&str]| place.outcrop(&[&DEMO[..], more].concat());
    // Web ports are front doors by design.
    let low = run(&["--rule", "elb-public,ec2-port-public-other"]).exits(0).value();
    assert!(actions(&low).is_empty(), "{low}");
    let high = ["--rule", "ec2-port-public-admin,sqs-queue-public"];
    assert_eq!(actions(&run(&high).exits(1).value()).len(), 2);
    let most = [&high[..], &["--min-severity", "critical"]].concat();
    assert!(actions(&run(&most).exits(1).value()).is_empty());
    let critical = run(&["--min-severity", "critical"]).exits(1).value();
    assert_eq!(actions(&critical).len(), 5);
    assert!(actions(&critical).iter().all(|action| settled(&critical, action).len() == 1));
    let one = run(&["--rule", "rds-instance-public"]).exits(1).value();
    assert!(actions(&one).is_empty(), "the finding says it all: {one}");
}
