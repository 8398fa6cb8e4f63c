//! A plain reading of the evaluation rules for one concrete request. Shares no code with the
//! engine: its own patterns, operators and variables, over `serde_json` values.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

/// How a request is authenticated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Unsigned,
    Signed,
    Service(String),
}

/// One concrete request.
#[derive(Debug, Clone)]
pub struct Request {
    pub form: Form,
    pub account: String,
    pub canonical: Option<String>,
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Whether a statement matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    No,
    Yes,
    /// It does if what cannot be decided is so.
    Maybe,
    /// It cannot be read.
    Malformed,
}

pub const UNKNOWN_KEY: &str = "acme:thing";

pub fn glob(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '\u{e000}', '\u{e001}']) {
        return pattern == text;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Row by row: which prefixes of the text the pattern so far can match.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match token {
                '*' => row[at] || at > 0 && next[at - 1],
                '?' => at > 0 && row[at - 1],
                c => at > 0 && row[at - 1] && text[at - 1] == unescaped(c),
            };
        }
        row = next;
    }
    row[text.len()]
}

// Literal stars and question marks travel as private characters.
fn escaped(c: char) -> char {
    match c {
        '*' => '\u{e000}',
        '?' => '\u{e001}',
        c => c,
    }
}

fn unescaped(c: char) -> char {
    match c {
        '\u{e000}' => '*',
        '\u{e001}' => '?',
        c => c,
    }
}

/// Replaces variables; text from requests has no wildcards. `None`: a variable has no value.
fn substituted(text: &str, request: &Request, wild: bool, modern: bool) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${").filter(|_| modern) {
        let end = rest[start..].find('}')? + start;
        for c in rest[..start].chars() {
            out.push(if wild { c } else { escaped(c) });
        }
        let inside = &rest[start + 2..end];
        match inside {
            "*" | "?" | "$" => out.extend(inside.chars().map(escaped)),
            _ => {
                let (key, default) = match inside.split_once(',') {
                    Some((key, default)) => {
                        (key, Some(default.trim().trim_matches('\'').to_owned()))
                    }
                    None => (inside, None),
                };
                let value = request.keys.get(&key.to_lowercase()).and_then(|v| v.first()).cloned();
                out.extend(value.or(default)?.chars().map(escaped));
            }
        }
        rest = &rest[end + 1..];
    }
    for c in rest.chars() {
        out.push(if wild { c } else { escaped(c) });
    }
    Some(out)
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(list).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn principal(element: &Value, request: &Request) -> bool {
    let Value::Object(kinds) = element else { return element == "*" };
    kinds.iter().any(|(kind, values)| {
        list(values).iter().any(|value| match kind.as_str() {
            "AWS" if value == "*" => true,
            "AWS" if request.form != Form::Signed => false,
            "AWS" if value.len() == 12 => *value == request.account,
            "AWS" if value.ends_with(":root") => value.split(':').nth(4) == Some(&request.account),
            "AWS" => request.keys.get("aws:principalarn").is_some_and(|arn| arn[0] == *value),
            "Service" => request.form == Form::Service(value.clone()),
            "CanonicalUser" => request.canonical.as_ref() == Some(value),
            _ => false,
        })
    })
}

fn is_empty(element: &Value) -> bool {
    match element {
        Value::Array(items) => items.is_empty(),
        Value::Object(kinds) => kinds.values().all(is_empty),
        _ => false,
    }
}

/// Whether one of the elements that a statement needs is an empty list.
pub fn has_no_effect(statement: &Value) -> bool {
    ["Principal", "Action", "Resource"].iter().any(|e| statement.get(*e).is_some_and(is_empty))
}

fn either<'v>(statement: &'v Value, plain: &str, negated: &str) -> Option<(&'v Value, bool)> {
    match (statement.get(plain), statement.get(negated)) {
        (Some(element), None) => Some((element, false)),
        (None, Some(element)) => Some((element, true)),
        _ => None,
    }
}

/// Whether the statement is for this caller, or cannot be read.
pub fn is_for(statement: &Value, request: &Request) -> bool {
    either(statement, "Principal", "NotPrincipal")
        .is_none_or(|(element, not)| principal(element, request) != not)
}

/// Whether caller and condition match.
pub fn who_and_when(statement: &Value, request: &Request, modern: bool) -> Outcome {
    let allow = statement["Effect"] == "Allow";
    match either(statement, "Principal", "NotPrincipal") {
        None => return Outcome::Malformed,
        Some((element, not)) if principal(element, request) == not => return Outcome::No,
        Some(_) => {}
    }
    let missing = either(statement, "Action", "NotAction").is_none();
    match statement.get("Condition") {
        _ if missing => Outcome::Malformed,
        None => Outcome::Yes,
        Some(block) => condition(block, request, allow, modern),
    }
}

/// Whether the action matches; what cannot be read may.
pub fn what(statement: &Value, action: &str) -> bool {
    either(statement, "Action", "NotAction").is_none_or(|(element, not)| {
        list(element).iter().any(|a| glob(&a.to_lowercase(), &action.to_lowercase())) != not
    })
}

/// Whether the resource matches.
pub fn on(statement: &Value, resource: &str, request: &Request, modern: bool) -> bool {
    either(statement, "Resource", "NotResource").is_none_or(|(element, not)| {
        let named = list(element)
            .iter()
            .any(|r| substituted(r, request, true, modern).is_some_and(|r| glob(&r, resource)));
        named != not
    })
}

