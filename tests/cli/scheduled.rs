//! The script for schedules, as the documentation prints it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::triage::Place;

/// The blocks of a language in the documentation.
pub fn blocks(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/docs/scheduled.md");
    let page = fs::read_to_string(page).expect("the page");
    let mark = format!("```{language}\n");
    let starts = page.split(&mark).skip(1);
    starts.map(|start| start.split("```").next().expect("its end").to_owned()).collect()
}

/// The first of them.
fn block(language: &str) -> String {
    blocks(language).swap_remove(0)
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
    assert!(first.contains("CRITICAL (7)"), "{first}");
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

/// The step of the workflow that scans and compares, run as GitHub's runner runs it.
fn step(place: &Place, scan: &str) -> (Option<i32>, String) {
    let workflow = block("yaml");
    let start = workflow.split("- name: Scan and compare").nth(1).expect("the step");
    let start = start.split("run: |\n").nth(1).expect("its script");
    let indented = start.lines().take_while(|line| line.starts_with("          "));
    let script: String = indented.map(|line| format!("{}\n", line.trim_start())).collect();
    let script = place.file("step.sh", &script);
    // A scan of an account is one of what `scan` says instead.
    let real = env!("CARGO_BIN_EXE_outcrop");
    let shim = format!(
        "#!/bin/sh\nif [ \"$1\" = scan ]; then shift; set -- scan {scan} \"$@\"; fi\nexec {real} \"$@\"\n"
    );
    let shim = place.file("bin/outcrop", &shim);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&shim, executable).expect("a mode");
    let folder = shim.parent().expect("a folder");
    let path = std::env::join_paths([folder, Path::new("/usr/bin"), Path::new("/bin")]);
    let status = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(script)
        .env_clear()
        .env("PATH", path.expect("a search path"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", place.path("summary.md"))
        .current_dir(place.path(""))
        .status()
        .expect("it runs");
    let summary = fs::read_to_string(place.path("summary.md")).unwrap_or_default();
    let _ = fs::remove_file(place.path("summary.md"));
    (status.code(), summary)
}

#[test]
fn the_workflow_tells_everything_once_then_what_is_new_and_keeps_no_run_with_gaps() {
    let place = Place::new();
    let dump = place.file("dump.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    let gaps = format!("--from {}", dump.display());
    let (code, summary) = step(&place, &gaps);
    assert_eq!(code, Some(3), "{summary}");
    assert!(summary.contains("INCOMPLETE"), "{summary}");
    assert!(!place.path("last.json").exists(), "a run with gaps is no measure");
    let (code, summary) = step(&place, "--demo");
    assert_eq!(code, Some(0), "{summary}");
    assert!(summary.contains("messages-mongo"), "{summary}");
    assert!(place.path("last.json").exists());
    let (code, summary) = step(&place, "--demo");
    assert_eq!((code, summary.contains("0 new")), (Some(0), true), "{summary}");
    // Nothing was open the last time.
    let last = fs::read_to_string(place.path("last.json")).expect("kept");
    let mut run: Value = serde_json::from_str(&last).expect("JSON");
    run["findings"] = json!([]);
    run["summary"]["exposed"] = json!({ "critical": 0, "high": 0, "medium": 0, "low": 0 });
    fs::write(place.path("last.json"), run.to_string()).expect("written");
    let (code, summary) = step(&place, "--demo");
    assert_eq!(code, Some(1), "{summary}");
    assert!(summary.contains("## New: ") && summary.contains("messages-mongo"), "{summary}");
    assert_eq!(step(&place, "--from nowhere.json").0, Some(2));
}

#[test]
fn the_units_are_of_sections_and_settings_that_systemd_knows() {
    let units = blocks("ini");
    assert_eq!(units.len(), 2);
    for unit in &units {
        let lines = unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let section = ["[Unit]", "[Service]", "[Timer]", "[Install]"].contains(&line);
            let setting = line.split_once('=').is_some_and(|(name, value)| {
                name.chars().all(char::is_alphanumeric) && !value.is_empty()
            });
            assert!(section || setting, "{line}");
        }
    }
    // Where systemd is, it is asked.
    let place = Place::new();
    let program = place.file("outcrop-drift", &block("sh"));
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, executable).expect("a mode");
    let service = units[0].replace("/usr/local/bin/outcrop-drift", &program.to_string_lossy());
    let names = [place.file("outcrop.service", &service), place.file("outcrop.timer", &units[1])];
    let asked = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(names).output();
    if let Ok(answer) = asked {
        let said = String::from_utf8_lossy(&answer.stderr);
        let ours: Vec<_> = said.lines().filter(|line| line.contains("outcrop")).collect();
        assert_eq!(ours, Vec::<&str>::new());
    }
}
