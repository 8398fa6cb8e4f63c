//! What one judgement computes once: statements with their condition keys by number, callers,
//! source addresses, access points, actions, and the candidates that were found for keys.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::candidates::CandidateSet;
use super::grouping::{self, ActionGroup, Target};
use super::indexed::{IndexedPolicy, IndexedStatement, TestsOfKey};
use super::relevant::RelevantValues;
use crate::analysis::aws::policy::addresses::AddressSet;
use crate::analysis::aws::policy::budget::Budget;
use crate::analysis::aws::policy::context::{Context, FunctionUrl};
use crate::analysis::aws::policy::language::action;
use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::document::Statement;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::principal::{Principal, is_identifier};
use crate::analysis::aws::policy::language::resource::{Layer, Sample};
use crate::analysis::aws::policy::search::principals::caller::Caller;
use crate::analysis::aws::policy::search::principals::enumerate;
use crate::analysis::aws::policy::search::principals::named::NamedPrincipals;
use crate::analysis::aws::policy::services::{Action, Place};
use crate::inventory::aws::kinds::{self, Unsigned};
use crate::model::Who;

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

/// The network from which a request reaches the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// From a public address.
    Internet,
    /// Through a VPC endpoint.
    Endpoint,
}

/// How a request reaches the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Route {
    /// Where it comes from.
    pub network: Network,
    /// Index into [`Engine::points`].
    pub point: usize,
    /// Index into [`Engine::classes`] for requests from the internet.
    pub address: usize,
}

/// A class of source addresses that all tests treat alike.
#[derive(Debug, Clone)]
pub struct AddressClass {
    /// The addresses.
    pub set: AddressSet,
    /// One of them.
    pub sample: String,
}

/// An access point that requests may come through, or none.
#[derive(Debug, Clone)]
pub struct Point {
    /// `None` for requests to the bucket itself.
    pub account: Option<PointAccount>,
}

/// The account of an access point.
#[derive(Debug, Clone)]
pub struct PointAccount {
    /// Its id.
    pub id: String,
    /// Whether the policy names it, so that only its owner can make such requests.
    pub named: bool,
}

/// Everything that one judgement computes once.
pub struct Engine<'a> {
    pub(super) layers: Vec<Layer<'a>>,
    pub(super) statements: Vec<IndexedStatement<'a>>,
    pub(super) owner: &'a str,
    pub(super) context: &'a Context,
    /// The access point through which every request comes.
    pub(super) forced: Option<AccessPoint>,
    /// Keys that conditions and variables name, in their usual writing, by number.
    pub keys: Vec<String>,
    pub(super) classes_of_keys: Vec<Class>,
    pub(super) tests: Vec<TestsOfKey<'a>>,
    /// Keys that occur as variables; those whose tests contain no variables come first.
    pub(super) variables: Vec<usize>,
    /// Whether some resource contains a variable.
    pub(super) resource_variables: bool,
    /// Keys that resources contain as variables.
    pub(super) in_resources: HashSet<String>,
    /// Words of resources, where some contain variables.
    pub(super) words: Vec<String>,
    pub(super) fresh: Fresh,
    /// The principals that the policy names.
    pub named_principals: NamedPrincipals,
    /// Actions, known and unknown.
    pub actions: Vec<Action>,
    pub(super) groups: Vec<ActionGroup>,
    /// Callers; those that the policy names in fewer attributes come first.
    pub callers: Vec<Caller>,
    /// Classes of source addresses.
    pub classes: Vec<AddressClass>,
    /// Access points that requests may come through, the first of them none.
    pub points: Vec<Point>,
    /// What the judgement may still do.
    pub budget: Budget,
    /// The samples to ask about, when not all.
    pub(super) only: Option<Vec<Sample>>,
    pub(super) memo: Memo,
}

/// Candidates that were found for a key, by key and what else they depend on.
#[derive(Default)]
pub(super) struct Memo {
    pub(super) by_network: RefCell<FxHashMap<(usize, Network), Rc<CandidateSet>>>,
    /// By [`Caller::profile`].
    pub(super) by_caller: RefCell<HashMap<(usize, String), Rc<CandidateSet>>>,
    pub(super) by_point: RefCell<FxHashMap<(usize, usize), Rc<CandidateSet>>>,
    pub(super) relevant: RefCell<FxHashMap<usize, Rc<RelevantValues>>>,
}

impl Memo {
    fn clear(&self) {
        self.by_network.borrow_mut().clear();
        self.by_caller.borrow_mut().clear();
        self.by_point.borrow_mut().clear();
        self.relevant.borrow_mut().clear();
    }
}

