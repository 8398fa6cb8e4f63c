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

#[test]
fn junit_fails_what_fails_the_run_and_passes_only_what_was_judged() {
    let place = Place::new();
    place.file("unread.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    let count = |args: &[&str], code| {
        let xml = place.outcrop(&[&["scan", "-f", "junit"], args].concat()).exits(code).stdout;
        let document = roxmltree::Document::parse(&xml).expect("XML");
        let all = |name: &str| document.descendants().filter(|n| n.has_tag_name(name)).count();
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let passed = cases.filter(|case| !case.has_children()).count();
        (all("failure"), all("error"), all("skipped"), passed)
    };
    let report = place.outcrop(&["scan", "--demo", "-f", "json"]).exits(1).value();
    let findings = report["findings"].as_array().expect("findings");
    let of = |severities: &[&str]| {
        let counts = |f: &&serde_json::Value| {
            f["status"] == "exposed" && severities.iter().any(|s| f["severity"] == *s)
        };
        findings.iter().filter(counts).count()
    };
    let (failures, errors, skipped, passed) = count(&["--demo"], 1);
    assert_eq!((failures, errors), (of(&["critical", "high", "medium"]), 0));
    assert_eq!(skipped, findings.len() - failures, "what fails nothing is told with its reason");
    assert!(passed > 0);
    let worst = count(&["--demo", "--fail-on", "critical"], 1);
    assert_eq!((worst.0, worst.3), (of(&["critical"]), passed));
    assert_eq!(count(&["--demo", "--fail-on", "none"], 0).0, 0);
    // What is not shown has not passed.
    let shown = count(&["--demo", "--min-severity", "critical"], 1);
    assert_eq!((shown.0, shown.3), (of(&["critical"]), passed));
    // Nothing was judged, so nothing passes.
    let unread = ["--from", "unread.json", "--rule", "s3-bucket-public"];
    assert_eq!(count(&unread, 3), (0, 1, 0, 0));
    assert_eq!(count(&[&unread[..], &["--incomplete", "warn"]].concat(), 0), (0, 0, 1, 0));
    place.file("outcrop.toml", "[[ignore]]\nresource = '*'\nreason = 'a playground'\n");
    let ignored = count(&["--demo"], 0);
    assert!(ignored.0 == 0 && ignored.3 <= passed, "{ignored:?}");
}
