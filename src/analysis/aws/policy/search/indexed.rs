//! The statements of all layers with their tests and condition keys by number, and which keys occur
//! as variables.

use std::collections::{HashMap, HashSet};

use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::document::Statement;
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::template::Template;

/// A statement whose tests and condition keys have numbers.
pub(super) struct IndexedStatement<'a> {
    pub(super) statement: &'a Statement,
    /// Number of its first test over all statements.
    pub(super) first_test: usize,
    /// The key of each test.
    pub(super) keys: Vec<usize>,
    /// A key whose meaning is not known: an Allow that tests it is in doubt, whatever the operator.
    pub(super) unknown: Option<String>,
}

/// The tests of one key.
#[derive(Default)]
pub(super) struct TestsOfKey<'a> {
    all: Vec<&'a Test>,
    /// Some of them contain variables.
    pub(super) varies: bool,
    /// Other keys whose tests contain this one as a variable.
    pub(super) compared_with: Vec<usize>,
}

impl<'a> TestsOfKey<'a> {
    /// The tests.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Test> + '_ {
        self.all.iter().copied()
    }
}

/// All statements of a judgement.
pub(super) struct IndexedPolicy<'a> {
    pub(super) statements: Vec<IndexedStatement<'a>>,
    /// Keys that conditions and variables name, in their usual writing; `aws:PrincipalArn` is the
    /// first, because Principal elements test it too.
    pub(super) keys: Vec<String>,
    pub(super) tests: Vec<TestsOfKey<'a>>,
    /// Keys that occur as variables. Those whose tests contain no variables come first: the others
    /// can be equal to values of theirs.
    pub(super) variables: Vec<usize>,
    /// Whether some resource contains a variable.
    pub(super) resource_variables: bool,
    /// Keys that resources contain as variables.
    pub(super) in_resources: HashSet<String>,
}

/// Keys by number, in their usual writing.
struct KeyNumbers {
    keys: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl KeyNumbers {
    fn number(&mut self, key: &str) -> usize {
        let key = keys::canonical(key);
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        self.keys.push(key.to_owned());
        self.numbers.insert(key.to_owned(), self.keys.len() - 1);
        self.keys.len() - 1
    }
}

impl<'a> IndexedPolicy<'a> {
    /// `federated`: whether callers come from identity providers, as in [`keys::class`].
    pub(super) fn of(
        all: impl Iterator<Item = &'a Statement>,
        federated: bool,
    ) -> IndexedPolicy<'a> {
        let mut numbers = KeyNumbers { keys: Vec::new(), numbers: HashMap::new() };
        numbers.number("aws:principalarn");
        let mut variables: Vec<usize> = Vec::new();
        let mut statements = Vec::new();
        let mut resource_variables = false;
        let mut in_resources = HashSet::new();
        let mut first_test = 0;
        for statement in all {
            let keys = statement.tests.iter().map(|test| numbers.number(&test.key)).collect();
            let in_tests = statement.tests.iter().flat_map(Test::templates);
            for template in &statement.resources.any {
                resource_variables |= template.fixed().is_none();
                let used = template.variables().map(|key| keys::canonical(key).to_owned());
                in_resources.extend(used);
            }
            for key in statement.resources.any.iter().chain(in_tests).flat_map(Template::variables)
            {
                let key = numbers.number(key);
                if !variables.contains(&key) {
                    variables.push(key);
                }
            }
            let unknown = statement
                .tests
                .iter()
                .find(|test| keys::class(&test.key, federated) == Class::Unknown)
                .map(|test| test.key.clone());
            statements.push(IndexedStatement { statement, first_test, keys, unknown });
            first_test += statement.tests.len();
        }
        let tests = tests_of_keys(&statements, &numbers);
        variables.sort_by_key(|key| tests[*key].varies);
        let keys = numbers.keys;
        IndexedPolicy { statements, keys, tests, variables, resource_variables, in_resources }
    }
}

/// The tests of every key.
fn tests_of_keys<'a>(
    statements: &[IndexedStatement<'a>],
    KeyNumbers { keys, numbers }: &KeyNumbers,
) -> Vec<TestsOfKey<'a>> {
    let mut tests: Vec<TestsOfKey<'_>> = Vec::new();
    tests.resize_with(keys.len(), TestsOfKey::default);
    for indexed in statements {
        for (test, key) in indexed.statement.tests.iter().zip(&indexed.keys) {
            tests[*key].all.push(test);
            tests[*key].varies |= test.has_variables();
            for used in test.templates().iter().flat_map(Template::variables) {
                let used = numbers[keys::canonical(used)];
                if used != *key && !tests[used].compared_with.contains(key) {
                    tests[used].compared_with.push(*key);
                }
            }
        }
    }
    for of_key in &mut tests {
        of_key.compared_with.sort_unstable();
    }
    tests
}
