//! Source addresses as policies name them: blocks, sets of both families, and when one is broad.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::analysis::addresses::{
    self, Family, POLICY_BROAD_TOTAL, POLICY_FIXED_PREFIX, internet_of_policies,
};

/// A contiguous block `low..=high` of one family, as in a policy's CIDR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    /// IPv6?
    pub six: bool,
    /// First address.
    pub low: u128,
    /// Last address.
    pub high: u128,
}

impl Block {
    /// A CIDR, or a single address (no prefix means /32 or /128: IAM user guide, IP operators).
    pub fn parse(text: &str) -> Option<Block> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (six, value, width) = number(address);
        let prefix: u32 = match prefix {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => width,
        };
        if prefix > width {
            return None;
        }
        let host = low_bits(width - prefix);
        Some(Block { six, low: value & !host, high: value | host })
    }

    /// A range that was read elsewhere.
    pub fn of(range: IpNet) -> Block {
        let (six, low, _) = number(range.network());
        let (_, high, _) = number(range.broadcast());
        Block { six, low, high }
    }

    /// Whether all of `other` lies in it.
    pub fn covers(&self, other: &Block) -> bool {
        self.six == other.six && self.low <= other.low && other.high <= self.high
    }

    /// An address of the block's family as text.
    pub fn address(&self, value: u128) -> Option<String> {
        match self.six {
            true => Some(IpAddr::V6(value.into()).to_string()),
            false => u32::try_from(value).ok().map(|value| IpAddr::V4(value.into()).to_string()),
        }
    }

    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (six, value, _) = number(address);
        six == self.six && (self.low..=self.high).contains(&value)
    }
}

fn number(address: IpAddr) -> (bool, u128, u32) {
    match address {
        IpAddr::V4(v4) => (false, u32::from(v4).into(), 32),
        IpAddr::V6(v6) => (true, v6.into(), 128),
    }
}

fn low_bits(count: u32) -> u128 {
    if count >= 128 { u128::MAX } else { (1 << count) - 1 }
}

/// A set of addresses of both families, as sorted, disjoint, not adjacent blocks: IPv4 first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressSet(Vec<Block>);

impl AddressSet {
    /// The union of blocks.
    pub fn of(blocks: impl IntoIterator<Item = Block>) -> AddressSet {
        let mut sets = [addresses::AddressSet::default(), addresses::AddressSet::default()];
        for block in blocks {
            sets[usize::from(block.six)].insert((block.low, block.high));
        }
        AddressSet::of_both([&sets[0], &sets[1]])
    }

    /// Addresses that a request from the internet can carry, as AWS counts them for policies.
    pub fn internet() -> AddressSet {
        AddressSet::of_both(Family::ALL.map(internet_of_policies))
    }

    fn of_both([v4, v6]: [&addresses::AddressSet; 2]) -> AddressSet {
        let blocks = |six| move |(low, high)| Block { six, low, high };
        AddressSet(v4.ranges().map(blocks(false)).chain(v6.ranges().map(blocks(true))).collect())
    }

    /// Its blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// Some address of it.
    pub fn first(&self) -> Option<IpAddr> {
        self.0.first().map(address_of)
    }

    /// As maximal CIDR blocks: `(six, network, prefix)`.
    fn cidrs(&self) -> Vec<(bool, u128, u32)> {
        let mut found = Vec::new();
        for block in &self.0 {
            let width = if block.six { 128 } else { 32 };
            let mut low = block.low;
            loop {
                let span = block.high - low;
                let fits = if span == u128::MAX { 128 } else { 127 - (span + 1).leading_zeros() };
                let free = low.trailing_zeros().min(fits).min(width);
                found.push((block.six, low, width - free));
                let last = low | low_bits(free);
                if last >= block.high {
                    break;
                }
                low = last + 1;
            }
        }
        found
    }

    /// No bound at all: a block wider than what AWS still calls fixed, or too many IPv4 addresses
    /// in total.
    pub fn is_broad(&self) -> bool {
        let total: u128 =
            self.0.iter().filter(|block| !block.six).map(|block| block.high - block.low + 1).sum();
        let fixed = |six: bool| POLICY_FIXED_PREFIX[usize::from(six)];
        total >= POLICY_BROAD_TOTAL
            || self.cidrs().iter().any(|(six, _, prefix)| *prefix < fixed(*six))
    }

    /// CIDR texts for people.
    pub fn texts(&self) -> Vec<String> {
        self.cidrs()
            .into_iter()
            .map(|(six, low, prefix)| {
                format!("{}/{prefix}", address_of(&Block { six, low, high: low }))
            })
            .collect()
    }
}

fn address_of(block: &Block) -> IpAddr {
    if block.six {
        IpAddr::V6(block.low.into())
    } else {
        IpAddr::V4(u32::try_from(block.low).unwrap_or(u32::MAX).into())
    }
}

/// The internet cut along the edges of `blocks`: every piece lies wholly inside or outside of
/// each of them.
pub fn pieces(blocks: &[Block]) -> Vec<Block> {
    let mut found = Vec::new();
    for part in AddressSet::internet().blocks() {
        let mut starts: Vec<u128> = vec![part.low];
        for block in blocks.iter().filter(|block| block.six == part.six) {
            starts.push(block.low);
            starts.extend(block.high.checked_add(1));
        }
        starts.retain(|start| (part.low..=part.high).contains(start));
        starts.sort_unstable();
        starts.dedup();
        for (index, low) in starts.iter().enumerate() {
            let high = starts.get(index + 1).map_or(part.high, |next| next - 1);
            found.push(Block { six: part.six, low: *low, high });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> AddressSet {
        AddressSet::of(texts.iter().map(|text| Block::parse(text).expect("a CIDR")))
    }

    #[test]
    fn breadth_follows_the_union_and_not_the_single_block() {
        assert!(!set(&["8.0.0.0/8"]).is_broad());
        assert!(set(&["8.0.0.0/8", "9.0.0.0/8"]).is_broad());
        assert!(!set(&["9.0.0.0/8", "11.0.0.0/8"]).is_broad());
        assert!(set(&["2600::/16"]).is_broad() && !set(&["2600::/32"]).is_broad());
        assert!(AddressSet::internet().is_broad());
    }

    #[test]
    fn only_addresses_of_the_internet_are_cut_into_pieces() {
        let private = Block::parse("10.0.0.0/8").expect("a CIDR");
        assert!(
            pieces(&[private])
                .iter()
                .all(|piece| piece.six || piece.high < private.low || piece.low > private.high)
        );
        let world = [Block::parse("0.0.0.0/0"), Block::parse("::/0")].map(|b| b.expect("a CIDR"));
        assert_eq!(AddressSet::of(pieces(&world)), AddressSet::internet());
    }

    #[test]
    fn blocks_are_read_strictly() {
        assert!(Block::parse("300.1.2.0/24").is_none());
        assert!(Block::parse("1.2.3.4/33").is_none() && Block::parse("1.2.3.4/+8").is_none());
        assert_eq!(set(&["1.2.3.4"]).texts(), ["1.2.3.4/32"]);
        assert_eq!(set(&["::/0"]).texts(), ["::/0"]);
    }
}
