//! Vendors whose AWS accounts customers let in, by the accounts that they themselves publish.

use std::collections::BTreeMap;
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

fn table() -> &'static BTreeMap<String, Vendor> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "about")]
        _about: String,
        vendors: Vec<Vendor>,
    }
    static TABLE: OnceLock<BTreeMap<String, Vendor>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let file: File = serde_json::from_str(include_str!("vendors.json"))
            .expect("the embedded table is parsed by a test of this module");
        file.vendors.into_iter().map(|vendor| (vendor.name.clone(), vendor)).collect()
    })
}

/// The vendor that publishes `account` as its own.
pub fn named(account: &str) -> Option<&'static str> {
    let mut vendors = table().values();
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
        for vendor in table().values() {
            assert!(vendor.source.starts_with("https://"), "{}", vendor.name);
            for account in &vendor.accounts {
                assert!(is_account(account), "{account}");
                assert!(seen.insert(account), "{account} stands twice");
                assert_eq!(named(account), Some(vendor.name.as_str()));
            }
        }
        assert!(seen.len() > 30, "{}", seen.len());
        assert_eq!(named("111122223333"), None);
    }
}
