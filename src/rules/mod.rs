//! Floor 3: rules. One file each; a rule is data and one pure function from an account's facts to
//! findings.
//!
//! It deliberately does not know how facts are had, how findings are printed, or which of them a
//! user wants to see.

mod aws;
pub mod change;
mod context;
mod findings;
mod judge;
mod rule;
mod select;
mod shapes;
mod trusted;

pub use aws::RULES;
pub use context::{Context, Region};
pub use findings::{Findings, Found};
pub use judge::{Judgement, judge, unanswered};
pub use rule::{Benchmarks, HEADINGS, Rule};
pub use select::{RENAMED, UnknownRule, formerly, named, select};
pub use trusted::Trusted;
