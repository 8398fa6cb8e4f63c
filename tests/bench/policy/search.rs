//! A search for documents that take long: patterns of statements are written out until a document
//! is full, and what took longest is changed a little, again and again.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{ARN, Hard, SIZE};

/// A small generator of random numbers (xorshift64*), so that the search is the same every time.
pub struct Random(u64);

impl Random {
    /// From a seed that is not zero.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let product = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        usize::try_from(product >> 33).unwrap_or_default() % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Kinds of resources with what is most different in their judgement, and their ARNs.
const SUBJECTS: [(&str, &str); 5] = [
    ("aws.s3.bucket", ARN),
    ("aws.iam.role", "arn:aws:iam::111122223333:role/app"),
    ("aws.sqs.queue", "arn:aws:sqs:us-east-1:111122223333:jobs"),
    ("aws.kms.key", "arn:aws:kms:us-east-1:111122223333:key/1234"),
    ("aws.s3.accesspoint", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"),
];

/// The kind of that name, with an ARN.
pub fn subject(kind: &str) -> Option<(&'static str, &'static str)> {
    SUBJECTS.iter().copied().find(|(name, _)| *name == kind)
}

/// Statements in which `#` stands for a number that no other has, and `%` for one of few.
#[derive(Clone)]
struct Recipe {
    subject: usize,
    statements: Vec<Value>,
    /// Copies of each value with a number.
    copies: usize,
    /// How many `%` are told apart.
    few: usize,
    /// Statements at most.
    most: usize,
}

const OPERATORS: [&str; 22] = [
    "StringLike",
    "StringLike",
    "StringNotLike",
    "StringEquals",
    "StringNotEquals",
    "StringNotEqualsIfExists",
    "StringLikeIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringLike",
    "ForAllValues:StringNotLike",
    "ForAllValues:StringEquals",
    "ArnLike",
    "ArnNotLike",
    "IpAddress",
    "NotIpAddress",
    "NumericLessThan",
    "NumericEquals",
    "DateGreaterThan",
    "Null",
];

const KEYS: [&str; 40] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalType",
    "aws:PrincipalServiceName",
    "aws:PrincipalIsAWSService",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:userid",
    "aws:username",
    "aws:PrincipalTag/a",
    "aws:PrincipalTag/t%",
    "aws:PrincipalTag/u#",
    "aws:RequestTag/t%",
    "aws:ResourceTag/t%",
    "aws:Referer",
    "aws:UserAgent",
    "aws:TagKeys",
    "aws:CalledVia",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:VpcSourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceOrgPaths",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "s3:prefix",
    "s3:max-keys",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
    "sts:ExternalId",
    "accounts.example.com:sub",
    "accounts.example.com:aud",
    "what:ever%",
];

const VARIABLES: [&str; 7] = [
    "${aws:username}",
    "${aws:PrincipalTag/t%}",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalArn}",
    "${aws:userid}",
    "${aws:SourceArn}",
    "${aws:PrincipalOrgID}",
];

fn text(random: &mut Random, variables: bool) -> String {
    let pieces = 1 + random.below(4);
    (0..pieces)
        .map(|_| match random.below(if variables { 9 } else { 8 }) {
            0 | 1 => "*",
            2 => "?",
            3 | 4 => "#",
            5 => "%",
            6 => "a",
            7 => "/",
            _ => random.of(&VARIABLES),
        })
        .collect()
}

fn account(random: &mut Random) -> &'static str {
    random.of(&["*", "@", "@", "444455556666", "4*", "%*", "????????%??"])
}

