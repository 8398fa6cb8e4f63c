//! Several documents on one resource, and resource control policies, by a reading of their own: all
//! statements are put into one policy, of which those of the organization only deny.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::conditions;
use super::random::Random;
use super::subjects::{OWN_ORG, Subject};
use super::world::World;
use outcrop::analysis::aws::policy::Json;
use outcrop::analysis::aws::policy::organization::{ControlPolicies, ControlPolicy, Reach};

/// A resource control policy.
#[derive(Debug, Clone)]
pub struct Control {
    pub id: &'static str,
    pub policy: Value,
}

/// As the engine is given them.
pub fn read(controls: &[Control], account: &str) -> ControlPolicies {
    let policies = controls.iter().map(|control| ControlPolicy {
        id: control.id.to_owned(),
        document: Json::parse(&control.policy.to_string()).unwrap(),
    });
    let reach = match controls.is_empty() {
        true => Reach::Aside,
        false => Reach::Read(policies.collect()),
    };
    ControlPolicies { account: account.to_owned(), reach }
}

pub fn statements(policy: &Value) -> Vec<Value> {
    policy["Statement"].as_array().unwrap().clone()
}

/// Two policies as one, in which variables stay what they are in each.
pub fn merged(own: &Value, behind: &Value) -> Value {
    let is_modern = |policy: &Value| policy["Version"] == "2012-10-17";
    let modern = is_modern(own) || is_modern(behind);
    let written = |policy: &Value| match modern && !is_modern(policy) {
        true => statements(policy).iter().map(escaped).collect(),
        false => statements(policy),
    };
    let mut policy = own.clone();
    policy["Statement"] = [written(own), written(behind)].concat().into();
    if modern {
        policy["Version"] = json!("2012-10-17");
    }
    policy
}

fn escaped(value: &Value) -> Value {
    serde_json::from_str(&value.to_string().replace("${", "${$}{"))
        .expect("text inside of strings stays JSON")
}

/// What the statements of an organization do in a policy that they were put into.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The first of them, from which on all are.
    pub from: Option<usize>,
    /// Those that may apply or not, since they depend on tags of the resource.
    pub unsure: BTreeSet<usize>,
    /// Whether requests are asked about that they deny, instead of those that they leave.
    pub wanted: bool,
}

impl Beside {
    pub fn holds(&self, number: usize) -> bool {
        self.from.is_some_and(|from| number >= from)
    }
}

/// The policy with what the organization denies on resources of this kind.
pub fn beside(policy: &Value, controls: &[&Control]) -> (Value, Beside) {
    let mut all = policy.clone();
    let mut beside = Beside { from: Some(statements(policy).len()), ..Beside::default() };
    for control in controls {
        let mut denies = control.policy.clone();
        let list = denies["Statement"].as_array_mut().unwrap();
        list.retain(|statement| statement["Effect"] == "Deny");
        for (index, statement) in list.iter_mut().enumerate() {
            if without_tags(statement) {
                beside.unsure.insert(statements(&all).len() + index);
            }
        }
        all = merged(&all, &denies);
    }
    (all, beside)
}

/// Takes conditions on tags of the resource out of a statement. Whether there were some.
fn without_tags(statement: &mut Value) -> bool {
    let Some(block) = statement.get_mut("Condition").and_then(Value::as_object_mut) else {
        return false;
    };
    let mut some = false;
    for entries in block.values_mut() {
        entries.as_object_mut().unwrap().retain(|key, _| {
            let tag = key.starts_with("aws:ResourceTag/");
            some |= tag;
            !tag
        });
    }
    some
}

/// Whether resources of the kind are of a service that supports such policies.
pub fn reaches(kind: &str) -> bool {
    let supporting = ["s3", "sqs", "kms", "secretsmanager", "iam.role"];
    supporting.iter().any(|service| kind.starts_with(&format!("aws.{service}")))
}

/// Random policies of an organization.
pub fn controls(random: &mut Random, subject: &Subject) -> Vec<Control> {
    let ids = ["p-first00001", "p-second0001", "p-third00001"];
    let count = *random.pick(&[1, 1, 2, 2, 3]);
    ids[..count].iter().map(|id| Control { id, policy: control(random, subject) }).collect()
}

fn control(random: &mut Random, subject: &Subject) -> Value {
    let mut statements = Vec::new();
    for _ in 0..*random.pick(&[1, 1, 2]) {
        statements.push(deny(random, subject));
    }
    if random.chance(20) {
        let full = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        statements.insert(0, full);
    }
    match random.chance(10) {
        true => json!({"Statement": statements}),
        false => json!({"Version": "2012-10-17", "Statement": statements}),
    }
}

/// A Deny: of AWS's examples, or any.
fn deny(random: &mut Random, subject: &Subject) -> Value {
    let org = *random.pick(&[OWN_ORG, "o-aaaa111122"]);
    let mut condition: Map<String, Value> = match random.below(7) {
        0 => json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": org},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        1 => json!({"StringNotEqualsIfExists": {"aws:SourceOrgID": org},
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"}}),
        2 => json!({"StringNotEquals": {"aws:PrincipalOrgID": org}}),
        3 => json!({"Bool": {"aws:SecureTransport": "false"}}),
        4 => json!({"StringEquals": {"aws:PrincipalType": "Anonymous"}}),
        _ => json!({}),
    }
    .as_object()
    .cloned()
    .unwrap_or_default();
    if condition.is_empty() {
        for _ in 0..*random.pick(&[0, 1, 1, 2]) {
            let (operator, key, values) = conditions::entry(random, subject);
            let block = condition.entry(operator).or_insert_with(|| json!({}));
            block.as_object_mut().unwrap().insert(key, values);
        }
    }
    if random.chance(10) {
        let block = condition.entry("StringNotEquals").or_insert_with(|| json!({}));
        block["aws:ResourceTag/perimeter"] = json!("open");
    }
    let mut statement = json!({"Effect": "Deny", "Principal": "*"});
    let action = if random.chance(12) { "NotAction" } else { "Action" };
    let all = random.chance(50) && action == "Action";
    statement[action] = if all { json!("*") } else { json!(random.some(subject.actions, 2)) };
    statement["Resource"] = match random.chance(70) {
        true => json!("*"),
        false => json!(random.some(subject.resources, 2)),
    };
    if !condition.is_empty() {
        statement["Condition"] = Value::Object(condition);
    }
    statement
}

/// The policies that shut what a policy makes public: those that do so alone, and where none does,
/// those that deny a part. `ask` reads a policy under some of them.
pub fn shutting<'c>(
    controls: &'c [Control],
    is_public: impl Fn(&[&'c Control]) -> bool,
    denies_part: impl Fn(&'c Control) -> bool,
) -> BTreeSet<String> {
    let name = |control: &&Control| format!("organization:rcp:{}", control.id);
    let alone: BTreeSet<String> =
        controls.iter().filter(|one| !is_public(&[one])).map(|one| name(&one)).collect();
    if !alone.is_empty() {
        return alone;
    }
    controls.iter().filter(|one| denies_part(one)).map(|one| name(&one)).collect()
}

/// The world of a policy under some policies of the organization; `wanted`: of the requests that
/// they deny.
pub fn world<'p>(
    all: &'p (Value, Beside),
    subject: &'p Subject,
    org: Option<&'p str>,
    wanted: bool,
) -> World<'p> {
    let mut world = World::new(&all.0, subject, org);
    world.beside = Beside { wanted, ..all.1.clone() };
    world
}
