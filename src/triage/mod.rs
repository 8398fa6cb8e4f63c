//! Floor 4: what a user already knows of. Which findings are new, gone, changed or not to be
//! shown; saved runs read back and joined.
//!
//! It deliberately does not know how a run was made or how it is printed, and it never turns what
//! could not be read into something that was fixed.

mod baseline;
mod diff;
mod merge;
mod pattern;
mod policy;
#[cfg(test)]
mod policy_tests;
mod saved;
#[cfg(test)]
mod tests;
mod worse;

pub use baseline::Baseline;
pub use diff::{Blind, Changed, Drift, Field, Unseen, diff};
pub use merge::{Refused, merge, not_everywhere};
pub use pattern::Pattern;
pub use policy::{Applied, Ignore, Looked, Policy};
pub use saved::{Unreadable, parse};
