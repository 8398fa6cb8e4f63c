//! What the engine knows about each kind of resource: its actions, as data, and the traits that the
//! table of kinds holds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::context::{Context, FunctionUrl, FunctionWay};
use crate::inventory::aws::kinds::{self, PolicyTraits, Unsigned};
pub use crate::model::Access;

/// What an action is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The resource ARN itself.
    Res,
    /// An object in the bucket.
    Obj,
    /// A path below the ARN.
    Sub,
    /// The resource, for its own account alone: whatever a policy says, it lets nobody else.
    Own,
    /// Not known: both.
    #[serde(skip)]
    Any,
}

/// One action of a kind of resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// As AWS writes it.
    pub shown: String,
    /// In lower case, for matching.
    pub name: String,
    /// Its class.
    pub access: Access,
    /// What it is applied to.
    pub place: Place,
}

/// Services that check on whose behalf they call, so that a missing source condition is no
/// confused deputy (Prowler keeps the same list).
pub const CHECKING_SERVICES: &[&str] =
    &["secretsmanager.amazonaws.com", "eks.amazonaws.com", "cloudfront.amazonaws.com"];

/// A resource that a policy belongs to: its kind, as far as that is known, and its ARN.
#[derive(Debug, Clone)]
pub struct Kind {
    kind: Option<&'static kinds::Kind>,
    traits: PolicyTraits,
    /// Its actions, but for those that no policy can give to another account.
    pub actions: Vec<Action>,
    /// The names of those, in lower case.
    pub own_actions: Vec<String>,
    /// Prefixes of its actions, with the colon.
    pub prefixes: Vec<String>,
    /// The resource.
    pub arn: String,
}

impl Kind {
    /// The kind called `name` and the resource `arn`.
    pub fn of(name: &str, arn: &str) -> Kind {
        let kind = kinds::named(name);
        let traits = kind.and_then(|kind| kind.policy).unwrap_or(PolicyTraits::UNKNOWN);
        let listed = match (kind, traits.actions_of) {
            (Some(kind), "") => kind.name,
            (_, other) => other,
        };
        let mut actions = table().get(listed).cloned().unwrap_or_default();
        let own = actions.extract_if(.., |action| action.place == Place::Own);
        let own_actions = own.map(|action| action.name).collect();
        let mut prefixes: Vec<String> = actions
            .iter()
            .filter_map(|action| action.name.split_once(':'))
            .map(|(service, _)| format!("{service}:"))
            .collect();
        if prefixes.is_empty() {
            prefixes.extend(arn.split(':').nth(2).map(|service| format!("{service}:")));
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        Kind { kind, traits, actions, own_actions, prefixes, arn: arn.to_owned() }
    }

    /// Whether this is that kind.
    pub fn is(&self, kind: &kinds::Kind) -> bool {
        self.kind == Some(kind)
    }

    /// Whether it is an access point of S3, of one region or of several.
    pub fn is_access_point(&self) -> bool {
        self.is(&kinds::S3_ACCESS_POINT) || self.is(&kinds::S3_MULTI_REGION_ACCESS_POINT)
    }

    /// Whether unsigned requests work.
    pub fn unsigned(&self) -> Unsigned {
        self.traits.unsigned
    }

    /// The URL of a Lambda function, where this is one.
    pub fn url<'c>(&self, context: &'c Context) -> Option<&'c FunctionUrl> {
        const NOTHING_KNOWN: &FunctionUrl = &FunctionUrl { auth_type: None, created: None };
        match &context.way {
            _ if !self.is(&kinds::LAMBDA_FUNCTION_URL) => None,
            FunctionWay::Url(url) => Some(url),
            _ => Some(NOTHING_KNOWN),
        }
    }

    /// Whether statements may leave the resource out.
    pub fn resource_optional(&self) -> bool {
        self.traits.resource_optional
    }

    /// What stands before the name of something inside of the resource.
    pub fn below(&self) -> String {
        format!("{}{}", self.arn, self.traits.below)
    }

    /// Whether actions on the resource also apply to what is below it.
    pub fn reaches_below(&self) -> bool {
        self.traits.reaches_below
    }

    /// A resource as written in a statement, as an ARN.
    pub fn full_resource(&self, text: &str) -> String {
        match text.strip_prefix("execute-api:/") {
            Some(path) if self.is(&kinds::API_GATEWAY_REST_API) => format!("{}/{path}", self.arn),
            _ => text.to_owned(),
        }
    }
}

fn table() -> &'static BTreeMap<String, Vec<Action>> {
    #[derive(Deserialize)]
    struct File {
        types: BTreeMap<String, BTreeMap<String, (Access, Place)>>,
    }
    static TABLE: OnceLock<BTreeMap<String, Vec<Action>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let file: File = serde_json::from_str(include_str!("actions.json"))
            .expect("the embedded table is parsed by a test of this module");
        let actions = |actions: BTreeMap<String, (Access, Place)>| {
            actions
                .into_iter()
                .map(|(shown, (access, place))| Action {
                    name: shown.to_lowercase(),
                    shown,
                    access,
                    place,
                })
                .collect()
        };
        file.types.into_iter().map(|(kind, list)| (kind, actions(list))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_with_actions_has_traits() {
        for (name, actions) in table() {
            let kind = kinds::KINDS.iter().find(|kind| kind.name == name).expect("a known kind");
            let prefix = kind.policy.expect("it bears policies").prefix;
            assert!(actions.iter().any(|action| action.name.starts_with(prefix)), "{name}");
        }
    }

    #[test]
    fn dashes_in_names_of_kinds_do_not_matter() {
        assert!(!Kind::of("aws.efs.file-system", "arn:x").actions.is_empty());
        assert!(!Kind::of("aws.s3.multi-region-access-point", "arn:x").actions.is_empty());
        assert_eq!(Kind::of("aws.x.y", "arn:aws:x:r:1:y").prefixes, ["x:"]);
    }
}
