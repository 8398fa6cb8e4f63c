//! Asks, for every caller by every way on every target, whether some request is allowed: an Allow
//! in each layer matches and no Deny does.

mod aims;
mod index;
mod request;
mod run;
mod scenes;
mod values;
mod ways;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::action;
use super::addresses::AddressSet;
use super::budget::{Budget, Part};
use super::callers::{self, Caller};
use super::choices::{BOUND, DOUBT, Domain, FREE, NAMED, Wanted, is_identifier};
use super::condition::Test;
use super::context::Context;
use super::document::Statement;
use super::glob::{Fresh, Glob};
use super::keys::{self, Class};
use super::mentions::Mentions;
use super::principal::Principal;
use super::resource::{self, Layer, Sample, Target};
use super::services::Action;
use super::template::Template;
use crate::inventory::aws::kinds;
use crate::inventory::aws::kinds::Unsigned;
pub use request::Found;

/// The access point that requests are known to come through.
#[derive(Debug, Clone)]
pub struct AccessPoint {
    /// Its account.
    pub account: String,
    /// Its ARN.
    pub arn: String,
    /// Whether only requests from one VPC reach it.
    pub vpc_only: bool,
}

/// How a request reaches the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// From a public address.
    Internet,
    /// Through a VPC endpoint.
    Endpoint,
}

/// How sure a request is: what its values ask of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing that the caller does not have.
    Open,
    /// Something that cannot be decided.
    Doubtful,
    /// To be somebody whom a claim names.
    Named,
    /// A fixed way in.
    Bound,
    /// Both.
    NamedAndBound,
}

const LEVELS: [(Level, u8); 5] = [
    (Level::Open, FREE),
    (Level::Doubtful, DOUBT),
    (Level::Named, DOUBT | NAMED),
    (Level::Bound, DOUBT | BOUND),
    (Level::NamedAndBound, DOUBT | BOUND | NAMED),
];

/// A request that is allowed.
#[derive(Debug, Clone)]
pub struct Success {
    /// Index into [`Engine::callers`].
    pub caller: usize,
    /// Its way.
    pub network: Network,
    /// Index into [`Engine::points`].
    pub point: usize,
    /// Index into [`Engine::classes`] for requests from the internet.
    pub address: usize,
    /// Its target.
    pub target: Rc<Target>,
    /// Number of the target, equal only for targets that are.
    pub target_number: usize,
    /// How it is allowed.
    pub found: Rc<Found>,
    /// Number of what it has to say, equal only for requests that say the same.
    pub said: usize,
}

/// A class of source addresses that all tests treat alike.
#[derive(Debug, Clone)]
pub struct AddressClass {
    /// The addresses.
    pub set: AddressSet,
    /// One of them.
    pub sample: String,
}

/// Access points that requests may come through: none, somebody's, a fixed one.
#[derive(Debug, Clone)]
pub struct Point {
    /// Account and whether it is fixed by the policy; `None` for direct requests.
    pub account: Option<(String, bool)>,
}

struct Numbered<'a> {
    statement: &'a Statement,
    first_test: usize,
    keys: Vec<usize>,
    /// A test on a key whose meaning is not known: an Allow is in doubt, whatever the operator.
    unknown: Option<String>,
}

/// The tests of one key.
#[derive(Default)]
struct TestsOfKey<'a> {
    all: Vec<&'a Test>,
    /// Some of them have variables.
    varies: bool,
    /// Other keys whose tests have this one as a variable.
    compared_with: Vec<usize>,
}

