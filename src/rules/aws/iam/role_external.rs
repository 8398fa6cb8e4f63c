//! Roles that named outsiders may assume: the register of who else is in the account.

use std::collections::BTreeSet;

use super::roles::{Role, roles};
use crate::analysis::aws::policy::effective::effective_for;
use crate::analysis::aws::policy::{Grant, Verdict as Breadth, Who, explain};
use crate::analysis::aws::rights::Class;
use crate::analysis::aws::trust::{Loose, Trust};
use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::calls::organizations::{DESCRIBE_ORGANIZATION, LIST_ACCOUNTS};
use crate::inventory::aws::kinds;
use crate::model::{
    Access, Audience, Category, Door, Exposure, Known, Remediation, Severity, Status, Step,
    first_few,
};
use crate::rules::shapes::outsiders;
use crate::rules::{Context, Findings, Found, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "iam-role-external",
    title: "A role can be assumed from outside the account",
    category: Category::Sharing,
    severity: Severity::High,
    kind: &kinds::IAM_ROLE,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&GET_ACCOUNT_AUTHORIZATION_DETAILS]],
    reads_more: &[&DESCRIBE_ORGANIZATION, &LIST_ACCOUNTS],
    docs: "\
## What it finds
Roles that another account, an organization or a named principal outside may assume, by their trust
policy: those that are neither trusted by the configuration nor of the account's own organization. Its
members are listed where that is allowed, which is to its management account and to delegated
administrators; elsewhere only the management account is known to be inside, and the evidence says so.
Vendors that publish their account are called by their name. It says whether an external id is asked
for. Trust in GitHub or GitLab is reported where more than one branch or environment of a repository
may assume the role (`repo:acme/app:*`, `…:pull_request`, `repo:acme/*`).

A principal that was deleted (its id, `AIDA…` or `AROA…`, stands in its place) lets nobody in; where it
is all that is left of the outsiders, that is a weakness: nobody looks after this trust policy.

## Why it matters
Each of them is a door that somebody else guards: a break-in there is one here, which is why a vendor's
role with rights over everything is high. Without an external id a vendor that serves many customers
can be made to use the role for another one of them (the confused deputy). Whoever may open a pull
request, or push any branch, runs code with the role that is let in for all of them.

## When it is latent
Never: what a Deny cancels is not reported.

## How to close it
Ask whose the account is and whether it is still needed; put those that belong to you into the
configuration (`[trusted]`). Ask for an external id, give the role only what the task takes, and name
branch or environment in the subject.
",
    evaluate,
};

/// What is found of one role.
struct Outside<'t> {
    grants: Vec<&'t Grant>,
    loose: BTreeSet<Loose>,
}

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    let zone = cx.zone_of_the_organization();
    for role in roles(cx, found) {
        let trust = role.trust();
        let loose = trust.loose();
        let is_meant = |grant: &Grant| is_meant(grant, &loose);
        let Known::Read(Some(told)) = effective_for(&role.bearer, &zone, &is_meant) else {
            continue;
        };
        let grants: Vec<&Grant> =
            told.ruling.grants.iter().filter(|one| one.verdict == Breadth::CrossAccount).collect();
        if grants.is_empty() {
            report_dead(found, role, &trust);
            continue;
        }
        let hosts: BTreeSet<String> = grants.iter().filter_map(|one| provider(one)).collect();
        let loose = loose.iter().filter(|one| hosts.contains(&one.host)).cloned().collect();
        let outside = Outside { grants, loose };
        let rights = role.control();
        let admin = rights.worst() == Some(Class::Admin);
        let accounts = outside.grants.iter().any(|one| provider(one).is_none());
        let severity = match (accounts, admin) {
            (true, true) => Severity::High,
            (true, false) | (false, true) => Severity::Medium,
            (false, false) => Severity::Low,
        };
        let audience: BTreeSet<String> =
            outside.grants.iter().map(|one| one.who.to_string()).collect();
        let audience = audience.into_iter().collect::<Vec<_>>().join(", ");
        let mut evidence = outside.evidence(&trust);
        if accounts {
            evidence.extend(outsiders::not_known(cx, true));
        }
        evidence.extend(role.steps(cx));
        let keep = |grant: &Grant| is_meant(grant) && grant.verdict == Breadth::CrossAccount;
        let what = "ask whether they still need it, trust them in the configuration if they are \
                    yours, and ask for an external id or a fixed subject if not";
        let (remediation, changes) = role.close(&zone, &keep, (Breadth::CrossAccount, false), what);
        let finding = Found {
            way_in: "trust",
            severity,
            title: format!("{} can assume role {}", outside.people(), role.role.role_name),
            exposure: Some(Exposure {
                who: Audience::from(audience.as_str()),
                access: vec![Access::Permissions],
                ..Exposure::default()
            }),
            verdict: Door::open(evidence).behind([]),
            remediation,
            resource: role.bearer.resource,
        };
        found.push_closed_by(finding, changes);
    }
}

