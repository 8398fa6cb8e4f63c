//! How long a policy takes to decide: a typical one, many statements, and hostile 20 KB documents.
//!
//! `cargo bench --no-default-features --bench policy` prints all of them and the worst of a random
//! search; with `-- --enforce` it fails where a bound is broken.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use outcrop::analysis::aws::policy::{Context, Ruling, Subject, Verdict, judge};
use serde_json::{Value, json};

/// A document of this size is as long as AWS takes for a bucket.
const SIZE: usize = 20 * 1024;
const HOSTILE: Duration = Duration::from_millis(100);
const STATEMENTS: Duration = Duration::from_millis(200);
const TYPICAL: Duration = Duration::from_millis(1);
const ARN: &str = "arn:aws:s3:::acme-data";

fn ruled(text: &str) -> Ruling {
    let context = Context {
        now: Some("2026-01-01T00:00:00Z".parse().expect("a time")),
        org_id: Some("o-own0000001".to_owned()),
        ..Context::default()
    };
    let subject = Subject {
        kind: "aws.s3.bucket",
        arn: ARN,
        owner_account: "111122223333",
        context: &context,
    };
    judge(text, &subject)
}

/// Time that this process had a processor for, so that a busy machine changes nothing; the clock
/// on the wall where the kernel does not tell.
fn processor_time(since: Instant) -> Duration {
    // Linux: the first number is nanoseconds on a processor (Documentation/scheduler/sched-stats).
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = stat.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn once(text: &str) -> (Duration, Ruling) {
    let started = Instant::now();
    let before = processor_time(started);
    let ruling = ruled(text);
    let wall = started.elapsed();
    let spent = processor_time(started).saturating_sub(before);
    // Processor time is counted in ticks of some milliseconds.
    (if spent < Duration::from_millis(20) { wall } else { spent.min(wall) }, ruling)
}

/// The best of three, and the ruling.
fn timed(text: &str) -> (Duration, Ruling) {
    let once = || once(text);
    (0..2).map(|_| once()).chain([once()]).min_by_key(|(took, _)| *took).unwrap_or_else(once)
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(resource: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resource, "Condition": condition})
}

fn deny(resource: Value, condition: Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resource, "Condition": condition})
}

fn many(count: usize, shape: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(shape).collect()
}

/// Statements while they fit.
fn filled(shape: impl Fn(usize) -> Value) -> String {
    let mut statements = Vec::new();
    let mut size = 60;
    for number in 0.. {
        let statement = shape(number);
        size += statement.to_string().len() + 1;
        if size > SIZE {
            break;
        }
        statements.push(statement);
    }
    document(&statements)
}

