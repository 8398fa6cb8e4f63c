//! Values of the keys that a caller does not fix, and the combinations of them worth trying.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::callers::{Caller, one};
use super::evaluate::{self, Form, Keys, Outcome, Request};
use super::subjects::OWNER;
use super::world::{World, entries};

/// Why a value is not for everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marks {
    /// Nobody can tell whether an attacker has it.
    pub doubt: bool,
    /// It goes with a fixed way in.
    pub bound: bool,
    /// Only somebody whom the policy names has it.
    pub named: bool,
}

impl Marks {
    pub fn and(self, other: Marks) -> Marks {
        Marks {
            doubt: self.doubt || other.doubt,
            bound: self.bound || other.bound,
            named: self.named || other.named,
        }
    }
}

const DOUBT: Marks = Marks { doubt: true, bound: false, named: false };
const BOUND: Marks = Marks { doubt: false, bound: true, named: false };
const NAMED: Marks = Marks { doubt: false, bound: false, named: true };

/// Values of a key (`None`: it is absent) with what marks them.
type Domain = Vec<(Option<Vec<String>>, Marks)>;

fn plain(values: &[&str], absent: bool) -> Domain {
    let values = values.iter().map(|value| (Some(one(value)), Marks::default()));
    values.chain(absent.then_some((None, Marks::default()))).collect()
}

fn marked(values: &[&str], marks: impl Fn(&str) -> Marks) -> Domain {
    values.iter().map(|value| (Some(one(value)), marks(value))).collect()
}

/// Whether an entry of this key spells the value out.
fn is_spelled_out(world: &World<'_>, key: &str, text: &str) -> bool {
    let statements = world.policy["Statement"].as_array().unwrap();
    statements.iter().flat_map(entries).filter(|(_, name, _)| name.to_lowercase() == key).any(
        |(operator, _, values)| {
            let values = match values {
                Value::Array(values) => values.clone(),
                value => vec![value.clone()],
            };
            values.iter().filter_map(Value::as_str).any(|value| {
                if operator.contains("IgnoreCase") {
                    value.eq_ignore_ascii_case(text)
                } else if operator.contains("Like") && value.contains(['*', '?']) {
                    false
                } else {
                    value == text
                }
            })
        },
    )
}

