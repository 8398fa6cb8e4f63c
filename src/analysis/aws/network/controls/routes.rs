//! Where a subnet's replies go, and where the internet gateway sends what comes in.
//!
//! The longest matching prefix wins; of equal ones a static route beats one by prefix list beats
//! a propagated one (VPC user guide, "Route priority"). Middleboxes are never looked into: what is
//! steered through one counts as passing.

use crate::inventory::aws::calls;
use std::collections::{HashMap, HashSet};

use crate::inventory::aws::ec2::{Ec2, InternetGateways, Route, RouteTable, RouteTableAssociation};
use crate::model::Known;

use super::prefix_lists::PrefixLists;
use crate::analysis::addresses::{AddressSet, Range, internet, parse_cidr};
use crate::analysis::aws::network::controls::{Control, Unverified};
use crate::analysis::aws::network::owners::Owners;
use crate::analysis::aws::network::protocol::Family;
use crate::analysis::aws::network::sources::{EMPTY, SetId, Sets, everything};

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RouteTarget<'a> {
    /// Inside the VPC.
    Local,
    /// An internet gateway.
    Gateway(&'a str),
    /// An interface or a gateway load balancer endpoint.
    Middlebox(&'a str),
    /// A target that is gone.
    Blackhole,
    /// Anything else: NAT, egress-only gateway, peering, transit gateway, VPN, a network of Oracle
    /// Database@AWS, the next hop that a route server learnt …
    Elsewhere,
}

/// A subnet and the VPC that it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubnetRef<'a> {
    pub(crate) subnet: &'a str,
    pub(crate) vpc: &'a str,
}

/// What the gateway's own route table does to packets for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Edge<'a> {
    /// They go straight to it.
    Direct,
    /// They go through a middlebox first.
    Via(&'a str),
    /// They are dropped.
    Dropped,
}

impl<'a> Edge<'a> {
    /// The middlebox that packets go through first.
    fn middlebox(self) -> Option<&'a str> {
        match self {
            Edge::Via(id) => Some(id),
            Edge::Direct | Edge::Dropped => None,
        }
    }
}

/// A route, resolved to one block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResolvedRoute<'a> {
    pub(crate) family: Family,
    pub(crate) range: Range,
    pub(crate) length: u8,
    /// Lower wins among equal lengths.
    rank: u8,
    pub(crate) target: RouteTarget<'a>,
    pub(crate) route: &'a Route,
}

/// A route table, resolved.
#[derive(Debug)]
pub(crate) struct ResolvedTable<'a> {
    pub(crate) table: &'a RouteTable,
    pub(crate) entries: Vec<ResolvedRoute<'a>>,
    /// Prefix lists of routes to a gateway or middlebox that nobody read.
    unread_lists: Vec<(&'a str, RouteTarget<'a>)>,
}

impl<'a> ResolvedTable<'a> {
    /// Whether it has routes to prefix lists that nobody read.
    pub(crate) fn has_unread_lists(&self) -> bool {
        !self.unread_lists.is_empty()
    }

    /// The route that wins for an address.
    pub(crate) fn lookup(&self, family: Family, address: u128) -> Option<&ResolvedRoute<'a>> {
        let covers = |e: &&ResolvedRoute<'_>| {
            e.family == family && e.range.0 <= address && address <= e.range.1
        };
        // `min_by_key` answers the first of equals, as `painted` does.
        self.entries.iter().filter(covers).min_by_key(|e| (u8::MAX - e.length, e.rank))
    }
}

/// A route of an internet gateway's table that hands a block of public addresses to an interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolRoute<'a> {
    pub(crate) table: &'a str,
    /// The pool that the addresses are of.
    pub(crate) pool: &'a str,
    pub(crate) range: Range,
}

/// The sources that replies can go back to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Passage {
    pub(crate) set: SetId,
    pub(crate) unverified: Vec<Unverified>,
}

/// What a passage depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct PassageThrough<'a> {
    /// Number of the subnet's route table.
    table: usize,
    family: Family,
    vpc: &'a str,
    /// The middlebox through which the gateway's route table sends the traffic.
    middlebox: Option<&'a str>,
}

