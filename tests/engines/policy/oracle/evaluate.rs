//! A plain reading of the evaluation rules for one concrete request. Shares no code with the
//! engine: its own patterns, operators and variables, over `serde_json` values.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::callers::Caller;

/// The values of condition keys, by key in lower case.
pub type Keys = BTreeMap<String, Vec<String>>;

/// How a request is authenticated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Unsigned,
    Signed,
    Service(String),
    Federated(String),
}

/// One concrete request.
#[derive(Debug, Clone)]
pub struct Request {
    pub form: Form,
    pub account: String,
    pub canonical: Option<String>,
    pub session: Option<String>,
    pub keys: Keys,
}

impl Request {
    /// A request of a caller with these keys.
    pub fn of(caller: &Caller, keys: Keys) -> Request {
        Request {
            form: caller.form.clone(),
            account: caller.account.clone(),
            canonical: caller.canonical.clone(),
            session: caller.session.clone(),
            keys,
        }
    }

    /// A request of which only these keys matter.
    pub fn nobody(keys: Keys) -> Request {
        let account = String::new();
        Request { form: Form::Unsigned, account, canonical: None, session: None, keys }
    }
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
    let mut rest = pattern.chars();
    let mut text_rest = text.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            rest.as_str().is_empty()
                || glob(rest.as_str(), text)
                || text_rest.next().is_some() && glob(pattern, text_rest.as_str())
        }
        Some('?') => text_rest.next().is_some() && glob(rest.as_str(), text_rest.as_str()),
        Some(c) => {
            text_rest.next() == Some(unescaped(c)) && glob(rest.as_str(), text_rest.as_str())
        }
    }
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
            // Invalid: everybody it may mean, and [`is_invalid`] puts that in doubt.
            "AWS" if value.contains('*') => {
                ["*", request.account.as_str()].contains(&value.split(':').nth(4).unwrap())
            }
            "AWS" if value.starts_with("arn:aws:sts:") => request.session.as_ref() == Some(value),
            "AWS" => request.keys.get("aws:principalarn").is_some_and(|arn| arn[0] == *value),
            "Service" => request.form == Form::Service(value.clone()),
            "Federated" => request.form == Form::Federated(value.clone()),
            "CanonicalUser" => request.canonical.as_ref() == Some(value),
            _ => false,
        })
    })
}

/// Whether a principal has a wildcard in it, which AWS does not store.
fn is_invalid(statement: &Value) -> bool {
    ["Principal", "NotPrincipal"].iter().any(|element| {
        let kinds = statement[*element].as_object();
        kinds
            .into_iter()
            .flatten()
            .flat_map(|(_, values)| list(values))
            .any(|value| value != "*" && value.contains('*'))
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
    if !is_for(statement, request) {
        return Outcome::No;
    }
    let outcome = match statement.get("Condition") {
        None => Outcome::Yes,
        Some(block) => condition(block, request, allow, modern),
    };
    match outcome {
        Outcome::Yes if is_invalid(statement) => Outcome::Maybe,
        outcome => outcome,
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

/// Whether AWS would refuse the statement, so that nobody knows what it does.
pub fn is_unreadable(statement: &Value, resource_optional: bool) -> bool {
    let elements = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let missing = |a: &str, b: &str| statement.get(a).is_some() == statement.get(b).is_some();
    statement.as_object().unwrap().keys().any(|name| !elements.contains(&name.as_str()))
        || (statement["Effect"] != "Allow" && statement["Effect"] != "Deny")
        || missing("Principal", "NotPrincipal")
        || missing("Action", "NotAction")
        || missing("Resource", "NotResource") && !resource_optional
        || statement.get("Condition").is_some_and(is_malformed)
}

/// Whether a condition block cannot be read, whatever the request.
pub fn is_malformed(block: &Value) -> bool {
    const FAMILIES: &[(&str, &[&str])] = &[
        (
            "String",
            &["Equals", "NotEquals", "Like", "NotLike", "EqualsIgnoreCase", "NotEqualsIgnoreCase"],
        ),
        ("Arn", &["Equals", "Like", "NotEquals", "NotLike"]),
        ("Numeric", ORDERED),
        ("Date", ORDERED),
        ("", &["Bool", "Null", "BinaryEquals", "IpAddress", "NotIpAddress"]),
    ];
    const ORDERED: &[&str] =
        &["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    let Value::Object(operators) = block else { return true };
    operators.iter().any(|(operator, entries)| {
        let entries = entries.as_object().unwrap();
        let name = operator.rsplit(':').next().unwrap();
        let base = name.trim_end_matches("IfExists");
        let known = FAMILIES
            .iter()
            .any(|(family, names)| names.iter().any(|name| format!("{family}{name}") == base));
        let mut keys: Vec<String> = entries.keys().map(|key| key.to_lowercase()).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
        let wrong = entries.values().any(|values| {
            let values = list(values);
            base == "Bool" && values.len() > 1
                || base.ends_with("IpAddress") && values.iter().any(|value| !is_range(value))
        });
        !known || base == "Null" && base != name || twice || wrong
    })
}

fn is_range(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, prefix)| {
        let most = if address.contains(':') { 128 } else { 32 };
        address.parse::<IpAddr>().is_ok() && prefix.parse::<u32>().is_ok_and(|p| p <= most)
    })
}

fn condition(block: &Value, request: &Request, allow: bool, modern: bool) -> Outcome {
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
            // Of no values all are in an empty list.
            Some(present) if values.is_empty() => {
                quantifier == "ForAllValues" && present.is_empty()
            }
            Some(present) => {
                let mut each = present.iter().map(|v| single(base, v, &values, request, modern));
                match quantifier {
                    "ForAllValues" => each.all(|holds| holds),
                    // A negated operator holds when its opposite does not.
                    "" if base.contains("Not") => each.all(|holds| holds),
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
        "Bool" | "BinaryEquals" => value == wanted,
        ordered => {
            let numeric = ordered.strip_prefix("Numeric");
            let order = match numeric {
                Some(_) => {
                    let (left, right): (f64, f64) =
                        (value.parse().unwrap(), wanted.parse().unwrap());
                    left.partial_cmp(&right).unwrap()
                }
                // Dates of one writing compare as text.
                None => value.cmp(wanted),
            };
            match numeric.or(ordered.strip_prefix("Date")) {
                Some("Equals") => order.is_eq(),
                Some("LessThan") => order.is_lt(),
                Some("LessThanEquals") => order.is_le(),
                Some("GreaterThan") => order.is_gt(),
                Some("GreaterThanEquals") => order.is_ge(),
                _ => panic!("the oracle does not know {ordered}"),
            }
        }
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
