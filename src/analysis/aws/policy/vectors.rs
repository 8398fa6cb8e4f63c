//! The vectors: every case under `fixtures/policy-vectors`, one test a file.

#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::cases;

fn disagreements(file: &str) -> Vec<String> {
    let path = format!("{}/fixtures/policy-vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut found = Vec::new();
    for case in &cases {
        let answer = cases::answer(&case.to_string(), now);
        let expected = case["expect"].as_object().unwrap();
        for (field, wanted) in expected {
            let field_of_answer =
                if field == "aws_public_by_text" { "aws_public" } else { field.as_str() };
            if field == "cross_account" && expected.get("public") == Some(&Value::Bool(true)) {
                continue;
            }
            let given = &answer[field_of_answer];
            if given != wanted {
                found.push(format!("{}: {field}: expected {wanted}, got {given}", case["name"]));
            }
        }
    }
    found
}

macro_rules! files {
    ($($name:ident = $file:literal),* $(,)?) => {$(
        #[test]
        fn $name() {
            let found = disagreements($file);
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
    )*};
}

files! {
    access_point_policies = "accesspoint",
    actions = "action",
    values_that_callers_choose = "caller-chosen",
    conditions = "condition",
    denies = "deny",
    interplay = "interplay",
    addresses = "ip",
    malformed_policies = "malformed",
    networks = "network",
    principals = "principal",
    resources = "resource",
    role_trust = "role",
    services = "service",
    sources = "source",
    user_ids = "userid",
    whole_buckets = "s3-effective",
}
