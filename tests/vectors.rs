//! The policy vectors: every case under `fixtures/policy-vectors`, one test for each, by its name.
//! `cargo test --no-default-features --test vectors NAME` runs those whose name contains `NAME`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use outcrop::cli::policy_cases;
use serde_json::Value;

/// Fields of the answer that are not what the vector expects.
fn check(vector: &Value) -> Result<(), Failed> {
    let answer = policy_cases::answer(&vector.to_string(), "2026-01-01T00:00:00Z".parse().unwrap());
    let expected = vector["expect"].as_object().unwrap();
    let mut wrong = Vec::new();
    for (field, wanted) in expected {
        // What AWS's wording says; its live answer is not in the vectors.
        let given = &answer[if field == "aws_public_by_text" { "aws_public" } else { field }];
        if field == "cross_account" && expected.get("public") == Some(&Value::Bool(true)) {
            continue;
        }
        if given != wanted {
            wrong.push(format!("{field}: expected {wanted}, got {given}"));
        }
    }
    if expected.is_empty() || !wrong.is_empty() {
        return Err(format!("{}\n{vector}", wrong.join("\n")).into());
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policy-vectors");
    let mut names = BTreeSet::new();
    let mut trials = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for vector in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let name = vector["name"].as_str().unwrap().to_owned();
            assert!(names.insert(name.clone()), "two vectors are called {name}");
            trials.push(Trial::test(name, move || check(&vector)));
        }
    }
    trials.sort_by(|one, other| one.name().cmp(other.name()));
    assert!(trials.len() >= 192, "{} vectors", trials.len());
    libtest_mimic::run(&arguments, trials).exit_code()
}
