//! The leg from a load balancer's node to a target: network ACLs between their subnets, and the
//! target's security groups.

use crate::analysis::addresses::AddressSet;
use crate::analysis::aws::network::controls::nacl::Direction;
use crate::analysis::aws::network::controls::ports::{Ports, at};
use crate::analysis::aws::network::controls::security_groups::{blocks, ports_of};
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::endpoints::load_balancers::{Balancer, Type};
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Traffic;
use crate::analysis::aws::network::sources::{EMPTY, SetId};
use crate::analysis::aws::network::verdict::Arrival;
use crate::inventory::aws::calls;

/// What takes forwarded traffic: a target's interface, or the node of a further load balancer.
pub(super) struct Receiver<'l, 'a> {
    pub(super) groups: Vec<&'a str>,
    pub(super) place: u32,
    pub(super) addresses: &'l AddressSet,
    pub(super) traffic: Traffic,
    pub(super) port: u16,
    /// True when it sees the client's address, false when it sees the node's.
    pub(super) preserved: bool,
}

/// What a node sends out of its subnet.
pub(super) struct Leaving<'l> {
    /// Where it goes.
    pub(super) addresses: &'l AddressSet,
    pub(super) traffic: Traffic,
    pub(super) port: u16,
    /// True where the receiver sees the client's address.
    pub(super) preserved: bool,
}

impl Leaving<'_> {
    /// Ports that replies go to: a node picks high ones for connections of its own.
    fn reply_ports(&self) -> Ports {
        if self.preserved { (1, u16::MAX) } else { (1024, u16::MAX) }
    }

    /// Whether the ACL of the node's subnet lets it out, and some reply in again.
    pub(super) fn passes(
        &self,
        facts: &mut RegionFacts<'_>,
        from: u32,
        unverified: &mut Vec<Unverified>,
    ) -> bool {
        let Some(near) = acl(facts, from, unverified) else { return true };
        let out = passing(facts, near, Direction::Out, self.traffic, (self.port, self.port));
        let back = passing(facts, near, Direction::In, self.traffic, self.reply_ports());
        !self.addresses.intersection(&out).intersection(&back).is_empty()
    }
}

impl<'a> Receiver<'_, 'a> {
    /// The clients of an arrival that get from the node to here.
    pub(super) fn clients(
        &self,
        facts: &mut RegionFacts<'a>,
        balancer: &Balancer<'a>,
        arrival: &Arrival,
    ) -> (SetId, Vec<Unverified>) {
        let mut unverified = arrival.unverified.clone();
        let Some(from) = arrival.place else { return (arrival.set, unverified) };
        let (referenced, admitted) = self.admitted(facts, balancer);
        let family = self.traffic.family;
        let nodes = balancer.node_addresses(facts, from, family);
        // Addresses that the target sees and its groups admit.
        let seen = if self.preserved { facts.sets.get(arrival.set).clone() } else { nodes };
        let mut seen = if referenced { seen } else { seen.intersection(&admitted) };
        let crosses = facts.at(from).subnet != facts.at(self.place).subnet;
        if crosses {
            let &Receiver { addresses, traffic, port, preserved, .. } = self;
            let leaving = Leaving { addresses, traffic, port, preserved };
            if !leaving.passes(facts, from, &mut unverified) {
                return (EMPTY, unverified);
            }
            let ports = leaving.reply_ports();
            if let Some(far) = acl(facts, self.place, &mut unverified) {
                let into = passing(facts, far, Direction::In, self.traffic, (self.port, self.port));
                let back = passing(facts, far, Direction::Out, self.traffic, ports);
                seen = seen.intersection(&into).intersection(&back);
            }
        } else if balancer.kind == Type::Classic {
            // A classic load balancer's subnet filters what its nodes send even to neighbours.
            if let Some(near) = acl(facts, from, &mut unverified) {
                let out =
                    passing(facts, near, Direction::Out, self.traffic, (self.port, self.port));
                if self.addresses.intersection(&out).is_empty() {
                    return (EMPTY, unverified);
                }
            }
        }
        unverified.sort();
        unverified.dedup();
        let set = match (self.preserved, seen.is_empty()) {
            (_, true) => EMPTY,
            (true, false) => facts.sets.intern(seen),
            (false, false) => arrival.set,
        };
        (set, unverified)
    }

    /// What its groups admit on its port: whether a rule names a group of the load
    /// balancer, and the blocks that rules name.
    fn admitted(&self, facts: &RegionFacts<'a>, balancer: &Balancer<'a>) -> (bool, AddressSet) {
        let (mut referenced, mut named_blocks) = (false, AddressSet::default());
        for id in &self.groups {
            let Some(group) = facts.groups.get(id) else { continue };
            for permission in &group.ip_permissions {
                let covers =
                    ports_of(permission, self.traffic.family).iter().any(|(proto, ports)| {
                        *proto == self.traffic.proto && ports.0 <= self.port && self.port <= ports.1
                    });
                if !covers {
                    continue;
                }
                let mut named = permission.user_id_group_pairs.iter();
                let named = named.any(|pair| {
                    pair.group_id.as_deref().is_some_and(|id| balancer.groups.contains(&id))
                });
                referenced |= named;
                let unread = |_| {};
                blocks(permission, facts.lists, unread, |family, range, _| {
                    if family == self.traffic.family {
                        named_blocks.insert(range);
                    }
                });
            }
        }
        (referenced, named_blocks)
    }
}

/// The ACL of a subnet; both of its directions count as passing when it was not read.
fn acl(facts: &RegionFacts<'_>, place: u32, unverified: &mut Vec<Unverified>) -> Option<u32> {
    let at = facts.at(place);
    let acl = facts.nacls.of(at.subnet, at.vpc).filter(|_| facts.nacls.read);
    if acl.is_none() {
        let missing = |control| Unverified::of(control, &calls::ec2::DESCRIBE_NETWORK_ACLS);
        unverified.extend([Control::NaclIn, Control::NaclOut].map(missing));
    }
    acl
}

/// Remote addresses that an ACL lets through on some port of a range.
fn passing(
    facts: &mut RegionFacts<'_>,
    acl: u32,
    direction: Direction,
    traffic: Traffic,
    ports: Ports,
) -> AddressSet {
    let spans = facts.nacls.passing(acl, direction, traffic, &mut facts.sets);
    if ports.0 == ports.1 {
        return facts.sets.get(at(&spans, ports.0)).clone();
    }
    let within = spans.iter().filter(|s| s.ports.0 <= ports.1 && ports.0 <= s.ports.1);
    within.fold(AddressSet::default(), |all, span| all.union(facts.sets.get(span.set)))
}
