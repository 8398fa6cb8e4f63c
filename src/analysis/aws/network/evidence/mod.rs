//! Why a row is what it is: the steps of a packet, each with the id of what it meets.
//!
//! It deliberately decides nothing: it tells again what the verdict found, for one packet.

mod admitting;
mod blocking;
mod chain;
mod forwarding;
mod group_rules;
mod packet;
mod steps;
mod wording;

pub use admitting::Admitting;
pub(crate) use admitting::admitting;
pub(crate) use chain::{blocks, chain, chain_through};
pub(crate) use wording::{line, missing};
