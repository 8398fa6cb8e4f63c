//! The condition block: operators, and whether a test holds for the values of a request.

use std::net::IpAddr;

use super::arn::ArnPattern;
use super::glob::Glob;
use super::json::Json;
use super::pattern::{Comparison, Pattern};
use super::template::Template;
use crate::analysis::aws::policy::addresses::Block;
use crate::analysis::aws::policy::budget::Budget;

/// Set operators of keys with several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// None: the key has one value.
    Plain,
    /// `ForAllValues:`, true when the key is absent.
    All,
    /// `ForAnyValue:`, false when the key is absent.
    Any,
}

/// How numbers and dates compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `Equals`, and by negation `NotEquals`.
    Equal,
    /// `LessThan`.
    Less,
    /// `LessThanEquals`.
    LessOrEqual,
    /// `GreaterThan`.
    Greater,
    /// `GreaterThanEquals`.
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Order::Equal => left == right,
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
            Order::Greater => left > right,
            Order::GreaterOrEqual => left >= right,
        }
    }
}

/// The values of a test, read as its operator reads them.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Text and patterns.
    Text {
        /// The alternatives.
        any: Vec<Template>,
        /// Those of them that have no variables.
        fixed: Vec<Pattern>,
        /// Whether others have.
        varies: bool,
        /// How they are compared.
        comparison: Comparison,
    },
    /// Address blocks.
    Blocks(Vec<Block>),
    /// Numbers.
    Numbers(Order, Vec<f64>),
    /// Instants in seconds since 1970.
    Instants(Order, Vec<f64>),
    /// Truth values.
    Flags(Vec<bool>),
    /// `Null`: `true` asks for absence.
    Absence(Vec<bool>),
}

/// One entry of a condition block: operator, key, values.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Key in lower case.
    pub key: String,
    /// Operator and key as written, for explanations.
    pub shown: String,
    /// Set operator.
    pub quantifier: Quantifier,
    /// `IfExists`: an absent key makes it true, negated or not.
    pub if_exists: bool,
    /// True when no value matches.
    pub negated: bool,
    /// What is compared.
    pub values: Values,
    /// The list of values is empty.
    pub empty: bool,
}

impl Test {
    /// The test for a request whose other keys have these values.
    pub fn with(
        &self,
        value_of: &dyn Fn(&str) -> Option<String>,
        budget: &Budget,
    ) -> ResolvedTest<'_> {
        let mut varying = Vec::new();
        let Values::Text { any, varies: true, comparison, .. } = &self.values else {
            return ResolvedTest { test: self, varying };
        };
        for template in any.iter().filter(|template| template.fixed().is_none()) {
            if !budget.states(template.text().len()) {
                break;
            }
            if let Some(glob) = template.resolve(value_of) {
                budget.states(glob.tokens().len());
                varying.extend(Pattern::of(glob, *comparison));
            }
        }
        ResolvedTest { test: self, varying }
    }

    /// Its templates, when it compares text.
    pub fn templates(&self) -> &[Template] {
        match &self.values {
            Values::Text { any, .. } => any,
            _ => &[],
        }
    }

    /// One of its patterns as one of ARNs.
    pub fn arn_pattern(&self, glob: &Glob) -> ArnPattern {
        let by_field = matches!(self.values, Values::Text { comparison: Comparison::Arn, .. });
        ArnPattern { glob: glob.clone(), by_field }
    }

    /// Whether its outcome depends on the value of another key.
    pub fn has_variables(&self) -> bool {
        matches!(self.values, Values::Text { varies: true, .. })
    }
}

/// A test whose variables are replaced.
pub struct ResolvedTest<'t> {
    test: &'t Test,
    varying: Vec<Pattern>,
}

