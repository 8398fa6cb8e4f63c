//! Callers with a token of an identity provider, and the candidates for its claims.

use super::caller::{Caller, Form, PrincipalAttributes};
use super::named::NamedPrincipals;
use crate::analysis::aws::policy::context::Context;
use crate::analysis::aws::policy::language::fresh::Fresh;
use crate::analysis::aws::policy::language::glob::Glob;
use crate::analysis::aws::policy::language::issuers::{self, COGNITO, Pin, SESSION_NAME, Tenancy};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::search::candidates::{Attainability, Candidate};
use crate::analysis::aws::policy::search::relevant::{RelevantValues, candidates};

/// One caller of an unnamed provider, and one or two of each that the policy names.
pub(super) fn federated(
    named_principals: &NamedPrincipals,
    owner: &str,
    context: &Context,
    unnamed: &str,
    signed: &dyn Fn(&str) -> Caller,
) -> Vec<Caller> {
    let provider = format!("{unnamed}.example");
    let mut callers = vec![Caller {
        form: Form::Federated { provider, guest: false, unknown: false },
        ..signed("")
    }];
    for provider in &named_principals.providers {
        let saml = provider.contains(":saml-provider/");
        if saml && provider.split(':').nth(4) == Some(owner) {
            continue; // the account's own identities
        }
        let host = keys::issuer(provider);
        let tenancy = match saml {
            true => Tenancy::Private,
            false => issuers::tenancy(&host.to_lowercase(), &context.trusted_issuers),
        };
        let attributes = PrincipalAttributes {
            provider: (tenancy == Tenancy::Private).then(|| host.to_owned()),
            ..PrincipalAttributes::default()
        };
        let unknown = tenancy == Tenancy::Unknown;
        for guest in [false, true] {
            if !guest || host == COGNITO {
                let form = Form::Federated { provider: provider.clone(), guest, unknown };
                callers.push(Caller { form, attributes: attributes.clone(), ..signed("") });
            }
        }
    }
    callers
}

impl Caller {
    /// Whether a key is a claim of the caller's token under another name: the name of the session,
    /// where the issuer decides it.
    pub fn is_claimed(&self, key: &str) -> bool {
        let Form::Federated { provider, .. } = &self.form else { return false };
        key == SESSION_NAME && issuers::names_sessions(&keys::issuer(provider).to_lowercase())
    }

    /// The candidates of a session's name that the issuer decides.
    pub(super) fn session_names(&self, relevant: &RelevantValues, fresh: &Fresh) -> Vec<Candidate> {
        let Form::Federated { provider, .. } = &self.form else { return Vec::new() };
        let issuer = keys::issuer(provider).to_lowercase();
        let mut found = candidates(SESSION_NAME, Class::Free { always: true }, relevant, fresh);
        for candidate in &mut found {
            let named = relevant
                .patterns()
                .filter(|glob| issuers::pin(&issuer, SESSION_NAME, glob) == Pin::Owner);
            let has = |name: &str| {
                candidate.value.iter().flatten().any(|value| value.eq_ignore_ascii_case(name))
            };
            if named.filter_map(Glob::literal).any(has) {
                candidate.attainability = Attainability::NAMED;
            }
        }
        found
    }

    /// The candidates of a claim; claims of other issuers are absent.
    pub(super) fn claims(
        &self,
        key: &str,
        relevant: &RelevantValues,
        fresh: &Fresh,
    ) -> Vec<Candidate> {
        let Form::Federated { provider, guest, .. } = &self.form else {
            return vec![Candidate::absent(Attainability::FREE)];
        };
        let (issuer, claim) = key.rsplit_once(':').unwrap_or(("", key));
        let saml = provider.contains(":saml-provider/") && issuer == "saml";
        if issuer != keys::issuer(provider).to_lowercase() && !saml {
            return vec![Candidate::absent(Attainability::FREE)];
        }
        let mut found = candidates(key, Class::Claim, relevant, fresh);
        // What a token may lack bounds nothing by `IfExists`.
        if !saml && !issuers::is_always_there(issuer, claim) {
            found.push(Candidate::absent(Attainability::FREE));
        }
        if issuer == COGNITO && claim == "amr" {
            // `unauthenticated` is in the tokens of guests and in no others (Cognito developer guide,
            // "Role trust and permissions").
            let is_guest = |candidate: &Candidate| {
                candidate
                    .value
                    .as_ref()
                    .is_some_and(|v| v.iter().any(|v| v.eq_ignore_ascii_case("unauthenticated")))
            };
            found.push(Candidate::one(
                if *guest { "unauthenticated" } else { "authenticated" },
                Attainability::FREE,
            ));
            found.retain(|candidate| is_guest(candidate) == *guest);
        }
        if *guest {
            // Whether the identity pool admits guests was not collected.
            for candidate in &mut found {
                candidate.attainability = if candidate.attainability == Attainability::FREE {
                    Attainability::FREE
                } else {
                    Attainability::IN_DOUBT
                };
            }
        }
        found
    }
}
