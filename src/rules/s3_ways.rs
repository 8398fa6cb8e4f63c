//! How the rules about S3 tell of ways in: severity, title and proof.

use std::collections::BTreeSet;

use crate::analysis::aws::policy::s3::{Lock as Passed, Path, Via};
use crate::analysis::aws::policy::{Access, Verdict as Policy, Who};
use crate::model::Severity;
use crate::model::{Control, Door, Lock, Missing, Status, Step, Verdict};

/// Whole contents and changes are worst; what needs a known key, or only names, is less.
pub fn severity(access: &BTreeSet<Access>) -> Severity {
    let has = |class| access.contains(&class);
    let changes = has(Access::Write) || has(Access::Permissions);
    if changes || (has(Access::List) && has(Access::Read)) {
        Severity::Critical
    } else {
        Severity::High
    }
}

/// One line that says who can do what with `what`.
pub fn title(what: &str, status: Status, who: Option<&Who>, access: &BTreeSet<Access>) -> String {
    let who = match who {
        Some(Who::AnyAws) => "any AWS account",
        Some(Who::Federated) => "anyone at an identity provider",
        _ => "anyone",
    };
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

/// The ways in of the reported status, with their proof and what stands before them.
pub fn verdict(notes: &[String], status: Status, paths: &[&Path]) -> Verdict {
    let steps = paths.iter().flat_map(|path| {
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
    let start = Step::new("internet", "anyone on the internet can send requests to S3");
    let mut locks: Vec<Lock> = Vec::new();
    for path in paths {
        locks.extend(path.locks.iter().map(|lock| match lock {
            Passed::Shut { control, text } => {
                Lock::Shut(Control { control: control.clone(), text: text.clone() })
            }
            Passed::Open { control, text } => Lock::Open(Step::of("control", control, text)),
            Passed::Unread(missing) => Lock::Unknown(missing.clone()),
        }));
        if status == Status::Undetermined && path.verdict != Policy::Public {
            locks.push(Lock::Unknown(Missing {
                operation: None,
                resource: None,
                text: "whether the policy's conditions keep strangers out cannot be proven".into(),
            }));
        }
    }
    let mut verdict = Door::open([start].into_iter().chain(steps).chain(notes)).behind(locks);
    let mut seen = Vec::new();
    verdict.evidence.retain(|step| {
        let new = !seen.contains(step);
        seen.push(step.clone());
        new
    });
    verdict
}
