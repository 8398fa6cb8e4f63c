//! What credentials of a role are worth to somebody whom a pool of Cognito gives them.

use crate::analysis::aws::cognito::{Token, Trusts, trusts};
use crate::analysis::aws::rights::{self, Allowed, Class, Held, Rights, Session};
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::iam::{AccountAuthorizationDetails, RoleDetail};
use crate::model::{Control, Lock, Missing, Step, first_few};
use crate::rules::Context;
use crate::rules::shapes::rights::steps;

/// How many actions a finding names before it counts the rest.
const NAMED: usize = 6;
/// What stands for one's own identity in ARNs (IAM user guide, "Available keys for AWS OIDC
/// federation").
const OWN: &str = "${cognito-identity.amazonaws.com:sub}";

/// What a session of a role may do.
pub struct Worth<'a> {
    /// The role.
    pub role: &'a RoleDetail,
    rights: Rights<'a>,
    /// What else it may do, beyond what everybody is meant to have.
    others: Vec<Allowed<'a>>,
    /// What it may do that everybody is meant to have.
    harmless: Vec<String>,
    /// That AWS cuts the session, and by that takes something of the role's rights away.
    cut: bool,
    /// Why it is not certain that the role is given.
    trust: Lock,
}

impl<'a> Worth<'a> {
    /// That of a session which the holder of `token` gets, cut by `session`.
    pub fn of(
        cx: &Context<'_>,
        account: &'a AccountAuthorizationDetails,
        role: &'a RoleDetail,
        token: &Token<'_>,
        session: Option<&Session>,
    ) -> Worth<'a> {
        let (harmless, others) = allowed(account, role, session);
        let cut = session.is_some() && others.is_empty() && {
            let (_, whole) = allowed(account, role, None);
            !whole.is_empty()
        };
        let mut rights = rights::of_session(account, role, session);
        // What is one's own is no more than any other action.
        let is_own = |held: &Held<'_>| held.on.iter().all(|pattern| pattern.contains(OWN));
        rights.held.retain(|held| held.right.class != Class::Data || !is_own(held));
        let is_right = |one: &Allowed<'_>| {
            let held = rights.held.iter().flat_map(|held| &held.right.actions);
            held.into_iter().any(|action| action.eq_ignore_ascii_case(&one.action))
        };
        let others: Vec<_> = others.into_iter().filter(|one| !is_right(one)).collect();
        let harmless = harmless.into_iter().map(|one| one.action).collect();
        let trust = trust(cx, role, token);
        Worth { role, rights, others, harmless, cut, trust }
    }

    /// Whether it may do anything that not everybody is meant to.
    pub fn is_something(&self) -> bool {
        !self.rights.held.is_empty() || !self.others.is_empty()
    }

    /// The worst class of what it may do.
    pub fn worst(&self) -> Option<Class> {
        self.rights.worst()
    }

    /// Whether policies of the role were not told, or cannot be read.
    pub fn is_in_part(&self) -> bool {
        !self.rights.unknown.is_empty()
    }

    /// Whether the trust policy keeps the token out.
    pub fn is_refused(&self) -> bool {
        self.trust.is_shut()
    }

    /// Whether it is certain that the token gets in by the trust policy.
    pub fn is_trusted(&self) -> bool {
        matches!(self.trust, Lock::Open(_))
    }

    /// What it does with what it may, after "which".
    pub fn says(&self) -> String {
        match self.worst() {
            Some(Class::Admin) => "may do everything in the account".to_owned(),
            Some(Class::Escalation) => "can get every right of the account".to_owned(),
            Some(Class::Data) => "reads what the account stores".to_owned(),
            None => format!("may call {}", first_few(self.others.iter().map(|one| &one.action), 2)),
        }
    }

    /// What it may do, worst first.
    pub fn steps(&self, cx: &Context<'_>) -> Vec<Step> {
        let name = self.role.role_name.as_str();
        let mut all = steps(cx.snapshot, name, &self.rights);
        all.extend(
            self.others.iter().take(NAMED).map(|one| Step::of("right", name, sentence(one))),
        );
        let more: Vec<_> =
            self.others.iter().skip(NAMED).map(|one| format!("`{}`", one.action)).collect();
        if !more.is_empty() {
            let text = format!("and {} more: {}", more.len(), first_few(&more, NAMED));
            all.push(Step::of("more", name, text));
        }
        for unknown in &self.rights.unknown {
            let text =
                format!("{unknown} was not told or cannot be read: what it says is not counted");
            all.push(Step::of("note", name, text));
        }
        all
    }

    /// What stands between the token and what the role may do. Without any of it there is something
    /// to have.
    pub fn locks(&self) -> Vec<Lock> {
        let mut locks = vec![self.trust.clone()];
        let unknown = &self.rights.unknown;
        let missing = |what: String| Lock::Unknown(GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(what));
        if !self.is_something() && unknown.is_empty() {
            locks.push(Lock::Shut(self.nothing()));
        } else if !self.is_something() {
            locks.push(missing(format!("what {} says", first_few(unknown, 2))));
        }
        let boundary = unknown.iter().find(|one| one.starts_with("permissions boundary"));
        locks.extend(boundary.map(|one| missing(format!("what the {one} leaves of it"))));
        locks
    }

    /// That there is nothing to have.
    fn nothing(&self) -> Control {
        let name = &self.role.role_name;
        let given = match self.harmless.as_slice() {
            [] => String::new(),
            all => format!(
                " but {}, which guests are meant to have",
                first_few(all.iter().map(|action| format!("`{action}`")), NAMED)
            ),
        };
        let (control, text) = if self.cut {
            let text = format!(
                "AWS cuts credentials of guests by a session policy, which leaves nothing of what \
                 role {name} may do{given}"
            );
            ("cognito-session-policy", text)
        } else {
            ("guest-role-rights", format!("the policies of role {name} allow nothing{given}"))
        };
        Control { control: control.to_owned(), text }
    }
}

