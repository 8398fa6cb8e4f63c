//! EC2: interfaces, instances and everything of the network that decides who reaches them.

use std::collections::BTreeMap;

use crate::inventory::aws::{Each, Tag};
use crate::model::Known;

operations! {
    /// Answers of EC2 in one region.
    Ec2 {
        /// Interfaces: whatever owns a network address.
        describe_network_interfaces: Known<NetworkInterfaces>,
        /// Security groups with their rules.
        describe_security_groups: Known<SecurityGroups>,
        /// Route tables with their associations.
        describe_route_tables: Known<RouteTables>,
        /// Network ACLs with their entries.
        describe_network_acls: Known<NetworkAcls>,
        /// Internet gateways and the VPCs they are attached to.
        describe_internet_gateways: Known<InternetGateways>,
        describe_instances: Known<Reservations>,
        describe_subnets: Known<Subnets>,
        /// VPCs and the firewalls before their gateways.
        describe_vpcs: Known<Vpcs>,
        /// Elastic addresses (asked for only where something has a public address).
        describe_addresses: Known<Addresses>,
        /// VPC block public access: the region's mode.
        describe_vpc_block_public_access_options: Known<VpcBlockPublicAccess>,
        /// VPC block public access: VPCs and subnets left out.
        describe_vpc_block_public_access_exclusions: Known<VpcBlockPublicAccessExclusions>,
        /// Entries of the prefix lists that rules or routes name, by list id.
        get_managed_prefix_list_entries: BTreeMap<String, PrefixListEntries>,
        /// VPC endpoints (asked for only where a route names one).
        describe_vpc_endpoints: Known<VpcEndpoints>,
        /// Images of the account (a scan asks for those that are public; for all where the region's
        /// own block is judged and is off, or where it is asked with whom each is shared).
        describe_images: Known<Images>,
        /// With whom images are shared, by image. Where any is asked, all images and snapshots are.
        describe_image_attribute: Each<ImageAttribute>,
        /// Snapshots of the account (a scan asks for those that are restorable by everyone; for one
        /// of any kind where the region's own block is judged and is off; for all where it is asked
        /// with whom each is shared).
        describe_snapshots: Known<Snapshots>,
        /// With whom snapshots are shared, by snapshot.
        describe_snapshot_attribute: BTreeMap<String, SnapshotAttribute>,
        get_snapshot_block_public_access_state: Known<SnapshotBlockPublicAccess>,
        get_image_block_public_access_state: Known<ImageBlockPublicAccess>,
    }
}

