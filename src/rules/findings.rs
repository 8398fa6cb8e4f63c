//! Where rules put what they found, and what they could not judge.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use super::change::Change;
use crate::inventory::aws::calls::{self, About, Call};
use crate::model::{
    Exposure, Finding, Missing, Remediation, Resource, Severity, Status, Verdict, fingerprint,
};

/// An answer that a rule needed and did not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The call.
    pub call: &'static Call,
    /// Region that was to be asked.
    pub region: String,
    /// What the call was about, where it was about one resource.
    pub resource: Option<String>,
}

/// What a rule says of one way in.
#[derive(Debug)]
pub struct Found {
    /// What is exposed.
    pub resource: Resource,
    /// Tells this way in from others of the same rule and resource; part of the fingerprint.
    pub way_in: &'static str,
    /// How bad it is when open.
    pub severity: Severity,
    /// One line for people.
    pub title: String,
    /// What an outsider gets.
    pub exposure: Option<Exposure>,
    /// Whether it is open, and the proof.
    pub verdict: Verdict,
    /// How to close it.
    pub remediation: Remediation,
}

/// The findings of one rule in one account.
pub struct Findings {
    rule: &'static Rule,
    pub(super) findings: Vec<Finding>,
    /// The changes that the commands of what is open make, by fingerprint.
    pub(super) changes: BTreeMap<String, Vec<Change>>,
    pub(super) unread: BTreeSet<Unread>,
}

impl Findings {
    pub(super) fn new(rule: &'static Rule) -> Findings {
        Findings { rule, findings: Vec::new(), changes: BTreeMap::new(), unread: BTreeSet::new() }
    }

    /// The rule that is being evaluated.
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// Reports a way in. Calls that would decide it are noted as unread too.
    pub fn push(&mut self, found: Found) {
        self.push_closed_by(found, Vec::new());
    }

    /// The same of one whose commands make these changes.
    pub fn push_closed_by(&mut self, found: Found, changes: Vec<Change>) {
        let Found { resource, way_in, severity, title, exposure, verdict, remediation } = found;
        for missing in &verdict.undecided {
            self.missing(missing, &resource.region);
        }
        let fingerprint = fingerprint(self.rule.id, &resource.uid, way_in);
        if verdict.status.is_open() && !changes.is_empty() {
            self.changes.insert(fingerprint.clone(), changes);
        }
        self.findings.push(Finding {
            fingerprint,
            rule: self.rule.id.to_owned(),
            category: self.rule.category,
            status: verdict.status,
            severity: severity.when(verdict.status),
            default_severity: None,
            baseline: None,
            resource,
            title,
            exposure,
            evidence: verdict.evidence,
            blocked_by: verdict.blocked_by,
            undecided: verdict.undecided,
            remediation,
            benchmarks: self.rule.benchmarks(),
        });
    }

    /// Reports a missing protection, which is no way in by itself.
    pub fn push_weakness(&mut self, found: Found) {
        let verdict = Verdict { status: Status::Weakness, ..found.verdict };
        self.push(Found { verdict, ..found });
    }

    /// Notes that a call about a whole region or account had no answer.
    pub fn unread(&mut self, call: &'static Call, region: &str) {
        self.unread.insert(Unread { call, region: region.to_owned(), resource: None });
    }

    /// Notes that a call about one resource had no answer.
    pub fn unread_one(&mut self, call: &'static Call, region: &str, resource: &str) {
        let resource = Some(resource.to_owned());
        self.unread.insert(Unread { call, region: region.to_owned(), resource });
    }

    /// Notes that a call had no answer which is about `resource` if such calls are about one.
    pub fn unread_about(&mut self, call: &'static Call, region: &str, resource: &str) {
        match call.about {
            About::Resource => self.unread_one(call, region, resource),
            About::Region | About::Account => self.unread(call, region),
        }
    }

    /// Notes that the call had no answer that `missing` names, if it names one.
    pub fn missing(&mut self, missing: &Missing, region: &str) {
        let Some(call) = missing.operation.as_deref().and_then(calls::named) else { return };
        let resource = missing.resource.clone();
        self.unread.insert(Unread { call, region: region.to_owned(), resource });
    }
}
