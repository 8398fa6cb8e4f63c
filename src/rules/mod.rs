//! Floor 3: rules. One file each; a rule is data and one pure function from an account's facts to
//! findings.
//!
//! It deliberately does not know how facts are had, how findings are printed, or which of them a
//! user wants to see.

mod balancers;
mod context;
mod ec2_port_public_admin;
mod ec2_port_public_all;
mod ec2_port_public_cleartext;
mod ec2_port_public_database;
mod ec2_port_public_other;
mod ec2_security_group_open;
mod elb_public;
mod elb_sensitive_target_public;
mod eni_port_public;
mod findings;
mod judge;
mod ports;
mod ports_fix;
mod ports_resource;
mod rds_instance_public;
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
#[cfg(test)]
mod tests;
mod trusted;

pub use context::{Context, GLOBAL, Region};
pub use findings::{Findings, Found};
pub use judge::{Judgement, judge, unanswered};
pub use rule::{Benchmarks, HEADINGS, Rule};
pub use select::{UnknownRule, named, nearest, select};
pub use trusted::Trusted;

/// Every rule, sorted by id.
pub static RULES: &[&Rule] = &[
    &ec2_port_public_admin::RULE,
    &ec2_port_public_all::RULE,
    &ec2_port_public_cleartext::RULE,
    &ec2_port_public_database::RULE,
    &ec2_port_public_other::RULE,
    &ec2_security_group_open::RULE,
    &elb_public::RULE,
    &elb_sensitive_target_public::RULE,
    &eni_port_public::RULE,
    &rds_instance_public::RULE,
    &s3_access_point_public::RULE,
    &s3_account_block_public_access_off::RULE,
    &s3_bucket_block_public_access_off::RULE,
    &s3_bucket_public::RULE,
    &s3_multi_region_access_point_public::RULE,
    &s3_object_public::RULE,
];
