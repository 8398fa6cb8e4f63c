//! The callers worth asking about: unsigned ones, strangers, AWS services acting for strangers,
//! and one for each party that the policy names; with the values of the keys that say who calls.

use super::choices::{Choice, DOUBT, FREE, Wanted, choices, is_identifier};
use super::context::Context;
use super::glob::{Fresh, Glob, Token, common};
use super::keys::{self, Class};
use super::mentions::Mentions;
use super::principal::{Principal, Principals, is_account};

/// How a request is authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Not at all.
    Unsigned,
    /// By a principal of an AWS account.
    Signed,
    /// By an AWS service.
    Service(String),
    /// By a token of an identity provider.
    Federated {
        /// ARN or host of the provider.
        provider: String,
        /// A guest of a Cognito identity pool.
        guest: bool,
    },
}

/// What a service call is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Account of the resource.
    pub account: String,
    /// Its organization.
    pub org: Option<String>,
    /// The resource, when its ARN names no account.
    pub arn: Option<String>,
    /// It belongs to the owner or somebody they trust.
    pub own: bool,
}

/// The attributes in which the policy names a caller; the fewer, the more people it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Names {
    /// Account id.
    pub account: Option<String>,
    /// Unique id.
    pub unique: Option<String>,
    /// Organization.
    pub org: Option<String>,
    /// Canonical id.
    pub canonical: Option<String>,
    /// Account, organization or ARN that a service acts for.
    pub source: Option<String>,
    /// ARN without account that a service acts for.
    pub source_arn: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Provider.
    pub provider: Option<String>,
}

impl Names {
    fn list(&self) -> [&Option<String>; 8] {
        [
            &self.account,
            &self.unique,
            &self.org,
            &self.canonical,
            &self.source,
            &self.source_arn,
            &self.service,
            &self.provider,
        ]
    }

    /// How many attributes are named.
    pub fn count(&self) -> usize {
        self.list().iter().filter(|name| name.is_some()).count()
    }

    /// Whether everybody it stands for is also meant by `wider`.
    pub fn within(&self, wider: &Names) -> bool {
        self.list().iter().zip(wider.list()).all(|(own, other)| other.is_none() || *own == other)
    }
}

/// One caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Authentication.
    pub form: Form,
    /// What the policy knows it by.
    pub names: Names,
    /// Account (a made-up one for strangers).
    pub account: String,
    /// Organization.
    pub org: Option<String>,
    /// For service calls: on whose behalf, if the service says so.
    pub source: Option<Source>,
    /// Kind of identity, where the policy tells them apart; it goes with the form of the ARN.
    pub identity: Option<&'static str>,
}

/// Values of `aws:PrincipalType` for signed requests.
const IDENTITIES: [&str; 4] = ["AssumedRole", "User", "Account", "FederatedUser"];

/// The kind of identity that has an ARN (IAM user guide, "aws:PrincipalType").
fn identity_of(arn: &str) -> &'static str {
    let mut fields = arn.splitn(6, ':').skip(2);
    let service = fields.next().unwrap_or_default();
    let resource = fields.nth(2).unwrap_or_default();
    match (service, resource.split('/').next().unwrap_or_default()) {
        (_, "root") => "Account",
        (_, "user") => "User",
        ("sts", "federated-user") => "FederatedUser",
        _ => "AssumedRole",
    }
}

