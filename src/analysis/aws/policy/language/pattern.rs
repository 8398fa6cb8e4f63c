//! Text that a condition compares values with: as it stands, ignoring case, or as an ARN.

use std::borrow::Cow;

use super::glob::Glob;
use crate::analysis::aws::policy::budget::Budget;

/// How an operator compares text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// As it stands.
    Exact,
    /// `IgnoreCase`.
    IgnoringCase,
    /// Part by part, as `ArnEquals` and `ArnLike` compare (IAM user guide, condition operators).
    Arn,
}

impl Comparison {
    /// The value of a request, as patterns of this comparison read it.
    pub fn read(self, value: &str) -> Cow<'_, str> {
        match self {
            Comparison::IgnoringCase => Cow::Owned(value.to_lowercase()),
            Comparison::Exact | Comparison::Arn => Cow::Borrowed(value),
        }
    }
}

/// A pattern that is ready to be compared with values that were [read](Comparison::read).
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// For the whole of a value.
    Whole(Glob),
    /// For the six parts of an ARN.
    Parts(Box<[Glob; 6]>),
}

impl Pattern {
    /// A pattern, made ready; `None` where it matches nothing: an ARN with too few parts.
    pub fn of(glob: Glob, comparison: Comparison) -> Option<Pattern> {
        Some(match comparison {
            Comparison::Exact => Pattern::Whole(glob),
            Comparison::IgnoringCase => Pattern::Whole(glob.lowercase()),
            Comparison::Arn => Pattern::Parts(Box::new(glob.arn_parts()?)),
        })
    }

    /// Whether a value matches.
    pub fn matches(&self, value: &str, budget: &Budget) -> bool {
        match self {
            Pattern::Whole(glob) => glob.matches_within(value, budget),
            Pattern::Parts(patterns) => {
                let mut parts = value.splitn(6, ':');
                patterns
                    .iter()
                    .all(|glob| parts.next().is_some_and(|part| glob.matches_within(part, budget)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, comparison: Comparison, value: &str) -> bool {
        let pattern = Pattern::of(Glob::pattern(pattern), comparison);
        pattern.is_some_and(|ready| ready.matches(&comparison.read(value), &Budget::full(0)))
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        assert!(matches("arn:aws:iam::*:role/*", Comparison::Arn, "arn:aws:iam::1:role/x"));
        assert!(!matches("arn:aws:iam::*:role/*", Comparison::Arn, "arn:aws:iam::1:y:role/x"));
        assert!(!matches("*", Comparison::Arn, "arn:aws:iam::1:role/x"));
        assert!(!matches("arn:aws:iam::*:*", Comparison::Arn, "arn:aws:iam::1"));
        assert!(matches("arn:aws:iam::*:role/*", Comparison::Exact, "arn:aws:iam::1:y:role/x"));
    }

    #[test]
    fn case_is_ignored_on_both_sides_where_the_operator_says_so() {
        assert!(matches("Ab*", Comparison::IgnoringCase, "aBC"));
        assert!(!matches("Ab*", Comparison::Exact, "aBC"));
    }
}
