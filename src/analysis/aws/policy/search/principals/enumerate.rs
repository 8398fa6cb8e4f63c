//! All callers worth asking about: an unsigned one, unnamed external ones, AWS services that act for
//! unnamed external accounts, and one for each principal that the policy names.

use super::caller::{Caller, Form, OrgCase, PrincipalAttributes, count_caller};
use super::identity::{IDENTITIES, can_have};
use super::named::NamedPrincipals;
use super::providers;
use super::sources::{self, NamedSource};
use crate::analysis::aws::policy::context::Context;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::keys::Class;

/// What the callers are enumerated from.
struct Enumeration<'a> {
    named: &'a NamedPrincipals,
    context: &'a Context,
    fresh: &'a Fresh,
    /// Accounts outside the zone of trust that the policy does not name: one, and one for each
    /// pattern that fits some accounts and not others.
    external: Vec<String>,
    /// Named accounts outside the zone of trust.
    named_accounts: Vec<&'a String>,
    /// A name that no pattern of the policy spells.
    unnamed: String,
    /// Types of identity to tell apart, where the policy does.
    types: &'static [&'static str],
}

/// All callers for a policy, those first that the policy names by fewer attributes.
pub fn callers(
    named: &NamedPrincipals,
    owner: &str,
    context: &Context,
    fresh: &Fresh,
    unsigned: bool,
    federated: bool,
) -> Vec<Caller> {
    let trusted = |account: &str| {
        account == owner || context.trusted_accounts.iter().any(|trusted| trusted == account)
    };
    let is_named =
        |account: &str| named.accounts.contains(account) || named.source_accounts.contains(account);
    let mut external = vec![external_account(named, &|a| trusted(a) || is_named(a))];
    external.extend(named.open_accounts.iter().filter(|a| !trusted(a) && !is_named(a)).cloned());
    let from = Enumeration {
        named,
        context,
        fresh,
        external,
        named_accounts: named.accounts.iter().filter(|a| !trusted(a)).collect(),
        unnamed: std::iter::repeat_n(fresh.letter, fresh.run).collect(),
        types: if tells_identities_apart(named) { &IDENTITIES } else { &[] },
    };

    let mut callers = Vec::new();
    if unsigned {
        callers.push(Caller { form: Form::Unsigned, ..signed("anonymous") });
    }
    from.signed_callers(&mut callers);
    from.services(owner, &trusted, &mut callers);
    if federated {
        callers.extend(providers::federated(named, owner, context, &from.unnamed, &signed));
    }
    // A caller is some hundred bytes: to be moved once, not while they are sorted.
    callers.sort_by_cached_key(|caller| caller.attributes.count());
    callers
}

/// A signed caller of an account that the policy does not name.
fn signed(account: &str) -> Caller {
    Caller {
        form: Form::Signed,
        attributes: PrincipalAttributes::default(),
        account: account.to_owned(),
        org: None,
        source: None,
        identity: None,
    }
}

/// Whether it matters that what identifies a caller belongs to one kind of identity: its type, its
/// user name, its id and its ARN.
fn tells_identities_apart(named: &NamedPrincipals) -> bool {
    let arns =
        named.has(&[Class::CallerArn]) || !named.arns.is_empty() || !named.sessions.is_empty();
    named.has(&[Class::CallerType, Class::UserName]) || named.has(&[Class::CallerId]) && arns
}

