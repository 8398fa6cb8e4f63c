//! Documents that are hard for one part of the engine each.

use serde_json::{Value, json};

use super::{ARN, SIZE};

/// A policy of these statements.
pub fn document(statements: &[Value]) -> String {
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

/// All of them, with what is hard about each.
pub fn hostile() -> Vec<(&'static str, String)> {
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
