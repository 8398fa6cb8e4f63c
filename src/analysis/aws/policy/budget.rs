//! How much one judgement may do, so that no document keeps it busy: beyond that, what was found
//! stays found and the rest is not decided.
//!
//! Two things are counted where they happen, one unit each. Cases are what multiplies: callers,
//! candidates, values bound to variables, targets, requests, entries of grants. States are what
//! looking at one case takes: characters compared or written, places in patterns that a search
//! visits, statements, tests and candidates that are looked at.

use std::cell::Cell;
use std::rc::Rc;

// What judgements took, all parts together:
//
//                                                  cases     states
//   published vectors, at most                       593     19,452
//   100,000 random policies, at most              74,122    781,177
//   hostile documents that are decided, at most  188,517  5,024,134
//     one part of them                           188,510  4,732,598
//
// Limits are of one part: below the last line they would leave undecided what is decided.

/// Most cases of one part of a judgement, for each [`PLAIN`] characters of patterns.
pub const CASES: u64 = 190_000;
/// Most states of one part of a judgement, for each [`PLAIN`] characters of patterns.
pub const STATES: u64 = 6_000_000;
/// Parts of a judgement: finding the callers, finding the targets, asking about requests. Each has
/// limits of its own, so that whatever is hard about one, the next ones are begun.
pub const PARTS: u64 = 3;

/// More documents than these on one resource get no more: AWS RAM adds one for each kind of managed
/// permission, and each service one of its own.
const MOST_DOCUMENTS: usize = 4;

/// As many characters as AWS takes for the policy of a bucket. What is longer may take longer.
pub const PLAIN: usize = 20 * 1024;

/// What a judgement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Cases that were enumerated.
    pub cases: u64,
    /// States that were visited.
    pub states: u64,
}

/// What is left of the limits. Clones share it.
#[derive(Debug, Clone)]
pub struct Budget(Rc<Counters>);

#[derive(Debug)]
struct Counters {
    cases: Counter,
    states: Counter,
    /// Whether this part is at its end.
    spent: Cell<bool>,
    gave_up: Cell<bool>,
}

#[derive(Debug)]
struct Counter {
    limit: u64,
    left: Cell<u64>,
    /// What the parts before this one used.
    before: Cell<u64>,
}

impl Counter {
    fn new(limit: u64) -> Counter {
        Counter { limit, left: Cell::new(limit), before: Cell::new(0) }
    }

    /// Counts; false when nothing is left.
    fn count(&self, count: usize) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let left = self.left.get().saturating_sub(count);
        self.left.set(left);
        left > 0
    }

    fn used(&self) -> u64 {
        self.before.get() + self.limit - self.left.get()
    }

    fn renew(&self) {
        self.before.set(self.used());
        self.left.set(self.limit);
    }
}

impl Budget {
    /// For a judgement that begins, of one document with this many characters of patterns.
    pub fn full(characters: usize) -> Budget {
        Budget::of_documents(characters, 1)
    }

    /// For a judgement of several documents together: what one alone may, for each pair of them,
    /// because callers that one names meet the conditions of all.
    pub fn of_documents(characters: usize, documents: usize) -> Budget {
        let pairs = documents.min(MOST_DOCUMENTS).pow(2);
        let times = characters.div_ceil(PLAIN).max(pairs).max(1);
        let times = u64::try_from(times).unwrap_or(1);
        Budget(Rc::new(Counters {
            cases: Counter::new(CASES * times),
            states: Counter::new(STATES * times),
            spent: Cell::new(false),
            gave_up: Cell::new(false),
        }))
    }

    /// Begins the next part, with full limits. Whether the one before came to its end.
    pub fn begin(&self) -> bool {
        let complete = !self.is_spent();
        self.0.cases.renew();
        self.0.states.renew();
        self.0.spent.set(false);
        complete
    }

    /// Counts cases; false when there may be no more.
    pub fn cases(&self, count: usize) -> bool {
        self.go_on(self.0.cases.count(count))
    }

    /// Counts states; false when there may be no more.
    pub fn states(&self, count: usize) -> bool {
        self.go_on(self.0.states.count(count))
    }

    fn go_on(&self, within_limit: bool) -> bool {
        if !within_limit {
            self.spend();
        }
        !self.is_spent()
    }

    /// Whether a limit of this part is reached.
    pub fn is_spent(&self) -> bool {
        self.0.spent.get()
    }

    /// Ends this part: too much was left out for anything to be decided by what is not found.
    pub fn spend(&self) {
        self.0.spent.set(true);
        self.give_up();
    }

    /// Remembers that something was left out: what was not found may exist.
    pub fn give_up(&self) {
        self.0.gave_up.set(true);
    }

    /// Whether something was left out.
    pub fn has_given_up(&self) -> bool {
        self.0.gave_up.get()
    }

    /// What was counted in all parts.
    pub fn work(&self) -> Work {
        Work { cases: self.0.cases.used(), states: self.0.states.used() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_limit_ends_a_part_and_the_next_one_begins_afresh() {
        let limit = |limit: u64| usize::try_from(limit).expect("a small number");
        for (cases, states, spent) in [
            (0, 0, false),
            (limit(CASES) - 1, limit(STATES) - 1, false),
            (limit(CASES), 0, true),
            (0, limit(STATES), true),
        ] {
            let budget = Budget::full(0);
            budget.cases(cases);
            budget.states(states);
            assert_eq!((budget.is_spent(), budget.has_given_up()), (spent, spent));
            assert_eq!(budget.begin(), !spent);
            assert!(!budget.is_spent() && budget.cases(1) && budget.states(1));
            assert_eq!(budget.has_given_up(), spent, "what was left out stays left out");
        }
    }

    #[test]
    fn longer_policies_have_higher_limits() {
        let once = usize::try_from(STATES).expect("a small number");
        assert!(!Budget::full(PLAIN).states(once));
        assert!(Budget::full(PLAIN + 1).states(once));
        assert!(Budget::of_documents(PLAIN, 2).states(once));
    }
}
