//! The values of one condition key that tell requests apart: each value that a test names,
//! strings that match patterns (alone and together), a fresh value, and absence.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::budget::Budget;
use super::condition::{Test, Values};
use super::glob::{Fresh, Glob, Token, common};
use super::keys::{self, Class};
use super::pattern::Comparison;

/// Anyone can have this value.
pub const FREE: u8 = 0;
/// Nobody can tell whether an attacker can have it: a secret, an unknown key, a later date.
pub const DOUBT: u8 = 1;
/// Only requests by a fixed way have it: an endpoint, a destination, an access point.
pub const BOUND: u8 = 2;
/// Only somebody whom the policy names has it.
pub const NAMED: u8 = 4;

/// One value (or absence) of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The values in the request; `None`: the key is absent.
    pub value: Option<Vec<String>>,
    /// Who can have it.
    pub flags: u8,
    /// For the caller's ARN: the session, when only that session is meant.
    pub session: Option<String>,
}

impl Choice {
    /// Absence.
    pub fn absent(flags: u8) -> Choice {
        Choice { value: None, flags, session: None }
    }

    /// One value.
    pub fn one(value: impl Into<String>, flags: u8) -> Choice {
        Choice { value: Some(vec![value.into()]), flags, session: None }
    }
}

/// A choice for each of some keys, by number of the key.
pub type Chosen = Vec<(usize, Rc<Choice>)>;

/// A set of choices, by index.
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

/// The choices of one key, and which of them satisfy which test.
#[derive(Debug)]
pub struct Domain {
    /// Best first: what anyone can have before what is in doubt or bound.
    pub choices: Vec<Rc<Choice>>,
    memo: RefCell<HashMap<usize, Rc<Bits>>>,
}

impl Domain {
    /// A domain of these choices.
    pub fn new(mut choices: Vec<Choice>) -> Domain {
        let mut seen = HashSet::new();
        choices.sort_by_key(|choice| choice.flags);
        choices.retain(|choice| seen.insert((choice.value.clone(), choice.session.clone())));
        let choices = choices.into_iter().map(Rc::new).collect();
        Domain { choices, memo: RefCell::default() }
    }

    /// A domain of one choice.
    pub fn only(choice: Rc<Choice>) -> Domain {
        Domain { choices: vec![choice], memo: RefCell::default() }
    }

    /// Every choice.
    pub fn all(&self) -> Bits {
        Bits::of(self.choices.len(), |_| true)
    }

    /// Choices whose flags are all among `allowed`.
    pub fn within(&self, allowed: u8) -> Bits {
        Bits::of(self.choices.len(), |index| self.choices[index].flags & !allowed == 0)
    }

    /// Choices that satisfy the test with this number.
    pub fn satisfying(
        &self,
        number: usize,
        test: &Test,
        value_of: &dyn Fn(&str) -> Option<String>,
        budget: &Budget,
    ) -> Rc<Bits> {
        let compute = || {
            let asked = test.with(value_of, budget);
            Rc::new(Bits::of(self.choices.len(), |index| {
                asked.holds(self.choices[index].value.as_deref(), budget)
            }))
        };
        if test.has_variables() {
            return compute();
        }
        self.memo.borrow_mut().entry(number).or_insert_with(compute).clone()
    }
}

/// What all tests of one key say about its values.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Patterns, with whether case is ignored.
    pub globs: Vec<(Glob, bool)>,
    numbers: Vec<f64>,
    instants: Vec<f64>,
    flags: bool,
    addresses: Vec<String>,
    /// Whether some test is negated.
    left_out: bool,
}

