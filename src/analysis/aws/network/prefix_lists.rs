//! Managed prefix lists: named sets of blocks that rules and routes point at.

use std::collections::BTreeMap;

use crate::inventory::aws::ec2::PrefixListEntries;

use super::protocol::Family;
use super::sources::{Range, parse_cidr};

/// The entries that were read, by list id.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrefixLists<'a>(pub(super) &'a BTreeMap<String, PrefixListEntries>);

impl<'a> PrefixLists<'a> {
    /// The blocks of a list with their prefix lengths; `None` when the list was not read.
    pub(super) fn blocks(
        self,
        id: &str,
    ) -> Option<impl Iterator<Item = (Family, Range, u8)> + use<'a>> {
        let list = self.0.get(id)?;
        Some(list.entries.iter().filter_map(|entry| parse_cidr(&entry.cidr)))
    }
}
