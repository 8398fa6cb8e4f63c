//! Vendors whose AWS accounts customers let in, by the accounts that they themselves publish.

use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vendor {
    name: String,
    accounts: Vec<String>,
    /// Where the vendor publishes them.
    #[allow(dead_code)] // For whoever keeps the table; a test reads it.
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    aws: Vec<Vendor>,
    vendors: Vec<Vendor>,
}

fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        serde_json::from_str(include_str!("vendors.json"))
            .expect("the embedded table is parsed by a test of this module")
    })
}

/// Accounts of AWS itself by which its services act, in place of a service principal.
pub fn of_aws() -> impl Iterator<Item = &'static str> {
    file().aws.iter().flat_map(|service| &service.accounts).map(String::as_str)
}

/// The vendor that publishes `account` as its own.
pub fn named(account: &str) -> Option<&'static str> {
    let mut vendors = file().vendors.iter();
    let own = |vendor: &&Vendor| vendor.accounts.iter().any(|own| own == account);
    vendors.find(own).map(|vendor| vendor.name.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::analysis::aws::policy::principal::is_account;

    #[test]
    fn every_account_is_of_one_vendor_that_publishes_it() {
        let mut seen = BTreeSet::new();
        for vendor in &file().vendors {
            assert!(vendor.source.starts_with("https://"), "{}", vendor.name);
            for account in &vendor.accounts {
                assert!(is_account(account), "{account}");
                assert!(seen.insert(account.as_str()), "{account} stands twice");
                assert_eq!(named(account), Some(vendor.name.as_str()));
            }
        }
        assert!(seen.len() > 30, "{}", seen.len());
        assert_eq!(named("111122223333"), None);
        assert_eq!(file().aws.iter().filter(|one| one.source.starts_with("https://")).count(), 1);
        for account in of_aws() {
            assert!(is_account(account) && seen.insert(account), "{account}");
            assert_eq!(named(account), None, "AWS is no vendor");
        }
    }
}
