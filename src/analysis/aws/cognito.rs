//! Whom the trust policy of a role lets in of those that an Amazon Cognito identity pool vouches for.

use std::collections::BTreeSet;

use super::policy::Budget;
use super::policy::condition::Test;
use super::policy::document::{self, Statement};
use super::policy::keys;
use super::policy::organization::ControlPolicies;
use super::policy::principal::{Principal, Principals};
use super::policy::services::Kind;
use crate::inventory::aws::iam::RoleDetail;
use crate::inventory::aws::kinds;

/// A token of an identity pool: what a role is assumed with, by Cognito or by whoever has it.
#[derive(Debug)]
pub struct Token<'a> {
    /// The pool, which is its audience.
    pool: &'a str,
    /// How its holder signed in: its `amr`.
    methods: Vec<String>,
}

impl<'a> Token<'a> {
    /// That of a guest (Cognito developer guide, "Role trust and permissions").
    pub fn of_guest(pool: &'a str) -> Token<'a> {
        Token { pool, methods: vec!["unauthenticated".to_owned()] }
    }

    /// That of somebody whom `provider` vouches for.
    pub fn of_user(pool: &'a str, provider: &str) -> Token<'a> {
        let subject = format!("{provider}:CognitoSignIn:00000000-0000-0000-0000-000000000000");
        Token { pool, methods: vec!["authenticated".to_owned(), provider.to_owned(), subject] }
    }
}

impl Token<'_> {
    /// Who has it.
    pub fn holder(&self) -> String {
        let who = if self.methods.len() == 1 { "guests" } else { "users" };
        format!("{who} of identity pool {}", self.pool)
    }
}

/// Whether a trust policy lets a token in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusts {
    /// Yes.
    Yes,
    /// No.
    No,
    /// That cannot be told, because of these.
    Perhaps(BTreeSet<String>),
}

/// Whether the trust policy of `role` lets `token` in, beside what the organization denies. `None`
/// where the policy was not told.
pub fn trusts(
    role: &RoleDetail,
    token: &Token<'_>,
    account: &str,
    control: &ControlPolicies,
) -> Option<Trusts> {
    let kind = Kind::of(kinds::IAM_ROLE.name, &role.arn);
    let policy = document::parse(role.assume_role_policy_document.as_deref()?, &kind);
    let beside = control.guard(&kind, account).beside();
    let statements = beside.denying(&policy);
    let mut doubts: BTreeSet<String> = policy
        .errors
        .iter()
        .map(|_| "the trust policy cannot be read as a whole".to_owned())
        .collect();
    let (mut allowed, mut may_allow) = (false, !doubts.is_empty());
    for statement in statements.iter() {
        match (applies(statement, token), statement.allow) {
            (Trusts::No, _) => {}
            (Trusts::Yes, true) => allowed = true,
            (Trusts::Yes, false) => return Some(Trusts::No),
            (Trusts::Perhaps(why), allow) => {
                may_allow |= allow;
                doubts.extend(why);
            }
        }
    }
    Some(match (allowed, may_allow) {
        (false, false) => Trusts::No,
        // What may allow it as well changes nothing.
        (true, _)
            if !statements.iter().any(|one| !one.allow && applies(one, token) != Trusts::No) =>
        {
            Trusts::Yes
        }
        _ => Trusts::Perhaps(doubts),
    })
}

/// Whether a statement is about the token.
fn applies(statement: &Statement, token: &Token<'_>) -> Trusts {
    let budget = Budget::full(1);
    if !statement.is_about("sts:assumerolewithwebidentity", &budget) {
        return Trusts::No;
    }
    let mut doubts = BTreeSet::new();
    let label = &statement.label;
    match named(&statement.principals, statement.allow) {
        Trusts::Perhaps(_) => drop(doubts.insert(format!("whom statement `{label}` means"))),
        Trusts::No => return Trusts::No,
        Trusts::Yes => {}
    }
    for test in &statement.tests {
        match holds(test, token, &budget) {
            Some(true) => {}
            Some(false) => return Trusts::No,
            None => drop(doubts.insert(format!("the condition {}", test.shown))),
        }
    }
    doubts.extend(statement.doubt.clone());
    if doubts.is_empty() { Trusts::Yes } else { Trusts::Perhaps(doubts) }
}

