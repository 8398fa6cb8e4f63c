//! Sets of addresses: sorted disjoint inclusive ranges, interned, with memoised algebra.
//!
//! Both families use 128-bit numbers; an IPv4 address is its 32-bit value.

use core::net::IpAddr;
use std::collections::HashMap;
use std::sync::Arc;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protocol::Family;

/// First and last address of a block.
pub(super) type Range = (u128, u128);

/// How much of the internet a set of sources is, once it is more than a narrow allow-list.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// At least as much as an IPv4 /16, less than [`Sources::Internet`].
    Broad,
    /// At least a quarter of the address space.
    Internet,
}

impl Sources {
    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Sources::Broad => "broad",
            Sources::Internet => "internet",
        }
    }

    /// The class of so many public addresses; `None` is a narrow allow-list or nothing.
    pub(super) fn of(family: Family, count: u128) -> Option<Sources> {
        let (broad, internet) = match family {
            Family::Ipv4 => (1 << 16, 1 << 30),
            Family::Ipv6 => (1 << 96, 1 << 123),
        };
        match count {
            n if n >= internet => Some(Sources::Internet),
            n if n >= broad => Some(Sources::Broad),
            _ => None,
        }
    }
}

/// IPv4 that is not the internet: the special-purpose registry of IANA (RFC 6890), multicast and
/// the reserved class E.
const SPECIAL_V4: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// IPv6 outside the global unicast block is not the internet, nor are these parts of it: protocol
/// assignments, documentation (both blocks) and 6to4.
const GLOBAL_V6: &str = "2000::/3";
const SPECIAL_V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/// A CIDR block, or a single address, with its prefix length.
pub(super) fn parse_cidr(text: &str) -> Option<(Family, Range, u8)> {
    let net = match text.trim().parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => IpNet::from(text.trim().parse::<IpAddr>().ok()?),
    };
    Some(match net {
        IpNet::V4(net) => {
            let range =
                (u128::from(net.network().to_bits()), u128::from(net.broadcast().to_bits()));
            (Family::Ipv4, range, net.prefix_len())
        }
        IpNet::V6(net) => {
            (Family::Ipv6, (net.network().to_bits(), net.broadcast().to_bits()), net.prefix_len())
        }
    })
}

/// Every address of a family.
pub(super) fn space(family: Family) -> Range {
    match family {
        Family::Ipv4 => (0, u128::from(u32::MAX)),
        Family::Ipv6 => (0, u128::MAX),
    }
}

/// Sorts and merges ranges in any order.
pub(super) fn normal(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut merged: Vec<Range> = Vec::with_capacity(ranges.len().min(64));
    for (lo, hi) in ranges {
        match merged.last_mut() {
            Some(last) if last.1 == u128::MAX || lo <= last.1 + 1 => last.1 = last.1.max(hi),
            _ => merged.push((lo, hi)),
        }
    }
    merged
}

/// What is in either set.
pub(super) fn union(a: &[Range], b: &[Range]) -> Vec<Range> {
    normal([a, b].concat())
}

/// What is in both sets.
pub(super) fn intersection(a: &[Range], b: &[Range]) -> Vec<Range> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (lo, hi) = (x.0.max(y.0), x.1.min(y.1));
        if lo <= hi {
            both.push((lo, hi));
        }
        if x.1 < y.1 { i += 1 } else { j += 1 }
    }
    both
}

/// What is in `a` and not in `b`.
pub(super) fn difference(a: &[Range], b: &[Range]) -> Vec<Range> {
    let mut left = Vec::new();
    let mut j = 0;
    for &(lo, hi) in a {
        while b.get(j).is_some_and(|cut| cut.1 < lo) {
            j += 1;
        }
        let (mut start, mut k) = (Some(lo), j);
        while let (Some(from), Some(cut)) = (start, b.get(k)) {
            if cut.0 > hi {
                break;
            }
            if cut.0 > from {
                left.push((from, cut.0 - 1));
            }
            start = if cut.1 < hi { Some(cut.1 + 1) } else { None };
            k += 1;
        }
        if let Some(from) = start {
            left.push((from, hi));
        }
    }
    left
}

/// Number of addresses; the whole IPv6 space, one too many for the type, counts one less.
pub(super) fn count(set: &[Range]) -> u128 {
    set.iter().fold(0u128, |sum, (lo, hi)| sum.saturating_add((hi - lo).saturating_add(1)))
}

