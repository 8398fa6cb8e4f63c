//! Statements by whom they name, so that a caller need not look at those for others.

use std::collections::HashMap;

use crate::analysis::aws::policy::callers::{Caller, Form};
use crate::analysis::aws::policy::document::Statement;
use crate::analysis::aws::policy::principal::Principal;

/// The index.
pub(super) struct ByName {
    /// Those that may be for anybody.
    general: Vec<usize>,
    named: HashMap<(u8, String), Vec<usize>>,
}

impl ByName {
    /// Of these statements, by number.
    pub(super) fn of<'s>(statements: impl Iterator<Item = &'s Statement>) -> ByName {
        let mut index = ByName { general: Vec::new(), named: HashMap::new() };
        for (number, statement) in statements.enumerate() {
            let names: Option<Vec<(u8, String)>> =
                statement.principals.named.iter().map(name_of).collect();
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

    /// How many a caller is asked about at least.
    pub(super) fn least(&self) -> usize {
        self.general.len()
    }

    /// Those that may be for the caller.
    pub(super) fn for_caller(&self, caller: &Caller) -> Vec<usize> {
        let own = match &caller.form {
            Form::Unsigned => None,
            Form::Signed => Some((0, caller.account.clone())),
            Form::Service(name) => Some((1, name.clone())),
            Form::Federated { provider, .. } => Some((2, provider.clone())),
        };
        let canonical = caller.names.canonical.clone().map(|id| (3, id));
        let mut found = self.general.clone();
        for name in own.iter().chain(&canonical) {
            found.extend(self.named.get(name).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Under what a principal is found; `None` for those that stand for many.
fn name_of(principal: &Principal) -> Option<(u8, String)> {
    match principal {
        Principal::Account(account) => Some((0, account.clone())),
        Principal::Identity(arn) | Principal::Session(arn) => {
            Some((0, arn.split(':').nth(4).unwrap_or_default().to_owned()))
        }
        Principal::Service(name) => Some((1, name.clone())),
        Principal::Provider(provider) => Some((2, provider.clone())),
        Principal::Canonical(id) => Some((3, id.clone())),
        Principal::Deleted(id) => Some((4, id.clone())),
        Principal::Everyone
        | Principal::AnySigned
        | Principal::AnyService
        | Principal::AnyProvider => None,
    }
}