fn domain(world: &World<'_>, key: &str, caller: &Caller) -> Domain {
    let signed = caller.form == Form::Signed;
    let secret =
        |text: &str| if is_spelled_out(world, key, text) { DOUBT } else { Marks::default() };
    match key {
        // What they are to a URL is told where both of its permissions are.
        "lambda:invokedviafunctionurl" | "lambda:functionurlauthtype" if world.way.is_some() => {
            plain(&[], true)
        }
        "aws:securetransport" => plain(&["true", "false"], false),
        // Forward access sessions are on behalf of whoever signed (IAM user guide).
        "aws:viaawsservice" if signed => plain(&["true", "false"], false),
        "aws:viaawsservice" => plain(&["false"], false),
        "aws:viaawsmcpservice" if signed => plain(&["true", "false"], true),
        "aws:ec2instancesourceprivateipv4" if signed => plain(&["10.0.1.10", "10.9.9.9"], true),
        "aws:ec2instancesourcevpc" if signed => {
            let marks = |vpc: &str| {
                if is_spelled_out(world, key, vpc) { BOUND } else { Marks::default() }
            };
            let values = marked(&["vpc-zzzz", "vpc-9zzz", "vpc-91237329"], marks);
            values.into_iter().chain(plain(&[], true)).collect()
        }
        "aws:chatbotsourcearn" if signed => {
            let arn = |name: &str| {
                format!("arn:aws:chatbot::{}:chat-configuration/{name}", caller.account)
            };
            plain(&[&arn("slack-channel/zzzz"), &arn("zzzz")], true)
        }
        "lambda:invokedviafunctionurl" => plain(&["true", "false"], true),
        "aws:requestedregion" => {
            plain(&["us-east-1", "US-EAST-1", "us-west-2", "us-*", "zzzz"], false)
        }
        "aws:referer" => plain(
            &[
                "https://example.com/x",
                "HTTPS://EXAMPLE.COM/X",
                "https://example.com/zzzz",
                "https://example.com/*",
                "HTTPS://EXAMPLE.COM/*",
                "*",
                "zzzz",
            ],
            true,
        ),
        "aws:requesttag/blob" => plain(&["cmVk", "zzzz"], true),
        "aws:tagkeys" => tag_keys(),
        "s3:x-amz-acl" => plain(
            &["private", "PRIVATE", "public-read", "PUBLIC-READ", "p*", "pzzzz", "zzzz"],
            true,
        ),
        "s3:max-keys" => plain(&["5", "10", "15", "20", "25"], true),
        "kms:viaservice" => {
            plain(&["s3.us-east-1.amazonaws.com", "S3.US-EAST-1.AMAZONAWS.COM", "*", "zzzz"], true)
        }
        "sns:protocol" => plain(&["sqs", "SQS", "email", "EMAIL", "*", "zzzz"], true),
        "sns:endpoint" => {
            let marks = |value: &str| {
                let fixed = value.to_lowercase().ends_with("@example.com") || value == "*";
                if fixed { BOUND } else { Marks::default() }
            };
            let values = [
                "ops@example.com",
                "OPS@EXAMPLE.COM",
                "zzzz@example.com",
                "*@example.com",
                "*",
                "zzzz",
            ];
            marked(&values, marks).into_iter().chain(plain(&[], true)).collect()
        }
        "acme:thing" => marked(&["x", "X", "x*", "X*", "xzzzz", "zzzz"], |_| DOUBT)
            .into_iter()
            .chain(plain(&[], true))
            .collect(),
        "sts:externalid" | "lambda:eventsourcetoken" => {
            let values =
                ["secret-42", "SECRET-42", "secret-zzzz", "secret-*", "SECRET-*", "*", "zzzz"];
            marked(&values, secret).into_iter().chain(plain(&[], true)).collect()
        }
        "sts:rolesessionname" => {
            plain(&["deploy", "DEPLOY", "dzzzz", "zzzz", "bob", "BOB", "svc-z", "red"], true)
        }
        "lambda:functionurlauthtype" => plain(&["NONE"], false),
        "elasticfilesystem:accessedviamounttarget" => {
            marked(
                &["true", "false"],
                |value| if value == "true" { BOUND } else { Marks::default() },
            )
        }
        // Of users alone, and of every user (IAM user guide, "aws:username").
        "aws:username" if signed && caller.keys["aws:principaltype"] == ["User"] => plain(
            &[
                "bob",
                "BOB",
                "svc-z",
                "zzzz",
                "red",
                "r",
                "public",
                "private",
                "deploy",
                "jobs",
                // What a tag has to be in `jo${aws:PrincipalTag/team}`, and a name may be as well.
                "bs",
                &caller.account,
            ],
            false,
        ),
        "aws:principaltag/team" if signed => {
            let own = &caller.account;
            // A name and a tag may be the same, whatever the name.
            let names = ["bob", "svc-z", "public", "private", "deploy", "jobs", "bs", own];
            let values = [&["red", "RED", "r", "zzzz"][..], &names].concat();
            plain(&values, true)
        }
        "aws:multifactorauthpresent" if signed => plain(&["true", "false"], true),
        // The user guide says both.
        "aws:userid" if caller.form == Form::Unsigned => plain(&["anonymous"], true),
        "aws:userid" if signed => match caller.named.get("unique") {
            Some(id) => plain(&[id], false),
            None => match caller.keys["aws:principaltype"][0].as_str() {
                "User" => plain(&["AIDAZZZZ", "AIDAEXAMPLEUSERID0001ZZ"], false),
                "AssumedRole" => plain(&["AROAZZZZ:zzzz", "AROAZZZZ:deploy"], false),
                "Account" => plain(&[&caller.account], false),
                _ => {
                    let named = |name: &str| format!("{}:{name}", caller.account);
                    plain(&[&named("zzzz"), &named("deploy")], false)
                }
            },
        },
        "aws:principalorgpaths" => org_paths(caller.keys.get("aws:principalorgid")),
        "aws:sourceorgpaths" => org_paths(caller.keys.get("aws:sourceorgid")),
        "aws:currenttime" => vec![
            (Some(one("2026-01-01T00:00:00Z")), Marks::default()),
            (Some(one("2029-12-31T23:59:59Z")), DOUBT),
            (Some(one("2030-01-01T00:00:00Z")), DOUBT),
            (Some(one("2031-01-01T00:00:00Z")), DOUBT),
        ],
        "aws:resourceaccount" => plain(&[OWNER], false),
        "aws:resourceorgid" => match world.org {
            Some(org) => plain(&[org], false),
            None => plain(&[], true),
        },
        _ => match &caller.form {
            Form::Federated(provider) => claims(world, key, provider, caller.guest),
            _ => plain(&[], true),
        },
    }
}

