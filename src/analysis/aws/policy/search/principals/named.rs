//! The principals that a policy names: accounts, organizations, ids, services, providers and sources
//! in its principals and conditions.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::aws::policy::language::arn::{ArnPattern, any_account, bucket_account};
use crate::analysis::aws::policy::language::common::common;
use crate::analysis::aws::policy::language::condition::Test;
use crate::analysis::aws::policy::language::document::Statement;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::principal::{Principal, is_account, is_identifier};

/// Digits that unnamed accounts are made of.
const DIGITS: [char; 3] = ['7', '3', '9'];

/// What the callers are enumerated from. A value without wildcard names one party; a pattern that
/// fits some and not others is "open": callers that match it need not be named.
#[derive(Debug, Default)]
pub struct NamedPrincipals {
    /// Accounts named without wildcard.
    pub accounts: BTreeSet<String>,
    /// Accounts that match a pattern.
    pub open_accounts: BTreeSet<String>,
    /// Patterns of caller ARNs that have no wildcard in the account, by account.
    pub arns: BTreeMap<String, BTreeSet<ArnPattern>>,
    /// Patterns of caller ARNs that those of other accounts match.
    pub open_arns: BTreeSet<ArnPattern>,
    /// Organizations named without wildcard.
    pub orgs: BTreeSet<String>,
    /// Organizations that match a pattern.
    pub open_orgs: BTreeSet<String>,
    /// Unique ids named without wildcard.
    pub unique_ids: BTreeSet<String>,
    /// Sessions and federated users named as principals, by account.
    pub sessions: BTreeMap<String, BTreeSet<String>>,
    /// Services.
    pub services: BTreeSet<String>,
    /// Identity providers.
    pub providers: BTreeSet<String>,
    /// Canonical ids.
    pub canonicals: BTreeSet<String>,
    /// Accounts named as the source of service calls.
    pub source_accounts: BTreeSet<String>,
    /// Organizations named as source.
    pub source_orgs: BTreeSet<String>,
    /// ARNs of sources that have neither an account (buckets) nor a wildcard.
    pub source_arns: BTreeSet<String>,
    /// Patterns of source ARNs.
    pub source_patterns: BTreeSet<ArnPattern>,
    /// Accounts of access points.
    pub point_accounts: BTreeSet<String>,
    /// Patterns of access point ARNs.
    pub point_arns: BTreeSet<ArnPattern>,
    /// Whether a Deny spares caller ARNs that match a pattern.
    pub deny_spares_arns: bool,
    /// Classes of the keys that occur.
    pub classes: Vec<Class>,
}

