//! How much work one judgement may take. Whatever loops over what a policy may make large takes
//! steps from here, so that the time of any document is bounded.

use std::cell::Cell;

/// Steps of a judgement, each about ten to twenty nanoseconds of an optimised build.
pub const STEPS: u64 = 8_000_000;
/// Steps of its searches for strings that patterns match: what is left is for requests, so that an
/// open door is found in a policy whose other patterns are too many.
pub const SEARCH: u64 = 2_000_000;

/// Steps of telling apart the resources that statements name.
pub const GROUPING: u64 = 20_000_000;

/// The steps that are left. Beyond them nothing is decided.
#[derive(Debug)]
pub struct Budget {
    all: u64,
    left: Cell<u64>,
}

impl Budget {
    /// One of so many steps.
    pub fn of(steps: u64) -> Budget {
        Budget { all: steps, left: Cell::new(steps) }
    }

    /// Takes steps; false when there are no more.
    pub fn take(&self, steps: usize) -> bool {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.left.get();
        self.left.set(left.saturating_sub(steps));
        left > steps
    }

    /// Whether all is used up.
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Gives up: something was left out, so nothing is decided.
    pub fn spend(&self) {
        self.left.set(0);
    }

    /// What was used.
    pub fn used(&self) -> u64 {
        self.all - self.left.get()
    }
}