/// The budget for these statements, and text that none of their patterns spells.
fn fresh_text<'s>(
    statements: impl Iterator<Item = &'s Statement>,
    documents: usize,
) -> (Budget, Fresh) {
    let mut text = String::new();
    let mut gap = 0;
    let mut note = |glob: &Glob| {
        text.push_str(&glob.text());
        gap = gap.max(glob.longest_gap());
    };
    for statement in statements {
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
    let budget = Budget::of_documents(text.len(), documents);
    let fresh = Fresh::for_text(&text, gap, &budget);
    (budget, fresh)
}

/// The words in resources, each once: in those that are asked about, and in those that statements
/// name.
fn words<'s>(
    asked: &[Sample],
    named: impl Iterator<Item = &'s Statement>,
    own: &str,
    budget: &Budget,
) -> Vec<String> {
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
        // What a variable inside the resource's own name has to be (IAM user guide, "IAM policy
        // elements: variables"): callers choose their names.
        if budget.states(own.len()) {
            template.values_for(own).iter().for_each(|value| add(value));
        }
    }
    words
}

/// Values of the keys that occur as variables, by name; `None` where the key is absent.
pub(super) type VariableValues = BTreeMap<String, Option<String>>;

impl<'a> Engine<'a> {
    /// For these layers, which were read from so many documents. `only`: the samples to ask about,
    /// when not all.
    pub fn new(
        layers: Vec<Layer<'a>>,
        owner: &'a str,
        context: &'a Context,
        forced: Option<AccessPoint>,
        only: Option<Vec<Sample>>,
        documents: usize,
    ) -> Engine<'a> {
        let federated = layers[0].kind.is(&kinds::IAM_ROLE);
        let all = || layers.iter().flat_map(|layer| layer.statements);
        let (budget, fresh) = fresh_text(all(), documents);
        let named_principals = NamedPrincipals::of(all(), federated, &fresh);

        let IndexedPolicy { statements, keys, tests, variables, resource_variables, in_resources } =
            IndexedPolicy::of(all(), federated);
        let asked = only.as_deref().unwrap_or_default();
        let words = match resource_variables {
            true => words(asked, all(), &layers[0].kind.arn, &budget),
            false => Vec::new(),
        };
        let classes_of_keys = keys.iter().map(|key| keys::class(key, federated)).collect();
        let unsigned = match layers[0].kind.unsigned() {
            Unsigned::Yes => !context.requester_pays,
            Unsigned::No => false,
            Unsigned::FunctionUrl => true,
        };
        let callers =
            enumerate::callers(&named_principals, owner, context, &fresh, unsigned, federated);
        let actions = action::actions(&layers, &budget);
        let groups = grouping::action_groups(&layers, &actions, &budget);
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
            named_principals,
            actions,
            groups,
            callers,
            classes: Vec::new(),
            points: vec![Point { account: None }],
            budget,
            only,
            memo: Memo::default(),
        };
        engine.classes = engine.address_classes();
        engine.points.extend(engine.other_points());
        engine
    }

    /// The function's URL, where requests to it are judged.
    pub(super) fn url(&self) -> Option<&FunctionUrl> {
        self.layers[0].kind.url(self.context)
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

    /// What a request for an action of a target is about, in the writing of the first layer.
    pub fn resource(&self, target: &Target, action: usize) -> String {
        let below = matches!(self.actions[action].place, Place::Obj | Place::Sub);
        let fits = |sample: &&Sample| (**sample != Sample::Itself) == below;
        let mut samples = std::iter::once(&target.sample).chain(&target.other);
        self.layers[0].resource(samples.find(fits).unwrap_or(&target.sample))
    }

    /// Whether whoever has a grant decides the value of the key: as a caller nobody named, even the
    /// names in their own ARN and id.
    pub fn is_at_will(&self, key: &str, who: &Who) -> bool {
        match keys::class(key, self.layers[0].kind.is(&kinds::IAM_ROLE)) {
            Class::CallerArn | Class::CallerId => *who == Who::AnyAws,
            Class::Free { .. }
            | Class::Signed
            | Class::UserName
            | Class::Forwarded
            | Class::CallerType
            | Class::Claim => true,
            _ => false,
        }
    }

    /// Begins a part. What was left unfinished before must not be taken for the whole.
    pub(super) fn begin(&self) {
        if !self.budget.begin() {
            self.memo.clear();
        }
    }

    pub(super) fn tests_of(&self, key: usize) -> impl Iterator<Item = &'a Test> + '_ {
        self.tests[key].all()
    }

    /// Why a statement's effect is in doubt.
    pub fn doubt_of(&self, number: usize) -> Option<String> {
        let indexed = &self.statements[number];
        indexed.statement.doubt.clone().or_else(|| {
            indexed.unknown.as_ref().map(|key| format!("the meaning of `{key}` is not known"))
        })
    }
}