impl Wanted {
    /// Collects from tests of one key. `value_of` replaces variables.
    pub fn by<'t>(
        tests: impl IntoIterator<Item = &'t Test>,
        value_of: &dyn Fn(&str) -> Option<String>,
        budget: &Budget,
    ) -> Wanted {
        let mut wanted = Wanted::default();
        let mut seen = HashSet::new();
        for test in tests {
            wanted.left_out |= test.negated;
            match &test.values {
                Values::Text { any, comparison, .. } => {
                    let fold = *comparison == Comparison::IgnoringCase;
                    for template in any {
                        if !budget.take(20 + template.text().len()) {
                            break;
                        }
                        let Some(glob) = template.resolve(value_of) else { continue };
                        budget.take(2 * glob.tokens().len());
                        if seen.insert((glob.clone(), fold)) {
                            wanted.globs.push((glob, fold));
                        }
                    }
                }
                Values::Numbers(_, numbers) => wanted.numbers.extend(numbers),
                Values::Instants(_, instants) => wanted.instants.extend(instants),
                Values::Flags(_) => wanted.flags = true,
                Values::Blocks(blocks) => {
                    let edges = blocks
                        .iter()
                        .flat_map(|block| [Some(block.low), block.high.checked_add(1)]);
                    for (block, edge) in blocks.iter().flat_map(|b| [b, b]).zip(edges) {
                        wanted.addresses.extend(edge.and_then(|edge| block.address(edge)));
                    }
                }
                Values::Absence(_) => {}
            }
        }
        wanted
    }

    /// Instants just before, at and just after each date that a test names.
    pub fn instants(&self) -> impl Iterator<Item = f64> + '_ {
        self.instants.iter().chain(&self.numbers).flat_map(|at| [at - 1.0, *at, at + 1.0])
    }

    /// The values worth trying, each with what it pins. `admissible` drops what AWS never sets.
    pub fn values(
        &self,
        fresh: &Fresh,
        admissible: &dyn Fn(&str) -> bool,
    ) -> Vec<(String, Option<&Glob>)> {
        /// Patterns up to which strings for pairs and triples of them are sought.
        const PAIRS: usize = 16;
        const TRIPLES: usize = 6;
        let mut values = Vec::new();
        for (glob, fold) in &self.globs {
            for sample in common(&[glob], fresh) {
                if *fold {
                    values.push((sample.to_uppercase(), Some(glob)));
                    values.push((sample.to_lowercase(), Some(glob)));
                }
                values.push((sample, Some(glob)));
            }
        }
        // `*` adds nothing to another pattern.
        let wild: Vec<&Glob> = self
            .patterns()
            .filter(|glob| glob.literal().is_none() && glob.tokens() != [Token::Many])
            .collect();
        if wild.len() > PAIRS {
            // Two have to meet where a test asks for what it does not match; elsewhere they may.
            if self.left_out {
                fresh.budget.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for (other_index, other) in wild.iter().enumerate().skip(index + 1) {
                    let both = common(&[one, other], fresh);
                    values.extend(both.into_iter().map(|text| (text, None)));
                    if wild.len() <= TRIPLES {
                        for third in wild.iter().skip(other_index + 1) {
                            let all = common(&[one, other, third], fresh);
                            values.extend(all.into_iter().map(|text| (text, None)));
                        }
                    }
                }
            }
        }
        fresh.budget.take(50 * self.numbers.len() + 30 * self.instants.len());
        for number in &self.numbers {
            for near in [*number, number - 1.0, number + 1.0, number - 0.5, number + 0.5] {
                values.push((near.to_string(), None));
            }
        }
        values.extend(self.instants().map(|instant| (instant.to_string(), None)));
        if self.flags {
            values.extend([("true".to_owned(), None), ("false".to_owned(), None)]);
        }
        values.extend(self.addresses.iter().map(|address| (address.clone(), None)));
        values.retain(|(value, _)| admissible(value));
        values
    }

    /// Whether the tests compare numbers, dates, truth values or addresses, and never text.
    pub fn is_typed(&self) -> bool {
        let values = !self.numbers.is_empty() || !self.instants.is_empty() || self.flags;
        self.globs.is_empty() && (values || !self.addresses.is_empty())
    }

    /// Patterns, without their case rule.
    pub fn patterns(&self) -> impl Iterator<Item = &Glob> {
        self.globs.iter().map(|(glob, _)| glob)
    }
}

/// Ids and ARNs never contain wildcards or braces: a literal star matches nobody.
pub fn is_identifier(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', '$', '{', '}'])
}

