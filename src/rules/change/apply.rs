//! Changes applied to the facts of an account, each with what takes it back.

use std::collections::BTreeMap;

use super::Change;
use crate::inventory::Snapshot;
use crate::inventory::aws::Services;
use crate::inventory::aws::ec2::IpPermission;
use crate::inventory::aws::s3::{
    BucketOwnershipControls, BucketPolicy, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlock, PublicAccessBlockConfiguration,
};
use crate::inventory::aws::s3control::{
    AccessPointPolicy, MultiRegionPolicy, MultiRegionPolicyDocument,
};
use crate::model::{GLOBAL, Known};

/// What takes a change of an account back.
pub struct Undo(Box<dyn FnOnce(&mut Snapshot)>);

impl Undo {
    /// Takes nothing back.
    pub fn nothing() -> Undo {
        Undo(Box::new(|_| {}))
    }

    /// Takes it back.
    pub fn undo(self, snapshot: &mut Snapshot) {
        (self.0)(snapshot);
    }

    /// Takes `later` back, and then this.
    #[must_use]
    pub fn and(self, later: Undo) -> Undo {
        Undo(Box::new(|snapshot| {
            later.undo(snapshot);
            self.undo(snapshot);
        }))
    }
}

impl Change {
    /// Makes the change; `None`, and nothing is changed, where there is nothing to change (any more).
    #[must_use]
    pub fn apply(&self, account: &mut Snapshot) -> Option<Undo> {
        match self {
            Change::Revoke { region, group, permission, .. } => alter(
                account,
                (region, group),
                |services, group| {
                    let read = read(&mut services.ec2.describe_security_groups)?;
                    let mut groups = read.security_groups.iter_mut();
                    Some(&mut groups.find(|one| one.group_id == group)?.ip_permissions)
                },
                |rules| revoke(rules, permission),
            ),
            Change::Close { closing, region, of, .. } => (closing.close)(account, (region, of)),
            Change::Unshare { sharing, region, of, with } => {
                (sharing.stop)(account, (region, of), with)
            }
            Change::Policy { place, region, of, left, .. } => {
                (place.put)(account, (region, of), left.clone())
            }
            Change::RolePolicies { role, attached, inline } => {
                role_policies(account, role, attached, inline)
            }
            Change::Deregister { region, group, targets } => {
                // A target without a port of its own has the group's (ELB API reference,
                // TargetDescription).
                let port = own_port(account, region, group);
                let at = |of: Option<i32>| of.or(port);
                alter(
                    account,
                    (region, group),
                    |services, group| {
                        let health = services.elbv2.describe_target_health.get_mut(group)?;
                        Some(&mut health.target_health_descriptions)
                    },
                    |all| {
                        all.retain(|one| {
                            let of = &one.target;
                            !targets.iter().any(|(id, own)| *id == of.id && at(*own) == at(of.port))
                        });
                    },
                )
            }
            Change::DeleteListeners { region, balancer, ports } => alter(
                account,
                (region, balancer),
                |services, balancer| {
                    let read = read(&mut services.elb.describe_load_balancers)?;
                    let mut all = read.load_balancer_descriptions.iter_mut();
                    let named = all.find(|one| one.load_balancer_name == balancer)?;
                    Some(&mut named.listener_descriptions)
                },
                |all| {
                    let is_one = |port: i32| ports.iter().any(|of| i32::from(*of) == port);
                    all.retain(|one| !is_one(one.listener.load_balancer_port));
                },
            ),
            Change::BucketPolicy { bucket, left } => {
                let left = left.clone().map(|policy| BucketPolicy { policy });
                let policies = put(
                    account,
                    (GLOBAL, bucket),
                    |all| &mut all.s3.get_bucket_policy,
                    Some(left),
                )?;
                // What AWS said of the policy that was there is not said of this one.
                let statuses = put(
                    account,
                    (GLOBAL, bucket),
                    |all| &mut all.s3.get_bucket_policy_status,
                    None,
                );
                Some(with(policies, statuses))
            }
            Change::BucketAcl { bucket } => alter(
                account,
                (GLOBAL, bucket),
                |services, bucket| {
                    Some(&mut services.s3.get_bucket_acl.get_mut(bucket)?.as_mut()?.grants)
                },
                Vec::clear,
            ),
            Change::BucketBlock { bucket } => {
                let block = Some(Some(all_blocked()));
                put(account, (GLOBAL, bucket), |all| &mut all.s3.get_public_access_block, block)
            }
            Change::ObjectAcls { bucket } => object_acls(account, bucket),
            Change::MultiRegionPolicy { name, policy } => {
                let established = AccessPointPolicy { policy: Some(policy.clone()) };
                let policy = MultiRegionPolicyDocument { established: Some(established) };
                let changed = put(
                    account,
                    (GLOBAL, name),
                    |all| &mut all.s3control.get_multi_region_access_point_policy,
                    Some(Some(MultiRegionPolicy { policy })),
                )?;
                let status = put(
                    account,
                    (GLOBAL, name),
                    |all| &mut all.s3control.get_multi_region_access_point_policy_status,
                    None,
                );
                Some(with(changed, status))
            }
            Change::AccountBlock { .. } => alter(
                account,
                (GLOBAL, ""),
                |services, _| Some(&mut services.s3control.get_public_access_block),
                |block| *block = Known::Read(Some(all_blocked())),
            ),
        }
    }
}

