//! The two engines against what checks them: readings of the same rules by other means, random
//! cases, properties. They use only what the crate shows to everyone.

#![allow(clippy::unwrap_used)]

#[path = "../support/claims.rs"]
mod claims;
#[path = "../support/commands.rs"]
mod commands;
#[path = "../support/proof.rs"]
mod proof;

mod network;
mod policy;
