//! What closes a resource by one call: a row for each kind. A rule about a kind that is shared or
//! published needs its row, or what it finds is never among what to do first.

use super::Undo;
use super::apply::{At, alter, put, read, with};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::codebuild::PullRequestBuildPolicy;
use crate::inventory::aws::kinds::{self, Kind};
use crate::inventory::aws::rds::DbSnapshotAttribute;

/// How resources of one kind are closed.
pub struct Closing {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The call whose answer is another one afterwards.
    pub(super) answer: &'static Call,
    /// What is done to the one of this id.
    pub(super) words: fn(&str) -> String,
    /// Does it.
    pub(super) close: fn(&mut Snapshot, At<'_>) -> Option<Undo>,
}

impl Closing {
    /// How resources of `kind` are closed, where one call does it.
    pub(super) fn of(kind: &Kind) -> Option<&'static Closing> {
        CLOSINGS.iter().find(|closing| closing.kind == kind)
    }
}

// One is its row.
impl PartialEq for Closing {
    fn eq(&self, other: &Closing) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Closing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Closing").field(&self.kind.name).finish()
    }
}

/// Has builds of pull requests wait for a maintainer: a second way into a project, beside what its
/// visibility shows.
pub static CODEBUILD_WEBHOOK: Closing = Closing {
    kind: &kinds::CODEBUILD_PROJECT,
    answer: &calls::codebuild::BATCH_GET_PROJECTS,
    words: |id| format!("let builds of pull requests to project {id} wait for approval"),
    close: |account, at| {
        alter(
            account,
            at,
            |services, name| {
                let read = read(&mut services.codebuild.batch_get_projects)?;
                let project = read.projects.iter_mut().find(|one| one.name == name)?;
                Some(&mut project.webhook.as_mut()?.pull_request_build_policy)
            },
            |policy| {
                *policy = Some(PullRequestBuildPolicy {
                    requires_comment_approval: Some("ALL_PULL_REQUESTS".to_owned()),
                    approver_roles: Vec::new(),
                });
            },
        )
    },
};