/// All callers for a policy.
pub fn enumerate(
    mentions: &Mentions,
    owner: &str,
    context: &Context,
    fresh: &Fresh,
    unsigned: bool,
    federated: bool,
) -> Vec<Caller> {
    let inside = |account: &str| {
        account == owner || context.trusted_accounts.iter().any(|trusted| trusted == account)
    };
    let trusts = |org: &String| context.trusted_organizations.contains(org);
    let named: Vec<&String> = mentions.accounts.iter().filter(|a| !inside(a)).collect();
    let is_named = |account: &str| {
        mentions.accounts.contains(account) || mentions.source_accounts.contains(account)
    };
    let mut strangers = vec![stranger(mentions, &|a| inside(a) || is_named(a))];
    strangers.extend(mentions.open_accounts.iter().filter(|a| !inside(a) && !is_named(a)).cloned());
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let signed = |account: &str| Caller {
        form: Form::Signed,
        names: Names::default(),
        account: account.to_owned(),
        org: None,
        source: None,
        identity: None,
    };

    let mut callers = Vec::new();
    if unsigned {
        callers.push(Caller {
            form: Form::Unsigned,
            account: "anonymous".into(),
            ..signed("anonymous")
        });
    }
    // Organizations of signed callers: none, a stranger's, a named one.
    let org_tested = mentions.has(&[Class::CallerOrg, Class::CallerOrgPath]);
    let mut orgs: Vec<(Option<String>, bool)> = vec![(None, false)];
    if org_tested {
        orgs.push((Some(format!("o-{unnamed}")), false));
        let named_orgs: Vec<&String> =
            mentions.orgs.iter().chain(context.org_id.as_ref()).filter(|o| !trusts(o)).collect();
        orgs.extend(
            mentions
                .open_orgs
                .iter()
                .filter(|org| !named_orgs.contains(org) && !trusts(org))
                .map(|org| (Some(org.clone()), false)),
        );
        orgs.extend(named_orgs.into_iter().map(|org| (Some(org.clone()), true)));
        orgs.dedup();
    }
    let mut accounts: Vec<(&String, bool)> = strangers.iter().map(|a| (a, false)).collect();
    accounts.extend(named.iter().map(|account| (*account, true)));
    let mut uniques: Vec<Option<&String>> = vec![None];
    uniques.extend(mentions.unique_ids.iter().map(Some));
    /// Beyond this, callers that are named in two ways at once are left out.
    const COMBINATIONS: usize = 600;
    let all = accounts.len() * orgs.len() * uniques.len() <= COMBINATIONS;
    for (account, account_named) in &accounts {
        for (org, org_named) in &orgs {
            for unique in &uniques {
                let ways = [*account_named, *org_named, unique.is_some()];
                if !all && ways.iter().filter(|way| **way).count() > 1 {
                    continue;
                }
                let mut org = org.clone();
                let mut org_named = *org_named;
                if *account_named
                    && org_tested
                    && context.org_id.is_some()
                    && context.org_accounts.contains(account)
                {
                    org.clone_from(&context.org_id);
                    org_named = true;
                    if org.as_ref().is_some_and(trusts) {
                        continue;
                    }
                }
                let names = Names {
                    account: account_named.then(|| (*account).clone()),
                    unique: unique.cloned(),
                    org: org.clone().filter(|_| org_named),
                    ..Names::default()
                };
                callers.push(Caller { names, org, ..signed(account) });
            }
        }
    }
    for id in &mentions.canonicals {
        if context.canonical_id.as_ref() != Some(id) {
            let names = Names { canonical: Some(id.clone()), ..Names::default() };
            callers.push(Caller { names, ..signed(&strangers[0]) });
        }
    }

    if mentions.has(&[Class::CallerType]) {
        callers = callers
            .into_iter()
            .flat_map(|caller| {
                let identities: Vec<Option<&'static str>> = match caller.form {
                    Form::Signed => IDENTITIES.iter().copied().map(Some).collect(),
                    _ => vec![None],
                };
                identities.into_iter().map(move |identity| Caller { identity, ..caller.clone() })
            })
            .collect();
    }

    // Services, each for nobody in particular and for every source that is told apart.
    let mut sources: Vec<(Option<Source>, Names)> = vec![(None, Names::default())];
    if mentions.has(&[
        Class::SourceAccount,
        Class::SourceArn,
        Class::SourceOrg,
        Class::SourceOrgPath,
    ]) {
        sources.extend(self::sources(mentions, owner, context, &strangers, &unnamed, &inside));
    }
    let mut services: Vec<Option<&String>> = vec![None];
    services.extend(mentions.services.iter().map(Some));
    for service in services {
        for (source, names) in &sources {
            let names = Names { service: service.cloned(), ..names.clone() };
            let name = service.cloned().unwrap_or_else(|| format!("{unnamed}.amazonaws.com"));
            callers.push(Caller {
                form: Form::Service(name),
                names,
                source: source.clone(),
                // The service's own account, nobody's to choose.
                ..signed("000000000001")
            });
        }
    }
    if federated {
        callers.extend(self::federated(mentions, owner, &unnamed, &signed));
    }
    callers.sort_by_key(|caller| caller.names.count());
    callers
}

