//! Rules about resources that bear a policy: from ways in to findings.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::effective::{Bearer, Path, Via, effective};
use crate::analysis::aws::policy::{Access, Context as Zone, Verdict as Breadth, Who};
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::kinds::Kind;
use crate::model::{
    Door, Exposure, Known, Lock, Missing, Remediation, Resource, Severity, Sources, Status, Step,
    Verdict,
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
    /// The policy that holds for all of a region beside their own, where the service has one.
    pub further: Option<&'static Further>,
    /// How bad it is that the public may do this to one.
    pub severity: fn(&BTreeSet<Access>) -> Severity,
    /// What the command does, where it does not take the whole policy away.
    pub closing: Option<&'static str>,
    /// The policy that the command puts in the place of its own, where it does not take that away.
    pub leaves: Option<fn(&Bearer<'_>) -> String>,
    /// The command that takes its whole policy away.
    pub close: fn(&Bearer<'_>) -> String,
    /// The command that puts another policy in the place of its own.
    pub put: fn(&Bearer<'_>, &str) -> String,
}

/// One policy over all resources of a kind in a region.
pub struct Further {
    /// What people call it, for instance `the registry policy`.
    pub name: &'static str,
    /// The call that tells it.
    pub call: &'static Call,
    /// That of one region; `Read(None)`: there is none.
    pub policy: for<'a> fn(&Region<'_, 'a>) -> Known<Option<&'a str>>,
    /// The command that takes it away.
    pub close: fn(&Bearer<'_>) -> String,
    /// What that changes.
    pub change: fn(&Resource) -> Change,
}

impl Further {
    /// Puts it beside the policies of `bearers`. One that was not read may deny what they allow.
    pub(super) fn beside<'a>(
        &self,
        region: &Region<'_, 'a>,
        bearers: &mut [Bearer<'a>],
        found: &mut Findings,
    ) {
        let policy = (self.policy)(region);
        if policy.is_unread() && !bearers.is_empty() {
            found.unread(self.call, region.name);
        }
        for bearer in bearers {
            match &policy {
                Known::Read(text) => bearer.further.extend(text.map(|text| (self.name, text))),
                Known::Unread => bearer.locks.push(Lock::Unknown(
                    self.call.missing(format!("whether {} denies it was not read", self.name)),
                )),
            }
        }
    }
}

impl PolicyRule {
    /// The commands that take away what lets the public in, and what they change.
    fn closing(&self, kind: &Kind, bearer: &Bearer<'_>, zone: &Zone) -> Vec<(String, Change)> {
        let left = self.leaves.map(|leaves| leaves(bearer));
        let own = Change::policy(kind, &bearer.resource, bearer.asked_of, left)
            .map(|change| ((self.close)(bearer), change));
        let Some(further) = self.further.filter(|_| !bearer.further.is_empty()) else {
            return own.into_iter().collect();
        };
        // Without what another policy denies, each lets in at least what it does beside it.
        let opens = |alone: Bearer<'_>| {
            let judged = effective(&alone, zone).into_option().flatten();
            judged.is_some_and(|judged| Ways::worst(&judged.paths).is_some())
        };
        let by_own = opens(Bearer { further: Vec::new(), ..bearer.clone() });
        let by_further = opens(Bearer { policy: Known::Read(None), ..bearer.clone() });
        let over_all =
            by_further.then(|| ((further.close)(bearer), (further.change)(&bearer.resource)));
        own.filter(|_| by_own).into_iter().chain(over_all).collect()
    }

    fn fix(&self, ways: &Ways<'_>, commands: Vec<String>) -> Remediation {
        let noun = self.noun;
        let what = match ways.status {
            Status::Latent => {
                // States are named `<service>-state`.
                let mut shut_by = ways.paths.iter().flat_map(|path| path.shut_by());
                let by = match shut_by.all(|control| control.ends_with("-state")) {
                    true => format!("the {noun}'s state"),
                    false => "the Deny".to_owned(),
                };
                format!("take the policy statement away, so that nothing depends on {by}")
            }
            _ => format!("name who needs the {noun} in its policy, or bound the statement"),
        };
        let text = match self.closing {
            Some(closing) => format!("{what}; {closing}"),
            None => format!(
                "{what}; the command takes the whole policy away, after which only the {noun}'s \
                 own account gets in"
            ),
        };
        Remediation { text, commands }
    }
}

/// Reports every resource that the public gets in to by its policy.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, rule: &PolicyRule) {
    let zone = cx.zone_of_trust();
    for region in cx.regions() {
        let Known::Read(mut bearers) = (rule.bearers)(&region) else {
            found.unread(rule.list, region.name);
            continue;
        };
        if let Some(further) = rule.further {
            further.beside(&region, &mut bearers, found);
        }
        let kind = found.rule().kind;
        for bearer in bearers {
            report(found, bearer, &zone, |bearer, ways| {
                let (commands, changes) = rule.closing(kind, bearer, &zone).into_iter().unzip();
                Said {
                    severity: (rule.severity)(&ways.access()),
                    title: ways.title(&format!("{} {}", rule.noun, bearer.resource.id)),
                    exposure: ways.exposure(),
                    verdict: ways.verdict(rule.service, &[]),
                    remediation: rule.fix(ways, commands),
                    changes,
                }
            });
        }
    }
}

/// What a rule says of one resource that the public gets in to.
pub struct Said {
    /// How bad it is.
    pub severity: Severity,
    /// One line for people.
    pub title: String,
    /// What an outsider gets.
    pub exposure: Exposure,
    /// The ways in with their proof.
    pub verdict: Verdict,
    /// How to close them.
    pub remediation: Remediation,
    /// What the commands change.
    pub changes: Vec<Change>,
}

/// Reports one resource, if the public outside `zone` gets in to it by its policy, as `say` puts it.
pub fn report<'a>(
    found: &mut Findings,
    bearer: Bearer<'a>,
    zone: &Zone,
    say: impl FnOnce(&Bearer<'a>, &Ways<'_>) -> Said,
) {
    let Known::Read(effective) = effective(&bearer, zone) else {
        found.unread_about(bearer.asked, &bearer.resource.region, bearer.asked_of);
        return;
    };
    let paths = effective.as_ref().map(|effective| effective.paths.as_slice());
    let Some(ways) = Ways::worst(paths.unwrap_or_default()) else { return };
    let Said { severity, title, exposure, verdict, remediation, changes } = say(&bearer, &ways);
    let finding = Found {
        way_in: "policy",
        severity,
        title,
        exposure: Some(exposure),
        verdict,
        remediation,
        resource: bearer.resource,
    };
    found.push_closed_by(finding, changes);
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

    /// Who comes in, in words.
    pub fn who_says(&self) -> &'static str {
        match self.who() {
            Some(Who::AnyAws) => "any AWS account",
            Some(Who::Federated) => "anyone at an identity provider",
            _ => "anyone",
        }
    }

    /// One line that says who can do what with `what`.
    pub fn title(&self, what: &str) -> String {
        title(self.status, self.who_says(), &self.access(), what)
    }

    /// The ways in with their proof and what stands before them. Requests go to `service`.
    pub fn verdict(&self, service: &str, notes: &[String]) -> Verdict {
        let steps = self.paths.iter().flat_map(|path| steps(path));
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

/// What proves a way in.
pub fn steps(path: &Path) -> impl Iterator<Item = Step> {
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
}

/// One line that says that `who` can do what with `what`.
pub fn title(status: Status, who: &str, access: &BTreeSet<Access>, what: &str) -> String {
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
    match status {
        Status::Latent => format!("{who} could {verbs} {what} but for a control"),
        Status::Undetermined => format!("{who} may be able to {verbs} {what}"),
        _ => format!("{who} can {verbs} {what}"),
    }
}
