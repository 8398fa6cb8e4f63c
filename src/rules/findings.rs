//! Where rules put what they found, and what they could not judge.

use std::collections::BTreeSet;

use super::Rule;
use crate::inventory::Snapshot;
use crate::model::Gap;
use crate::model::{Exposure, Finding, Remediation, Resource, Severity, fingerprint};
use crate::model::{Status, Verdict};

/// An answer that a rule needed and did not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The call, as `service:Operation`.
    pub call: String,
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
pub struct Findings<'a> {
    snapshot: &'a Snapshot,
    rule: &'static Rule,
    pub(super) findings: Vec<Finding>,
    pub(super) unread: BTreeSet<Unread>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, rule: &'static Rule) -> Findings<'a> {
        Findings { snapshot, rule, findings: Vec::new(), unread: BTreeSet::new() }
    }

    /// The rule that is being evaluated.
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// Reports a way in. What it leaves undecided is noted as unread too.
    pub fn push(&mut self, found: Found) {
        self.push_asking(found, &[]);
    }

    /// As [`Findings::push`] where calls were about other resources than the finding is: `asked`
    /// tells them by call.
    pub fn push_asking(&mut self, found: Found, asked: &[(String, String)]) {
        let Found { resource, way_in, severity, title, exposure, verdict, remediation } = found;
        for operation in verdict.undecided.iter().filter_map(|missing| missing.operation.as_ref()) {
            let mut others = asked.iter().filter(|(call, _)| call == operation).peekable();
            if others.peek().is_none() {
                self.unread_about(operation, &resource.region, &resource.id);
            }
            for (_, other) in others {
                self.unread_about(operation, &resource.region, other);
            }
        }
        self.findings.push(Finding {
            fingerprint: fingerprint(self.rule.id, &resource.arn, way_in),
            rule: self.rule.id.to_owned(),
            category: self.rule.category,
            status: verdict.status,
            severity: severity.when(verdict.status),
            default_severity: None,
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
    pub fn unread(&mut self, call: &str, region: &str) {
        let unread = Unread { call: call.to_owned(), region: region.to_owned(), resource: None };
        self.unread.insert(unread);
    }

    /// Notes that a call about one resource had no answer.
    pub fn unread_one(&mut self, call: &str, region: &str, resource: &str) {
        self.unread.insert(Unread {
            call: call.to_owned(),
            region: region.to_owned(),
            resource: Some(resource.to_owned()),
        });
    }

    /// Notes that a call had no answer which is about `resource` where such calls are about one,
    /// and about the whole scope otherwise.
    pub fn unread_about(&mut self, call: &str, region: &str, resource: &str) {
        let about = |gap: &&Gap| gap.call() == call && gap.resource.as_deref() == Some(resource);
        let of_scope = |gap: &&Gap| gap.call() == call && gap.resource.is_none();
        let gaps = &self.snapshot.gaps;
        let resource = if gaps.iter().any(|gap| about(&gap)) {
            Some(resource.to_owned())
        } else if gaps.iter().any(|gap| of_scope(&gap)) || !asked_per_resource(call) {
            None
        } else {
            Some(resource.to_owned())
        };
        self.unread.insert(Unread { call: call.to_owned(), region: region.to_owned(), resource });
    }
}

/// Whether a call is made once for each resource: S3 answers bucket by bucket and access point by
/// access point, ELB load balancer by load balancer, listener by listener and group by group, other
/// services tell the details of what they listed one by one.
fn asked_per_resource(call: &str) -> bool {
    let prefixes = [
        "ec2:GetManagedPrefixListEntries",
        "eks:DescribeCluster",
        "elbv2:DescribeListeners",
        "elbv2:DescribeRules",
        "elbv2:DescribeTargetGroupAttributes",
        "elbv2:DescribeTargetHealth",
        "mq:DescribeBroker",
        "s3:Get",
        "s3:ListObjects",
        "s3control:GetAccessPoint",
        "s3control:GetMultiRegionAccessPoint",
    ];
    prefixes.iter().any(|prefix| call.starts_with(prefix))
}
