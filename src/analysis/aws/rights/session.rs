//! What is left of the rights of a role in sessions that AWS cuts by policies of its own.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::json;

use crate::analysis::aws::policy::document::{self, Policy};
use crate::analysis::aws::policy::glob::Glob;

/// A session policy: what a session may do at most, whatever its role may.
#[derive(Debug)]
pub struct Session {
    policy: Policy,
    actions: Vec<String>,
}

impl Session {
    /// That of guests of a Cognito identity pool whom Cognito gives credentials. A request passes
    /// where either of the two policies allows it (STS API reference, AssumeRoleWithWebIdentity,
    /// `PolicyArns`): objects are in the one alone, measurements of CloudWatch RUM in the other.
    pub fn of_guests() -> &'static Session {
        static GUESTS: OnceLock<Session> = OnceLock::new();
        GUESTS.get_or_init(|| {
            let each = table().policies.iter().flat_map(|policy| policy.actions.iter().cloned());
            let actions: Vec<String> = each.collect();
            let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
            let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            Session { policy: document::parse_identity(&text), actions }
        })
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The actions, and patterns of them, that it names.
    pub(super) fn actions(&self) -> &[String] {
        &self.actions
    }
}

/// Whether an action, or all that a pattern of actions matches, is what guests are meant to have: it
/// reaches nothing but their own data.
pub fn harmless(action: &str) -> bool {
    let action = action.to_lowercase();
    let mut all = table().harmless.actions.iter();
    all.any(|pattern| Glob::pattern(&pattern.to_lowercase()).matches(&action))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    policies: Vec<Part>,
    harmless: Harmless,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "source")]
    _source: String,
    actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Harmless {
    #[serde(rename = "about")]
    _about: String,
    actions: Vec<String>,
}

fn table() -> &'static File {
    static TABLE: OnceLock<File> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("guests.json"))
            .expect("the embedded table is parsed by a test of this module")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_a_policy_that_can_be_read() {
        let guests = Session::of_guests();
        assert_eq!(guests.policy().errors, Vec::<String>::new());
        for action in ["s3:*", "kms:Decrypt", "rum:PutRumEvents", "dynamodb:*"] {
            assert!(guests.actions().iter().any(|own| own == action), "{action}");
        }
    }

    #[test]
    fn what_the_console_gives_is_harmless_and_nothing_wider_is() {
        for (action, expected) in [
            ("mobileanalytics:PutEvents", true),
            ("cognito-sync:*", true),
            ("cognito-identity:GetId", true),
            ("rum:PutRumEvents", true),
            ("rum:*", false),
            ("cognito-*", false),
            ("s3:GetObject", false),
            ("*", false),
        ] {
            assert_eq!(harmless(action), expected, "{action}");
        }
    }
}