/// Claims of a token; those of other issuers are absent.
fn claims(world: &World<'_>, key: &str, provider: &str, guest: bool) -> Domain {
    let pool = |literal: &str| {
        let named = is_spelled_out(world, key, literal);
        match (named, guest) {
            // Whether a pool that somebody else owns admits guests is not known.
            (true, true) => DOUBT,
            (true, false) => NAMED,
            (false, _) => Marks::default(),
        }
    };
    let named =
        |text: &str| if is_spelled_out(world, key, text) { NAMED } else { Marks::default() };
    match key {
        "token.actions.githubusercontent.com:sub" if provider.contains("githubusercontent") => {
            let owner = world.policy.to_string().contains("\"repo:acme/");
            let marks = |value: &str| {
                let acme = value.to_lowercase().starts_with("repo:acme/") && owner;
                match is_spelled_out(world, key, value) {
                    _ if acme && value.starts_with("repo") => NAMED,
                    true if value.starts_with("repo:") => NAMED,
                    // It says of no owner that the issuer knows: who gets it cannot be told.
                    true => DOUBT,
                    false => Marks::default(),
                }
            };
            let values = [
                "repo:acme/app:ref:refs/heads/main",
                "REPO:ACME/APP:REF:REFS/HEADS/MAIN",
                "repo:acme/zzzz",
                "repo:acmezzzz/zzzz",
                "repo:zzzz/zzzz",
                "repo:acme/*",
                "repo:acme*",
                "repo:*",
                "REPO:ACME/*",
                "REPO:ACME*",
                "REPO:*",
                "*",
                "zzzz",
            ];
            marked(&values, marks)
        }
        "token.actions.githubusercontent.com:aud" if provider.contains("githubusercontent") => {
            plain(&["sts.amazonaws.com", "STS.AMAZONAWS.COM", "*", "zzzz"], false)
        }
        "token.actions.githubusercontent.com:repository_owner_id"
            if provider.contains("githubusercontent") =>
        {
            marked(&["1234567", "12zzzz", "12*", "*", "zzzz"], named)
        }
        // Not in every token.
        "token.actions.githubusercontent.com:environment"
            if provider.contains("githubusercontent") =>
        {
            plain(&["prod", "PROD", "pzzzz", "p*", "P*", "*", "zzzz"], true)
        }
        // Which workflow runs, not for whom.
        "token.actions.githubusercontent.com:job_workflow_ref"
            if provider.contains("githubusercontent") =>
        {
            let doubt = |text: &str| match is_spelled_out(world, key, text) {
                true => DOUBT,
                false => Marks::default(),
            };
            let values = [
                "acme/w/x.yml@main",
                "ACME/W/X.YML@MAIN",
                "acme/zzzz",
                "acme/*",
                "ACME/*",
                "*",
                "zzzz",
            ];
            marked(&values, doubt)
        }
        "keycloak.example.com:sub" if provider.contains("keycloak.example.com") => {
            marked(&["f3a1", "F3A1", "f3zzzz", "f3*", "F3*", "*", "zzzz"], named)
        }
        "acme.okta.com:sub" if provider.contains("acme.okta.com") => {
            marked(&["f3a1", "F3A1", "f3zzzz", "f3*", "F3*", "*", "zzzz"], named)
        }
        "cognito-identity.amazonaws.com:aud" if provider.contains("cognito") => {
            let values = [
                "us-east-1:12345678-pool",
                "US-EAST-1:12345678-POOL",
                "us-east-1:zzzz",
                "us-east-1:*",
                "US-EAST-1:*",
                "zzzz",
            ];
            marked(&values, pool)
        }
        "cognito-identity.amazonaws.com:amr" if provider.contains("cognito") => match guest {
            true => plain(&["unauthenticated"], false),
            false => plain(&["authenticated", "AUTHENTICATED", "*", "zzzz"], false),
        },
        "saml:aud" if provider.contains(":saml-provider/") => {
            let url = "https://signin.aws.amazon.com/saml";
            plain(&[url, &url.to_uppercase(), "*", "zzzz"], false)
        }
        _ => plain(&[], true),
    }
}

