//! Callers with a token of an identity provider, and the candidates for its claims.

use super::caller::{Caller, Form, PrincipalAttributes};
use super::named::NamedPrincipals;
use crate::analysis::aws::policy::language::glob::{Fresh, Glob};
use crate::analysis::aws::policy::language::keys::{self, Class};
use crate::analysis::aws::policy::search::candidates::{Attainability, Candidate};
use crate::analysis::aws::policy::search::relevant::{RelevantValues, candidates};

/// One caller of an unnamed provider, and one or two of each that the policy names.
pub(super) fn federated(
    named_principals: &NamedPrincipals,
    owner: &str,
    unnamed: &str,
    signed: &dyn Fn(&str) -> Caller,
) -> Vec<Caller> {
    let mut callers = vec![Caller {
        form: Form::Federated { provider: format!("{unnamed}.example"), guest: false },
        ..signed("")
    }];
    for provider in &named_principals.providers {
        if provider.contains(":saml-provider/") && provider.split(':').nth(4) == Some(owner) {
            continue; // the account's own identities
        }
        let host = keys::issuer(provider);
        let own = provider.contains(":saml-provider/") || is_tenant_issuer(host);
        let attributes = PrincipalAttributes {
            provider: own.then(|| host.to_owned()),
            ..PrincipalAttributes::default()
        };
        for guest in [false, true] {
            if !guest || host == keys::COGNITO {
                let form = Form::Federated { provider: provider.clone(), guest };
                callers.push(Caller { form, attributes: attributes.clone(), ..signed("") });
            }
        }
    }
    callers
}

/// Whether an issuer serves one customer, so that its tokens identify the customer.
fn is_tenant_issuer(host: &str) -> bool {
    const TENANT: &[&str] = &[
        "oidc.eks.*.amazonaws.com*/id/*",
        "oidc-eks.*/id/*",
        "sts.windows.net/*",
        "login.microsoftonline.com/?*",
        "oidc.circleci.com/org/*",
        "*.okta.com*",
        "*.auth0.com*",
    ];
    TENANT.iter().any(|pattern| Glob::pattern(pattern).matches(host))
}

impl Caller {
    /// The candidates of a claim; claims of other issuers are absent.
    pub(super) fn claims(
        &self,
        key: &str,
        relevant: &RelevantValues,
        fresh: &Fresh,
    ) -> Vec<Candidate> {
        let Form::Federated { provider, guest } = &self.form else {
            return vec![Candidate::absent(Attainability::FREE)];
        };
        let (issuer, claim) = key.rsplit_once(':').unwrap_or(("", key));
        let saml = provider.contains(":saml-provider/") && issuer == "saml";
        if issuer != keys::issuer(provider).to_lowercase() && !saml {
            return vec![Candidate::absent(Attainability::FREE)];
        }
        let mut found = candidates(key, Class::Claim, relevant, fresh);
        if issuer == keys::COGNITO && claim == "amr" {
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
