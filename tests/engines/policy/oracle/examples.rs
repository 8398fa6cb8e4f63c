//! Every public or conditional grant shows one request; the plain reading has to allow it.

use serde_json::Value;

use super::evaluate::{self, Form, Keys, Outcome, Request};
use super::{Case, case_number, number};
use outcrop::analysis::aws::policy::Json;
use outcrop::analysis::aws::policy::{Context, Example, Subject, Verdict, judge_json};

/// The example as a request.
fn request(example: &Example) -> Request {
    let caller = example.caller.as_str();
    let last = |text: &str| text.rsplit(' ').next().unwrap().to_owned();
    let (form, account) = if caller == "an unsigned request" {
        (Form::Unsigned, "anonymous".to_owned())
    } else if let Some(provider) = caller.strip_prefix("an identity of ") {
        (Form::Federated(provider.to_owned()), String::new())
    } else if caller.contains("AWS account, such as") || caller.starts_with("account ") {
        (Form::Signed, last(caller))
    } else {
        let name = caller.split([' ', ',']).next().unwrap();
        (Form::Service(name.to_owned()), "000000000001".to_owned())
    };
    let mut keys = Keys::new();
    for (key, values) in example.keys.iter().filter(|(_, values)| !values.is_empty()) {
        let values = match key.as_str() {
            "aws:currenttime" => {
                let seconds: f64 = values[0].parse().unwrap();
                let milliseconds = jiff::SignedDuration::from_secs_f64(seconds).as_millis();
                let milliseconds = i64::try_from(milliseconds).unwrap();
                vec![jiff::Timestamp::from_millisecond(milliseconds).unwrap().to_string()]
            }
            _ => values.clone(),
        };
        if key == "aws:resourceaccount" {
            keys.insert("s3:resourceaccount".to_owned(), values.clone());
        }
        keys.insert(key.clone(), values);
    }
    Request { form, account, canonical: None, session: None, keys }
}

/// Why the example is no proof.
fn doubt(policy: &Value, kind: &str, verdict: Verdict, example: &Example) -> Option<&'static str> {
    let request = request(example);
    let modern = policy["Version"] == "2012-10-17";
    let resource_optional = ["aws.iam.role", "aws.ecr.repository"].contains(&kind);
    let outcome = |statement: &Value| {
        let reached = evaluate::what(statement, &example.action)
            && evaluate::on(statement, &example.resource, &request, modern)
            && !evaluate::has_no_effect(statement);
        match reached {
            false => Outcome::No,
            true if !evaluate::is_for(statement, &request) => Outcome::No,
            true if evaluate::is_unreadable(statement, resource_optional) => Outcome::Malformed,
            true => evaluate::who_and_when(statement, &request, modern),
        }
    };
    let statements = match &policy["Statement"] {
        Value::Array(statements) => &statements[..],
        one => std::slice::from_ref(one),
    };
    let (denies, allows): (Vec<_>, Vec<_>) =
        statements.iter().partition(|statement| statement["Effect"] == "Deny");
    let allowed: Vec<Outcome> = allows.into_iter().map(outcome).collect();
    let denied: Vec<Outcome> = denies.into_iter().map(outcome).collect();
    let public = verdict == Verdict::Public;
    let perhaps = [Outcome::Maybe, Outcome::Malformed];
    match () {
        () if denied.contains(&Outcome::Yes) => Some("a Deny matches"),
        () if public && !allowed.contains(&Outcome::Yes) => Some("no Allow matches"),
        () if public && denied.iter().any(|one| perhaps.contains(one)) => Some("a Deny may match"),
        () if !allowed.iter().any(|one| *one == Outcome::Yes || *one == Outcome::Maybe) => {
            Some("no Allow may match")
        }
        () => None,
    }
}

#[test]
fn every_example_of_a_public_grant_is_allowed() {
    let cases = number("OUTCROP_ORACLE_CASES", 2_000);
    let seed = number("OUTCROP_ORACLE_SEED", 1);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for number in 0..cases {
        let case = Case::of(case_number(seed, number));
        let ruling = case.ruling(&case.policy.to_string());
        for grant in ruling.grants.iter().filter(|grant| grant.verdict <= Verdict::Conditional) {
            seen += 1;
            if let Some(why) = doubt(&case.policy, case.subject.kind, grant.verdict, &grant.example)
            {
                let example = format!("{:?}", grant.example);
                wrong.push(format!("case {number}: {why}\n {}\n {example}", case.policy));
            }
        }
    }
    assert!(seen > usize::try_from(cases).unwrap() / 10, "{seen} examples");
    wrong.truncate(5);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_example_in_the_vectors_is_allowed() {
    let folder = format!("{}/fixtures/policy-vectors", env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the vectors are in the tree") {
        let path = file.expect("an entry of the folder").path();
        let text = std::fs::read_to_string(path).expect("vectors are text");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("vectors are a list");
        for case in cases.iter().filter(|case| case["policy"].is_object()) {
            let Some(kind) = case["resource_type"].as_str() else { continue };
            let text = |field: &str| case[field].as_str().expect("every vector names its resource");
            let mut context: Context =
                serde_json::from_value(case["context"].clone()).unwrap_or_default();
            context.now = context.now.or_else(|| "2026-01-01T00:00:00Z".parse().ok());
            let (arn, owner_account) = (text("resource_arn"), text("owner_account"));
            let subject = Subject { kind, arn, owner_account, context: &context };
            let policy = Json::parse(&case["policy"].to_string()).expect("written as JSON");
            let ruling = judge_json(&policy, &subject).ruling;
            for grant in ruling.grants.iter().filter(|one| one.verdict <= Verdict::Conditional) {
                seen += 1;
                if let Some(why) = doubt(&case["policy"], kind, grant.verdict, &grant.example) {
                    wrong.push(format!("{}: {why}\n {:?}", case["name"], grant.example));
                }
            }
        }
    }
    assert!(seen > 80, "{seen} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