fn value(random: &mut Random, key: &str, operator: &str, variables: bool) -> Value {
    let text = text(random, variables);
    let value = match (operator, key) {
        ("IpAddress" | "NotIpAddress", _) => {
            random.of(&["11.%.#.0/24", "11.#.0.0/16", "2001:db8:#::/48", "#.0.0.0/8"]).to_owned()
        }
        ("NumericLessThan" | "NumericEquals", _) => "#".to_owned(),
        ("DateGreaterThan", _) => "20%-01-01".to_owned(),
        ("Null", _) => random.of(&["true", "false"]).to_owned(),
        (_, "aws:PrincipalArn") => {
            let path = random.of(&["role/", "user/", "*"]);
            format!("arn:aws:iam::{}:{path}{text}", account(random))
        }
        (_, "aws:SourceArn") => {
            let head = random.of(&["sns:*", "s3:", "*:us-east-1", "sqs:%*"]);
            format!("arn:aws:{head}:{}:{text}", account(random))
        }
        (_, "s3:DataAccessPointArn") => {
            format!("arn:aws:s3:*:{}:accesspoint/{text}", account(random))
        }
        (_, key) if key.ends_with("Account") || key.ends_with("Owner") => {
            account(random).to_owned()
        }
        (_, "aws:PrincipalOrgID" | "aws:SourceOrgID") => format!("o-{text}"),
        (_, key) if key.ends_with("OrgPaths") => format!("o-{text}/r-{text}/*"),
        (_, "aws:userid") => format!("{}:{text}", random.of(&["AROA#", "AIDA#", "*", "@"])),
        (_, "aws:SourceIp") => random.of(&["11.#.*", "11.%.#.*", "*"]).to_owned(),
        (_, "accounts.example.com:sub") => format!("repo:acme%/{text}"),
        _ => text,
    };
    if random.below(3) == 0 { json!([value, value, text_of(random)]) } else { json!([value]) }
}

fn text_of(random: &mut Random) -> String {
    text(random, false)
}

fn condition(random: &mut Random, variables: bool) -> Value {
    let mut condition = Map::new();
    for _ in 0..random.below(4) {
        let operator = random.of(&OPERATORS);
        let key = random.of(&KEYS);
        let entry = condition.entry(operator).or_insert_with(|| json!({}));
        entry[key] = value(random, key, operator, variables);
    }
    Value::Object(condition)
}

fn statement(random: &mut Random) -> Value {
    let variables = random.below(4) == 0;
    let mut statement = json!({
        "Effect": random.of(&["Allow", "Allow", "Deny"]),
        "Condition": condition(random, variables),
    });
    let principal = match random.below(16) {
        0 => json!({"AWS": "@"}),
        1 => json!({"AWS": "arn:aws:iam::@:role/r%"}),
        2 => json!({"AWS": "arn:aws:iam::444455556666:role/r#"}),
        3 => json!({"AWS": "arn:aws:sts::444455556666:assumed-role/r%/s#"}),
        4 => json!({"Service": "s#.amazonaws.com"}),
        5 => json!({"Service": "s%.amazonaws.com"}),
        6 => json!({"Federated": "accounts.example.com"}),
        7 => json!({"CanonicalUser": "c#"}),
        _ => json!("*"),
    };
    let of = random.of(&["Principal", "Principal", "Principal", "NotPrincipal"]);
    statement[of] = principal;
    let action = random.of(&["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:*e*#", "s3:x#", "sts:*"]);
    statement[random.of(&["Action", "Action", "Action", "NotAction"])] = json!(action);
    let below = text(random, variables);
    let resource = match random.below(4) {
        0 => format!("{ARN}/{below}"),
        1 => format!("*{below}"),
        _ => "*".to_owned(),
    };
    statement[random.of(&["Resource", "Resource", "Resource", "NotResource"])] = json!(resource);
    statement
}

impl Recipe {
    fn any(random: &mut Random) -> Recipe {
        Recipe {
            subject: if random.below(2) == 0 { 0 } else { random.below(SUBJECTS.len()) },
            statements: (0..=random.below(3)).map(|_| statement(random)).collect(),
            copies: random.of(&[1, 1, 2, 5, 20, 100, 400]),
            few: random.of(&[2, 3, 7, 17, 40]),
            most: random.of(&[2, 6, 20, 1_000, 1_000]),
        }
    }