/// Documents that are hard for one part of the engine each.
fn hostile() -> Vec<(&'static str, String)> {
    let stars = |count: usize, of: &str| of.repeat(count);
    vec![
        (
            "4,000 stars in a resource",
            document(&[allow(json!(format!("{ARN}/{}", stars(4_000, "*a"))), json!({}))]),
        ),
        (
            "stars against stars",
            document(&[
                allow(json!(format!("{ARN}/{}", stars(2_000, "*a"))), json!({})),
                json!({"Effect": "Deny", "Principal": "*", "Action": "*",
                       "NotResource": format!("{ARN}/{}b", stars(2_000, "a*"))}),
            ]),
        ),
        (
            "stars in conditions",
            document(&[allow(
                json!("*"),
                json!({"StringLike": {"aws:Referer": stars(4_000, "*a"), "aws:PrincipalArn": stars(2_000, "*a"),
                       "aws:userid": stars(1_500, "*b")}}),
            )]),
        ),
        (
            "many resources",
            document(&[allow(json!(many(550, |n| format!("{ARN}/{n}*"))), json!({}))]),
        ),
        (
            "many crossing resources",
            filled(|n| {
                let resource = json!(format!("{ARN}/*{}*{}*", n % 23, n * 7 % 31));
                if n % 2 == 0 { allow(resource, json!({})) } else { deny(resource, json!({})) }
            }),
        ),
        (
            "wide unions of ranges",
            document(&[allow(
                json!("*"),
                json!({"IpAddress": {"aws:SourceIp": many(900, |n| format!("{}.{}.0.0/16", 11 + n % 80, n / 80))}}),
            )]),
        ),
        (
            "allowed and denied ranges",
            filled(|n| {
                let ranges = json!(many(40, |m| format!("{}.{}.{}.0/24", 11 + m, n, m)));
                let condition = json!({"IpAddress": {"aws:SourceIp": ranges}});
                if n % 2 == 0 { allow(json!("*"), condition) } else { deny(json!("*"), condition) }
            }),
        ),
        (
            "many accounts",
            document(&[
                json!({"Effect": "Allow", "Principal": {"AWS": many(1_300, |n| (222_200_000_000_u64 + n as u64).to_string())}, "Action": "s3:*", "Resource": "*"}),
            ]),
        ),
        (
            "everybody but many roles",
            document(&[
                json!({"Effect": "Allow", "NotPrincipal": {"AWS": many(180, |n| format!("arn:aws:iam::{}:role/r{n}", 222_200_000_000_u64 + n as u64))}, "Action": "s3:*", "Resource": "*"}),
                json!({"Effect": "Deny", "NotPrincipal": {"AWS": many(180, |n| format!("arn:aws:iam::{}:role/r{n}", 222_200_000_090_u64 + n as u64))}, "Action": "s3:Get*", "Resource": "*"}),
            ]),
        ),
        (
            "an organization a statement",
            filled(|n| {
                allow(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": format!("o-{n:010}")}}))
            }),
        ),
        (
            "organizations, accounts and ids",
            filled(|n| {
                allow(
                    json!("*"),
                    json!({"StringEquals": {"aws:PrincipalOrgID": format!("o-{n:010}"), "aws:PrincipalAccount": format!("{:012}", 222_200_000_000_u64 + n as u64)},
                           "StringLike": {"aws:userid": format!("AROA{n:017}:*")}}),
                )
            }),
        ),
        (
            "sources of many services",
            filled(|n| {
                json!({"Effect": "Allow", "Principal": {"Service": format!("s{}.amazonaws.com", n % 9)}, "Action": "s3:PutObject", "Resource": "*",
                       "Condition": {"ArnLike": {"aws:SourceArn": format!("arn:aws:sns:*:{:012}:t{n}*", 222_200_000_000_u64 + n as u64)}}})
            }),
        ),
        (
            "patterns of callers",
            document(&[
                allow(
                    json!("*"),
                    json!({"StringLike": {"aws:PrincipalArn": many(200, |n| format!("arn:aws:iam::*:role/*{n}*"))}}),
                ),
                deny(
                    json!("*"),
                    json!({"StringNotLike": {"aws:PrincipalArn": many(200, |n| format!("*{n}?*x"))}}),
                ),
            ]),
        ),
        (
            "patterns of accounts",
            filled(|n| {
                allow(json!("*"), json!({"StringLike": {"aws:PrincipalAccount": format!("{n:04}*{}", n % 7)}}))
            }),
        ),
        (
            "a Deny for every key",
            filled(|n| {
                if n == 0 {
                    return allow(json!("*"), json!({}));
                }
                deny(
                    json!("*"),
                    json!({"StringEquals": {
                    format!("s3:k{}", n % 17): (n % 3).to_string(),
                    format!("s3:k{}", n * 7 % 17): (n % 2).to_string(),
                    format!("s3:k{}", n * 11 % 17): (n % 5).to_string()}}),
                )
            }),
        ),
        (
            "one condition of many keys",
            document(&[
                allow(
                    json!("*"),
                    json!({"StringLike": (0..300).map(|n| (format!("s3:key{n}"), json!(format!("*{n}*")))).collect::<serde_json::Map<_, _>>()}),
                ),
                deny(
                    json!("*"),
                    json!({"StringLike": (0..300).map(|n| (format!("s3:key{n}"), json!(format!("{n}*x")))).collect::<serde_json::Map<_, _>>()}),
                ),
            ]),
        ),
        (
            "many patterns of one key",
            filled(|n| {
                let condition = json!({"StringLike": {"aws:Referer": format!("*{n}*{}?", n * 3)}});
                if n % 3 == 0 { allow(json!("*"), condition) } else { deny(json!("*"), condition) }
            }),
        ),
        (
            "variables in resources",
            filled(|n| {
                allow(
                    json!(format!("{ARN}/${{aws:username}}/${{aws:PrincipalTag/t{}}}/{n}/*", n % 5)),
                    json!({"StringLike": {format!("aws:PrincipalTag/t{}", n % 5): [format!("a{n}*"), format!("b{n}")]}}),
                )
            }),
        ),
        (
            "variables in conditions",
            filled(|n| {
                deny(
                    json!(format!("{ARN}/{n}/*")),
                    json!({"StringNotEquals": {format!("aws:PrincipalTag/t{}", n % 9): format!("${{aws:PrincipalTag/t{}}}", (n + 1) % 9)}}),
                )
            })
            .replacen("\"Deny\"", "\"Allow\"", 1),
        ),
        (
            "access points and patterns",
            filled(|n| {
                allow(
                    json!("*"),
                    json!({"StringLike": {"s3:DataAccessPointArn": format!("arn:aws:s3:*:{:012}:accesspoint/*{n}*", 222_200_000_000_u64 + n as u64)}}),
                )
            }),
        ),
        (
            "values of several at once",
            filled(|n| {
                let condition = json!({"ForAnyValue:StringLike": {"aws:TagKeys": format!("t{n}*")}, "ForAllValues:StringNotLike": {"aws:CalledVia": format!("*{n}")}});
                if n % 2 == 0 { allow(json!("*"), condition) } else { deny(json!("*"), condition) }
            }),
        ),
        ("deep lists", "[".repeat(SIZE)),
        ("nested objects", "{\"a\":".repeat(SIZE / 5)),
        (
            "percent signs",
            format!("%7B{}", "%20".repeat(SIZE / 3 - 1)),
        ),
    ]
}

/// A small generator of random numbers (xorshift64*), so that the search is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let product = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        usize::try_from(product >> 33).unwrap_or_default() % bound
    }
}

