//! Interfaces by what targets name: instances and addresses.

use std::collections::HashMap;

use crate::inventory::aws::ec2::NetworkInterface;

use crate::analysis::addresses::{Range, parse_cidr};
use crate::analysis::aws::network::endpoints::interfaces::{instance_id, is_primary};
use crate::analysis::aws::network::protocol::Family;

/// Interfaces by what targets name.
#[derive(Debug, Default)]
pub(super) struct Interfaces<'a> {
    pub(super) primary_of: HashMap<&'a str, &'a NetworkInterface>,
    /// By address: private addresses are unique within a VPC only.
    with_address: HashMap<(Family, u128), Vec<&'a NetworkInterface>>,
    /// Those with prefixes delegated to them, of which any address may be in use.
    with_prefixes: Vec<(Family, Range, &'a NetworkInterface)>,
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
                    index.with_address.entry((family, address)).or_default().push(interface);
                }
            }
            let v4 = interface.ipv4_prefixes.iter().map(|prefix| &prefix.ipv4_prefix);
            let v6 = interface.ipv6_prefixes.iter().map(|prefix| &prefix.ipv6_prefix);
            for (family, range, _) in v4.chain(v6).filter_map(|text| parse_cidr(text)) {
                index.with_prefixes.push((family, range, interface));
            }
        }
        index
    }

    /// The interfaces that have an address, in whatever VPC.
    pub(super) fn everywhere(&self, family: Family, address: u128) -> Vec<&'a NetworkInterface> {
        let delegated = self
            .with_prefixes
            .iter()
            .filter(|(of, (lo, hi), _)| *of == family && *lo <= address && address <= *hi);
        let own = self.with_address.get(&(family, address)).into_iter().flatten().copied();
        own.chain(delegated.map(|(.., interface)| *interface)).collect()
    }

    /// The interface of a VPC that has an address.
    pub(super) fn within(
        &self,
        vpc: &str,
        family: Family,
        address: u128,
    ) -> Option<&'a NetworkInterface> {
        self.everywhere(family, address).into_iter().find(|interface| interface.vpc_id == vpc)
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