/// Everything that one judgement computes once.
pub struct Engine<'a> {
    layers: Vec<Layer<'a>>,
    statements: Vec<Numbered<'a>>,
    owner: &'a str,
    context: &'a Context,
    forced: Option<AccessPoint>,
    /// Keys that conditions and variables name, in their usual writing, by number.
    pub keys: Vec<String>,
    classes_of_keys: Vec<Class>,
    tests: Vec<TestsOfKey<'a>>,
    variables: Vec<usize>,
    resource_variables: bool,
    /// Keys that resources have as variables.
    in_resources: HashSet<String>,
    /// Words of resources, where some have variables.
    words: Vec<String>,
    fresh: Fresh,
    /// Who is named.
    pub mentions: Mentions,
    /// Actions, known and unknown.
    pub actions: Vec<Action>,
    groups: Vec<resource::Group>,
    /// Callers, those who stand for most first.
    pub callers: Vec<Caller>,
    /// Source addresses.
    pub classes: Vec<AddressClass>,
    /// Access points.
    pub points: Vec<Point>,
    /// Steps.
    pub budget: Budget,
    only: Option<Vec<Sample>>,
    shared: std::cell::RefCell<HashMap<(usize, Network), Rc<Domain>>>,
    by_caller: std::cell::RefCell<HashMap<(usize, String), Rc<Domain>>>,
    by_point: std::cell::RefCell<HashMap<(usize, usize), Rc<Domain>>>,
    wanted: std::cell::RefCell<HashMap<usize, Rc<Wanted>>>,
}

/// The words that resources spell out, each once: those that are asked about, and those that
/// statements name.
fn words<'s>(asked: &[Sample], named: impl Iterator<Item = &'s Statement>) -> Vec<String> {
    /// More are not tried as the value of a variable.
    const WORDS: usize = 64;
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        for word in text.split(['/', ':']).filter(|word| is_identifier(word)) {
            if words.len() < WORDS && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
    };
    for sample in asked {
        if let Sample::Below(name) = sample {
            add(name);
        }
    }
    for template in named.flat_map(|statement| &statement.resources.any) {
        add(template.text());
    }
    words
}

type Env = BTreeMap<String, Option<String>>;

impl<'a> Engine<'a> {
    /// For these layers. `only`: the samples to ask about, when not all.
    pub fn new(
        layers: Vec<Layer<'a>>,
        owner: &'a str,
        context: &'a Context,
        forced: Option<AccessPoint>,
        only: Option<Vec<Sample>>,
    ) -> Engine<'a> {
        let federated = layers[0].kind.is(&kinds::IAM_ROLE);
        let all = || layers.iter().flat_map(|layer| layer.statements);
        let mut text = String::new();
        let mut gap = 0;
        let mut note = |glob: &Glob| {
            text.push_str(&glob.text());
            gap = gap.max(glob.longest_gap());
        };
        for statement in all() {
            let templates = statement.tests.iter().flat_map(Test::templates);
            for principal in &statement.principals.named {
                if let Principal::Identity(arn) | Principal::Session(arn) = principal {
                    note(&Glob::exact(arn));
                }
            }
            for template in templates.chain(&statement.resources.any) {
                note(&template.fixed().cloned().unwrap_or_else(|| Glob::pattern(template.text())));
            }
        }
        let budget = Budget::full(text.len());
        let fresh = Fresh::for_text(&text, gap, &budget);
        let mentions = Mentions::of(all(), federated, &fresh);

