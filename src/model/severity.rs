//! How bad an exposure is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Status;

/// How bad it is that something is exposed; worse is greater.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Open by design, or a step away from an exposure.
    Low,
    /// Reachable, with further protection to be expected.
    Medium,
    /// Data or a login that outsiders should not meet.
    High,
    /// Data, or control of a machine or account, for anyone.
    Critical,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Severity; 4] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    /// The word used in reports and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity of a finding in `status` whose way in would be this bad if it were open.
    ///
    /// Shut ways in count two levels less, at least low; undecided ones as the worst case.
    pub fn when(self, status: Status) -> Severity {
        match (status, self) {
            (Status::Latent, Severity::Critical) => Severity::Medium,
            (Status::Latent, _) => Severity::Low,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latent_is_two_levels_less_and_at_least_low() {
        let latent = |s: Severity| s.when(Status::Latent);
        assert_eq!(
            Severity::ALL.map(latent).map(Severity::as_str),
            ["medium", "low", "low", "low"]
        );
        assert_eq!(Severity::Critical.when(Status::Undetermined), Severity::Critical);
    }
}
