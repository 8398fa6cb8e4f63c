//! Floor 0: the words that every other floor shares, of no provider in particular: what was read
//! and what was not, doors and locks, findings and runs.
//!
//! What programs read (`--format json`, baselines, saved runs) has the form of the types here: a
//! field is never renamed or given another meaning. They deliberately do not know which services,
//! rules or formats exist.

mod finding;
mod gap;
mod known;
mod resource;
mod run;
mod severity;
mod suggest;
mod verdict;

pub use finding::{Category, Evidence, Exposure, Finding, Ports, Remediation, Who, fingerprint};
pub use gap::{Gap, Outcome};
pub use known::Known;
pub use resource::{GLOBAL, Resource};
pub use run::{Coverage, Run, SCHEMA_VERSION, Scan, Summary, Suppressed, Tool};
pub use severity::Severity;
pub use suggest::did_you_mean;
pub use verdict::{Control, Door, Lock, Missing, Status, Step, Verdict};
