//! The first screen: one line for each finding, by severity or as the user wants.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use anstyle::Style as Paint;

use super::super::clean::terminal_lines;
use super::super::width::columns;
use super::super::{GroupBy, words};
use super::{BOLD, DIM, Page, severity_paint};
use crate::model::{Finding, Run, Severity, Sources, Standing, Status};

/// Characters of a fingerprint that are enough to tell findings apart.
const SHORT: usize = 8;
/// Columns that a title must be left, or what stands beside it goes below.
const LEAST_TITLE: usize = 36;

/// Latent findings that share the security group and what shuts it.
struct Collapsed<'a> {
    group: &'a str,
    blocked_by: Vec<&'a str>,
    findings: Vec<&'a Finding>,
}

/// Findings as the first screen has them.
pub(super) struct Listed<'a> {
    /// Those with a line of their own, worst first.
    pub(super) single: Vec<&'a Finding>,
    collapsed: Vec<Collapsed<'a>>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(findings: &'a [Finding]) -> Listed<'a> {
        // Private fleets behind groups that are open to the internet are normal, and must not
        // bury what is exposed: several resources behind one group are one line.
        let mut behind_group: BTreeMap<(&str, &str, Vec<&str>), Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|f| f.status == Status::Latent) {
            if let Some(group) = opened_by(finding) {
                let shut: Vec<&str> =
                    finding.blocked_by.iter().map(|c| c.control.as_str()).collect();
                let key = (finding.resource.account.as_str(), group, shut);
                behind_group.entry(key).or_default().push(finding);
            }
        }
        let mut collapsed = Vec::new();
        let mut gone: HashSet<*const Finding> = HashSet::new();
        for ((_, group, blocked_by), findings) in behind_group {
            if findings.iter().any(|f| f.resource.uid != findings[0].resource.uid) {
                gone.extend(findings.iter().copied().map(std::ptr::from_ref));
                collapsed.push(Collapsed { group, blocked_by, findings });
            }
        }
        let mut single: Vec<&Finding> =
            findings.iter().filter(|f| !gone.contains(&std::ptr::from_ref(*f))).collect();
        // Of those that are equally bad, what is open for certain comes first.
        single.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.status));
        Listed { single, collapsed }
    }
}

/// What opens a finding that is latent: the security group in the proof or, where a control shuts
/// the way before the packet meets the group, the first that would let it in.
fn opened_by(finding: &Finding) -> Option<&str> {
    let mut groups = finding.evidence.iter().filter(|step| step.kind == "security-group");
    let proven = groups.find_map(|step| step.id.as_deref());
    proven.or_else(|| finding.exposure.as_ref()?.opened_by.first().map(String::as_str))
}

/// The start of a fingerprint, which commands take for the whole.
pub(in crate::report) fn short(finding: &Finding) -> &str {
    finding.fingerprint.get(..SHORT).unwrap_or(&finding.fingerprint)
}