impl NamedPrincipals {
    /// Those of these statements; `provider` as in [`keys::class`].
    pub fn of<'s>(
        statements: impl IntoIterator<Item = &'s Statement> + Clone,
        provider: bool,
        fresh: &Fresh,
    ) -> NamedPrincipals {
        let mut found = NamedPrincipals::default();
        for statement in statements.clone() {
            for principal in &statement.principals.named {
                found.principal(principal, fresh);
            }
            for test in &statement.tests {
                let class = keys::class(&test.key, provider);
                found.note(class);
                found.deny_spares_arns |=
                    class == Class::CallerArn && test.negated && !statement.allow;
                for template in test.templates() {
                    for variable in template.variables() {
                        found.note(keys::class(variable, provider));
                    }
                    if let Some(glob) = template.fixed() {
                        found.value(class, test, glob, fresh);
                    }
                }
            }
            for variable in statement.resources.any.iter().flat_map(|r| r.variables()) {
                found.note(keys::class(variable, provider));
            }
        }
        // A trust policy for `*` with a test of a claim admits tokens of that claim's issuer.
        let claims = statements.into_iter().flat_map(|statement| &statement.tests);
        for test in claims.filter(|test| keys::class(&test.key, provider) == Class::Claim) {
            let issuer = test.key.rsplit_once(':').map_or("", |(issuer, _)| issuer);
            let known = found.providers.iter().any(|p| keys::issuer(p).to_lowercase() == issuer);
            if issuer != "saml" && !known {
                found.providers.insert(issuer.to_owned());
            }
        }
        /// Most accounts that match patterns.
        const OPEN: usize = 24;
        if found.open_accounts.len() > OPEN {
            fresh.budget.give_up();
            found.open_accounts = found.open_accounts.into_iter().take(OPEN).collect();
        }
        found
    }

    fn note(&mut self, class: Class) {
        if !self.classes.contains(&class) {
            self.classes.push(class);
        }
    }

    /// Whether any key of these classes occurs.
    pub fn has(&self, classes: &[Class]) -> bool {
        self.classes.iter().any(|class| classes.contains(class))
    }

    fn principal(&mut self, principal: &Principal, fresh: &Fresh) {
        match principal {
            Principal::Account(account) => {
                self.accounts.insert(account.clone());
            }
            Principal::Identity(arn) => self.arn(ArnPattern::whole(Glob::exact(arn)), fresh),
            Principal::Session(arn) => {
                if let Some(account) = arn.split(':').nth(4) {
                    self.accounts.insert(account.to_owned());
                    self.sessions.entry(account.to_owned()).or_default().insert(arn.clone());
                }
            }
            Principal::Service(name) => {
                self.services.insert(name.clone());
            }
            Principal::Provider(provider) => {
                self.providers.insert(provider.clone());
            }
            Principal::Canonical(id) => {
                self.canonicals.insert(id.clone());
            }
            Principal::Everyone
            | Principal::AnySigned
            | Principal::AnyService
            | Principal::AnyProvider
            | Principal::Deleted(_) => {}
        }
    }

    fn arn(&mut self, pattern: ArnPattern, fresh: &Fresh) {
        match pattern.account() {
            Some(account) => {
                self.accounts.insert(account.clone());
                self.arns.entry(account).or_default().insert(pattern.clone());
                if pattern.is_stretchable() {
                    self.open_arns.insert(pattern);
                }
            }
            // A pattern that fits every account distinguishes none.
            None if !caller_arns(&pattern, &Glob::exact(UNLIKE[0]), fresh).is_empty() => {
                self.open_arns.insert(pattern);
            }
            None => {
                for digit in DIGITS {
                    let found = caller_arns(&pattern, &any_account(), &fresh.with(digit, 4));
                    self.open_accounts.extend(accounts_of(&found));
                }
                self.open_arns.insert(pattern);
            }
        }
    }

    fn value(&mut self, class: Class, test: &Test, glob: &Glob, fresh: &Fresh) {
        match class {
            Class::CallerAccount => {
                account(glob, &mut self.accounts, &mut self.open_accounts, fresh)
            }
            Class::SourceAccount => {
                account(glob, &mut self.source_accounts, &mut self.open_accounts, fresh);
            }
            Class::AccessPointAccount => {
                account(glob, &mut self.point_accounts, &mut self.open_accounts, fresh);
            }
            Class::CallerArn => self.arn(test.arn_pattern(glob), fresh),
            Class::SourceArn => self.source(test.arn_pattern(glob), fresh),
            Class::AccessPointArn => {
                let pattern = test.arn_pattern(glob);
                match pattern.account() {
                    Some(account) => {
                        self.point_accounts.insert(account);
                    }
                    None => open_arn_accounts(&pattern, &mut self.open_accounts, fresh),
                }
                self.point_arns.insert(pattern);
            }
            Class::SessionSource => {
                let pattern = test.arn_pattern(glob);
                match pattern.account() {
                    Some(account) => {
                        self.accounts.insert(account);
                    }
                    None => open_arn_accounts(&pattern, &mut self.open_accounts, fresh),
                }
            }
            Class::CallerOrg => org(glob, &mut self.orgs, &mut self.open_orgs, fresh),
            Class::SourceOrg => org(glob, &mut self.source_orgs, &mut self.open_orgs, fresh),
            Class::CallerOrgPath | Class::SourceOrgPath => {
                let text = glob.text();
                let (first, _) = text.split_once('/').unwrap_or((&text, ""));
                let first = if glob.literal().is_some() {
                    Glob::exact(first)
                } else {
                    Glob::pattern(first)
                };
                let named = if class == Class::CallerOrgPath {
                    &mut self.orgs
                } else {
                    &mut self.source_orgs
                };
                org(&first, named, &mut self.open_orgs, fresh);
            }
            Class::CallerId if keys::is_pinned(class, &test.key, glob) => {
                let text = glob.fixed_prefix();
                let id = text.split(':').next().unwrap_or(text);
                if is_account(id) {
                    self.accounts.insert(id.to_owned());
                } else if is_identifier(id) && id != "anonymous" {
                    self.unique_ids.insert(id.to_owned());
                }
            }
            // The ids of a root user and of federated users begin with their account (IAM user
            // guide, "Information available in all requests": aws:userid).
            Class::CallerId => {
                for id in [any_account(), federated_id()] {
                    let of = |account: &str| {
                        let suffix = if id.tokens().len() > 12 { ":?*" } else { "" };
                        let shape = Glob::pattern(&format!("{account}{suffix}"));
                        !common(&[glob, &shape], fresh).is_empty()
                    };
                    if UNLIKE.iter().all(|account| of(account)) {
                        continue;
                    }
                    for digit in DIGITS {
                        let found = common(&[glob, &id], &fresh.with(digit, 4));
                        let ids = found.iter().filter_map(|id| id.get(..12));
                        self.open_accounts.extend(ids.map(str::to_owned));
                    }
                }
            }
            Class::ServiceName => match glob.literal() {
                Some(name) => {
                    self.services.extend(is_identifier(name).then(|| name.to_lowercase()))
                }
                // The shortest name that matches stands for all services whose names do.
                None => {
                    let names = common(&[glob, &Glob::pattern("?*.amazonaws.com")], fresh);
                    self.services.extend(names.into_iter().min_by_key(String::len));
                }
            },
            _ => {}
        }
    }

    fn source(&mut self, pattern: ArnPattern, fresh: &Fresh) {
        self.source_patterns.insert(pattern.clone());
        if let Some(account) = pattern.account() {
            self.source_accounts.insert(account);
            return;
        }
        let ending = pattern.glob.tail();
        self.source_accounts.extend(bucket_account(&ending).map(str::to_owned));
        if let Some(parts) = pattern.glob.arn_parts() {
            // Bucket ARNs have neither region nor account, so `arn:aws:s3:*:*:name` is one bucket.
            let empty = |part: &Glob| part.matches("");
            if let (Some(service), Some(name)) = (parts[2].literal(), parts[5].literal())
                && empty(&parts[3])
                && empty(&parts[4])
                && is_identifier(name)
                && (service == "s3" || pattern.glob.literal().is_some())
            {
                let partition = parts[1].literal().unwrap_or("aws");
                self.source_arns.insert(format!("arn:{partition}:{service}:::{name}"));
                if service == "s3" {
                    return;
                }
            }
        }
        open_arn_accounts(&pattern, &mut self.open_accounts, fresh);
    }
}

