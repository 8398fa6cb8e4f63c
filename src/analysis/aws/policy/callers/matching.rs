//! How the Principal element of a statement relates to a caller.

use super::{Caller, Form};
use crate::analysis::aws::policy::choices::Choice;
use crate::analysis::aws::policy::principal::{Principal, Principals};

/// How the Principal element relates to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Not at all.
    Never,
    /// Whatever the caller's ARN.
    Always,
    /// Depending on the caller's ARN.
    ByArn,
}

impl Caller {
    /// Whether the element names this caller.
    pub fn matched_by(&self, principals: &Principals) -> Match {
        let mut by_arn = false;
        let mut always = false;
        for principal in &principals.named {
            match self.is(principal) {
                Match::Always => {
                    always = true;
                    break;
                }
                Match::ByArn => by_arn = true,
                Match::Never => {}
            }
        }
        match (always, by_arn, principals.negated) {
            (true, _, false) | (false, false, true) => Match::Always,
            (true, _, true) | (false, false, false) => Match::Never,
            (false, true, _) => Match::ByArn,
        }
    }

    fn is(&self, principal: &Principal) -> Match {
        let signed = self.form == Form::Signed;
        let always = match principal {
            Principal::Everyone => true,
            Principal::AnySigned => signed,
            Principal::Account(account) => signed && *account == self.account,
            Principal::Identity(arn) | Principal::Session(arn) => {
                let same = signed && arn.split(':').nth(4) == Some(&self.account);
                return if same { Match::ByArn } else { Match::Never };
            }
            Principal::Service(name) => matches!(&self.form, Form::Service(own) if own == name),
            Principal::AnyService => matches!(self.form, Form::Service(_)),
            Principal::Provider(name) => {
                matches!(&self.form, Form::Federated { provider, .. } if provider == name)
            }
            Principal::AnyProvider => matches!(self.form, Form::Federated { .. }),
            Principal::Canonical(id) => self.names.canonical.as_ref() == Some(id),
            Principal::Deleted(_) => false,
        };
        if always { Match::Always } else { Match::Never }
    }

    /// Whether the element names the caller when it comes with this ARN.
    pub fn matched_with(&self, principals: &Principals, choice: &Choice) -> bool {
        let arn = choice.value.as_ref().and_then(|values| values.first());
        let named = principals.named.iter().any(|principal| match principal {
            Principal::Identity(named) => Some(named) == arn,
            Principal::Session(named) => choice.session.as_ref() == Some(named),
            other => self.is(other) == Match::Always,
        });
        named != principals.negated
    }
}
