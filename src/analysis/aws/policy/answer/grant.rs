//! A grant: who may do what, by which statements, and one request that proves it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::verdict::Verdict;
use crate::analysis::aws::policy::services::Access;

/// Who has a grant, widest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Anyone, without credentials.
    Anyone,
    /// Anyone with an AWS account.
    AnyAws,
    /// Anyone with an account at an identity provider.
    Federated,
    /// An account.
    Account(String),
    /// One principal.
    Principal(String),
    /// An organization.
    Org(String),
    /// An account by canonical id.
    Canonical(String),
    /// A user or role by unique id.
    Unique(String),
    /// A source, by ARN, whose owner is not known.
    Source(String),
    /// Identities of a provider that a claim pins.
    Provider(String),
    /// An AWS service.
    Service(String),
}

impl Who {
    /// As written in reports.
    pub fn text(&self) -> String {
        match self {
            Who::Anyone => "anyone".into(),
            Who::AnyAws => "any-aws".into(),
            Who::Federated => "federated".into(),
            Who::Account(id) => format!("account:{id}"),
            Who::Principal(arn) => format!("principal:{arn}"),
            Who::Org(id) => format!("org:{id}"),
            Who::Canonical(id) => format!("canonical:{id}"),
            Who::Unique(id) => format!("unique:{id}"),
            Who::Source(arn) => format!("bucket:{arn}"),
            Who::Provider(host) => format!("provider:{host}"),
            Who::Service(name) => format!("service:{name}"),
        }
    }

    /// As listed among the named outsiders.
    pub fn outsider(&self) -> Option<String> {
        match self {
            Who::Account(id) | Who::Org(id) | Who::Unique(id) => Some(id.clone()),
            Who::Principal(arn) => arn.split(':').nth(4).map(str::to_owned),
            Who::Canonical(id) => Some(format!("canonical:{id}")),
            Who::Source(arn) => Some(arn.clone()),
            Who::Provider(host) => Some(host.clone()),
            Who::Anyone | Who::AnyAws | Who::Federated | Who::Service(_) => None,
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// A request that the policy allows: the proof of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Who calls.
    pub caller: String,
    /// Where the request comes from: an address, or a VPC endpoint.
    pub network: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Condition keys that matter: their values, or nothing where the key has to be absent.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// What one holder may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Who.
    pub who: Who,
    /// How bad.
    pub verdict: Verdict,
    /// Classes of what they may do.
    pub access: BTreeSet<Access>,
    /// The actions.
    pub actions: BTreeSet<String>,
    /// Patterns of the resources, as the Allow statements write them.
    pub resources: BTreeSet<String>,
    /// What bounds it or keeps it in doubt; empty when nothing does.
    pub bound: BTreeSet<String>,
    /// Conditions of the Allow statements that the caller can satisfy at will.
    pub residual: BTreeSet<String>,
    /// The Allow statements.
    pub via: BTreeSet<String>,
    /// Deny statements that concern the same requests and leave this grant something.
    pub cut_by: BTreeSet<String>,
    /// For services: whether an unnamed external account can make them call (IAM user guide, "The
    /// confused deputy problem").
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub confused_deputy: bool,
    /// A request of it.
    pub example: Example,
}
