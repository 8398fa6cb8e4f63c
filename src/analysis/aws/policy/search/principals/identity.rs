//! Candidates for the keys that identify the caller: accounts, ARNs, ids, organizations, paths.

use super::caller::{Caller, Form, Source};
use super::named::NamedPrincipals;
use super::sources::source_arns;
use crate::analysis::aws::policy::language::arn::{ArnPattern, arns};
use crate::analysis::aws::policy::language::common::common;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::{Glob, Token};
use crate::analysis::aws::policy::language::keys::Class;
use crate::analysis::aws::policy::language::principal::is_identifier;
use crate::analysis::aws::policy::search::candidates::{Attainability, Candidate};
use crate::analysis::aws::policy::search::relevant::RelevantValues;

/// Values of `aws:PrincipalType` for signed requests.
pub(super) const IDENTITIES: [&str; 4] = [ROLE, USER, ROOT, FEDERATED];
/// The type of sessions of roles.
const ROLE: &str = "AssumedRole";
/// The type of IAM users.
const USER: &str = "User";
/// The type of root users.
const ROOT: &str = "Account";
/// The type of federated users.
const FEDERATED: &str = "FederatedUser";

/// The kind of identity that has an ARN (IAM user guide, "aws:PrincipalType").
fn identity_of(arn: &str) -> &'static str {
    let mut fields = arn.splitn(6, ':').skip(2);
    let service = fields.next().unwrap_or_default();
    let resource = fields.nth(2).unwrap_or_default();
    match (service, resource.split('/').next().unwrap_or_default()) {
        (_, "root") => ROOT,
        (_, "user") => USER,
        ("sts", "federated-user") => FEDERATED,
        _ => ROLE,
    }
}

impl Caller {
    /// What the candidates of a key depend on, where finding them takes a search: callers with the
    /// same profile share them.
    pub fn profile(&self, class: Class) -> Option<String> {
        let signed = self.form == Form::Signed;
        let org = |org: Option<&String>| org.cloned().unwrap_or_default();
        match class {
            Class::CallerArn if signed => {
                Some(format!("{} {}", self.account, self.identity.unwrap_or_default()))
            }
            Class::CallerId if signed => {
                let unique = org(self.attributes.unique.as_ref());
                Some(format!("{} {unique} {}", self.account, self.identity.unwrap_or_default()))
            }
            Class::SessionSource if signed => Some(self.account.clone()),
            Class::CallerOrgPath => Some(org(self.org.as_ref())),
            Class::SourceOrgPath => {
                Some(org(self.source.as_ref().and_then(|source| source.org.as_ref())))
            }
            Class::SourceArn => Some(match &self.source {
                None => String::new(),
                Some(source) => format!("{} {}", source.account, org(source.arn.as_ref())),
            }),
            _ => None,
        }
    }

