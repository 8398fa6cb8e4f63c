//! Types of EC2's SDK as facts, field by field.

use aws_sdk_ec2::types;

use crate::inventory::aws::Tag;
use crate::inventory::aws::ec2::{
    Address, Addresses, Association, AssociationState, Attachment, BlockPublicAccessStates,
    GroupIdentifier, IamInstanceProfile, IcmpTypeCode, Instance, InstanceState, InternetGateway,
    InternetGatewayAttachment, IpPermission, IpRange, Ipv4Prefix, Ipv6Address, Ipv6Prefix,
    Ipv6Range, MetadataOptions, NetworkAcl, NetworkAclAssociation, NetworkAclEntry,
    NetworkInterface, PortRange, PrefixListId, PrivateIpAddress, Reservation, Route, RouteTable,
    RouteTableAssociation, SecurityGroup, Subnet, SubnetIpv6CidrBlockAssociation, UserIdGroupPair,
    Vpc, VpcBlockPublicAccess, VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions,
    VpcCidrBlockAssociation, VpcEndpoint,
};

/// Converts a list; EC2 leaves empty ones out.
fn each<T, U>(list: Option<Vec<T>>, convert: impl Fn(T) -> U) -> Vec<U> {
    list.unwrap_or_default().into_iter().map(convert).collect()
}

/// The word of an enumeration, unknown ones included.
macro_rules! word {
    ($from:expr) => {
        $from.map(|word| word.as_str().to_owned())
    };
}

fn tag(from: types::Tag) -> Tag {
    Tag { key: from.key.unwrap_or_default(), value: from.value.unwrap_or_default() }
}

pub(crate) fn interface(from: types::NetworkInterface) -> NetworkInterface {
    NetworkInterface {
        network_interface_id: from.network_interface_id.unwrap_or_default(),
        subnet_id: from.subnet_id.unwrap_or_default(),
        vpc_id: from.vpc_id.unwrap_or_default(),
        owner_id: from.owner_id,
        requester_id: from.requester_id,
        status: word!(from.status),
        interface_type: word!(from.interface_type),
        requester_managed: from.requester_managed.unwrap_or_default(),
        source_dest_check: from.source_dest_check,
        description: from.description.unwrap_or_default(),
        groups: each(from.groups, |group| GroupIdentifier {
            group_id: group.group_id.unwrap_or_default(),
        }),
        attachment: from.attachment.map(|attachment| Attachment {
            instance_id: attachment.instance_id,
            device_index: attachment.device_index,
            instance_owner_id: attachment.instance_owner_id,
        }),
        association: from.association.map(association),
        private_ip_address: from.private_ip_address,
        private_ip_addresses: each(from.private_ip_addresses, |address| PrivateIpAddress {
            private_ip_address: address.private_ip_address.unwrap_or_default(),
            primary: address.primary.unwrap_or_default(),
            association: address.association.map(association),
        }),
        ipv4_prefixes: each(from.ipv4_prefixes, |prefix| Ipv4Prefix {
            ipv4_prefix: prefix.ipv4_prefix.unwrap_or_default(),
        }),
        ipv6_addresses: each(from.ipv6_addresses, |address| Ipv6Address {
            ipv6_address: address.ipv6_address.unwrap_or_default(),
        }),
        ipv6_prefixes: each(from.ipv6_prefixes, |prefix| Ipv6Prefix {
            ipv6_prefix: prefix.ipv6_prefix.unwrap_or_default(),
        }),
        tag_set: each(from.tag_set, tag),
    }
}

fn association(from: types::NetworkInterfaceAssociation) -> Association {
    Association { public_ip: from.public_ip }
}

pub(crate) fn group(from: types::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        group_id: from.group_id.unwrap_or_default(),
        group_name: from.group_name,
        vpc_id: from.vpc_id,
        owner_id: from.owner_id,
        ip_permissions: each(from.ip_permissions, permission),
    }
}

fn permission(from: types::IpPermission) -> IpPermission {
    IpPermission {
        ip_protocol: from.ip_protocol.unwrap_or_default(),
        from_port: from.from_port,
        to_port: from.to_port,
        ip_ranges: each(from.ip_ranges, |range| IpRange {
            cidr_ip: range.cidr_ip.unwrap_or_default(),
        }),
        ipv6_ranges: each(from.ipv6_ranges, |range| Ipv6Range {
            cidr_ipv6: range.cidr_ipv6.unwrap_or_default(),
        }),
        prefix_list_ids: each(from.prefix_list_ids, |list| PrefixListId {
            prefix_list_id: list.prefix_list_id.unwrap_or_default(),
        }),
        user_id_group_pairs: each(from.user_id_group_pairs, |pair| UserIdGroupPair {
            group_id: pair.group_id,
        }),
    }
}

pub(crate) fn route_table(from: types::RouteTable) -> RouteTable {
    RouteTable {
        route_table_id: from.route_table_id.unwrap_or_default(),
        vpc_id: from.vpc_id.unwrap_or_default(),
        associations: each(from.associations, |association| RouteTableAssociation {
            main: association.main.unwrap_or_default(),
            subnet_id: association.subnet_id,
            gateway_id: association.gateway_id,
            public_ipv4_pool: association.public_ipv4_pool,
            association_state: association
                .association_state
                .map(|state| AssociationState { state: word!(state.state) }),
        }),
        routes: each(from.routes, route),
    }
}

