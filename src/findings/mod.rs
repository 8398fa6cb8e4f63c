//! Floor 2: findings. What is exposed, how bad it is, how it is told apart from another.
//!
//! The types here are the form that programs read (`--format json`, baselines, saved runs): a
//! field is never renamed or given another meaning. It deliberately does not know which rules
//! exist or how a finding is printed.

mod finding;
mod run;
mod severity;

pub use finding::{
    Category, Evidence, Exposure, Finding, Ports, Remediation, Resource, Who, fingerprint,
};
pub use run::{Coverage, Run, SCHEMA_VERSION, Scan, Summary, Suppressed, Tool};
pub use severity::Severity;
