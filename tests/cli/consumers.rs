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
    consume(format, &place.path("report"))
}

fn consume(format: &str, file: &Path) -> Vec<String> {
    let output = Command::new(environment())
        .arg(support("consumers.py"))
        .arg(format)
        .arg(file)
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
        // What was not seen is sent beside the findings.
        let all = sent.len();
        sent.retain(|id| !id.starts_with("outcrop/not-seen/"));
        assert!(sent.len() < all, "the runs have gaps");
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

#[test]
fn the_workflows_in_the_documentation_are_yaml_with_steps() {
    let place = Place::new();
    let workflows = crate::scheduled::blocks("yaml");
    assert_eq!(workflows.len(), 1);
    for workflow in &workflows {
        let steps = consume("workflow", &place.file("workflow.yml", workflow));
        assert!(steps.iter().any(|step| step == "Scan and compare"), "{steps:?}");
    }
}

/// What a terminal gets to see of a command.
fn in_a_terminal(place: &Place, args: &[&str], variables: &[(&str, &str)]) -> String {
    let spawn = "import pty, sys; pty.spawn(sys.argv[1:])";
    let output = Command::new(environment())
        .args(["-c", spawn, env!("CARGO_BIN_EXE_outcrop")])
        .args(args)
        .env_clear()
        .env("HOME", place.path(""))
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().copied())
        .current_dir(place.path(""))
        .output()
        .expect("Python runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_terminal_gets_colours_and_links_where_it_takes_them() {
    let place = Place::new();
    let demo = ["scan", "--demo"];
    let (colour, link) = ("\u{1b}[1m", "\u{1b}]8;;https://console.aws.amazon.com/");
    for (environment, colours, links) in [
        ([].as_slice(), true, false),
        (&[("VTE_VERSION", "7000")], true, true),
        (&[("VTE_VERSION", "4000")], true, false),
        (&[("TERM_PROGRAM", "WezTerm")], true, true),
        (&[("TERM_PROGRAM", "WezTerm"), ("CI", "true")], true, false),
        (&[("TERM", "dumb"), ("VTE_VERSION", "7000")], false, false),
        (&[("NO_COLOR", "1")], false, false),
        (&[("FORCE_COLOR", "0")], false, false),
    ] {
        let text = in_a_terminal(&place, &demo, environment);
        assert!(text.contains("messages-mongo"), "{text}");
        assert_eq!(text.contains(colour), colours, "{environment:?}: {text}");
        assert_eq!(text.contains(link), links, "{environment:?}: {text}");
    }
    let table = in_a_terminal(&place, &["scan", "--demo", "-f", "table"], &[]);
    assert!(table.contains('│'), "lines are drawn where UTF-8 is spoken: {table}");
    let table = in_a_terminal(&place, &["scan", "--demo", "-f", "table"], &[("LC_ALL", "C")]);
    assert!(!table.contains('│'), "{table}");
}
