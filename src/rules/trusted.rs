//! Whom the user lets in: they are no outsiders to any rule.

use std::collections::BTreeSet;

use ipnet::IpNet;

/// Who may get in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// Accounts.
    pub accounts: BTreeSet<String>,
    /// Organizations.
    pub organizations: BTreeSet<String>,
    /// Patterns of identity providers that serve one customer, as hosts with their paths.
    pub issuers: Vec<String>,
    /// Addresses.
    pub ranges: Vec<IpNet>,
}

impl Trusted {
    /// Nobody.
    pub const NOBODY: &Trusted = &Trusted {
        accounts: BTreeSet::new(),
        organizations: BTreeSet::new(),
        issuers: Vec::new(),
        ranges: Vec::new(),
    };
}