/// Two accounts with no digit in common: a pattern that fits both distinguishes no accounts.
const UNLIKE: [&str; 2] = ["829511000222", "130644935718"];

/// Ids of federated users: an account and a name.
fn federated_id() -> Glob {
    let name = Glob::pattern(":?*");
    Glob::from_tokens(any_account().tokens().iter().chain(name.tokens()).copied())
}

/// The account fields of ARNs.
fn accounts_of(arns: &[String]) -> impl Iterator<Item = String> {
    arns.iter().filter_map(|arn| arn.split(':').nth(4)).filter(|a| is_account(a)).map(str::to_owned)
}

/// ARNs of callers of an account that match.
fn caller_arns(pattern: &ArnPattern, account: &Glob, fresh: &Fresh) -> Vec<String> {
    let [partition, ..] = pattern.head();
    let of = |service: &str| {
        let head = [partition.clone(), service.to_owned(), String::new()];
        pattern.arns(&head, account, "?*", fresh)
    };
    ["iam", "sts"].into_iter().flat_map(of).collect()
}

fn open_arn_accounts(pattern: &ArnPattern, open: &mut BTreeSet<String>, fresh: &Fresh) {
    let of = |account: &Glob, fresh: &Fresh| pattern.resources(account, fresh);
    if UNLIKE.iter().all(|account| !of(&Glob::exact(account), fresh).is_empty()) {
        return;
    }
    for digit in DIGITS {
        open.extend(accounts_of(&of(&any_account(), &fresh.with(digit, 4))));
    }
}

fn account(glob: &Glob, named: &mut BTreeSet<String>, open: &mut BTreeSet<String>, fresh: &Fresh) {
    if let Some(literal) = glob.literal() {
        if is_account(literal) {
            named.insert(literal.to_owned());
        }
        return;
    }
    if UNLIKE.iter().all(|account| glob.matches(account)) {
        return;
    }
    let mut found = false;
    for digit in DIGITS {
        let fresh = fresh.with(digit, 4);
        for account in common(&[glob, &any_account()], &fresh) {
            open.insert(account);
            found = true;
        }
    }
    // `444455556666*` is not a fixed value for AWS, although ids have twelve digits.
    let long = common(&[glob], &fresh.with('0', 1));
    if (!found || glob.fixed_prefix().len() >= 12)
        && let Some(long) = long.into_iter().next()
    {
        open.insert(long);
    }
}