fn federated(
    mentions: &Mentions,
    owner: &str,
    unnamed: &str,
    signed: &dyn Fn(&str) -> Caller,
) -> Vec<Caller> {
    let mut callers = vec![Caller {
        form: Form::Federated { provider: format!("{unnamed}.example"), guest: false },
        ..signed("")
    }];
    for provider in &mentions.providers {
        if provider.contains(":saml-provider/") && provider.split(':').nth(4) == Some(owner) {
            continue; // the account's own identities
        }
        let host = host(provider);
        let own = provider.contains(":saml-provider/") || is_tenant_issuer(host);
        let names = Names { provider: own.then(|| host.to_owned()), ..Names::default() };
        for guest in [false, true] {
            if !guest || host == keys::COGNITO {
                let form = Form::Federated { provider: provider.clone(), guest };
                callers.push(Caller { form, names: names.clone(), ..signed("") });
            }
        }
    }
    callers
}

/// The issuer's host, as it prefixes the names of its claims.
pub fn host(provider: &str) -> &str {
    provider.split_once("provider/").map_or(provider, |(_, host)| host)
}

/// Issuers that serve one customer each, so that a token of theirs says whose it is.
fn is_tenant_issuer(host: &str) -> bool {
    const TENANT: &[&str] = &[
        "oidc.eks.*.amazonaws.com*/id/*",
        "oidc-eks.*/id/*",
        "sts.windows.net/*",
        "login.microsoftonline.com/?*",
        "oidc.circleci.com/org/*",
        "*.okta.com*",
        "*.auth0.com*",
    ];
    TENANT.iter().any(|pattern| Glob::pattern(pattern).matches(host))
}

fn sources(
    mentions: &Mentions,
    owner: &str,
    context: &Context,
    strangers: &[String],
    unnamed: &str,
    inside: &dyn Fn(&str) -> bool,
) -> Vec<(Option<Source>, Names)> {
    let source = |account: &str| Source {
        account: account.to_owned(),
        org: None,
        arn: None,
        own: inside(account),
    };
    let member_of = |org: &String, source: Source| Source {
        org: Some(org.clone()),
        own: source.own || context.trusted_organizations.contains(org),
        ..source
    };
    let named = |name: &str| Names { source: Some(name.to_owned()), ..Names::default() };
    let mut found =
        vec![(Some(Source { org: context.org_id.clone(), ..source(owner) }), named(owner))];
    for stranger in strangers {
        found.push((Some(source(stranger)), Names::default()));
    }
    let orgs = mentions.source_orgs.iter().chain(context.org_id.as_ref());
    let member = |org: &String| Names { org: Some(org.clone()), ..Names::default() };
    for stranger in strangers {
        let of = |org: &String| Some(member_of(org, source(stranger)));
        for org in mentions.open_orgs.iter().chain([&format!("o-{unnamed}")]) {
            found.push((of(org), Names::default()));
        }
        for org in orgs.clone() {
            found.push((of(org), member(org)));
        }
    }
    for account in mentions.source_accounts.iter().filter(|account| *account != owner) {
        found.push((Some(source(account)), named(account)));
        for org in orgs.clone() {
            let names = Names { org: Some(org.clone()), ..named(account) };
            found.push((Some(member_of(org, source(account))), names));
        }
    }
    for arn in &mentions.source_arns {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let owned = context.owned_buckets.iter().any(|bucket| bucket == name);
        let mut holders = vec![(owner.to_owned(), true)];
        if !owned {
            holders.push((strangers[0].clone(), false));
            holders.extend(
                mentions.source_accounts.iter().filter(|a| *a != owner).map(|a| (a.clone(), true)),
            );
        }
        for (account, account_named) in holders {
            let names = Names {
                source: account_named.then(|| account.clone()),
                source_arn: Some(arn.clone()),
                ..Names::default()
            };
            let source = Source { arn: Some(arn.clone()), ..source(&account) };
            found.push((Some(source), names));
        }
    }
    found
}

/// An account that the policy does not name, in no pattern if possible.
fn stranger(mentions: &Mentions, taken: &dyn Fn(&str) -> bool) -> String {
    let candidates =
        (0..400_u32).map(|n| format!("{:03}{:09}", (n * 37 + 829) % 1000, 511_000_222 + n));
    let mut fallback = String::from("829511000222");
    for candidate in candidates {
        if taken(&candidate) {
            continue;
        }
        let arn = format!("arn:aws:iam::{candidate}:role/");
        let near = mentions.open_accounts.iter().any(|open| open.get(..3) == candidate.get(..3));
        let prefix = mentions.open_arns.iter().any(|glob| {
            let prefix = glob.fixed_prefix();
            prefix.len() > 13 && arn.starts_with(prefix)
        });
        fallback.clone_from(&candidate);
        if !near && !prefix {
            break;
        }
    }
    fallback
}