/// All route tables of a region.
#[derive(Debug)]
pub(crate) struct Routes<'a> {
    read: bool,
    tables: Vec<ResolvedTable<'a>>,
    by_subnet: HashMap<&'a str, usize>,
    main: HashMap<&'a str, usize>,
    edge: HashMap<&'a str, usize>,
    /// Routes of the gateways' tables for public IPv4 pools, by the interface that they name.
    pools: HashMap<&'a str, PoolRoute<'a>>,
    gateways: Option<HashSet<(&'a str, &'a str)>>,
    /// Gateways that were listed, attached or not.
    listed: HashSet<&'a str>,
    /// VPCs of other accounts, whose gateways need not be listed here.
    others: HashSet<&'a str>,
    /// Where the interfaces and endpoints that routes name sit; `None` is not known.
    hops: HashMap<&'a str, Option<SubnetRef<'a>>>,
    known: HashMap<PassageThrough<'a>, Passage>,
}

impl<'a> Routes<'a> {
    pub(crate) fn new(ec2: &'a Ec2, lists: PrefixLists<'a>, owners: &Owners<'a>) -> Self {
        let list = ec2.describe_route_tables.read().map_or(&[][..], |read| &read.route_tables);
        let mut routes = Routes {
            read: !ec2.describe_route_tables.is_unread(),
            tables: list.iter().map(|table| resolve(table, lists, ec2)).collect(),
            by_subnet: HashMap::new(),
            main: HashMap::new(),
            edge: HashMap::new(),
            pools: HashMap::new(),
            gateways: attached(&ec2.describe_internet_gateways),
            listed: ec2.describe_internet_gateways.read().map_or_else(HashSet::new, |read| {
                read.internet_gateways.iter().map(|g| g.internet_gateway_id.as_str()).collect()
            }),
            others: owners.vpcs().collect(),
            hops: HashMap::new(),
            known: HashMap::new(),
        };
        for (index, table) in list.iter().enumerate() {
            for association in table.associations.iter().filter(|a| in_force(a)) {
                if let Some(subnet) = &association.subnet_id {
                    routes.by_subnet.insert(subnet, index);
                } else if let Some(gateway) = &association.gateway_id {
                    if gateway.starts_with("igw-") && routes.is_attached(gateway, &table.vpc_id) {
                        routes.edge.insert(&table.vpc_id, index);
                    }
                } else if association.main {
                    routes.main.insert(&table.vpc_id, index);
                }
            }
        }
        routes.hops = hops(&routes.tables, ec2);
        routes.pools = pools(routes.edge.values().map(|&index| &routes.tables[index]), ec2);
        routes
    }