fn route(from: types::Route) -> Route {
    Route {
        destination_cidr_block: from.destination_cidr_block,
        destination_ipv6_cidr_block: from.destination_ipv6_cidr_block,
        destination_prefix_list_id: from.destination_prefix_list_id,
        gateway_id: from.gateway_id,
        nat_gateway_id: from.nat_gateway_id,
        transit_gateway_id: from.transit_gateway_id,
        local_gateway_id: from.local_gateway_id,
        carrier_gateway_id: from.carrier_gateway_id,
        egress_only_internet_gateway_id: from.egress_only_internet_gateway_id,
        vpc_peering_connection_id: from.vpc_peering_connection_id,
        instance_id: from.instance_id,
        network_interface_id: from.network_interface_id,
        core_network_arn: from.core_network_arn,
        odb_network_arn: from.odb_network_arn,
        ip_address: from.ip_address,
        // The SDK does not know it.
        igw_firewall: None,
        state: word!(from.state),
        origin: word!(from.origin),
    }
}

pub(crate) fn network_acl(from: types::NetworkAcl) -> NetworkAcl {
    NetworkAcl {
        network_acl_id: from.network_acl_id.unwrap_or_default(),
        vpc_id: from.vpc_id.unwrap_or_default(),
        is_default: from.is_default.unwrap_or_default(),
        associations: each(from.associations, |association| NetworkAclAssociation {
            subnet_id: association.subnet_id,
        }),
        entries: each(from.entries, |entry| NetworkAclEntry {
            rule_number: entry.rule_number.unwrap_or_default(),
            rule_action: word!(entry.rule_action).unwrap_or_default(),
            protocol: entry.protocol.unwrap_or_default(),
            egress: entry.egress.unwrap_or_default(),
            cidr_block: entry.cidr_block,
            ipv6_cidr_block: entry.ipv6_cidr_block,
            port_range: entry.port_range.map(|range| PortRange { from: range.from, to: range.to }),
            icmp_type_code: entry
                .icmp_type_code
                .map(|icmp| IcmpTypeCode { kind: icmp.r#type, code: icmp.code }),
        }),
    }
}

pub(crate) fn gateway(from: types::InternetGateway) -> InternetGateway {
    InternetGateway {
        internet_gateway_id: from.internet_gateway_id.unwrap_or_default(),
        attachments: each(from.attachments, |attachment| InternetGatewayAttachment {
            state: word!(attachment.state),
            vpc_id: attachment.vpc_id,
        }),
    }
}

pub(crate) fn reservation(from: types::Reservation) -> Reservation {
    Reservation {
        instances: each(from.instances, |instance| Instance {
            instance_id: instance.instance_id.unwrap_or_default(),
            state: instance
                .state
                .map(|state| InstanceState { name: word!(state.name).unwrap_or_default() }),
            public_ip_address: instance.public_ip_address,
            iam_instance_profile: instance
                .iam_instance_profile
                .map(|profile| IamInstanceProfile { arn: profile.arn }),
            metadata_options: instance.metadata_options.map(|options| MetadataOptions {
                http_tokens: word!(options.http_tokens),
                http_put_response_hop_limit: options.http_put_response_hop_limit,
                http_endpoint: word!(options.http_endpoint),
            }),
            tags: each(instance.tags, tag),
        }),
    }
}

pub(crate) fn subnet(from: types::Subnet) -> Subnet {
    Subnet {
        subnet_id: from.subnet_id.unwrap_or_default(),
        vpc_id: from.vpc_id.unwrap_or_default(),
        cidr_block: from.cidr_block,
        ipv6_cidr_block_association_set: each(from.ipv6_cidr_block_association_set, |block| {
            SubnetIpv6CidrBlockAssociation { ipv6_cidr_block: block.ipv6_cidr_block }
        }),
        owner_id: from.owner_id,
        subnet_arn: from.subnet_arn,
        availability_zone: from.availability_zone,
        block_public_access_states: from.block_public_access_states.map(|states| {
            BlockPublicAccessStates {
                internet_gateway_block_mode: word!(states.internet_gateway_block_mode),
            }
        }),
        // The SDK does not know it.
        network_firewall_connectivity_type: None,
    }
}

pub(crate) fn vpc(from: types::Vpc) -> Vpc {
    Vpc {
        vpc_id: from.vpc_id.unwrap_or_default(),
        is_default: from.is_default.unwrap_or_default(),
        cidr_block_association_set: each(from.cidr_block_association_set, |block| {
            VpcCidrBlockAssociation { cidr_block: block.cidr_block }
        }),
        // The SDK does not know them: elastic addresses tell of a firewall.
        network_firewall_associations: Vec::new(),
    }
}

pub(crate) fn addresses(from: Option<Vec<types::Address>>) -> Addresses {
    Addresses {
        addresses: each(from, |address| Address {
            public_ip: address.public_ip,
            service_managed: word!(address.service_managed),
        }),
    }
}

pub(crate) fn block(from: types::VpcBlockPublicAccessOptions) -> VpcBlockPublicAccess {
    VpcBlockPublicAccess {
        vpc_block_public_access_options: VpcBlockPublicAccessOptions {
            internet_gateway_block_mode: word!(from.internet_gateway_block_mode),
            managed_by: word!(from.managed_by),
            exclusions_allowed: word!(from.exclusions_allowed),
        },
    }
}

pub(crate) fn exclusion(
    from: types::VpcBlockPublicAccessExclusion,
) -> VpcBlockPublicAccessExclusion {
    VpcBlockPublicAccessExclusion {
        exclusion_id: from.exclusion_id,
        resource_arn: from.resource_arn,
        internet_gateway_exclusion_mode: word!(from.internet_gateway_exclusion_mode),
        state: word!(from.state),
    }
}

pub(crate) fn endpoint(from: types::VpcEndpoint) -> VpcEndpoint {
    VpcEndpoint {
        vpc_endpoint_id: from.vpc_endpoint_id.unwrap_or_default(),
        vpc_endpoint_type: word!(from.vpc_endpoint_type),
        vpc_id: from.vpc_id,
        subnet_ids: from.subnet_ids.unwrap_or_default(),
    }
}
