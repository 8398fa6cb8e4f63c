//! The resources on whose behalf an AWS service calls: of the owner, of unnamed external accounts,
//! and those that the policy names.

use super::caller::{OrgCase, PrincipalAttributes, Source, count_caller};
use super::named::NamedPrincipals;
use crate::analysis::aws::policy::context::Context;
use crate::analysis::aws::policy::language::arn::bucket_account;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::keys::Class;
use crate::analysis::aws::policy::search::candidates::{Attainability, Candidate};

/// A source with what the policy names it by; `source` is `None` where the request carries no key
/// about its source.
#[derive(Clone, Default)]
pub(super) struct NamedSource {
    pub(super) source: Option<Source>,
    pub(super) attributes: PrincipalAttributes,
}

/// The sources that the policy distinguishes. `external`: accounts that it does not name; `trusted`:
/// whether an account is the owner's or one that the user trusts.
pub(super) fn sources(
    named: &NamedPrincipals,
    owner: &str,
    context: &Context,
    external: &[String],
    fresh: &Fresh,
    trusted: &dyn Fn(&str) -> bool,
) -> Vec<NamedSource> {
    let source = |account: &str, org: Option<&String>| Source {
        account: account.to_owned(),
        org: org.cloned(),
        arn: None,
        own: trusted(account) || org.is_some_and(|org| context.trusted_organizations.contains(org)),
    };
    let owners = Source { own: trusted(owner), ..source(owner, context.org_id.as_ref()) };
    let attributes =
        PrincipalAttributes { source: Some(owner.to_owned()), ..PrincipalAttributes::default() };
    let mut found = vec![NamedSource { source: Some(owners), attributes }];
    let orgs = orgs(named, context, fresh);
    let mut accounts: Vec<(&String, bool)> = external.iter().map(|a| (a, false)).collect();
    let others = named.source_accounts.iter().filter(|account| *account != owner);
    accounts.extend(others.map(|account| (account, true)));
    /// Beyond this, sources that are named by two attributes at once are left out.
    const COMBINATIONS: usize = 4_000;
    let all = accounts.len() * orgs.len() <= COMBINATIONS;
    for (account, account_named) in &accounts {
        for org in &orgs {
            if *account_named && org.named && !all {
                fresh.budget.give_up();
                continue;
            }
            if !count_caller(fresh) {
                return found;
            }
            let attributes = PrincipalAttributes {
                source: account_named.then(|| (*account).clone()),
                org: org.id.clone().filter(|_| org.named),
                ..PrincipalAttributes::default()
            };
            found.push(NamedSource { source: Some(source(account, org.id.as_ref())), attributes });
        }
    }
    // Bucket ARNs name no account. The owner's own buckets are known, and so is whose those of an
    // account's own namespace are; any account can take the name of another one, and a condition
    // may leave only some accounts.
    let holders = found.len();
    for arn in &named.source_arns {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let owned = context.owned_buckets.iter().any(|bucket| bucket == name);
        let only = bucket_account(name);
        for at in 0..if owned { 1 } else { holders } {
            if !count_caller(fresh) {
                return found;
            }
            let NamedSource { source, attributes } = found[at].clone();
            let whose = source.as_ref().map(|source| source.account.as_str());
            if only.is_some() && whose != only {
                continue;
            }
            if only.is_some() {
                let source = source.map(|source| Source { arn: Some(arn.clone()), ..source });
                found.push(NamedSource { source, attributes });
                continue;
            }
            let attributes = PrincipalAttributes { source_arn: Some(arn.clone()), ..attributes };
            let source = source.map(|source| Source { arn: Some(arn.clone()), ..source });
            found.push(NamedSource { source, attributes });
        }
    }
    found
}

/// Organizations that the account of a source may be in: none, an unnamed one, each that the policy
/// names.
fn orgs(named: &NamedPrincipals, context: &Context, fresh: &Fresh) -> Vec<OrgCase> {
    let mut orgs = vec![OrgCase { id: None, named: false }];
    if named.has(&[Class::SourceOrg, Class::SourceOrgPath]) {
        let own = context.org_id.as_ref();
        let listed: Vec<&String> = named.source_orgs.iter().chain(own).collect();
        let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
        let unnamed = format!("o-{unnamed}");
        let open = named.open_orgs.iter().chain([&unnamed]).filter(|org| !listed.contains(org));
        orgs.extend(open.map(|org| OrgCase { id: Some(org.clone()), named: false }));
        orgs.extend(listed.iter().map(|org| OrgCase { id: Some((*org).clone()), named: true }));
    }
    orgs
}

/// Candidates for the ARN of a source: of unnamed resources, and of resources that patterns fit.
pub(super) fn source_arns(
    source: &Source,
    named_principals: &NamedPrincipals,
    fresh: &Fresh,
) -> Vec<Candidate> {
    let account = &source.account;
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let mut found = vec![
        Candidate::one(format!("arn:aws:sns:us-east-1:{account}:{unnamed}"), Attainability::FREE),
        Candidate::one(format!("arn:aws:s3:::{unnamed}"), Attainability::FREE),
    ];
    for pattern in &named_principals.source_patterns {
        if !fresh.budget.cases(1) {
            break;
        }
        let mut add = |arn: String| {
            if !named_principals.source_arns.contains(&arn) {
                found.push(Candidate::one(arn, Attainability::FREE));
            }
        };
        let of = Glob::exact(account);
        for arn in pattern.resources(&of, fresh) {
            // ARNs of S3 that have an account are paths (`accesspoint/…`), and no bucket's.
            if !arn.contains(":s3:") || arn.contains('/') {
                add(arn);
            }
        }
        let [partition, ..] = pattern.head();
        let head = [partition, "s3".to_owned(), String::new()];
        for arn in pattern.arns(&head, &Glob::exact(""), "?*", fresh) {
            let name = arn.rsplit(':').next().unwrap_or_default();
            let others = bucket_account(name).is_some_and(|whose| whose != account);
            if !name.contains('/') && arn.matches(':').count() == 5 && !others {
                add(arn);
            }
        }
    }
    found
}
