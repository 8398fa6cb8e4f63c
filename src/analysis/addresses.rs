//! Sets of IP addresses, what of them is the internet, and how much is broad.
//!
//! Both families use 128-bit numbers; an IPv4 address is its 32-bit value. It deliberately does not
//! know what names addresses: policies, groups, routes.

use core::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use rangemap::RangeInclusiveSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// IPv4 or IPv6: security groups, routes and network ACLs hold separate entries for each.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Both families.
    pub const ALL: [Family; 2] = [Family::Ipv4, Family::Ipv6];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Ipv4 => "ipv4",
            Family::Ipv6 => "ipv6",
        }
    }
}

/// A block that is not the internet.
struct Special {
    block: &'static str,
    /// True for blocks that the internet of policies keeps: see [`internet_of_policies`].
    in_policies: bool,
}

/// Not the internet for anyone.
const fn special(block: &'static str) -> Special {
    Special { block, in_policies: false }
}

/// Not the internet for the network alone.
const fn kept(block: &'static str) -> Special {
    Special { block, in_policies: true }
}

/// What the internet does not reach, nor send from: the special-purpose registries of IANA for IPv4
/// and IPv6 (RFC 6890), with multicast and the reserved class E. Of IPv6 all but [`GLOBAL_V6`] is
/// left out beforehand.
const SPECIAL: [Special; 19] = [
    special("0.0.0.0/8"),      // "this network", RFC 791
    special("10.0.0.0/8"),     // private, RFC 1918
    special("100.64.0.0/10"),  // behind a carrier's NAT, RFC 6598
    special("127.0.0.0/8"),    // loopback, RFC 1122
    special("169.254.0.0/16"), // link-local, RFC 3927
    special("172.16.0.0/12"),  // private, RFC 1918
    kept("192.0.0.0/24"),      // protocol assignments, RFC 6890
    kept("192.0.2.0/24"),      // documentation, RFC 5737
    kept("192.88.99.0/24"),    // relays of 6to4, RFC 7526
    special("192.168.0.0/16"), // private, RFC 1918
    kept("198.18.0.0/15"),     // benchmarks, RFC 2544
    kept("198.51.100.0/24"),   // documentation, RFC 5737
    kept("203.0.113.0/24"),    // documentation, RFC 5737
    special("224.0.0.0/4"),    // multicast, RFC 5771
    special("240.0.0.0/4"),    // reserved, RFC 1112
    kept("2001::/23"),         // protocol assignments, RFC 2928
    kept("2001:db8::/32"),     // documentation, RFC 3849
    kept("2002::/16"),         // 6to4, RFC 3056
    kept("3fff::/20"),         // documentation, RFC 9637
];

/// The only part of IPv6 that IANA hands out as global unicast (RFC 4291, section 2.4).
const GLOBAL_V6: &str = "2000::/3";

static INTERNET: LazyLock<[AddressSet; 2]> =
    LazyLock::new(|| Family::ALL.map(|family| without(family, |_| true)));

static INTERNET_OF_POLICIES: LazyLock<[AddressSet; 2]> =
    LazyLock::new(|| Family::ALL.map(|family| without(family, |special| !special.in_policies)));

/// Every public address of a family.
pub fn internet(family: Family) -> &'static AddressSet {
    &INTERNET[family as usize]
}

/// The internet of policies: [`internet`] and the small special blocks. AWS leaves out no more than
/// private ranges when it tells how broad the addresses of a policy are (S3 user guide, "The
/// meaning of 'public'"): cut at a documentation block, a /7 would be several blocks that AWS calls
/// fixed. And examples that people copy name documentation blocks as if they were public.
pub fn internet_of_policies(family: Family) -> &'static AddressSet {
    &INTERNET_OF_POLICIES[family as usize]
}

