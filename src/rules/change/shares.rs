//! Named accounts and organizations with which something is shared no more: a row for each kind.

use super::Undo;
use super::apply::{At, alter};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::kinds::{self, Kind};
use crate::inventory::aws::rds::DbSnapshotAttribute;
use crate::model::Known;

/// With whom resources of one kind are shared.
pub struct Sharing {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The call that tells it.
    pub(super) answer: &'static Call,
    /// What people call one.
    pub(super) noun: &'static str,
    /// Takes those away.
    pub(super) stop: fn(&mut Snapshot, At<'_>, &[String]) -> Option<Undo>,
}

impl Sharing {
    /// That of `kind`, where it is known.
    pub(super) fn of(kind: &Kind) -> Option<&'static Sharing> {
        SHARINGS.iter().find(|sharing| sharing.kind == kind)
    }
}

// It is its kind; the rest follows from it.
impl PartialEq for Sharing {
    fn eq(&self, other: &Sharing) -> bool {
        self.kind == other.kind
    }
}

impl std::fmt::Debug for Sharing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sharing").field(&self.kind.name).finish()
    }
}

/// By kind.
static SHARINGS: &[Sharing] = &[
    Sharing {
        kind: &kinds::EC2_IMAGE,
        answer: &calls::ec2::DESCRIBE_IMAGE_ATTRIBUTE,
        noun: "image",
        stop: |account, at, with| {
            alter(
                account,
                at,
                |services, id| {
                    let Known::Read(all) = &mut services.ec2.describe_image_attribute.0 else {
                        return None;
                    };
                    Some(&mut all.get_mut(id)?.launch_permissions)
                },
                |all| {
                    all.retain(|one| {
                        let who =
                            [&one.user_id, &one.organization_arn, &one.organizational_unit_arn];
                        !who.into_iter().flatten().any(|who| with.contains(who))
                    });
                },
            )
        },
    },
    Sharing {
        kind: &kinds::EC2_SNAPSHOT,
        answer: &calls::ec2::DESCRIBE_SNAPSHOT_ATTRIBUTE,
        noun: "snapshot",
        stop: |account, at, with| {
            alter(
                account,
                at,
                |services, id| {
                    let answer = services.ec2.describe_snapshot_attribute.get_mut(id)?;
                    Some(&mut answer.create_volume_permissions)
                },
                |all| all.retain(|one| !one.user_id.as_ref().is_some_and(|id| with.contains(id))),
            )
        },
    },
    Sharing {
        kind: &kinds::RDS_CLUSTER_SNAPSHOT,
        answer: &calls::rds::DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES,
        noun: "cluster snapshot",
        stop: |account, at, with| {
            alter(
                account,
                at,
                |services, id| {
                    let all = &mut services.rds.describe_db_cluster_snapshot_attributes;
                    let result = &mut all.get_mut(id)?.db_cluster_snapshot_attributes_result;
                    Some(&mut result.db_cluster_snapshot_attributes)
                },
                |all| take_away(all, with),
            )
        },
    },
    Sharing {
        kind: &kinds::RDS_SNAPSHOT,
        answer: &calls::rds::DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
        noun: "database snapshot",
        stop: |account, at, with| {
            alter(
                account,
                at,
                |services, id| {
                    let all = &mut services.rds.describe_db_snapshot_attributes;
                    let result = &mut all.get_mut(id)?.db_snapshot_attributes_result;
                    Some(&mut result.db_snapshot_attributes)
                },
                |all| take_away(all, with),
            )
        },
    },
];

/// Takes accounts out of the `restore` attribute of a database snapshot.
fn take_away(attributes: &mut [DbSnapshotAttribute], with: &[String]) {
    let restore = |one: &&mut DbSnapshotAttribute| one.attribute_name.as_deref() == Some("restore");
    for attribute in attributes.iter_mut().filter(restore) {
        attribute.attribute_values.retain(|value| !with.contains(value));
    }
}