impl ResolvedTest<'_> {
    /// Whether it holds when the request has these values of its key (`None`: no such key).
    pub fn holds(&self, present: Option<&[String]>, budget: &Budget) -> bool {
        if !budget.states(1) {
            return false;
        }
        let test = self.test;
        if let Values::Absence(wanted) = &test.values {
            return wanted.contains(&present.is_none());
        }
        let Some(present) = present else {
            return match test.quantifier {
                _ if test.if_exists => true,
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::Plain => test.negated,
            };
        };
        if test.empty {
            return test.quantifier == Quantifier::All && present.is_empty();
        }
        let base = |value: &String| self.matches(value, budget) != test.negated;
        match test.quantifier {
            Quantifier::All => present.iter().all(base),
            Quantifier::Any => present.iter().any(base),
            Quantifier::Plain if test.negated => present.iter().all(base),
            Quantifier::Plain => present.iter().any(base),
        }
    }

    fn matches(&self, value: &str, budget: &Budget) -> bool {
        match &self.test.values {
            Values::Text { fixed, comparison, .. } => {
                if *comparison == Comparison::IgnoringCase {
                    budget.states(value.len());
                }
                let value = comparison.read(value);
                fixed
                    .iter()
                    .chain(&self.varying)
                    .any(|pattern| !budget.is_spent() && pattern.matches(&value, budget))
            }
            Values::Blocks(blocks) => {
                budget.states(value.len() + blocks.len());
                let address = value.parse::<IpAddr>();
                address.is_ok_and(|address| blocks.iter().any(|block| block.contains(address)))
            }
            Values::Numbers(order, numbers) => {
                budget.states(value.len() + numbers.len());
                let value = value.parse::<f64>();
                value.is_ok_and(|value| numbers.iter().any(|number| order.holds(&value, number)))
            }
            Values::Instants(order, instants) => {
                budget.states(value.len() + instants.len());
                let value = instant(value);
                value.is_some_and(|value| instants.iter().any(|at| order.holds(&value, at)))
            }
            Values::Flags(flags) => {
                flags.iter().any(|flag| value.eq_ignore_ascii_case(&flag.to_string()))
            }
            Values::Absence(_) => false,
        }
    }
}

/// A condition block, read.
#[derive(Debug, Default)]
pub struct Conditions {
    /// Its tests; all have to hold.
    pub tests: Vec<Test>,
    /// Entries with an empty list and no set operator or `IfExists`, whose effect AWS's own
    /// documentation contradicts itself about.
    pub unclear: Vec<String>,
}

/// Reads a condition block; the error says what AWS would refuse.
pub fn parse(block: &Json, variables: bool) -> Result<Conditions, String> {
    let Json::Object(operators) = block else {
        return Err("Condition is not an object".into());
    };
    let mut read = Conditions::default();
    for (operator, entries) in operators {
        let Json::Object(entries) = entries else {
            return Err(format!("{operator} is not an object"));
        };
        let mut keys = std::collections::HashSet::new();
        for (key, values) in entries {
            if !keys.insert(key.to_lowercase()) {
                return Err(format!("{operator} names {key} twice"));
            }
            let test = entry(operator, key, values, variables)?;
            if test.empty && test.quantifier == Quantifier::Plain && !test.if_exists {
                read.unclear.push(test.shown);
            } else {
                read.tests.push(test);
            }
        }
    }
    // The same operator twice, written in another case, must not smuggle a key in twice.
    let mut seen = std::collections::HashSet::new();
    for (operator, entries) in operators {
        if let Json::Object(entries) = entries {
            for (key, _) in entries {
                if !seen.insert((operator.to_lowercase(), key.to_lowercase())) {
                    return Err(format!("{operator} names {key} twice"));
                }
            }
        }
    }
    Ok(read)
}

