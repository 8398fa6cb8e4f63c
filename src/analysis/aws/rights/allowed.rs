//! All that a role may do, in the words of its policies, whether it is among the rights that count
//! or not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reach::{Action, Reach};
use super::{Holder, Session, Source};
use crate::analysis::aws::policy::document::{Policy, Statement};
use crate::analysis::aws::policy::glob::Glob;
use crate::inventory::aws::iam::{AccountAuthorizationDetails, Document, RoleDetail};

/// Actions that a role may call.
#[derive(Debug, PartialEq)]
pub struct Allowed<'a> {
    /// One action, or a pattern of several.
    pub action: String,
    /// On what: patterns of ARNs, as the statements write them.
    pub on: BTreeSet<String>,
    /// The policies that give it.
    pub by: BTreeSet<Source<'a>>,
    /// What was not decided: conditions, and statements that may cut it.
    pub but: BTreeSet<String>,
}

/// What `role` may do in a session that `session` cuts, by action. What a wider pattern has already
/// is left out.
pub fn allowed<'a>(
    account: &'a AccountAuthorizationDetails,
    role: &'a RoleDetail,
    session: Option<&Session>,
) -> Vec<Allowed<'a>> {
    let holder = Holder::new(account, role).within(session);
    let spelled = spellings(account, role, session);
    let mut own = BTreeSet::new();
    for (_, policy) in &holder.policies {
        own.extend(named(policy));
        // All but some actions: no name says them.
        own.extend(allowing(policy).any(|one| one.actions.negated).then(|| "*".to_owned()));
    }
    let mut names = own.clone();
    names.extend(holder.bounds.iter().flat_map(|(_, policy)| named(policy)));
    let action = |name: &String| Action::named(name, own.contains(name));
    let reached = names.iter().map(|name| (name, holder.reaches(&action(name), None)));
    let mut all: Vec<Allowed<'a>> = reached
        .filter(|(_, reaches)| !reaches.is_empty())
        .map(|(name, reaches)| of(spelled.get(name).unwrap_or(name).clone(), reaches))
        .collect();
    let wider = |one: &Allowed<'_>, other: &Allowed<'_>| {
        let (own, pattern) = (one.action.to_lowercase(), other.action.to_lowercase());
        own != pattern
            && Glob::pattern(&pattern).matches(&own)
            && other.but.is_empty()
            && (other.on.contains("*") || one.on.is_subset(&other.on))
    };
    let kept: Vec<bool> =
        all.iter().map(|one| !all.iter().any(|other| wider(one, other))).collect();
    let mut kept = kept.into_iter();
    all.retain(|_| kept.next().unwrap_or(true));
    all
}

fn of<'a>(action: String, reaches: Vec<Reach<Source<'a>>>) -> Allowed<'a> {
    let (mut on, mut by, mut but) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for reach in reaches {
        on.insert(reach.pattern);
        by.insert(reach.by);
        but.extend(reach.but);
    }
    Allowed { action, on, by, but }
}

fn allowing(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.statements.iter().filter(|statement| statement.allow)
}

/// The actions that a policy allows by name, in lower case.
fn named(policy: &Policy) -> impl Iterator<Item = String> + '_ {
    let named = allowing(policy).filter(|statement| !statement.actions.negated);
    named.flat_map(|statement| statement.actions.any.iter().map(Glob::text))
}

/// How people write the actions, by the name in lower case.
fn spellings(
    account: &AccountAuthorizationDetails,
    role: &RoleDetail,
    session: Option<&Session>,
) -> BTreeMap<String, String> {
    let attached = role.attached_managed_policies.iter();
    let attached = attached.filter_map(|one| account.managed_policy(&one.policy_arn)?.document());
    let inline = role.role_policy_list.iter().filter_map(|one| one.policy_document.as_ref());
    let boundary = role.permissions_boundary.as_ref().and_then(|boundary| {
        account.managed_policy(boundary.permissions_boundary_arn.as_deref()?)?.document()
    });
    let mut all = BTreeMap::new();
    for text in attached.chain(inline).chain(boundary) {
        texts(&read(text), &mut all);
    }
    for action in session.into_iter().flat_map(Session::actions) {
        all.insert(action.to_lowercase(), action.clone());
    }
    all
}

fn read(text: &Document) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn texts(value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => drop(all.insert(text.to_lowercase(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(members) => members.values().for_each(|member| texts(member, all)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::iam::PolicyDetail;

    fn role(statements: &str) -> RoleDetail {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        RoleDetail {
            role_policy_list: vec![PolicyDetail {
                policy_name: "p".into(),
                policy_document: Some(Document::told(text)),
            }],
            ..RoleDetail::default()
        }
    }

    fn actions(statements: &str, session: Option<&Session>) -> Vec<String> {
        let (account, role) = (AccountAuthorizationDetails::default(), role(statements));
        allowed(&account, &role, session).into_iter().map(|one| one.action).collect()
    }

    const BOTH: &str = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:Get*","IAM:ListUsers"],
        "Resource":"*"}"#;

    #[test]
    fn what_a_wider_pattern_has_is_said_once_and_as_it_is_written() {
        assert_eq!(actions(BOTH, None), ["IAM:ListUsers", "s3:Get*"]);
        let denied = r#",{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
        assert_eq!(actions(&format!("{BOTH}{denied}"), None), ["s3:Get*"]);
        let part = r#",{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}"#;
        assert_eq!(
            actions(&format!("{BOTH}{part}"), None),
            ["IAM:ListUsers", "s3:Get*", "s3:GetObject"]
        );
    }

    #[test]
    fn of_a_cut_session_what_both_allow_is_left() {
        let guests = Some(Session::of_guests());
        assert_eq!(actions(BOTH, guests), ["s3:Get*"]);
        let everything = actions(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, guests);
        assert!(everything.contains(&"dynamodb:*".to_owned()), "{everything:?}");
        assert!(everything.contains(&"kms:Decrypt".to_owned()), "{everything:?}");
        assert!(!everything.iter().any(|action| action == "*"), "{everything:?}");
        let but = actions(r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#, guests);
        assert!(but.contains(&"dynamodb:*".to_owned()) && !but.contains(&"s3:*".to_owned()));
        let objects = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/*"}"#;
        assert_eq!(actions(objects, guests), ["s3:*"]);
        assert_eq!(
            actions(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#, guests),
            [""; 0]
        );
    }

    #[test]
    fn all_but_some_actions_are_something() {
        let but = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
        let (account, role) = (AccountAuthorizationDetails::default(), role(but));
        let all = allowed(&account, &role, None);
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((one.action.as_str(), one.but.len()), ("*", 1));
        assert!(one.but.contains("all but iam:*"), "{:?}", one.but);
    }
}
