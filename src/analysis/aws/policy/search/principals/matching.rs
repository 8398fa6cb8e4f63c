//! How statements relate to a caller: its Principal element, and actions that not everyone can call.

use super::caller::{Caller, Form};
use crate::analysis::aws::policy::context::{Context, FunctionWay};
use crate::analysis::aws::policy::language::principal::{Principal, Principals};
use crate::analysis::aws::policy::search::candidates::Candidate;
use crate::analysis::aws::policy::services::Kind;
use crate::inventory::aws::kinds::Unsigned;

/// Whether a Principal element names a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalMatch {
    /// No.
    Never,
    /// Yes, whatever the caller's ARN.
    Always,
    /// That depends on the caller's ARN, of which a caller has several candidates.
    ByArn,
}

impl Caller {
    /// Whether the element names this caller.
    pub fn matched_by(&self, principals: &Principals) -> PrincipalMatch {
        let mut by_arn = false;
        let mut always = false;
        for principal in &principals.named {
            match self.is(principal) {
                PrincipalMatch::Always => {
                    always = true;
                    break;
                }
                PrincipalMatch::ByArn => by_arn = true,
                PrincipalMatch::Never => {}
            }
        }
        match (always, by_arn, principals.negated) {
            (true, _, false) | (false, false, true) => PrincipalMatch::Always,
            (true, _, true) | (false, false, false) => PrincipalMatch::Never,
            (false, true, _) => PrincipalMatch::ByArn,
        }
    }

    fn is(&self, principal: &Principal) -> PrincipalMatch {
        let signed = self.form == Form::Signed;
        let always = match principal {
            Principal::Everyone => true,
            Principal::AnySigned => signed,
            Principal::Account(account) => signed && *account == self.account,
            Principal::Identity(arn) | Principal::Session(arn) => {
                let same = signed && arn.split(':').nth(4) == Some(&self.account);
                return if same { PrincipalMatch::ByArn } else { PrincipalMatch::Never };
            }
            Principal::Service(name) => matches!(&self.form, Form::Service(own) if own == name),
            Principal::AnyService => matches!(self.form, Form::Service(_)),
            Principal::Provider(name) => {
                matches!(&self.form, Form::Federated { provider, .. } if provider == name)
            }
            Principal::AnyProvider => matches!(self.form, Form::Federated { .. }),
            Principal::Canonical(id) => self.attributes.canonical.as_ref() == Some(id),
            Principal::Deleted(_) => false,
        };
        if always { PrincipalMatch::Always } else { PrincipalMatch::Never }
    }

    /// Whether the element names the caller when it comes with this ARN.
    pub fn matched_with(&self, principals: &Principals, candidate: &Candidate) -> bool {
        let arn = candidate.value.as_ref().and_then(|values| values.first());
        let named = principals.named.iter().any(|principal| match principal {
            Principal::Identity(named) => Some(named) == arn,
            Principal::Session(named) => candidate.session.as_ref() == Some(named),
            other => self.is(other) == PrincipalMatch::Always,
        });
        named != principals.negated
    }
}

/// Whether this form of caller can call the action at all (`None`: it cannot), and whether that is
/// in doubt.
pub fn admits(caller: &Caller, action: &str, kind: &Kind, context: &Context) -> Option<bool> {
    let federated = match &caller.form {
        Form::Federated { provider, .. } => Some(provider.contains(":saml-provider/")),
        _ => None,
    };
    let unknown = matches!(caller.form, Form::Federated { unknown: true, .. });
    let doubt = match action {
        // STS: tokens of providers and signed requests have operations of their own.
        "sts:assumerolewithwebidentity" => (federated == Some(false)).then_some(false),
        "sts:assumerolewithsaml" => (federated == Some(true)).then_some(false),
        "sts:assumerole" => federated.is_none().then_some(false),
        "lambda:invokefunctionurl" if let Some(url) = kind.url(context) => {
            // Without authentication nobody is known, whatever a request is signed with.
            match (url.auth_type.as_deref(), caller.form == Form::Unsigned) {
                (Some("NONE"), unsigned) => unsigned.then_some(false),
                (Some(_), unsigned) => (!unsigned).then_some(false),
                (None, _) => Some(true),
            }
        }
        // That action is no way to call the API.
        "lambda:invokefunctionurl" if matches!(context.way, FunctionWay::Api) => None,
        "lambda:invokefunctionurl" => match &context.function_url {
            // Without a URL there is nothing to call; unsigned calls need authentication NONE.
            Some(None) => None,
            Some(Some(auth)) => (auth == "NONE" || caller.form != Form::Unsigned).then_some(false),
            None => Some(true),
        },
        _ if caller.form == Form::Unsigned && kind.unsigned() == Unsigned::FunctionUrl => None,
        _ => Some(false),
    };
    doubt.map(|doubt| doubt || unknown)
}
