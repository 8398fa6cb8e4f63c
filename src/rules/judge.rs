//! From an account's facts to its findings and to what could not be judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::change::Change;
use super::findings::Unread;
use super::{Context, Findings, Rule};
use crate::analysis::aws::organization;
use crate::analysis::aws::policy::organization::Reach;
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::organizations::LIST_ACCOUNTS;
use crate::inventory::aws::calls::{self, About, Call, s3};
use crate::model::{Coverage, Finding, GLOBAL, NotExamined};
use crate::model::{Gap, Outcome};

/// What the rules say of one account.
#[derive(Debug, Default, PartialEq)]
pub struct Judgement {
    /// In the order of reports.
    pub findings: Vec<Finding>,
    /// The changes that the commands of what is open make, by fingerprint.
    pub changes: BTreeMap<String, Vec<Change>>,
    /// What the rules needed and did not have.
    pub coverage: Vec<Coverage>,
    /// What outcrop knows that it did not look at.
    pub not_examined: Vec<NotExamined>,
}

/// Applies `rules` to one account.
pub fn judge(cx: &Context<'_>, rules: &[&'static Rule]) -> Judgement {
    let mut findings = Vec::new();
    let mut changes = BTreeMap::new();
    let mut unread: BTreeMap<Unread, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules {
        let mut found = Findings::new(rule);
        (rule.evaluate)(cx, &mut found);
        findings.append(&mut found.findings);
        changes.append(&mut found.changes);
        for need in found.unread {
            unread.entry(need).or_default().insert(rule.id);
        }
    }
    findings.sort_by(Finding::report_order);
    let not_examined = control_policies_not_read(cx, rules).into_iter();
    let not_examined = not_examined.chain(members_not_read(cx, rules)).collect();
    Judgement { findings, changes, coverage: coverage(cx.snapshot, rules, &unread), not_examined }
}

/// Resource control policies take nothing from a scan that cannot read them: few can (Organizations
/// user guide, "Delegated administrator for Organizations").
fn control_policies_not_read(cx: &Context<'_>, rules: &[&'static Rule]) -> Option<NotExamined> {
    if !matches!(cx.control_policies().reach, Reach::Unread) {
        return None;
    }
    let affected = rules.iter().filter(|rule| rule.heeds_control_policies());
    let affects: Vec<String> = affected.map(|rule| rule.id.to_owned()).collect();
    (!affects.is_empty()).then(|| NotExamined {
        what: "resource control policies of the organization".to_owned(),
        why: "only the management account and delegated administrators can read them; give them \
              with --organization-policies"
            .to_owned(),
        affects,
    })
}

/// Who else is in the organization takes nothing from a scan that cannot read it, but that a member
/// counts as outside: few can list them (Organizations API reference, ListAccounts).
fn members_not_read(cx: &Context<'_>, rules: &[&'static Rule]) -> Option<NotExamined> {
    if !organization::members(cx.snapshot).is_unread() {
        return None;
    }
    let affected = rules.iter().filter(|rule| rule.calls().any(|call| call == &LIST_ACCOUNTS));
    let affects: Vec<String> = affected.map(|rule| rule.id.to_owned()).collect();
    (!affects.is_empty()).then(|| NotExamined {
        what: "members of the organization".to_owned(),
        why: "only the management account and delegated administrators can list them, so accounts \
              of yours count as outside; name these in the configuration ([trusted])"
            .to_owned(),
        affects,
    })
}

