//! outcrop finds what a cloud account exposes, and proves it.

pub mod analysis;
pub mod findings;
pub mod inventory;
pub mod report;