        let mut keys = vec!["aws:principalarn".to_owned()];
        let mut variables: Vec<usize> = Vec::new();
        let mut number_of: HashMap<String, usize> = HashMap::from([(keys[0].clone(), 0)]);
        let mut number = |key: &str, keys: &mut Vec<String>| {
            let key = keys::canonical(key);
            *number_of.entry(key.to_owned()).or_insert_with(|| {
                keys.push(key.to_owned());
                keys.len() - 1
            })
        };
        let mut statements = Vec::new();
        let mut resource_variables = false;
        let mut in_resources = HashSet::new();
        let mut first_test = 0;
        for statement in all() {
            let numbers = statement.tests.iter().map(|test| number(&test.key, &mut keys)).collect();
            let mut used: Vec<&str> = Vec::new();
            for template in &statement.resources.any {
                in_resources
                    .extend(template.variables().map(|key| keys::canonical(key).to_owned()));
                used.extend(template.variables());
                resource_variables |= template.fixed().is_none();
            }
            used.extend(
                statement.tests.iter().flat_map(Test::templates).flat_map(|t| t.variables()),
            );
            for key in used {
                let key = number(key, &mut keys);
                if !variables.contains(&key) {
                    variables.push(key);
                }
            }
            let unknown = statement
                .tests
                .iter()
                .find(|test| keys::class(&test.key, federated) == Class::Unknown)
                .map(|test| test.key.clone());
            statements.push(Numbered { statement, first_test, keys: numbers, unknown });
            first_test += statement.tests.len();
        }
        let mut tests: Vec<TestsOfKey<'_>> = Vec::new();
        tests.resize_with(keys.len(), TestsOfKey::default);
        for numbered in &statements {
            for (test, key) in numbered.statement.tests.iter().zip(&numbered.keys) {
                tests[*key].all.push(test);
                tests[*key].varies |= test.has_variables();
                for used in test.templates().iter().flat_map(Template::variables) {
                    let used = number_of[keys::canonical(used)];
                    if used != *key && !tests[used].compared_with.contains(key) {
                        tests[used].compared_with.push(*key);
                    }
                }
            }
        }
        for of_key in &mut tests {
            of_key.compared_with.sort_unstable();
        }
        let asked = only.as_deref().unwrap_or_default();
        let words = if resource_variables { words(asked, all()) } else { Vec::new() };
        let classes_of_keys = keys.iter().map(|key| keys::class(key, federated)).collect();
        let unsigned = match layers[0].kind.unsigned() {
            Unsigned::Yes => !context.requester_pays,
            Unsigned::No => false,
            Unsigned::FunctionUrl => true,
        };
        let callers = callers::enumerate(&mentions, owner, context, &fresh, unsigned, federated);
        let actions = action::actions(&layers, &budget);
        let groups = resource::groups(&layers, &actions, &budget);
        let mut engine = Engine {
            layers,
            statements,
            owner,
            context,
            forced,
            keys,
            classes_of_keys,
            tests,
            variables,
            resource_variables,
            in_resources,
            words,
            fresh,
            mentions,
            actions,
            groups,
            callers,
            classes: Vec::new(),
            points: vec![Point { account: None }],
            budget,
            only,
            shared: std::cell::RefCell::default(),
            by_caller: std::cell::RefCell::default(),
            by_point: std::cell::RefCell::default(),
            wanted: std::cell::RefCell::default(),
        };
        // Values that refer to nothing else come first: the others may be equal to them.
        let mut variables = std::mem::take(&mut engine.variables);
        variables.sort_by_key(|key| engine.tests[*key].varies);
        engine.variables = variables;
        engine.classes = engine.address_classes();
        engine.points.extend(engine.other_points());
        engine
    }

    /// The statement with this number over all layers.
    pub fn statement(&self, number: usize) -> &'a Statement {
        self.statements[number].statement
    }

    /// How many statements there are over all layers.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// The layer that a statement belongs to.
    pub fn layer_of(&self, number: usize) -> usize {
        let mut before = 0;
        for (index, layer) in self.layers.iter().enumerate() {
            before += layer.statements.len();
            if number < before {
                return index;
            }
        }
        0
    }

    /// The resource of a target, in the writing of the first layer.
    pub fn resource(&self, target: &Target) -> String {
        self.layers[0].resource(&target.sample)
    }

    /// Begins a part. What was left unfinished before must not be taken for the whole.
    fn begin(&self, part: Part) {
        if !self.budget.begin(part) {
            self.shared.borrow_mut().clear();
            self.by_caller.borrow_mut().clear();
            self.by_point.borrow_mut().clear();
            self.wanted.borrow_mut().clear();
        }
    }

    fn tests_of(&self, key: usize) -> impl Iterator<Item = &'a Test> + '_ {
        self.tests[key].all.iter().copied()
    }

    /// Whether an Allow names everyone, so that its grants need a bound to be harmless.
    pub fn is_wide(statement: &Statement) -> bool {
        statement.allow
            && (statement.principals.negated
                || statement
                    .principals
                    .named
                    .iter()
                    .any(|p| matches!(p, Principal::Everyone | Principal::AnySigned)))
    }

    /// Why a statement's effect is in doubt.
    pub fn doubt_of(&self, number: usize) -> Option<String> {
        let numbered = &self.statements[number];
        numbered.statement.doubt.clone().or_else(|| {
            numbered.unknown.as_ref().map(|key| format!("the meaning of `{key}` is not known"))
        })
    }
}