/// Whether identity pools are among the principals. Their provider is known without being made in the
/// account, by a host that differs from partition to partition. Whether an Allow for everyone lets
/// tokens in is not said anywhere.
fn named(principals: &Principals, allow: bool) -> Trusts {
    let is_pools = |principal: &Principal| match principal {
        Principal::Provider(provider) => keys::issuer(provider).starts_with("cognito-identity"),
        Principal::AnyProvider => true,
        _ => false,
    };
    let everyone = principals.named.contains(&Principal::Everyone);
    match (principals.negated, principals.named.iter().any(is_pools)) {
        (false, true) => Trusts::Yes,
        (false, false) if everyone && !allow => Trusts::Yes,
        (false, false) if !everyone => Trusts::No,
        _ => Trusts::Perhaps(BTreeSet::new()),
    }
}

/// Whether a test holds for the token; `None` where its key is not of the token, but perhaps of the
/// request.
fn holds(test: &Test, token: &Token<'_>, budget: &Budget) -> Option<bool> {
    if test.has_variables() {
        return None;
    }
    let test_of = test.with(&|_| None, budget);
    let (issuer, claim) = test.key.rsplit_once(':')?;
    let of_pools = issuer.starts_with("cognito-identity");
    match claim {
        "aud" if of_pools => Some(test_of.holds(Some(&[token.pool.to_owned()]), budget)),
        "amr" if of_pools => Some(test_of.holds(Some(&token.methods), budget)),
        // Claims of other providers are in none of its tokens.
        _ if issuer.contains('.') && !of_pools => Some(test_of.holds(None, budget)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::iam::Document;

    const POOL: &str = "eu-west-1:11111111-2222-3333-4444-555555555555";

    fn of(principal: &str, condition: &str, further: &str) -> Trusts {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}{further}]}}"#
        );
        let role = RoleDetail {
            arn: "arn:aws:iam::111122223333:role/guest".into(),
            assume_role_policy_document: Some(Document::told(text)),
            ..RoleDetail::default()
        };
        let guest = Token::of_guest(POOL);
        trusts(&role, &guest, "111122223333", &ControlPolicies::default()).expect("a policy")
    }

    #[test]
    fn guests_of_a_pool_are_let_in_where_audience_and_kind_are_theirs() {
        const COGNITO: &str = r#"{"Federated":"cognito-identity.amazonaws.com"}"#;
        let claims = |pool: &str, kind: &str| {
            format!(
                r#"{{"StringEquals":{{"cognito-identity.amazonaws.com:aud":"{pool}"}},
                "ForAnyValue:StringLike":{{"cognito-identity.amazonaws.com:amr":"{kind}"}}}}"#
            )
        };
        let own = claims(POOL, "unauthenticated");
        assert_eq!(of(COGNITO, &own, ""), Trusts::Yes);
        assert_eq!(of(COGNITO, "{}", ""), Trusts::Yes);
        assert_eq!(of(COGNITO, &claims(POOL, "authenticated"), ""), Trusts::No);
        assert_eq!(of(COGNITO, &claims("eu-west-1:other", "unauthenticated"), ""), Trusts::No);
        assert_eq!(of(r#"{"Federated":"accounts.google.com"}"#, "{}", ""), Trusts::No);
        assert_eq!(of(r#"{"Service":"ec2.amazonaws.com"}"#, "{}", ""), Trusts::No);
        let google = r#"{"StringEquals":{"accounts.google.com:aud":"app"}}"#;
        assert_eq!(of(COGNITO, google, ""), Trusts::No);
        let address = r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#;
        assert!(matches!(of(COGNITO, address, ""), Trusts::Perhaps(_)));
        assert!(matches!(of(r#""*""#, "{}", ""), Trusts::Perhaps(_)));
        let deny = |condition: &str| {
            format!(
                r#",{{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{condition}}}"#
            )
        };
        let guests = r#"{"ForAnyValue:StringEquals":{"cognito-identity.amazonaws.com:amr":"unauthenticated"}}"#;
        assert_eq!(of(COGNITO, &own, &deny(guests)), Trusts::No);
        assert!(matches!(of(COGNITO, &own, &deny(address)), Trusts::Perhaps(_)));
        let users = guests.replace("unauth", "auth");
        assert_eq!(of(COGNITO, &own, &deny(&users)), Trusts::Yes);
    }
}