    /// The table of a subnet: its own, else its VPC's main one.
    pub(crate) fn table_of(&self, subnet: &str, vpc: &str) -> Option<&ResolvedTable<'a>> {
        self.index_of(subnet, vpc).map(|index| &self.tables[index])
    }

    fn index_of(&self, subnet: &str, vpc: &str) -> Option<usize> {
        self.by_subnet.get(subnet).or_else(|| self.main.get(vpc)).copied()
    }

    /// The route table of a VPC's internet gateway, where it has one.
    pub(crate) fn edge_table(&self, vpc: &str) -> Option<&ResolvedTable<'a>> {
        self.edge.get(vpc).map(|&index| &self.tables[index])
    }

    /// What the gateway does to packets for a local address. Without an edge table it hands them
    /// over itself.
    pub(crate) fn edge(&self, vpc: &str, family: Family, address: u128) -> Edge<'a> {
        let Some(table) = self.edge_table(vpc) else { return Edge::Direct };
        match table.lookup(family, address).map(|entry| entry.target) {
            Some(RouteTarget::Local) => Edge::Direct,
            Some(RouteTarget::Middlebox(id)) => Edge::Via(id),
            _ => Edge::Dropped,
        }
    }

    /// The route that hands addresses of a public IPv4 pool to an interface.
    pub(crate) fn pool_route(&self, interface: &str) -> Option<PoolRoute<'a>> {
        self.pools.get(interface).copied()
    }

    /// The gateway that is attached to a VPC.
    pub(crate) fn gateway_of(&self, vpc: &str) -> Option<&'a str> {
        let mut known = self.gateways.as_ref()?.iter();
        known.find(|(_, attached)| *attached == vpc).map(|(gateway, _)| *gateway)
    }

    /// Whether a gateway is attached to a VPC; true where nobody could look.
    pub(crate) fn is_attached(&self, gateway: &str, vpc: &str) -> bool {
        self.attachment(gateway, vpc).unwrap_or(true)
    }

    /// The same; `None` where nobody could look. A participant of a shared VPC need not see the
    /// gateway of its owner: what is not listed there is not known to be gone.
    fn attachment(&self, gateway: &str, vpc: &str) -> Option<bool> {
        let known = self.gateways.as_ref()?;
        let told = !self.others.contains(vpc) || self.listed.contains(gateway);
        let attached = known.contains(&(gateway, vpc));
        (attached || told).then_some(attached)
    }

    /// Where a middlebox sits.
    pub(crate) fn hop(&self, id: &str) -> Option<SubnetRef<'a>> {
        self.hops.get(id).copied().flatten()
    }

    /// The sources whose replies from a subnet reach the internet gateway of its VPC.
    pub(crate) fn passage(
        &mut self,
        subnet: &'a str,
        vpc: &'a str,
        family: Family,
        edge: Edge<'a>,
        sets: &mut Sets,
    ) -> Passage {
        let unknown = |call| Passage {
            set: everything(family),
            unverified: vec![Unverified::of(Control::NoIgwRoute, call)],
        };
        // A subnet without any table does not exist in AWS: its table was not shown to us.
        let index = self.index_of(subnet, vpc).filter(|_| self.read);
        let Some(index) = index else { return unknown(&calls::ec2::DESCRIBE_ROUTE_TABLES) };
        let middlebox = edge.middlebox();
        let through = PassageThrough { table: index, family, vpc, middlebox };
        if let Some(known) = self.known.get(&through) {
            return known.clone();
        }
        let behind = middlebox.map(|id| match self.hop(id) {
            // A middlebox whose own replies go through itself would be a loop.
            Some(at) => self.passage(at.subnet, at.vpc, family, Edge::Direct, sets),
            None if id.starts_with("vpce-") => unknown(&calls::ec2::DESCRIBE_VPC_ENDPOINTS),
            None => unknown(&calls::ec2::DESCRIBE_NETWORK_INTERFACES),
        });
        let passage = self.painted(through, behind.as_ref(), sets);
        self.known.insert(through, passage.clone());
        passage
    }

    /// The answer that `passage` gave before.
    pub(crate) fn known(
        &self,
        subnet: &str,
        vpc: &'a str,
        family: Family,
        edge: Edge<'a>,
    ) -> Option<&Passage> {
        let (table, middlebox) = (self.index_of(subnet, vpc)?, edge.middlebox());
        self.known.get(&PassageThrough { table, family, vpc, middlebox })
    }

    /// Paints the routes over each other, the ones that lose first. `behind` is what passes from the
    /// middlebox on.
    fn painted(
        &self,
        through: PassageThrough<'_>,
        behind: Option<&Passage>,
        sets: &mut Sets,
    ) -> Passage {
        let PassageThrough { family, vpc, middlebox, .. } = through;
        let table = &self.tables[through.table];
        let mut entries: Vec<&ResolvedRoute<'_>> =
            table.entries.iter().filter(|entry| entry.family == family).collect();
        // The sort is stable: of equals the first listed is painted last, and wins.
        entries.reverse();
        entries.sort_by_key(|entry| (entry.length, u8::MAX - entry.rank));
        let mut unverified = Vec::new();
        let mut passing = AddressSet::default();
        for entry in &entries {
            passing.remove(entry.range);
            if self.opens(entry.target, vpc, middlebox) {
                match (entry.target, behind) {
                    (RouteTarget::Middlebox(_), Some(behind)) => {
                        let on = sets.get(behind.set).within(entry.range);
                        on.for_each(|range| passing.insert(range));
                        unverified.extend(behind.unverified.iter().cloned());
                    }
                    _ => passing.insert(entry.range),
                }
                let gateway = match entry.target {
                    RouteTarget::Gateway(id) => self.attachment(id, vpc),
                    _ => Some(true),
                };
                if gateway.is_none() {
                    unverified.push(Unverified::of(
                        Control::NoIgwRoute,
                        &calls::ec2::DESCRIBE_INTERNET_GATEWAYS,
                    ));
                }
            }
        }
        let mut set = sets.intern(passing);
        for (id, target) in &table.unread_lists {
            if self.opens(*target, vpc, middlebox) {
                set = everything(family);
                unverified.push(Unverified {
                    control: Control::NoIgwRoute,
                    call: Some(&calls::ec2::GET_MANAGED_PREFIX_LIST_ENTRIES),
                    resource: Some((*id).to_owned()),
                });
            }
        }
        if set == EMPTY {
            unverified.clear();
        }
        unverified.sort();
        unverified.dedup();
        Passage { set, unverified }
    }

    /// Whether a route's target carries replies to the internet.
    pub(crate) fn opens(
        &self,
        target: RouteTarget<'_>,
        vpc: &str,
        middlebox: Option<&str>,
    ) -> bool {
        match target {
            RouteTarget::Gateway(id) => self.is_attached(id, vpc),
            RouteTarget::Middlebox(id) => middlebox == Some(id),
            RouteTarget::Local | RouteTarget::Blackhole | RouteTarget::Elsewhere => false,
        }
    }
}

