//! Baselines with the real binary: what is new, known and worse, and what is shown of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::triage::Place;

/// The demo as it was before its worst finding came: that one is new now.
pub fn but_the_worst(place: &Place) -> Value {
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "accepted.json"]).exits(1);
    let text = fs::read_to_string(place.path("accepted.json")).expect("the run");
    let mut run: Value = serde_json::from_str(&text).expect("JSON");
    let gone = run["findings"].as_array_mut().expect("findings").remove(0);
    let count = &mut run["summary"]["exposed"][gone["severity"].as_str().expect("a severity")];
    *count = json!(count.as_u64().expect("a count") - 1);
    place.json("accepted.json", &run);
    gone
}

fn standings(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|f| f["baseline"].as_str().expect("a word")).collect()
}

const SCAN: [&str; 4] = ["scan", "--demo", "--baseline", "accepted.json"];

#[test]
fn every_finding_says_what_it_is_beside_the_baseline() {
    let place = Place::new();
    let new = but_the_worst(&place);
    let text = place.outcrop(&SCAN).exits(1).stdout;
    let flat = text.replace('\n', " ");
    assert!(flat.contains("; 1 new, 12 known; complete "), "{text}");
    assert_eq!(text.matches("\nCRITICAL, new  ").count(), 1, "{text}");
    assert_eq!(text.matches(" new eu-west-1 ").count(), 1, "{text}");
    let report = place.outcrop(&[&SCAN[..], &["-f", "json"]].concat()).exits(1).value();
    assert_eq!(standings(&report), [&["new"][..], &["known"; 12]].concat());
    assert_eq!((&report["summary"]["new"], &report["summary"]["known"]), (&json!(1), &json!(12)));
    assert_eq!(report["findings"][0]["fingerprint"], new["fingerprint"]);
    let schema = place.outcrop(&["schema"]).exits(0).value();
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    assert_eq!(schema.iter_errors(&report).map(|e| e.to_string()).collect::<Vec<_>>(), [""; 0]);
    // Without a baseline nothing is said of one.
    let report = place.outcrop(&["scan", "--demo", "-f", "json"]).exits(1).value();
    assert!(report["findings"][0].get("baseline").is_none(), "{report}");
    assert!(report["summary"].get("new").is_none(), "{report}");
}

#[test]
fn what_got_worse_is_called_so() {
    let place = Place::new();
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "accepted.json"]).exits(1);
    let text = fs::read_to_string(place.path("accepted.json")).expect("the run");
    let mut run: Value = serde_json::from_str(&text).expect("JSON");
    run["findings"][0]["severity"] = json!("low");
    place.json("accepted.json", &run);
    let ran = place.outcrop(&SCAN).exits(1).says("CRITICAL, worse");
    assert!(ran.stdout.replace('\n', " ").contains("; 1 new, 12 known; "), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches(", worse  ").count(), 1);
}

#[test]
fn only_what_is_new_is_shown_where_that_is_wanted_and_all_of_it_counts() {
    let place = Place::new();
    let new = but_the_worst(&place);
    let only = [&SCAN[..], &["--only-new", "-f", "json"]].concat();
    let report = place.outcrop(&only).exits(1).value();
    assert_eq!(standings(&report), ["new"]);
    assert_eq!(report["findings"][0]["fingerprint"], new["fingerprint"]);
    assert_eq!(report["summary"]["known"], 12);
    let text = place.outcrop(&[&SCAN[..], &["--only-new"]].concat()).exits(1);
    text.says("; 12 known not shown (--only-new)").silent_about(", known  ");
    let json = [&SCAN[..], &["-f", "json"]].concat();
    let by_variable = place.outcrop_with(&json, &[("OUTCROP_ONLY_NEW", "true")]).exits(1).value();
    assert_eq!(by_variable["findings"], report["findings"]);
    // In the file both stand together; the exit code is the same.
    place.file("outcrop.toml", "baseline = 'accepted.json'\nonly-new = true\n");
    let scan = ["scan", "--demo", "-f", "json"];
    assert_eq!(place.outcrop(&scan).exits(1).value()["findings"], report["findings"]);
    fs::remove_file(place.path("outcrop.toml")).expect("removed");
    place.outcrop(&["scan", "--demo", "--only-new"]).exits(2).says("give one with --baseline FILE");
    // What hides findings is no whole baseline, and that is said.
    place.outcrop(&[&only[..], &["-o", "part.json"]].concat()).exits(1);
    let part = ["scan", "--demo", "--baseline", "part.json"];
    place
        .outcrop(&part)
        .exits(1)
        .says("part.json counts findings that it does not list")
        .says(": 12;");
}

