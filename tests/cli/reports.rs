//! Reports with the real binary: where they go, how files appear, and the one exit code of all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::triage::{Place, saved};

pub const FORMATS: [&str; 13] = [
    "text", "table", "json", "jsonl", "sarif", "github", "markdown", "junit", "gitlab", "csv",
    "html", "asff", "ocsf",
];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn every_format_has_the_same_exit_code() {
    let place = Place::new();
    let dump = r#"{"account": "111111111111", "region": "us-east-1"}"#;
    place.file("dump.json", dump);
    for format in FORMATS {
        for (args, code) in [
            (["--demo"].as_slice(), 1),
            (&["--demo", "--fail-on", "none"], 0),
            (&["--demo", "--exit-zero"], 0),
            (&["--demo", "--fail-status", "weakness"], 0),
            (&["--demo", "--fail-status", "latent", "--latent"], 1),
            (&["--from", "dump.json"], 3),
            (&["--from", "dump.json", "--incomplete", "warn"], 0),
            (&["--from", "nowhere.json"], 2),
        ] {
            let ran = place.outcrop(&[&["scan", "-f", format], args].concat()).exits(code);
            assert_eq!(ran.stdout.is_empty(), code == 2, "{format} {args:?}");
        }
    }
}

#[test]
fn one_scan_writes_as_many_reports_as_are_asked_for() {
    let place = Place::new();
    let reports: Vec<String> =
        FORMATS.iter().flat_map(|f| ["--report".to_owned(), format!("{f}=report.{f}")]).collect();
    let mut args = vec!["scan", "--demo", "-f", "table"];
    args.extend(reports.iter().map(String::as_str));
    let table = place.outcrop(&args).exits(1).stdout;
    assert_eq!(fs::read_to_string(place.path("report.table")).expect("the file"), table);
    for format in FORMATS {
        let path = place.path(&format!("report.{format}"));
        assert_eq!(mode(&path), 0o600, "{format}");
        // What is converted later is what the scan wrote.
        let later = place.outcrop(&["convert", "report.json", "-f", format]).exits(0).stdout;
        assert_eq!(fs::read_to_string(path).expect("the file"), later, "{format}");
    }
    for wrong in ["json", "jsn=x", "json=", "=x"] {
        place.outcrop(&["scan", "--demo", "--report", wrong]).exits(2).says("--report");
    }
}

#[test]
fn a_report_appears_whole_for_its_owner_or_not_at_all() {
    let place = Place::new();
    let path = place.file("report.json", "from before");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    // What cannot be scanned leaves what was there.
    place.outcrop(&["scan", "--from", "nowhere.json", "-f", "json", "-o", "report.json"]).exits(2);
    assert_eq!(fs::read_to_string(&path).expect("the file"), "from before");
    // A reader that has the old file open keeps it: the new one is another.
    let mut old = fs::File::open(&path).expect("the old file");
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "report.json"]).exits(1);
    assert_eq!(mode(&path), 0o600, "also where others could read before");
    assert_eq!(std::io::read_to_string(&mut old).expect("the old text"), "from before");
    let run: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).expect("the file")).expect("whole");
    assert_eq!(run["tool"]["name"], "outcrop");
    // Nothing else is left beside it.
    let names: Vec<_> = fs::read_dir(path.parent().expect("a folder"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["report.json"]);
    let ran = place.outcrop(&["scan", "--demo", "-o", "none/report.json"]).exits(2);
    ran.says("the folder none does not exist; create it first");
    place.outcrop(&["scan", "--demo", "--report", "csv=none/x.csv"]).exits(2).says("none/x.csv");
}

#[test]
fn what_is_accepted_in_a_baseline_fails_nothing_until_it_gets_worse() {
    let place = Place::new();
    place.outcrop(&["scan", "--demo", "-f", "json", "-o", "accepted.json"]).exits(1);
    let with = ["scan", "--demo", "--baseline", "accepted.json"];
    for format in FORMATS {
        let ran = place.outcrop(&[&with[..], &["-f", format]].concat()).exits(0);
        assert!(!ran.stdout.is_empty(), "{format}: what is accepted is still told");
    }
    let text = fs::read_to_string(place.path("accepted.json")).expect("the run");
    let mut run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    // The worst was less bad then.
    run["findings"][0]["severity"] = "low".into();
    place.json("accepted.json", &run);
    place.outcrop(&with).exits(1);
    // And a run of another tool's form is no baseline.
    place.json("accepted.json", &saved()["findings"]);
    place.outcrop(&with).exits(2).says("the baseline");
}
