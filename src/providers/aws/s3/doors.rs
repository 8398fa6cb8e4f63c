//! Whether a bucket's policy or ACL could let anybody in, judged only as far as it decides which
//! question comes next. Too careful here costs a call, too careless a finding: doubt is a door.

use serde_json::Value;

use crate::inventory::aws::s3::{Acl, BucketOwnershipControls, BucketPolicy, PublicAccessBlock};
use crate::model::Known;

/// Ownership `BucketOwnerEnforced` switches ACLs off (S3 user guide, controlling ownership).
/// Without controls ACLs count, and so they must be taken to when nobody could look.
pub(super) fn acls_are_off(ownership: &Known<Option<BucketOwnershipControls>>) -> bool {
    let Known::Read(Some(controls)) = ownership else { return false };
    let rules = &controls.ownership_controls.rules;
    rules.iter().any(|rule| rule.object_ownership == "BucketOwnerEnforced")
}

/// What a policy's statements for everybody look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::providers::aws) enum Anyone {
    /// There are none.
    Nowhere,
    /// All have conditions that usually keep strangers out.
    Bounded,
    /// Some have conditions of another kind.
    Conditioned,
    /// Some have no condition, or cannot be understood.
    Plainly,
}

/// Keys by which policies that start with everybody are usually bounded.
const BOUNDING: [&str; 11] = [
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

/// Whether a statement that allows something may mean everybody, and how.
pub(super) fn policy_names_anyone(policy: &Known<Option<BucketPolicy>>) -> Anyone {
    let Known::Read(Some(policy)) = policy else { return Anyone::Nowhere };
    names_anyone(&policy.policy)
}

/// The same of a policy's text.
pub(in crate::providers::aws) fn names_anyone(policy: &str) -> Anyone {
    let names = |statement: &&Value| {
        allows(statement)
            && (statement.get("NotPrincipal").is_some()
                || statement.get("Principal").is_none_or(has_wildcard))
    };
    let Some(statements) = statements(policy) else { return Anyone::Plainly };
    let kinds = statements.iter().filter(names).map(|statement| {
        let Some(Value::Object(operators)) = statement.get("Condition") else {
            return Anyone::Plainly;
        };
        let mut keys = operators.values().filter_map(Value::as_object).flat_map(|o| o.keys());
        if operators.is_empty() {
            Anyone::Plainly
        } else if keys.any(|key| BOUNDING.contains(&key.to_ascii_lowercase().as_str())) {
            Anyone::Bounded
        } else {
            Anyone::Conditioned
        }
    });
    kinds.max().unwrap_or(Anyone::Nowhere)
}

fn statements(policy: &str) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_str(policy).ok()?;
    match document.get("Statement")? {
        Value::Array(statements) => Some(statements.clone()),
        statement => Some(vec![statement.clone()]),
    }
}

fn allows(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) != Some("Deny")
}

fn has_wildcard(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text.contains('*'),
        Value::Array(all) => all.iter().any(has_wildcard),
        Value::Object(kinds) => kinds.values().any(has_wildcard),
        _ => true,
    }
}

/// True when something is granted to a group: all users, or all AWS accounts.
pub(super) fn acl_names_a_group(acl: &Known<Option<Acl>>) -> bool {
    matches!(acl, Known::Read(Some(acl)) if grants_to_a_group(acl))
}

/// The same of an ACL that was read.
pub(super) fn grants_to_a_group(acl: &Acl) -> bool {
    acl.grants.iter().any(|grant| grant.grantee.as_ref().is_some_and(|g| g.uri.is_some()))
}

/// RestrictPublicBuckets takes a public policy's effect outside the account.
pub(super) fn shuts_policies(block: &Known<Option<PublicAccessBlock>>) -> bool {
    matches!(block, Known::Read(Some(block))
        if block.public_access_block_configuration.restrict_public_buckets)
}

/// IgnorePublicAcls takes a public grant's effect.
pub(super) fn shuts_acls(block: &Known<Option<PublicAccessBlock>>) -> bool {
    matches!(block, Known::Read(Some(block))
        if block.public_access_block_configuration.ignore_public_acls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statement: &str) -> Known<Option<BucketPolicy>> {
        Known::Read(Some(BucketPolicy { policy: format!("{{\"Statement\":{statement}}}") }))
    }

    #[test]
    fn only_what_allows_is_a_door() {
        let deny = policy(r#"[{"Effect":"Deny","Principal":"*","Action":"s3:*"}]"#);
        assert_eq!(policy_names_anyone(&deny), Anyone::Nowhere);
        assert_eq!(policy_names_anyone(&Known::Read(None)), Anyone::Nowhere);
    }

    #[test]
    fn anyone_is_a_wildcard_anywhere_in_the_principal_and_all_that_is_not_understood() {
        for statement in [
            r#"{"Effect":"Allow","Principal":"*"}"#,
            r#"[{"Effect":"Allow","Principal":{"AWS":["1","*"]}}]"#,
            r#"{"Effect":"Allow","NotPrincipal":{"AWS":"1"}}"#,
            r#"{"Effect":"Allow"}"#,
            "7",
        ] {
            assert_eq!(policy_names_anyone(&policy(statement)), Anyone::Plainly, "{statement}");
        }
        let garbage = Known::Read(Some(BucketPolicy { policy: "<html>".into() }));
        assert_eq!(policy_names_anyone(&garbage), Anyone::Plainly);
        let named = policy(r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"}}"#);
        assert_eq!(policy_names_anyone(&named), Anyone::Nowhere);
    }

    #[test]
    fn conditions_tell_what_usually_bounds_from_what_does_not() {
        let conditioned = |condition: &str| {
            policy_names_anyone(&policy(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Condition":{condition}}}"#
            )))
        };
        let organization = r#"{"StringEquals":{"AWS:PrincipalOrgId":"o-1"}}"#;
        assert_eq!(conditioned(organization), Anyone::Bounded);
        let transport = r#"{"Bool":{"aws:SecureTransport":"true"}}"#;
        assert_eq!(conditioned(transport), Anyone::Conditioned);
        assert_eq!(conditioned("{}"), Anyone::Plainly);
    }
}
