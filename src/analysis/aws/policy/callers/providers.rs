//! Callers with a token of an identity provider, and what its claims can say.

use super::{Caller, Form, Names};
use crate::analysis::aws::policy::choices::{Choice, DOUBT, FREE, Wanted, choices};
use crate::analysis::aws::policy::glob::{Fresh, Glob};
use crate::analysis::aws::policy::keys::{self, Class};
use crate::analysis::aws::policy::mentions::Mentions;

pub(super) fn federated(
    mentions: &Mentions,
    owner: &str,
    unnamed: &str,
    signed: &dyn Fn(&str) -> Caller,
) -> Vec<Caller> {
    let mut callers = vec![Caller {
        form: Form::Federated { provider: format!("{unnamed}.example"), guest: false },
        ..signed("")
    }];
    for provider in &mentions.providers {
        if provider.contains(":saml-provider/") && provider.split(':').nth(4) == Some(owner) {
            continue; // the account's own identities
        }
        let host = keys::issuer(provider);
        let own = provider.contains(":saml-provider/") || is_tenant_issuer(host);
        let names = Names { provider: own.then(|| host.to_owned()), ..Names::default() };
        for guest in [false, true] {
            if !guest || host == keys::COGNITO {
                let form = Form::Federated { provider: provider.clone(), guest };
                callers.push(Caller { form, names: names.clone(), ..signed("") });
            }
        }
    }
    callers
}

/// Issuers that serve one customer each, so that a token of theirs says whose it is.
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
    /// The values of a claim; those of other issuers are absent.
    pub(super) fn claims(&self, key: &str, wanted: &Wanted, fresh: &Fresh) -> Vec<Choice> {
        let Form::Federated { provider, guest } = &self.form else {
            return vec![Choice::absent(FREE)];
        };
        let (issuer, claim) = key.rsplit_once(':').unwrap_or(("", key));
        let saml = provider.contains(":saml-provider/") && issuer == "saml";
        if issuer != keys::issuer(provider).to_lowercase() && !saml {
            return vec![Choice::absent(FREE)];
        }
        let mut found = choices(key, Class::Claim, wanted, fresh);
        if issuer == keys::COGNITO && claim == "amr" {
            // Guests carry `unauthenticated`, everybody else never does.
            let is_guest = |choice: &Choice| {
                choice
                    .value
                    .as_ref()
                    .is_some_and(|v| v.iter().any(|v| v.eq_ignore_ascii_case("unauthenticated")))
            };
            found.push(Choice::one(if *guest { "unauthenticated" } else { "authenticated" }, FREE));
            found.retain(|choice| is_guest(choice) == *guest);
        }
        if *guest {
            // Whether a pool that somebody else owns admits guests is not known.
            for choice in &mut found {
                choice.flags = if choice.flags == FREE { FREE } else { DOUBT };
            }
        }
        found
    }
}