responses! {
    /// Response of DescribeImages.
    Images {
        images: Vec<Image>,
    }

    /// A machine image (AMI).
    Image {
        image_id: String,
        name: Option<String>,
        owner_id: Option<String>,
        /// Whether its launch permissions hold the group `all`.
        public: Option<bool>,
        /// `available`, `pending`, `disabled`, …
        state: Option<String>,
        block_device_mappings: Vec<BlockDeviceMapping>,
    }

    /// A disk of machines that are started from an image.
    BlockDeviceMapping {
        /// Absent where it is no volume of EBS.
        ebs: Option<EbsBlockDevice>,
    }

    /// A volume of EBS that is made from a snapshot.
    EbsBlockDevice {
        snapshot_id: Option<String>,
        encrypted: Option<bool>,
    }

    /// Response of DescribeImageAttribute for `launchPermission`.
    ImageAttribute {
        launch_permissions: Vec<LaunchPermission>,
    }

    /// Who may launch an image: a group, an account, or all accounts of an organization or of a unit
    /// of one.
    LaunchPermission {
        group: Option<String>,
        user_id: Option<String>,
        organization_arn: Option<String>,
        organizational_unit_arn: Option<String>,
    }

    /// Response of DescribeSnapshots.
    Snapshots {
        snapshots: Vec<Snapshot>,
    }

    /// A copy of a volume.
    Snapshot {
        snapshot_id: String,
        owner_id: Option<String>,
        volume_id: Option<String>,
        /// GiB.
        volume_size: Option<i32>,
        encrypted: Option<bool>,
        /// ARN of the key that it is encrypted with.
        kms_key_id: Option<String>,
        tags: Vec<Tag>,
    }

    /// Response of DescribeSnapshotAttribute for `createVolumePermission`.
    SnapshotAttribute {
        create_volume_permissions: Vec<CreateVolumePermission>,
    }

    /// Who may make a volume from a snapshot: a group or an account.
    CreateVolumePermission {
        group: Option<String>,
        user_id: Option<String>,
    }

    /// Response of GetSnapshotBlockPublicAccessState.
    SnapshotBlockPublicAccess {
        /// `block-all-sharing`, `block-new-sharing` or `unblocked`.
        state: Option<String>,
    }

    /// Response of GetImageBlockPublicAccessState.
    ImageBlockPublicAccess {
        /// `block-new-sharing` or `unblocked`.
        image_block_public_access_state: Option<String>,
    }

    /// Response of DescribeNetworkInterfaces.
    NetworkInterfaces {
        network_interfaces: Vec<NetworkInterface>,
    }

    /// Response of DescribeSecurityGroups.
    SecurityGroups {
        security_groups: Vec<SecurityGroup>,
    }

    /// Response of DescribeRouteTables.
    RouteTables {
        route_tables: Vec<RouteTable>,
    }

    /// Response of DescribeNetworkAcls.
    NetworkAcls {
        network_acls: Vec<NetworkAcl>,
    }

    /// Response of DescribeInternetGateways.
    InternetGateways {
        internet_gateways: Vec<InternetGateway>,
    }

    /// Response of DescribeInstances.
    Reservations {
        reservations: Vec<Reservation>,
    }

    /// Response of DescribeSubnets.
    Subnets {
        subnets: Vec<Subnet>,
    }

    /// Response of DescribeVpcs.
    Vpcs {
        vpcs: Vec<Vpc>,
    }

    /// Response of DescribeAddresses.
    Addresses {
        addresses: Vec<Address>,
    }

    /// Response of DescribeVpcBlockPublicAccessOptions.
    VpcBlockPublicAccess {
        vpc_block_public_access_options: VpcBlockPublicAccessOptions,
    }

    /// Response of DescribeVpcBlockPublicAccessExclusions.
    VpcBlockPublicAccessExclusions {
        vpc_block_public_access_exclusions: Vec<VpcBlockPublicAccessExclusion>,
    }

    /// Response of GetManagedPrefixListEntries.
    PrefixListEntries {
        entries: Vec<PrefixListEntry>,
    }

    /// Response of DescribeVpcEndpoints.
    VpcEndpoints {
        vpc_endpoints: Vec<VpcEndpoint>,
    }

    /// An elastic network interface.
    NetworkInterface {
        /// `eni-…`.
        network_interface_id: String,
        /// Subnet it sits in.
        subnet_id: String,
        /// VPC of that subnet.
        vpc_id: String,
        /// Account that made it: in a shared subnet the participant.
        owner_id: Option<String>,
        /// Account or service for which it was made.
        requester_id: Option<String>,
        /// `available` (attached to nothing), `in-use`, …
        #[serde_with(skip_apply)]
        status: Option<String>,
        /// `interface`, `nat_gateway`, `lambda`, …
        #[serde_with(skip_apply)]
        interface_type: Option<String>,
        /// True when an AWS service made it.
        requester_managed: bool,
        /// False where it takes packets for addresses that are not its own.
        source_dest_check: Option<bool>,
        /// Free text; services name themselves here.
        description: String,
        /// Security groups that guard it.
        groups: Vec<GroupIdentifier>,
        /// What it is attached to.
        attachment: Option<Attachment>,
        /// Public address of the primary private address.
        association: Option<Association>,
        /// Primary private IPv4 address.
        private_ip_address: Option<String>,
        /// All private IPv4 addresses with their public ones.
        private_ip_addresses: Vec<PrivateIpAddress>,
        /// IPv4 prefixes delegated to it, for the pods of a Kubernetes node for instance.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ipv4_prefixes: Vec<Ipv4Prefix>,
        ipv6_addresses: Vec<Ipv6Address>,
        ipv6_prefixes: Vec<Ipv6Prefix>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tag_set: Vec<Tag>,
    }

    /// A security group on an interface or instance.
    GroupIdentifier {
        /// `sg-…`.
        group_id: String,
    }

    /// What an interface is attached to.
    Attachment {
        /// Instance, absent for interfaces of services.
        instance_id: Option<String>,
        /// 0 is the instance's primary interface.
        device_index: Option<i32>,
        /// Account of the instance, or the name of a service.
        instance_owner_id: Option<String>,
    }

    /// A public IPv4 address of a private one.
    Association {
        public_ip: Option<String>,
    }

    /// A private IPv4 address of an interface.
    PrivateIpAddress {
        private_ip_address: String,
        /// True for the interface's first address.
        primary: bool,
        association: Option<Association>,
    }

    /// An IPv6 address of an interface.
    Ipv6Address {
        ipv6_address: String,
    }

    /// An IPv4 prefix delegated to an interface.
    Ipv4Prefix {
        /// The prefix in CIDR notation.
        ipv4_prefix: String,
    }

    /// An IPv6 prefix delegated to an interface.
    Ipv6Prefix {
        /// The prefix in CIDR notation.
        ipv6_prefix: String,
    }

    /// A security group.
    SecurityGroup {
        /// `sg-…`.
        group_id: String,
        /// Its name (`default` for a VPC's default group).
        group_name: Option<String>,
        /// VPC it belongs to.
        vpc_id: Option<String>,
        /// Account that owns it.
        owner_id: Option<String>,
        ip_permissions: Vec<IpPermission>,
    }

    /// An inbound rule, or several that share protocol and ports.
    IpPermission {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all.
        ip_protocol: String,
        /// First port, or the ICMP type; -1 is all.
        from_port: Option<i32>,
        /// Last port, or the ICMP code; -1 is all.
        to_port: Option<i32>,
        ip_ranges: Vec<IpRange>,
        ipv6_ranges: Vec<Ipv6Range>,
        /// Prefix lists as sources.
        prefix_list_ids: Vec<PrefixListId>,
        /// Security groups as sources.
        user_id_group_pairs: Vec<UserIdGroupPair>,
    }

    /// An IPv4 source.
    IpRange {
        cidr_ip: String,
    }

    /// An IPv6 source.
    Ipv6Range {
        cidr_ipv6: String,
    }

    /// A prefix list as a source.
    PrefixListId {
        /// `pl-…`.
        prefix_list_id: String,
    }

    /// A security group as a source.
    UserIdGroupPair {
        /// `sg-…`.
        group_id: Option<String>,
    }

    /// A route table.
    RouteTable {
        /// `rtb-…`.
        route_table_id: String,
        /// VPC it belongs to.
        vpc_id: String,
        /// Subnets and gateways that use it.
        associations: Vec<RouteTableAssociation>,
        routes: Vec<Route>,
    }

    /// Who uses a route table.
    RouteTableAssociation {
        /// True for the VPC's main table.
        main: bool,
        subnet_id: Option<String>,
        /// Gateway, for edge associations.
        gateway_id: Option<String>,
        /// Pool of public addresses that the gateway's table may lead to interfaces.
        public_ipv4_pool: Option<String>,
        /// Progress of the association.
        association_state: Option<AssociationState>,
    }

    /// Progress of a route table association.
    AssociationState {
        /// `associated`, `disassociated`, …
        state: Option<String>,
    }

    /// A route: one destination, one target.
    Route {
        destination_cidr_block: Option<String>,
        destination_ipv6_cidr_block: Option<String>,
        /// Prefix list as destination.
        destination_prefix_list_id: Option<String>,
        /// `igw-…`, `vgw-…`, `vpce-…` or `local`.
        gateway_id: Option<String>,
        /// `nat-…`.
        nat_gateway_id: Option<String>,
        /// `tgw-…`.
        transit_gateway_id: Option<String>,
        /// `lgw-…`.
        local_gateway_id: Option<String>,
        /// `cagw-…`.
        carrier_gateway_id: Option<String>,
        /// `eigw-…`.
        egress_only_internet_gateway_id: Option<String>,
        /// `pcx-…`.
        vpc_peering_connection_id: Option<String>,
        /// Instance as a hop.
        instance_id: Option<String>,
        /// Interface as a hop.
        network_interface_id: Option<String>,
        /// Core network of Cloud WAN.
        core_network_arn: Option<String>,
        /// Network of Oracle Database@AWS.
        odb_network_arn: Option<String>,
        /// Next hop that a route server learnt.
        ip_address: Option<String>,
        /// The firewall between the VPC and its internet gateway.
        igw_firewall: Option<IgwFirewall>,
        /// `active`, `blackhole`, `filtered`.
        state: Option<String>,
        /// `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation`, `Advertisement`.
        origin: Option<String>,
    }

    /// The firewall that a route to an internet gateway goes through.
    IgwFirewall {
        firewall_arn: Option<String>,
        /// For instance `active`.
        status: Option<String>,
    }

    /// A network ACL.
    NetworkAcl {
        /// `acl-…`.
        network_acl_id: String,
        /// VPC it belongs to.
        vpc_id: String,
        /// True for the VPC's default ACL.
        is_default: bool,
        /// Subnets that use it.
        associations: Vec<NetworkAclAssociation>,
        entries: Vec<NetworkAclEntry>,
    }

    /// A subnet that uses a network ACL.
    NetworkAclAssociation {
        /// `subnet-…`.
        subnet_id: Option<String>,
    }

    /// A rule of a network ACL.
    NetworkAclEntry {
        /// Order of evaluation, lowest first.
        rule_number: i32,
        /// `allow` or `deny`.
        rule_action: String,
        /// Protocol number, or `-1` for all.
        protocol: String,
        egress: bool,
        cidr_block: Option<String>,
        ipv6_cidr_block: Option<String>,
        /// Ports, absent for all.
        port_range: Option<PortRange>,
        /// ICMP type and code.
        icmp_type_code: Option<IcmpTypeCode>,
    }

    /// Ports from..=to.
    #[derive(Copy)]
    PortRange {
        from: Option<i32>,
        to: Option<i32>,
    }

    /// ICMP type and code; -1 is all.
    #[derive(Copy)]
    IcmpTypeCode {
        #[serde(rename = "Type")]
        kind: Option<i32>,
        code: Option<i32>,
    }

    /// An internet gateway.
    InternetGateway {
        /// `igw-…`.
        internet_gateway_id: String,
        /// VPCs it is attached to (at most one).
        attachments: Vec<InternetGatewayAttachment>,
    }

    /// An internet gateway's attachment.
    InternetGatewayAttachment {
        /// `available` when attached.
        state: Option<String>,
        vpc_id: Option<String>,
    }

    /// Instances that were launched together.
    Reservation {
        instances: Vec<Instance>,
    }

    /// An instance.
    Instance {
        /// `i-…`.
        instance_id: String,
        state: Option<InstanceState>,
        /// Public IPv4 address of the primary interface.
        public_ip_address: Option<String>,
        /// By which it has a role.
        iam_instance_profile: Option<IamInstanceProfile>,
        metadata_options: Option<MetadataOptions>,
        /// Labels, `Name` among them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tags: Vec<Tag>,
    }

    /// The instance profile of an instance.
    IamInstanceProfile {
        arn: Option<String>,
    }

    /// How software on an instance gets at the metadata service, which gives the credentials of the
    /// instance's role.
    MetadataOptions {
        /// `optional`: whoever can make the machine send a request gets them; `required`: only with a
        /// token.
        http_tokens: Option<String>,
        /// How far a response with a token travels: 1 is the machine itself.
        http_put_response_hop_limit: Option<i32>,
        /// `enabled` or `disabled`.
        http_endpoint: Option<String>,
    }

    /// Whether an instance runs.
    InstanceState {
        /// `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`.
        name: String,
    }

    /// A subnet.
    Subnet {
        /// `subnet-…`.
        subnet_id: String,
        /// VPC it belongs to.
        vpc_id: String,
        cidr_block: Option<String>,
        ipv6_cidr_block_association_set: Vec<SubnetIpv6CidrBlockAssociation>,
        /// Account that owns it, and with it the VPC; others share it.
        owner_id: Option<String>,
        /// ARN, by which block-public-access exclusions name it.
        subnet_arn: Option<String>,
        availability_zone: Option<String>,
        /// The subnet's own word on VPC block public access.
        block_public_access_states: Option<BlockPublicAccessStates>,
        /// What the VPC's internet firewall does with the subnet's traffic: `flexible`,
        /// `bidirectional`, `outbound-only`, `exclude`, `az-unsupported`.
        network_firewall_connectivity_type: Option<String>,
    }

    /// An IPv6 range of a subnet.
    SubnetIpv6CidrBlockAssociation {
        ipv6_cidr_block: Option<String>,
    }

    /// A subnet's word on VPC block public access.
    BlockPublicAccessStates {
        /// `off`, `block-bidirectional`, `block-ingress`.
        internet_gateway_block_mode: Option<String>,
    }

    /// A VPC.
    Vpc {
        /// `vpc-…`.
        vpc_id: String,
        /// True for the region's default VPC.
        is_default: bool,
        /// IPv4 blocks, the first one among them.
        cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
        /// Firewalls between the VPC and its internet gateway.
        network_firewall_associations: Vec<NetworkFirewallAssociation>,
    }

    /// An IPv4 block of a VPC.
    VpcCidrBlockAssociation {
        cidr_block: Option<String>,
    }

    /// A firewall between a VPC and its internet gateway.
    NetworkFirewallAssociation {
        firewall_arn: Option<String>,
        /// `pending`, `active` or `disabling`.
        firewall_onboarding_status: Option<String>,
        /// `enforce` or `monitor`.
        firewall_mode: Option<String>,
    }

    /// An elastic address.
    Address {
        public_ip: Option<String>,
        /// The service that holds it, for instance `igw-firewall`.
        service_managed: Option<String>,
    }

    /// VPC block public access of a region.
    VpcBlockPublicAccessOptions {
        /// `off`, `block-bidirectional`, `block-ingress`.
        internet_gateway_block_mode: Option<String>,
        /// `account`, or `declarative-policy`: the organization's, which the account cannot change.
        managed_by: Option<String>,
        /// `allowed` or `not-allowed`.
        exclusions_allowed: Option<String>,
    }

    /// A VPC or subnet left out of block public access.
    VpcBlockPublicAccessExclusion {
        exclusion_id: Option<String>,
        /// ARN of the VPC or subnet.
        resource_arn: Option<String>,
        /// `allow-bidirectional` or `allow-egress`.
        internet_gateway_exclusion_mode: Option<String>,
        /// Progress of the exclusion.
        state: Option<String>,
    }

    /// An entry of a prefix list.
    PrefixListEntry {
        cidr: String,
    }

    /// A VPC endpoint.
    VpcEndpoint {
        /// `vpce-…`.
        vpc_endpoint_id: String,
        /// `Interface`, `Gateway`, `GatewayLoadBalancer`.
        vpc_endpoint_type: Option<String>,
        /// VPC it belongs to.
        vpc_id: Option<String>,
        /// Subnets it sits in.
        subnet_ids: Vec<String>,
    }
}

