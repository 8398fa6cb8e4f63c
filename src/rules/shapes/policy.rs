//! Rules about resources that bear a policy: from ways in to findings.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::effective::{Bearer, Path, Via, effective};
use crate::analysis::aws::policy::{Access, Verdict as Breadth, Who};
use crate::inventory::aws::calls::Call;
use crate::model::{
    Door, Exposure, Known, Lock, Missing, Remediation, Severity, Sources, Status, Step, Verdict,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region};

/// What a rule says of the kind of resource that it is about.
pub struct PolicyRule {
    /// What people call one, for instance `queue`.
    pub noun: &'static str,
    /// What people call the service that takes the requests, for instance `SQS`.
    pub service: &'static str,
    /// The call that lists them.
    pub list: &'static Call,
    /// Those of one region; unread where the list is.
    pub bearers: for<'a> fn(&Region<'_, 'a>) -> Known<Vec<Bearer<'a>>>,
    /// How bad it is that the public may do this to one.
    pub severity: fn(&BTreeSet<Access>) -> Severity,
    /// The command that takes its whole policy away.
    pub close: fn(&Bearer<'_>) -> String,
}

impl PolicyRule {
    fn fix(&self, bearer: &Bearer<'_>, status: Status) -> Remediation {
        let noun = self.noun;
        let what = match status {
            Status::Latent => {
                "take the policy statement away, so that nothing depends on the Deny".to_owned()
            }
            _ => format!("name who needs the {noun} in its policy, or bound the statement"),
        };
        let text = format!(
            "{what}; the command takes the whole policy away, after which only the {noun}'s own \
             account gets in"
        );
        Remediation { text, commands: vec![(self.close)(bearer)] }
    }
}

/// Reports every resource that the public gets in to by its policy.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, rule: &PolicyRule) {
    let zone = cx.zone_of_trust();
    for region in cx.regions() {
        let Known::Read(bearers) = (rule.bearers)(&region) else {
            found.unread(rule.list, region.name);
            continue;
        };
        for bearer in bearers {
            let resource = &bearer.resource;
            let Known::Read(effective) = effective(&bearer, &zone) else {
                found.unread_about(bearer.asked, &resource.region, bearer.asked_of);
                continue;
            };
            let paths = effective.as_ref().map(|effective| effective.paths.as_slice());
            let Some(ways) = Ways::worst(paths.unwrap_or_default()) else { continue };
            let access = ways.access();
            let change = Change::close(found.rule().kind, resource, bearer.asked_of);
            let finding = Found {
                way_in: "policy",
                severity: (rule.severity)(&access),
                title: ways.title(&format!("{} {}", rule.noun, resource.id)),
                exposure: Some(ways.exposure()),
                verdict: ways.verdict(rule.service, &[]),
                remediation: rule.fix(&bearer, ways.status),
                resource: bearer.resource,
            };
            found.push_closed_by(finding, change.into_iter().collect());
        }
    }
}

/// The public ways in that share the worst status of all that there are.
pub struct Ways<'p> {
    /// Their status.
    pub status: Status,
    /// The ways in.
    pub paths: Vec<&'p Path>,
}

impl<'p> Ways<'p> {
    /// Those of `paths`; `None` where none of them is public.
    pub fn worst(paths: impl IntoIterator<Item = &'p Path>) -> Option<Ways<'p>> {
        let mut paths: Vec<&Path> = paths.into_iter().collect();
        // Statuses are ordered worst first.
        let status = paths.iter().filter_map(|path| path.status()).min()?;
        paths.retain(|path| path.status() == Some(status));
        Some(Ways { status, paths })
    }

    /// What the public may do.
    pub fn access(&self) -> BTreeSet<Access> {
        self.paths.iter().flat_map(|path| path.access.iter().copied()).collect()
    }

    /// The widest of those who come in.
    fn who(&self) -> Option<&Who> {
        self.paths.iter().filter_map(|path| path.who.as_ref()).min()
    }

    /// What an outsider gets.
    pub fn exposure(&self) -> Exposure {
        Exposure {
            who: self.who().cloned().into(),
            access: self.access().into_iter().collect(),
            source: Some(Sources::Internet),
            ..Exposure::default()
        }
    }

    /// One line that says who can do what with `what`.
    pub fn title(&self, what: &str) -> String {
        let who = match self.who() {
            Some(Who::AnyAws) => "any AWS account",
            Some(Who::Federated) => "anyone at an identity provider",
            _ => "anyone",
        };
        let access = self.access();
        let verbs: Vec<_> = [
            (Access::List, "list"),
            (Access::Read, "read"),
            (Access::Write, "write to"),
            (Access::Permissions, "change the permissions of"),
            (Access::Other, "act on"),
        ]
        .into_iter()
        .filter(|(class, _)| access.contains(class))
        .map(|(_, verb)| verb)
        .collect();
        let verbs = match verbs.split_last() {
            None => "reach".to_owned(),
            Some((only, [])) => (*only).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        };
        match self.status {
            Status::Latent => format!("{who} could {verbs} {what} but for a control"),
            Status::Undetermined => format!("{who} may be able to {verbs} {what}"),
            _ => format!("{who} can {verbs} {what}"),
        }
    }

    /// The ways in with their proof and what stands before them. Requests go to `service`.
    pub fn verdict(&self, service: &str, notes: &[String]) -> Verdict {
        let steps = self.paths.iter().flat_map(|path| {
            let kind = match path.via {
                Via::Policy => "policy-statement",
                Via::Acl => "acl-grant",
                Via::ObjectAcl => "object-acl-grant",
                Via::AccessPoint => "access-point",
            };
            path.evidence.iter().map(move |text| match &path.name {
                Some(name) => Step::of(kind, name, text),
                None => Step::new(kind, text),
            })
        });
        let notes = notes.iter().map(|note| Step::new("note", note));
        let start = format!("anyone on the internet can send requests to {service}");
        let start = Step::new("internet", start);
        let mut locks: Vec<Lock> = Vec::new();
        for path in &self.paths {
            locks.extend(path.locks.iter().cloned());
            if self.status == Status::Undetermined && path.verdict != Breadth::Public {
                let text = match path.verdict {
                    Breadth::Error => "a statement of the policy cannot be read and may allow it",
                    _ => "whether the policy's conditions keep strangers out cannot be proven",
                };
                let text = text.to_owned();
                locks.push(Lock::Unknown(Missing { operation: None, resource: None, text }));
            }
        }
        let mut verdict = Door::open([start].into_iter().chain(steps).chain(notes)).behind(locks);
        let mut seen = BTreeSet::new();
        verdict.evidence.retain(|step| seen.insert(step.clone()));
        verdict
    }
}