const KEYS: [&str; 14] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:userid",
    "aws:username",
    "aws:PrincipalTag/a",
    "aws:Referer",
    "aws:TagKeys",
    "s3:prefix",
    "s3:DataAccessPointArn",
    "aws:SourceVpce",
];

/// A random document that mixes what is hard.
fn mixed(random: &mut Random) -> String {
    let keys = 1 + random.below(KEYS.len());
    let variables = random.below(4) == 0;
    let wild = random.below(3);
    let seed = random.below(1 << 30);
    let pairs = 1 + random.below(3);
    let resources = random.below(3);
    filled(|n| {
        let mut random = Random((seed + n * 7_919 + 1) as u64);
        let mut text = String::new();
        for _ in 0..=wild {
            let _ = write!(text, "{}{}", ["", "*", "?"][random.below(3)], random.below(60));
        }
        if variables && random.below(3) == 0 {
            text.push_str("${aws:username}");
        }
        let mut condition = serde_json::Map::new();
        for _ in 0..random.below(pairs + 1) {
            let key = KEYS[random.below(keys)];
            let value = match key {
                "aws:PrincipalArn" => format!(
                    "arn:aws:iam::{}:role/{text}",
                    ["*", "444455556666", "4*"][random.below(3)]
                ),
                "aws:SourceArn" => {
                    format!("arn:aws:sns:*:{}:{text}", ["*", "444455556666"][random.below(2)])
                }
                "aws:PrincipalOrgPaths" => format!("o-{text}/r-{text}/*"),
                _ => text.clone(),
            };
            let operator = [
                "StringLike",
                "StringNotLike",
                "StringEquals",
                "StringNotEqualsIfExists",
                "ForAnyValue:StringLike",
                "StringEqualsIgnoreCase",
            ][random.below(6)];
            condition
                .insert(operator.to_owned(), json!({key: [value, random.below(99).to_string()]}));
        }
        let resource = match resources {
            0 => "*".to_owned(),
            1 => format!("{ARN}/{text}"),
            _ => format!("{ARN}/*{}*", random.below(40)),
        };
        let statement = if random.below(2) == 0 { allow } else { deny };
        statement(json!(resource), Value::Object(condition))
    })
}

fn report(name: &str, text: &str, bound: Duration, broken: &mut Vec<String>) -> Duration {
    let (took, ruling) = timed(text);
    let complex = ruling.diagnostics.iter().any(|diagnostic| diagnostic.code == "too-complex");
    let complex = if complex { ", too complex" } else { "" };
    println!("{took:>12.1?}  {:>6} bytes  {}{complex}  {name}", text.len(), ruling.verdict.name());
    if took > bound {
        broken.push(format!("{name}: {took:?} instead of {bound:?}"));
    }
    if !complex.is_empty() && ruling.verdict > Verdict::Conditional {
        broken.push(format!("{name}: undecided, and yet {}", ruling.verdict.name()));
    }
    took
}

fn main() {
    let enforce = std::env::args().any(|argument| argument == "--enforce");
    let mut broken = Vec::new();
    let typical = document(&[
        json!({"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("{ARN}/*"),
               "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aaaa111122"}}}),
        json!({"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, format!("{ARN}/*")],
               "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ]);
    report("a typical policy", &typical, TYPICAL, &mut broken);
    let statements: Vec<Value> = (0..2_000)
        .map(|n| {
            json!({"Sid": format!("s{n}"), "Effect": if n % 3 == 0 { "Deny" } else { "Allow" },
                   "Principal": {"AWS": format!("{:012}", 222_200_000_000_u64 + n)},
                   "Action": "s3:GetObject", "Resource": format!("{ARN}/{n}/*")})
        })
        .collect();
    report("2,000 statements", &document(&statements), STATEMENTS, &mut broken);
    let mut worst = (Duration::ZERO, String::new());
    for (name, text) in hostile() {
        assert!(text.len() <= SIZE, "{name} has {} bytes", text.len());
        let took = report(name, &text, HOSTILE, &mut broken);
        worst = worst.max((took, name.to_owned()));
    }
    let searched: usize = std::env::var("OUTCROP_BENCH_SEARCH")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut hardest = (Duration::ZERO, String::new());
    for _ in 0..searched {
        let text = mixed(&mut random);
        hardest = hardest.max((once(&text).0, text));
    }
    let name = format!("the worst of {searched} random documents");
    let took = report(&name, &hardest.1, HOSTILE, &mut broken);
    worst = worst.max((took, name));
    if std::env::args().any(|argument| argument == "--show") {
        println!("{}", hardest.1);
    }
    println!("the worst: {:.1?}, {}", worst.0, worst.1);
    for line in &broken {
        println!("broken: {line}");
    }
    if enforce && !broken.is_empty() {
        std::process::exit(1);
    }
}