/// A place: a region, or `aws-global`, and how answers about the resource are named there.
pub(super) type At<'a> = (&'a str, &'a str);

fn services<'s>(account: &'s mut Snapshot, region: &str) -> Option<&'s mut Services> {
    match region {
        GLOBAL => Some(&mut account.global),
        region => account.regions.get_mut(region),
    }
}

/// An answer, if there is one.
pub(super) fn read<T>(answer: &mut Known<T>) -> Option<&mut T> {
    match answer {
        Known::Read(read) => Some(read),
        Known::Unread => None,
    }
}

/// Changes the fact at `place`, if it is another one afterwards. What is there is kept, to be put
/// back: it has to be small.
pub(super) fn alter<T: Clone + PartialEq + 'static>(
    account: &mut Snapshot,
    (region, of): At<'_>,
    place: for<'s> fn(&'s mut Services, &str) -> Option<&'s mut T>,
    change: impl FnOnce(&mut T),
) -> Option<Undo> {
    let fact = place(services(account, region)?, of)?;
    let was = fact.clone();
    change(fact);
    if *fact == was {
        return None;
    }
    let (region, of) = (region.to_owned(), of.to_owned());
    Some(Undo(Box::new(move |account| {
        if let Some(fact) = services(account, &region).and_then(|all| place(all, &of)) {
            *fact = was;
        }
    })))
}

/// Has the answer about a resource be `answer`, or not be there, if it is another one now.
pub(super) fn put<T: PartialEq + 'static>(
    account: &mut Snapshot,
    (region, of): At<'_>,
    all: for<'s> fn(&'s mut Services) -> &'s mut BTreeMap<String, T>,
    answer: Option<T>,
) -> Option<Undo> {
    let set = |all: &mut BTreeMap<String, T>, of: &str, answer: Option<T>| match answer {
        Some(answer) => all.insert(of.to_owned(), answer),
        None => all.remove(of),
    };
    let answers = all(services(account, region)?);
    if answers.get(of) == answer.as_ref() {
        return None;
    }
    let was = set(answers, of, answer);
    let (region, of) = (region.to_owned(), of.to_owned());
    Some(Undo(Box::new(move |account| {
        if let Some(services) = services(account, &region) {
            set(all(services), &of, was);
        }
    })))
}

/// `changed`, and what else was changed with it.
pub(super) fn with(changed: Undo, also: Option<Undo>) -> Undo {
    match also {
        Some(also) => changed.and(also),
        None => changed,
    }
}

fn all_blocked() -> PublicAccessBlock {
    PublicAccessBlock { public_access_block_configuration: PublicAccessBlockConfiguration::ALL }
}

/// Takes the sources of `revoked` out of every rule of the same protocol and ports (EC2 API,
/// `RevokeSecurityGroupIngress`: the values must match the rule's exactly).
fn revoke(rules: &mut [IpPermission], revoked: &IpPermission) {
    let what = |rule: &IpPermission| (rule.ip_protocol.clone(), rule.from_port, rule.to_port);
    let wanted = what(revoked);
    for rule in rules.iter_mut().filter(|rule| what(rule) == wanted) {
        rule.ip_ranges.retain(|range| !revoked.ip_ranges.contains(range));
        rule.ipv6_ranges.retain(|range| !revoked.ipv6_ranges.contains(range));
        rule.prefix_list_ids.retain(|list| !revoked.prefix_list_ids.contains(list));
    }
}

fn role_policies(
    account: &mut Snapshot,
    role: &str,
    attached: &[String],
    inline: &[String],
) -> Option<Undo> {
    alter(
        account,
        (GLOBAL, role),
        |services, role| {
            let read = read(&mut services.iam.get_account_authorization_details)?;
            read.role_detail_list.iter_mut().find(|one| one.role_name == role)
        },
        |role| {
            role.attached_managed_policies.retain(|one| !attached.contains(&one.policy_arn));
            role.role_policy_list.retain(|one| !inline.contains(&one.policy_name));
        },
    )
}

/// The port of a target group.
fn own_port(account: &Snapshot, region: &str, arn: &str) -> Option<i32> {
    let read = account.regions.get(region)?.elbv2.describe_target_groups.read()?;
    read.target_groups.iter().find(|group| group.target_group_arn == arn)?.port
}

/// From then on S3 answers as if no object had an ACL of its own (S3 user guide, "Controlling
/// ownership of objects and disabling ACLs").
fn object_acls(account: &mut Snapshot, bucket: &str) -> Option<Undo> {
    let enforced = BucketOwnershipControls {
        ownership_controls: OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: "BucketOwnerEnforced".to_owned(),
            }],
        },
    };
    let changed = put(
        account,
        (GLOBAL, bucket),
        |all| &mut all.s3.get_bucket_ownership_controls,
        Some(Some(enforced)),
    )?;
    let acls = alter(
        account,
        (GLOBAL, bucket),
        |services, bucket| services.s3.get_object_acl.get_mut(bucket),
        |objects| objects.values_mut().for_each(|acl| acl.grants.clear()),
    );
    Some(with(changed, acls))
}
