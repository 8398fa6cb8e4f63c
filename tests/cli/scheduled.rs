//! The script for schedules, as the documentation prints it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::triage::Place;

/// The first block of a language in the documentation.
fn block(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/docs/scheduled.md");
    let page = fs::read_to_string(page).expect("the page");
    let start = page.split(&format!("```{language}\n")).nth(1).expect("the block");
    start.split("```").next().expect("its end").to_owned()
}

/// Runs the script with what is kept in `place`.
fn drift(place: &Place, args: &[&str]) -> (Option<i32>, String) {
    let script = place.file("outcrop-drift", &block("sh"));
    let program = Path::new(env!("CARGO_BIN_EXE_outcrop")).parent().expect("a folder");
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]);
    let output = Command::new("/bin/sh")
        .arg(script)
        .args(args)
        .env_clear()
        .env("PATH", path.expect("a search path"))
        .env("STATE_DIRECTORY", place.path(""))
        .output()
        .expect("it runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn the_first_run_shows_everything_and_the_next_only_what_is_new() {
    let place = Place::new();
    let (code, first) = drift(&place, &["--demo"]);
    assert_eq!(code, Some(0), "{first}");
    assert!(first.contains("EXPOSED"), "{first}");
    let (code, second) = drift(&place, &["--demo"]);
    assert_eq!(code, Some(0), "{second}");
    assert!(second.contains("Nothing changed"), "{second}");
    // One finding was not there the last time.
    let last = place.path("last.json");
    let mut run: Value =
        serde_json::from_str(&fs::read_to_string(&last).expect("kept")).expect("JSON");
    let findings = run["findings"].as_array_mut().expect("findings");
    let gone = findings.remove(0);
    let severity = gone["severity"].as_str().expect("a severity").to_owned();
    let n = run["summary"]["exposed"][&severity].as_u64().expect("a count");
    run["summary"]["exposed"][&severity] = json!(n - 1);
    fs::write(&last, run.to_string()).expect("written");
    let (code, third) = drift(&place, &["--demo"]);
    assert_eq!(code, Some(1), "{third}");
    assert!(third.contains("New: 1 finding"), "{third}");
    assert_eq!(drift(&place, &["--demo"]).0, Some(0), "told once");
}

#[test]
fn a_run_with_gaps_or_none_at_all_replaces_nothing() {
    let place = Place::new();
    assert_eq!(drift(&place, &["--demo"]).0, Some(0));
    let kept = fs::read_to_string(place.path("last.json")).expect("kept");
    let dump = place.file("dump.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    let dump = dump.to_str().expect("UTF-8");
    assert_eq!(drift(&place, &["--from", dump]).0, Some(3));
    assert_eq!(drift(&place, &["--from", "nowhere.json"]).0, Some(2));
    assert_eq!(fs::read_to_string(place.path("last.json")).expect("kept"), kept);
}
