//! The answer for one policy: its grants, the verdict over them, and what follows from both.

use std::collections::BTreeSet;

use serde::Serialize;

use super::grant::{Grant, Who};
use super::verdict::{Public, Verdict};
use crate::analysis::aws::policy::budget::Work;
use crate::analysis::aws::policy::language::document::Diagnostic;
use crate::analysis::aws::policy::services::Access;

/// The code of a policy that could not be decided within bounds.
pub const TOO_COMPLEX: &str = "too-complex";

/// The answer for one policy.
#[derive(Debug, Clone, Serialize)]
pub struct Ruling {
    /// The worst verdict of a grant.
    pub verdict: Verdict,
    /// Whether that is public.
    pub public: Public,
    /// Every grant, worst first.
    pub grants: Vec<Grant>,
    /// Problems of the document that a reader should know.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether S3 itself calls the policy public.
    pub aws_public: bool,
    /// What the judgement did.
    #[serde(skip)]
    pub work: Work,
}

impl Ruling {
    /// The same of those grants alone that `keep` keeps. What makes the whole policy unreadable or
    /// too complex stays.
    #[must_use]
    pub(crate) fn keeping(mut self, keep: &dyn Fn(&Grant) -> bool) -> Ruling {
        self.grants.retain(keep);
        let given_up = self.diagnostics.iter().any(|found| found.code == TOO_COMPLEX);
        let mut kept = verdict(&self.grants, self.verdict == Verdict::Error);
        if given_up {
            kept = kept.min(Verdict::Conditional);
        }
        self.verdict = kept;
        self.public = kept.public();
        self
    }

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

    /// External principals that the policy names, by account, organization, id, source or provider.
    pub fn cross_account(&self) -> BTreeSet<String> {
        self.grants
            .iter()
            .filter(|grant| grant.verdict == Verdict::CrossAccount)
            .filter_map(|grant| grant.who.outsider())
            .collect()
    }

    /// Services that have a grant.
    pub fn services(&self) -> BTreeSet<String> {
        self.service_grants(|_| true)
    }

    /// Services that an unnamed external account can make call.
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