impl Page<'_, '_> {
    /// One line for each finding, under the heads that the user wants.
    pub(super) fn overview(&mut self, listed: &Listed<'_>) -> io::Result<()> {
        let mut heads: Vec<(String, Paint, Vec<&Finding>)> = Vec::new();
        for &finding in &listed.single {
            let (head, paint) = self.head(finding);
            match heads.iter_mut().find(|(known, _, _)| *known == head) {
                Some((_, _, all)) => all.push(finding),
                None => heads.push((head, paint, vec![finding])),
            }
        }
        let mut accounts: Vec<&str> =
            listed.single.iter().map(|finding| finding.resource.account.as_str()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        for (head, paint, findings) in heads {
            let text = self.plain(&format!("{head} ({})", findings.len()));
            let text = self.paint(paint, &text);
            self.line(&text)?;
            for finding in findings {
                self.one(finding, accounts.len() > 1)?;
            }
            self.line("")?;
        }
        self.collapsed(&listed.collapsed)
    }

    /// What a finding stands under.
    fn head(&self, finding: &Finding) -> (String, Paint) {
        let resource = &finding.resource;
        match self.style.group_by {
            GroupBy::Severity => {
                (finding.severity.as_str().to_uppercase(), severity_paint(finding.severity))
            }
            GroupBy::Rule => (finding.rule.clone(), BOLD),
            GroupBy::Account => (resource.account.clone(), BOLD),
            GroupBy::Region => (resource.region.clone(), BOLD),
            GroupBy::Resource => {
                (format!("{} {}", resource.kind, words::resource_label(finding)), BOLD)
            }
        }
    }

    /// What is open on what; beside it where, and the start of the fingerprint.
    fn one(&mut self, finding: &Finding, with_account: bool) -> io::Result<()> {
        let resource = &finding.resource;
        let by_severity = self.style.group_by == GroupBy::Severity;
        let mut beside: Vec<&str> = Vec::new();
        if !by_severity {
            beside.push(finding.severity.as_str());
        }
        if finding.status != Status::Exposed {
            beside.push(finding.status.as_str());
        }
        beside.extend(finding.baseline.map(Standing::as_str));
        if with_account {
            beside.push(&resource.account);
        }
        beside.extend([resource.region.as_str(), short(finding)]);
        let beside = self.plain(&beside.join(" "));
        let title = self.plain(&finding.title);
        let room = self.style.width.saturating_sub(columns(&beside) + 4);
        let apart = room < LEAST_TITLE;
        let room = if apart { self.style.width.saturating_sub(2) } else { room };
        for (n, line) in terminal_lines(&title, room).iter().enumerate() {
            let painted = self.paint(BOLD, line);
            if n == 0 && !apart {
                let gap = " ".repeat(2 + room.saturating_sub(columns(line)));
                let beside = self.paint(DIM, &beside);
                self.line(&format!("  {painted}{gap}{beside}"))?;
            } else {
                self.line(&format!("  {painted}"))?;
            }
        }
        if apart {
            self.paragraph("    ", &beside)?;
        }
        Ok(())
    }

    fn collapsed(&mut self, groups: &[Collapsed<'_>]) -> io::Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        let head = self.paint(BOLD, "Shut for now, by security group");
        self.line(&head)?;
        for group in groups {
            let mut by_kind: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for finding in &group.findings {
                let resource = &finding.resource;
                by_kind.entry(noun(resource.noun())).or_default().insert(&resource.uid);
            }
            let on: Vec<String> =
                by_kind.iter().map(|(noun, uids)| words::count(uids.len() as u64, noun)).collect();
            let worst = group.findings.iter().map(|f| f.severity).max().unwrap_or(Severity::Low);
            let to = match group.findings[0].exposure.as_ref().and_then(|e| e.source) {
                Some(Sources::Internet) | None => "the internet",
                Some(Sources::Broad) => "broad public ranges",
                Some(Sources::Narrow) => "some public addresses",
            };
            let mut line = format!(
                "{} open to {to}, blocked by {} on {}",
                group.group,
                group.blocked_by.join(", "),
                on.join(", ")
            );
            for standing in Standing::ALL {
                let like = |f: &&&Finding| f.baseline == Some(standing);
                match group.findings.iter().filter(like).count() {
                    0 => {}
                    n => line.push_str(&format!("; {n} {}", standing.as_str())),
                }
            }
            self.paragraph(&format!("  {:<8} ", worst.as_str()), &line)?;
        }
        self.line("")
    }
}

/// What people call a kind of resource.
fn noun(kind: &str) -> &str {
    match kind {
        "network-interface" | "eni" => "interface",
        "" => "resource",
        other => other,
    }
}

/// A line for each finding and each call without an answer, none of them broken: for grep.
pub(in crate::report) fn lines(page: &mut Page<'_, '_>, run: &Run) -> io::Result<()> {
    for finding in &run.findings {
        let resource = &finding.resource;
        let line = format!(
            "{} {} {} {} {} {} {}: {}",
            short(finding),
            finding.severity.as_str(),
            words::status(finding).replace(", ", ","),
            resource.account,
            resource.region,
            finding.rule,
            words::resource_label(finding),
            finding.title
        );
        let line = page.plain(&line);
        page.line(&line)?;
    }
    for gap in &run.coverage {
        let line = page.plain(&format!("not-seen {}", words::gap(gap)));
        page.line(&line)?;
    }
    Ok(())
}
