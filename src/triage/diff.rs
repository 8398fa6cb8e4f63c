//! What changed from one run to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::actions;
use super::baseline::{about, is_same};
use super::unjudged::Unjudged;
use super::worse::is_worse;
use crate::model::{Coverage, Exposure, Finding, Run, Severity, Standing, Status, Summary};

/// The difference of two runs, each list in the order of reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    /// There now and not before.
    pub new: Vec<Finding>,
    /// There before; what they were about was judged again, and they are gone.
    pub fixed: Vec<Finding>,
    /// There both times (or about the same rule and resource in another status), and not the same.
    pub changed: Vec<Changed>,
    /// There before, and now nobody knows: calls that would tell had no answer, or (of what was open)
    /// the later run looked elsewhere.
    pub no_longer_visible: Vec<Unseen>,
    /// There before, and left out of the later run by its configuration.
    pub suppressed: Vec<Finding>,
    /// How many were there both times and are the same.
    pub unchanged: u64,
    /// How many one run lists of a kind that the other counts and does not list (latent findings
    /// without `--latent`, those below `--min-severity`): neither new nor fixed.
    pub not_compared: u64,
}

/// A finding that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As it was.
    pub before: Finding,
    /// As it is.
    pub now: Finding,
    /// What is different.
    pub fields: Vec<Field>,
}

impl Changed {
    /// Whether it counts as new: open where it was shut, more severe, or letting in more.
    pub fn is_worse(&self) -> bool {
        is_worse(&self.before, &self.now)
    }
}

/// What of a finding can change without making it another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Whether it is open.
    Status,
    /// How bad it is.
    Severity,
    /// Who gets in.
    Who,
    /// What they get.
    Access,
    /// Which ports can be opened.
    Ports,
    /// How much of the internet.
    Source,
    /// From which addresses.
    Cidrs,
}

impl Field {
    /// Where it stands in the JSON form of a finding.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Status => "status",
            Field::Severity => "severity",
            Field::Who => "exposure.who",
            Field::Access => "exposure.access",
            Field::Ports => "exposure.ports",
            Field::Source => "exposure.source",
            Field::Cidrs => "exposure.cidrs",
        }
    }
}

/// A finding of which the later run cannot say whether it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// As it was when it was last seen.
    pub finding: Finding,
    /// Why not.
    pub because: NotComparable,
}

/// Why a run says nothing of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotComparable {
    /// Calls that its rule needs had no answer.
    Unread(Vec<Coverage>),
    /// Its account was not scanned.
    Account,
    /// Its region was not scanned.
    Region,
    /// Its rule was not applied.
    Rule,
}

/// Compares two runs by fingerprint.
pub fn diff(old: &Run, new: &Run) -> Drift {
    let before = by_fingerprint(old);
    let now = by_fingerprint(new);
    let renamed = renamed(&before, &now);
    let was: BTreeSet<&str> = renamed.values().map(|before| before.fingerprint.as_str()).collect();
    let suppressed: BTreeSet<&str> =
        new.suppressed.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let (listed_before, listed_now) = (Listed::of(old), Listed::of(new));
    let unjudged = Unjudged::of(&new.coverage);
    let mut drift = Drift::default();
    for (fingerprint, finding) in &now {
        match before.get(fingerprint).or_else(|| renamed.get(fingerprint)) {
            Some(before) => {
                let fields = fields(before, finding);
                if fields.is_empty() {
                    drift.unchanged += 1;
                } else {
                    let (before, now) = ((*before).clone(), (*finding).clone());
                    drift.changed.push(Changed { before, now, fields });
                }
            }
            None if listed_before.all_like(finding) => drift.new.push((*finding).clone()),
            None => drift.not_compared += 1,
        }
    }
    let gone = before.iter().filter(|(name, _)| !now.contains_key(*name) && !was.contains(*name));
    for finding in gone.map(|(_, finding)| *finding) {
        if !listed_now.all_like(finding) {
            drift.not_compared += 1;
        } else if suppressed.contains(finding.fingerprint.as_str()) {
            drift.suppressed.push(finding.clone());
        } else if let Some(because) = not_comparable(finding, (old, new), &unjudged)
            .filter(|because| open(finding) || matches!(because, NotComparable::Unread(_)))
        {
            drift.no_longer_visible.push(Unseen { finding: finding.clone(), because });
        } else {
            drift.fixed.push(finding.clone());
        }
    }
    drift.new.sort_by(Finding::report_order);
    drift.fixed.sort_by(Finding::report_order);
    drift.suppressed.sort_by(Finding::report_order);
    drift.changed.sort_by(|a, b| a.now.report_order(&b.now));
    drift.no_longer_visible.sort_by(|a, b| a.finding.report_order(&b.finding));
    drift
}

