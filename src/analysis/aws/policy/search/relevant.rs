//! Values of a condition key that its tests can tell apart: those that a test names, strings that
//! match patterns (alone and together), a name that no pattern spells, and neighbours of numbers
//! and dates.

use super::candidates::{Attainability, Candidate, firsts};
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::language::arn::ArnPattern;
use crate::analysis::aws::policy::language::common::common;
use crate::analysis::aws::policy::language::condition::{Test, Values};
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::{Glob, Token};
use crate::analysis::aws::policy::language::issuers::{self, Pin};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::pattern::Comparison;
use crate::analysis::aws::policy::language::principal::is_identifier;

/// A pattern of a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct TestedPattern {
    arn: ArnPattern,
    /// Case is ignored.
    fold: bool,
    /// Variables in it have values that the caller decides, so that it names nobody.
    chosen: bool,
}

/// The values in all tests of one key.
#[derive(Debug, Default)]
pub struct RelevantValues {
    /// Patterns.
    patterns: Vec<TestedPattern>,
    numbers: Vec<f64>,
    instants: Vec<f64>,
    truth_values: bool,
    addresses: Vec<String>,
    /// Whether some test is negated.
    negated: bool,
}

/// Patterns up to which strings for pairs of them are sought.
const PAIRS: usize = 16;

impl RelevantValues {
    /// Collects from tests of one key. `value_of` replaces variables.
    pub fn by<'t>(
        tests: impl IntoIterator<Item = &'t Test>,
        value_of: &dyn Fn(&str) -> Option<String>,
        budget: &Budget,
    ) -> RelevantValues {
        let mut relevant = RelevantValues::default();
        for test in tests {
            relevant.negated |= test.negated;
            match &test.values {
                Values::Text { any, comparison, .. } => {
                    let fold = *comparison == Comparison::IgnoringCase;
                    for template in any {
                        if !budget.states(template.text().len()) {
                            break;
                        }
                        let Some(glob) = template.resolve(value_of) else { continue };
                        budget.states(glob.tokens().len());
                        let chosen = template.variables().any(|key| !keys::is_fact(key));
                        let arn = test.arn_pattern(&glob);
                        relevant.patterns.push(TestedPattern { arn, fold, chosen });
                    }
                }
                Values::Numbers(_, numbers) => relevant.numbers.extend(numbers),
                Values::Instants(_, instants) => relevant.instants.extend(instants),
                Values::Flags(_) => relevant.truth_values = true,
                Values::Blocks(blocks) => {
                    let edges = blocks
                        .iter()
                        .flat_map(|block| [Some(block.low), block.high.checked_add(1)]);
                    for (block, edge) in blocks.iter().flat_map(|b| [b, b]).zip(edges) {
                        relevant.addresses.extend(edge.and_then(|edge| block.address(edge)));
                    }
                }
                Values::Absence(_) => {}
            }
        }
        let mut first = firsts(relevant.patterns.iter()).into_iter();
        relevant.patterns.retain(|_| first.next().unwrap_or(true));
        relevant
    }

    /// Instants just before, at and just after each date that a test names.
    pub fn instants(&self) -> impl Iterator<Item = f64> + '_ {
        self.instants.iter().chain(&self.numbers).flat_map(|at| [at - 1.0, *at, at + 1.0])
    }

    /// The values worth trying. `admissible` drops those that AWS never sets.
    pub fn values(&self, fresh: &Fresh, admissible: &dyn Fn(&str) -> bool) -> Vec<String> {
        /// Patterns up to which strings for triples of them are sought.
        const TRIPLES: usize = 6;
        let mut values = Vec::new();
        for TestedPattern { arn, fold, .. } in &self.patterns {
            for sample in common(&[&arn.glob], fresh) {
                if *fold {
                    values.push(sample.to_uppercase());
                    values.push(sample.to_lowercase());
                }
                values.push(sample);
            }
        }
        let wild = self.wild();
        if wild.len() > PAIRS {
            // A negated test spares what it matches, so values that another test matches as well
            // have to be found; elsewhere such values only reveal more.
            if self.negated {
                fresh.budget.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for (other_index, other) in wild.iter().enumerate().skip(index + 1) {
                    values.extend(common(&[one, other], fresh));
                    if wild.len() <= TRIPLES {
                        for third in wild.iter().skip(other_index + 1) {
                            values.extend(common(&[one, other, third], fresh));
                        }
                    }
                }
            }
        }
        for number in &self.numbers {
            for near in [*number, number - 1.0, number + 1.0, number - 0.5, number + 0.5] {
                values.push(near.to_string());
            }
        }
        values.extend(self.instants().map(|instant| instant.to_string()));
        if self.truth_values {
            values.extend(["true".to_owned(), "false".to_owned()]);
        }
        values.extend(self.addresses.iter().cloned());
        fresh.budget.cases(values.len());
        values.retain(|value| admissible(value));
        values
    }

    /// Whether the tests compare numbers, dates, truth values or addresses, and never text.
    pub fn is_typed(&self) -> bool {
        let values = !self.numbers.is_empty() || !self.instants.is_empty() || self.truth_values;
        self.patterns.is_empty() && (values || !self.addresses.is_empty())
    }

    /// Patterns with wildcards, but for `*`, which adds nothing to another pattern.
    fn wild(&self) -> Vec<&Glob> {
        let is_wild = |glob: &&Glob| glob.literal().is_none() && glob.tokens() != [Token::Many];
        self.patterns().filter(is_wild).collect()
    }

    /// Patterns, without their case rule.
    pub fn patterns(&self) -> impl Iterator<Item = &Glob> {
        self.arn_patterns().map(|arn| &arn.glob)
    }

    /// The same, as patterns of ARNs.
    pub fn arn_patterns(&self) -> impl Iterator<Item = &ArnPattern> {
        self.patterns.iter().map(|pattern| &pattern.arn)
    }
}