#[test]
fn a_baseline_is_a_run_that_says_since_when_and_why() {
    let place = Place::new();
    let reason = ["--reason", " known on the first day: TICKET-123 "];
    let keep = |more: &[&str]| place.outcrop(&[&["baseline"], more, &reason[..]].concat());
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "run.json"]).exits(1);
    // From a run of either form, from stdin or a scan: the same findings.
    let of_run = keep(&["run.json"]).exits(0).value();
    place.outcrop(&["scan", "--demo", "-f", "jsonl", "-o", "run.jsonl"]).exits(1);
    assert_eq!(keep(&["run.jsonl"]).exits(0).value()["findings"], of_run["findings"]);
    keep(&["--demo", "-o", "accepted.json"]).exits(0);
    let text = fs::read_to_string(place.path("accepted.json")).expect("the file");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(kept["findings"], of_run["findings"]);
    assert_eq!(kept["accepted"]["reason"], "known on the first day: TICKET-123");
    let date = kept["accepted"]["date"].as_str().expect("a date");
    assert!(date.parse::<jiff::civil::Date>().is_ok_and(|day| day.year() > 2025), "{date}");
    let schema = place.outcrop(&["schema"]).exits(0).value();
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    assert_eq!(schema.iter_errors(&kept).map(|e| e.to_string()).collect::<Vec<_>>(), [""; 0]);
    // What it holds does not count again, and whoever asks is told since when.
    let ran = place.outcrop(&SCAN).exits(0).silent_about("TICKET-123");
    assert!(ran.stdout.replace('\n', " ").contains("; 0 new, 13 known; "), "{}", ran.stdout);
    let told = format!("accepted.json: accepted on {date}: known on the first day: TICKET-123");
    place.outcrop(&[&SCAN[..], &["-v"]].concat()).exits(0).says(&told);
    // It is still a run, and beside nothing.
    place.outcrop(&["diff", "accepted.json", "run.json"]).exits(0).says("0 new");
    place.outcrop(&[&SCAN[..], &["-f", "json", "-o", "later.json"]].concat()).exits(0);
    let again = keep(&["later.json"]).exits(0).value();
    assert!(
        again["findings"][0].get("baseline").is_none() && again["summary"].get("known").is_none()
    );
}

#[test]
fn a_baseline_is_made_for_a_reason_and_of_everything() {
    let place = Place::new();
    place.outcrop(&["baseline", "--demo"]).exits(2).says("--reason");
    place.outcrop(&["baseline", "--demo", "--reason", " "]).exits(2).says("say why");
    let because = ["--reason", "x", "-o", "accepted.json"];
    let keep = |more: &[&str]| place.outcrop(&[&["baseline"], more, &because[..]].concat());
    keep(&["nowhere.json"]).exits(2).says("cannot read nowhere.json");
    keep(&["run.json", "--demo"]).exits(2).says("cannot be used with");
    keep(&["--demo", "--rule", "s3-bucket-pubic"]).exits(2).says("s3-bucket-public");
    let part = ["scan", "--demo", "-f", "json", "-o", "part.json"];
    place.outcrop(&[&part[..], &["--min-severity", "high"]].concat()).exits(1);
    keep(&["part.json"]).exits(2).says("counts 2 findings that it does not list");
    assert!(!place.path("accepted.json").exists(), "nothing is written");
    // What was not seen is not accepted with the rest.
    place.file("dump.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    keep(&["--from", "dump.json"]).exits(3).says("what they hide is not in the baseline");
    assert!(place.path("accepted.json").exists());
    // The file's settings hold for it as for the scan.
    place.file("outcrop.toml", "[[ignore]]\nrule = 'ec2'\nreason = 'elsewhere'\n");
    keep(&["--demo"]).exits(0);
    let text = fs::read_to_string(place.path("accepted.json")).expect("the file");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    assert!(kept["summary"]["suppressed"].as_u64().is_some_and(|n| n > 0), "{}", kept["summary"]);
}

#[test]
fn the_commands_of_the_readme_for_ci_do_what_it_says() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let section = readme.split("## In CI\n").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    let commands: Vec<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("- run: ").or(line.strip_prefix("$ ")))
        .map(|command| command.replace("outcrop scan", "outcrop scan --demo"))
        .map(|command| command.replace("outcrop baseline", "outcrop baseline --demo"))
        .collect();
    let [keep, scan] = commands.as_slice() else { panic!("{commands:?}") };
    let place = Place::new();
    let program = Path::new(env!("CARGO_BIN_EXE_outcrop")).parent().expect("a folder");
    let run = |command: &str| {
        let output = Command::new("/bin/sh")
            .args(["-euc", command])
            .env_clear()
            .env("PATH", program)
            .current_dir(place.path(""))
            .output()
            .expect("it runs");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let (code, stderr) = run(keep);
    assert_eq!(code, Some(0), "{keep}: {stderr}");
    let (code, stderr) = run(scan);
    assert_eq!(code, Some(0), "{scan}: {stderr}");
    assert!(stderr.contains("; 0 new, 13 known; complete"), "the log says it: {stderr}");
    // And one that is not in it fails the build.
    let kept = fs::read_to_string(place.path("accepted.json")).expect("the baseline");
    let mut kept: Value = serde_json::from_str(&kept).expect("JSON");
    kept["findings"].as_array_mut().expect("findings").remove(0);
    place.json("accepted.json", &kept);
    let (code, stderr) = run(scan);
    assert_eq!(code, Some(1), "{scan}: {stderr}");
    assert!(stderr.contains("New: 1 finding\n"), "{stderr}");
}