/// Joins what rules missed with what the provider said when it was asked.
fn coverage(
    snapshot: &Snapshot,
    rules: &[&'static Rule],
    unread: &BTreeMap<Unread, BTreeSet<&str>>,
) -> Vec<Coverage> {
    let mut entries: BTreeMap<(String, String, String, Option<String>), Coverage> = BTreeMap::new();
    let mut add = |gap: &Gap, affects: &BTreeSet<&str>| {
        let key =
            (gap.service.clone(), gap.operation.clone(), gap.region.clone(), gap.resource.clone());
        let entry = entries.entry(key).or_insert_with(|| entry(snapshot, gap));
        entry.affects.extend(affects.iter().map(|&rule| rule.to_owned()));
        entry.affects.sort();
        entry.affects.dedup();
    };
    let gaps = Gaps::of(&snapshot.gaps);
    for (need, affects) in unread {
        match gaps.telling(need) {
            Some(gap) => add(gap, affects),
            None => add(&gaps.unasked(need), affects),
        }
    }
    // Whatever was asked for these rules and refused is said, needed for a verdict or not: nobody
    // can tell what the answer would have been.
    for gap in &snapshot.gaps {
        let affects = affected(gap, rules);
        if !affects.is_empty() {
            add(gap, &affects);
        }
    }
    entries.into_values().collect()
}

/// Every call that had no answer, with the rules that need it, whatever was judged. It may be one
/// that only adds evidence: then no rule needs it.
pub fn unanswered(snapshot: &Snapshot, rules: &[&'static Rule]) -> Vec<Coverage> {
    let entries = snapshot.gaps.iter().map(|gap| {
        let affects = affected(gap, rules).into_iter().map(str::to_owned).collect();
        Coverage { affects, ..entry(snapshot, gap) }
    });
    entries.collect()
}

/// Rules that cannot judge all without the answer.
fn affected(gap: &Gap, rules: &[&'static Rule]) -> BTreeSet<&'static str> {
    // What is asked before any rule is chosen decides what is scanned at all (regions): it concerns
    // them all, as does what is not known any more.
    let of_all = calls::named(&gap.call()).is_none_or(|call| call.connecting);
    let reads = |rule: &Rule| rule.required().any(|call| call.is_missing(gap));
    let reading = rules.iter().filter(|rule| of_all || reads(rule));
    reading.map(|rule| rule.id).collect()
}

fn entry(snapshot: &Snapshot, gap: &Gap) -> Coverage {
    Coverage {
        service: gap.service.clone(),
        operation: gap.operation.clone(),
        account: snapshot.account.clone(),
        region: gap.region.clone(),
        resource: gap.resource.clone(),
        outcome: gap.outcome,
        code: gap.code.clone(),
        message: gap.message.clone(),
        affects: Vec::new(),
    }
}

/// What was not answered, found by what a rule needs: a refused account has as many gaps as needs.
struct Gaps<'s> {
    /// By service, operation and what the call was about.
    by_call: HashMap<(&'s str, &'s str, Option<&'s str>), Vec<&'s Gap>>,
    /// Where credentials were refused, by service and region.
    expired: HashMap<(&'s str, &'s str), &'s Gap>,
}

impl<'s> Gaps<'s> {
    fn of(gaps: &'s [Gap]) -> Gaps<'s> {
        let mut found = Gaps { by_call: HashMap::new(), expired: HashMap::new() };
        for gap in gaps {
            let call = (gap.service.as_str(), gap.operation.as_str(), gap.resource.as_deref());
            found.by_call.entry(call).or_default().push(gap);
            if gap.outcome == Outcome::Expired {
                found.expired.entry((&gap.service, &gap.region)).or_insert(gap);
            }
        }
        found
    }

    /// The gap that says why `need` has no answer.
    fn telling(&self, need: &Unread) -> Option<&'s Gap> {
        // What belongs to the whole account is asked in some region, and a call about a bucket may
        // have been sent to another region's endpoint: its name is unique in all of them. Other
        // resources may have the same name in two regions.
        let anywhere = need.call.about == About::Account
            || need.region == GLOBAL
            || need.call.service == s3::GET_BUCKET_POLICY.service;
        let about = |resource: Option<&str>| {
            let gaps = self.by_call.get(&(need.call.service, need.call.operation, resource))?;
            let here = gaps.iter().copied().find(|gap| gap.region == need.region);
            here.or_else(|| gaps.first().copied().filter(|_| anywhere))
        };
        // One gap may stand for all that a call was to be asked of in a place.
        about(need.resource.as_deref()).or_else(|| about(None))
    }

    /// A call that was not made: the credentials had been refused in that place, or the input (a
    /// dump, an older snapshot) does not hold it.
    fn unasked(&self, need: &Unread) -> Gap {
        let Call { service, operation, .. } = *need.call;
        let (outcome, code, message) = match self.expired.get(&(service, need.region.as_str())) {
            Some(gap) => (gap.outcome, gap.code.clone(), gap.message.clone()),
            None => (
                Outcome::Error,
                Some("NotCollected".to_owned()),
                "the input holds no answer to this call".to_owned(),
            ),
        };
        Gap {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: need.region.clone(),
            resource: need.resource.clone(),
            outcome,
            code,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::aws::calls::{ec2, eks, s3control};

    fn gap(call: &Call, region: &str, resource: Option<&str>, outcome: Outcome) -> Gap {
        Gap {
            service: call.service.to_owned(),
            operation: call.operation.to_owned(),
            region: region.to_owned(),
            resource: resource.map(str::to_owned),
            outcome,
            code: None,
            message: format!("{region} {resource:?}"),
        }
    }

    #[test]
    fn a_need_is_told_by_the_gap_of_its_resource_of_its_place_or_of_the_account() {
        let (policy, groups) = (&s3::GET_BUCKET_POLICY, &ec2::DESCRIBE_SECURITY_GROUPS);
        let (prefixes, block) =
            (&ec2::GET_MANAGED_PREFIX_LIST_ENTRIES, &s3control::GET_PUBLIC_ACCESS_BLOCK);
        let gaps = [
            gap(policy, "us-east-1", Some("a"), Outcome::Denied),
            gap(policy, "us-east-1", Some("b"), Outcome::Throttled),
            gap(groups, "eu-west-1", None, Outcome::Denied),
            gap(prefixes, "eu-west-1", None, Outcome::Expired),
            gap(block, "us-east-1", None, Outcome::Denied),
            gap(&eks::DESCRIBE_CLUSTER, "us-east-1", Some("prod"), Outcome::Denied),
            gap(&eks::DESCRIBE_CLUSTER, "eu-west-1", Some("prod"), Outcome::Denied),
        ];
        let found = Gaps::of(&gaps);
        let telling = |call, region: &str, resource: Option<&str>| {
            let need =
                Unread { call, region: region.into(), resource: resource.map(str::to_owned) };
            found.telling(&need).map(|gap| gap.message.as_str())
        };
        // The bucket's region is not always the one that was asked.
        assert_eq!(telling(policy, "eu-west-1", Some("b")), Some(r#"us-east-1 Some("b")"#));
        assert_eq!(telling(policy, "us-east-1", Some("c")), None);
        assert_eq!(telling(groups, "eu-west-1", None), Some("eu-west-1 None"));
        assert_eq!(telling(groups, "eu-west-1", Some("sg-1")), Some("eu-west-1 None"));
        assert_eq!(telling(groups, "eu-west-2", None), None, "another region says nothing");
        assert_eq!(telling(prefixes, "eu-west-1", Some("pl-1")), Some("eu-west-1 None"));
        assert_eq!(telling(block, GLOBAL, None), Some("us-east-1 None"));
        // A cluster of the same name in another region is another cluster.
        let cluster = &eks::DESCRIBE_CLUSTER;
        assert_eq!(telling(cluster, "eu-west-1", Some("prod")), Some(r#"eu-west-1 Some("prod")"#));
        assert_eq!(telling(cluster, "eu-west-2", Some("prod")), None);
        let unasked = |region: &str| {
            found.unasked(&Unread { call: groups, region: region.into(), resource: None }).outcome
        };
        assert_eq!(unasked("eu-west-1"), Outcome::Expired, "refused to the whole service");
        assert_eq!(unasked("eu-west-2"), Outcome::Error);
    }
}
