//! Managed prefix lists: named sets of blocks that rules and routes point at.

use std::collections::BTreeMap;

use crate::inventory::aws::ec2::PrefixListEntries;

use crate::analysis::addresses::{Range, parse_cidr};
use crate::analysis::aws::network::protocol::Family;

/// The entries that were read, by list id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrefixLists<'a>(pub(crate) &'a BTreeMap<String, PrefixListEntries>);

impl<'a> PrefixLists<'a> {
    /// The blocks of a list with their prefix lengths; `None` when the list was not read.
    pub(crate) fn blocks(
        self,
        id: &str,
    ) -> Option<impl Iterator<Item = (Family, Range, u8)> + use<'a>> {
        let list = self.0.get(id)?;
        Some(list.entries.iter().filter_map(|entry| parse_cidr(&entry.cidr)))
    }
}
