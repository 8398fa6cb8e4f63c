//! The resources on whose behalf an AWS service calls: of the owner, of unnamed external accounts,
//! and those that the policy names.

use super::caller::{OrgCase, PrincipalAttributes, Source, count_caller};
use super::named::NamedPrincipals;
use crate::analysis::aws::policy::context::Context;
use crate::analysis::aws::policy::language::glob::{Fresh, Glob, common};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::language::principal::is_identifier;
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
    // Bucket ARNs name no account. The owner's own buckets are known; any account can take the
    // name of another one, and a condition may leave only some accounts.
    let holders = found.len();
    for arn in &named.source_arns {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let owned = context.owned_buckets.iter().any(|bucket| bucket == name);
        for at in 0..if owned { 1 } else { holders } {
            if !count_caller(fresh) {
                return found;
            }
            let NamedSource { source, attributes } = found[at].clone();
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
    for glob in &named_principals.source_patterns {
        if !fresh.budget.cases(1) {
            break;
        }
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
                let named = named_principals.source_arns.contains(&arn);
                // ARNs of S3 that have an account are paths (`accesspoint/…`); bucket ARNs have
                // none, so an ARN with an account and no path is of no resource.
                let mut fields = arn.splitn(6, ':').skip(2);
                let no_bucket = fields.next() == Some("s3")
                    && !whose.is_empty()
                    && !fields.nth(2).is_some_and(|resource| resource.contains('/'));
                let name = arn.strip_prefix("arn:aws:s3:::");
                if no_bucket || name.is_some_and(|name| name.contains([':', '/'])) {
                    continue;
                }
                if is_identifier(&arn) && !named && (whose == account || whose.is_empty()) {
                    found.push(Candidate::one(arn, Attainability::FREE));
                }
            }
        }
    }
    found
}
