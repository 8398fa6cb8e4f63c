//! Intervals of ports, and what passes in each.
//!
//! What a rule distinguishes within a protocol counts as a port: of TCP and UDP the port, of ICMP
//! the type and code (type * 256 + code), of other protocols their number.

use crate::analysis::aws::network::sources::{EMPTY, SetId};

/// First and last port of an interval; for ICMP and other protocols see the file.
pub type Ports = (u16, u16);

/// The sources that pass, the same for every port of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) ports: Ports,
    pub(crate) set: SetId,
}

/// The sources that pass at a port. Spans are sorted and disjoint; where there is none, none pass.
pub(crate) fn at(spans: &[Span], port: u16) -> SetId {
    let after = spans.partition_point(|span| span.ports.0 <= port);
    match after.checked_sub(1).map(|index| spans[index]) {
        Some(span) if span.ports.1 >= port => span.set,
        _ => EMPTY,
    }
}

/// Appends a span, joining it with the last where they touch and agree.
pub(crate) fn push(spans: &mut Vec<Span>, ports: Ports, set: SetId) {
    match spans.last_mut() {
        Some(last) if last.set == set && last.ports.1.checked_add(1) == Some(ports.0) => {
            last.ports.1 = ports.1;
        }
        _ => spans.push(Span { ports, set }),
    }
}

/// The part of the spans that lies on sorted disjoint intervals.
pub(crate) fn clip(spans: &[Span], ports: &[Ports]) -> Vec<Span> {
    let mut clipped = Vec::new();
    for &(lo, hi) in ports {
        let from = spans.partition_point(|span| span.ports.1 < lo);
        for span in spans[from..].iter().take_while(|span| span.ports.0 <= hi) {
            push(&mut clipped, (span.ports.0.max(lo), span.ports.1.min(hi)), span.set);
        }
    }
    clipped
}

/// Where elementary intervals begin, so that no interval straddles an edge of another.
#[derive(Debug, Default)]
pub(crate) struct Cuts(Vec<u32>);

impl Cuts {
    pub(crate) fn add(&mut self, ports: Ports) {
        self.0.push(u32::from(ports.0));
        self.0.push(u32::from(ports.1) + 1);
    }

    /// The elementary intervals between all edges, in order, gaps included.
    pub(crate) fn intervals(mut self) -> Vec<Ports> {
        self.0.sort_unstable();
        self.0.dedup();
        let end = |cut: u32| u16::try_from(cut - 1).unwrap_or(u16::MAX);
        self.0
            .windows(2)
            .filter_map(|pair| Some((u16::try_from(pair[0]).ok()?, end(pair[1]))))
            .collect()
    }
}

/// Sorted disjoint intervals with touching ones joined.
pub(crate) fn merge(mut ports: Vec<Ports>) -> Vec<Ports> {
    ports.sort_unstable();
    let mut merged: Vec<Ports> = Vec::with_capacity(ports.len());
    for (lo, hi) in ports {
        match merged.last_mut() {
            Some(last) if u32::from(lo) <= u32::from(last.1) + 1 => last.1 = last.1.max(hi),
            _ => merged.push((lo, hi)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(ports: &[Ports]) -> Vec<bool> {
        (0..100).map(|n| ports.iter().any(|p| p.0 <= n && n <= p.1)).collect()
    }

    fn ports() -> impl Strategy<Value = Vec<Ports>> {
        prop::collection::vec((0u16..100, 0u16..20), 0..8)
            .prop_map(|list| list.into_iter().map(|(lo, n)| (lo, (lo + n).min(99))).collect())
    }

    proptest! {
        #[test]
        fn intervals_agree_with_sets_of_single_ports(a in ports()) {
            let m = merge(a.clone());
            prop_assert_eq!(naive(&m), naive(&a));
            prop_assert!(m.windows(2).all(|w| w[0].1 + 1 < w[1].0));
        }

        #[test]
        fn no_elementary_interval_straddles_an_edge(a in ports()) {
            let mut cuts = Cuts::default();
            a.iter().for_each(|&ports| cuts.add(ports));
            for (lo, hi) in cuts.intervals() {
                for &(from, to) in &a {
                    let inside = from <= lo && hi <= to;
                    prop_assert!(inside || hi < from || to < lo);
                }
            }
        }
    }

    #[test]
    fn the_last_port_is_part_of_its_interval() {
        let mut cuts = Cuts::default();
        cuts.add((0, 65535));
        cuts.add((65535, 65535));
        assert_eq!(cuts.intervals(), [(0, 65534), (65535, 65535)]);
        assert_eq!(merge(vec![(65535, 65535), (0, 65534)]), [(0, 65535)]);
    }
}