fn org(glob: &Glob, named: &mut BTreeSet<String>, open: &mut BTreeSet<String>, fresh: &Fresh) {
    match glob.literal() {
        Some(literal) if is_identifier(literal) => {
            named.insert(literal.to_owned());
        }
        Some(_) => {}
        None => open.extend(common(&[glob, &Glob::pattern("o-?*")], fresh)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::analysis::aws::policy::budget::Budget;
    use crate::analysis::aws::policy::search::testing::{BUCKET, allow, statements};

    fn named(statement: Value, provider: bool) -> NamedPrincipals {
        let fresh = Fresh::new('z', 4, &Budget::full(0));
        NamedPrincipals::of(&statements(&json!([statement])), provider, &fresh)
    }

    fn tested(condition: Value) -> NamedPrincipals {
        named(allow("s3:GetObject", "*", &condition), false)
    }

    #[test]
    fn principals_are_named_by_what_identifies_them() {
        let of = |principal: Value| {
            let statement = json!({"Effect": "Allow", "Principal": principal,
                                   "Action": "s3:GetObject", "Resource": format!("{BUCKET}/*")});
            named(statement, false)
        };
        let accounts = |n: NamedPrincipals| n.accounts.into_iter().collect::<Vec<_>>();
        assert!(accounts(of(json!("*"))).is_empty());
        assert_eq!(accounts(of(json!({"AWS": "444455556666"}))), ["444455556666"]);
        let role = "arn:aws:iam::444455556666:role/x";
        let found = of(json!({"AWS": role}));
        assert_eq!(
            found.arns["444455556666"],
            BTreeSet::from([ArnPattern::whole(Glob::exact(role))])
        );
        assert_eq!(accounts(found), ["444455556666"]);
        let found = of(json!({"Service": "sns.amazonaws.com", "CanonicalUser": "abc"}));
        assert!(found.services.contains("sns.amazonaws.com") && found.canonicals.contains("abc"));
    }

    #[test]
    fn a_condition_names_one_party_or_many() {
        let one = |key: &str, value: &str| tested(json!({"StringLike": {key: value}}));
        type Set = fn(NamedPrincipals) -> BTreeSet<String>;
        let sets: [(&str, Set); 8] = [
            ("accounts", |n| n.accounts),
            ("open accounts", |n| n.open_accounts),
            ("orgs", |n| n.orgs),
            ("open orgs", |n| n.open_orgs),
            ("unique ids", |n| n.unique_ids),
            ("source accounts", |n| n.source_accounts),
            ("source ARNs", |n| n.source_arns),
            ("point accounts", |n| n.point_accounts),
        ];
        for (key, value, expected) in [
            ("aws:PrincipalAccount", "444455556666", &["accounts 444455556666"][..]),
            // Accounts that the pattern fits, made of several digits.
            (
                "aws:PrincipalAccount",
                "44445555666?",
                &[
                    "open accounts 444455556663",
                    "open accounts 444455556667",
                    "open accounts 444455556669",
                ],
            ),
            ("aws:PrincipalAccount", "*", &[]),
            ("aws:PrincipalArn", "arn:aws:iam::444455556666:role/*", &["accounts 444455556666"]),
            ("aws:PrincipalArn", "arn:aws:iam::*:role/x", &[]),
            ("aws:PrincipalOrgID", "o-aaaa111122", &["orgs o-aaaa111122"]),
            ("aws:PrincipalOrgPaths", "o-aaaa111122/*", &["orgs o-aaaa111122"]),
            ("aws:userid", "AROAEXAMPLE:*", &["unique ids AROAEXAMPLE"]),
            ("aws:userid", "*:bob", &[]),
            (
                "aws:SourceArn",
                "arn:aws:sns:us-east-1:444455556666:x",
                &["source accounts 444455556666"],
            ),
            ("aws:SourceArn", "arn:aws:s3:::logs", &["source ARNs arn:aws:s3:::logs"]),
            ("s3:DataAccessPointAccount", "444455556666", &["point accounts 444455556666"]),
        ] {
            let given: Vec<String> = sets
                .iter()
                .flat_map(|(name, set)| set(one(key, value)).into_iter().map(move |v| (name, v)))
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            assert_eq!(given, expected, "{key} {value}");
        }
    }

    #[test]
    fn a_deny_that_spares_arns_is_noted_and_an_allow_is_not() {
        let test = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}});
        let mut statement = allow("s3:GetObject", "*", &test);
        assert!(!named(statement.clone(), false).deny_spares_arns);
        statement["Effect"] = "Deny".into();
        assert!(named(statement, false).deny_spares_arns);
    }

    #[test]
    fn a_claim_names_its_issuer() {
        let statement =
            allow("s3:GetObject", "*", &json!({"StringLike": {"id.example:sub": "repo:acme/*"}}));
        assert!(named(statement.clone(), true).providers.contains("id.example"));
        assert!(named(statement, false).providers.is_empty());
    }
}
