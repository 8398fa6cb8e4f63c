//! What the rules about open ports share: from the network's rows to findings.
//!
//! One finding per resource, rule and status; families, interfaces and paths go to the evidence.

use std::collections::BTreeMap;

use super::context::Region;
use super::{Context, Findings, Found};
use crate::analysis::aws::network::{Class, Level, ResourceKind, Row, Via};
use crate::analysis::verdict::{Control, Missing, Status, Step, Verdict};
use crate::findings::{Exposure, Ports, Remediation, Resource, Severity};

/// Calls behind every verdict on an interface.
pub const READS: &[&str] = &[
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcEndpoints",
    "ec2:GetManagedPrefixListEntries",
];

/// Calls behind every verdict on a database.
pub const READS_OF_DATABASES: &[&str] = &[
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:GetManagedPrefixListEntries",
    "rds:DescribeDBInstances",
];

/// Which ports a rule is about. Classes of the port catalogue, as rules divide them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// More than 1,000 ports, or every protocol.
    All,
    /// Databases, caches and queues.
    Database,
    /// Remote access, orchestration, consoles, industrial control.
    Admin,
    /// File sharing, directories, clear text and mail.
    Cleartext,
    /// Web and everything else.
    Other,
}

impl Group {
    fn of(class: Class) -> Option<Group> {
        Some(match class {
            Class::All => Group::All,
            Class::Database | Class::Queue => Group::Database,
            Class::Remote | Class::Orchestration | Class::AdminUi | Class::Industrial => {
                Group::Admin
            }
            Class::FileSharing | Class::Directory | Class::Cleartext => Group::Cleartext,
            Class::Web | Class::Other => Group::Other,
            // Answering a ping is no exposure worth a line.
            Class::Icmp => return None,
        })
    }
}