/// Gateways with the VPCs they are attached to. EC2 says `available` of an attached gateway
/// (API reference, InternetGatewayAttachment).
fn attached(answer: &Known<InternetGateways>) -> Option<HashSet<(&str, &str)>> {
    let list = &answer.read()?.internet_gateways;
    let pairs = list.iter().flat_map(|gateway| {
        let live = |state: &Option<String>| {
            state.as_deref().is_none_or(|s| matches!(s, "available" | "attached"))
        };
        gateway.attachments.iter().filter(move |a| live(&a.state)).filter_map(|attachment| {
            Some((gateway.internet_gateway_id.as_str(), attachment.vpc_id.as_deref()?))
        })
    });
    Some(pairs.collect())
}

fn in_force(association: &RouteTableAssociation) -> bool {
    let state = association.association_state.as_ref().and_then(|s| s.state.as_deref());
    !matches!(state, Some("disassociated" | "failed"))
}

fn resolve<'a>(table: &'a RouteTable, lists: PrefixLists<'a>, ec2: &'a Ec2) -> ResolvedTable<'a> {
    let (mut entries, mut unread_lists) = (Vec::new(), Vec::new());
    // A `filtered` route is one that AWS shows and does not use.
    let used = table.routes.iter().filter(|route| route.state.as_deref() != Some("filtered"));
    for route in used {
        let target = target(route, ec2);
        let propagated =
            matches!(route.origin.as_deref(), Some("EnableVgwRoutePropagation" | "Advertisement"));
        let mut add = |(family, range, length), rank| {
            entries.push(ResolvedRoute { family, range, length, rank, target, route });
        };
        let rank = if propagated { 2 } else { 0 };
        let blocks = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block];
        for block in blocks.into_iter().flatten().filter_map(|text| parse_cidr(text)) {
            add(block, rank);
        }
        if let Some(id) = &route.destination_prefix_list_id {
            match lists.blocks(id) {
                Some(blocks) => blocks.for_each(|block| add(block, rank.max(1))),
                None => unread_lists.push((id.as_str(), target)),
            }
        }
    }
    ResolvedTable { table, entries, unread_lists }
}

fn target<'a>(route: &'a Route, ec2: &'a Ec2) -> RouteTarget<'a> {
    if route.state.as_deref() == Some("blackhole") {
        return RouteTarget::Blackhole;
    }
    if let Some(id) = &route.network_interface_id {
        return RouteTarget::Middlebox(id);
    }
    if let Some(id) = &route.instance_id {
        return primary_interface(id, ec2).map_or(RouteTarget::Elsewhere, RouteTarget::Middlebox);
    }
    match route.gateway_id.as_deref() {
        Some("local") => RouteTarget::Local,
        Some(id) if id.starts_with("igw-") => RouteTarget::Gateway(id),
        Some(id) if id.starts_with("vpce-") => RouteTarget::Middlebox(id),
        _ => RouteTarget::Elsewhere,
    }
}

