//! Floor 2: what facts mean. Pure functions from inventory to verdicts; total, without I/O.
//!
//! It deliberately does not know rules, severities or how a finding looks.

pub mod addresses;
pub mod aws;
