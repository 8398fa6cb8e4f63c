//! The whole program: the real binary, run as users run it.
//!
//! Live tests scan an AWS emulator (moto) that is filled by construction, through a loopback server
//! that answers what the emulator cannot. Without the feature `aws` only the offline ones are left.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod actions;
mod aside;
mod baseline;
mod configuration;
#[cfg(feature = "aws")]
mod consumers;
mod docs;
mod environment;
mod floors;
mod inputs;
#[cfg(feature = "aws")]
mod live;
mod look;
mod offline;
mod organization;
mod outputs;
mod policy;
mod reports;
mod scheduled;
mod triage;
mod unread;
