//! What the rules about the trust policies of roles share.

use crate::analysis::aws::policy::effective::{Bearer, Closed, closed_for, effective_for};
use crate::analysis::aws::policy::{Context as Zone, Grant, Ruling, Verdict as Breadth};
use crate::analysis::aws::rights::{self, Class, Rights};
use crate::analysis::aws::trust::Trust;
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::iam::{AccountAuthorizationDetails, RoleDetail};
use crate::inventory::aws::kinds;
use crate::model::{GLOBAL, Known, Lock, Remediation, Severity, Status, Step, aws};
use crate::rules::change::Change;
use crate::rules::shapes::policy::Ways;
use crate::rules::shapes::rights::steps;
use crate::rules::{Context, Findings, Found};

/// A role, and what it bears.
pub struct Role<'a> {
    /// All that IAM told.
    pub account: &'a AccountAuthorizationDetails,
    /// The role.
    pub role: &'a RoleDetail,
    /// Its trust policy.
    pub bearer: Bearer<'a>,
}

/// The roles of the account; what is missing of them is noted.
pub fn roles<'a>(cx: &Context<'a>, found: &mut Findings) -> Vec<Role<'a>> {
    let call = &GET_ACCOUNT_AUTHORIZATION_DETAILS;
    let place = cx.snapshot.place(GLOBAL);
    let Known::Read(account) = &cx.snapshot.global.iam.get_account_authorization_details else {
        found.unread(call, GLOBAL);
        return Vec::new();
    };
    let mut roles = Vec::new();
    for role in &account.role_detail_list {
        // Every role has a trust policy (IAM API reference, CreateRole): without one it was not told.
        let Some(trust) = role.assume_role_policy_document.as_deref() else {
            found.unread(call, GLOBAL);
            continue;
        };
        let bearer = Bearer {
            resource: kinds::IAM_ROLE.resource_of(&place, &role.role_name, &role.arn),
            policy: Known::Read(Some(trust)),
            further: Vec::new(),
            asked: call,
            asked_of: &role.role_name,
            locks: Vec::new(),
        };
        roles.push(Role { account, role, bearer });
    }
    roles
}

impl Role<'_> {
    /// Its trust policy, read.
    pub fn trust(&self) -> Trust {
        let text = self.bearer.policy.read().copied().flatten().unwrap_or_default();
        Trust::read(text, &self.role.arn)
    }

    /// Its rights that let whoever has them do everything, now or in the end.
    pub fn control(&self) -> Rights<'_> {
        let mut rights = rights::of(self.account, self.role);
        rights.held.retain(|held| held.right.class <= Class::Escalation);
        rights
    }

    /// Steps about what whoever assumes it may do.
    pub fn steps(&self, cx: &Context<'_>) -> Vec<Step> {
        steps(cx.snapshot, &self.role.role_name, &self.control())
    }

    /// Leaves of its trust policy what does not grant at `widest`, or at a worse verdict, what `keep`
    /// keeps, seen from outside `zone`. `what` is to be done instead, in words.
    pub fn close(
        &self,
        zone: &Zone,
        keep: &dyn Fn(&Grant) -> bool,
        (widest, shut): (Breadth, bool),
        what: &str,
    ) -> (Remediation, Vec<Change>) {
        let left = closed_for(&self.bearer, zone, keep, widest, shut);
        let (policy, then) = match &left {
            Some(Closed::Policy(text)) => (text.as_str(), "with everybody else whom these name"),
            _ => (NOBODY, "which are all that there are: then nobody may assume the role"),
        };
        let text =
            format!("{what}; the command takes the statements away that let them in, {then}");
        let of_role = ["--role-name", &self.role.role_name, "--policy-document", policy];
        let command = aws(["iam", "update-assume-role-policy"].into_iter().chain(of_role));
        // IAM answers policies as JSON, whatever the text was.
        let policy = serde_json::from_str::<serde_json::Value>(policy);
        let policy = policy.map_or_else(|_| NOBODY.to_owned(), |policy| policy.to_string());
        let change = Change::policy(
            &kinds::IAM_ROLE,
            &self.bearer.resource,
            self.bearer.asked_of,
            Some(policy),
        );
        (Remediation { text, commands: vec![command] }, change.into_iter().collect())
    }
}

/// A trust policy by which nobody gets in: a role cannot be without one.
const NOBODY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}"#;

/// What a rule says of the roles that strangers may assume.
pub struct TrustRule {
    /// The grants that it is about.
    pub keep: fn(&Grant) -> bool,
    /// Whether it is about what cannot be read of a policy as well.
    pub unreadable: bool,
    /// Who gets in, for the title.
    pub who: fn(&Trust) -> String,
    /// What to do instead.
    pub instead: &'static str,
}

/// Reports the roles that strangers may assume.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, rule: &TrustRule) {
    let zone = cx.zone_of_trust();
    for role in roles(cx, found) {
        let effective = effective_for(&role.bearer, &zone, &rule.keep);
        let Known::Read(Some(effective)) = effective else { continue };
        // What no grant decides is said once.
        let told = |who: bool| who || rule.unreadable;
        let paths = effective.paths.iter().filter(|path| told(path.who.is_some()));
        let Some(ways) = Ways::worst(paths) else { continue };
        let name = role.role.role_name.as_str();
        let trust = role.trust();
        let who = (rule.who)(&trust);
        let title = match ways.status {
            Status::Latent => format!("{who} could assume role {name} but for a control"),
            Status::Undetermined => format!("{who} may be able to assume role {name}"),
            _ => format!("{who} can assume role {name}"),
        };
        let by_deny = |lock: &Lock| matches!(lock, Lock::Shut(by) if by.control == "policy:Deny");
        let shut = ways.paths.iter().flat_map(|path| &path.locks).any(by_deny);
        let what = match ways.status {
            Status::Latent => "take the grant away, so that nothing depends on the control",
            _ => rule.instead,
        };
        let (remediation, changes) =
            role.close(&zone, &rule.keep, (Breadth::Conditional, shut), what);
        let mut verdict = ways.verdict("STS", &[]);
        if ways.status == Status::Undetermined {
            verdict.evidence.extend(by_a_secret(&trust, &effective.ruling));
        }
        verdict.evidence.extend(role.steps(cx));
        let finding = Found {
            way_in: "trust",
            severity: Severity::Critical,
            title,
            exposure: Some(ways.exposure()),
            verdict,
            remediation,
            resource: role.bearer.resource,
        };
        found.push_closed_by(finding, changes);
    }
}

/// That nothing but an external id stands before a grant, where that is so.
fn by_a_secret(trust: &Trust, ruling: &Ruling) -> Option<Step> {
    let grants = ruling.grants.iter().filter(|grant| grant.verdict == Breadth::Conditional);
    let labels = grants.flat_map(|grant| grant.via.iter().cloned()).collect();
    trust.asks_for_external_id(&labels).then(|| {
        let text = "an external id is asked for: a secret that whoever calls has to know, and no \
                    list of who may";
        Step::new("external-id", text)
    })
}
