//! Changes that close what was found: values that can be said in words, applied to an account's
//! facts, and taken back.
//!
//! A rule hands the changes over that its commands make; nobody reads them out of a command again.
//! They deliberately do not know what they close: that is judged, with the change applied.

mod apply;
mod policies;
mod resource;
mod shares;
mod words;

use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::inventory::aws::ec2::IpPermission;
use crate::inventory::aws::kinds::{self, Kind};
use crate::model::{GLOBAL, Resource, aws};
use crate::rules::shapes::port::revoke;

pub use apply::Undo;
pub use resource::{CODEBUILD_WEBHOOK, Closing};
pub use words::text;

/// The four settings of block public access, all on.
pub const ALL_BLOCKED: &str = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,\
                               RestrictPublicBuckets=true";

/// One change of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Takes one source of a rule of a security group away.
    Revoke {
        /// Region of the group.
        region: String,
        /// The group, `sg-…`.
        group: String,
        /// The source as the rule names it.
        source: String,
        /// The rule, reduced to this source.
        permission: IpPermission,
    },
    /// Does to a resource what closes its kind: takes its policy away, stops sharing it.
    Close {
        /// What closes its kind.
        closing: &'static Closing,
        /// Its region.
        region: String,
        /// How the answers about it are named.
        of: String,
        /// Its id.
        id: String,
    },
    /// Stops sharing a resource with accounts or organizations that are named.
    Unshare {
        /// With whom its kind is shared.
        sharing: &'static shares::Sharing,
        /// Its region.
        region: String,
        /// How the answers about it are named.
        of: String,
        /// With whom it is shared no more, as the answers name them.
        with: Vec<String>,
    },
    /// Puts another policy in the place of a resource's, or none.
    Policy {
        /// Where policies of its kind stand.
        place: &'static policies::Place,
        /// Its region.
        region: String,
        /// How the answers about it are named.
        of: String,
        /// Its id.
        id: String,
        /// What is left of its policy.
        left: Option<String>,
    },
    /// Takes policies from a role.
    RolePolicies {
        /// The role.
        role: String,
        /// ARNs of those that are attached to it.
        attached: Vec<String>,
        /// Names of those that are part of it.
        inline: Vec<String>,
    },
    /// Takes targets out of a target group.
    Deregister {
        /// Region of the group.
        region: String,
        /// ARN of the group.
        group: String,
        /// Targets, each with the port that it was registered with.
        targets: Vec<(String, Option<i32>)>,
    },
    /// Takes listeners of a classic load balancer away.
    DeleteListeners {
        /// Region of the load balancer.
        region: String,
        /// Its name.
        balancer: String,
        /// Ports of the listeners.
        ports: Vec<u16>,
    },
    /// Puts another policy in the place of a bucket's, or none.
    BucketPolicy {
        /// The bucket.
        bucket: String,
        /// What is left of its policy.
        left: Option<String>,
    },
    /// Takes every grant of a bucket's ACL away.
    BucketAcl {
        /// The bucket.
        bucket: String,
    },
    /// Blocks public access to a bucket.
    BucketBlock {
        /// The bucket.
        bucket: String,
    },
    /// Switches ACLs off for a bucket and its objects.
    ObjectAcls {
        /// The bucket.
        bucket: String,
    },
    /// Puts another policy in the place of that of a multi-region access point.
    MultiRegionPolicy {
        /// Its name.
        name: String,
        /// The policy.
        policy: String,
    },
    /// Blocks public access to every bucket of the account.
    AccountBlock {
        /// The account.
        account: String,
    },
}

impl Change {
    /// Does to `resource` what closes its kind; `None` where no one call does. Answers about it are
    /// named by `of`.
    pub fn close(kind: &Kind, resource: &Resource, of: &str) -> Option<Change> {
        Some(Change::close_by(Closing::of(kind)?, resource, of))
    }

    /// Does to `resource` what `closing` says. Answers about it are named by `of`.
    pub fn close_by(closing: &'static Closing, resource: &Resource, of: &str) -> Change {
        Change::Close {
            closing,
            region: resource.region.clone(),
            of: of.to_owned(),
            id: resource.id.clone(),
        }
    }

    /// Stops sharing `resource` with these; `None` where nobody knows how its kind is shared. Answers
    /// about it are named by `of`.
    pub fn unshare(
        kind: &Kind,
        resource: &Resource,
        of: &str,
        with: Vec<String>,
    ) -> Option<Change> {
        Some(Change::Unshare {
            sharing: shares::Sharing::of(kind)?,
            region: resource.region.clone(),
            of: of.to_owned(),
            with,
        })
    }

    /// Has `left` be the policy of `resource`, or none; `None` where nobody knows where policies of its
    /// kind stand. Answers about it are named by `of`.
    pub fn policy(
        kind: &Kind,
        resource: &Resource,
        of: &str,
        left: Option<String>,
    ) -> Option<Change> {
        Some(Change::Policy {
            place: policies::Place::of(kind)?,
            region: resource.region.clone(),
            of: of.to_owned(),
            id: resource.id.clone(),
            left,
        })
    }

