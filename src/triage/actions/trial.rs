//! An account judged again with changes applied, beside what was found at first.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::worse::is_worse;
use super::Again;
use crate::inventory::Snapshot;
use crate::model::{Finding, Severity, Status};
use crate::rules::change::{Change, Undo};
use crate::rules::{Judgement, Rule};

/// What became of a finding that was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is as it was.
    Open,
    /// It lets in less, or another one is open at the same resource.
    Narrower,
    /// A control shuts it.
    Shut,
    /// It is gone, and nothing is open in its place.
    Closed,
}

impl Fate {
    fn is_settled(self) -> bool {
        matches!(self, Fate::Shut | Fate::Closed)
    }
}

/// An account with what was found in it at first, and what became of that by the changes so far.
pub(super) struct Account<'a> {
    /// Its facts, with the changes so far.
    pub(super) snapshot: &'a mut Snapshot,
    /// What was open at first.
    pub(super) open: Vec<&'a Finding>,
    /// How bad each of those is; `None` where it was accepted.
    pub(super) counted: Vec<Option<Severity>>,
    /// Everything that was found at first, by fingerprint.
    known: HashMap<&'a str, Status>,
    fates: Vec<Fate>,
    made: Vec<Change>,
    again: &'a Again<'a>,
}

/// What a change would do, by places in the list of what was open.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub(super) closes: Vec<usize>,
    pub(super) shuts: Vec<usize>,
    pub(super) narrows: Vec<usize>,
    pub(super) accepted: Vec<usize>,
    fates: Vec<(usize, Fate)>,
}

impl<'a> Account<'a> {
    pub(super) fn new(
        snapshot: &'a mut Snapshot,
        judged: &'a Judgement,
        counted: &BTreeMap<String, Severity>,
        again: &'a Again<'a>,
    ) -> Account<'a> {
        let all = &judged.findings;
        let open: Vec<&Finding> = all.iter().filter(|one| one.status.is_open()).collect();
        Account {
            snapshot,
            counted: open.iter().map(|one| counted.get(&one.fingerprint).copied()).collect(),
            fates: vec![Fate::Open; open.len()],
            known: all.iter().map(|one| (one.fingerprint.as_str(), one.status)).collect(),
            open,
            made: Vec::new(),
            again,
        }
    }

    /// Whether the finding at this place counts and is open still.
    pub(super) fn is_wanted(&self, at: usize) -> bool {
        self.counted[at].is_some() && !self.fates[at].is_settled()
    }

    /// Where the finding at this place counts, of those that count.
    pub(super) fn class(&self, at: usize) -> usize {
        let worst_first = |severity| Severity::ALL.iter().position(|one| *one == severity);
        let severity = self.counted[at].and_then(worst_first).unwrap_or_default();
        2 * severity + usize::from(self.open[at].status == Status::Undetermined)
    }

    /// What `changes` would do; `None` where they cannot all be made, or would open something.
    pub(super) fn try_out(&mut self, changes: &[Change]) -> Option<Effect> {
        let region = common_region(changes);
        let here = |change: &&Change| region.is_none_or(|region| change.region() == Some(region));
        let changed: HashSet<_> =
            self.made.iter().filter(here).chain(changes).map(Change::answer).collect();
        let reads = |rule: &&&'static Rule| rule.calls().any(|call| changed.contains(call));
        let rules: Vec<&'static Rule> = self.again.rules.iter().filter(reads).copied().collect();
        let undo = make_all(self.snapshot, changes)?;
        let after = (self.again.judge)(self.snapshot, region, &rules);
        undo.undo(self.snapshot);
        let rules: HashSet<&str> = rules.iter().map(|rule| rule.id).collect();
        let concerned = |finding: &Finding| {
            rules.contains(finding.rule.as_str())
                && region.is_none_or(|region| finding.resource.region == region)
        };
        self.effect(after.iter().filter(|finding| concerned(finding)).collect(), concerned)
    }

    /// Makes `changes` for good, which have this effect.
    pub(super) fn make(&mut self, changes: &[Change], effect: Effect) {
        // Tried before: they can all be made.
        let _ = make_all(self.snapshot, changes);
        for (at, fate) in effect.fates {
            self.fates[at] = fate;
        }
        self.made.extend(changes.iter().cloned());
    }

    /// What became of the findings that are concerned, by what is found of those now.
    fn effect(&self, after: Vec<&Finding>, concerned: impl Fn(&Finding) -> bool) -> Option<Effect> {
        let mut now: HashMap<&str, &Finding> = HashMap::new();
        let mut appeared: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in after {
            match self.known.get(finding.fingerprint.as_str()) {
                // What was shut is open.
                Some(was) if !was.is_open() && finding.status.is_open() => return None,
                Some(_) => {
                    now.insert(&finding.fingerprint, finding);
                }
                None => appeared.entry(&finding.resource.uid).or_default().push(finding),
            }
        }
        let mut effect = Effect::default();
        let mut explained: HashSet<&str> = HashSet::new();
        for (at, before) in self.open.iter().enumerate().filter(|(_, one)| concerned(one)) {
            let uid = before.resource.uid.as_str();
            let appeared = appeared.get(uid).map(Vec::as_slice).unwrap_or_default();
            let fate = fate(before, now.get(before.fingerprint.as_str()).copied(), appeared)?;
            if fate != Fate::Open {
                explained.insert(uid);
            }
            effect.add(self, at, fate)?;
        }
        // What is open now is what is left of something; nothing else may open.
        let unexplained = appeared.iter().any(|(uid, all)| {
            !explained.contains(uid) && all.iter().any(|one| one.status.is_open())
        });
        (!unexplained).then_some(effect)
    }
}

