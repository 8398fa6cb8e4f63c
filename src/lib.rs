//! outcrop finds what a cloud account exposes to the internet, and proves it.
//!
//! Data runs one way: `cli -> providers/aws -> Snapshot -> rules (over analysis) -> findings ->
//! triage -> report`. The floors from the ground up: [`model`] holds the words that all share,
//! [`inventory`] holds facts, [`analysis`] says what they mean, [`rules`] judge, [`triage`] tells
//! what is new, [`report`] writes. `providers` stands aside and is the only one that knows the AWS SDK;
//! [`cli`] wires them. Everything but `providers` builds without the feature `aws`.

pub mod analysis;
pub mod cli;
pub mod config;
pub mod inventory;
pub mod model;
#[cfg(feature = "aws")]
pub mod providers;
pub mod report;
pub mod rules;
pub mod triage;
