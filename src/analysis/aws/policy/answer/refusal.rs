//! Why an Allow for everyone makes nothing public: the condition that bounds it, or the Deny that
//! overrides it. Found by leaving one of them out and judging again.

use super::ruling::Ruling;
use super::verdict::Verdict;
use crate::analysis::aws::policy::context::Subject;
use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::document::{Policy, Statement};
use crate::analysis::aws::policy::services::Kind;

/// Most statements that are explained, so that the answer stays quick for the largest policies.
const STATEMENTS: usize = 20;
/// Most conditions and Denies that are left out one by one.
const PARTS: usize = 40;

/// One sentence for each Allow for everyone that is not public.
pub fn refusals(
    policy: &Policy,
    kind: &Kind,
    subject: &Subject<'_>,
    ruling: &Ruling,
) -> Vec<String> {
    let public = |label: &str| {
        let mut open = ruling.grants.iter().filter(|grant| grant.verdict <= Verdict::Conditional);
        open.any(|grant| grant.via.contains(label))
    };
    let wide = policy.statements.iter().filter(|statement| statement.allows_everyone());
    wide.filter(|statement| !public(&statement.label))
        .take(STATEMENTS)
        .map(|statement| sentence(statement, policy, kind, subject))
        .collect()
}

fn sentence(statement: &Statement, policy: &Policy, kind: &Kind, subject: &Subject<'_>) -> String {
    let is_public = |statements: Vec<Statement>| {
        let policy = Policy { statements, ..Policy::default() };
        crate::analysis::aws::policy::ruling(&policy, kind, subject).verdict <= Verdict::Conditional
    };
    let label = &statement.label;
    if is_public(vec![statement.clone()]) {
        let denies: Vec<&Statement> = policy.statements.iter().filter(|s| !s.allow).collect();
        let without = |out: &Statement| {
            let rest = denies.iter().filter(|deny| **deny != out).map(|deny| (*deny).clone());
            is_public(rest.chain([statement.clone()]).collect())
        };
        let alone: Vec<&&Statement> =
            denies.iter().take(PARTS).filter(|deny| without(deny)).collect();
        let shown: Vec<String> = match alone.is_empty() {
            true => denies.iter().map(|deny| format!("`{}`", deny.label)).collect(),
            false => alone.iter().map(|deny| format!("`{}`", deny.label)).collect(),
        };
        return match &shown[..] {
            [one] => {
                format!("statement `{label}` names everybody, and Deny {one} keeps strangers out")
            }
            many => format!(
                "statement `{label}` names everybody, and the Denies {} keep strangers out",
                many.join(", ")
            ),
        };
    }
    let without = |out: &Test| {
        let mut wider = statement.clone();
        wider.tests.retain(|test| test != out);
        is_public(vec![wider])
    };
    let tests = &statement.tests;
    let bounding: Vec<&Test> = tests.iter().take(PARTS).filter(|test| without(test)).collect();
    let shown = |tests: &[&Test]| {
        tests.iter().map(|test| test.shown.as_str()).collect::<Vec<_>>().join("; ")
    };
    match (&bounding[..], tests.is_empty()) {
        ([], true) => format!(
            "statement `{label}` names everybody, and no action and resource that strangers could \
             use together"
        ),
        ([], false) => format!(
            "statement `{label}` names everybody, and its conditions bound it: {}",
            shown(&tests.iter().collect::<Vec<_>>())
        ),
        (some, _) => {
            format!("statement `{label}` names everybody, and this bounds it: {}", shown(some))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::aws::policy::{Context, judge_file};
    use serde_json::{Value, json};

    fn refused(statements: &Value) -> Vec<String> {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let context = Context::default();
        let subject = Subject {
            kind: "aws.sqs.queue",
            arn: "arn:aws:sqs:us-east-1:111122223333:jobs",
            owner_account: "111122223333",
            context: &context,
        };
        judge_file(&text, &subject).1
    }

    fn statement(sid: &str, effect: &str, condition: &Value) -> Value {
        json!({"Sid": sid, "Effect": effect, "Principal": "*", "Action": "sqs:SendMessage",
               "Resource": "*", "Condition": condition})
    }

    #[test]
    fn the_condition_that_bounds_is_named_and_others_are_not() {
        let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-aaaa111122"},
                               "Bool": {"aws:SecureTransport": "true"}});
        assert_eq!(
            refused(&json!([statement("Org", "Allow", &condition)])),
            ["statement `Org` names everybody, and this bounds it: StringEquals \
              aws:PrincipalOrgID `o-aaaa111122`"]
        );
    }

    #[test]
    fn the_deny_that_takes_it_away_is_named() {
        let all = json!([
            statement("All", "Allow", &json!({})),
            statement("Tls", "Deny", &json!({"Bool": {"aws:SecureTransport": "false"}})),
            statement(
                "Org",
                "Deny",
                &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaa111122"}})
            ),
        ]);
        assert_eq!(
            refused(&all),
            ["statement `All` names everybody, and Deny `Org` keeps strangers out"]
        );
    }

    #[test]
    fn what_is_public_is_not_refused_and_other_actions_are() {
        assert!(refused(&json!([statement("All", "Allow", &json!({}))])).is_empty());
        let other = json!([{"Sid": "Odd", "Effect": "Allow", "Principal": "*",
                            "Action": "s3:GetObject", "Resource": "*"}]);
        assert!(refused(&other)[0].contains("`Odd` names everybody, and no action"));
    }
}