impl Effect {
    /// Adds what becomes of the finding at a place; `None` where it opens again.
    fn add(&mut self, account: &Account<'_>, at: usize, fate: Fate) -> Option<()> {
        let was = account.fates[at];
        if was.is_settled() && !fate.is_settled() {
            return None;
        }
        self.fates.push((at, fate));
        match (account.counted[at], fate) {
            _ if was.is_settled() => {}
            (None, Fate::Shut | Fate::Closed) => self.accepted.push(at),
            (None, _) => {}
            (Some(_), Fate::Closed | Fate::Shut) => {
                let list = if fate == Fate::Closed { &mut self.closes } else { &mut self.shuts };
                list.push(at);
            }
            (Some(_), Fate::Narrower) if was == Fate::Open => self.narrows.push(at),
            (Some(_), Fate::Narrower | Fate::Open) => {}
        }
        Some(())
    }
}

/// What became of a finding that is `now` so, if it is there, while others `appeared` at its
/// resource; `None` where it got worse.
///
/// Rules that tell open ports from shut ones, and wide holes from narrow ones, give what is left
/// another fingerprint: whatever is open at the same resource and was not there counts as that.
fn fate(before: &Finding, now: Option<&Finding>, appeared: &[&Finding]) -> Option<Fate> {
    if appeared.iter().any(|one| one.status.is_open()) {
        return Some(Fate::Narrower);
    }
    Some(match now {
        Some(now) if now.status.is_open() => {
            if is_worse(before, now) {
                return None;
            }
            let same = (now.status, now.severity) == (before.status, before.severity)
                && now.exposure == before.exposure;
            if same { Fate::Open } else { Fate::Narrower }
        }
        Some(_) => Fate::Shut,
        None if appeared.iter().any(|one| one.rule == before.rule) => Fate::Shut,
        None => Fate::Closed,
    })
}

/// The region that all of the changes are about; `None` where there is no such region.
fn common_region(changes: &[Change]) -> Option<&str> {
    let region = changes.first()?.region()?;
    changes.iter().all(|change| change.region() == Some(region)).then_some(region)
}

/// Makes all of the changes, or none.
fn make_all(snapshot: &mut Snapshot, changes: &[Change]) -> Option<Undo> {
    let mut undo = Undo::nothing();
    for change in changes {
        match change.apply(snapshot) {
            Some(made) => undo = undo.and(made),
            None => {
                undo.undo(snapshot);
                return None;
            }
        }
    }
    Some(undo)
}
