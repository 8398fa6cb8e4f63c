//! The two engines against what checks them: readings of the same rules by other means, random
//! cases, properties. They use only what the crate shows to everyone.

#![allow(clippy::unwrap_used)]

mod network;
mod policy;
