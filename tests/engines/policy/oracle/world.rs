//! What the brute force knows about one case before it walks requests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::evaluate::Keys;
use super::organization::Beside;
use super::subjects::Subject;

/// One policy and what surrounds it.
pub struct World<'p> {
    pub policy: &'p Value,
    pub subject: &'p Subject,
    /// The owner's organization.
    pub org: Option<&'p str>,
    /// Keys that conditions and variables name, in lower case.
    pub used: BTreeSet<String>,
    /// Whether anything in it is a variable.
    pub varies: bool,
    /// The access point that all requests come through.
    pub through: Option<Through>,
    /// The statements of the organization.
    pub beside: Beside,
    /// The way into a function, where one of the two is asked about.
    pub way: Option<Way>,
}

/// A way into a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Api,
    /// The URL with this kind of authentication, by these of the two permissions.
    Url {
        auth: &'static str,
        old: bool,
        asks: Asks,
    },
}

/// Which permissions of the URL are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Both,
    CallUrl,
    Invoke,
}

/// An access point whose own policy requests have to pass, besides the bucket's.
#[derive(Clone)]
pub struct Through {
    /// How many statements, from the first on, are its own.
    pub own: usize,
    pub arn: String,
    /// Whether it admits requests from its VPC only.
    pub vpc: bool,
}

/// Keys that follow from where a request comes from.
pub const NETWORK: &[&str] = &[
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

/// Keys that follow from the access point that a request comes through.
pub const POINT: &[&str] = &["s3:dataaccesspointaccount", "s3:dataaccesspointarn"];

impl<'p> World<'p> {
    pub fn new(policy: &'p Value, subject: &'p Subject, org: Option<&'p str>) -> World<'p> {
        let used = referenced(policy["Statement"].as_array().unwrap().iter());
        World {
            policy,
            subject,
            org,
            used,
            varies: policy.to_string().contains("${"),
            through: None,
            beside: Beside::default(),
            way: None,
        }
    }

    /// The ways that facts may be which the engine is not told: where in its organization the
    /// account lies.
    pub fn facts(&self) -> Vec<Keys> {
        const KEY: &str = "aws:resourceorgpaths";
        const VIA_URL: &str = "lambda:invokedviafunctionurl";
        let own = |value: String, key: &str| Keys::from([(key.to_owned(), vec![value])]);
        let mut facts = match self.org.filter(|_| self.used.contains(KEY)) {
            Some(org) => {
                ["r-root/", "zzzz/"].iter().map(|end| own(format!("{org}/{end}"), KEY)).collect()
            }
            None => vec![Keys::new()],
        };
        if self.way == Some(Way::Api) && self.used.contains(VIA_URL) {
            // AWS does not say whether calls by the API carry the key.
            let present = |fact: &Keys| {
                let via = own("false".to_owned(), VIA_URL);
                fact.clone().into_iter().chain(via).collect::<Keys>()
            };
            let told: Vec<Keys> = facts.iter().map(present).collect();
            facts.extend(told);
        }
        facts
    }

    /// Whether where a request comes from can matter.
    pub fn is_networked(&self) -> bool {
        NETWORK.iter().any(|key| self.used.contains(*key))
    }
}

/// Keys that these statements name in conditions and variables.
pub fn referenced<'v>(statements: impl Iterator<Item = &'v Value>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for statement in statements {
        for (_, key, _) in entries(statement) {
            keys.insert(key.to_lowercase());
        }
        keys.extend(variables(&statement.to_string()));
    }
    keys
}

/// Keys of the variables in a text, in lower case.
pub fn variables(text: &str) -> Vec<String> {
    let pieces = text.split("${").skip(1);
    pieces.map(|piece| piece.split([',', '}']).next().unwrap().to_lowercase()).collect()
}

/// Operator, key and values of every entry of a statement's condition.
pub fn entries(statement: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let blocks = statement["Condition"].as_object().into_iter().flatten();
    blocks.flat_map(|(operator, block)| {
        block.as_object().unwrap().iter().map(move |(key, values)| (operator, key, values))
    })
}