/// True when the address is in the set.
pub(super) fn contains(set: &[Range], address: u128) -> bool {
    let after = set.partition_point(|range| range.0 <= address);
    after > 0 && set[after - 1].1 >= address
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
    sets: Vec<Arc<[Range]>>,
    counts: Vec<u128>,
    ids: HashMap<Arc<[Range]>, SetId>,
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
        let range = |cidr: &str| parse_cidr(cidr).map(|(_, range, _)| range);
        let special =
            |list: &[&str]| normal(list.iter().copied().filter_map(range).collect::<Vec<_>>());
        let global: Vec<Range> = range(GLOBAL_V6).into_iter().collect();
        // The order fixes the numbers that `EMPTY`, `everything` and `internet` answer.
        sets.intern(Vec::new());
        sets.intern(vec![space(Family::Ipv4)]);
        sets.intern(vec![space(Family::Ipv6)]);
        sets.intern(difference(&[space(Family::Ipv4)], &special(&SPECIAL_V4)));
        sets.intern(difference(&global, &special(&SPECIAL_V6)));
        sets
    }

    /// The id of a normal list of ranges.
    pub(super) fn intern(&mut self, ranges: Vec<Range>) -> SetId {
        if let Some(&id) = self.ids.get(ranges.as_slice()) {
            return id;
        }
        let id = SetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        let ranges: Arc<[Range]> = ranges.into();
        self.counts.push(count(&ranges));
        self.sets.push(Arc::clone(&ranges));
        self.ids.insert(ranges, id);
        id
    }

    pub(super) fn ranges(&self, id: SetId) -> &[Range] {
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
        let both = intersection(self.ranges(a), self.ranges(b));
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
        let either = union(self.ranges(a), self.ranges(b));
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
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(ranges: &[Range]) -> Vec<bool> {
        (0..64).map(|n| ranges.iter().any(|r| r.0 <= n && n <= r.1)).collect()
    }

    fn ranges() -> impl Strategy<Value = Vec<Range>> {
        prop::collection::vec((0u128..64, 0u128..20), 0..8).prop_map(|list| {
            normal(list.into_iter().map(|(lo, len)| (lo, (lo + len).min(63))).collect())
        })
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_sets_of_single_addresses(a in ranges(), b in ranges()) {
            let (x, y) = (naive(&a), naive(&b));
            let each = |op: fn(bool, bool) -> bool| -> Vec<bool> {
                x.iter().zip(&y).map(|(&p, &q)| op(p, q)).collect()
            };
            for (found, expected) in [
                (union(&a, &b), each(|p, q| p || q)),
                (intersection(&a, &b), each(|p, q| p && q)),
                (difference(&a, &b), each(|p, q| p && !q)),
            ] {
                prop_assert_eq!(naive(&found), expected);
                prop_assert_eq!(&normal(found.clone()), &found, "sorted, disjoint, merged");
            }
            for n in 0..64u128 {
                prop_assert_eq!(contains(&a, n), x[n as usize]);
            }
            prop_assert_eq!(count(&a), x.iter().filter(|&&p| p).count() as u128);
        }
    }

    #[test]
    fn public_space_is_as_large_as_the_registries_say() {
        let sets = Sets::new();
        assert_eq!(sets.count(internet(Family::Ipv4)), 3_702_258_432);
        assert_eq!(sets.count(EMPTY), 0);
        assert_eq!(sets.ranges(everything(Family::Ipv6)), [(0, u128::MAX)]);
        let global = sets.ranges(internet(Family::Ipv6));
        assert!(contains(global, "2600::1".parse::<core::net::Ipv6Addr>().unwrap().to_bits()));
        assert!(!contains(global, "2001:db8::1".parse::<core::net::Ipv6Addr>().unwrap().to_bits()));
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

    #[test]
    fn the_ends_of_the_address_space_do_not_overflow() {
        let all = [space(Family::Ipv6)];
        assert_eq!(union(&all, &[(5, u128::MAX)]), all);
        assert_eq!(difference(&all, &[(1, u128::MAX)]), [(0, 0)]);
        assert_eq!(difference(&all, &[(0, 5)]), [(6, u128::MAX)]);
        assert_eq!(parse_cidr("10.1.2.3/8").unwrap().1, (10 << 24, (11 << 24) - 1));
        assert_eq!(parse_cidr("nonsense"), None);
    }
}