/// The candidates of a key whose values the caller chooses, within what its class admits.
pub fn candidates(
    key: &str,
    class: Class,
    relevant: &RelevantValues,
    fresh: &Fresh,
) -> Vec<Candidate> {
    // AWS gives out these ids in one form, in which a pattern may be looked for.
    let shape = keys::shape(key);
    let admissible = |text: &str| {
        keys::is_spelled(key, text)
            && shape.as_ref().is_none_or(|shape| {
                shape.matches(text) && is_identifier(text) && !text.contains(char::is_uppercase)
            })
    };
    // Patterns that pin a value to one party, in lower case where case does not matter.
    let named = |names: &dyn Fn(&Glob) -> bool| -> Vec<(Glob, bool)> {
        let own = relevant.patterns.iter().filter(|pattern| !pattern.chosen);
        own.map(|TestedPattern { arn, fold, .. }| (&arn.glob, *fold))
            .filter(|(glob, _)| names(glob))
            .map(|(glob, fold)| (if fold { glob.lowercase() } else { glob.clone() }, fold))
            .collect()
    };
    let names = |globs: &[(Glob, bool)], text: &str| {
        let folded = text.to_lowercase();
        globs.iter().any(|(glob, fold)| {
            let text = if *fold { folded.as_str() } else { text };
            !fresh.budget.is_spent() && glob.matches_within(text, &fresh.budget)
        })
    };
    let (issuer, claim) = key.rsplit_once(':').unwrap_or(("", key));
    let naming = match class {
        Class::Secret => named(&|glob| glob.literal().is_some()),
        Class::Endpoint | Class::EndpointOrgPath | Class::InstanceVpc | Class::Destination => {
            named(&|glob| keys::is_pinned(class, key, glob))
        }
        Class::Claim => named(&|glob| issuers::pin(issuer, claim, glob) == Pin::Owner),
        _ => Vec::new(),
    };
    let doubtful = match class {
        Class::Claim => named(&|glob| issuers::pin(issuer, claim, glob) == Pin::Doubt),
        _ => Vec::new(),
    };
    let attainability = |text: &str| match class {
        Class::Unknown => Attainability::IN_DOUBT,
        Class::Secret if names(&naming, text) => Attainability::IN_DOUBT,
        Class::Endpoint | Class::EndpointOrgPath | Class::InstanceVpc | Class::Destination
            if names(&naming, text) =>
        {
            Attainability::BOUND
        }
        Class::MountTarget if text == "true" => Attainability::BOUND,
        Class::Claim if names(&naming, text) => Attainability::NAMED,
        Class::Claim if names(&doubtful, text) => Attainability::IN_DOUBT,
        _ => Attainability::FREE,
    };
    let mut texts = relevant.values(fresh, &admissible);
    match &shape {
        Some(shape) => {
            // Accounts are digits: more than one, so that no pattern takes them all.
            let digits = shape.tokens().contains(&Token::Digit);
            let letters = if digits { vec!['7', '3', '9'] } else { vec![fresh.letter] };
            for letter in letters {
                let fresh = fresh.with(letter, fresh.run);
                let wild = relevant.wild();
                for (index, glob) in wild.iter().enumerate() {
                    texts.extend(common(&[glob, shape], &fresh));
                    // What two patterns have in common may need the shape to be found at all.
                    for other in wild.iter().skip(index + 1).filter(|_| wild.len() <= PAIRS) {
                        texts.extend(common(&[glob, other, shape], &fresh));
                    }
                }
                texts.extend(common(&[shape], &fresh));
            }
            texts.retain(|text| admissible(text));
        }
        // A number, a date, a truth value or an address is never anything else.
        None if relevant.is_typed() => {}
        None => texts.push(std::iter::repeat_n(fresh.letter, fresh.run).collect()),
    }
    if keys::is_boolean(key) {
        texts = vec!["true".into(), "false".into()];
    }
    if matches!(class, Class::MountTarget) {
        texts = vec!["false".into(), "true".into()];
    }
    let mut first = firsts(texts.iter()).into_iter();
    texts.retain(|_| first.next().unwrap_or(true));
    let mut candidates: Vec<Candidate> =
        texts.iter().map(|text| Candidate::one(text.clone(), attainability(text))).collect();
    // An account is in one place of an organization: its path is one, although the key could hold
    // several (IAM user guide, aws:PrincipalOrgPaths).
    if keys::several_values(key) && class != Class::EndpointOrgPath {
        /// Values up to which pairs are tried as well.
        const PAIRED: usize = 24;
        candidates.push(Candidate {
            value: Some(Vec::new()),
            attainability: Attainability::FREE,
            session: None,
        });
        for (index, one) in texts.iter().enumerate().take(PAIRED) {
            for other in texts.iter().take(PAIRED).skip(index + 1) {
                let attainability = attainability(one) | attainability(other);
                let value = Some(vec![one.clone(), other.clone()]);
                candidates.push(Candidate { value, attainability, session: None });
            }
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::analysis::aws::policy::search::testing::{allow, statements};

    /// The candidates of a key that one test names, with who can have each.
    fn found(condition: &Value, federated: bool) -> Vec<(String, Attainability)> {
        let statement = statements(&json!([allow("s3:GetObject", "*", condition)])).remove(0);
        let budget = Budget::full(0);
        let fresh = Fresh::new('z', 4, &budget);
        let relevant = RelevantValues::by(&statement.tests, &|_| None, &budget);
        let key = &statement.tests[0].key;
        let all = candidates(key, keys::class(key, federated), &relevant, &fresh);
        all.into_iter().map(|c| (c.value.unwrap_or_default().join(","), c.attainability)).collect()
    }

    #[test]
    fn a_named_value_is_as_attainable_as_its_key_says() {
        let one = |operator: &str, key: &str, value: &str| json!({operator: {key: value}});
        for (condition, federated, value, expected) in [
            (one("StringEquals", "aws:Referer", "acme"), false, "acme", Attainability::FREE),
            (one("StringEquals", "aws:Referer", "acme"), false, "zzzz", Attainability::FREE),
            (one("StringEquals", "sts:ExternalId", "s3"), false, "s3", Attainability::IN_DOUBT),
            (one("StringEquals", "sts:ExternalId", "s3"), false, "zzzz", Attainability::FREE),
            // A pattern gives away what a secret looks like.
            (one("StringLike", "sts:ExternalId", "s*"), false, "s", Attainability::FREE),
            (
                one("StringEquals", "aws:SourceVpce", "vpce-1"),
                false,
                "vpce-1",
                Attainability::BOUND,
            ),
            (one("StringLike", "aws:SourceVpce", "*"), false, "vpce-z", Attainability::FREE),
            (one("StringEquals", "aws:New", "x"), false, "x", Attainability::IN_DOUBT),
            (one("StringEquals", "a.example:sub", "bob"), true, "bob", Attainability::NAMED),
            (one("StringEquals", "a.example:aud", "app"), true, "app", Attainability::FREE),
        ] {
            let all = found(&condition, federated);
            let given =
                all.iter().find(|(text, _)| text == value).map(|(_, attainable)| *attainable);
            assert_eq!(given, Some(expected), "{condition} {value}: {all:?}");
        }
    }

    #[test]
    fn typed_values_have_neighbours_and_no_made_up_names() {
        let values = |condition: Value| -> Vec<String> {
            let mut all: Vec<String> = found(&condition, false).into_iter().map(|c| c.0).collect();
            all.sort_unstable();
            all
        };
        let number = json!({"NumericLessThan": {"s3:max-keys": "10"}});
        assert_eq!(values(number), ["10", "10.5", "11", "9", "9.5"]);
        let flag = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert_eq!(values(flag), ["false", "true"]);
    }
}
