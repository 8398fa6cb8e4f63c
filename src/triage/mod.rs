//! Floor 4: what a user already knows of. Which findings are new.
//!
//! It deliberately does not know how a run was made or how it is printed.

mod baseline;

pub use baseline::Baseline;