impl Enumeration<'_> {
    /// Organizations of signed callers: none, an unnamed one, each that the policy names.
    fn orgs(&self) -> Vec<OrgCase> {
        let trusts = |org: &String| self.context.trusted_organizations.contains(org);
        let mut orgs = vec![OrgCase { id: None, named: false }];
        if !self.tests_orgs() {
            return orgs;
        }
        orgs.push(OrgCase { id: Some(format!("o-{}", self.unnamed)), named: false });
        let own = self.context.org_id.as_ref();
        let named: Vec<&String> =
            self.named.orgs.iter().chain(own).filter(|org| !trusts(org)).collect();
        let open = self.named.open_orgs.iter().filter(|org| !named.contains(org) && !trusts(org));
        orgs.extend(open.map(|org| OrgCase { id: Some(org.clone()), named: false }));
        orgs.extend(named.iter().map(|org| OrgCase { id: Some((*org).clone()), named: true }));
        orgs.dedup();
        orgs
    }

    fn tests_orgs(&self) -> bool {
        self.named.has(&[Class::CallerOrg, Class::CallerOrgPath])
    }

    /// Signed callers: every account with every organization, every unique id and every canonical
    /// id. A canonical id may be that of a named account, or of a member of an organization.
    fn signed_callers(&self, callers: &mut Vec<Caller>) {
        /// Beyond this, callers that are named by two attributes at once are left out.
        const COMBINATIONS: usize = 4_000;
        let orgs = self.orgs();
        let mut accounts: Vec<(&String, bool)> = self.external.iter().map(|a| (a, false)).collect();
        accounts.extend(self.named_accounts.iter().map(|account| (*account, true)));
        let mut uniques: Vec<Option<&String>> = vec![None];
        uniques.extend(self.named.unique_ids.iter().map(Some));
        let own = self.context.canonical_id.as_ref();
        let mut canonicals: Vec<Option<&String>> = vec![None];
        canonicals.extend(self.named.canonicals.iter().filter(|id| own != Some(*id)).map(Some));
        let each = accounts.len() * orgs.len() * uniques.len();
        for canonical in canonicals {
            let all = match canonical {
                Some(_) => each * self.named.canonicals.len() <= COMBINATIONS,
                None => each <= COMBINATIONS,
            };
            for (account, account_named) in &accounts {
                for org in &orgs {
                    for unique in &uniques {
                        let named =
                            [*account_named, org.named, unique.is_some(), canonical.is_some()];
                        if !all && named.iter().filter(|named| **named).count() > 1 {
                            self.fresh.budget.give_up();
                            continue;
                        }
                        if !count_caller(self.fresh) {
                            break;
                        }
                        let Some(org) = self.known_org(account, *account_named, org) else {
                            continue;
                        };
                        let attributes = PrincipalAttributes {
                            account: account_named.then(|| (*account).clone()),
                            unique: unique.cloned(),
                            org: org.id.clone().filter(|_| org.named),
                            canonical: canonical.cloned(),
                            ..PrincipalAttributes::default()
                        };
                        let caller = Caller { attributes, org: org.id, ..signed(account) };
                        self.add_signed(caller, callers);
                    }
                }
            }
        }
    }

    /// Adds a signed caller, once for each type of identity where types make a difference.
    fn add_signed(&self, caller: Caller, callers: &mut Vec<Caller>) {
        if self.types.is_empty() {
            callers.push(caller);
            return;
        }
        let unique = caller.attributes.unique.as_ref();
        for identity in self.types {
            if unique.is_some_and(|id| !can_have(identity, id)) {
                continue;
            }
            if !count_caller(self.fresh) {
                break;
            }
            callers.push(Caller { identity: Some(*identity), ..caller.clone() });
        }
    }

    /// The organization of an account: the owner's, where that is known of a named account. `None`
    /// where the user trusts the organization.
    fn known_org(&self, account: &String, named: bool, org: &OrgCase) -> Option<OrgCase> {
        let own =
            self.context.org_id.as_ref().filter(|_| {
                named && self.tests_orgs() && self.context.org_accounts.contains(account)
            });
        match own {
            Some(own) if self.context.trusted_organizations.contains(own) => None,
            Some(own) => Some(OrgCase { id: Some(own.clone()), named: true }),
            None => Some(org.clone()),
        }
    }

    /// Services: an unnamed one and each that the policy names, each without a source and on behalf
    /// of every source that the policy distinguishes.
    fn services(&self, owner: &str, trusted: &dyn Fn(&str) -> bool, callers: &mut Vec<Caller>) {
        let mut sources = vec![NamedSource::default()];
        if self.named.has(&[
            Class::SourceAccount,
            Class::SourceArn,
            Class::SourceOrg,
            Class::SourceOrgPath,
        ]) {
            let Enumeration { named, context, external, fresh, .. } = self;
            sources.extend(sources::sources(named, owner, context, external, fresh, trusted));
        }
        let mut services: Vec<Option<&String>> = vec![None];
        services.extend(self.named.services.iter().map(Some));
        for service in services {
            for NamedSource { source, attributes } in &sources {
                if !count_caller(self.fresh) {
                    break;
                }
                let attributes =
                    PrincipalAttributes { service: service.cloned(), ..attributes.clone() };
                let name =
                    service.cloned().unwrap_or_else(|| format!("{}.amazonaws.com", self.unnamed));
                callers.push(Caller {
                    form: Form::Service(name),
                    attributes,
                    source: source.clone(),
                    // The service's own account, which no customer has.
                    ..signed("000000000001")
                });
            }
        }
    }
}

/// An account that the policy does not name, and that no pattern of it fits if possible.
fn external_account(named: &NamedPrincipals, taken: &dyn Fn(&str) -> bool) -> String {
    let candidates =
        (0..400_u32).map(|n| format!("{:03}{:09}", (n * 37 + 829) % 1000, 511_000_222 + n));
    let mut fallback = String::from("829511000222");
    for candidate in candidates {
        if taken(&candidate) {
            continue;
        }
        let arn = format!("arn:aws:iam::{candidate}:role/");
        let near = named.open_accounts.iter().any(|open| open.get(..3) == candidate.get(..3));
        let prefix = named.open_arns.iter().any(|pattern| {
            let prefix = pattern.glob.fixed_prefix();
            prefix.len() > 13 && arn.starts_with(prefix)
        });
        fallback.clone_from(&candidate);
        if !near && !prefix {
            break;
        }
    }
    fallback
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::aws::policy::search::testing::{allow, with_engine};

    #[test]
    fn each_type_of_identity_is_a_caller_and_counts_as_one() {
        let accounts: Vec<String> =
            (222_200_000_000_u64..).take(50).map(|n| n.to_string()).collect();
        let callers = |key: &str| {
            let mut policy = allow("s3:GetObject", "*", &json!({"StringEquals": {key: "User"}}));
            policy["Principal"] = json!({"AWS": accounts});
            let mut found = (0, 0);
            with_engine(&json!([policy]), |engine| {
                let signed = engine.callers.iter().filter(|caller| caller.form == Form::Signed);
                found = (signed.count(), engine.budget.work().cases);
            });
            found
        };
        let ((plain, fewer), (typed, more)) =
            (callers("aws:Referer"), callers("aws:PrincipalType"));
        assert_eq!((plain, typed), (51, 51 * IDENTITIES.len()));
        assert!(more >= fewer + 51 * 3, "{fewer} {more}");
    }
}
