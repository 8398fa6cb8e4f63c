//! How widely a policy allows, judged only as far as it decides which question comes next. Too
//! careful here costs a call, too careless a finding: doubt is a door.

use super::document::{self, Statement};
use super::principal::Principal;
use super::services::Kind;

/// Keys by which policies that start with everybody are usually bounded. A statement in which one
/// of them has only fixed values is not public to S3 either (S3 user guide, "The meaning of
/// public").
pub const BOUNDING_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// What a policy's statements for everybody look like; of several the widest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalBreadth {
    /// There are none.
    None,
    /// All have conditions that usually keep strangers out.
    Bounded,
    /// Some have conditions of another kind.
    Conditional,
    /// Some have no condition, or cannot be understood.
    Unconditional,
}

impl PrincipalBreadth {
    /// Reads the policy of a resource of `kind`, for instance `aws.s3.bucket`.
    pub fn of(policy: &str, kind: &str) -> PrincipalBreadth {
        let policy = document::parse(policy, &Kind::of(kind, ""));
        if !policy.errors.is_empty() {
            return PrincipalBreadth::Unconditional;
        }
        let open = policy.statements.iter().filter(|statement| may_name_anyone(statement));
        open.map(breadth).max().unwrap_or(PrincipalBreadth::None)
    }
}

fn may_name_anyone(statement: &Statement) -> bool {
    let principals = &statement.principals;
    statement.allow
        && (principals.negated
            || !principals.invalid.is_empty()
            || principals.named.iter().any(is_wide))
}

fn is_wide(principal: &Principal) -> bool {
    match principal {
        Principal::Everyone
        | Principal::AnySigned
        | Principal::AnyService
        | Principal::AnyProvider => true,
        Principal::Account(text)
        | Principal::Identity(text)
        | Principal::Session(text)
        | Principal::Service(text)
        | Principal::Provider(text)
        | Principal::Canonical(text)
        | Principal::Deleted(text) => text.contains('*'),
    }
}

fn breadth(statement: &Statement) -> PrincipalBreadth {
    if statement.tests.is_empty() {
        return PrincipalBreadth::Unconditional;
    }
    let bounded = |key: &str| BOUNDING_KEYS.contains(&key.to_ascii_lowercase().as_str());
    match statement.tests.iter().any(|test| bounded(&test.key)) {
        true => PrincipalBreadth::Bounded,
        false => PrincipalBreadth::Conditional,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statement: &str) -> PrincipalBreadth {
        PrincipalBreadth::of(&format!("{{\"Statement\":{statement}}}"), "aws.s3.bucket")
    }

    /// A statement with the given effect, principal and further elements.
    fn statement(effect: &str, principal: &str, more: &str) -> String {
        format!(
            r#"{{"Effect":"{effect}",{principal},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"{more}}}"#
        )
    }

    #[test]
    fn only_what_allows_is_a_door() {
        assert_eq!(of(&statement("Deny", r#""Principal":"*""#, "")), PrincipalBreadth::None);
        let named = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;
        assert_eq!(of(&statement("Allow", named, "")), PrincipalBreadth::None);
    }

    #[test]
    fn anyone_is_a_wildcard_anywhere_in_the_principal_and_all_that_is_not_understood() {
        for principal in [
            r#""Principal":"*""#,
            r#""Principal":{"AWS":["111122223333","*"]}"#,
            r#""Principal":{"AWS":"arn:aws:iam::*:root"}"#,
            r#""NotPrincipal":{"AWS":"111122223333"}"#,
        ] {
            let statement = statement("Allow", principal, "");
            assert_eq!(of(&statement), PrincipalBreadth::Unconditional, "{principal}");
        }
        for garbage in [r#"{"Effect":"Allow"}"#, "7"] {
            assert_eq!(of(garbage), PrincipalBreadth::Unconditional, "{garbage}");
        }
        let page = PrincipalBreadth::of("<html>", "aws.s3.bucket");
        assert_eq!(page, PrincipalBreadth::Unconditional);
    }

    #[test]
    fn conditions_tell_what_usually_bounds_from_what_does_not() {
        let conditioned = |condition: &str| {
            of(&statement("Allow", r#""Principal":"*""#, &format!(r#","Condition":{condition}"#)))
        };
        let organization = r#"{"StringEquals":{"AWS:PrincipalOrgId":"o-1"}}"#;
        assert_eq!(conditioned(organization), PrincipalBreadth::Bounded);
        let transport = r#"{"Bool":{"aws:SecureTransport":"true"}}"#;
        assert_eq!(conditioned(transport), PrincipalBreadth::Conditional);
        assert_eq!(conditioned("{}"), PrincipalBreadth::Unconditional);
    }
}
