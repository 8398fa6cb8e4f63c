//! The whole program: the real binary, run as users run it.
//!
//! Live tests scan an AWS emulator (moto) that is filled by construction, through a loopback server
//! that answers what the emulator cannot. Without the feature `aws` only the offline ones are left.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "aws")]
mod accounts;
mod actions;
mod aside;
#[cfg(feature = "aws")]
mod balancers;
mod baseline;
mod configuration;
#[cfg(feature = "aws")]
mod consumers;
mod docs;
#[cfg(feature = "aws")]
mod doctor;
#[cfg(feature = "aws")]
mod economy;
mod environment;
#[cfg(feature = "aws")]
mod first_minutes;
#[cfg(feature = "aws")]
mod fleet;
mod floors;
mod inputs;
#[cfg(feature = "aws")]
mod interrupted;
#[cfg(feature = "aws")]
mod live;
mod look;
#[cfg(feature = "aws")]
mod loopback;
#[cfg(feature = "aws")]
mod objects;
mod offline;
mod organization;
mod outputs;
mod policy;
#[cfg(feature = "aws")]
mod refused;
mod reports;
mod scheduled;
#[cfg(feature = "aws")]
mod services;
mod triage;
mod unread;