    /// Takes the policy over all repositories of an account in a region away.
    pub fn registry_policy(repository: &Resource) -> Change {
        Change::Policy {
            place: &policies::ECR_REGISTRY,
            region: repository.region.clone(),
            of: String::new(),
            id: repository.account.clone(),
            left: None,
        }
    }

    /// The region that it changes; `None` where it is about the account as a whole.
    pub fn region(&self) -> Option<&str> {
        match self {
            // Resources of every region depend on what has none, as pools do on roles.
            Change::Close { region, .. } | Change::Policy { region, .. } => {
                Some(region.as_str()).filter(|region| *region != GLOBAL)
            }
            Change::Revoke { region, .. }
            | Change::Unshare { region, .. }
            | Change::Deregister { region, .. }
            | Change::DeleteListeners { region, .. } => Some(region),
            Change::RolePolicies { .. }
            | Change::BucketPolicy { .. }
            | Change::BucketAcl { .. }
            | Change::BucketBlock { .. }
            | Change::ObjectAcls { .. }
            | Change::MultiRegionPolicy { .. }
            | Change::AccountBlock { .. } => None,
        }
    }

    /// The call whose answer is another one afterwards: rules that do not read it say what they said.
    pub fn answer(&self) -> &'static Call {
        match self {
            Change::Revoke { .. } => &calls::ec2::DESCRIBE_SECURITY_GROUPS,
            Change::Close { closing, .. } => closing.answer,
            Change::Unshare { sharing, .. } => sharing.answer,
            Change::Policy { place, .. } => place.answer,
            Change::RolePolicies { .. } => &calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS,
            Change::Deregister { .. } => &calls::elbv2::DESCRIBE_TARGET_HEALTH,
            Change::DeleteListeners { .. } => &calls::elb::DESCRIBE_LOAD_BALANCERS,
            Change::BucketPolicy { .. } => &calls::s3::GET_BUCKET_POLICY,
            Change::BucketAcl { .. } => &calls::s3::GET_BUCKET_ACL,
            Change::BucketBlock { .. } => &calls::s3::GET_PUBLIC_ACCESS_BLOCK,
            Change::ObjectAcls { .. } => &calls::s3::GET_BUCKET_OWNERSHIP_CONTROLS,
            Change::MultiRegionPolicy { .. } => {
                &calls::s3control::GET_MULTI_REGION_ACCESS_POINT_POLICY
            }
            Change::AccountBlock { .. } => &calls::s3control::GET_PUBLIC_ACCESS_BLOCK,
        }
    }

    /// What is changed.
    pub fn resource(&self, snapshot: &Snapshot) -> Resource {
        match self {
            Change::Revoke { region, group, .. } => {
                kinds::EC2_SECURITY_GROUP.resource(&snapshot.place(region), group)
            }
            Change::Close { closing, region, id, .. } => {
                closing.kind.resource(&snapshot.place(region), id)
            }
            Change::Unshare { sharing, region, of, .. } => {
                sharing.kind.resource(&snapshot.place(region), of)
            }
            Change::Policy { place, region, id, .. } => {
                place.kind.resource(&snapshot.place(region), id)
            }
            Change::RolePolicies { role, .. } => {
                kinds::IAM_ROLE.resource(&snapshot.place(GLOBAL), role)
            }
            Change::Deregister { region, group, .. } => {
                kinds::ELB_TARGET_GROUP.resource_of(&snapshot.place(region), group, group)
            }
            Change::DeleteListeners { region, balancer, .. } => {
                kinds::ELB_LOAD_BALANCER.resource(&snapshot.place(region), balancer)
            }
            Change::BucketPolicy { bucket, .. }
            | Change::BucketAcl { bucket }
            | Change::BucketBlock { bucket }
            | Change::ObjectAcls { bucket } => {
                kinds::S3_BUCKET.resource(&snapshot.place(GLOBAL), bucket)
            }
            Change::MultiRegionPolicy { name, .. } => {
                kinds::S3_MULTI_REGION_ACCESS_POINT.resource(&snapshot.place(GLOBAL), name)
            }
            Change::AccountBlock { account } => {
                kinds::ACCOUNT.resource(&snapshot.place(GLOBAL), account)
            }
        }
    }

    /// The command that makes it, where it is made by itself.
    pub fn command(&self) -> Option<String> {
        match self {
            Change::Revoke { region, group, permission, .. } => {
                Some(revoke(region, group, permission))
            }
            Change::AccountBlock { account } => Some(block_account(account)),
            _ => None,
        }
    }
}

/// The command that blocks public access to every bucket of an account.
pub fn block_account(account: &str) -> String {
    aws([
        "s3control",
        "put-public-access-block",
        "--account-id",
        account,
        "--public-access-block-configuration",
        ALL_BLOCKED,
    ])
}
