//! Whose the things of a region are. Subnets, groups and prefix lists are shared between accounts, and
//! an account sees of another's only what that one shares: the rest is unread, not absent.
//!
//! It deliberately does not know organizations: whoever is not the scanned account is another.

use std::collections::{HashMap, HashSet};

use crate::inventory::aws::ec2::{Ec2, NetworkInterface};

/// The scanned account, and what of the region belongs to others.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    /// Empty where nobody knows it: then nothing belongs to another.
    account: &'a str,
    /// Subnets that other accounts share, with those accounts.
    subnets: HashMap<&'a str, &'a str>,
    /// Their VPCs. A subnet has the owner of its VPC (VPC user guide, "Share your VPC subnets with
    /// other accounts").
    vpcs: HashSet<&'a str>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(account: &'a str, ec2: &'a Ec2) -> Owners<'a> {
        let mut owners = Owners { account, subnets: HashMap::new(), vpcs: HashSet::new() };
        for subnet in ec2.describe_subnets.read().map_or(&[][..], |read| &read.subnets) {
            if let Some(other) = owners.another(subnet.owner_id.as_deref()) {
                owners.subnets.insert(&subnet.subnet_id, other);
                owners.vpcs.insert(&subnet.vpc_id);
            }
        }
        owners
    }

    /// The owner, where that is another account. Services name themselves in some answers
    /// (`amazon-elb`): they are no account.
    pub(super) fn another<'o>(&self, owner: Option<&'o str>) -> Option<&'o str> {
        owner
            .filter(|owner| is_account(owner) && !self.account.is_empty() && *owner != self.account)
    }

    /// The other account that owns a subnet.
    pub(super) fn of_subnet(&self, subnet: &str) -> Option<&'a str> {
        self.subnets.get(subnet).copied()
    }

    /// VPCs of other accounts.
    pub(super) fn vpcs(&self) -> impl Iterator<Item = &'a str> {
        self.vpcs.iter().copied()
    }

    /// The other account that owns the instance of an interface. In a shared subnet the owner of the
    /// VPC sees the interfaces of participants, and nothing of their instances (EC2 API reference,
    /// NetworkInterfaceAttachment `InstanceOwnerId`; VPC user guide, "Responsibilities and
    /// permissions for owners and participants").
    pub(super) fn of_instance<'i>(&self, interface: &'i NetworkInterface) -> Option<&'i str> {
        let attached = interface.attachment.as_ref();
        let told = [
            attached.and_then(|attachment| attachment.instance_owner_id.as_deref()),
            interface.owner_id.as_deref(),
            interface.requester_id.as_deref(),
        ];
        self.another(told.into_iter().flatten().find(|owner| is_account(owner)))
    }
}

/// Whether a text is the id of an account (AWS account management guide, "AWS account identifiers").
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::ec2::Attachment;

    #[test]
    fn the_instance_belongs_to_whom_its_attachment_names_else_to_the_interfaces_owner() {
        let ec2 = Ec2::default();
        let owners = Owners::new("111122223333", &ec2);
        let of = |instance: Option<&str>, own: Option<&str>| {
            let attachment =
                Attachment { instance_owner_id: instance.map(str::to_owned), ..Default::default() };
            let interface = NetworkInterface {
                attachment: Some(attachment),
                owner_id: own.map(str::to_owned),
                ..Default::default()
            };
            owners.of_instance(&interface).map(str::to_owned)
        };
        assert_eq!(of(Some("444455556666"), None).as_deref(), Some("444455556666"));
        assert_eq!(of(Some("111122223333"), Some("444455556666")), None);
        assert_eq!(of(Some("amazon-rds"), Some("444455556666")).as_deref(), Some("444455556666"));
        assert_eq!(of(None, Some("111122223333")), None);
        assert_eq!(of(None, None), None);
    }
}
