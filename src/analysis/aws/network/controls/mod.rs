//! The controls between the internet and an endpoint: what each lets through.
//!
//! It deliberately does not know endpoints or verdicts: a control answers for a subnet, a group or
//! a VPC, whatever sits in it.

pub(crate) mod bpa;
mod control;
pub(crate) mod internet_firewall;
pub(crate) mod nacl;
pub(crate) mod ports;
pub(crate) mod prefix_lists;
pub(crate) mod routes;
pub(crate) mod security_groups;

pub use control::{Control, Controls, Unverified};
pub use ports::Ports;
