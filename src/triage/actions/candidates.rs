//! Changes that may be worth doing first, and what each may close at most.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Counts;
use super::trial::Account;
use crate::inventory::aws::kinds;
use crate::model::{Finding, Known};
use crate::rules::Judgement;
use crate::rules::change::Change;

/// Candidates whose estimate is worked out in full.
const MOST_WEIGHED: usize = 64;

/// Changes that are made together.
pub(super) struct Candidate<'a> {
    pub(super) commands: Cow<'a, [String]>,
    pub(super) changes: Cow<'a, [Change]>,
}

/// What closes each finding that counts, each rule of a security group by itself where that takes
/// several, and the account's block of public access to S3. Each once, in the order of commands.
pub(super) fn of<'a>(account: &Account<'a>, judged: &'a Judgement) -> Vec<Candidate<'a>> {
    let mut found: BTreeMap<Cow<'a, [String]>, Cow<'a, [Change]>> = BTreeMap::new();
    let mut in_s3 = 0;
    for (at, finding) in account.open.iter().enumerate() {
        if !account.is_wanted(at) {
            continue;
        }
        in_s3 += usize::from(is_in_s3(finding));
        let Some(changes) = judged.changes.get(&finding.fingerprint) else { continue };
        if changes.iter().any(shuts_a_front_door) {
            continue;
        }
        let commands = &finding.remediation.commands;
        found.entry(Cow::Borrowed(commands)).or_insert(Cow::Borrowed(changes));
        for change in changes.iter().filter(|_| changes.len() > 1) {
            if let (Change::Revoke { .. }, Some(command)) = (change, change.command()) {
                let alone = || Cow::Owned(vec![change.clone()]);
                found.entry(Cow::Owned(vec![command])).or_insert_with(alone);
            }
        }
    }
    let block = &account.snapshot.global.s3control.get_public_access_block;
    if in_s3 > 1 && matches!(block, Known::Read(_)) {
        let block = Change::AccountBlock { account: account.snapshot.account.clone() };
        if let Some(command) = block.command() {
            found.insert(Cow::Owned(vec![command]), Cow::Owned(vec![block]));
        }
    }
    found.into_iter().map(|(commands, changes)| Candidate { commands, changes }).collect()
}

/// Whether a change takes a web port from the public. That is a front door by design, and what is
/// wrong behind it has other ways to be closed.
fn shuts_a_front_door(change: &Change) -> bool {
    const WEB: [u16; 2] = [80, 443];
    match change {
        Change::Revoke { permission, .. } => {
            let is_web = |port: &u16| permission.from_port == Some(i32::from(*port));
            permission.from_port == permission.to_port && WEB.iter().any(is_web)
        }
        Change::DeleteListeners { ports, .. } => ports.iter().any(|port| WEB.contains(port)),
        _ => false,
    }
}

fn is_in_s3(finding: &Finding) -> bool {
    let kinds = [&kinds::S3_BUCKET, &kinds::S3_ACCESS_POINT, &kinds::S3_MULTI_REGION_ACCESS_POINT];
    kinds.iter().any(|kind| finding.resource.kind == kind.name)
}

/// What a change and a finding may have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key<'a> {
    /// A rule of a security group: region, group, protocol, ports, source.
    Rule(&'a str, &'a str, &'a str, [Option<i32>; 2], &'a str),
    /// A security group, of findings that other changes close.
    Group(&'a str, &'a str),
    /// A resource in a region.
    Resource(&'a str, &'a str),
    /// A bucket.
    Bucket(&'a str),
    /// Every access point.
    Points,
    /// All of S3.
    S3,
    /// Several changes together, by their commands.
    Together(&'a [String]),
}

/// By what a finding is found that the change closes.
fn own(change: &Change) -> Key<'_> {
    match change {
        Change::Revoke { region, group, source, permission } => {
            let ports = [permission.from_port, permission.to_port];
            Key::Rule(region, group, &permission.ip_protocol, ports, source)
        }
        Change::Close { region, of, .. }
        | Change::Unshare { region, of, .. }
        | Change::Policy { region, of, .. } => Key::Resource(region, of),
        Change::RolePolicies { role, .. } => Key::Resource("", role),
        Change::Deregister { region, group, .. } => Key::Resource(region, group),
        Change::DeleteListeners { region, balancer, .. } => Key::Resource(region, balancer),
        Change::MultiRegionPolicy { name, .. } => Key::Resource("", name),
        Change::BucketPolicy { bucket, .. }
        | Change::BucketAcl { bucket }
        | Change::BucketBlock { bucket }
        | Change::ObjectAcls { bucket } => Key::Bucket(bucket),
        Change::AccountBlock { .. } => Key::S3,
    }
}

/// What the changes of a candidate may have an effect on.
fn touched<'c>(candidate: &'c Candidate<'_>) -> BTreeSet<Key<'c>> {
    let mut keys = BTreeSet::new();
    for change in candidate.changes.iter() {
        keys.insert(own(change));
        match change {
            Change::Revoke { region, group, .. } => {
                keys.insert(Key::Group(region, group));
            }
            Change::BucketPolicy { .. } | Change::BucketBlock { .. } => {
                keys.insert(Key::Points);
            }
            _ => {}
        }
    }
    keys
}

