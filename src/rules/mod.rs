//! Floor 3: rules. One file each; a rule is data and one pure function from an account's facts to
//! findings.
//!
//! It deliberately does not know how facts are had, how findings are printed, or which of them a
//! user wants to see.

mod balancers;
mod cache_cluster_security_group_open;
mod context;
mod dms_replication_instance_public;
mod ec2_port_public_admin;
mod ec2_port_public_all;
mod ec2_port_public_cleartext;
mod ec2_port_public_database;
mod ec2_port_public_other;
mod ec2_security_group_open;
mod ec2_vpc_block_public_access_off;
mod eks_endpoint_public;
mod elb_public;
mod elb_sensitive_target_public;
mod eni_port_public;
mod findings;
mod judge;
mod mq_broker_public;
mod msk_cluster_public;
mod ports;
mod ports_fix;
mod ports_resource;
mod rds_cluster_public;
mod rds_instance_public;
mod redshift_cluster_public;
mod redshift_serverless_workgroup_public;
mod rule;
mod s3;
mod s3_access_point_public;
mod s3_account_block_public_access_off;
mod s3_bucket_block_public_access_off;
mod s3_bucket_public;
mod s3_multi_region_access_point_public;
mod s3_object_public;
mod s3_points;
mod s3_ways;
mod select;
mod service_ports;
#[cfg(test)]
mod tests;
mod trusted;

pub use context::{Context, Region};
pub use findings::{Findings, Found};
pub use judge::{Judgement, judge, unanswered};
pub use rule::{Benchmarks, HEADINGS, Rule};
pub use select::{UnknownRule, named, select};
pub use trusted::Trusted;

/// Every rule, sorted by id.
pub static RULES: &[&Rule] = &[
    &cache_cluster_security_group_open::RULE,
    &dms_replication_instance_public::RULE,
    &ec2_port_public_admin::RULE,
    &ec2_port_public_all::RULE,
    &ec2_port_public_cleartext::RULE,
    &ec2_port_public_database::RULE,
    &ec2_port_public_other::RULE,
    &ec2_security_group_open::RULE,
    &ec2_vpc_block_public_access_off::RULE,
    &eks_endpoint_public::RULE,
    &elb_public::RULE,
    &elb_sensitive_target_public::RULE,
    &eni_port_public::RULE,
    &mq_broker_public::RULE,
    &msk_cluster_public::RULE,
    &rds_cluster_public::RULE,
    &rds_instance_public::RULE,
    &redshift_cluster_public::RULE,
    &redshift_serverless_workgroup_public::RULE,
    &s3_access_point_public::RULE,
    &s3_account_block_public_access_off::RULE,
    &s3_bucket_block_public_access_off::RULE,
    &s3_bucket_public::RULE,
    &s3_multi_region_access_point_public::RULE,
    &s3_object_public::RULE,
];
