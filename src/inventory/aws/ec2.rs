//! EC2: interfaces, instances and everything of the network that decides who reaches them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::model::Known;

macro_rules! responses {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $of:ty })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default, rename_all = "PascalCase")]
        pub struct $name {
            /// The listed items, all pages together.
            pub $field: $of,
        }
    )*};
}

/// Answers of EC2 in one region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ec2 {
    /// Interfaces: whatever owns a network address.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_network_interfaces: Known<NetworkInterfaces>,
    /// Security groups with their rules.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_security_groups: Known<SecurityGroups>,
    /// Route tables with their associations.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_route_tables: Known<RouteTables>,
    /// Network ACLs with their entries.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_network_acls: Known<NetworkAcls>,
    /// Internet gateways and the VPCs they are attached to.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_internet_gateways: Known<InternetGateways>,
    /// Instances.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_instances: Known<Reservations>,
    /// Subnets.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_subnets: Known<Subnets>,
    /// VPCs.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_vpcs: Known<Vpcs>,
    /// VPC block public access: the region's mode.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_vpc_block_public_access_options: Known<VpcBlockPublicAccess>,
    /// VPC block public access: VPCs and subnets left out.
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_vpc_block_public_access_exclusions: Known<VpcBlockPublicAccessExclusions>,
    /// Entries of the prefix lists that rules or routes name, by list id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub get_managed_prefix_list_entries: BTreeMap<String, PrefixListEntries>,
    /// VPC endpoints (asked for only where a route names one).
    #[serde(skip_serializing_if = "Known::is_unread")]
    pub describe_vpc_endpoints: Known<VpcEndpoints>,
}

responses! {
    /// Response of DescribeNetworkInterfaces.
    NetworkInterfaces { network_interfaces: Vec<NetworkInterface> }
    /// Response of DescribeSecurityGroups.
    SecurityGroups { security_groups: Vec<SecurityGroup> }
    /// Response of DescribeRouteTables.
    RouteTables { route_tables: Vec<RouteTable> }
    /// Response of DescribeNetworkAcls.
    NetworkAcls { network_acls: Vec<NetworkAcl> }
    /// Response of DescribeInternetGateways.
    InternetGateways { internet_gateways: Vec<InternetGateway> }
    /// Response of DescribeInstances.
    Reservations { reservations: Vec<Reservation> }
    /// Response of DescribeSubnets.
    Subnets { subnets: Vec<Subnet> }
    /// Response of DescribeVpcs.
    Vpcs { vpcs: Vec<Vpc> }
    /// Response of DescribeVpcBlockPublicAccessOptions.
    VpcBlockPublicAccess { vpc_block_public_access_options: VpcBlockPublicAccessOptions }
    /// Response of DescribeVpcBlockPublicAccessExclusions.
    VpcBlockPublicAccessExclusions {
        vpc_block_public_access_exclusions: Vec<VpcBlockPublicAccessExclusion>
    }
    /// Response of GetManagedPrefixListEntries.
    PrefixListEntries { entries: Vec<PrefixListEntry> }
    /// Response of DescribeVpcEndpoints.
    VpcEndpoints { vpc_endpoints: Vec<VpcEndpoint> }
}

/// An elastic network interface.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkInterface {
    /// `eni-…`.
    pub network_interface_id: String,
    /// Subnet it sits in.
    pub subnet_id: String,
    /// VPC of that subnet.
    pub vpc_id: String,
    /// `available` (attached to nothing), `in-use`, …
    pub status: Option<String>,
    /// `interface`, `nat_gateway`, `lambda`, …
    pub interface_type: Option<String>,
    /// True when an AWS service made it.
    pub requester_managed: bool,
    /// Free text; services name themselves here.
    pub description: String,
    /// Security groups that guard it.
    pub groups: Vec<GroupIdentifier>,
    /// What it is attached to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// Public address of the primary private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association: Option<Association>,
    /// Primary private IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<String>,
    /// All private IPv4 addresses with their public ones.
    pub private_ip_addresses: Vec<PrivateIpAddress>,
    /// IPv6 addresses.
    pub ipv6_addresses: Vec<Ipv6Address>,
    /// Delegated IPv6 prefixes.
    pub ipv6_prefixes: Vec<Ipv6Prefix>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag_set: Vec<Tag>,
}

/// A security group on an interface or instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct GroupIdentifier {
    /// `sg-…`.
    pub group_id: String,
}

/// What an interface is attached to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Attachment {
    /// Instance, absent for interfaces of services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// 0 is the instance's primary interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_index: Option<i32>,
    /// Account of the instance, or the name of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_owner_id: Option<String>,
}

/// A public IPv4 address of a private one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Association {
    /// The public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
}

/// A private IPv4 address of an interface.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PrivateIpAddress {
    /// The address.
    pub private_ip_address: String,
    /// True for the interface's first address.
    pub primary: bool,
    /// Its public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association: Option<Association>,
}

/// An IPv6 address of an interface.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ipv6Address {
    /// The address.
    pub ipv6_address: String,
}

/// An IPv6 prefix delegated to an interface.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ipv6Prefix {
    /// The prefix in CIDR notation.
    pub ipv6_prefix: String,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// `sg-…`.
    pub group_id: String,
    /// Its name (`default` for a VPC's default group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// VPC it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Inbound rules.
    pub ip_permissions: Vec<IpPermission>,
}

