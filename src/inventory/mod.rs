//! Floor 1: facts. What a provider told us, and every question that it did not answer.
//!
//! It deliberately does not know what a fact means (that is `analysis`), how it was asked for
//! (`providers`) or what is wrong with it (`rules`).

pub mod aws;
mod load;
mod snapshot;
mod unknown;

pub(crate) use load::partition_of;
pub use load::{LoadError, load};
pub use snapshot::{SCHEMA_VERSION, Snapshot};
