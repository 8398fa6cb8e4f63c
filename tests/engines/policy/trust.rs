//! Whom the user trusts is no outsider: accounts, organizations, address ranges.

use serde_json::{Value, json};

use outcrop::analysis::aws::policy::{Context, Subject, Verdict, judge};

const TRUSTED: &str = "444455556666";

fn context() -> Context {
    Context {
        trusted_accounts: vec![TRUSTED.into()],
        trusted_organizations: vec!["o-aaaa111122".into()],
        trusted_ranges: vec!["8.0.0.0/8".parse().expect("a range")],
        ..Context::default()
    }
}

fn verdicts(statement: &Value) -> [Verdict; 2] {
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    [Context::default(), context()].map(|context| {
        let subject = Subject {
            kind: "aws.sqs.queue",
            arn: "arn:aws:sqs:us-east-1:111122223333:jobs",
            owner_account: "111122223333",
            context: &context,
        };
        judge(&policy, &subject).verdict
    })
}

fn allow(principal: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*", "Condition": condition})
}

#[test]
fn only_those_who_are_trusted_makes_a_policy_private() {
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    let service = || json!({"Service": "sns.amazonaws.com"});
    for (statement, without) in [
        (allow(json!({"AWS": TRUSTED}), json!({})), Verdict::CrossAccount),
        (allow(json!("*"), equals("aws:PrincipalAccount", TRUSTED)), Verdict::CrossAccount),
        (allow(json!("*"), equals("aws:PrincipalOrgID", "o-aaaa111122")), Verdict::CrossAccount),
        (
            allow(
                json!("*"),
                json!({"StringLike": {"aws:PrincipalOrgPaths": "o-aaaa111122/r-1/*"}}),
            ),
            Verdict::CrossAccount,
        ),
        (allow(json!("*"), json!({"IpAddress": {"aws:SourceIp": "8.1.2.0/24"}})), Verdict::Bounded),
    ] {
        assert_eq!(verdicts(&statement), [without, Verdict::Private], "{statement}");
    }
    // A service that acts for them stays a service.
    let deputy = allow(service(), equals("aws:SourceOrgID", "o-aaaa111122"));
    assert_eq!(verdicts(&deputy), [Verdict::Service, Verdict::Service]);
}

#[test]
fn trust_never_hides_others() {
    for condition in [
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "0.0.0.0/1"]}}),
        json!({}),
    ] {
        let statement = allow(json!("*"), condition);
        assert_eq!(verdicts(&statement), [Verdict::Public; 2], "{statement}");
    }
    let two = allow(json!({"AWS": [TRUSTED, "777788889999"]}), json!({}));
    assert_eq!(verdicts(&two), [Verdict::CrossAccount; 2]);
}
