//! Asks, for every caller by every way on every target, whether some request is allowed: an Allow
//! in each layer matches and no Deny does.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::addresses::{AddressSet, Block, pieces};
use super::callers::{self, Caller, Form, Match};
use super::choices::{BOUND, Bits, Choice, DOUBT, Domain, FREE, NAMED, Wanted, choices};
use super::condition::{Test, Values};
use super::context::Context;
use super::document::Statement;
use super::glob::{Fresh, Glob, common};
use super::keys::{self, Class};
use super::mentions::Mentions;
use super::principal::Principal;
use super::services::{Action, Unsigned};
use super::solve::{Budget, Literal, solve};
use super::targets::{self, Layer, Sample, Target};

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
    /// A fixed way in.
    Bound,
}

const LEVELS: [(Level, u8); 3] =
    [(Level::Open, FREE), (Level::Doubtful, DOUBT), (Level::Bound, DOUBT | BOUND | NAMED)];

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
    /// Actions of the target that this form of caller can call.
    pub actions: Vec<usize>,
    /// The Allow of each layer.
    pub allows: Vec<usize>,
    /// Certainty.
    pub level: Level,
    /// Flags of the values used.
    pub flags: u8,
    /// The values used, by key.
    pub values: Vec<(String, Choice)>,
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

/// Everything that one judgement computes once.
pub struct Engine<'a> {
    layers: Vec<Layer<'a>>,
    statements: Vec<Numbered<'a>>,
    owner: &'a str,
    context: &'a Context,
    forced: Option<AccessPoint>,
    keys: Vec<String>,
    classes_of_keys: Vec<Class>,
    variables: Vec<usize>,
    resource_variables: bool,
    fresh: Fresh,
    /// Who is named.
    pub mentions: Mentions,
    /// Actions, known and unknown.
    pub actions: Vec<Action>,
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
    wanted: std::cell::RefCell<HashMap<usize, Rc<Wanted>>>,
}

type Env = BTreeMap<String, Option<String>>;

struct Scene {
    domains: Vec<Rc<Domain>>,
    env: Env,
    flags: u8,
    principals: Vec<Reach>,
}

enum Reach {
    Never,
    Always,
    ByArn(Rc<Bits>),
}

