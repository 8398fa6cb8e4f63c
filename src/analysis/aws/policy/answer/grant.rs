//! A grant: who may do what, by which statements, and one request that proves it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::verdict::Verdict;
use crate::analysis::aws::policy::services::Access;
pub use crate::model::Who;

/// How grants call a service that the policy does not name.
const ANY_SERVICE: &str = "*";

impl Who {
    /// Whichever AWS service.
    pub fn any_service() -> Who {
        Who::Service(ANY_SERVICE.into())
    }

    /// Whether that is whichever AWS service.
    pub fn is_any_service(&self) -> bool {
        matches!(self, Who::Service(name) if name == ANY_SERVICE)
    }

    /// As listed among the named outsiders.
    pub fn outsider(&self) -> Option<String> {
        match self {
            Who::Account(id) | Who::Org(id) | Who::Unique(id) => Some(id.clone()),
            Who::Principal(_) => self.account().map(str::to_owned),
            Who::Canonical(id) => Some(format!("canonical:{id}")),
            Who::Source(arn) => Some(arn.clone()),
            Who::Provider(host) => Some(host.clone()),
            Who::Anyone | Who::AnyAws | Who::Federated | Who::Service(_) | Who::Other(_) => None,
        }
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