fn without(family: Family, left_out: impl Fn(&Special) -> bool) -> AddressSet {
    let range = |cidr| parse_cidr(cidr).filter(|parsed| parsed.0 == family).map(|parsed| parsed.1);
    let mut set = AddressSet::from(match family {
        Family::Ipv4 => space(family),
        Family::Ipv6 => range(GLOBAL_V6).expect("the constant is a block of IPv6"),
    });
    for range in SPECIAL.iter().filter(|s| left_out(s)).filter_map(|special| range(special.block)) {
        set.remove(range);
    }
    set
}

/// How many addresses of each family a network lets in before outcrop speaks of a broad part of the
/// internet: an IPv4 /16, an IPv6 /32. AWS draws no such line for networks; this one lies above
/// what an organisation uses to go out.
pub const NETWORK_BROAD: [u128; 2] = [1 << 16, 1 << 96];

/// How many addresses of each family count as the internet: a quarter of IPv4, an IPv6 /5, which is
/// a quarter of [`GLOBAL_V6`].
pub const NETWORK_INTERNET: [u128; 2] = [1 << 30, 1 << 123];

/// The shortest prefix of each family by which a policy's addresses are still fixed for AWS: wider
/// blocks than an IPv4 /8 or an IPv6 /32 make it public (S3 user guide, "The meaning of 'public'").
pub const POLICY_FIXED_PREFIX: [u32; 2] = [8, 32];

/// How many IPv4 addresses in total make a policy broad, however they are cut: a sixteenth of the
/// address space. AWS looks at single blocks; many of them are no bound either.
pub const POLICY_BROAD_TOTAL: u128 = 1 << 28;

/// First and last address of a range.
pub type Range = (u128, u128);

/// Every address of a family.
pub fn space(family: Family) -> Range {
    match family {
        Family::Ipv4 => (0, u128::from(u32::MAX)),
        Family::Ipv6 => (0, u128::MAX),
    }
}

/// A CIDR block, or a single address, with its prefix length.
pub fn parse_cidr(text: &str) -> Option<(Family, Range, u8)> {
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

/// Addresses of one family, as disjoint ranges that do not touch: equal sets are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AddressSet(RangeInclusiveSet<u128>);

impl From<Range> for AddressSet {
    fn from(range: Range) -> AddressSet {
        AddressSet::from_iter([range])
    }
}

impl FromIterator<Range> for AddressSet {
    fn from_iter<I: IntoIterator<Item = Range>>(ranges: I) -> AddressSet {
        // Inserted one by one, ranges that touch would be taken out and put back each time.
        let mut ranges: Vec<Range> = ranges.into_iter().collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, last| {
            let joined = next.0 <= last.1.saturating_add(1);
            if joined {
                last.1 = last.1.max(next.1);
            }
            joined
        });
        AddressSet(ranges.into_iter().map(|(first, last)| first..=last).collect())
    }
}

impl AddressSet {
    /// Adds a range.
    pub fn insert(&mut self, (first, last): Range) {
        self.0.insert(first..=last);
    }

    /// Takes a range out.
    pub fn remove(&mut self, (first, last): Range) {
        self.0.remove(first..=last);
    }

    /// What is in either set.
    pub fn union(&self, other: &AddressSet) -> AddressSet {
        let mut either = self.clone();
        other.ranges().for_each(|range| either.insert(range));
        either
    }

    /// What is in both sets.
    pub fn intersection(&self, other: &AddressSet) -> AddressSet {
        AddressSet(self.0.intersection(&other.0).collect())
    }

    /// What is in this set and not in the other.
    pub fn difference(&self, other: &AddressSet) -> AddressSet {
        let mut left = self.clone();
        other.ranges().for_each(|range| left.remove(range));
        left
    }

    /// Whether all of it is in the other set.
    pub fn is_subset(&self, other: &AddressSet) -> bool {
        // Ranges do not touch: one that is in the other set is in one range of it.
        let inside = |range: Range| other.0.get(&range.0).is_some_and(|r| range.1 <= *r.end());
        self.ranges().all(inside)
    }

