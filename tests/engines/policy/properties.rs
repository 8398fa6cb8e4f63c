//! What holds for every policy: order does not matter, nothing panics, nothing runs away, and
//! every example is allowed.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::oracle::Case;
use outcrop::analysis::aws::policy::{CASES, PARTS, PLAIN, STATES};
use outcrop::analysis::aws::policy::{Context, Ruling, Subject, Verdict, judge};

fn context() -> Context {
    Context { now: Some("2026-01-01T00:00:00Z".parse().unwrap()), ..Context::default() }
}

fn ruled(text: &str, kind: &str, arn: &str) -> Ruling {
    let context = context();
    judge(text, &Subject { kind, arn, owner_account: "111122223333", context: &context })
}

fn bucket(text: &str) -> Ruling {
    ruled(text, "aws.s3.bucket", "arn:aws:s3:::acme-data")
}

/// Everything that must not depend on order: all but the labels of statements.
fn gist(ruling: &Ruling) -> Value {
    let grants: std::collections::BTreeSet<String> = ruling
        .grants
        .iter()
        .map(|grant| format!("{:?} {:?} {:?}", grant.verdict, grant.who, grant.access))
        .collect();
    json!([
        ruling.verdict,
        ruling.access(),
        ruling.cross_account(),
        ruling.services(),
        ruling.confused_deputies(),
        ruling.aws_public,
        grants
    ])
}

/// The same policy with every list turned around and every object written backwards.
fn reversed(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().rev().map(reversed).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{}:{}", json!(name), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    // `PROPTEST_CASES` asks for more than the default.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_never_changes_the_answer(seed in any::<u64>()) {
        let case = Case::of(seed);
        let forwards = case.ruling(&case.policy.to_string());
        let backwards = case.ruling(&reversed(&case.policy));
        prop_assert_eq!(gist(&forwards), gist(&backwards), "{}", case.policy);
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,200}") {
        bucket(&text);
    }

    #[test]
    fn any_bytes_of_a_policy_have_an_answer(seed in any::<u64>(), at in any::<usize>(), byte in 0_u8..128) {
        let case = Case::of(seed);
        let mut text = case.policy.to_string().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        case.ruling(&String::from_utf8_lossy(&text));
    }

    #[test]
    fn evil_patterns_have_an_answer(
        resource in "[*?a:/${}.]{0,60}",
        action in "[*?s3:Get]{0,20}",
        value in "[*?a:/${}.,' ]{0,40}",
        key in "(aws:(PrincipalArn|SourceArn|userid|PrincipalOrgPaths|SourceIp|username)|s3:prefix|x:y|sns:Endpoint)",
        operator in "(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals|Like)|Arn(Not)?Like|Null|DateLessThan|NumericEquals)(IfExists)?",
    ) {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": [resource, "*"],
             "Condition": {&operator: {&key: [value, "x*"]}}},
            {"Effect": "Deny", "Principal": "*", "Action": "*", "NotResource": resource,
             "Condition": {operator: {key: value}}}]});
        bucket(&policy.to_string());
    }
}

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*"}]}"#;

#[test]
fn writings_of_one_policy_are_one_policy() {
    let encoded: String = OPEN.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for text in [OPEN.to_owned(), format!("\u{feff}{OPEN}"), format!(" \n{OPEN}\n"), encoded] {
        assert_eq!(bucket(&text).verdict, Verdict::Public, "{text}");
    }
}

