//! How much one judgement may do, so that no document keeps it busy: beyond that, what was found
//! stays found and the rest is not decided.

use std::cell::Cell;
use std::rc::Rc;

/// The parts of a judgement, with what each may take in steps of about ten nanoseconds. Each has
/// its own, so that whatever is hard about one, the next ones are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Finding out who is named, and who may call from where.
    Callers,
    /// Finding what the statements can tell apart.
    Targets,
    /// Asking for requests.
    Requests,
}

impl Part {
    const fn steps(self) -> u64 {
        match self {
            Part::Callers => 1_500_000,
            Part::Targets => 1_500_000,
            Part::Requests => 4_000_000,
        }
    }
}

/// The most steps that a judgement takes for each [`PLAIN`] characters of patterns.
pub const STEPS: u64 = Part::Callers.steps() + Part::Targets.steps() + Part::Requests.steps();

/// As many characters as AWS takes for the policy of a bucket. What is longer may take longer.
pub const PLAIN: usize = 20 * 1024;

/// The steps that are left. Clones share them.
#[derive(Debug, Clone)]
pub struct Budget {
    left: Rc<Cell<u64>>,
    /// Steps of the parts that ended.
    before: Rc<Cell<u64>>,
    /// What this part began with.
    part: Rc<Cell<u64>>,
    gave_up: Rc<Cell<bool>>,
    /// How many times the steps of a policy of usual length.
    times: u64,
}

impl Budget {
    /// For a judgement that begins, of patterns with this many characters.
    pub fn full(characters: usize) -> Budget {
        let times = u64::try_from(characters.div_ceil(PLAIN).max(1)).unwrap_or(1);
        let steps = Part::Callers.steps() * times;
        let cell = |steps| Rc::new(Cell::new(steps));
        Budget {
            left: cell(steps),
            before: cell(0),
            part: cell(steps),
            gave_up: Rc::default(),
            times,
        }
    }

    /// Begins another part, to which what is left goes on. Whether the one before came to its end.
    pub fn begin(&self, part: Part) -> bool {
        let complete = !self.is_spent();
        self.before.set(self.used());
        let steps = self.left.get() + part.steps() * self.times;
        self.part.set(steps);
        self.left.set(steps);
        complete
    }

    /// Takes steps; false when there are no more.
    pub fn take(&self, steps: usize) -> bool {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.left.get();
        if left <= steps {
            self.spend();
            return false;
        }
        self.left.set(left - steps);
        true
    }

    /// Whether all is used up.
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Ends this part: too much was left out for anything to be decided by what is not found.
    pub fn spend(&self) {
        self.left.set(0);
        self.give_up();
    }

    /// Remembers that something was left out: what was not found may exist.
    pub fn give_up(&self) {
        self.gave_up.set(true);
    }

    /// Whether something was left out.
    pub fn has_given_up(&self) -> bool {
        self.gave_up.get()
    }

    /// What was used.
    pub fn used(&self) -> u64 {
        self.before.get() + self.part.get() - self.left.get()
    }
}
