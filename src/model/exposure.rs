//! What an outsider gets: who, what, by which ports, from how much of the internet.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Audience;

/// What an outsider gets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Exposure {
    /// Who gets in: `anyone` (no credentials), `any-aws` (any AWS account), `federated` (anyone at
    /// an identity provider), `account:<id>` and the like for named ones.
    #[serde(default, skip_serializing_if = "Audience::is_empty")]
    pub who: Audience,
    /// What they can do, by class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<Access>,
    /// Ports that can be opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Ports>,
    /// How much of the internet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Sources>,
    /// The sources as the rules name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cidrs: Vec<String>,
    /// Ids of what holds those rules, for instance of security groups, in the order in which they
    /// are to be closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened_by: Vec<String>,
}

/// What an action does to a resource, from the provider's service authorization data (tagging
/// counts as writing) with a few overrides where the published class hides what matters:
/// `kms:Decrypt` yields plaintext, subscribing lets content flow out, and whoever can set the
/// attributes of a queue or topic can set its policy.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Opening a port.
    Connect,
    /// Names and metadata of what is inside.
    List,
    /// An action that the table does not know.
    Other,
    /// Who may do what.
    Permissions,
    /// Content or configuration.
    Read,
    /// Change, create, delete.
    Write,
}

impl Access {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Access::Connect => "connect",
            Access::List => "list",
            Access::Other => "other",
            Access::Permissions => "permissions",
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

/// How much of the internet a set of sources is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// An allow-list: less than [`Sources::Broad`].
    Narrow,
    /// At least as much as an IPv4 /16, less than [`Sources::Internet`].
    Broad,
    /// At least a quarter of the address space.
    Internet,
}

impl Sources {
    /// The word used in rows and findings.
    pub fn as_str(self) -> &'static str {
        match self {
            Sources::Narrow => "narrow",
            Sources::Broad => "broad",
            Sources::Internet => "internet",
        }
    }
}

/// What a packet carries, as far as findings tell it apart; in the order of reports.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// ICMP over IPv4.
    Icmp,
    /// ICMP over IPv6.
    Icmpv6,
    /// Every protocol without a name here.
    Other,
    /// TCP, by port.
    Tcp,
    /// UDP, by port.
    Udp,
}

impl Protocol {
    /// The word used in rows and findings.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Icmp => "icmp",
            Protocol::Icmpv6 => "icmpv6",
            Protocol::Other => "other",
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// A range of ports of one protocol.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Ports {
    /// Their protocol.
    pub protocol: Protocol,
    /// First port; absent where the protocol has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u16>,
    /// Last port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u16>,
}

impl fmt::Display for Ports {
    /// `tcp 5432`, `udp 100-200`, `tcp all ports`, `icmp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.protocol.as_str())?;
        match (self.from, self.to) {
            (Some(0), Some(u16::MAX)) => f.write_str(" all ports"),
            (Some(from), Some(to)) if from != to => write!(f, " {from}-{to}"),
            (Some(port), _) | (None, Some(port)) => write!(f, " {port}"),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_read_as_people_write_them() {
        let of = |from, to| Ports { protocol: Protocol::Tcp, from, to }.to_string();
        assert_eq!(of(Some(22), Some(22)), "tcp 22");
        assert_eq!(of(Some(1), Some(9)), "tcp 1-9");
        assert_eq!(of(Some(0), Some(65535)), "tcp all ports");
        assert_eq!(of(None, None), "tcp");
    }

    #[test]
    fn words_in_json_are_those_of_reports() {
        let word = |value: serde_json::Value| value.as_str().expect("a text").to_owned();
        use {Access as A, Protocol as P, Sources as S};
        for access in [A::Connect, A::List, A::Other, A::Permissions, A::Read, A::Write] {
            assert_eq!(word(serde_json::json!(access)), access.name());
        }
        for sources in [S::Narrow, S::Broad, S::Internet] {
            assert_eq!(word(serde_json::json!(sources)), sources.as_str());
        }
        for protocol in [P::Icmp, P::Icmpv6, P::Other, P::Tcp, P::Udp] {
            assert_eq!(word(serde_json::json!(protocol)), protocol.as_str());
        }
    }
}
