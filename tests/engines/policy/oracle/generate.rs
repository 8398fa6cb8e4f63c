//! Random policies from small pools, so that statements meet and cross.

use serde_json::{Map, Value, json};

use super::conditions::entry;
use super::random::Random;
use super::subjects::Subject;

fn principals(random: &mut Random, subject: &Subject) -> Value {
    if !subject.principals.is_empty() && random.chance(40) {
        let text: &str = random.pick::<&str>(subject.principals);
        return serde_json::from_str(text).unwrap();
    }
    let pool = [
        json!("*"),
        json!("*"),
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ["*"]}),
        json!({"AWS": "444455556666"}),
        json!({"AWS": "arn:aws:iam::444455556666:role/etl"}),
        json!({"AWS": ["444455556666", "arn:aws:iam::777788889999:root"]}),
        json!({"AWS": "arn:aws:iam::111122223333:root"}),
        json!({"AWS": "arn:aws:sts::444455556666:assumed-role/etl/deploy"}),
        json!({"Service": "sns.amazonaws.com"}),
        json!({"AWS": "777788889999", "Service": ["sns.amazonaws.com", "cloudtrail.amazonaws.com"]}),
        json!({"CanonicalUser": "cafe0001"}),
        json!({"AWS": "AROAEXAMPLEROLEID12345"}),
        json!({"AWS": []}),
        json!({"AWS": ["arn:aws:iam::444455556666:role/etl", "arn:aws:iam::777788889999:role/zzzz"]}),
        // AWS stores neither; what they would match is in doubt.
        json!({"AWS": "arn:aws:iam::444455556666:role/*"}),
        json!({"AWS": ["arn:aws:iam::*:role/Admin"]}),
    ];
    random.pick(&pool).clone()
}

fn statement(random: &mut Random, subject: &Subject) -> Value {
    let mut statement = Map::new();
    let allow = random.chance(62);
    statement.insert("Effect".into(), json!(if allow { "Allow" } else { "Deny" }));
    let not = random.chance(12);
    if not {
        let pool = [
            json!({"AWS": "arn:aws:iam::111122223333:root"}),
            json!({"AWS": "444455556666"}),
            json!({"AWS": ["arn:aws:iam::444455556666:role/etl", "arn:aws:iam::111122223333:root"]}),
            json!({"AWS": "arn:aws:sts::444455556666:assumed-role/etl/deploy"}),
            json!({"Service": "sns.amazonaws.com"}),
        ];
        statement.insert("NotPrincipal".into(), random.pick(&pool).clone());
    } else {
        statement.insert("Principal".into(), principals(random, subject));
    }
    let action = if random.chance(12) { "NotAction" } else { "Action" };
    statement.insert(action.into(), json!(random.some(subject.actions, 2)));
    let resource = if random.chance(12) { "NotResource" } else { "Resource" };
    let mut resources = random.some(subject.resources, 2);
    if allow && resource == "Resource" && random.chance(40) {
        resources = vec!["*"];
    }
    if subject.kind == "aws.iam.role" {
        // A trust policy names no resource.
    } else {
        statement.insert(resource.into(), json!(resources));
    }
    let mut condition: Map<String, Value> = Map::new();
    for _ in 0..*random.pick(&[0, 0, 1, 1, 1, 2, 2, 3]) {
        let (operator, key, values) = entry(random, subject);
        let block = condition.entry(operator).or_insert_with(|| json!({}));
        block.as_object_mut().unwrap().insert(key, values);
    }
    if !condition.is_empty() {
        statement.insert("Condition".into(), Value::Object(condition));
    }
    if random.chance(3) {
        spoil(random, &mut statement);
    }
    Value::Object(statement)
}

/// Makes a statement such as AWS refuses.
fn spoil(random: &mut Random, statement: &mut Map<String, Value>) {
    match random.below(10) {
        0 => {
            statement.remove("Effect");
        }
        1 => {
            statement.insert("Effect".into(), json!("allow"));
        }
        2 => {
            statement.remove("Action");
            statement.remove("NotAction");
        }
        3 => {
            statement.remove("Principal");
            statement.remove("NotPrincipal");
        }
        4 => {
            statement.insert("Action".into(), json!("*"));
            statement.insert("NotAction".into(), json!("s3:GetObject"));
        }
        5 => {
            statement.insert("Condition".into(), json!({"StringEqual": {"aws:username": "x"}}));
        }
        6 => {
            let twice = json!({"StringEquals": {"aws:username": "bob", "AWS:UserName": "eve"}});
            statement.insert("Condition".into(), twice);
        }
        7 => {
            let range = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}});
            statement.insert("Condition".into(), range);
        }
        8 => {
            statement.insert("Condition".into(), json!({"NullIfExists": {"aws:username": "true"}}));
        }
        _ => {
            statement.insert("Resources".into(), json!("*"));
        }
    }
}

/// A random policy.
pub fn policy(random: &mut Random, subject: &Subject) -> Value {
    let count = *random.pick(&[1, 1, 2, 2, 2, 3, 3]);
    let statements: Vec<Value> = (0..count).map(|_| statement(random, subject)).collect();
    if random.chance(10) {
        json!({"Statement": statements})
    } else {
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}