/// The state of a region's block of public snapshots or images that is off.
pub const UNBLOCKED: &str = "unblocked";

impl VpcBlockPublicAccessOptions {
    /// Whether the organization decides it: a declarative policy is in force, and the account can
    /// change nothing (EC2 API reference, VpcBlockPublicAccessOptions: ManagedBy).
    pub fn is_of_organization(&self) -> bool {
        self.managed_by.as_deref() == Some("declarative-policy")
    }

    /// Whether exclusions count at all.
    pub fn allows_exclusions(&self) -> bool {
        self.exclusions_allowed.as_deref() != Some("not-allowed")
    }
}

impl Image {
    /// Whether it is the account's, as far as the answer tells.
    pub fn is_owned_by(&self, account: &str) -> bool {
        self.owner_id.as_deref().is_none_or(|owner| owner == account)
    }

    /// Whether every AWS account may launch it; nothing where the answer does not say.
    ///
    /// Only an image that is `available` can be launched (EC2 API reference, Image: State). One that
    /// was disabled has lost its launch permissions (EC2 API reference, DisableImage).
    pub fn is_public(&self) -> Option<bool> {
        match (self.public?, self.state.as_deref()) {
            (false, _) => Some(false),
            (true, state) => state.map(|state| state == "available"),
        }
    }
}

impl Snapshot {
    /// Whether it is the account's, as far as the answer tells.
    pub fn is_owned_by(&self, account: &str) -> bool {
        self.owner_id.as_deref().is_none_or(|owner| owner == account)
    }
}

impl SnapshotAttribute {
    /// Whether every AWS account may use the snapshot: `all` is the only group there is (EC2 API
    /// reference, CreateVolumePermission).
    pub fn is_public(&self) -> bool {
        self.create_volume_permissions.iter().any(|one| one.group.as_deref() == Some("all"))
    }
}

impl NetworkInterface {
    /// Whether one of its addresses is public; IPv6 addresses of a VPC are (VPC user guide, IP
    /// addressing).
    pub fn has_public_address(&self) -> bool {
        let of_address = self.private_ip_addresses.iter().any(|own| own.association.is_some());
        self.association.is_some() || of_address || !self.ipv6_addresses.is_empty()
    }
}
