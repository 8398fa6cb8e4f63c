//! Reports read by programs that are not ours: Security Hub's request model, Python's readers of
//! CSV and XML.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::python::{environment, support};
use crate::triage::{Place, hostile, saved};

/// What the consumer of `format` sees in the report of a run.
fn read(place: &Place, run: &Value, format: &str) -> Vec<String> {
    place.json("run.json", run);
    place.outcrop(&["convert", "run.json", "-f", format, "-o", "report"]).exits(0);
    let output = Command::new(environment())
        .arg(support("consumers.py"))
        .arg(format)
        .arg(place.path("report"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", Path::new("/dev/null"))
        .output()
        .expect("Python runs");
    let refused = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{format} is refused:\n{refused}");
    serde_json::from_slice(&output.stdout).expect("a list")
}

/// A run with `n` findings.
fn many(n: usize) -> Value {
    let mut run = saved();
    let first = run["findings"][0].clone();
    let copy = |n: usize| {
        let mut finding = first.clone();
        finding["fingerprint"] = json!(format!("{n:032x}"));
        finding["resource"]["arn"] = json!(format!("arn:aws:ec2:us-east-1:1:instance/i-{n}"));
        finding
    };
    run["findings"] = (0..n).map(copy).collect();
    run
}

fn all(run: &Value, of: fn(&Value) -> String) -> Vec<String> {
    run["findings"].as_array().expect("findings").iter().map(of).collect()
}

#[test]
fn security_hub_takes_the_batches_whatever_is_in_them() {
    let place = Place::new();
    for run in [saved(), many(230), hostile()] {
        let mut sent = read(&place, &run, "asff");
        let id = |f: &Value| format!("outcrop/{}", f["fingerprint"].as_str().expect("text"));
        let mut wanted = all(&run, id);
        sent.sort();
        wanted.sort();
        assert_eq!(sent, wanted);
    }
}

#[test]
fn spreadsheets_see_every_finding_and_no_formula() {
    let place = Place::new();
    for run in [saved(), hostile()] {
        let print = |f: &Value| f["fingerprint"].as_str().expect("text").to_owned();
        assert_eq!(read(&place, &run, "csv"), all(&run, print));
    }
}

#[test]
fn expat_sees_a_test_for_every_finding() {
    let place = Place::new();
    for run in [saved(), hostile()] {
        let tests = read(&place, &run, "junit");
        assert!(tests.len() >= all(&run, |_| String::new()).len(), "{tests:?}");
    }
}