impl Drift {
    /// Findings that count as new: those that were not there, and those that got worse.
    pub fn worse(&self) -> impl Iterator<Item = &Finding> {
        let changed = self.changed.iter().filter(|changed| changed.is_worse());
        self.new.iter().chain(changed.map(|changed| &changed.now))
    }

    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.fixed.is_empty()
            && self.changed.is_empty()
            && self.no_longer_visible.is_empty()
            && self.suppressed.is_empty()
    }

    /// Drops what is less severe, before and now.
    pub fn keep(&mut self, least: Severity) {
        let shown = |finding: &Finding| finding.severity >= least;
        self.new.retain(shown);
        self.fixed.retain(shown);
        self.suppressed.retain(shown);
        self.changed.retain(|changed| shown(&changed.before) || shown(&changed.now));
        self.no_longer_visible.retain(|unseen| shown(&unseen.finding));
    }

    /// The later run with nothing but what counts as new, for formats that know findings only.
    pub fn as_run(&self, new: &Run) -> Run {
        let marked =
            |finding: &Finding, standing| Finding { baseline: Some(standing), ..finding.clone() };
        let new_ones = self.new.iter().map(|finding| marked(finding, Standing::New));
        let worse = self.changed.iter().filter(|changed| changed.is_worse());
        let worse = worse.map(|changed| marked(&changed.now, Standing::Worse));
        let mut findings: Vec<Finding> = new_ones.chain(worse).collect();
        findings.sort_by(Finding::report_order);
        let summary = Summary::of(&findings, new.summary.suppressed);
        let mut run = Run { summary, findings, ..new.clone() };
        run.actions = actions::shown(&run, &new.actions);
        run
    }
}

fn by_fingerprint(run: &Run) -> BTreeMap<&str, &Finding> {
    run.findings.iter().map(|finding| (finding.fingerprint.as_str(), finding)).collect()
}

/// Findings that have another fingerprint because they have another status, with what they were:
/// where one came, one went, and both are about the same.
fn renamed<'a>(
    before: &BTreeMap<&'a str, &'a Finding>,
    now: &BTreeMap<&'a str, &'a Finding>,
) -> BTreeMap<&'a str, &'a Finding> {
    let alone = |these: &BTreeMap<&'a str, &'a Finding>,
                 others: &BTreeMap<&'a str, &'a Finding>| {
        let mut alone: BTreeMap<(String, String), Vec<&'a Finding>> = BTreeMap::new();
        for (_, finding) in these.iter().filter(|(name, _)| !others.contains_key(*name)) {
            alone.entry(about(finding)).or_default().push(finding);
        }
        alone
    };
    let gone = alone(before, now);
    let pair = |(about, came): (_, Vec<&'a Finding>)| match (came.as_slice(), gone.get(&about)) {
        ([now], Some(before)) => match before.as_slice() {
            [before] if is_same(before, now) => Some((now.fingerprint.as_str(), *before)),
            _ => None,
        },
        _ => None,
    };
    alone(now, before).into_iter().filter_map(pair).collect()
}

/// Whether outsiders may have been let in.
fn open(finding: &Finding) -> bool {
    matches!(finding.status, Status::Exposed | Status::Undetermined)
}

fn fields(before: &Finding, now: &Finding) -> Vec<Field> {
    let none = Exposure::default();
    let old = before.exposure.as_ref().unwrap_or(&none);
    let new = now.exposure.as_ref().unwrap_or(&none);
    [
        (Field::Status, before.status != now.status),
        (Field::Severity, before.severity != now.severity),
        (Field::Who, old.who != new.who),
        (Field::Access, old.access != new.access),
        (Field::Ports, old.ports != new.ports),
        (Field::Source, old.source != new.source),
        (Field::Cidrs, old.cidrs != new.cidrs),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Which findings a run lists; of others it only says how many there are.
struct Listed {
    exposed: BTreeMap<Severity, bool>,
    undetermined: bool,
    latent: bool,
    weakness: bool,
}

impl Listed {
    fn of(run: &Run) -> Listed {
        let told = &run.summary;
        let there = Summary::of(&run.findings, 0);
        let count = |of: &Summary, severity| of.exposed.get(severity).copied().unwrap_or(0);
        Listed {
            exposed: Severity::ALL
                .iter()
                .map(|severity| (*severity, count(&there, severity) >= count(told, severity)))
                .collect(),
            undetermined: there.undetermined >= told.undetermined,
            latent: there.latent >= told.latent,
            weakness: there.weakness >= told.weakness,
        }
    }

    fn all_like(&self, finding: &Finding) -> bool {
        match finding.status {
            Status::Exposed => self.exposed.get(&finding.severity).copied().unwrap_or(true),
            Status::Undetermined => self.undetermined,
            Status::Latent => self.latent,
            Status::Weakness => self.weakness,
        }
    }
}

/// Why `new` cannot say that a finding of `old` is gone; `None` when it can.
fn not_comparable(
    finding: &Finding,
    (old, new): (&Run, &Run),
    unjudged: &Unjudged<'_>,
) -> Option<NotComparable> {
    let resource = &finding.resource;
    if !new.scan.rules.contains(&finding.rule) {
        return Some(NotComparable::Rule);
    }
    if !new.scan.accounts.contains(&resource.account) {
        return Some(NotComparable::Account);
    }
    // What is listed for all regions at once (buckets) is found whichever regions are in scope.
    let in_scope = |run: &Run| run.scan.regions.contains(&resource.region);
    if resource.regional && in_scope(old) && !in_scope(new) {
        return Some(NotComparable::Region);
    }
    let unread = unjudged.leaving(finding);
    (!unread.is_empty()).then_some(NotComparable::Unread(unread))
}
