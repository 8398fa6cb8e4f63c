//! Calls behind the verdicts, by what they decide, for whoever has to name what a verdict needs.

use crate::inventory::aws::calls::{Call, ec2, elb, elbv2};

/// What stands between the internet and anything in a subnet.
pub const CONTROLS: &[&Call] = &[
    &ec2::DESCRIBE_ADDRESSES,
    &ec2::DESCRIBE_INTERNET_GATEWAYS,
    &ec2::DESCRIBE_NETWORK_ACLS,
    &ec2::DESCRIBE_ROUTE_TABLES,
    &ec2::DESCRIBE_SECURITY_GROUPS,
    &ec2::DESCRIBE_SUBNETS,
    &ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
    &ec2::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
    &ec2::DESCRIBE_VPCS,
    &ec2::GET_MANAGED_PREFIX_LIST_ENTRIES,
];

/// What has an address of its own, and what its traffic may be led through.
pub const INTERFACES: &[&Call] = &[&ec2::DESCRIBE_NETWORK_INTERFACES, &ec2::DESCRIBE_VPC_ENDPOINTS];

/// What an interface belongs to, and whether it runs.
pub const INSTANCES: &[&Call] = &[&ec2::DESCRIBE_INSTANCES];

/// Load balancers and where they listen.
pub const LOAD_BALANCERS: &[&Call] =
    &[&elb::DESCRIBE_LOAD_BALANCERS, &elbv2::DESCRIBE_LISTENERS, &elbv2::DESCRIBE_LOAD_BALANCERS];

/// What load balancers forward to, further load balancers among it.
pub const FORWARDED: &[&Call] =
    &[&elbv2::DESCRIBE_RULES, &elbv2::DESCRIBE_TARGET_GROUPS, &elbv2::DESCRIBE_TARGET_HEALTH];

/// The same, with whose address targets see.
pub const TARGETS: &[&Call] = &[
    &elbv2::DESCRIBE_RULES,
    &elbv2::DESCRIBE_TARGET_GROUPS,
    &elbv2::DESCRIBE_TARGET_GROUP_ATTRIBUTES,
    &elbv2::DESCRIBE_TARGET_HEALTH,
];
