//! Floor 0: the words that every other floor shares, of no provider in particular: what was read
//! and what was not, doors and locks, findings and runs.
//!
//! What programs read (`--format json`, baselines, saved runs) has the form of the types here: a
//! field is never renamed or given another meaning. How a provider names things stands in `arn` and
//! `provider`. They deliberately do not know which services, rules or formats exist.

mod action;
mod arn;
mod exposure;
mod finding;
mod gap;
mod known;
mod list;
mod percent;
mod provider;
mod remediation;
mod resource;
mod run;
mod severity;
mod suggest;
mod verdict;
mod who;

pub use action::Action;
pub use arn::Arn;
pub use exposure::{Access, Exposure, Ports, Protocol, Sources};
pub use finding::{Category, Evidence, Finding, Standing, fingerprint};
pub use gap::{Gap, Outcome};
pub use known::Known;
pub use list::first_few;
pub use percent::percent_decoded;
pub use provider::{Location, Provider};
pub use remediation::{Remediation, aws, quoted};
pub use resource::{GLOBAL, Resource};
pub use run::{
    Accepted, Coverage, NotExamined, Run, SCHEMA_VERSION, Scan, Summary, Suppressed, Tool,
};
pub use severity::Severity;
pub use suggest::did_you_mean;
pub use verdict::{Control, Door, Lock, Missing, Status, Step, Verdict};
pub use who::{Audience, Who};