    /// The parts of the set that lie in a range, in order.
    pub fn within(&self, (first, last): Range) -> impl Iterator<Item = Range> + '_ {
        let overlapping = self.0.overlapping(first..=last);
        overlapping.map(move |range| (first.max(*range.start()), last.min(*range.end())))
    }

    /// Its ranges, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        self.0.iter().map(|range| (*range.start(), *range.end()))
    }

    /// Its largest range, the last of equals.
    pub fn largest(&self) -> Option<Range> {
        self.ranges().max_by_key(|(first, last)| last - first)
    }

    /// How many ranges it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: u128) -> bool {
        self.0.contains(&address)
    }

    /// Number of addresses; the whole IPv6 space, one too many for the type, counts one less.
    pub fn count(&self) -> u128 {
        let size = |(first, last): Range| (last - first).saturating_add(1);
        self.ranges().fold(0, |sum: u128, range| sum.saturating_add(size(range)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(set: &AddressSet) -> Vec<bool> {
        (0..64).map(|n| set.ranges().any(|r| r.0 <= n && n <= r.1)).collect()
    }

    fn sets() -> impl Strategy<Value = AddressSet> {
        prop::collection::vec((0u128..64, 0u128..20), 0..8).prop_map(|list| {
            list.into_iter().map(|(first, more)| (first, (first + more).min(63))).collect()
        })
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_sets_of_single_addresses(a in sets(), b in sets()) {
            let (x, y) = (naive(&a), naive(&b));
            let each = |op: fn(bool, bool) -> bool| -> Vec<bool> {
                x.iter().zip(&y).map(|(&p, &q)| op(p, q)).collect()
            };
            for (found, expected) in [
                (a.union(&b), each(|p, q| p || q)),
                (a.intersection(&b), each(|p, q| p && q)),
                (a.difference(&b), each(|p, q| p && !q)),
            ] {
                prop_assert_eq!(naive(&found), expected);
                let ranges: Vec<Range> = found.ranges().collect();
                prop_assert!(ranges.windows(2).all(|w| w[0].1 + 1 < w[1].0), "disjoint, merged");
            }
            for n in 0..64u128 {
                prop_assert_eq!(a.contains(n), x[n as usize]);
            }
            prop_assert_eq!(a.count(), x.iter().filter(|&&p| p).count() as u128);
            prop_assert_eq!(a.is_subset(&b), a.difference(&b).is_empty());
            prop_assert!(a.intersection(&b).is_subset(&a) && a.is_subset(&a.union(&b)));
            let within: AddressSet = a.within((10, 30)).collect();
            prop_assert_eq!(within, a.intersection(&(10, 30).into()));
        }
    }

    #[test]
    fn public_space_is_as_large_as_the_registries_say() {
        assert_eq!(internet(Family::Ipv4).count(), 3_702_258_432);
        let global = internet(Family::Ipv6);
        let address =
            |text: &str| text.parse::<core::net::Ipv6Addr>().expect("a literal address").to_bits();
        assert!(global.contains(address("2600::1")));
        assert!(!global.contains(address("2001:db8::1")));
    }

    #[test]
    fn policies_keep_the_small_special_blocks() {
        for special in SPECIAL {
            let (family, range, _) =
                parse_cidr(special.block).expect("blocks of the table are CIDR");
            assert_eq!(internet(family).within(range).count(), 0, "{}", special.block);
            let kept = internet_of_policies(family).within(range).next();
            assert_eq!(kept.is_some(), special.in_policies, "{}", special.block);
        }
        assert_eq!(internet_of_policies(Family::Ipv6).len(), 1);
    }

    #[test]
    fn the_ends_of_the_address_space_do_not_overflow() {
        let all = AddressSet::from(space(Family::Ipv6));
        assert_eq!(all.union(&(5, u128::MAX).into()), all);
        assert_eq!(all.difference(&(1, u128::MAX).into()), (0, 0).into());
        assert_eq!(all.difference(&(0, 5).into()), (6, u128::MAX).into());
        assert_eq!(all.count(), u128::MAX);
        assert_eq!(parse_cidr("10.1.2.3/8").expect("a literal CIDR").1, (10 << 24, (11 << 24) - 1));
        assert_eq!(parse_cidr("nonsense"), None);
    }
}
