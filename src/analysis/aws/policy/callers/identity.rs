//! The values of keys that say who calls: accounts, ARNs, ids, organizations and their paths.

use super::sources::source_arns;
use super::{Caller, Form, Source};
use crate::analysis::aws::policy::choices::{Choice, FREE, Wanted, is_identifier};
use crate::analysis::aws::policy::glob::{Fresh, Glob, Token, common};
use crate::analysis::aws::policy::keys::{self, Class};
use crate::analysis::aws::policy::mentions::Mentions;
use crate::analysis::aws::policy::principal::is_account;

/// Values of `aws:PrincipalType` for signed requests.
pub(super) const IDENTITIES: [&str; 4] = ["AssumedRole", "User", "Account", "FederatedUser"];

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

impl Caller {
    /// What the values of such a key depend on, where finding them takes a search: callers with
    /// the same answer share them.
    pub fn profile(&self, class: Class) -> Option<String> {
        let signed = self.form == Form::Signed;
        let org = |org: Option<&String>| org.cloned().unwrap_or_default();
        match class {
            Class::CallerArn if signed => {
                Some(format!("{} {}", self.account, self.identity.unwrap_or_default()))
            }
            Class::CallerId if signed => {
                Some(format!("{} {}", self.account, org(self.names.unique.as_ref())))
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
            if !fresh.budget.take(20) {
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
            if mentions.arns_left_out {
                fresh.budget.give_up();
            }
        } else {
            for (index, one) in wild.iter().enumerate() {
                for other in &wild[index + 1..] {
                    if !fresh.budget.take(100) {
                        break;
                    }
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
        let mut shapes = vec![format!("{id}:?*"), id.clone()];
        if self.names.unique.is_none() {
            shapes.extend(["A*:?*".into(), "A*".into(), account.clone(), format!("{account}:?*")]);
        }
        let shapes: Vec<Glob> = shapes.iter().map(|shape| Glob::pattern(shape)).collect();
        for glob in wanted.patterns() {
            for shape in &shapes {
                if fresh.budget.is_spent() {
                    return found;
                }
                for text in common(&[glob, shape], fresh) {
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