fn entry(operator: &str, key: &str, values: &Json, variables: bool) -> Result<Test, String> {
    let name = operator.to_lowercase();
    let (quantifier, name) = if let Some(rest) = name.strip_prefix("forallvalues:") {
        (Quantifier::All, rest)
    } else if let Some(rest) = name.strip_prefix("foranyvalue:") {
        (Quantifier::Any, rest)
    } else {
        (Quantifier::Plain, name.as_str())
    };
    let (name, if_exists) = match name.strip_suffix("ifexists") {
        Some(rest) => (rest, true),
        None => (name, false),
    };
    let texts = texts(values).ok_or_else(|| format!("{operator} {key}: a value is no scalar"))?;
    let unknown = || format!("unknown operator {operator}");
    let text = |wild, comparison| {
        let any: Vec<Template> =
            texts.iter().map(|text| Template::parse(text, wild, variables)).collect();
        let fixed = any.iter().filter_map(Template::fixed);
        let fixed = fixed.filter_map(|glob| Pattern::of(glob.clone(), comparison)).collect();
        let varies = any.iter().any(|template| template.fixed().is_none());
        Values::Text { any, fixed, varies, comparison }
    };
    let invalid = |kind: &str| format!("{operator} {key}: not {kind}");
    let numbers = |order| {
        let numbers: Option<Vec<f64>> = texts.iter().map(|text| number(text)).collect();
        numbers.map(|n| Values::Numbers(order, n)).ok_or_else(|| invalid("a number"))
    };
    let instants = |order| {
        let instants: Option<Vec<f64>> = texts.iter().map(|text| instant(text)).collect();
        instants.map(|i| Values::Instants(order, i)).ok_or_else(|| invalid("a date"))
    };
    let flags = || {
        let flags: Option<Vec<bool>> = texts.iter().map(|text| flag(text)).collect();
        flags.ok_or_else(|| invalid("true or false"))
    };
    let blocks = || {
        let blocks: Option<Vec<Block>> = texts.iter().map(|text| Block::parse(text)).collect();
        blocks.map(Values::Blocks).ok_or_else(|| invalid("an address range"))
    };
    let (negated, values) = match name {
        "stringequals" => (false, text(false, Comparison::Exact)),
        "stringnotequals" => (true, text(false, Comparison::Exact)),
        "stringequalsignorecase" => (false, text(false, Comparison::IgnoringCase)),
        "stringnotequalsignorecase" => (true, text(false, Comparison::IgnoringCase)),
        "stringlike" => (false, text(true, Comparison::Exact)),
        "stringnotlike" => (true, text(true, Comparison::Exact)),
        "arnequals" | "arnlike" => (false, text(true, Comparison::Arn)),
        "arnnotequals" | "arnnotlike" => (true, text(true, Comparison::Arn)),
        "binaryequals" => (false, text(false, Comparison::Exact)),
        "ipaddress" => (false, blocks()?),
        "notipaddress" => (true, blocks()?),
        "numericequals" => (false, numbers(Order::Equal)?),
        "numericnotequals" => (true, numbers(Order::Equal)?),
        "numericlessthan" => (false, numbers(Order::Less)?),
        "numericlessthanequals" => (false, numbers(Order::LessOrEqual)?),
        "numericgreaterthan" => (false, numbers(Order::Greater)?),
        "numericgreaterthanequals" => (false, numbers(Order::GreaterOrEqual)?),
        "dateequals" => (false, instants(Order::Equal)?),
        "datenotequals" => (true, instants(Order::Equal)?),
        "datelessthan" => (false, instants(Order::Less)?),
        "datelessthanequals" => (false, instants(Order::LessOrEqual)?),
        "dategreaterthan" => (false, instants(Order::Greater)?),
        "dategreaterthanequals" => (false, instants(Order::GreaterOrEqual)?),
        "bool" if texts.len() > 1 => return Err(format!("{operator} {key} has several values")),
        "bool" => (false, Values::Flags(flags()?)),
        "null" if if_exists || quantifier != Quantifier::Plain => return Err(unknown()),
        "null" => (false, Values::Absence(flags()?)),
        _ => return Err(unknown()),
    };
    Ok(Test {
        key: key.to_lowercase(),
        shown: format!("{operator} {key} {}", shown(&texts)),
        quantifier,
        if_exists,
        negated,
        values,
        empty: texts.is_empty(),
    })
}

fn shown(texts: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut list = texts.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(" | ");
    if texts.len() > SHOWN {
        list.push_str(" | …");
    }
    format!("`{list}`")
}

