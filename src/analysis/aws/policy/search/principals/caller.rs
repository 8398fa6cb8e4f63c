//! A caller: how it is authenticated, what the policy knows it by, on whose behalf it calls.

use crate::analysis::aws::policy::language::fresh::Fresh;

/// How a request is authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Not at all.
    Unsigned,
    /// By a principal of an AWS account.
    Signed,
    /// By an AWS service.
    Service(String),
    /// By a token of an identity provider.
    Federated {
        /// ARN or host of the provider.
        provider: String,
        /// A guest of a Cognito identity pool.
        guest: bool,
        /// Whether it is not known whom the provider serves.
        unknown: bool,
    },
}

/// The resource on whose behalf a service calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its account.
    pub account: String,
    /// The organization of that account.
    pub org: Option<String>,
    /// Its ARN, when its ARN names no account.
    pub arn: Option<String>,
    /// Whether it belongs to the owner or to an account that the user trusts.
    pub own: bool,
}

/// The attributes by which the policy names a caller. The fewer there are, the more principals the
/// caller stands for; without any it stands for all unnamed external ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct PrincipalAttributes {
    /// Account id.
    pub account: Option<String>,
    /// Unique id.
    pub unique: Option<String>,
    /// Organization.
    pub org: Option<String>,
    /// Canonical id.
    pub canonical: Option<String>,
    /// Account, organization or ARN that a service acts for.
    pub source: Option<String>,
    /// ARN without account that a service acts for.
    pub source_arn: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Provider.
    pub provider: Option<String>,
}

impl PrincipalAttributes {
    fn list(&self) -> [&Option<String>; 8] {
        [
            &self.account,
            &self.unique,
            &self.org,
            &self.canonical,
            &self.source,
            &self.source_arn,
            &self.service,
            &self.provider,
        ]
    }

    /// How many attributes are named.
    pub fn count(&self) -> usize {
        self.list().iter().filter(|name| name.is_some()).count()
    }

    /// Whether `wider` stands for every principal that this stands for.
    pub fn within(&self, wider: &PrincipalAttributes) -> bool {
        self.list().iter().zip(wider.list()).all(|(own, other)| other.is_none() || *own == other)
    }
}

/// A caller that stands for all principals that the policy treats alike.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Authentication.
    pub form: Form,
    /// What the policy names it by.
    pub attributes: PrincipalAttributes,
    /// Account; one that the policy does not name for unnamed callers.
    pub account: String,
    /// Organization.
    pub org: Option<String>,
    /// For service calls: the resource that the request names as its source.
    pub source: Option<Source>,
    /// `aws:PrincipalType`, where the policy tests it or a key that only one type has; the form of
    /// the ARN goes with it.
    pub identity: Option<&'static str>,
}

/// An organization that a caller or a source may belong to.
#[derive(Clone, PartialEq)]
pub(super) struct OrgCase {
    /// `None`: it belongs to none.
    pub(super) id: Option<String>,
    /// Whether the policy names it.
    pub(super) named: bool,
}

/// Counts one caller with the characters of its made-up names; false when the budget is spent.
pub(super) fn count_caller(fresh: &Fresh) -> bool {
    fresh.budget.cases(1) && fresh.budget.states(fresh.run)
}