/// What a session may do: what everybody is meant to have, and the rest.
fn allowed<'a>(
    account: &'a AccountAuthorizationDetails,
    role: &'a RoleDetail,
    session: Option<&Session>,
) -> (Vec<Allowed<'a>>, Vec<Allowed<'a>>) {
    let all = rights::allowed(account, role, session).into_iter();
    all.partition(|one| rights::harmless(&one.action))
}

/// What the trust policy of the role says of the token.
fn trust(cx: &Context<'_>, role: &RoleDetail, token: &Token<'_>) -> Lock {
    let name = role.role_name.as_str();
    let said = trusts(role, token, &cx.snapshot.account, cx.control_policies());
    match said {
        None => Lock::Unknown(
            GET_ACCOUNT_AUTHORIZATION_DETAILS.missing(format!("the trust policy of role {name}")),
        ),
        Some(Trusts::Yes) => {
            let text = format!("its trust policy lets {} in", token.holder());
            Lock::Open(Step::of("trust-policy", name, text))
        }
        Some(Trusts::No) => Lock::Shut(Control {
            control: "role-trust-policy".to_owned(),
            text: format!("the trust policy of role {name} does not let {} in", token.holder()),
        }),
        Some(Trusts::Perhaps(why)) => Lock::Unknown(Missing {
            operation: None,
            resource: Some(role.arn.clone()),
            text: format!(
                "whether the trust policy of role {name} lets {} in: {}",
                token.holder(),
                first_few(&why, 2)
            ),
        }),
    }
}

/// One thing that a role may do.
fn sentence(one: &Allowed<'_>) -> String {
    let on = first_few(one.on.iter().map(|pattern| format!("`{pattern}`")), 3);
    let policies = if one.by.len() == 1 { "policy" } else { "policies" };
    let by = first_few(one.by.iter().map(|source| format!("`{}`", source.name())), 3);
    let mut text = format!("may call `{}` on {on} by {policies} {by}", one.action);
    if !one.but.is_empty() {
        text.push_str(&format!("; not decided: {}", first_few(&one.but, 3)));
    }
    text
}
