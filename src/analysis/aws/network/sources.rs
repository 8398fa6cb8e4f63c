//! Sources: sets of addresses, each known by a number, with memoised algebra and their class.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::addresses::{
    self, AddressSet, Family, NETWORK_BROAD, NETWORK_INTERNET, space,
};
pub use crate::model::Sources;

impl Sources {
    /// The class of so many public addresses; `None` is a narrow allow-list or nothing.
    pub(super) fn of(family: Family, count: u128) -> Option<Sources> {
        match count {
            n if n >= NETWORK_INTERNET[family as usize] => Some(Sources::Internet),
            n if n >= NETWORK_BROAD[family as usize] => Some(Sources::Broad),
            _ => None,
        }
    }
}

/// An interned set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SetId(u32);

/// The set without addresses.
pub(super) const EMPTY: SetId = SetId(0);

/// Every address of a family.
pub(super) fn everything(family: Family) -> SetId {
    SetId(1 + family as u32)
}

/// Every public address of a family: the internet.
pub(super) fn internet(family: Family) -> SetId {
    SetId(3 + family as u32)
}

/// All sets that were met, each once.
#[derive(Debug)]
pub(super) struct Sets {
    sets: Vec<Arc<AddressSet>>,
    counts: Vec<u128>,
    ids: HashMap<Arc<AddressSet>, SetId>,
    intersections: HashMap<(SetId, SetId), SetId>,
    unions: HashMap<(SetId, SetId), SetId>,
}

impl Sets {
    pub(super) fn new() -> Sets {
        let mut sets = Sets {
            sets: Vec::new(),
            counts: Vec::new(),
            ids: HashMap::new(),
            intersections: HashMap::new(),
            unions: HashMap::new(),
        };
        // The order fixes the numbers that `EMPTY`, `everything` and `internet` answer.
        sets.intern(AddressSet::default());
        for family in Family::ALL {
            sets.intern(space(family).into());
        }
        for family in Family::ALL {
            sets.intern(addresses::internet(family).clone());
        }
        sets
    }

    /// The number of a set.
    pub(super) fn intern(&mut self, set: AddressSet) -> SetId {
        if let Some(&id) = self.ids.get(&set) {
            return id;
        }
        let id = SetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        self.counts.push(set.count());
        let set = Arc::new(set);
        self.sets.push(Arc::clone(&set));
        self.ids.insert(set, id);
        id
    }

    pub(super) fn get(&self, id: SetId) -> &AddressSet {
        &self.sets[id.0 as usize]
    }

    pub(super) fn count(&self, id: SetId) -> u128 {
        self.counts[id.0 as usize]
    }

    pub(super) fn and(&mut self, a: SetId, b: SetId) -> SetId {
        let key = (a.min(b), a.max(b));
        if a == b || key.0 == EMPTY {
            return key.0;
        }
        if let Some(&known) = self.intersections.get(&key) {
            return known;
        }
        let both = self.get(a).intersection(self.get(b));
        let id = self.intern(both);
        self.intersections.insert(key, id);
        id
    }

    pub(super) fn or(&mut self, a: SetId, b: SetId) -> SetId {
        let key = (a.min(b), a.max(b));
        if a == b || key.0 == EMPTY {
            return key.1;
        }
        if let Some(&known) = self.unions.get(&key) {
            return known;
        }
        let either = self.get(a).union(self.get(b));
        let id = self.intern(either);
        self.unions.insert(key, id);
        id
    }

    /// The class of a set of public addresses.
    pub(super) fn class(&self, family: Family, id: SetId) -> Option<Sources> {
        Sources::of(family, self.count(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sets_have_fixed_numbers() {
        let sets = Sets::new();
        assert!(sets.get(EMPTY).is_empty());
        for family in Family::ALL {
            assert_eq!(sets.get(everything(family)), &space(family).into());
            assert_eq!(sets.get(internet(family)), addresses::internet(family));
        }
    }

    #[test]
    fn classes_begin_exactly_at_their_thresholds() {
        let v4 = |n| Sources::of(Family::Ipv4, n);
        assert_eq!((v4((1 << 16) - 1), v4(1 << 16)), (None, Some(Sources::Broad)));
        assert_eq!(
            (v4((1 << 30) - 1), v4(1 << 30)),
            (Some(Sources::Broad), Some(Sources::Internet))
        );
        let v6 = |n| Sources::of(Family::Ipv6, n);
        assert_eq!((v6((1 << 96) - 1), v6(1 << 96)), (None, Some(Sources::Broad)));
        assert_eq!(v6(1 << 123), Some(Sources::Internet));
    }
}
