//! Candidates for the keys that identify the caller: accounts, ARNs, ids, organizations, paths.

use super::caller::{Caller, Form, Source};
use super::named::NamedPrincipals;
use super::sources::source_arns;
use crate::analysis::aws::policy::language::glob::{Fresh, Glob, Token, common};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::principal::{is_account, is_identifier};
use crate::analysis::aws::policy::search::candidates::{Attainability, Candidate};
use crate::analysis::aws::policy::search::relevant::RelevantValues;

/// Values of `aws:PrincipalType` for signed requests.
pub(super) const IDENTITIES: [&str; 4] = ["AssumedRole", USER, "Account", "FederatedUser"];
/// The type of IAM users.
const USER: &str = "User";

/// The kind of identity that has an ARN (IAM user guide, "aws:PrincipalType").
fn identity_of(arn: &str) -> &'static str {
    let mut fields = arn.splitn(6, ':').skip(2);
    let service = fields.next().unwrap_or_default();
    let resource = fields.nth(2).unwrap_or_default();
    match (service, resource.split('/').next().unwrap_or_default()) {
        (_, "root") => "Account",
        (_, "user") => USER,
        ("sts", "federated-user") => "FederatedUser",
        _ => "AssumedRole",
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
                Some(format!("{} {}", self.account, org(self.attributes.unique.as_ref())))
            }
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
                org_paths(source.and_then(|source| source.org.as_ref()), relevant, fresh)
            }
            Class::SourceArn => match source {
                None => absent(),
                Some(Source { arn: Some(arn), .. }) => fixed(arn),
                Some(source) => source_arns(source, named_principals, fresh),
            },
            Class::Signed if !signed => absent(),
            // Root users, roles and federated users have none (IAM user guide, "aws:username").
            Class::UserName if self.identity != Some(USER) => absent(),
            Class::SourceIp | Class::Endpoint | Class::EndpointOrgPath | Class::EndpointIp
                if service =>
            {
                absent()
            }
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
            let whose = arn.split(':').nth(4);
            if is_identifier(&arn) && whose == Some(account) && arn.starts_with("arn:") {
                found.push(Candidate::one(arn, Attainability::FREE));
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
        let own = named_principals.arns.get(account);
        let patterns: Vec<&Glob> =
            own.into_iter().flatten().chain(&named_principals.open_arns).collect();
        for glob in &patterns {
            if !fresh.budget.cases(1) {
                break;
            }
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
            if named_principals.deny_spares_arns {
                fresh.budget.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for other in &wild[index + 1..] {
                    if !fresh.budget.cases(1) {
                        break;
                    }
                    for shape in &shapes(one) {
                        common(&[one, other, shape], fresh).into_iter().for_each(&mut add);
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

    fn ids(
        &self,
        relevant: &RelevantValues,
        named_principals: &NamedPrincipals,
        fresh: &Fresh,
    ) -> Vec<Candidate> {
        let unnamed: String = std::iter::repeat_n(fresh.letter.to_ascii_uppercase(), 17).collect();
        let id = match &self.attributes.unique {
            Some(id) => id.clone(),
            None => format!("AROA{unnamed}"),
        };
        let mut found = vec![Candidate::one(format!("{id}:{unnamed}"), Attainability::FREE)];
        if !id.starts_with("AROA") || self.attributes.unique.is_some() {
            found.push(Candidate::one(id.clone(), Attainability::FREE));
        } else {
            found.push(Candidate::one(format!("AIDA{unnamed}"), Attainability::FREE));
        }
        let account = &self.account;
        let mut shapes = vec![format!("{id}:?*"), id];
        if self.attributes.unique.is_none() {
            shapes.extend(["A*:?*".into(), "A*".into(), account.clone(), format!("{account}:?*")]);
        }
        let shapes: Vec<Glob> = shapes.iter().map(|shape| Glob::pattern(shape)).collect();
        for glob in relevant.patterns() {
            for shape in &shapes {
                if fresh.budget.is_spent() {
                    return found;
                }
                for text in common(&[glob, shape], fresh) {
                    let first = text.split(':').next().unwrap_or(&text);
                    let taken = self.attributes.unique.is_none()
                        && (named_principals.unique_ids.contains(first)
                            || is_account(first) && first != account);
                    if is_identifier(&text) && !taken {
                        found.push(Candidate::one(text, Attainability::FREE));
                    }
                }
            }
        }
        found
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