    /// The candidates of a key that identifies the caller; `None` for other keys.
    pub fn candidates(
        &self,
        key: &str,
        class: Class,
        relevant: &RelevantValues,
        named_principals: &NamedPrincipals,
        fresh: &Fresh,
    ) -> Option<Vec<Candidate>> {
        let unnamed = || std::iter::repeat_n(fresh.letter, fresh.run).collect::<String>();
        let absent = || vec![Candidate::absent(Attainability::FREE)];
        let fixed = |value: &str| vec![Candidate::one(value, Attainability::FREE)];
        let maybe = |value: Option<&String>| match value {
            Some(value) => vec![Candidate::one(value.clone(), Attainability::FREE)],
            None => vec![Candidate::absent(Attainability::FREE)],
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
            Class::CallerArn if signed => self.arns(named_principals, fresh),
            Class::CallerArn => absent(),
            Class::CallerOrg => maybe(self.org.as_ref()),
            Class::CallerOrgPath => org_paths(self.org.as_ref(), relevant, fresh),
            Class::CallerId if signed => self.ids(relevant, named_principals, fresh),
            // Absent by the page of the key, `anonymous` by the table of principals (IAM user guide,
            // aws:userid; "IAM policy elements: variables"): whichever lets more in.
            Class::CallerId if self.form == Form::Unsigned => {
                let mut found = fixed("anonymous");
                found.extend(absent());
                found
            }
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
                org_paths(source.and_then(|source| source.org.as_ref()), relevant, fresh)
            }
            Class::SourceArn => match source {
                None => absent(),
                Some(Source { arn: Some(arn), .. }) => fixed(arn),
                Some(source) => source_arns(source, named_principals, fresh),
            },
            Class::Signed | Class::InstanceVpc | Class::SessionSource if !signed => absent(),
            Class::SessionSource => self.session_sources(key, relevant, fresh),
            Class::Forwarded if !signed => fixed("false"),
            // Root users, roles and federated users have none (IAM user guide, "aws:username").
            Class::UserName if self.identity != Some(USER) => absent(),
            Class::SourceIp | Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if service =>
            {
                absent()
            }
            Class::Free { .. } if self.is_claimed(key) => self.session_names(relevant, fresh),
            Class::Claim => self.claims(key, relevant, fresh),
            _ => return None,
        })
    }

    fn arns(&self, named_principals: &NamedPrincipals, fresh: &Fresh) -> Vec<Candidate> {
        let account = &self.account;
        let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
        // One of each type of identity: a pattern may match all of one and none of another.
        let mut found: Vec<Candidate> = [
            format!("arn:aws:iam::{account}:role/{unnamed}"),
            format!("arn:aws:iam::{account}:user/{unnamed}"),
            format!("arn:aws:iam::{account}:root"),
            format!("arn:aws:sts::{account}:federated-user/{unnamed}"),
        ]
        .into_iter()
        .map(|arn| Candidate::one(arn, Attainability::FREE))
        .collect();
        let mut add = |arn: String| {
            let mut fields = arn.splitn(6, ':').skip(4);
            let whose = fields.next();
            // Paths may hold colons, names never do (IAM API reference, CreateUser).
            let name = fields.next().and_then(|resource| resource.rsplit('/').next());
            let is_named = name.is_some_and(|name| !name.contains(':'));
            if is_identifier(&arn) && whose == Some(account) && is_named && arn.starts_with("arn:")
            {
                found.push(Candidate::one(arn, Attainability::FREE));
            }
        };
        let of = Glob::exact(account);
        let shapes = |pattern: &ArnPattern| {
            const SHAPES: [(&str, &str); 5] = [
                ("iam", "role/?*"),
                ("iam", "user/?*"),
                ("iam", "root"),
                ("sts", "?*"),
                // A star that stands for a path.
                ("iam", "user/?*/?*"),
            ];
            let count = SHAPES.len() - usize::from(!pattern.is_stretchable());
            let [partition, ..] = pattern.head();
            let shape = move |(service, resource): (&str, &'static str)| {
                ([partition.clone(), service.to_owned(), String::new()], resource)
            };
            SHAPES.into_iter().take(count).map(shape)
        };
        let own = named_principals.arns.get(account);
        let patterns: Vec<&ArnPattern> =
            own.into_iter().flatten().chain(&named_principals.open_arns).collect();
        for pattern in &patterns {
            if !fresh.budget.cases(1) {
                break;
            }
            match pattern.glob.literal() {
                Some(literal) => add(literal.to_owned()),
                None => {
                    for (head, resource) in shapes(pattern) {
                        pattern.arns(&head, &of, resource, fresh).into_iter().for_each(&mut add);
                    }
                }
            }
        }
        /// Patterns up to which ARNs that match two of them are sought.
        const PAIRS: usize = 8;
        let wild: Vec<&&ArnPattern> = patterns
            .iter()
            .filter(|pattern| {
                pattern.glob.literal().is_none() && pattern.glob.tokens() != [Token::Many]
            })
            .collect();
        if wild.len() > PAIRS {
            if named_principals.deny_spares_arns {
                fresh.budget.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for other in &wild[index + 1..] {
                    if !fresh.budget.cases(1) {
                        break;
                    }
                    for (head, resource) in shapes(one) {
                        let both = arns(&[one, other], &head, &of, resource, fresh);
                        both.into_iter().for_each(&mut add);
                    }
                }
            }
        }
        for session in named_principals.sessions.get(account).into_iter().flatten() {
            // A role session calls with the role's ARN; a federated user with their own.
            let resource = session.splitn(6, ':').nth(5).unwrap_or_default();
            let arn = match resource.strip_prefix("assumed-role/") {
                Some(rest) => {
                    let role = rest.split('/').next().unwrap_or(rest);
                    format!("arn:aws:iam::{account}:role/{role}")
                }
                None => session.clone(),
            };
            found.push(Candidate {
                value: Some(vec![arn]),
                attainability: Attainability::FREE,
                session: Some(session.clone()),
            });
        }
        if let Some(identity) = self.identity {
            found.retain(|candidate| {
                candidate.value.iter().flatten().all(|arn| identity_of(arn) == identity)
            });
        }
        found
    }

    /// ARNs of what a session of the caller's account was opened for, or no key at all.
    fn session_sources(
        &self,
        key: &str,
        relevant: &RelevantValues,
        fresh: &Fresh,
    ) -> Vec<Candidate> {
        let account = &self.account;
        let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
        let service = match key {
            "aws:chatbotsourcearn" => "chatbot",
            "aws:signinsessionarn" => "signin",
            other => other.split(':').next().unwrap_or(other),
        };
        // Channel configurations are global: their ARNs have no region, and all begin with the same
        // word (service authorization reference, AWS Chatbot).
        let (region, front) = match service {
            "chatbot" => ("", "chat-configuration/"),
            _ => ("us-east-1", ""),
        };
        let other = format!("arn:aws:{service}:{region}:{account}:{front}{unnamed}");
        let is_one =
            |arn: &str| arn.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with(front));
        let free = Attainability::FREE;
        let mut found = vec![Candidate::absent(free), Candidate::one(other, free)];
        for pattern in relevant.arn_patterns() {
            let arns = pattern.resources(&Glob::exact(account), fresh);
            let arns = arns.into_iter().filter(|arn| is_one(arn));
            found.extend(arns.map(|arn| Candidate::one(arn, free)));
        }
        found
    }

    fn ids(
        &self,
        relevant: &RelevantValues,
        named_principals: &NamedPrincipals,
        fresh: &Fresh,
    ) -> Vec<Candidate> {
        let unnamed: String = std::iter::repeat_n(fresh.letter.to_ascii_uppercase(), 17).collect();
        let account = &self.account;
        let unique = self.attributes.unique.as_ref();
        // What each kind of identity has as its id (IAM user guide, "IAM policy elements: variables",
        // table of principal key values): an id of its own kind, with the session's name behind it
        // where there is a session; the account, and a name behind it, for root and federated users.
        let of_kind = |kind: &str| match (kind, unique) {
            (ROLE, Some(id)) => vec![(format!("{id}:{unnamed}"), format!("{id}:?*"))],
            (ROLE, None) => vec![(format!("AROA{unnamed}:{unnamed}"), "AROA?*:?*".to_owned())],
            (USER, Some(id)) => vec![(id.clone(), id.clone())],
            (USER, None) => vec![(format!("AIDA{unnamed}"), "AIDA?*".to_owned())],
            (_, Some(_)) => vec![],
            (ROOT, None) => vec![(account.clone(), account.clone())],
            (_, None) => vec![(format!("{account}:{unnamed}"), format!("{account}:?*"))],
        };
        let kinds = IDENTITIES.into_iter().filter(|kind| {
            self.identity.is_none_or(|own| own == *kind)
                && unique.is_none_or(|id| can_have(kind, id))
        });
        let (mut found, mut shapes) = (Vec::new(), Vec::new());
        for (kind, (id, shape)) in kinds.flat_map(|k| of_kind(k).into_iter().map(move |of| (k, of)))
        {
            found.push(Candidate::one(id, Attainability::FREE));
            shapes.push((kind, Glob::pattern(&shape)));
        }
        for glob in relevant.patterns() {
            for (kind, shape) in &shapes {
                if fresh.budget.is_spent() {
                    return found;
                }
                for text in common(&[glob, shape], fresh) {
                    let (first, rest) = text.split_once(':').unwrap_or((&text, ""));
                    let taken = unique.is_none() && named_principals.unique_ids.contains(first);
                    let whole = *kind != USER || rest.is_empty() && !text.contains(':');
                    if is_identifier(&text) && !taken && whole {
                        found.push(Candidate::one(text, Attainability::FREE));
                    }
                }
            }
        }
        found
    }
}

/// Whether an identity of this kind can have the unique id (IAM user guide, "IAM identifiers":
/// prefixes of unique ids).
pub(super) fn can_have(kind: &str, id: &str) -> bool {
    match kind {
        ROLE => !id.starts_with("AIDA"),
        USER => !id.starts_with("AROA"),
        _ => false,
    }
}

fn org_paths(org: Option<&String>, relevant: &RelevantValues, fresh: &Fresh) -> Vec<Candidate> {
    let Some(org) = org else { return vec![Candidate::absent(Attainability::FREE)] };
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let mut found = vec![
        Candidate::one(format!("{org}/r-{unnamed}/ou-{unnamed}/"), Attainability::FREE),
        Candidate::one(format!("{org}/"), Attainability::FREE),
    ];
    let shape = Glob::pattern(&format!("{org}/*"));
    for glob in relevant.patterns() {
        found.extend(
            common(&[glob, &shape], fresh)
                .into_iter()
                .filter(|path| is_identifier(path))
                .map(|path| Candidate::one(path, Attainability::FREE)),
        );
    }
    found
}
