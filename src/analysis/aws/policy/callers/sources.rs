//! On whose behalf an AWS service calls: the owner, strangers, and whom the policy names as source.

use super::{Names, Source, cost};
use crate::analysis::aws::policy::choices::{Choice, FREE, is_identifier};
use crate::analysis::aws::policy::context::Context;
use crate::analysis::aws::policy::glob::{Fresh, Glob, common};
use crate::analysis::aws::policy::keys::{self, Class};
use crate::analysis::aws::policy::mentions::Mentions;

pub(super) fn sources(
    mentions: &Mentions,
    owner: &str,
    context: &Context,
    strangers: &[String],
    fresh: &Fresh,
    inside: &dyn Fn(&str) -> bool,
) -> Vec<(Option<Source>, Names)> {
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
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
    // Organizations that the account acted for may be in: none, a stranger's, a named one.
    let mut orgs: Vec<(Option<String>, bool)> = vec![(None, false)];
    if mentions.has(&[Class::SourceOrg, Class::SourceOrgPath]) {
        let own = context.org_id.as_ref();
        let named: Vec<&String> = mentions.source_orgs.iter().chain(own).collect();
        let stranger = format!("o-{unnamed}");
        let open = mentions.open_orgs.iter().chain([&stranger]).filter(|org| !named.contains(org));
        orgs.extend(open.map(|org| (Some(org.clone()), false)));
        orgs.extend(named.iter().map(|org| (Some((*org).clone()), true)));
    }
    let mut accounts: Vec<(&String, bool)> = strangers.iter().map(|a| (a, false)).collect();
    let others = mentions.source_accounts.iter().filter(|account| *account != owner);
    accounts.extend(others.map(|account| (account, true)));
    /// Beyond this, sources that are named in two ways at once are left out.
    const COMBINATIONS: usize = 4_000;
    let all = accounts.len() * orgs.len() <= COMBINATIONS;
    for (account, account_named) in &accounts {
        for (org, org_named) in &orgs {
            if *account_named && *org_named && !all {
                fresh.budget.give_up();
                continue;
            }
            if !fresh.budget.take(cost(fresh)) {
                return found;
            }
            let names = Names {
                source: account_named.then(|| (*account).clone()),
                org: org.clone().filter(|_| *org_named),
                ..Names::default()
            };
            let holder = match org {
                Some(org) => member_of(org, source(account)),
                None => source(account),
            };
            found.push((Some(holder), names));
        }
    }
    // Resources whose ARN names no account: buckets. Whose they are, only the owner knows of
    // their own; names of others are free to take, and a condition may leave only some accounts.
    let holders = found.len();
    for arn in &mentions.source_arns {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let owned = context.owned_buckets.iter().any(|bucket| bucket == name);
        for at in 0..if owned { 1 } else { holders } {
            if !fresh.budget.take(cost(fresh)) {
                return found;
            }
            let (holder, names) = found[at].clone();
            let names = Names { source_arn: Some(arn.clone()), ..names };
            let holder = holder.map(|source| Source { arn: Some(arn.clone()), ..source });
            found.push((holder, names));
        }
    }
    found
}

pub(super) fn source_arns(source: &Source, mentions: &Mentions, fresh: &Fresh) -> Vec<Choice> {
    let account = &source.account;
    let unnamed: String = std::iter::repeat_n(fresh.letter, fresh.run).collect();
    let mut found = vec![
        Choice::one(format!("arn:aws:sns:us-east-1:{account}:{unnamed}"), FREE),
        Choice::one(format!("arn:aws:s3:::{unnamed}"), FREE),
    ];
    for glob in &mentions.source_patterns {
        if !fresh.budget.take(40) {
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
