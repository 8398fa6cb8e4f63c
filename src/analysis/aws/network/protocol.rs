//! Address families and protocols: the axes along which rules and rows are told apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::analysis::addresses::Family;
use crate::model::Protocol;

/// What a packet carries, as far as rules distinguish it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Proto {
    /// TCP, by port.
    Tcp,
    /// UDP, by port.
    Udp,
    /// ICMP over IPv4 or ICMPv6 over IPv6, by type and code.
    Icmp,
    /// Every other protocol, by its number; rules have no ports for these.
    Other,
}

impl Proto {
    /// All of them.
    pub const ALL: [Proto; 4] = [Proto::Tcp, Proto::Udp, Proto::Icmp, Proto::Other];

    /// As findings name it: ICMP is another protocol in each family.
    pub fn protocol(self, family: Family) -> Protocol {
        match (self, family) {
            (Proto::Tcp, _) => Protocol::Tcp,
            (Proto::Udp, _) => Protocol::Udp,
            (Proto::Icmp, Family::Ipv4) => Protocol::Icmp,
            (Proto::Icmp, Family::Ipv6) => Protocol::Icmpv6,
            (Proto::Other, _) => Protocol::Other,
        }
    }

    /// The word used in rows.
    pub fn name(self, family: Family) -> &'static str {
        self.protocol(family).as_str()
    }

    /// Largest port: a port, a type * 256 + code, or a protocol number.
    pub(super) fn last_port(self) -> u16 {
        if self == Proto::Other { 255 } else { u16::MAX }
    }
}

/// A family and a protocol, as an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Traffic {
    pub(super) family: Family,
    pub(super) proto: Proto,
}

impl Traffic {
    /// The eight kinds, in index order.
    pub(super) fn all() -> impl Iterator<Item = Traffic> {
        Family::ALL
            .into_iter()
            .flat_map(|family| Proto::ALL.into_iter().map(move |proto| Traffic { family, proto }))
    }

    pub(super) fn index(self) -> usize {
        self.family as usize * 4 + self.proto as usize
    }
}

/// The protocol that a rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedProtocol {
    /// `-1`: all protocols, whatever ports the rule carries.
    All,
    /// One IANA protocol number.
    Number(u8),
}

impl NamedProtocol {
    /// Reads `IpProtocol` of groups and `Protocol` of network ACLs. AWS answers names for the four
    /// common protocols in groups and numbers in ACLs; both are accepted in both.
    pub(super) fn parse(text: &str) -> Option<NamedProtocol> {
        let number = match text.trim().to_ascii_lowercase().as_str() {
            "-1" | "all" => return Some(NamedProtocol::All),
            "tcp" => 6,
            "udp" => 17,
            "icmp" => 1,
            "icmpv6" | "icmp6" | "ipv6-icmp" => 58,
            "gre" => 47,
            "esp" => 50,
            "ah" => 51,
            other => other.parse().ok()?,
        };
        Some(NamedProtocol::Number(number))
    }
}

/// How a protocol number counts in a family. EC2 takes rules about ICMPv6 over IPv4 and about ICMP
/// over IPv6; they have no effect, as hosts have no such protocol in that family (RFC 4443).
pub(super) fn classify(family: Family, number: u8) -> Option<Proto> {
    match (number, family) {
        (6, _) => Some(Proto::Tcp),
        (17, _) => Some(Proto::Udp),
        (1, Family::Ipv4) | (58, Family::Ipv6) => Some(Proto::Icmp),
        (1, Family::Ipv6) | (58, Family::Ipv4) => None,
        _ => Some(Proto::Other),
    }
}

/// Ports that a TCP or UDP rule covers. AWS answers both ports for these; absent or -1 means all.
pub(super) fn port_range(from: Option<i32>, to: Option<i32>) -> Option<(u16, u16)> {
    let lo = from.filter(|&p| p >= 0).unwrap_or(0);
    let hi = to.filter(|&p| p >= 0).unwrap_or(i32::from(u16::MAX)).min(i32::from(u16::MAX));
    let (lo, hi) = (u16::try_from(lo).ok()?, u16::try_from(hi).ok()?);
    (lo <= hi).then_some((lo, hi))
}

/// Ports, which are types and codes, that an ICMP rule covers: -1 or absent is every type, or every
/// code of the type (EC2 API reference, IpPermission and IcmpTypeCode).
pub(super) fn icmp_range(kind: Option<i32>, code: Option<i32>) -> Option<(u16, u16)> {
    match (kind.unwrap_or(-1), code.unwrap_or(-1)) {
        (-1, _) => Some((0, u16::MAX)),
        (kind, -1) => {
            let kind = u8::try_from(kind).ok()?;
            Some((u16::from_be_bytes([kind, 0]), u16::from_be_bytes([kind, 255])))
        }
        (kind, code) => {
            let port = u16::from_be_bytes([u8::try_from(kind).ok()?, u8::try_from(code).ok()?]);
            Some((port, port))
        }
    }
}