fn primary_interface<'a>(instance: &str, ec2: &'a Ec2) -> Option<&'a str> {
    let interfaces = &ec2.describe_network_interfaces.read()?.network_interfaces;
    let primary = interfaces.iter().find(|interface| {
        interface.attachment.as_ref().is_some_and(|attachment| {
            attachment.instance_id.as_deref() == Some(instance)
                && attachment.device_index.unwrap_or(0) == 0
        })
    });
    primary.map(|interface| interface.network_interface_id.as_str())
}

/// Routes by which gateways hand addresses of public IPv4 pools to interfaces (VPC user guide,
/// "Route internet traffic to a single network interface"). The table is associated with the
/// gateway and with the pool, and AWS takes a block for such a route only from that pool; other
/// routes of the table are about blocks of the VPC.
fn pools<'t, 'a: 't>(
    edge_tables: impl Iterator<Item = &'t ResolvedTable<'a>>,
    ec2: &'a Ec2,
) -> HashMap<&'a str, PoolRoute<'a>> {
    let vpcs = ec2.describe_vpcs.read().map_or(&[][..], |read| &read.vpcs);
    let mut pools = HashMap::new();
    for ResolvedTable { table, entries, .. } in edge_tables {
        let associated = table.associations.iter().filter(|association| {
            let state = association.association_state.as_ref().and_then(|s| s.state.as_deref());
            state.is_none_or(|state| state == "associated")
        });
        let mut associated = associated.filter_map(|one| one.public_ipv4_pool.as_deref());
        let Some(pool) = associated.next() else { continue };
        let own = vpcs.iter().filter(|vpc| vpc.vpc_id == table.vpc_id);
        let own = own.flat_map(|vpc| &vpc.cidr_block_association_set);
        let own = own.filter_map(|block| parse_cidr(block.cidr_block.as_deref()?));
        let local = entries.iter().filter(|entry| entry.target == RouteTarget::Local);
        let of_vpc: AddressSet =
            own.map(|block| block.1).chain(local.map(|entry| entry.range)).collect();
        for entry in entries.iter().filter(|entry| entry.family == Family::Ipv4) {
            let block = AddressSet::from(entry.range);
            let is_public = block.is_subset(internet(Family::Ipv4));
            let outside = block.intersection(&of_vpc).is_empty();
            if let RouteTarget::Middlebox(interface) = entry.target
                && interface.starts_with("eni-")
                && is_public
                && outside
            {
                let route = PoolRoute { table: &table.route_table_id, pool, range: entry.range };
                pools.entry(interface).or_insert(route);
            }
        }
    }
    pools
}

/// Finds the subnets of the middleboxes that routes name.
fn hops<'a>(tables: &[ResolvedTable<'a>], ec2: &'a Ec2) -> HashMap<&'a str, Option<SubnetRef<'a>>> {
    let mut hops: HashMap<&str, Option<SubnetRef<'_>>> = HashMap::new();
    for table in tables {
        let unread = table.unread_lists.iter().map(|(_, target)| *target);
        for target in table.entries.iter().map(|entry| entry.target).chain(unread) {
            if let RouteTarget::Middlebox(id) = target {
                hops.insert(id, None);
            }
        }
    }
    if hops.is_empty() {
        return hops;
    }
    let interfaces = ec2.describe_network_interfaces.read();
    for interface in interfaces.map_or(&[][..], |read| &read.network_interfaces) {
        if let Some(place) = hops.get_mut(interface.network_interface_id.as_str()) {
            *place = Some(SubnetRef { subnet: &interface.subnet_id, vpc: &interface.vpc_id });
        }
    }
    let endpoints = ec2.describe_vpc_endpoints.read();
    let subnets = ec2.describe_subnets.read();
    for endpoint in endpoints.map_or(&[][..], |read| &read.vpc_endpoints) {
        // A gateway load balancer endpoint sits in exactly one subnet.
        let Some(subnet) = endpoint.subnet_ids.first() else { continue };
        if let Some(place) = hops.get_mut(endpoint.vpc_endpoint_id.as_str()) {
            let listed = subnets.map_or(&[][..], |read| &read.subnets);
            let vpc = listed.iter().find(|s| s.subnet_id == *subnet).map(|s| s.vpc_id.as_str());
            let vpc = vpc.or(endpoint.vpc_id.as_deref()).unwrap_or_default();
            *place = Some(SubnetRef { subnet, vpc });
        }
    }
    hops
}