/// How the Principal element relates to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Not at all.
    Never,
    /// Whatever the caller's ARN.
    Always,
    /// Depending on the caller's ARN.
    ByArn,
}

impl Caller {
    /// Whether the element names this caller.
    pub fn matched_by(&self, principals: &Principals) -> Match {
        let mut by_arn = false;
        let mut always = false;
        for principal in &principals.named {
            match self.is(principal) {
                Match::Always => {
                    always = true;
                    break;
                }
                Match::ByArn => by_arn = true,
                Match::Never => {}
            }
        }
        match (always, by_arn, principals.negated) {
            (true, _, false) | (false, false, true) => Match::Always,
            (true, _, true) | (false, false, false) => Match::Never,
            (false, true, _) => Match::ByArn,
        }
    }

    fn is(&self, principal: &Principal) -> Match {
        let signed = self.form == Form::Signed;
        let always = match principal {
            Principal::Everyone => true,
            Principal::AnySigned => signed,
            Principal::Account(account) => signed && *account == self.account,
            Principal::Identity(arn) | Principal::Session(arn) => {
                let same = signed && arn.split(':').nth(4) == Some(&self.account);
                return if same { Match::ByArn } else { Match::Never };
            }
            Principal::Service(name) => matches!(&self.form, Form::Service(own) if own == name),
            Principal::AnyService => matches!(self.form, Form::Service(_)),
            Principal::Provider(name) => {
                matches!(&self.form, Form::Federated { provider, .. } if provider == name)
            }
            Principal::AnyProvider => matches!(self.form, Form::Federated { .. }),
            Principal::Canonical(id) => self.names.canonical.as_ref() == Some(id),
            Principal::Deleted(_) => false,
        };
        if always { Match::Always } else { Match::Never }
    }

    /// Whether the element names the caller when it comes with this ARN.
    pub fn matched_with(&self, principals: &Principals, choice: &Choice) -> bool {
        let arn = choice.value.as_ref().and_then(|values| values.first());
        let named = principals.named.iter().any(|principal| match principal {
            Principal::Identity(named) => Some(named) == arn,
            Principal::Session(named) => choice.session.as_ref() == Some(named),
            other => self.is(other) == Match::Always,
        });
        named != principals.negated
    }

    /// The values that a key saying who calls can have for this caller; `None` for keys of other
    /// kinds.
    pub fn choices(
        &self,
        key: &str,
        class: Class,
        wanted: &Wanted,
        mentions: &Mentions,
        fresh: &Fresh,
    ) -> Option<Vec<Choice>> {
        let unnamed = || std::iter::repeat_n(fresh.letter, fresh.run).collect::<String>();
        let absent = || vec![Choice::absent(FREE)];
        let fixed = |value: &str| vec![Choice::one(value, FREE)];
        let maybe = |value: Option<&String>| match value {
            Some(value) => vec![Choice::one(value.clone(), FREE)],
            None => vec![Choice::absent(FREE)],
        };
        let signed = self.form == Form::Signed;
        let service = matches!(self.form, Form::Service(_));
        let federated = matches!(self.form, Form::Federated { .. });
        let source = self.source.as_ref();
        Some(match class {
            // `aws:SourceOwner` and `kms:CallerAccount` exist for signed callers alone.
            Class::CallerAccount if key != "aws:principalaccount" && !signed => absent(),
            Class::CallerAccount if federated => absent(),
            Class::CallerAccount => fixed(&self.account),
            Class::CallerArn if signed => self.arns(mentions, fresh),
            Class::CallerArn => absent(),
            Class::CallerOrg => maybe(self.org.as_ref()),
            Class::CallerOrgPath => org_paths(self.org.as_ref(), wanted, fresh),
            Class::CallerId if signed => self.ids(wanted, mentions, fresh),
            Class::CallerId if self.form == Form::Unsigned => fixed("anonymous"),
            Class::CallerId if service => fixed(&unnamed()),
            Class::CallerType if signed => fixed(self.identity.unwrap_or(IDENTITIES[0])),
            Class::CallerType if self.form == Form::Unsigned => fixed("Anonymous"),
            Class::CallerType if service => fixed("Service"),
            Class::CallerId | Class::CallerType => absent(),
            Class::IsService if self.form == Form::Unsigned || federated => absent(),
            Class::IsService => fixed(if service { "true" } else { "false" }),
            Class::ServiceName => match &self.form {
                Form::Service(name) => fixed(name),
                _ => absent(),
            },
            Class::SourceAccount => maybe(source.map(|source| &source.account)),
            Class::SourceOrg => maybe(source.and_then(|source| source.org.as_ref())),
            Class::SourceOrgPath => {
                org_paths(source.and_then(|source| source.org.as_ref()), wanted, fresh)
            }
            Class::SourceArn => match source {
                None => absent(),
                Some(Source { arn: Some(arn), .. }) => fixed(arn),
                Some(source) => source_arns(source, mentions, fresh),
            },
            Class::Signed if !signed => absent(),
            Class::SourceIp | Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if service =>
            {
                absent()
            }
            Class::Claim => self.claims(key, wanted, fresh),
            _ => return None,
        })
    }