/// By kind.
static CLOSINGS: &[Closing] = &[
    Closing {
        kind: &kinds::CODEBUILD_PROJECT,
        answer: &calls::codebuild::BATCH_GET_PROJECTS,
        words: |id| format!("make the builds of project {id} private"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, name| {
                    let read = read(&mut services.codebuild.batch_get_projects)?;
                    let project = read.projects.iter_mut().find(|one| one.name == name)?;
                    Some(&mut project.project_visibility)
                },
                |visibility| *visibility = Some("PRIVATE".to_owned()),
            )
        },
    },
    Closing {
        kind: &kinds::COGNITO_IDENTITY_POOL,
        answer: &calls::cognito_identity::DESCRIBE_IDENTITY_POOL,
        words: |id| format!("switch guest access to identity pool {id} off"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, id| {
                    let pool = services.cognito_identity.describe_identity_pool.get_mut(id)?;
                    Some(&mut pool.allow_unauthenticated_identities)
                },
                |guests| *guests = Some(false),
            )
        },
    },
    Closing {
        kind: &kinds::EC2_IMAGE,
        answer: &calls::ec2::DESCRIBE_IMAGES,
        words: |id| format!("stop sharing image {id} with every AWS account"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, id| {
                    let read = read(&mut services.ec2.describe_images)?;
                    Some(&mut read.images.iter_mut().find(|image| image.image_id == id)?.public)
                },
                |public| *public = Some(false),
            )
        },
    },
    Closing {
        kind: &kinds::EC2_SNAPSHOT,
        answer: &calls::ec2::DESCRIBE_SNAPSHOT_ATTRIBUTE,
        words: |id| format!("stop sharing snapshot {id} with every AWS account"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, id| {
                    let answer = services.ec2.describe_snapshot_attribute.get_mut(id)?;
                    Some(&mut answer.create_volume_permissions)
                },
                |all| all.retain(|one| one.group.as_deref() != Some("all")),
            )
        },
    },
    Closing {
        kind: &kinds::EKS_CLUSTER,
        answer: &calls::eks::DESCRIBE_CLUSTER,
        words: |id| format!("switch the public endpoint of cluster {id} off"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, name| {
                    let cluster = &mut services.eks.describe_cluster.get_mut(name)?.cluster;
                    Some(&mut cluster.resources_vpc_config.as_mut()?.endpoint_public_access)
                },
                |public| *public = Some(false),
            )
        },
    },
    Closing {
        kind: &kinds::LAMBDA_FUNCTION_URL,
        answer: &calls::lambda::LIST_FUNCTION_URL_CONFIGS,
        words: |id| format!("delete the URL of {id}"),
        close: |account, (region, of)| {
            let (function, alias) = match of.split_once(':') {
                Some((function, alias)) => (function, format!(":{alias}")),
                None => (of, String::new()),
            };
            let end = format!(":function:{function}{alias}");
            alter(
                account,
                (region, function),
                |services, name| {
                    let all = &mut services.lambda.list_function_url_configs;
                    Some(&mut all.get_mut(name)?.function_url_configs)
                },
                |urls| {
                    let is_other = |arn: Option<&str>| arn.is_none_or(|arn| !arn.ends_with(&end));
                    urls.retain(|url| is_other(url.function_arn.as_deref()));
                },
            )
        },
    },
    Closing {
        kind: &kinds::LAMBDA_LAYER_VERSION,
        answer: &calls::lambda::LIST_LAYER_VERSIONS,
        words: |id| format!("delete layer {id}"),
        close: |account, (region, arn)| {
            // `arn:…:layer:<name>:<version>`
            let layer = arn.split(':').nth(6).unwrap_or_default();
            alter(
                account,
                (region, layer),
                |services, name| {
                    let all = &mut services.lambda.list_layer_versions;
                    Some(&mut all.get_mut(name)?.layer_versions)
                },
                |versions| versions.retain(|version| version.layer_version_arn != arn),
            )
        },
    },
    Closing {
        kind: &kinds::SSM_DOCUMENT,
        answer: &calls::ssm::DESCRIBE_DOCUMENT_PERMISSION,
        words: |id| format!("stop sharing document {id} with every AWS account"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, name| {
                    let answer = services.ssm.describe_document_permission.get_mut(name)?;
                    Some(&mut answer.account_ids)
                },
                |all| all.retain(|id| !id.eq_ignore_ascii_case("all")),
            )
        },
    },
    Closing {
        kind: &kinds::RDS_CLUSTER_SNAPSHOT,
        answer: &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
        words: |id| format!("stop sharing cluster snapshot {id} with every AWS account"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, id| {
                    let all = &mut services.rds.describe_db_cluster_snapshot_attributes;
                    let result = &mut all.get_mut(id)?.db_cluster_snapshot_attributes_result;
                    Some(&mut result.db_cluster_snapshot_attributes)
                },
                |all| take_all_away(all),
            )
        },
    },
    Closing {
        kind: &kinds::RDS_SNAPSHOT,
        answer: &calls::rds::DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
        words: |id| format!("stop sharing database snapshot {id} with every AWS account"),
        close: |account, at| {
            alter(
                account,
                at,
                |services, id| {
                    let all = &mut services.rds.describe_db_snapshot_attributes;
                    let result = &mut all.get_mut(id)?.db_snapshot_attributes_result;
                    Some(&mut result.db_snapshot_attributes)
                },
                |all| take_all_away(all),
            )
        },
    },
    Closing {
        kind: &kinds::S3_ACCESS_POINT,
        answer: &calls::s3control::GET_ACCESS_POINT_POLICY,
        words: |id| format!("take the policy of access point {id} away"),
        close: |account, at| {
            let none = Some(None);
            let changed = put(account, at, |all| &mut all.s3control.get_access_point_policy, none)?;
            // AWS has nothing to say of a policy that is not there.
            let status = put(
                account,
                at,
                |all| &mut all.s3control.get_access_point_policy_status,
                Some(None),
            );
            Some(with(changed, status))
        },
    },
];

/// Takes everyone out of the `restore` attribute of a database snapshot.
fn take_all_away(attributes: &mut [DbSnapshotAttribute]) {
    let restore = |one: &&mut DbSnapshotAttribute| one.attribute_name.as_deref() == Some("restore");
    for attribute in attributes.iter_mut().filter(restore) {
        attribute.attribute_values.retain(|value| value != "all");
    }
}