/// The choices of a key whose values callers pick, within what its class leaves them.
pub fn choices(key: &str, class: Class, wanted: &Wanted, fresh: &Fresh) -> Vec<Choice> {
    // AWS gives out these ids in one form, in which a pattern may be looked for.
    let shape = keys::shape(key).map(Glob::pattern);
    let admissible = |text: &str| {
        keys::is_spelled(key, text)
            && shape.as_ref().is_none_or(|shape| {
                shape.matches(text) && is_identifier(text) && !text.contains(char::is_uppercase)
            })
    };
    // Those that name somebody or something, in lower case where case does not matter.
    let named = |names: &dyn Fn(&Glob) -> bool| -> Vec<(Glob, bool)> {
        let naming = wanted.globs.iter().filter(|(glob, _)| names(glob));
        naming
            .map(|(glob, fold)| (if *fold { glob.lowercase() } else { glob.clone() }, *fold))
            .collect()
    };
    let names = |globs: &[(Glob, bool)], text: &str| {
        let folded = text.to_lowercase();
        globs.iter().any(|(glob, fold)| {
            let text = if *fold { folded.as_str() } else { text };
            !fresh.budget.is_spent() && glob.matches_within(text, &fresh.budget)
        })
    };
    let naming = match class {
        Class::Secret => named(&|glob| glob.literal().is_some()),
        Class::Endpoint | Class::EndpointOrgPath | Class::Destination | Class::Claim => {
            named(&|glob| keys::is_pinned(class, key, glob))
        }
        _ => Vec::new(),
    };
    let flags = |text: &str| match class {
        Class::Unknown => DOUBT,
        Class::Secret if names(&naming, text) => DOUBT,
        Class::Endpoint | Class::EndpointOrgPath | Class::Destination if names(&naming, text) => {
            BOUND
        }
        Class::MountTarget if text == "true" => BOUND,
        Class::Claim if names(&naming, text) => NAMED,
        _ => FREE,
    };
    let mut texts: Vec<String> =
        wanted.values(fresh, &admissible).into_iter().map(|(text, _)| text).collect();
    fresh.budget.take(12 * texts.len());
    match &shape {
        Some(shape) => {
            // Accounts are digits: more than one, so that no pattern takes them all.
            let digits = shape.tokens().iter().all(|token| *token == Token::One);
            let letters = if digits { vec!['7', '3', '9'] } else { vec![fresh.letter] };
            for letter in letters {
                let fresh = fresh.with(letter, fresh.run);
                for glob in wanted.patterns().filter(|glob| glob.literal().is_none()) {
                    texts.extend(common(&[glob, shape], &fresh));
                }
                texts.extend(common(&[shape], &fresh));
            }
            texts.retain(|text| admissible(text));
        }
        // A number, a date, a truth value or an address is never anything else.
        None if wanted.is_typed() => {}
        None => texts.push(std::iter::repeat_n(fresh.letter, fresh.run).collect()),
    }
    if keys::is_boolean(key) {
        texts = vec!["true".into(), "false".into()];
    }
    if matches!(class, Class::MountTarget) {
        texts = vec!["false".into(), "true".into()];
    }
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    let mut choices: Vec<Choice> =
        texts.iter().map(|text| Choice::one(text.clone(), flags(text))).collect();
    // An account is in one place of an organization: its path is one, although the key could hold
    // several (IAM user guide, aws:PrincipalOrgPaths).
    if keys::several_values(key) && class != Class::EndpointOrgPath {
        /// Values up to which pairs are tried as well.
        const PAIRED: usize = 24;
        choices.push(Choice { value: Some(Vec::new()), flags: FREE, session: None });
        for (index, one) in texts.iter().enumerate().take(PAIRED) {
            for other in texts.iter().take(PAIRED).skip(index + 1) {
                let flags = flags(one) | flags(other);
                let value = Some(vec![one.clone(), other.clone()]);
                choices.push(Choice { value, flags, session: None });
            }
        }
    }
    choices
}