impl<'a> Engine<'a> {
    /// For these layers. `only`: the samples to ask about, when not all.
    pub fn new(
        layers: Vec<Layer<'a>>,
        owner: &'a str,
        context: &'a Context,
        forced: Option<AccessPoint>,
        only: Option<Vec<Sample>>,
    ) -> Engine<'a> {
        let federated = layers[0].kind.is("aws.iam.role");
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
        let fresh = Fresh::for_text(&text, gap);
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
        let mut first_test = 0;
        for statement in all() {
            let numbers = statement.tests.iter().map(|test| number(&test.key, &mut keys)).collect();
            let mut used: Vec<&str> = Vec::new();
            for template in &statement.resources.any {
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
        let classes_of_keys = keys.iter().map(|key| keys::class(key, federated)).collect();
        let unsigned = match layers[0].kind.unsigned() {
            Unsigned::Yes => !context.requester_pays,
            Unsigned::No => false,
            Unsigned::FunctionUrl => true,
        };
        let callers = callers::enumerate(&mentions, owner, context, &fresh, unsigned, federated);
        let actions = targets::actions(&layers);
        let mut engine = Engine {
            layers,
            statements,
            owner,
            context,
            forced,
            keys,
            classes_of_keys,
            variables,
            resource_variables,
            fresh,
            mentions,
            actions,
            callers,
            classes: Vec::new(),
            points: vec![Point { account: None }],
            budget: Budget::full(),
            only,
            shared: std::cell::RefCell::default(),
            wanted: std::cell::RefCell::default(),
        };
        // Values that refer to nothing else come first: the others may be equal to them.
        let mut variables = std::mem::take(&mut engine.variables);
        variables.sort_by_key(|key| engine.tests_of(*key).any(Test::has_variables));
        engine.variables = variables;
        engine.classes = engine.address_classes();
        engine.points.extend(engine.other_points());
        engine
    }

    /// Whether something was left out, so that what was not found may exist.
    pub fn is_incomplete(&self) -> bool {
        self.budget.is_spent() || self.fresh.has_given_up()
    }

    /// The statement with this number over all layers.
    pub fn statement(&self, number: usize) -> &'a Statement {
        self.statements[number].statement
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

    /// All requests that are allowed, one for each way of being so; the sink sees them in the
    /// order of callers.
    pub fn run(&self, sink: &mut dyn FnMut(Success)) {
        let shared: Option<Vec<Rc<Target>>> =
            (!self.resource_variables).then(|| self.targets(&Env::new()));
        let mut numbers: BTreeMap<(Vec<usize>, bool, Sample), usize> = BTreeMap::new();
        let by_name = ByName::of(self.statements.iter().map(|numbered| numbered.statement));
        let mut concerning: Vec<Vec<usize>> = vec![Vec::new(); self.statements.len()];
        for (index, target) in shared.iter().flatten().enumerate() {
            for number in &target.statements {
                concerning[*number].push(index);
            }
        }
        for (index, caller) in self.callers.iter().enumerate() {
            let mut principals = vec![Match::Never; self.statements.len()];
            let mut allowing: Vec<usize> = Vec::new();
            for number in by_name.for_caller(caller) {
                let statement = self.statements[number].statement;
                principals[number] = caller.matched_by(&statement.principals);
                if statement.allow && principals[number] != Match::Never {
                    allowing.push(number);
                }
                self.budget.take(1);
            }
            if self.budget.is_spent() {
                return;
            }
            if allowing.is_empty() {
                continue;
            }
            let mut concerned: Vec<usize> =
                allowing.iter().flat_map(|number| &concerning[*number]).copied().collect();
            concerned.sort_unstable();
            concerned.dedup();
            let mut identity = Vec::new();
            for (network, point, address) in self.ways(caller) {
                // The same for all addresses, which come one after the other.
                if address == 0 {
                    identity = self.identity_domains(caller, network, point);
                }
                for scene in self.scenes(caller, network, point, address, &identity, &principals) {
                    let targets: Vec<(usize, Rc<Target>)> = match &shared {
                        Some(all) => {
                            concerned.iter().map(|at| (*at, Rc::clone(&all[*at]))).collect()
                        }
                        None => self
                            .targets(&scene.env)
                            .into_iter()
                            .map(|target| {
                                let key = (
                                    target.statements.clone(),
                                    target.unknown_action,
                                    target.sample.clone(),
                                );
                                let next = numbers.len();
                                (*numbers.entry(key).or_insert(next), target)
                            })
                            .collect(),
                    };
                    for (target_number, target) in targets {
                        self.ask(&scene, caller, &target, &mut |found| {
                            sink(Success {
                                caller: index,
                                network,
                                point,
                                address,
                                target: Rc::clone(&target),
                                target_number,
                                actions: found.actions,
                                allows: found.allows,
                                level: found.level,
                                flags: found.flags,
                                values: found.values,
                            });
                        });
                        if self.budget.is_spent() {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Network, access point and class of addresses, for every way that this caller may come.
    fn ways(&self, caller: &Caller) -> Vec<(Network, usize, usize)> {
        let mut ways = Vec::new();
        for network in self.networks(caller) {
            for point in 0..self.points.len() {
                let addresses = match network {
                    Network::Internet => self.classes.len(),
                    Network::Endpoint => 1,
                };
                ways.extend((0..addresses).map(|address| (network, point, address)));
            }
        }
        ways
    }

    fn targets(&self, env: &Env) -> Vec<Rc<Target>> {
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        targets::targets(&self.layers, &self.actions, &self.fresh, &value_of, self.only.as_deref())
            .into_iter()
            .map(Rc::new)
            .collect()
    }

    fn networks(&self, caller: &Caller) -> Vec<Network> {
        let vpc_only = self.forced.as_ref().is_some_and(|point| point.vpc_only);
        if vpc_only {
            return vec![Network::Endpoint];
        }
        let told_apart = self.mentions.has(&[
            Class::SourceIp,
            Class::Endpoint,
            Class::EndpointOrgPath,
            Class::EndpointIp,
        ]);
        if told_apart && !matches!(caller.form, Form::Service(_)) {
            vec![Network::Internet, Network::Endpoint]
        } else {
            vec![Network::Internet]
        }
    }

    fn tests_of(&self, key: usize) -> impl Iterator<Item = &'a Test> + '_ {
        self.statements.iter().flat_map(move |numbered| {
            numbered
                .statement
                .tests
                .iter()
                .zip(&numbered.keys)
                .filter(move |(_, number)| **number == key)
                .map(|(test, _)| test)
        })
    }

    fn address_classes(&self) -> Vec<AddressClass> {
        let Some(key) = self.keys.iter().position(|key| key == "aws:sourceip") else {
            return vec![AddressClass { set: AddressSet::internet(), sample: String::new() }];
        };
        let tests: Vec<&Test> = self.tests_of(key).collect();
        let mut edges: Vec<Block> = Vec::new();
        for test in &tests {
            match &test.values {
                Values::Blocks(blocks) => edges.extend(blocks),
                // Text operators see the address as text; whole octets in front of a star are
                // the only patterns that people write.
                _ => edges.extend(test.templates().iter().filter_map(|t| octets(t.text()))),
            }
        }
        let trusted = self.context.trusted_ranges.iter().map(|range| Block::of(*range));
        let trusted: Vec<Block> = trusted.collect();
        edges.extend(&trusted);
        edges.sort_unstable();
        edges.dedup();
        let mut classes: BTreeMap<Vec<bool>, Vec<Block>> = BTreeMap::new();
        let inside = |piece: &Block| trusted.iter().any(|range| range.covers(piece));
        for piece in pieces(&edges).into_iter().filter(|piece| !inside(piece)) {
            let sample = AddressSet::of([piece]).first().map(|a| a.to_string());
            let present = sample.map(|sample| vec![sample]);
            let truth =
                tests.iter().map(|test| test.holds(present.as_deref(), &|_| None)).collect();
            self.budget.take(tests.len());
            classes.entry(truth).or_default().push(piece);
        }
        classes
            .into_values()
            .map(|blocks| {
                let set = AddressSet::of(blocks);
                let sample = set.first().map(|a| a.to_string()).unwrap_or_default();
                AddressClass { set, sample }
            })
            .collect()
    }

    fn other_points(&self) -> Vec<Point> {
        let asked = self.mentions.has(&[Class::AccessPointAccount, Class::AccessPointArn]);
        if !asked || self.forced.is_some() {
            return Vec::new();
        }
        let fixed = self.mentions.point_accounts.iter().cloned().chain([self.owner.to_owned()]);
        let mut points: Vec<Point> =
            fixed.map(|account| Point { account: Some((account, true)) }).collect();
        let stranger = self.callers.iter().find(|c| c.form == Form::Signed && c.names.count() == 0);
        let open = stranger.map(|caller| caller.account.clone());
        points.extend(
            open.into_iter()
                .chain(self.mentions.open_accounts.iter().cloned())
                .filter(|account| !self.mentions.point_accounts.contains(account))
                .filter(|account| account != self.owner)
                .map(|account| Point { account: Some((account, false)) }),
        );
        points
    }

    /// Domains of the keys whose values follow from caller, network and access point. Keys whose
    /// tests have variables are left out: they depend on more.
    fn identity_domains(
        &self,
        caller: &Caller,
        network: Network,
        point: usize,
    ) -> Vec<Option<Rc<Domain>>> {
        (0..self.keys.len())
            .map(|key| {
                let variable_tests =
                    !self.variables.is_empty() && self.tests_of(key).any(Test::has_variables);
                let by_address = self.classes_of_keys[key] == Class::SourceIp;
                if variable_tests || by_address {
                    return None;
                }
                Some(self.domain(key, caller, network, point, 0, &Env::new()))
            })
            .collect()
    }

    fn domain(
        &self,
        key: usize,
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
        env: &Env,
    ) -> Rc<Domain> {
        let name = &self.keys[key];
        let class = self.classes_of_keys[key];
        let value_of = |key: &str| env.get(keys::canonical(key)).cloned().flatten();
        let depends = !env.is_empty() && self.tests_of(key).any(Test::has_variables);
        let wanted = || {
            let read = || Rc::new(Wanted::by(self.tests_of(key), &value_of));
            if depends {
                return read();
            }
            Rc::clone(self.wanted.borrow_mut().entry(key).or_insert_with(read))
        };
        let by_caller = match class {
            // Those need no look at the tests.
            Class::Free { .. }
            | Class::Unknown
            | Class::Secret
            | Class::Destination
            | Class::MountTarget
            | Class::Time
            | Class::EndpointIp
            | Class::Endpoint
            | Class::EndpointOrgPath
            | Class::SourceIp
                if !matches!(caller.form, Form::Service(_)) =>
            {
                None
            }
            _ => caller.choices(name, class, &wanted(), &self.mentions, &self.fresh),
        };
        if let Some(choices) = by_caller {
            return Rc::new(Domain::new(choices));
        }
        match class {
            Class::SourceIp => {
                let choice = match network {
                    Network::Internet => Choice::one(self.classes[address].sample.clone(), FREE),
                    Network::Endpoint => Choice::absent(FREE),
                };
                return Rc::new(Domain::new(vec![choice]));
            }
            Class::AccessPointAccount | Class::AccessPointArn => {
                return Rc::new(Domain::new(self.point_choices(class, point)));
            }
            _ => {}
        }
        if !depends && let Some(domain) = self.shared.borrow().get(&(key, network)) {
            return Rc::clone(domain);
        }
        let domain = Rc::new(Domain::new(self.free_choices(name, class, network, &wanted())));
        if !depends {
            self.shared.borrow_mut().insert((key, network), Rc::clone(&domain));
        }
        domain
    }

    fn free_choices(
        &self,
        name: &str,
        class: Class,
        network: Network,
        wanted: &Wanted,
    ) -> Vec<Choice> {
        let fixed = |value: &str| vec![Choice::one(value, FREE)];
        let mut found = match class {
            Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if network == Network::Internet =>
            {
                return vec![Choice::absent(FREE)];
            }
            Class::ResourceAccount => return fixed(self.owner),
            Class::ResourceOrg => {
                return match &self.context.org_id {
                    Some(org) => fixed(org),
                    None => vec![Choice::absent(FREE)],
                };
            }
            Class::ResourceOrgPath => {
                let Some(org) = &self.context.org_id else { return vec![Choice::absent(FREE)] };
                let shape = Glob::pattern(&format!("{org}/*"));
                let mut found = vec![Choice::one(format!("{org}/r-root/"), DOUBT)];
                for glob in wanted.patterns() {
                    let paths = common(&[glob, &shape], &self.fresh);
                    found.extend(paths.into_iter().map(|path| Choice::one(path, DOUBT)));
                }
                return found;
            }
            Class::Time => return self.times(wanted),
            Class::FunctionUrl => {
                return match &self.context.function_url {
                    Some(Some(auth)) => fixed(auth),
                    Some(None) => vec![Choice::absent(FREE)],
                    None => ["NONE", "AWS_IAM"].map(|auth| Choice::one(auth, DOUBT)).to_vec(),
                };
            }
            _ => choices(name, class, wanted, &self.fresh),
        };
        let always = matches!(
            class,
            Class::Free { always: true } | Class::Endpoint | Class::EndpointIp | Class::MountTarget
        ) && name != "aws:vpceorgid";
        if !always {
            found.push(Choice::absent(FREE));
        }
        found
    }

    /// Now; and, in doubt, the moments after it that a test names.
    fn times(&self, wanted: &Wanted) -> Vec<Choice> {
        #[allow(clippy::cast_precision_loss)] // seconds of this era are exact in a double
        let now = self.context.now.map(|now| now.as_second() as f64);
        let mut found: Vec<Choice> =
            now.iter().map(|now| Choice::one(now.to_string(), FREE)).collect();
        let later = |at: &f64| now.is_none_or(|now| *at > now);
        found.extend(wanted.instants().filter(later).map(|at| Choice::one(at.to_string(), DOUBT)));
        if found.is_empty() {
            found.push(Choice::one("0", DOUBT));
        }
        found
    }

    fn point_choices(&self, class: Class, point: usize) -> Vec<Choice> {
        if let Some(forced) = &self.forced {
            let value = match class {
                Class::AccessPointAccount => &forced.account,
                _ => &forced.arn,
            };
            return vec![Choice::one(value.clone(), FREE)];
        }
        let Some((account, fixed)) = &self.points[point].account else {
            return vec![Choice::absent(FREE)];
        };
        let flags = if *fixed { BOUND } else { FREE };
        if class == Class::AccessPointAccount {
            return vec![Choice::one(account.clone(), flags)];
        }
        let unnamed: String = std::iter::repeat_n(self.fresh.letter, self.fresh.run).collect();
        let mut found = vec![Choice::one(
            format!("arn:aws:s3:us-east-1:{account}:accesspoint/{unnamed}"),
            flags,
        )];
        for glob in &self.mentions.point_arns {
            let [partition, _, region] = keys::arn_head(glob);
            let shape = format!("arn:{partition}:s3:{region}:{account}:accesspoint/?*");
            let shape = Glob::pattern(&shape);
            found.extend(
                common(&[glob, &shape], &self.fresh)
                    .into_iter()
                    .filter(|arn| arn.split(':').nth(4) == Some(account))
                    .filter(|arn| super::choices::is_identifier(arn))
                    .map(|arn| Choice::one(arn, flags)),
            );
        }
        found
    }

    /// The ways of giving values to the keys that other values refer to.
    fn scenes(
        &self,
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
        identity: &[Option<Rc<Domain>>],
        principals: &[Match],
    ) -> Vec<Scene> {
        /// Combinations of values of keys that are used as variables.
        const SCENES: usize = 1_024;
        let mut flags = match &self.points[point].account {
            Some((_, true)) => BOUND,
            _ => FREE,
        };
        if self.forced.as_ref().is_some_and(|point| point.vpc_only) {
            flags |= BOUND;
        }
        let mut envs: Vec<(Env, Vec<(usize, Choice)>)> = vec![(Env::new(), Vec::new())];
        for variable in &self.variables {
            let mut choices = self
                .domain(*variable, caller, network, point, address, &Env::new())
                .choices
                .clone();
            choices.retain(|choice| choice.value.as_ref().is_none_or(|values| values.len() == 1));
            choices.extend(self.linked(*variable, &choices, caller, network, point, address));
            let mut next = Vec::new();
            'all: for (env, fixed) in &envs {
                let domain = self.domain(*variable, caller, network, point, address, env);
                let mut choices = domain.choices.clone();
                choices.retain(|c| c.value.as_ref().is_none_or(|values| values.len() == 1));
                choices.extend(self.linked(*variable, &choices, caller, network, point, address));
                for choice in &choices {
                    if next.len() >= SCENES {
                        self.budget.spend();
                        break 'all;
                    }
                    let value = choice.value.as_ref().and_then(|values| values.first()).cloned();
                    let mut env = env.clone();
                    env.insert(self.keys[*variable].clone(), value);
                    let mut fixed = fixed.clone();
                    fixed.push((*variable, choice.clone()));
                    next.push((env, fixed));
                }
            }
            envs = next;
        }
        envs.into_iter()
            .map(|(env, fixed)| {
                let domains: Vec<Rc<Domain>> = (0..self.keys.len())
                    .map(|key| match fixed.iter().find(|(variable, _)| *variable == key) {
                        Some((_, choice)) => Rc::new(Domain::new(vec![choice.clone()])),
                        None => match &identity[key] {
                            Some(domain) => Rc::clone(domain),
                            None => self.domain(key, caller, network, point, address, &env),
                        },
                    })
                    .collect();
                let flags = fixed.iter().fold(flags, |flags, (_, choice)| flags | choice.flags);
                let principals = self.reach(caller, principals, &domains[0]);
                Scene { domains, env, flags, principals }
            })
            .collect()
    }

    /// Values for a variable that make it equal to what it is compared with.
    fn linked(
        &self,
        variable: usize,
        have: &[Choice],
        caller: &Caller,
        network: Network,
        point: usize,
        address: usize,
    ) -> Vec<Choice> {
        let class = self.classes_of_keys[variable];
        if !matches!(class, Class::Free { .. } | Class::Signed | Class::Unknown) || have.len() < 2 {
            return Vec::new(); // not the caller's to choose, or absent for this caller
        }
        let flags = if class == Class::Unknown { DOUBT } else { FREE };
        let name = &self.keys[variable];
        let mut found: Vec<Choice> = Vec::new();
        let mut add = |value: String| {
            let choice = Choice::one(value, flags);
            if !have.contains(&choice) && !found.contains(&choice) && found.len() < 24 {
                found.push(choice);
            }
        };
        for key in (0..self.keys.len()).filter(|key| *key != variable) {
            let refers = |test: &Test| {
                test.templates()
                    .iter()
                    .any(|t| t.variables().any(|used| keys::canonical(used) == name))
            };
            if self.tests_of(key).any(refers) {
                let domain = self.domain(key, caller, network, point, address, &Env::new());
                for choice in &domain.choices {
                    choice.value.iter().flatten().take(1).cloned().for_each(&mut add);
                }
            }
        }
        if self.resource_variables {
            // Names that other statements spell out where this one has the variable.
            for numbered in &self.statements {
                for template in &numbered.statement.resources.any {
                    let words = template.text().split(['/', ':']);
                    words
                        .filter(|word| super::choices::is_identifier(word))
                        .map(str::to_owned)
                        .for_each(&mut add);
                }
            }
        }
        found
    }

    fn reach(&self, caller: &Caller, principals: &[Match], arns: &Domain) -> Vec<Reach> {
        self.statements
            .iter()
            .zip(principals)
            .map(|(numbered, reach)| match reach {
                Match::Never => Reach::Never,
                Match::Always => Reach::Always,
                Match::ByArn => Reach::ByArn(Rc::new(Bits::of(arns.choices.len(), |index| {
                    caller.matched_with(&numbered.statement.principals, &arns.choices[index])
                }))),
            })
            .collect()
    }

    fn ask(&self, scene: &Scene, caller: &Caller, target: &Target, sink: &mut dyn FnMut(Found)) {
        let mut actions = Vec::new();
        let mut doubtful = target.unknown_action;
        for action in &target.actions {
            match self.admits(caller, &self.actions[*action].name) {
                None => {}
                Some(doubt) => {
                    doubtful |= doubt;
                    actions.push(*action);
                }
            }
        }
        if actions.is_empty() {
            return;
        }
        let value_of = |key: &str| scene.env.get(keys::canonical(key)).cloned().flatten();
        let mut allows: Vec<Vec<usize>> = vec![Vec::new(); self.layers.len()];
        let mut clauses: Vec<(bool, Vec<Literal>)> = Vec::new();
        for number in &target.statements {
            if matches!(scene.principals[*number], Reach::Never) {
                continue;
            }
            let numbered = &self.statements[*number];
            if numbered.statement.allow {
                allows[self.layer_of(*number)].push(*number);
                continue;
            }
            let mut clause = Vec::new();
            if let Reach::ByArn(bits) = &scene.principals[*number] {
                clause.push(Literal { key: 0, not: Rc::clone(bits) });
            }
            let doubtful_deny = numbered.statement.doubt.is_some();
            // Where it is not certain what a Deny tests for, it may apply to all it names.
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let not =
                    scene.domains[key].satisfying(numbered.first_test + offset, test, &value_of);
                clause.push(Literal { key, not });
            }
            clauses.push((doubtful_deny, clause));
        }
        let pairs: Vec<Vec<usize>> = match &allows[..] {
            [first] => first.iter().map(|allow| vec![*allow]).collect(),
            [first, second] => first
                .iter()
                .flat_map(|one| second.iter().map(move |other| vec![*one, *other]))
                .collect(),
            _ => Vec::new(),
        };
        for pair in pairs {
            if !self.can_hold(scene, &pair, &value_of) {
                continue;
            }
            let in_doubt = doubtful
                || pair.iter().any(|number| {
                    let numbered = &self.statements[*number];
                    numbered.statement.doubt.is_some() || numbered.unknown.is_some()
                });
            for (level, allowed) in LEVELS {
                if in_doubt && level == Level::Open || scene.flags & !allowed != 0 {
                    continue;
                }
                if let Some((flags, values)) =
                    self.attempt(scene, &pair, &clauses, level, allowed, &value_of)
                {
                    sink(Found {
                        actions: actions.clone(),
                        allows: pair.clone(),
                        level,
                        flags: flags | scene.flags | if in_doubt { DOUBT } else { FREE },
                        values,
                    });
                    break;
                }
                if self.budget.is_spent() {
                    return;
                }
            }
        }
    }

    /// Whether the tests on keys that have one value in this scene hold; most requests end here.
    fn can_hold(
        &self,
        scene: &Scene,
        pair: &[usize],
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        pair.iter().all(|number| {
            let numbered = &self.statements[*number];
            numbered.statement.tests.iter().zip(&numbered.keys).all(|(test, key)| {
                match &scene.domains[*key].choices[..] {
                    [only] => {
                        self.budget.take(1);
                        test.holds(only.value.as_deref(), value_of)
                    }
                    _ => true,
                }
            })
        })
    }

    #[allow(clippy::type_complexity)]
    fn attempt(
        &self,
        scene: &Scene,
        pair: &[usize],
        clauses: &[(bool, Vec<Literal>)],
        level: Level,
        allowed: u8,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(u8, Vec<(String, Choice)>)> {
        let mut live: Vec<Bits> =
            scene.domains.iter().map(|domain| domain.within(allowed)).collect();
        let mut touched = vec![false; live.len()];
        for number in pair {
            let numbered = &self.statements[*number];
            if let Reach::ByArn(bits) = &scene.principals[*number] {
                live[0] = live[0].and(bits);
                touched[0] = true;
                if live[0].is_empty() {
                    return None;
                }
            }
            for (offset, test) in numbered.statement.tests.iter().enumerate() {
                let key = numbered.keys[offset];
                let satisfying =
                    scene.domains[key].satisfying(numbered.first_test + offset, test, value_of);
                live[key] = live[key].and(&satisfying);
                touched[key] = true;
                self.budget.take(1);
                if live[key].is_empty() {
                    return None;
                }
            }
        }
        let open = level == Level::Open;
        let asked: Vec<&[Literal]> = clauses
            .iter()
            .filter(|(doubtful, _)| open || !doubtful)
            .map(|(_, clause)| clause.as_slice())
            .collect();
        for literal in asked.iter().copied().flatten() {
            touched[literal.key] = true;
        }
        // A key that only Denies look at may have no value that is open to all.
        for (key, touched) in touched.iter_mut().enumerate() {
            if *touched && live[key].is_empty() {
                return None;
            }
        }
        let solved = solve(live, &asked, &self.budget)?;
        let mut flags = FREE;
        let mut values = Vec::new();
        for (key, bits) in solved.iter().enumerate().filter(|(key, _)| touched[*key]) {
            let choice = &scene.domains[key].choices[bits.first()?];
            flags |= choice.flags;
            values.push((self.keys[key].clone(), choice.clone()));
        }
        Some((flags, values))
    }

    /// Whether this form of caller can call the action at all, and whether that is in doubt.
    fn admits(&self, caller: &Caller, action: &str) -> Option<bool> {
        let federated = match &caller.form {
            Form::Federated { provider, .. } => Some(provider.contains(":saml-provider/")),
            _ => None,
        };
        match action {
            // STS: tokens of providers and signed requests have operations of their own.
            "sts:assumerolewithwebidentity" => (federated == Some(false)).then_some(false),
            "sts:assumerolewithsaml" => (federated == Some(true)).then_some(false),
            "sts:assumerole" => federated.is_none().then_some(false),
            "lambda:invokefunctionurl" => match &self.context.function_url {
                // Without a URL there is nothing to call; unsigned calls need authentication NONE.
                Some(None) => None,
                Some(Some(auth)) => {
                    (auth == "NONE" || caller.form != Form::Unsigned).then_some(false)
                }
                None => Some(true),
            },
            _ if caller.form == Form::Unsigned
                && self.layers[0].kind.unsigned() == Unsigned::FunctionUrl =>
            {
                None
            }
            _ => Some(false),
        }
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

/// Statements by whom they name, so that a caller need not look at those for others.
struct ByName {
    /// Those that may be for anybody.
    general: Vec<usize>,
    named: HashMap<(u8, String), Vec<usize>>,
}

impl ByName {
    fn of<'s>(statements: impl Iterator<Item = &'s Statement>) -> ByName {
        let mut index = ByName { general: Vec::new(), named: HashMap::new() };
        for (number, statement) in statements.enumerate() {
            let names: Option<Vec<(u8, String)>> =
                statement.principals.named.iter().map(name_of).collect();
            match names.filter(|_| !statement.principals.negated) {
                None => index.general.push(number),
                Some(mut names) => {
                    names.sort_unstable();
                    names.dedup();
                    for name in names {
                        index.named.entry(name).or_default().push(number);
                    }
                }
            }
        }
        index
    }

    fn for_caller(&self, caller: &Caller) -> Vec<usize> {
        let own = match &caller.form {
            Form::Unsigned => None,
            Form::Signed => Some((0, caller.account.clone())),
            Form::Service(name) => Some((1, name.clone())),
            Form::Federated { provider, .. } => Some((2, provider.clone())),
        };
        let canonical = caller.names.canonical.clone().map(|id| (3, id));
        let mut found = self.general.clone();
        for name in own.iter().chain(&canonical) {
            found.extend(self.named.get(name).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Under what a principal is found; `None` for those that stand for many.
fn name_of(principal: &Principal) -> Option<(u8, String)> {
    match principal {
        Principal::Account(account) => Some((0, account.clone())),
        Principal::Identity(arn) | Principal::Session(arn) => {
            Some((0, arn.split(':').nth(4).unwrap_or_default().to_owned()))
        }
        Principal::Service(name) => Some((1, name.clone())),
        Principal::Provider(provider) => Some((2, provider.clone())),
        Principal::Canonical(id) => Some((3, id.clone())),
        Principal::Deleted(id) => Some((4, id.clone())),
        Principal::Everyone
        | Principal::AnySigned
        | Principal::AnyService
        | Principal::AnyProvider => None,
    }
}

struct Found {
    actions: Vec<usize>,
    allows: Vec<usize>,
    level: Level,
    flags: u8,
    values: Vec<(String, Choice)>,
}

/// `203.0.113.*` as a block; a single address too.
fn octets(text: &str) -> Option<Block> {
    if let Some(block) = Block::parse(text).filter(|_| !text.contains('/')) {
        return Some(block);
    }
    let prefix = text.strip_suffix(".*")?;
    let count = prefix.split('.').count();
    let padded = format!("{prefix}{}", ".0".repeat(4_usize.checked_sub(count)?));
    Block::parse(&format!("{padded}/{}", count * 8))
}
