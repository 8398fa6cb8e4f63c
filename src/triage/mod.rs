//! Floor 4: what a user already knows of, and what to do first. Which findings are new, gone, changed or not to be
//! shown; saved runs read back and joined.
//!
//! It deliberately does not know how a run was made or how it is printed, and it never turns what
//! could not be read into something that was fixed.

pub mod actions;
mod baseline;
mod diff;
mod exceptions;
#[cfg(test)]
mod exceptions_tests;
mod merge;
mod pattern;
mod saved;
#[cfg(test)]
mod tests;
mod unjudged;
mod worse;

pub use baseline::{Baseline, accept, unlisted};
pub use diff::{Changed, Drift, Field, NotComparable, Unseen, diff};
pub use exceptions::{Applied, Exceptions, Ignore, RunScope};
pub use merge::{NotMergeable, merge, not_everywhere};
pub use pattern::NamePattern;
pub use saved::{Unreadable, parse};