    fn changed(&self, random: &mut Random) -> Recipe {
        let mut new = self.clone();
        for _ in 0..=random.below(2) {
            let at = random.below(new.statements.len());
            match random.below(10) {
                0 => new.statements[at] = statement(random),
                1 if new.statements.len() < 6 => new.statements.push(statement(random)),
                2 if new.statements.len() > 1 => {
                    new.statements.remove(at);
                }
                3 => {
                    let other = statement(random);
                    let field = random.of(&["Effect", "Principal", "Action", "Resource"]);
                    if other.get(field).is_some() && new.statements[at].get(field).is_some() {
                        new.statements[at][field] = other[field].clone();
                    }
                }
                4 => new.copies = random.of(&[1, 2, 3, 5, 10, 20, 50, 100, 400]),
                5 => new.few = random.of(&[1, 2, 3, 5, 7, 11, 17, 25, 40]),
                6 => new.most = random.of(&[1, 2, 3, 6, 10, 20, 50, 1_000]),
                _ => {
                    let operator = random.of(&OPERATORS);
                    let key = random.of(&KEYS);
                    let value = value(random, key, operator, random.0 & 3 == 0);
                    let condition = &mut new.statements[at]["Condition"];
                    if let Some(entries) = condition.as_object_mut()
                        && random.below(3) == 0
                        && let Some(last) = entries.keys().next_back().cloned()
                    {
                        entries.remove(&last);
                    }
                    condition[operator] = json!({key: value});
                }
            }
        }
        new
    }

    fn hard(&self) -> Hard {
        let (kind, arn) = SUBJECTS[self.subject];
        let mut statements = Vec::new();
        let mut size = 60;
        let mut number = 0;
        for n in 0..self.most {
            let shape = &self.statements[n % self.statements.len()];
            let statement = self.written(shape, &mut number);
            size += statement.to_string().len() + 1;
            if size > SIZE {
                break;
            }
            statements.push(statement);
        }
        Hard { kind, arn, text: super::documents::document(&statements) }
    }

    fn written(&self, shape: &Value, number: &mut usize) -> Value {
        match shape {
            Value::String(text) => json!(self.numbered(text, number)),
            Value::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    let item = item.as_str().unwrap_or_default();
                    let copies = if item.contains(['#', '%', '@']) { self.copies } else { 1 };
                    all.extend((0..copies).map(|_| json!(self.numbered(item, number))));
                }
                Value::Array(all)
            }
            Value::Object(entries) => {
                let mut all = Map::new();
                for (key, value) in entries {
                    let value = self.written(value, number);
                    all.insert(self.numbered(key, number), value);
                }
                Value::Object(all)
            }
            other => other.clone(),
        }
    }

    fn numbered(&self, text: &str, number: &mut usize) -> String {
        let mut written = String::new();
        for c in text.chars() {
            *number += 1;
            match c {
                '#' => written.push_str(&number.to_string()),
                '%' => written.push_str(&(*number % self.few).to_string()),
                '@' => written.push_str(&format!("{:012}", 222_200_000_000_u64 + *number as u64)),
                c => {
                    *number -= 1;
                    written.push(c);
                }
            }
        }
        written
    }
}

/// The hardest of so many documents, and how long each took.
pub fn hardest(
    documents: usize,
    random: &mut Random,
    measure: &mut dyn FnMut(&Hard) -> Duration,
) -> Option<Hard> {
    /// Those that are changed further.
    const KEPT: usize = 8;
    let mut kept: Vec<(Duration, Recipe)> = Vec::new();
    for tried in 0..documents {
        let fresh = kept.len() < KEPT || tried % 4 == 0;
        let recipe = if fresh {
            Recipe::any(random)
        } else {
            let at = random.below(kept.len());
            kept[at].1.changed(random)
        };
        let took = measure(&recipe.hard());
        kept.push((took, recipe));
        kept.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
        kept.truncate(KEPT);
    }
    kept.first().map(|(_, recipe)| recipe.hard())
}
