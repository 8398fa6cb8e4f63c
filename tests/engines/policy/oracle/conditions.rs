//! Random entries of condition blocks: every class of keys, every family of operators.

use serde_json::{Value, json};

use super::random::Random;
use super::subjects::{OWN_ORG, OWNER, Subject};

/// A key with the values to compare it with: exact ones, patterns.
type Pool = (&'static str, &'static [&'static str], &'static [&'static str]);

const VPCS: &[&str] = &["arn:aws:ec2:us-east-1:222233334444:vpc/vpc-1a2b3c4d"];
const WILD_VPCS: &[&str] = &[
    "arn:aws:ec2:*:222233334444:vpc/*",
    "arn:aws:ec2:us-east-1:*:vpc/vpc-1a2b3c4d",
    "arn:aws:ec2:us-east-1:*:vpc/*",
    "arn:aws:ec2:us-east-1:2222*:vpc/*",
];

const TEXT_KEYS: &[Pool] = &[
    (
        "aws:PrincipalOrgID",
        &["o-aaaa111122", "o-bbbb333344", "${aws:ResourceOrgID}", OWN_ORG],
        &["o-*", "o-a*"],
    ),
    (
        "aws:PrincipalAccount",
        &[
            "444455556666",
            "777788889999",
            OWNER,
            "${aws:ResourceAccount}",
            "${aws:PrincipalAccount}",
        ],
        &["4444*", "*", "anonymous"],
    ),
    (
        "aws:PrincipalArn",
        &["arn:aws:iam::444455556666:role/etl", "arn:aws:iam::111122223333:role/own"],
        &[
            "arn:aws:iam::*:role/Admin",
            "arn:aws:iam::444455556666:role/*",
            "arn:aws:iam::4444*:role/*",
            "arn:aws:iam::*6666:*",
            "arn:aws:iam:*:444455556666:role/*",
            "*:role/Admin",
            "*",
        ],
    ),
    ("aws:PrincipalType", &["Anonymous", "AssumedRole", "User"], &["*", "A*"]),
    (
        "aws:userid",
        &["AIDAEXAMPLEUSERID0001"],
        &["*:deploy", "AIDAEXAMPLEUSERID0001*", "4444*", "444455556666:*", "*"],
    ),
    ("aws:username", &["bob", "${aws:PrincipalTag/team}"], &["svc-*", "*"]),
    ("aws:PrincipalTag/team", &["red", "${aws:PrincipalAccount}", "${aws:username}"], &["r*"]),
    ("aws:SourceVpcArn", VPCS, WILD_VPCS),
    ("aws:Ec2InstanceSourceVpc", &["vpc-91237329"], &["vpc-9*", "vpc-*"]),
    (
        "aws:ChatbotSourceArn",
        &["arn:aws:chatbot::444455556666:chat-configuration/zzzz"],
        &[
            "arn:aws:chatbot::*:chat-configuration/slack-channel/*",
            "arn:aws:chatbot::444455556666:chat-configuration/*",
            "arn:aws:chatbot::4444*:*",
        ],
    ),
    ("aws:PrincipalServiceName", &["sns.amazonaws.com"], &["sns.*"]),
    ("aws:Referer", &["https://example.com/x"], &["https://example.com/*", "*"]),
    ("aws:SourceVpce", &["vpce-1a2b3c4d", "vpce-22223333"], &["vpce-1a2b*", "*"]),
    ("aws:SourceVpc", &["vpc-91237329"], &["vpc-9*"]),
    ("aws:VpceAccount", &["222233334444"], &["2222*", "*"]),
    ("aws:VpceOrgID", &["o-vvvv111122"], &["o-*"]),
    ("aws:VpceOrgPaths", &["o-vvvv111122/r-ab12/"], &["o-vvvv111122/*", "o-*/r-ab12/*"]),
    ("aws:SourceAccount", &["444455556666", OWNER], &["4444*", "*"]),
    (
        "aws:SourceArn",
        &[
            "arn:aws:sns:us-east-1:111122223333:alerts",
            "arn:aws:s3:::partner-uploads",
            "arn:aws:s3:::logs-444455556666-us-east-1-an",
            "arn:aws:s3:::logs-111122223333-us-east-1-an",
        ],
        &[
            "arn:aws:cloudwatch:*:111122223333:alarm:*",
            "arn:aws:sns:*:4444*:*",
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:s3:::*-444455556666-us-east-1-an",
            "arn:aws:s3:::logs-111122223333-*-an",
            "arn:aws:sns:us-east-1:*:news",
            "arn:aws:*:*:444455556666:*",
            "arn:aws:s3:*:*:partner-uploads",
            "*",
        ],
    ),
    ("aws:SourceOrgID", &["o-aaaa111122"], &["o-*"]),
    (
        "aws:SourceOrgPaths",
        &["o-aaaa111122/r-ab12/ou-ab12-11111111/"],
        &["o-aaaa111122/*", "o-*/r-ab12/*"],
    ),
    ("aws:RequestedRegion", &["us-east-1"], &["us-*"]),
    ("aws:ResourceAccount", &[OWNER, "444455556666"], &["1111*"]),
    ("aws:ResourceOrgID", &[OWN_ORG, "o-aaaa111122"], &["o-*"]),
    ("aws:ResourceOrgPaths", &["o-own0000001/r-root/"], &["o-own0000001/*", "o-*"]),
    ("acme:Thing", &["x"], &["x*"]),
    (
        "aws:PrincipalOrgPaths",
        &["o-aaaa111122/r-ab12/ou-ab12-11111111/"],
        &["o-aaaa111122/*", "o-*/r-ab12/*"],
    ),
    ("aws:TagKeys", &["team", "cost"], &["t*", "*"]),
];

/// Keys of one service only.
const OWN_KEYS: &[(&str, Pool)] = &[
    ("aws.s3.bucket", ("s3:x-amz-acl", &["private", "public-read"], &["p*"])),
    ("aws.s3.bucket", ("s3:DataAccessPointAccount", &[OWNER, "333344445555"], &["3333*", "*"])),
    (
        "aws.s3.bucket",
        (
            "s3:DataAccessPointArn",
            &["arn:aws:s3:us-east-1:333344445555:accesspoint/shared"],
            &[
                "arn:aws:s3:us-east-1:333344445555:accesspoint/*",
                "arn:aws:s3:*:*:accesspoint/*",
                "arn:aws:s3:*:3333*:accesspoint/*",
                "*",
            ],
        ),
    ),
    ("aws.kms.key", ("kms:ViaService", &["s3.us-east-1.amazonaws.com"], &["*"])),
    ("aws.kms.key", ("kms:CallerAccount", &["444455556666", OWNER], &["*", "4444*"])),
    ("aws.sns.topic", ("aws:SourceOwner", &["444455556666", OWNER], &["*"])),
    ("aws.sns.topic", ("sns:Endpoint", &["ops@example.com"], &["*@example.com", "*"])),
    ("aws.sns.topic", ("sns:Protocol", &["sqs", "email"], &["*"])),
    ("aws.lambda.function", ("lambda:FunctionUrlAuthType", &["NONE", "AWS_IAM"], &["*"])),
    ("aws.lambda.function", ("lambda:EventSourceToken", &["secret-42"], &["secret-*", "*"])),
    ("aws.iam.role", ("sts:ExternalId", &["secret-42"], &["secret-*", "*"])),
    ("aws.iam.role", ("sts:RoleSessionName", &["deploy", "${aws:username}"], &["d*", "*"])),
    (
        "aws.iam.role",
        (
            "token.actions.githubusercontent.com:sub",
            &["repo:acme/app:ref:refs/heads/main"],
            &["repo:acme/*", "repo:*", "repo:acme*", "*"],
        ),
    ),
    (
        "aws.iam.role",
        ("token.actions.githubusercontent.com:repository_owner_id", &["1234567"], &["12*", "*"]),
    ),
    ("aws.iam.role", ("token.actions.githubusercontent.com:environment", &["prod"], &["p*", "*"])),
    (
        "aws.iam.role",
        (
            "token.actions.githubusercontent.com:job_workflow_ref",
            &["acme/w/x.yml@main"],
            &["acme/*", "*"],
        ),
    ),
    ("aws.iam.role", ("keycloak.example.com:sub", &["f3a1"], &["f3*", "*"])),
    ("aws.iam.role", ("acme.okta.com:sub", &["f3a1"], &["f3*", "*"])),
    ("aws.iam.role", ("token.actions.githubusercontent.com:aud", &["sts.amazonaws.com"], &["*"])),
    (
        "aws.iam.role",
        ("cognito-identity.amazonaws.com:aud", &["us-east-1:12345678-pool"], &["us-east-1:*"]),
    ),
    (
        "aws.iam.role",
        ("cognito-identity.amazonaws.com:amr", &["authenticated", "unauthenticated"], &["*"]),
    ),
    ("aws.iam.role", ("SAML:aud", &["https://signin.aws.amazon.com/saml"], &["*"])),
];

pub const RANGES: &[&str] = &[
    "203.0.113.0/24",
    "198.51.100.0/24",
    "8.0.0.0/7",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "::/0",
    "2600::/16",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "2600:1f00::/32",
];

/// Operators that take no text, with key and value.
const TYPED: &[(&str, &str, &str)] = &[
    ("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
    ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
    ("DateLessThanEquals", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("DateEquals", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("DateNotEquals", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ("NumericLessThan", "s3:max-keys", "10"),
    ("NumericLessThanEquals", "s3:max-keys", "10"),
    ("NumericGreaterThan", "s3:max-keys", "20"),
    ("NumericGreaterThanEquals", "s3:max-keys", "10"),
    ("NumericNotEquals", "s3:max-keys", "10"),
    ("NumericEquals", "s3:max-keys", "20"),
    ("BinaryEquals", "aws:RequestTag/blob", "cmVk"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/16"),
    ("NotIpAddress", "aws:VpcSourceIp", "10.0.0.0/16"),
    ("IpAddress", "aws:Ec2InstanceSourcePrivateIPv4", "10.0.1.10/32"),
    ("NotIpAddress", "aws:Ec2InstanceSourcePrivateIPv4", "10.0.1.10/32"),
];

const FLAGS: &[&str] = &[
    "aws:SecureTransport",
    "aws:PrincipalIsAWSService",
    "aws:ViaAWSService",
    "aws:ViaAWSMCPService",
    "aws:MultiFactorAuthPresent",
];

fn values(random: &mut Random, pool: &[&str]) -> Value {
    let chosen = random.some(pool, 2);
    match &chosen[..] {
        [one] if random.chance(80) => json!(one),
        _ if random.chance(3) => json!([]),
        many => json!(many),
    }
}

/// Operator, key and values.
pub fn entry(random: &mut Random, subject: &Subject) -> (String, String, Value) {
    match random.below(10) {
        0 | 1 => {
            let operator = *random.pick(&["IpAddress", "NotIpAddress"]);
            let suffix = if random.chance(15) { "IfExists" } else { "" };
            (format!("{operator}{suffix}"), "aws:SourceIp".into(), values(random, RANGES))
        }
        2 => {
            let key = match subject.kind {
                "aws.efs.filesystem" if random.chance(50) => {
                    "elasticfilesystem:AccessedViaMountTarget"
                }
                "aws.lambda.function" if random.chance(20) => "lambda:InvokedViaFunctionUrl",
                _ => random.pick(FLAGS),
            };
            let suffix = if random.chance(30) { "IfExists" } else { "" };
            let value = json!(if random.chance(50) { "true" } else { "false" });
            let value = if random.chance(2) { json!(["true", "false"]) } else { value };
            (format!("Bool{suffix}"), key.into(), value)
        }
        3 => {
            let key = text_key(random, subject).0;
            let value = if random.chance(50) { json!("true") } else { json!(false) };
            ("Null".into(), key.into(), value)
        }
        4 if random.chance(60) => {
            let (operator, key, value) = *random.pick(TYPED);
            let suffix = if random.chance(15) { "IfExists" } else { "" };
            (format!("{operator}{suffix}"), key.into(), json!(value))
        }
        _ => text(random, subject),
    }
}

fn text_key(random: &mut Random, subject: &Subject) -> Pool {
    let own: Vec<&Pool> =
        OWN_KEYS.iter().filter(|own| own.0 == subject.kind).map(|own| &own.1).collect();
    if !own.is_empty() && random.chance(30) { **random.pick(&own) } else { *random.pick(TEXT_KEYS) }
}

fn text(random: &mut Random, subject: &Subject) -> (String, String, Value) {
    let (key, exact, wild) = text_key(random, subject);
    let arn = key.ends_with("Arn");
    let base = match random.below(if arn { 10 } else { 6 }) {
        0 => "StringEquals",
        1 => "StringNotEquals",
        2 | 3 => "StringLike",
        4 => "StringNotLike",
        5 if random.chance(50) => "StringEqualsIgnoreCase",
        5 => "StringNotEqualsIgnoreCase",
        6 => "ArnLike",
        7 => "ArnNotLike",
        8 => "ArnEquals",
        _ => "ArnNotEquals",
    };
    let pool: Vec<&str> = exact.iter().chain(wild).copied().collect();
    let pool: &[&str] = if base.contains("Like") || random.chance(10) { &pool } else { exact };
    let several = key.ends_with("Paths") || key.ends_with("Keys");
    let quantifier = match random.below(if several { 3 } else { 12 }) {
        0 => "ForAllValues:",
        1 => "ForAnyValue:",
        _ => "",
    };
    let suffix = if random.chance(12) { "IfExists" } else { "" };
    (format!("{quantifier}{base}{suffix}"), key.into(), values(random, pool))
}
