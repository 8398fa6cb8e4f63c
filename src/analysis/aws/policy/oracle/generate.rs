//! Random policies from small pools, so that statements meet and cross.

use serde_json::{Map, Value, json};

pub const OWNER: &str = "111122223333";

/// A small generator of random numbers; the same seed gives the same policies.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let product = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        usize::try_from(product >> 33).unwrap() % bound
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A kind of resource that policies are generated for.
pub struct Subject {
    pub kind: &'static str,
    pub arn: &'static str,
    pub unsigned: bool,
    pub actions: &'static [&'static str],
    pub resources: &'static [&'static str],
    /// Concrete resources that the pool of patterns tells apart.
    pub samples: &'static [&'static str],
}

const BUCKET: &str = "arn:aws:s3:::acme-data";

pub const SUBJECTS: &[Subject] = &[
    Subject {
        kind: "aws.s3.bucket",
        arn: BUCKET,
        unsigned: true,
        actions: &[
            "s3:GetObject",
            "s3:PutObject",
            "s3:*",
            "s3:Get*",
            "s3:List*",
            "s3:ListBucket",
            "s3:PutObjectAcl",
            "s3:*Object",
            "s3:DeleteObject",
            "*",
            "s3:GetBucketAcl",
            "s3:Put*",
        ],
        resources: &[
            "arn:aws:s3:::acme-data",
            "arn:aws:s3:::acme-data/*",
            "arn:aws:s3:::acme-data/public/*",
            "arn:aws:s3:::acme-data/private/*",
            "arn:aws:s3:::acme-data/*.jpg",
            "*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::acme-dat?/*",
            "arn:aws:s3:::acme-data/public/??",
            "arn:aws:s3:::other/*",
            "arn:aws:s3:::acme-data/public/a",
            "arn:aws:s3:::acme-data/home/${aws:username}/*",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/*",
        ],
        samples: &[
            "arn:aws:s3:::acme-data",
            "arn:aws:s3:::acme-data/zzzz",
            "arn:aws:s3:::acme-data/zzzz.jpg",
            "arn:aws:s3:::acme-data/public/zzzz",
            "arn:aws:s3:::acme-data/public/zzzz.jpg",
            "arn:aws:s3:::acme-data/private/zzzz",
            "arn:aws:s3:::acme-data/private/zzzz.jpg",
            "arn:aws:s3:::acme-data/public/zz",
            "arn:aws:s3:::acme-data/public/a",
            "arn:aws:s3:::acme-data/home/bob/zzzz",
            "arn:aws:s3:::acme-data/home/zzzz/zzzz",
            "arn:aws:s3:::acme-data/bob/zzzz",
            "arn:aws:s3:::acme-data/home/bob/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/zzzz/zzzz.jpg",
            "arn:aws:s3:::acme-data/bob/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/public/zzzz",
            "arn:aws:s3:::acme-data/home/${aws:username}/zzzz",
            "arn:aws:s3:::acme-data/home/${aws:username}/zzzz.jpg",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/zzzz",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/zzzz.jpg",
            "arn:aws:s3:::acme-data/svc-z/zzzz",
            "arn:aws:s3:::acme-data/svc-z/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/svc-z/zzzz",
            "arn:aws:s3:::acme-data/home/svc-z/zzzz.jpg",
        ],
    },
    Subject {
        kind: "aws.sqs.queue",
        arn: "arn:aws:sqs:us-east-1:111122223333:jobs",
        unsigned: true,
        actions: &[
            "sqs:SendMessage",
            "sqs:ReceiveMessage",
            "sqs:*",
            "sqs:Get*",
            "*",
            "sqs:AddPermission",
        ],
        resources: &[
            "arn:aws:sqs:us-east-1:111122223333:jobs",
            "*",
            "arn:aws:sqs:*:111122223333:*",
            "arn:aws:sqs:us-east-1:111122223333:other",
        ],
        samples: &["arn:aws:sqs:us-east-1:111122223333:jobs"],
    },
    Subject {
        kind: "aws.sns.topic",
        arn: "arn:aws:sns:us-east-1:111122223333:alerts",
        unsigned: true,
        actions: &["sns:Publish", "sns:Subscribe", "sns:*", "sns:Get*", "*", "SNS:List*"],
        resources: &[
            "arn:aws:sns:us-east-1:111122223333:alerts",
            "*",
            "arn:aws:sns:*:*:alerts",
            "arn:aws:sns:us-east-1:111122223333:other",
        ],
        samples: &["arn:aws:sns:us-east-1:111122223333:alerts"],
    },
    Subject {
        kind: "aws.kms.key",
        arn: "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d",
        unsigned: false,
        actions: &[
            "kms:Decrypt",
            "kms:*",
            "kms:Describe*",
            "kms:CreateGrant",
            "kms:List*",
            "kms:Encrypt",
        ],
        resources: &["*"],
        samples: &["arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d"],
    },
    Subject {
        kind: "aws.secretsmanager.secret",
        arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf",
        unsigned: false,
        actions: &["secretsmanager:GetSecretValue", "secretsmanager:*", "secretsmanager:Put*", "*"],
        resources: &["*", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-*"],
        samples: &["arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"],
    },
];

fn principals(random: &mut Random) -> Value {
    let pool = [
        json!("*"),
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ["*"]}),
        json!({"AWS": "444455556666"}),
        json!({"AWS": "arn:aws:iam::444455556666:role/etl"}),
        json!({"AWS": ["444455556666", "arn:aws:iam::777788889999:root"]}),
        json!({"AWS": "arn:aws:iam::111122223333:root"}),
        json!({"Service": "sns.amazonaws.com"}),
        json!({"AWS": "777788889999", "Service": ["sns.amazonaws.com", "cloudtrail.amazonaws.com"]}),
        json!({"CanonicalUser": "cafe0001"}),
        json!({"AWS": "AROAEXAMPLEROLEID12345"}),
        json!({"AWS": []}),
        json!({"AWS": ["arn:aws:iam::444455556666:role/etl", "arn:aws:iam::777788889999:role/zzzz"]}),
    ];
    random.pick(&pool).clone()
}

const TEXT_KEYS: &[(&str, &[&str], &[&str])] = &[
    (
        "aws:PrincipalOrgID",
        &["o-aaaa111122", "o-bbbb333344", "${aws:ResourceOrgID}"],
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
        &["arn:aws:iam::*:role/Admin", "arn:aws:iam::444455556666:role/*", "*:role/Admin", "*"],
    ),
    ("aws:PrincipalType", &["Anonymous", "AssumedRole", "User"], &["*", "A*"]),
    ("aws:userid", &["AIDAEXAMPLEUSERID0001"], &["*:deploy", "AIDAEXAMPLEUSERID0001*", "*"]),
    ("aws:username", &["bob", "${aws:PrincipalTag/team}"], &["svc-*", "*"]),
    ("aws:PrincipalTag/team", &["red", "${aws:PrincipalAccount}", "${aws:username}"], &["r*"]),
    ("aws:Referer", &["https://example.com/x"], &["https://example.com/*", "*"]),
    ("aws:SourceVpce", &["vpce-1a2b3c4d", "vpce-22223333"], &["vpce-1a2b*", "*"]),
    ("aws:SourceVpc", &["vpc-91237329"], &["vpc-9*"]),
    ("aws:SourceAccount", &["444455556666", OWNER], &["4444*", "*"]),
    (
        "aws:SourceArn",
        &["arn:aws:sns:us-east-1:111122223333:alerts", "arn:aws:s3:::partner-uploads"],
        &[
            "arn:aws:sns:us-east-1:*:news",
            "arn:aws:*:*:444455556666:*",
            "arn:aws:s3:*:*:partner-uploads",
            "*",
        ],
    ),
    ("aws:SourceOrgID", &["o-aaaa111122"], &["o-*"]),
    ("aws:RequestedRegion", &["us-east-1"], &["us-*"]),
    ("aws:ResourceAccount", &[OWNER, "444455556666"], &["1111*"]),
    ("acme:Thing", &["x"], &["x*"]),
    (
        "aws:PrincipalOrgPaths",
        &["o-aaaa111122/r-ab12/ou-ab12-11111111/"],
        &["o-aaaa111122/*", "o-*/r-ab12/*"],
    ),
];

/// Keys of one service only.
const OWN_KEYS: &[(&str, &str, &[&str], &[&str])] = &[
    ("aws.s3.bucket", "s3:x-amz-acl", &["private", "public-read"], &["p*"]),
    ("aws.kms.key", "kms:ViaService", &["s3.us-east-1.amazonaws.com"], &["*"]),
    ("aws.kms.key", "kms:CallerAccount", &["444455556666", OWNER], &["*", "4444*"]),
    ("aws.sns.topic", "aws:SourceOwner", &["444455556666", OWNER], &["*"]),
    ("aws.sns.topic", "sns:Endpoint", &["ops@example.com"], &["*@example.com", "*"]),
    ("aws.sns.topic", "sns:Protocol", &["sqs", "email"], &["*"]),
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

fn some<T: Clone>(random: &mut Random, pool: &[T], most: usize) -> Vec<T> {
    let count = 1 + random.below(most);
    (0..count).map(|_| random.pick(pool).clone()).collect()
}

fn values(random: &mut Random, pool: &[&str]) -> Value {
    let chosen = some(random, pool, 2);
    match &chosen[..] {
        [one] if random.chance(80) => json!(one),
        _ if random.chance(3) => json!([]),
        many => json!(many),
    }
}

fn entry(random: &mut Random, subject: &Subject) -> (String, String, Value) {
    let own: Vec<_> = OWN_KEYS.iter().filter(|own| own.0 == subject.kind).collect();
    match random.below(10) {
        0 | 1 => {
            let operator = *random.pick(&["IpAddress", "NotIpAddress"]);
            let suffix = if random.chance(15) { "IfExists" } else { "" };
            (format!("{operator}{suffix}"), "aws:SourceIp".into(), values(random, RANGES))
        }
        2 => {
            let key = *random.pick(&[
                "aws:SecureTransport",
                "aws:PrincipalIsAWSService",
                "aws:ViaAWSService",
                "aws:MultiFactorAuthPresent",
            ]);
            let suffix = if random.chance(30) { "IfExists" } else { "" };
            let value = json!(if random.chance(50) { "true" } else { "false" });
            let value = if random.chance(2) { json!(["true", "false"]) } else { value };
            (format!("Bool{suffix}"), key.into(), value)
        }
        3 => {
            let key = random.pick(TEXT_KEYS).0;
            let value = if random.chance(50) { json!("true") } else { json!(false) };
            ("Null".into(), key.into(), value)
        }
        4 if random.chance(60) => {
            let (operator, key, value) = random
                .pick(&[
                    ("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
                    ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
                    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
                    ("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
                    ("NumericLessThan", "s3:max-keys", "10"),
                    ("NumericGreaterThanEquals", "s3:max-keys", "10"),
                    ("NumericNotEquals", "s3:max-keys", "10"),
                    ("NumericEquals", "s3:max-keys", "20"),
                ])
                .to_owned();
            (operator.into(), key.into(), json!(value))
        }
        _ => {
            let (key, exact, wild) = if !own.is_empty() && random.chance(25) {
                let own = random.pick(&own);
                (own.1, own.2, own.3)
            } else {
                *random.pick(TEXT_KEYS)
            };
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
            let pool: &[&str] =
                if base.contains("Like") || random.chance(10) { &pool } else { exact };
            let quantifier = match random.below(if key.ends_with("Paths") { 3 } else { 12 }) {
                0 => "ForAllValues:",
                1 => "ForAnyValue:",
                _ => "",
            };
            let suffix = if random.chance(12) { "IfExists" } else { "" };
            (format!("{quantifier}{base}{suffix}"), key.into(), values(random, pool))
        }
    }
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
            json!({"Service": "sns.amazonaws.com"}),
        ];
        statement.insert("NotPrincipal".into(), random.pick(&pool).clone());
    } else {
        statement.insert("Principal".into(), principals(random));
    }
    let action = if random.chance(12) { "NotAction" } else { "Action" };
    statement.insert(action.into(), json!(some(random, subject.actions, 2)));
    let resource = if random.chance(12) { "NotResource" } else { "Resource" };
    let mut resources = some(random, subject.resources, 2);
    if allow && resource == "Resource" && random.chance(40) {
        resources = vec!["*"];
    }
    statement.insert(resource.into(), json!(resources));
    let mut condition: Map<String, Value> = Map::new();
    for _ in 0..*random.pick(&[0, 0, 1, 1, 1, 2, 2, 3]) {
        let (operator, key, values) = entry(random, subject);
        let block = condition.entry(operator).or_insert_with(|| json!({}));
        block.as_object_mut().unwrap().insert(key, values);
    }
    if !condition.is_empty() {
        statement.insert("Condition".into(), Value::Object(condition));
    }
    match random.below(150) {
        0 => {
            statement.remove("Effect");
        }
        1 => {
            statement.remove("Action");
            statement.remove("NotAction");
        }
        2 => {
            statement.insert("Condition".into(), json!({"StringEqual": {"aws:username": "x"}}));
        }
        _ => {}
    }
    Value::Object(statement)
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