/// A scalar or a list of scalars as texts. Numbers and booleans may stand unquoted.
pub fn texts(values: &Json) -> Option<Vec<String>> {
    match values {
        Json::Text(text) => Some(vec![text.clone()]),
        Json::Bool(flag) => Some(vec![flag.to_string()]),
        Json::Number(number) => Some(vec![number.clone()]),
        Json::List(items) => items
            .iter()
            .map(|item| match item {
                Json::List(_) => None,
                other => texts(other).and_then(|mut one| one.pop()),
            })
            .collect(),
        Json::Null | Json::Object(_) => None,
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// ISO 8601 in the forms that IAM takes, or seconds since 1970.
pub fn instant(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(seconds) = number(text).filter(|_| text.len() != 4) {
        return Some(seconds);
    }
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(seconds(timestamp));
    }
    // Time zones may be left out, and so may the time: UTC and midnight.
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.trim_end_matches('Z').to_owned(),
    };
    let time = if padded.contains(['T', ' ']) { "" } else { "T00:00:00" };
    format!("{padded}{time}Z").parse::<jiff::Timestamp>().ok().map(seconds)
}

#[allow(clippy::cast_precision_loss)] // milliseconds of this era are exact in a double
fn seconds(timestamp: jiff::Timestamp) -> f64 {
    timestamp.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, values: &str, present: Option<&[&str]>) -> bool {
        let values = Json::parse(values).expect("JSON");
        let test = entry(operator, "k", &values, true).expect("a test");
        let present: Option<Vec<String>> =
            present.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
        let budget = Budget::full(0);
        test.with(&|_| None, &budget).holds(present.as_deref(), &budget)
    }

    #[test]
    fn absent_keys_follow_the_operator() {
        for (operator, expected) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("StringNotEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringNotEquals", false),
            ("ForAnyValue:StringEqualsIfExists", true),
            ("StringNotLike", true),
            ("ArnNotEquals", true),
        ] {
            assert_eq!(holds(operator, "\"x\"", None), expected, "{operator}");
        }
        assert!(holds("Null", "\"true\"", None) && !holds("Null", "true", Some(&["x"])));
        assert!(holds("NotIpAddress", "\"1.2.3.4\"", None));
    }

    #[test]
    fn values_are_alternatives_and_their_negation_is_not() {
        assert!(holds("StringEquals", r#"["a","b"]"#, Some(&["b"])));
        assert!(!holds("StringNotEquals", r#"["a","b"]"#, Some(&["b"])));
        assert!(holds("ForAllValues:StringEquals", r#"["a","b"]"#, Some(&["a", "b"])));
        assert!(!holds("ForAllValues:StringEquals", r#"["a"]"#, Some(&["a", "b"])));
        assert!(holds("ForAnyValue:StringEquals", r#"["a"]"#, Some(&["a", "b"])));
    }

    #[test]
    fn empty_lists_match_absence_at_most() {
        assert!(holds("ForAllValues:StringEquals", "[]", None));
        assert!(!holds("ForAllValues:StringEquals", "[]", Some(&["x"])));
        assert!(!holds("ForAnyValue:StringNotEquals", "[]", Some(&["x"])));
        assert!(!holds("StringNotEqualsIfExists", "[]", Some(&["x"])));
    }

    #[test]
    fn dates_come_in_several_writings() {
        for text in ["2020-01-01T00:00:00Z", "2020-01-01", "1577836800", "2020", "2020-01"] {
            assert_eq!(instant(text), Some(1_577_836_800.0), "{text}");
        }
        assert_eq!(instant("soon"), None);
    }

    #[test]
    fn what_aws_refuses_is_an_error() {
        let refused = |operator: &str, values: &str| {
            entry(operator, "k", &Json::parse(values).expect("JSON"), true).is_err()
        };
        assert!(refused("StringEqual", "\"x\""));
        assert!(refused("NullIfExists", "\"true\""));
        assert!(refused("Bool", r#"["true","false"]"#));
        assert!(refused("IpAddress", "\"300.1.1.1\""));
        assert!(refused("StringEquals", "[[\"x\"]]"));
    }
}
