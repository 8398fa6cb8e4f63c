//! The inventory of one region, indexed by the questions that verdicts ask.

use std::collections::{BTreeSet, HashMap};

use crate::inventory::aws::Services;
use crate::inventory::aws::ec2::{Instance, NetworkInterface, Subnet};

use super::controls::bpa::BlockPublicAccess;
use super::controls::internet_firewall::InternetFirewalls;
use super::controls::nacl::Nacls;
use super::controls::prefix_lists::PrefixLists;
use super::controls::routes::Routes;
use super::controls::security_groups::Groups;
use super::owners::Owners;
use super::protocol::Family;
use super::sources::Sets;
use crate::analysis::addresses::{Range, parse_cidr};

/// A subnet that something sits in, described or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) subnet: &'a str,
    pub(super) vpc: &'a str,
    /// What EC2 says of it, where that was read.
    pub(super) described: Option<&'a Subnet>,
}

impl Place<'_> {
    /// The subnet's blocks of a family.
    pub(super) fn blocks(&self, family: Family) -> Vec<Range> {
        let Some(subnet) = self.described else { return Vec::new() };
        let v6 = &subnet.ipv6_cidr_block_association_set;
        let texts =
            subnet.cidr_block.iter().chain(v6.iter().filter_map(|a| a.ipv6_cidr_block.as_ref()));
        let blocks = texts.filter_map(|text| parse_cidr(text));
        blocks.filter(|block| block.0 == family).map(|block| block.1).collect()
    }
}

/// One region's facts and everything compiled from them.
#[derive(Debug)]
pub(super) struct RegionFacts<'a> {
    pub(super) services: &'a Services,
    pub(super) owners: Owners<'a>,
    pub(super) sets: Sets,
    pub(super) lists: PrefixLists<'a>,
    pub(super) groups: Groups<'a>,
    pub(super) nacls: Nacls<'a>,
    pub(super) routes: Routes<'a>,
    pub(super) bpa: BlockPublicAccess<'a>,
    pub(super) firewalls: InternetFirewalls<'a>,
    pub(super) places: Vec<Place<'a>>,
    place_ids: HashMap<&'a str, u32>,
    /// Instances by id; `None` when they were not read.
    instances: Option<HashMap<&'a str, &'a Instance>>,
    /// Groups that interfaces name and EC2 did not list.
    pub(super) unread_groups: BTreeSet<&'a str>,
}

impl<'a> RegionFacts<'a> {
    pub(super) fn new(account: &'a str, services: &'a Services) -> Self {
        let ec2 = &services.ec2;
        let sets = Sets::new();
        let owners = Owners::new(account, ec2);
        let lists = PrefixLists(&ec2.get_managed_prefix_list_entries);
        let groups = ec2.describe_security_groups.read();
        let groups = Groups::new(groups.map_or(&[], |read| &read.security_groups), lists, &sets);
        let mut facts = RegionFacts {
            services,
            sets,
            lists,
            groups,
            nacls: Nacls::new(&ec2.describe_network_acls),
            routes: Routes::new(ec2, lists, &owners),
            bpa: BlockPublicAccess::new(ec2, &owners),
            firewalls: InternetFirewalls::new(ec2),
            places: Vec::new(),
            place_ids: HashMap::new(),
            instances: ec2.describe_instances.read().map(|read| {
                let all = read.reservations.iter().flat_map(|r| &r.instances);
                all.map(|instance| (instance.instance_id.as_str(), instance)).collect()
            }),
            unread_groups: BTreeSet::new(),
            owners,
        };
        for subnet in ec2.describe_subnets.read().map_or(&[][..], |read| &read.subnets) {
            facts.place_ids.insert(&subnet.subnet_id, next_place(&facts.places));
            facts.places.push(Place {
                subnet: &subnet.subnet_id,
                vpc: &subnet.vpc_id,
                described: Some(subnet),
            });
        }
        facts
    }

    /// The interfaces that were listed.
    pub(super) fn interfaces(&self) -> &'a [NetworkInterface] {
        let read = self.services.ec2.describe_network_interfaces.read();
        read.map_or(&[], |read| &read.network_interfaces)
    }

    /// The number of a subnet, described or merely named.
    pub(super) fn place(&mut self, subnet: &'a str, vpc: &'a str) -> u32 {
        let places = &mut self.places;
        *self.place_ids.entry(subnet).or_insert_with(|| {
            let number = next_place(places);
            places.push(Place { subnet, vpc, described: None });
            number
        })
    }

    /// The number of a described subnet.
    pub(super) fn described(&self, subnet: &str) -> Option<u32> {
        self.place_ids.get(subnet).copied()
    }

    pub(super) fn at(&self, place: u32) -> Place<'a> {
        self.places[place as usize]
    }

    pub(super) fn instance(&self, id: &str) -> Option<&'a Instance> {
        self.instances.as_ref()?.get(id).copied()
    }

    /// The number of a set of groups; those that were not listed are noted as doors not read.
    pub(super) fn group_set(&mut self, ids: impl Iterator<Item = &'a str> + Clone) -> u32 {
        for id in ids.clone() {
            if self.groups.get(id).is_none() {
                self.unread_groups.insert(id);
            }
        }
        self.groups.set_of(ids, &mut self.sets)
    }
}

/// The number of the place that is pushed next.
fn next_place(places: &[Place<'_>]) -> u32 {
    u32::try_from(places.len()).expect("a region has fewer subnets than IPv4 has addresses")
}
