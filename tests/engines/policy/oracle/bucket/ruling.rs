//! What S3 calls a public policy (S3 user guide, "The meaning of public"), read off the text.

use serde_json::Value;

use super::super::evaluate;
use super::super::world::entries;

const KEYS: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Whether the text is one that AWS would store; of others it never says anything.
pub fn is_readable(policy: &Value) -> bool {
    let statements = policy["Statement"].as_array().unwrap();
    let wild = |statement: &Value| {
        let text = format!("{}{}", statement["Principal"], statement["NotPrincipal"]);
        text.contains("/*") || text.contains("::*")
    };
    !statements.iter().any(|statement| evaluate::is_unreadable(statement, false) || wild(statement))
}

/// Whether AWS calls it public.
pub fn is_public(policy: &Value, vpc: bool, of_point: bool) -> bool {
    let statements = policy["Statement"].as_array().unwrap();
    let mut allows = statements.iter().filter(|statement| statement["Effect"] == "Allow");
    !vpc && allows.any(|statement| {
        let open = statement.get("NotPrincipal").is_some()
            || statement["Principal"].to_string().contains("\"*\"");
        open && !entries(statement).any(|(operator, key, values)| {
            is_fixed(operator, &key.to_lowercase(), values, of_point)
        })
    })
}

fn is_fixed(operator: &str, key: &str, values: &Value, of_point: bool) -> bool {
    let positive = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike"];
    let base = operator.trim_start_matches("ForAnyValue:");
    let one = [values.clone()];
    let values = values.as_array().map_or(&one[..], Vec::as_slice);
    if !KEYS.contains(&key)
        || values.is_empty()
        || of_point && key.starts_with("s3:dataaccesspoint")
        || base != "IpAddress" && !positive.contains(&base)
    {
        return false;
    }
    values.iter().all(|value| {
        let text = value.as_str().unwrap_or_default();
        if base == "IpAddress" {
            let (address, prefix) = text.split_once('/').unwrap();
            let least = if address.contains(':') { 32 } else { 8 };
            return prefix.parse::<u32>().unwrap() >= least;
        }
        let account = text.split(':').nth(4);
        let account =
            account.filter(|_| key == "s3:dataaccesspointarn" && text.starts_with("arn:"));
        let what = account.unwrap_or(text);
        !what.is_empty() && !what.contains(['*', '?']) && !text.contains("${")
    })
}
