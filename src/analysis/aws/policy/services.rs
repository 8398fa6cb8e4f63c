//! What the engine knows about each kind of resource, as data: actions, whether unsigned calls
//! work, how resources below an ARN are written.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// What an action does to a resource, from the provider's service authorization data (tagging
/// counts as writing) with a few overrides where the published class hides what matters:
/// `kms:Decrypt` yields plaintext, subscribing lets content flow out, and whoever can set the
/// attributes of a queue or topic can set its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Names and metadata of what is inside.
    List,
    /// An action that the table does not know.
    Other,
    /// Who may do what.
    Permissions,
    /// Content or configuration.
    Read,
    /// Change, create, delete.
    Write,
}

impl Access {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Access::List => "list",
            Access::Other => "other",
            Access::Permissions => "permissions",
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

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

/// Whether a service takes requests without a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// Yes.
    Yes,
    /// No: everyone means every AWS account.
    No,
    /// Only through a function URL without authentication.
    FunctionUrl,
}

/// Facts that differ by kind and are no action.
#[derive(Debug)]
struct Facts {
    kind: &'static str,
    unsigned: Unsigned,
    /// Policies that name no Resource: trust policies, repositories.
    resource_optional: bool,
    /// What stands between the ARN and something inside of it.
    below: &'static str,
    /// Whether actions on the resource also apply below its ARN (aliases, indexes).
    reaches_below: bool,
}

const fn facts(kind: &'static str, unsigned: Unsigned) -> Facts {
    Facts { kind, unsigned, resource_optional: false, below: "/", reaches_below: false }
}

/// Kinds in the order of their names, dashes left out. Others get [`FALLBACK`].
const FACTS: &[Facts] = &[
    // A resource policy may be written `execute-api:/stage/method/path`.
    facts("aws.apigateway.restapi", Unsigned::Yes),
    facts("aws.backup.vault", Unsigned::No),
    Facts { reaches_below: true, ..facts("aws.dynamodb.table", Unsigned::No) },
    Facts { resource_optional: true, ..facts("aws.ecr.repository", Unsigned::No) },
    // NFS clients need no credentials where the policy lets anonymous clients mount.
    facts("aws.efs.filesystem", Unsigned::Yes),
    facts("aws.events.bus", Unsigned::No),
    facts("aws.glacier.vault", Unsigned::No),
    Facts { resource_optional: true, ..facts("aws.iam.role", Unsigned::No) },
    facts("aws.kms.key", Unsigned::No),
    Facts {
        below: ":",
        reaches_below: true,
        ..facts("aws.lambda.function", Unsigned::FunctionUrl)
    },
    facts("aws.opensearch.domain", Unsigned::Yes),
    Facts { below: "/object/", ..facts("aws.s3.accesspoint", Unsigned::Yes) },
    facts("aws.s3.bucket", Unsigned::Yes),
    Facts { below: "/object/", ..facts("aws.s3.multiregionaccesspoint", Unsigned::Yes) },
    facts("aws.secretsmanager.secret", Unsigned::No),
    facts("aws.sns.topic", Unsigned::Yes),
    facts("aws.sqs.queue", Unsigned::Yes),
];

static FALLBACK: Facts =
    Facts { reaches_below: true, resource_optional: true, ..facts("", Unsigned::No) };

/// Services that check on whose behalf they call, so that a missing source condition is no
/// confused deputy (Prowler keeps the same list).
pub const CHECKING_SERVICES: &[&str] =
    &["secretsmanager.amazonaws.com", "eks.amazonaws.com", "cloudfront.amazonaws.com"];

/// A kind of resource and the ARN of one.
#[derive(Debug, Clone)]
pub struct Kind {
    facts: &'static Facts,
    /// Its actions.
    pub actions: Vec<Action>,
    /// Prefixes of its actions, with the colon.
    pub prefixes: Vec<String>,
    /// The resource.
    pub arn: String,
}

impl Kind {
    /// The kind called `name` (dashes do not matter) and the resource `arn`.
    pub fn of(name: &str, arn: &str) -> Kind {
        let name = name.replace('-', "");
        let facts = FACTS.iter().find(|facts| facts.kind == name).unwrap_or(&FALLBACK);
        let listed = match name.as_str() {
            "aws.s3.multiregionaccesspoint" => "aws.s3.accesspoint",
            other => other,
        };
        let actions = table().get(listed).cloned().unwrap_or_default();
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
        Kind { facts, actions, prefixes, arn: arn.to_owned() }
    }

    /// Whether this is the kind with that (dashless) name.
    pub fn is(&self, name: &str) -> bool {
        self.facts.kind == name
    }

    /// Whether unsigned requests work.
    pub fn unsigned(&self) -> Unsigned {
        self.facts.unsigned
    }

    /// Whether statements may leave the resource out.
    pub fn resource_optional(&self) -> bool {
        self.facts.resource_optional
    }

    /// What stands before the name of something inside of the resource.
    pub fn below(&self) -> String {
        format!("{}{}", self.arn, self.facts.below)
    }

    /// Whether actions on the resource also apply to what is below it.
    pub fn reaches_below(&self) -> bool {
        self.facts.reaches_below
    }

    /// A resource as written in a statement, as an ARN.
    pub fn full_resource(&self, text: &str) -> String {
        match text.strip_prefix("execute-api:/") {
            Some(path) if self.is("aws.apigateway.restapi") => format!("{}/{path}", self.arn),
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
    fn every_kind_with_actions_has_facts() {
        for (kind, actions) in table() {
            assert!(FACTS.iter().any(|facts| facts.kind == kind), "{kind}");
            assert!(!actions.is_empty());
        }
        assert!(FACTS.is_sorted_by_key(|facts| facts.kind));
    }

    #[test]
    fn dashes_in_names_of_kinds_do_not_matter() {
        assert!(!Kind::of("aws.efs.file-system", "arn:x").actions.is_empty());
        assert!(!Kind::of("aws.s3.multi-region-access-point", "arn:x").actions.is_empty());
        assert_eq!(Kind::of("aws.x.y", "arn:aws:x:r:1:y").prefixes, ["x:"]);
    }
}
