//! The verdict over all grants of a policy, and the answers that follow from it.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::document::Diagnostic;
use super::grant::{Grant, Who};
use super::services::Access;

/// What a policy amounts to; the worst of its grants, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Somebody whom nobody named has a request that is allowed.
    Public,
    /// Not a policy, or a statement that cannot be read and might allow anything.
    Error,
    /// Like public, if something that cannot be decided is as the attacker needs it.
    Conditional,
    /// Outsiders who are named.
    CrossAccount,
    /// Anyone, by a fixed way in.
    Bounded,
    /// AWS services.
    Service,
    /// Nobody outside.
    Private,
}

impl Verdict {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Public => "public",
            Verdict::Error => "error",
            Verdict::Conditional => "conditional",
            Verdict::CrossAccount => "cross-account",
            Verdict::Bounded => "bounded",
            Verdict::Service => "service",
            Verdict::Private => "private",
        }
    }

    /// The answer to "is it public?".
    pub fn public(self) -> Public {
        match self {
            Verdict::Public => Public::Yes,
            Verdict::Error => Public::Error,
            Verdict::Conditional => Public::Conditional,
            _ => Public::No,
        }
    }
}

/// `true`, `false`, `"conditional"` or `"error"` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    /// Yes.
    Yes,
    /// No, proven.
    No,
    /// Cannot be decided.
    Conditional,
    /// Cannot be read.
    Error,
}

impl Serialize for Public {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Public::Yes => serializer.serialize_bool(true),
            Public::No => serializer.serialize_bool(false),
            Public::Conditional => serializer.serialize_str("conditional"),
            Public::Error => serializer.serialize_str("error"),
        }
    }
}

/// The answer for one policy.
#[derive(Debug, Clone, Serialize)]
pub struct Ruling {
    /// The worst.
    pub verdict: Verdict,
    /// Whether that is public.
    pub public: Public,
    /// Every grant, worst first.
    pub grants: Vec<Grant>,
    /// What else people should see.
    pub diagnostics: Vec<Diagnostic>,
    /// What AWS itself would call it.
    pub aws_public: bool,
    /// Steps that the judgement took.
    #[serde(skip)]
    pub steps: u64,
}

impl Ruling {
    /// The grants that decided the verdict.
    pub fn winning(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| grant.verdict == self.verdict)
    }

    /// The widest of those who have the deciding grants.
    pub fn who(&self) -> Option<&Who> {
        self.winning().map(|grant| &grant.who).min()
    }

    /// What the deciding grants permit.
    pub fn access(&self) -> BTreeSet<Access> {
        self.winning().flat_map(|grant| grant.access.iter().copied()).collect()
    }

    /// Outsiders named by account, organization, id, source or provider.
    pub fn cross_account(&self) -> BTreeSet<String> {
        self.grants
            .iter()
            .filter(|grant| grant.verdict == Verdict::CrossAccount)
            .filter_map(|grant| grant.who.outsider())
            .collect()
    }

    /// Services with a grant of their own.
    pub fn services(&self) -> BTreeSet<String> {
        self.service_grants(|_| true)
    }

    /// Services that a stranger can make call.
    pub fn confused_deputies(&self) -> BTreeSet<String> {
        self.service_grants(|grant| grant.confused_deputy)
    }

    fn service_grants(&self, keep: impl Fn(&Grant) -> bool) -> BTreeSet<String> {
        self.grants
            .iter()
            .filter(|grant| keep(grant))
            .filter_map(|grant| match &grant.who {
                Who::Service(name) => Some(name.clone()),
                _ => None,
            })
            .collect()
    }
}

/// The verdict over grants; `unreadable`: a policy or a statement that may allow anything could
/// not be read.
pub fn verdict(grants: &[Grant], unreadable: bool) -> Verdict {
    let worst = grants.iter().map(|grant| grant.verdict).min().unwrap_or(Verdict::Private);
    if worst != Verdict::Public && unreadable { Verdict::Error } else { worst }
}
