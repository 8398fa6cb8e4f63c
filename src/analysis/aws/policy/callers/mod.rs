//! The callers worth asking about: unsigned ones, strangers, AWS services acting for strangers,
//! and one for each party that the policy names; with the values of the keys that say who calls.

mod identity;
mod matching;
mod providers;
mod sources;

use super::context::Context;
use super::glob::Fresh;
use super::keys::Class;
use super::mentions::Mentions;
use identity::IDENTITIES;
pub use matching::Match;

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

/// Steps of writing down one caller. Names that nobody chose are as long as what they have to
/// differ from.
fn cost(fresh: &Fresh) -> usize {
    100 + 2 * fresh.run
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
    const COMBINATIONS: usize = 4_000;
    let all = accounts.len() * orgs.len() * uniques.len() <= COMBINATIONS;
    for (account, account_named) in &accounts {
        for (org, org_named) in &orgs {
            for unique in &uniques {
                let ways = [*account_named, *org_named, unique.is_some()];
                if !all && ways.iter().filter(|way| **way).count() > 1 {
                    fresh.budget.give_up();
                    continue;
                }
                if !fresh.budget.take(cost(fresh)) {
                    break;
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
        sources.extend(sources::sources(mentions, owner, context, &strangers, fresh, &inside));
    }
    let mut services: Vec<Option<&String>> = vec![None];
    services.extend(mentions.services.iter().map(Some));
    for service in services {
        for (source, names) in &sources {
            if !fresh.budget.take(cost(fresh)) {
                break;
            }
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
        callers.extend(providers::federated(mentions, owner, &unnamed, &signed));
    }
    callers.sort_by_key(|caller| caller.names.count());
    callers
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
