//! The rules over their fixtures. They use only what the crate shows to everyone.

#![allow(clippy::unwrap_used)]

mod benchmarks;
mod cases;
mod findings;
mod fingerprints;
mod golden;
mod reads;
mod registry;
mod unread;