    fn arns(&self, mentions: &Mentions, fresh: &Fresh) -> Vec<Choice> {
        let account = &self.account;
        let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
        // One of each kind of identity: what a pattern leaves out another kind may have.
        let mut found: Vec<Choice> = [
            format!("arn:aws:iam::{account}:role/{unnamed}"),
            format!("arn:aws:iam::{account}:user/{unnamed}"),
            format!("arn:aws:iam::{account}:root"),
            format!("arn:aws:sts::{account}:federated-user/{unnamed}"),
        ]
        .into_iter()
        .map(|arn| Choice::one(arn, FREE))
        .collect();
        let mut add = |arn: String| {
            let whose = arn.split(':').nth(4);
            if is_identifier(&arn) && whose == Some(account) && arn.starts_with("arn:") {
                found.push(Choice::one(arn, FREE));
            }
        };
        let shapes = |glob: &Glob| -> Vec<Glob> {
            let [partition, ..] = keys::arn_head(glob);
            ["iam::A:role/?*", "iam::A:user/?*", "iam::A:root", "sts::A:?*"]
                .iter()
                .map(|shape| format!("arn:{partition}:{}", shape.replace('A', account)))
                .map(|shape| Glob::pattern(&shape))
                .collect()
        };
        let own = mentions.arns.get(account);
        let patterns: Vec<&Glob> = own.into_iter().flatten().chain(&mentions.open_arns).collect();
        for glob in &patterns {
            match glob.literal() {
                Some(literal) => add(literal.to_owned()),
                None => {
                    for shape in &shapes(glob) {
                        common(&[glob, shape], fresh).into_iter().for_each(&mut add);
                    }
                }
            }
        }
        /// Patterns up to which ARNs that match two of them are sought.
        const PAIRS: usize = 8;
        let wild: Vec<&&Glob> = patterns
            .iter()
            .filter(|glob| glob.literal().is_none() && glob.tokens() != [Token::Many])
            .collect();
        if wild.len() > PAIRS {
            if mentions.arns_left_out {
                fresh.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for other in &wild[index + 1..] {
                    for shape in &shapes(one) {
                        common(&[one, other, shape], fresh).into_iter().for_each(&mut add);
                    }
                }
            }
        }
        for session in mentions.sessions.get(account).into_iter().flatten() {
            // A role session calls with the role's ARN; a federated user with their own.
            let resource = session.splitn(6, ':').nth(5).unwrap_or_default();
            let arn = match resource.strip_prefix("assumed-role/") {
                Some(rest) => {
                    let role = rest.split('/').next().unwrap_or(rest);
                    format!("arn:aws:iam::{account}:role/{role}")
                }
                None => session.clone(),
            };
            found.push(Choice {
                value: Some(vec![arn]),
                flags: FREE,
                session: Some(session.clone()),
            });
        }
        if let Some(identity) = self.identity {
            found.retain(|choice| {
                choice.value.iter().flatten().all(|arn| identity_of(arn) == identity)
            });
        }
        found
    }