/// A policy that uses every letter leaves none for the names of strangers, who have one still.
#[test]
fn strangers_have_names_whatever_the_policy_spells() {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::acme-data/*",
         "Condition": {"StringLike": {"aws:username": "svc-?"},
                       "StringNotEquals": {"aws:Referer": "abcdefghijklmnopqrstuvwxyz0123456789"}}}]});
    assert_eq!(bucket(&text.to_string()).verdict, Verdict::Public);
}

/// What a variable is compared with is not always a value that it can have.
#[test]
fn no_name_is_an_arn() {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::acme-data/*",
         "Condition": {"StringEquals": {"aws:PrincipalArn": "${aws:username}"}}}]});
    assert_eq!(bucket(&text.to_string()).verdict, Verdict::Private);
}

#[test]
fn what_cannot_be_read_is_never_private() {
    let deep = "[".repeat(100_000);
    let twice = OPEN.replace("\"Action\"", "\"Action\":\"s3:Nothing\",\"Action\"");
    let large = format!("{OPEN}{}", " ".repeat(2 << 20));
    for text in ["", "null", "[]", "{", "%zz", "{}", deep.as_str(), twice.as_str(), large.as_str()]
    {
        let ruling = bucket(text);
        let shown = text.get(..40).unwrap_or(text);
        assert_eq!(ruling.verdict, Verdict::Error, "{shown}");
    }
}

fn allow(resource: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resource, "Condition": condition})
}

/// Large and hostile documents, by name.
fn hostile() -> Vec<(&'static str, String)> {
    let numbers = |count: usize, shape: &dyn Fn(usize) -> String| -> Vec<String> {
        (0..count).map(shape).collect()
    };
    let document = |statements: Vec<Value>| {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    };
    let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition});
    let arn = "arn:aws:s3:::acme-data";
    let mut all = vec![
        (
            "4,000 stars",
            document(vec![allow(json!(format!("{arn}/{}", "*a".repeat(4_000))), json!({}))]),
        ),
        (
            "stars against stars",
            document(vec![
                allow(json!(format!("{arn}/{}", "*a".repeat(2_000))), json!({})),
                json!({"Effect": "Deny", "Principal": "*", "Action": "*", "NotResource": format!("{arn}/{}b", "a*".repeat(2_000))}),
            ]),
        ),
        (
            "stars in a condition",
            document(vec![allow(
                json!("*"),
                json!({"StringLike": {"aws:Referer": "*a".repeat(4_000), "aws:PrincipalArn": "*a".repeat(2_000)}}),
            )]),
        ),
        (
            "700 resources",
            document(vec![allow(json!(numbers(700, &|n| format!("{arn}/{n}*"))), json!({}))]),
        ),
        (
            "1,000 ranges",
            document(vec![allow(
                json!("*"),
                json!({"IpAddress": {"aws:SourceIp": numbers(1_000, &|n| format!("{}.{}.0.0/24", 11 + n % 80, n / 80))}}),
            )]),
        ),
        (
            "1,000 accounts",
            document(vec![
                json!({"Effect": "Allow", "Principal": {"AWS": numbers(1_000, &|n| format!("{:012}", 222_200_000_000_u64 + n as u64))}, "Action": "s3:*", "Resource": "*"}),
            ]),
        ),
        (
            "deep variables",
            document(vec![allow(
                json!(format!(
                    "{arn}/${{aws:username}}/${{aws:PrincipalTag/a}}/${{aws:PrincipalTag/b}}/${{aws:PrincipalTag/c}}/*"
                )),
                json!({"StringEquals": {"aws:username": "${aws:PrincipalTag/a}"}}),
            )]),
        ),
        (
            "a puzzle for the solver",
            document(
                std::iter::once(allow(json!("*"), json!({})))
                    .chain((0..120).map(|n| {
                        deny(json!({"StringEquals": {
                            format!("s3:k{}", n % 17): format!("{}", n % 3),
                            format!("s3:k{}", n * 7 % 17): format!("{}", n % 2),
                            format!("s3:k{}", n * 11 % 17): format!("{}", n % 5)}}))
                    }))
                    .collect(),
            ),
        ),
        (
            "60 patterns of one key",
            document(vec![
                allow(
                    json!("*"),
                    json!({"StringLike": {"aws:PrincipalArn": numbers(60, &|n| format!("arn:aws:iam::*:role/*{n}*"))}}),
                ),
                deny(
                    json!({"StringNotLike": {"aws:PrincipalArn": numbers(60, &|n| format!("*{n}?*x"))}}),
                ),
            ]),
        ),
    ];
    let accounts: Vec<Value> = (0..2_000)
        .map(|n| {
            json!({"Sid": format!("s{n}"), "Effect": if n % 3 == 0 { "Deny" } else { "Allow" },
                   "Principal": {"AWS": format!("{:012}", 222_200_000_000_u64 + n)},
                   "Action": "s3:GetObject", "Resource": format!("{arn}/{n}/*")})
        })
        .collect();
    all.push(("2,000 statements", document(accounts)));
    let orgs: Vec<Value> = (0..2_000)
        .map(|n| {
            allow(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": format!("o-{n:010}")}}))
        })
        .collect();
    all.push(("2,000 organizations", document(orgs)));
    all
}

#[test]
fn speed_hostile_documents_end_within_their_limits() {
    let mut worst = (std::time::Duration::ZERO, "");
    for (name, text) in hostile() {
        let started = std::time::Instant::now();
        let ruling = bucket(&text);
        let took = started.elapsed();
        println!(
            "{name}: {took:?}, {} bytes, {:?}, {}",
            text.len(),
            ruling.work,
            ruling.verdict.name()
        );
        worst = worst.max((took, name));
        let times = text.len().div_ceil(PLAIN) as u64;
        assert!(ruling.work.cases <= CASES * PARTS * times, "{name}");
        assert!(ruling.work.states <= STATES * PARTS * times, "{name}");
        assert_ne!(ruling.verdict, Verdict::Private, "{name}");
    }
    println!("slowest: {worst:?}");
}