/// Whether a grant is to somebody whom this rule is about.
fn is_meant(grant: &Grant, loose: &BTreeSet<Loose>) -> bool {
    match &grant.who {
        Who::Provider(host) => loose.iter().any(|one| one.host == *host),
        _ => true,
    }
}

/// The host of an identity provider that a grant is to.
fn provider(grant: &Grant) -> Option<String> {
    match &grant.who {
        Who::Provider(host) => Some(host.clone()),
        _ => None,
    }
}

impl Outside<'_> {
    /// Who they are, in words.
    fn people(&self) -> String {
        let accounts = self.grants.iter().filter(|one| provider(one).is_none());
        let mut people: BTreeSet<String> =
            accounts.map(|one| outsiders::called(&one.who)).collect();
        people.extend(self.loose.iter().map(|one| one.who.clone()));
        first_few(people, 2)
    }

    fn evidence(&self, trust: &Trust) -> Vec<Step> {
        let mut steps: BTreeSet<Step> = BTreeSet::new();
        for grant in &self.grants {
            steps.insert(Step::new("policy-statement", explain::sentence(grant)));
        }
        let mut steps: Vec<Step> = steps.into_iter().collect();
        let accounts: BTreeSet<&Who> = self.grants.iter().map(|grant| &grant.who).collect();
        for who in accounts {
            let Some(account) = who.account() else { continue };
            steps.extend(outsiders::vendor(account));
            let own = self.grants.iter().filter(|grant| grant.who == *who);
            let labels = own.flat_map(|grant| grant.via.iter().cloned()).collect();
            let text = match trust.asks_for_external_id(&labels) {
                true => "it has to show an external id",
                false => {
                    "no external id is asked for: if it serves others as well, they may make it use \
                     this role"
                }
            };
            steps.push(Step::of("external-id", account, text));
        }
        for Loose { host, subject, who } in &self.loose {
            let text = format!("the subject `{subject}` of {host} is that of {who}");
            steps.push(Step::of("subject", subject, text));
        }
        if !self.loose.is_empty() {
            for name in trust.names_alone() {
                let text = format!(
                    "{name} is known by its name alone: whoever registers the name anew, after it \
                     was given up, has the grant"
                );
                steps.push(Step::new("note", text));
            }
        }
        steps.extend(dead(trust));
        steps
    }
}

/// What there is to say of deleted principals.
fn dead(trust: &Trust) -> Vec<Step> {
    let ids = trust.dead().into_iter();
    let text = "the principal with this id was deleted: it lets nobody in, nor does one that is \
                made anew under its name";
    ids.map(|id| Step::of("deleted-principal", id, text)).collect()
}

/// Reports a role of whose outsiders only deleted ones are left.
fn report_dead(found: &mut Findings, role: Role<'_>, trust: &Trust) {
    let evidence = dead(trust);
    if evidence.is_empty() {
        return;
    }
    let name = &role.role.role_name;
    found.push_weakness(Found {
        way_in: "deleted-principal",
        severity: Severity::Low,
        title: format!("the trust policy of role {name} names a principal that was deleted"),
        exposure: None,
        verdict: Door::open(evidence).behind([]),
        remediation: Remediation::in_words(
            "take the id out of the trust policy, and the role away if nobody else needs it",
        ),
        resource: role.bearer.resource,
    });
}
