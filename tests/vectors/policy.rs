//! The policy vectors: the answer of `outcrop policy --jsonl` against what each expects.

use libtest_mimic::{Failed, Trial};
use outcrop::cli::policy::cases;
use serde_json::Value;

/// Fields of the answer that are not what the vector expects.
fn check(vector: &Value) -> Result<(), Failed> {
    let answer = cases::answer(&vector.to_string(), "2026-01-01T00:00:00Z".parse().unwrap());
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

/// One trial for each case of each file.
pub(super) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (_, file) in super::files("policy-vectors") {
        for vector in serde_json::from_value::<Vec<Value>>(file).unwrap() {
            let name = format!("policy/{}", vector["name"].as_str().unwrap());
            trials.push(Trial::test(name, move || check(&vector)));
        }
    }
    super::counted(trials, 192)
}