fn org_paths(org: Option<&Vec<String>>) -> Domain {
    let Some(org) = org else { return plain(&[], true) };
    let org = &org[0];
    let paths = [
        format!("{org}/"),
        format!("{org}/r-zzzz/"),
        format!("{org}/r-ab12/ou-zzzz/"),
        format!("{org}/r-ab12/ou-ab12-11111111/"),
    ];
    plain(&paths.each_ref().map(String::as_str), false)
}

/// Every set of up to all of the tag keys that tests tell apart.
fn tag_keys() -> Domain {
    let names = ["team", "TEAM", "cost", "COST", "t*", "*", "tzzzz", "zzzz"];
    let mut all: Domain = vec![(None, Marks::default())];
    for chosen in 0..1_u32 << names.len() {
        let set = (0..names.len()).filter(|index| chosen >> index & 1 == 1);
        all.push((Some(set.map(|index| names[index].to_owned()).collect()), Marks::default()));
    }
    all
}

/// The combinations of values of these keys, one for each that some entry can tell apart.
pub fn product(
    world: &World<'_>,
    keys: &[String],
    caller: &Caller,
    concerned: &[&Value],
) -> Vec<(Keys, Marks)> {
    let text = json!(concerned).to_string().to_lowercase();
    let mut all = vec![(Keys::new(), Marks::default())];
    for key in keys {
        let entries: Vec<(&String, &Value)> = concerned
            .iter()
            .flat_map(|statement| entries(statement))
            .filter(|(_, name, _)| name.to_lowercase() == *key)
            .map(|(operator, _, values)| (operator, values))
            .collect();
        let linked = text.contains(&format!("${{{key}"))
            || entries.iter().any(|(operator, values)| {
                values.to_string().contains("${")
                    || evaluate::is_malformed(&json!({*operator: {"k": values}}))
            });
        let mut seen = BTreeSet::new();
        let mut next = Vec::new();
        for (value, marks) in domain(world, key, caller) {
            let own = Keys::from_iter(value.clone().map(|value| (key.clone(), value)));
            let request = Request::of(caller, own.clone());
            let truth: Vec<bool> = entries
                .iter()
                .filter(|_| !linked)
                .map(|(operator, values)| {
                    evaluate::entry(operator, key, values, &request, true, true) != Outcome::No
                })
                .collect();
            if !linked && !seen.insert((truth, marks)) {
                continue;
            }
            for (have, others) in &all {
                let mut have = have.clone();
                have.extend(own.clone());
                next.push((have, others.and(marks)));
            }
        }
        all = next;
    }
    all
}
