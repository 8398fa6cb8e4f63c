//! Candidates: the values of one condition key that are worth trying, who can have each of them,
//! and sets of them.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::Hash;
use std::rc::Rc;

use bitflags::bitflags;
use rustc_hash::FxHashMap;

use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::language::condition::Test;

bitflags! {
    /// Who can have a value, or make a request that has several: without a flag, anyone can.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Attainability: u8 {
        /// It cannot be decided whether an attacker can have it: a secret, a key whose meaning is
        /// not known, a later date.
        const IN_DOUBT = 1;
        /// Only requests by a fixed route have it: a VPC endpoint, a destination, an access point.
        const BOUND = 2;
        /// Only a principal that the policy names has it.
        const NAMED = 4;
    }
}

impl Attainability {
    /// Anyone can have it.
    pub const FREE: Attainability = Attainability::empty();
}

/// One value (or absence) of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The values in the request; `None`: the key is absent.
    pub value: Option<Vec<String>>,
    /// Who can have it.
    pub attainability: Attainability,
    /// For the caller's ARN: the session, when only that session is meant.
    pub session: Option<String>,
}

impl Candidate {
    /// Absence.
    pub fn absent(attainability: Attainability) -> Candidate {
        Candidate { value: None, attainability, session: None }
    }

    /// One value.
    pub fn one(value: impl Into<String>, attainability: Attainability) -> Candidate {
        Candidate { value: Some(vec![value.into()]), attainability, session: None }
    }
}

/// For each key, whether no other one before it is equal. Keys are text of policies: their hashes
/// are such that nobody can make them collide.
pub fn firsts<K: Hash + Eq>(keys: impl ExactSizeIterator<Item = K>) -> Vec<bool> {
    let mut seen = HashSet::with_capacity(keys.len());
    keys.map(|key| seen.insert(key)).collect()
}

/// One candidate for each of some keys, by number of the key.
pub type Assignment = Vec<(usize, Rc<Candidate>)>;

/// A set of candidates, by index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// The indexes below `count` for which `keep` holds.
    pub fn of(count: usize, keep: impl Fn(usize) -> bool) -> Bits {
        let mut bits = vec![0; count.div_ceil(64)];
        for index in (0..count).filter(|index| keep(*index)) {
            bits[index / 64] |= 1 << (index % 64);
        }
        Bits(bits)
    }

    /// How long it is, in words.
    pub fn words(&self) -> usize {
        self.0.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Those also in `other`.
    pub fn and(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Those not in `other`.
    pub fn without(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    /// Whether any is in `other` too.
    pub fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether any is not in `other`.
    pub fn exceeds(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & !b != 0)
    }

    /// The lowest index.
    pub fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    /// All indexes.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|index| self.0[index / 64] >> (index % 64) & 1 == 1)
    }
}

/// The candidates of one key, and which of them satisfy which test.
#[derive(Debug)]
pub struct CandidateSet {
    /// Best first: values that anyone can have before those that are in doubt or bound.
    pub candidates: Vec<Rc<Candidate>>,
    /// By number of the test, for tests without variables.
    memo: RefCell<FxHashMap<usize, Rc<Bits>>>,
}

impl CandidateSet {
    /// A set of these candidates.
    pub fn new(mut candidates: Vec<Candidate>) -> CandidateSet {
        candidates.sort_by_key(|candidate| candidate.attainability);
        if candidates.len() > 1 {
            let keys = candidates.iter().map(|candidate| (&candidate.value, &candidate.session));
            let mut first = firsts(keys).into_iter();
            candidates.retain(|_| first.next().unwrap_or(true));
        }
        let candidates = candidates.into_iter().map(Rc::new).collect();
        CandidateSet { candidates, memo: RefCell::default() }
    }

    /// A set of one candidate.
    pub fn only(candidate: Rc<Candidate>) -> CandidateSet {
        CandidateSet { candidates: vec![candidate], memo: RefCell::default() }
    }

    /// Every candidate.
    pub fn all(&self) -> Bits {
        Bits::of(self.candidates.len(), |_| true)
    }

    /// Candidates that ask nothing of the caller beyond `allowed`.
    pub fn within(&self, allowed: Attainability) -> Bits {
        Bits::of(self.candidates.len(), |index| {
            allowed.contains(self.candidates[index].attainability)
        })
    }

    /// Candidates that satisfy the test with this number.
    pub fn satisfying(
        &self,
        number: usize,
        test: &Test,
        value_of: &dyn Fn(&str) -> Option<String>,
        budget: &Budget,
    ) -> Rc<Bits> {
        let compute = || {
            let asked = test.with(value_of, budget);
            Rc::new(Bits::of(self.candidates.len(), |index| {
                asked.holds(self.candidates[index].value.as_deref(), budget)
            }))
        };
        if test.has_variables() {
            return compute();
        }
        self.memo.borrow_mut().entry(number).or_insert_with(compute).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_once_and_at_its_most_attainable() {
        let set = CandidateSet::new(vec![
            Candidate::one("secret", Attainability::IN_DOUBT),
            Candidate::one("vpce-1", Attainability::BOUND),
            Candidate::one("secret", Attainability::FREE),
            Candidate::absent(Attainability::FREE),
        ]);
        let given: Vec<(Option<&str>, Attainability)> = set
            .candidates
            .iter()
            .map(|c| (c.value.as_ref().map(|values| values[0].as_str()), c.attainability))
            .collect();
        assert_eq!(
            given,
            [
                (Some("secret"), Attainability::FREE),
                (None, Attainability::FREE),
                (Some("vpce-1"), Attainability::BOUND),
            ]
        );
    }

    #[test]
    fn what_may_be_asked_of_a_caller_limits_the_candidates() {
        let all = [Attainability::FREE, Attainability::IN_DOUBT, Attainability::BOUND];
        let both = Attainability::IN_DOUBT | Attainability::BOUND;
        let set = CandidateSet::new(
            all.into_iter()
                .chain([both])
                .enumerate()
                .map(|(n, attainability)| Candidate::one(n.to_string(), attainability))
                .collect(),
        );
        for (allowed, expected) in [
            (Attainability::FREE, vec![0]),
            (Attainability::IN_DOUBT, vec![0, 1]),
            (Attainability::BOUND, vec![0, 2]),
            (both, vec![0, 1, 2, 3]),
            (Attainability::NAMED, vec![0]),
        ] {
            assert_eq!(set.within(allowed).iter().collect::<Vec<_>>(), expected, "{allowed:?}");
        }
    }

    #[test]
    fn sets_of_indexes_reach_beyond_one_word() {
        let of = |kept: &[usize]| Bits::of(130, |index| kept.contains(&index));
        for (one, other, both, rest) in [
            (&[0, 129][..], &[129][..], &[129][..], &[0][..]),
            (&[63, 64], &[64, 65], &[64], &[63]),
            (&[1, 2], &[], &[], &[1, 2]),
            (&[], &[5], &[], &[]),
        ] {
            let (one, other) = (of(one), of(other));
            assert_eq!(one.and(&other), of(both));
            assert_eq!(one.without(&other), of(rest));
            assert_eq!(one.meets(&other), !both.is_empty());
            assert_eq!(one.exceeds(&other), !rest.is_empty());
            assert_eq!(one.and(&other).first(), both.first().copied());
        }
    }
}
