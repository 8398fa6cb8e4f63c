//! Statements by the principals that they name, so that for a caller only those are looked at that
//! may be for it.

use std::collections::HashMap;

use crate::analysis::aws::policy::language::document::Statement;
use crate::analysis::aws::policy::language::principal::Principal;
use crate::analysis::aws::policy::search::principals::caller::{Caller, Form};

/// What a principal is looked up by.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum NameKey {
    Account(String),
    Service(String),
    Provider(String),
    Canonical(String),
    /// The id of a deleted principal, which no caller has.
    Deleted(String),
}

/// The index.
pub(super) struct StatementIndex {
    /// Statements that may be for any caller.
    general: Vec<usize>,
    named: HashMap<NameKey, Vec<usize>>,
}

impl StatementIndex {
    /// An index of these statements by number.
    pub(super) fn of<'s>(statements: impl Iterator<Item = &'s Statement>) -> StatementIndex {
        let mut index = StatementIndex { general: Vec::new(), named: HashMap::new() };
        for (number, statement) in statements.enumerate() {
            let names: Option<Vec<NameKey>> =
                statement.principals.named.iter().map(key_of).collect();
            match names.filter(|_| !statement.principals.negated) {
                None => index.general.push(number),
                Some(mut names) => {
                    names.sort_unstable();
                    names.dedup();
                    for name in names {
                        index.named.entry(name).or_default().push(number);
                    }
                }
            }
        }
        index
    }

    /// Statements that may be for the caller.
    pub(super) fn for_caller(&self, caller: &Caller) -> Vec<usize> {
        let own = match &caller.form {
            Form::Unsigned => None,
            Form::Signed => Some(NameKey::Account(caller.account.clone())),
            Form::Service(name) => Some(NameKey::Service(name.clone())),
            Form::Federated { provider, .. } => Some(NameKey::Provider(provider.clone())),
        };
        let canonical = caller.attributes.canonical.clone().map(NameKey::Canonical);
        let mut found = self.general.clone();
        for name in own.iter().chain(&canonical) {
            found.extend(self.named.get(name).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The key of a principal; `None` for those that stand for many.
fn key_of(principal: &Principal) -> Option<NameKey> {
    match principal {
        Principal::Account(account) => Some(NameKey::Account(account.clone())),
        Principal::Identity(arn) | Principal::Session(arn) => {
            Some(NameKey::Account(arn.split(':').nth(4).unwrap_or_default().to_owned()))
        }
        Principal::Service(name) => Some(NameKey::Service(name.clone())),
        Principal::Provider(provider) => Some(NameKey::Provider(provider.clone())),
        Principal::Canonical(id) => Some(NameKey::Canonical(id.clone())),
        Principal::Deleted(id) => Some(NameKey::Deleted(id.clone())),
        Principal::Everyone
        | Principal::AnySigned
        | Principal::AnyService
        | Principal::AnyProvider => None,
    }
}