    fn ids(&self, wanted: &Wanted, mentions: &Mentions, fresh: &Fresh) -> Vec<Choice> {
        let unnamed: String = std::iter::repeat_n(fresh.letter.to_ascii_uppercase(), 17).collect();
        let id = match &self.names.unique {
            Some(id) => id.clone(),
            None => format!("AROA{unnamed}"),
        };
        let mut found = vec![Choice::one(format!("{id}:{unnamed}"), FREE)];
        if !id.starts_with("AROA") || self.names.unique.is_some() {
            found.push(Choice::one(id.clone(), FREE));
        } else {
            found.push(Choice::one(format!("AIDA{unnamed}"), FREE));
        }
        let account = &self.account;
        for glob in wanted.patterns() {
            let mut shapes = vec![format!("{id}:?*"), id.clone()];
            if self.names.unique.is_none() {
                shapes.extend([
                    "A*:?*".into(),
                    "A*".into(),
                    account.clone(),
                    format!("{account}:?*"),
                ]);
            }
            for shape in shapes {
                for text in common(&[glob, &Glob::pattern(&shape)], fresh) {
                    let first = text.split(':').next().unwrap_or(&text);
                    let taken = self.names.unique.is_none()
                        && (mentions.unique_ids.contains(first)
                            || is_account(first) && first != account);
                    if is_identifier(&text) && !taken {
                        found.push(Choice::one(text, FREE));
                    }
                }
            }
        }
        found
    }

    fn claims(&self, key: &str, wanted: &Wanted, fresh: &Fresh) -> Vec<Choice> {
        let Form::Federated { provider, guest } = &self.form else {
            return vec![Choice::absent(FREE)];
        };
        let (issuer, claim) = key.rsplit_once(':').unwrap_or(("", key));
        let saml = provider.contains(":saml-provider/") && issuer == "saml";
        if issuer != host(provider).to_lowercase() && !saml {
            return vec![Choice::absent(FREE)];
        }
        let mut found = choices(key, Class::Claim, wanted, fresh);
        if issuer == keys::COGNITO && claim == "amr" {
            // Guests carry `unauthenticated`, everybody else never does.
            let is_guest = |choice: &Choice| {
                choice.value.as_ref().is_some_and(|v| v.iter().any(|v| v == "unauthenticated"))
            };
            found.push(Choice::one(if *guest { "unauthenticated" } else { "authenticated" }, FREE));
            found.retain(|choice| is_guest(choice) == *guest);
        }
        if *guest {
            // Whether a pool that somebody else owns admits guests is not known.
            for choice in &mut found {
                choice.flags = if choice.flags == FREE { FREE } else { DOUBT };
            }
        }
        found
    }
}

fn org_paths(org: Option<&String>, wanted: &Wanted, fresh: &Fresh) -> Vec<Choice> {
    let Some(org) = org else { return vec![Choice::absent(FREE)] };
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let mut found = vec![
        Choice::one(format!("{org}/r-{unnamed}/ou-{unnamed}/"), FREE),
        Choice::one(format!("{org}/"), FREE),
    ];
    let shape = Glob::pattern(&format!("{org}/*"));
    for glob in wanted.patterns() {
        found.extend(
            common(&[glob, &shape], fresh)
                .into_iter()
                .filter(|path| is_identifier(path))
                .map(|path| Choice::one(path, FREE)),
        );
    }
    found
}

fn source_arns(source: &Source, mentions: &Mentions, fresh: &Fresh) -> Vec<Choice> {
    let account = &source.account;
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let mut found = vec![
        Choice::one(format!("arn:aws:sns:us-east-1:{account}:{unnamed}"), FREE),
        Choice::one(format!("arn:aws:s3:::{unnamed}"), FREE),
    ];
    for glob in &mentions.source_patterns {
        // By the place of its account, not by what a star can be stretched over.
        if keys::arn_account(glob).is_some_and(|pinned| pinned != *account) {
            continue;
        }
        let [partition, service, region] = keys::arn_head(glob);
        let shapes = [
            format!("arn:{partition}:{service}:{region}:{account}:?*"),
            format!("arn:{partition}:s3:::?*"),
        ];
        for shape in shapes.iter().map(|shape| Glob::pattern(shape)) {
            for arn in common(&[glob, &shape], fresh) {
                let whose = arn.split(':').nth(4).unwrap_or_default();
                let named = mentions.source_arns.contains(&arn);
                // What has an account in S3 is written as a path (`accesspoint/…`): buckets have
                // none, so such a pattern names buckets alone.
                let mut fields = arn.splitn(6, ':').skip(2);
                let no_bucket = fields.next() == Some("s3")
                    && !whose.is_empty()
                    && !fields.nth(2).is_some_and(|resource| resource.contains('/'));
                let name = arn.strip_prefix("arn:aws:s3:::");
                if no_bucket || name.is_some_and(|name| name.contains([':', '/'])) {
                    continue;
                }
                if is_identifier(&arn) && !named && (whose == account || whose.is_empty()) {
                    found.push(Choice::one(arn, FREE));
                }
            }
        }
    }
    found
}
