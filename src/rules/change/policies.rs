//! Policies that a change replaces or takes away: a row for each kind. A rule about a kind that bears
//! a policy needs its row, or what it finds is never among what to do first.

use super::Undo;
use super::apply::{At, alter, put, read};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ecr::RepositoryPolicy;
use crate::inventory::aws::iam::Document;
use crate::inventory::aws::kinds::{self, Kind};
use crate::inventory::aws::lambda::ResourcePolicy;
use crate::model::Known;

/// Where the policies of one kind stand in the facts.
pub struct Place {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The call that tells the policy.
    pub(super) answer: &'static Call,
    /// What people call one.
    pub(super) noun: &'static str,
    /// Has this be the policy, or none.
    pub(super) put: fn(&mut Snapshot, At<'_>, Option<String>) -> Option<Undo>,
}

impl Place {
    /// That of `kind`, where it is known.
    pub(super) fn of(kind: &Kind) -> Option<&'static Place> {
        PLACES.iter().find(|place| place.kind == kind)
    }
}

// It is its call and kind; the rest follows from these.
impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        (self.kind, self.answer) == (other.kind, other.answer)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Place").field(&self.kind.name).finish()
    }
}

/// The policy over all repositories of an account in a region. It is the account's.
pub(super) static ECR_REGISTRY: Place = Place {
    kind: &kinds::ACCOUNT,
    answer: &calls::ecr::GET_REGISTRY_POLICY,
    noun: "the registry of account",
    put: |account, at, left| {
        if left.is_some() {
            return None; // Nothing puts another one.
        }
        let registry: for<'s> fn(&'s mut _, &str) -> Option<&'s mut _> =
            |services: &mut crate::inventory::aws::Services, _| {
                Some(&mut services.ecr.get_registry_policy)
            };
        alter(account, at, registry, |policy| *policy = Known::Read(None))
    },
};

/// By kind.
static PLACES: &[Place] = &[
    Place {
        kind: &kinds::ECR_REPOSITORY,
        answer: &calls::ecr::GET_REPOSITORY_POLICY,
        noun: "repository",
        put: |account, at, left| {
            let left = left.map(|text| RepositoryPolicy { policy_text: Some(text) });
            put(account, at, |all| &mut all.ecr.get_repository_policy, Some(left))
        },
    },
    Place {
        kind: &kinds::IAM_ROLE,
        answer: &calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS,
        noun: "role",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, name| {
                    let read = read(&mut services.iam.get_account_authorization_details)?;
                    let mut roles = read.role_detail_list.iter_mut();
                    let role = roles.find(|role| role.role_name == name)?;
                    Some(&mut role.assume_role_policy_document)
                },
                |policy| *policy = left.map(Document::told),
            )
        },
    },
    Place {
        kind: &kinds::KMS_KEY,
        answer: &calls::kms::GET_KEY_POLICY,
        noun: "key",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, id| Some(&mut services.kms.get_key_policy.get_mut(id)?.policy),
                |policy| *policy = left,
            )
        },
    },
    Place {
        kind: &kinds::LAMBDA_FUNCTION,
        answer: &calls::lambda::GET_POLICY,
        noun: "function",
        put: |account, at, left| {
            let left = left.map(|text| ResourcePolicy { policy: Some(text) });
            put(account, at, |all| &mut all.lambda.get_policy, Some(left))
        },
    },
    Place {
        kind: &kinds::LAMBDA_LAYER_VERSION,
        answer: &calls::lambda::GET_LAYER_VERSION_POLICY,
        noun: "layer",
        put: |account, at, left| {
            let left = left.map(|text| ResourcePolicy { policy: Some(text) });
            put(account, at, |all| &mut all.lambda.get_layer_version_policy, Some(left))
        },
    },
    Place {
        kind: &kinds::OPENSEARCH_DOMAIN,
        answer: &calls::opensearch::DESCRIBE_DOMAINS,
        noun: "domain",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, name| {
                    let read = read(&mut services.opensearch.describe_domains)?;
                    let mut domains = read.domain_status_list.iter_mut();
                    let domain = domains.find(|domain| domain.domain_name == name)?;
                    Some(&mut domain.access_policies)
                },
                |policy| *policy = left,
            )
        },
    },
    Place {
        kind: &kinds::SECRETS_MANAGER_SECRET,
        answer: &calls::secretsmanager::GET_RESOURCE_POLICY,
        noun: "secret",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, arn| {
                    let answers = &mut services.secretsmanager.get_resource_policy;
                    Some(&mut answers.get_mut(arn)?.resource_policy)
                },
                |policy| *policy = left,
            )
        },
    },
    Place {
        kind: &kinds::SNS_TOPIC,
        answer: &calls::sns::GET_TOPIC_ATTRIBUTES,
        noun: "topic",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, arn| {
                    let answers = &mut services.sns.get_topic_attributes;
                    Some(&mut answers.get_mut(arn)?.attributes.policy)
                },
                |policy| *policy = left,
            )
        },
    },
    Place {
        kind: &kinds::SQS_QUEUE,
        answer: &calls::sqs::GET_QUEUE_ATTRIBUTES,
        noun: "queue",
        put: |account, at, left| {
            alter(
                account,
                at,
                |services, url| {
                    Some(&mut services.sqs.get_queue_attributes.get_mut(url)?.attributes.policy)
                },
                |policy| *policy = left,
            )
        },
    },
];