/// Whether a block cannot be read, whatever the request.
pub fn is_malformed(block: &Value) -> bool {
    let Value::Object(operators) = block else { return true };
    operators.iter().any(|(operator, entries)| {
        let name = operator.rsplit(':').next().unwrap().trim_end_matches("IfExists");
        let known = [
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "IpAddress",
            "NotIpAddress",
            "Bool",
            "Null",
            "NumericLessThan",
            "NumericGreaterThanEquals",
            "NumericEquals",
            "NumericNotEquals",
            "DateLessThan",
            "DateGreaterThan",
        ];
        let bool_list = name == "Bool"
            && entries.as_object().unwrap().values().any(|values| list(values).len() > 1);
        !known.contains(&name) || bool_list
    })
}

fn condition(block: &Value, request: &Request, allow: bool, modern: bool) -> Outcome {
    if is_malformed(block) {
        return Outcome::Malformed;
    }
    let mut outcome = Outcome::Yes;
    for (operator, entries) in block.as_object().unwrap() {
        for (key, values) in entries.as_object().unwrap() {
            match entry(operator, key, values, request, allow, modern) {
                Outcome::No => return Outcome::No,
                Outcome::Maybe => outcome = Outcome::Maybe,
                _ => {}
            }
        }
    }
    outcome
}

/// Whether one entry of a condition block holds.
pub fn entry(
    operator: &str,
    key: &str,
    values: &Value,
    request: &Request,
    allow: bool,
    modern: bool,
) -> Outcome {
    let key = key.to_lowercase();
    let (quantifier, base) = match operator.split_once(':') {
        Some((quantifier, base)) => (quantifier, base),
        None => ("", operator),
    };
    let (base, if_exists) = match base.strip_suffix("IfExists") {
        Some(base) => (base, true),
        None => (base, false),
    };
    let values = list(values);
    let present = request.keys.get(&key);
    if values.is_empty() && quantifier.is_empty() && !if_exists {
        return if allow { Outcome::Maybe } else { Outcome::No };
    }
    let holds = if base == "Null" {
        values.iter().any(|value| (value == "true") == present.is_none())
    } else {
        match present {
            None if if_exists => true,
            None => match quantifier {
                "ForAllValues" => true,
                "ForAnyValue" => false,
                _ => base.contains("Not"),
            },
            Some(_) if values.is_empty() => false,
            Some(present) => {
                let mut each = present.iter().map(|v| single(base, v, &values, request, modern));
                match quantifier {
                    "ForAllValues" => each.all(|holds| holds),
                    _ => each.any(|holds| holds),
                }
            }
        }
    };
    match holds {
        false => Outcome::No,
        // Not decidable, but an entry that this value of the key contradicts is.
        true if key == UNKNOWN_KEY && allow => Outcome::Maybe,
        true => Outcome::Yes,
    }
}

fn single(base: &str, value: &str, wanted: &[String], request: &Request, modern: bool) -> bool {
    let positive = base.replace("Not", "");
    let any = wanted.iter().any(|wanted| match positive.as_str() {
        "StringEquals" if !wanted.contains("${") => wanted == value,
        "StringEquals" => {
            substituted(wanted, request, false, modern).is_some_and(|w| glob(&w, value))
        }
        "StringEqualsIgnoreCase" => substituted(wanted, request, false, modern)
            .is_some_and(|w| glob(&w.to_lowercase(), &value.to_lowercase())),
        "StringLike" => substituted(wanted, request, true, modern).is_some_and(|w| glob(&w, value)),
        "ArnEquals" | "ArnLike" => substituted(wanted, request, true, modern).is_some_and(|w| {
            let (w, v): (Vec<&str>, Vec<&str>) =
                (w.splitn(6, ':').collect(), value.splitn(6, ':').collect());
            w.len() == 6 && v.len() == 6 && w.iter().zip(v).all(|(w, v)| glob(w, v))
        }),
        "IpAddress" => in_range(value, wanted),
        "Bool" => value == wanted,
        "NumericEquals" => value.parse::<f64>().unwrap() == wanted.parse::<f64>().unwrap(),
        "NumericLessThan" => value.parse::<f64>().unwrap() < wanted.parse::<f64>().unwrap(),
        "NumericGreaterThanEquals" => {
            value.parse::<f64>().unwrap() >= wanted.parse::<f64>().unwrap()
        }
        // Dates of one writing compare as text.
        "DateLessThan" => value < wanted.as_str(),
        "DateGreaterThan" => value > wanted.as_str(),
        other => panic!("the oracle does not know {other}"),
    });
    any != base.contains("Not")
}

fn in_range(value: &str, range: &str) -> bool {
    let Ok(address) = value.parse::<IpAddr>() else { return false };
    let (network, prefix) = range.split_once('/').unwrap();
    let prefix: u32 = prefix.parse().unwrap();
    match (address, network.parse::<IpAddr>().unwrap()) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let shift = 32 - prefix;
            shift == 32 || u32::from(a) >> shift == u32::from(n) >> shift
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let shift = 128 - prefix;
            shift == 128 || u128::from(a) >> shift == u128::from(n) >> shift
        }
        _ => false,
    }
}
