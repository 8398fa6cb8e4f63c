//! The rules over their fixtures. They use only what the crate shows to everyone.

#![allow(clippy::unwrap_used)]

#[path = "../support/claims.rs"]
mod claims;
#[path = "../support/commands.rs"]
mod commands;
#[path = "../support/proof.rs"]
mod proof;

mod actions;
mod benchmarks;
mod cases;
mod closing;
mod findings;
mod fingerprints;
mod golden;
mod reads;
mod registry;
mod unread;
