//! Interfaces by what targets name: instances and addresses.

use std::collections::HashMap;

use crate::inventory::aws::ec2::NetworkInterface;

use crate::analysis::addresses::parse_cidr;
use crate::analysis::aws::network::endpoints::interfaces::{instance_id, is_primary};
use crate::analysis::aws::network::protocol::Family;

/// Interfaces by what targets name.
#[derive(Debug, Default)]
pub(super) struct Interfaces<'a> {
    pub(super) primary_of: HashMap<&'a str, &'a NetworkInterface>,
    /// By VPC and address: private addresses are unique within a VPC only.
    pub(super) with_address: HashMap<(&'a str, Family, u128), &'a NetworkInterface>,
}

impl<'a> Interfaces<'a> {
    pub(super) fn new(interfaces: &'a [NetworkInterface]) -> Self {
        let mut index = Interfaces::default();
        for interface in interfaces {
            if let Some(instance) = instance_id(interface).filter(|_| is_primary(interface)) {
                index.primary_of.entry(instance).or_insert(interface);
            }
            for family in Family::ALL {
                for address in locals(interface, family) {
                    index.with_address.insert((&interface.vpc_id, family, address), interface);
                }
            }
        }
        index
    }
}

/// An interface's own addresses of a family, the first one first.
pub(super) fn locals(interface: &NetworkInterface, family: Family) -> impl Iterator<Item = u128> {
    let v4 = interface.private_ip_address.iter();
    let v4 = v4.chain(interface.private_ip_addresses.iter().map(|a| &a.private_ip_address));
    let all = v4.chain(interface.ipv6_addresses.iter().map(|a| &a.ipv6_address));
    let parsed = all.filter_map(|text| parse_cidr(text));
    parsed.filter(move |found| found.0 == family).map(|found| found.1.0)
}
