//! Verdicts: what a policy or one of its grants amounts to.

use serde::{Serialize, Serializer};

/// What a policy amounts to; the worst of its grants, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A request of an unnamed external principal is allowed.
    Public,
    /// Not a policy, or a statement that cannot be read and might allow anything.
    Error,
    /// Public if something that cannot be decided turns out as an attacker needs it.
    Conditional,
    /// External principals that the policy names.
    CrossAccount,
    /// Unnamed external principals, by a fixed route.
    Bounded,
    /// AWS services alone.
    Service,
    /// No principal outside the zone of trust.
    Private,
}

impl Verdict {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Public => "public",
            Verdict::Error => "error",
            Verdict::Conditional => "conditional",
            Verdict::CrossAccount => "cross-account",
            Verdict::Bounded => "bounded",
            Verdict::Service => "service",
            Verdict::Private => "private",
        }
    }

    /// The answer to "is it public?".
    pub fn public(self) -> Public {
        match self {
            Verdict::Public => Public::Yes,
            Verdict::Error => Public::Error,
            Verdict::Conditional => Public::Conditional,
            _ => Public::No,
        }
    }
}

/// `true`, `false`, `"conditional"` or `"error"` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    /// Yes.
    Yes,
    /// No, proven.
    No,
    /// Cannot be decided.
    Conditional,
    /// Cannot be read.
    Error,
}

impl Serialize for Public {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Public::Yes => serializer.serialize_bool(true),
            Public::No => serializer.serialize_bool(false),
            Public::Conditional => serializer.serialize_str("conditional"),
            Public::Error => serializer.serialize_str("error"),
        }
    }
}