/// What a finding depends on, as far as it says.
struct Depends<'a> {
    /// What all has to be changed for it to be closed by its own commands.
    own: BTreeSet<Key<'a>>,
    /// What else may close it: groups that its proof goes through, what all of S3 depends on.
    others: BTreeSet<Key<'a>>,
    commands: &'a [String],
}

impl<'a> Depends<'a> {
    fn of(finding: &'a Finding, changes: &'a [Change]) -> Depends<'a> {
        let resource = &finding.resource;
        let steps = finding.evidence.iter().filter(|step| step.kind == "security-group");
        let opened_by = finding.exposure.iter().flat_map(|exposure| &exposure.opened_by);
        let groups = steps.filter_map(|step| step.id.as_ref()).chain(opened_by);
        let revoked: BTreeSet<&str> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Revoke { group, .. } => Some(group.as_str()),
                _ => None,
            })
            .collect();
        let groups = groups.filter(|group| !revoked.contains(group.as_str()));
        let mut others: BTreeSet<Key<'a>> =
            groups.map(|group| Key::Group(&resource.region, group)).collect();
        if is_in_s3(finding) {
            others.insert(Key::S3);
            others.insert(match resource.kind == kinds::S3_BUCKET.name {
                true => Key::Bucket(&resource.id),
                false => Key::Points,
            });
        }
        let own: BTreeSet<Key<'a>> = changes.iter().map(own).collect();
        others.retain(|key| !own.contains(key));
        Depends { own, others, commands: &finding.remediation.commands }
    }

    /// By what it is found that closes it.
    fn closed_by(&self) -> impl Iterator<Item = Key<'a>> {
        let own = match self.own.len() {
            0 => None,
            1 => self.own.first().copied(),
            _ => Some(Key::Together(self.commands)),
        };
        own.into_iter().chain(self.others.iter().copied())
    }

    /// Whether changes of all this may close it.
    fn may_be_closed(&self, touched: &BTreeSet<Key<'_>>) -> bool {
        let by_own = !self.own.is_empty() && self.own.is_subset(touched);
        by_own || !self.others.is_disjoint(touched)
    }
}

/// What findings depend on, and the findings by that.
pub(super) struct Estimates<'a> {
    depends: Vec<Depends<'a>>,
    by_key: HashMap<Key<'a>, Vec<usize>>,
}

impl<'a> Estimates<'a> {
    pub(super) fn of(account: &Account<'a>, judged: &'a Judgement) -> Estimates<'a> {
        let mut by_key: HashMap<Key<'a>, Vec<usize>> = HashMap::new();
        let mut depends = Vec::new();
        for (at, finding) in account.open.iter().enumerate() {
            let changes = judged.changes.get(&finding.fingerprint);
            let one = Depends::of(finding, changes.map(Vec::as_slice).unwrap_or_default());
            if account.is_wanted(at) {
                for key in one.own.iter().chain(&one.others) {
                    by_key.entry(*key).or_default().push(at);
                }
            }
            depends.push(one);
        }
        Estimates { depends, by_key }
    }

    /// The candidates that may close most, best first, with how much that is.
    pub(super) fn best(
        &self,
        account: &Account<'_>,
        candidates: &[Candidate<'_>],
        useless: &[bool],
    ) -> Vec<(usize, Counts)> {
        // In one walk over what is open: how much each key closes by itself.
        let mut by_key: HashMap<Key<'_>, Counts> = HashMap::new();
        for (at, depends) in self.depends.iter().enumerate() {
            if account.is_wanted(at) {
                for key in depends.closed_by() {
                    by_key.entry(key).or_default()[account.class(at)] += 1;
                }
            }
        }
        let mut weighed: Vec<(Counts, usize)> = Vec::new();
        for (at, candidate) in candidates.iter().enumerate().filter(|(at, _)| !useless[*at]) {
            let together = Key::Together(&candidate.commands);
            let mut sum = Counts::default();
            for key in touched(candidate).into_iter().chain([together]) {
                if let Some(counts) = by_key.get(&key) {
                    sum.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
                }
            }
            if sum != Counts::default() {
                weighed.push((sum, at));
            }
        }
        let best_first =
            |a: &(Counts, usize), b: &(Counts, usize)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        weighed.sort_unstable_by(best_first);
        // And of the best of them, each finding once.
        weighed.truncate(MOST_WEIGHED);
        for (counts, at) in &mut weighed {
            *counts = self.at_most(account, &candidates[*at]);
        }
        weighed.sort_unstable_by(best_first);
        weighed.into_iter().map(|(counts, at)| (at, counts)).collect()
    }

    /// How much a candidate may close.
    fn at_most(&self, account: &Account<'_>, candidate: &Candidate<'_>) -> Counts {
        let touched = touched(candidate);
        let lists = touched.iter().filter_map(|key| self.by_key.get(key));
        let some: BTreeSet<usize> = lists.flatten().copied().collect();
        let mut counts = Counts::default();
        for at in some {
            if account.is_wanted(at) && self.depends[at].may_be_closed(&touched) {
                counts[account.class(at)] += 1;
            }
        }
        counts
    }
}