/// An inbound rule, or several that share protocol and ports.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IpPermission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all.
    pub ip_protocol: String,
    /// First port, or the ICMP type; -1 is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// Last port, or the ICMP code; -1 is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// IPv4 sources.
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 sources.
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Prefix lists as sources.
    pub prefix_list_ids: Vec<PrefixListId>,
    /// Security groups as sources.
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
}

/// An IPv4 source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IpRange {
    /// The range.
    pub cidr_ip: String,
}

/// An IPv6 source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ipv6Range {
    /// The range.
    pub cidr_ipv6: String,
}

/// A prefix list as a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PrefixListId {
    /// `pl-…`.
    pub prefix_list_id: String,
}

/// A security group as a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct UserIdGroupPair {
    /// `sg-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RouteTable {
    /// `rtb-…`.
    pub route_table_id: String,
    /// VPC it belongs to.
    pub vpc_id: String,
    /// Subnets and gateways that use it.
    pub associations: Vec<RouteTableAssociation>,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// Who uses a route table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RouteTableAssociation {
    /// True for the VPC's main table.
    pub main: bool,
    /// Subnet associated explicitly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// Gateway, for edge associations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// Progress of the association.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_state: Option<AssociationState>,
}

/// Progress of a route table association.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssociationState {
    /// `associated`, `disassociated`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// A route: one destination, one target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Route {
    /// IPv4 destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_cidr_block: Option<String>,
    /// IPv6 destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_ipv6_cidr_block: Option<String>,
    /// Prefix list as destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_prefix_list_id: Option<String>,
    /// `igw-…`, `vgw-…`, `vpce-…` or `local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// `nat-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_id: Option<String>,
    /// `tgw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<String>,
    /// `lgw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_gateway_id: Option<String>,
    /// `cagw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_gateway_id: Option<String>,
    /// `eigw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_only_internet_gateway_id: Option<String>,
    /// `pcx-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<String>,
    /// Instance as a hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Interface as a hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<String>,
    /// Core network of Cloud WAN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_network_arn: Option<String>,
    /// `active`, `blackhole`, `filtered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation`, `Advertisement`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkAcl {
    /// `acl-…`.
    pub network_acl_id: String,
    /// VPC it belongs to.
    pub vpc_id: String,
    /// True for the VPC's default ACL.
    pub is_default: bool,
    /// Subnets that use it.
    pub associations: Vec<NetworkAclAssociation>,
    /// Its rules.
    pub entries: Vec<NetworkAclEntry>,
}

/// A subnet that uses a network ACL.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkAclAssociation {
    /// `subnet-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
}

/// A rule of a network ACL.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkAclEntry {
    /// Order of evaluation, lowest first.
    pub rule_number: i32,
    /// `allow` or `deny`.
    pub rule_action: String,
    /// Protocol number, or `-1` for all.
    pub protocol: String,
    /// True for outbound.
    pub egress: bool,
    /// IPv4 range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    /// IPv6 range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
    /// Ports, absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_range: Option<PortRange>,
    /// ICMP type and code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icmp_type_code: Option<IcmpTypeCode>,
}

/// Ports from..=to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PortRange {
    /// First port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i32>,
    /// Last port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
}

/// ICMP type and code; -1 is all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IcmpTypeCode {
    /// ICMP type.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<i32>,
    /// ICMP code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
}

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InternetGateway {
    /// `igw-…`.
    pub internet_gateway_id: String,
    /// VPCs it is attached to (at most one).
    pub attachments: Vec<InternetGatewayAttachment>,
}

/// An internet gateway's attachment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InternetGatewayAttachment {
    /// `available` when attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
}

/// Instances that were launched together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Reservation {
    /// The instances.
    pub instances: Vec<Instance>,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Instance {
    /// `i-…`.
    pub instance_id: String,
    /// Whether it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<InstanceState>,
    /// Public IPv4 address of the primary interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip_address: Option<String>,
    /// Labels, `Name` among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// Whether an instance runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InstanceState {
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`.
    pub name: String,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Subnet {
    /// `subnet-…`.
    pub subnet_id: String,
    /// VPC it belongs to.
    pub vpc_id: String,
    /// IPv4 range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<String>,
    /// IPv6 ranges.
    pub ipv6_cidr_block_association_set: Vec<SubnetIpv6CidrBlockAssociation>,
    /// ARN, by which block-public-access exclusions name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_arn: Option<String>,
    /// Availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// The subnet's own word on VPC block public access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_public_access_states: Option<BlockPublicAccessStates>,
}

/// An IPv6 range of a subnet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SubnetIpv6CidrBlockAssociation {
    /// The range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<String>,
}

/// A subnet's word on VPC block public access.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BlockPublicAccessStates {
    /// `off`, `block-bidirectional`, `block-ingress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_gateway_block_mode: Option<String>,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Vpc {
    /// `vpc-…`.
    pub vpc_id: String,
    /// True for the region's default VPC.
    pub is_default: bool,
}

/// VPC block public access of a region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VpcBlockPublicAccessOptions {
    /// `off`, `block-bidirectional`, `block-ingress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_gateway_block_mode: Option<String>,
}

/// A VPC or subnet left out of block public access.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VpcBlockPublicAccessExclusion {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclusion_id: Option<String>,
    /// ARN of the VPC or subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_arn: Option<String>,
    /// `allow-bidirectional` or `allow-egress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_gateway_exclusion_mode: Option<String>,
    /// Progress of the exclusion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// An entry of a prefix list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PrefixListEntry {
    /// The range.
    pub cidr: String,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub vpc_endpoint_id: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint_type: Option<String>,
    /// VPC it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Subnets it sits in.
    pub subnet_ids: Vec<String>,
}
