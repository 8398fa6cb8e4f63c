//! `text`: for people in a terminal. By resource, worst first, with proof and fix.

pub(super) mod brief;
mod first;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use anstyle::{AnsiColor, Style as Paint};

use super::clean::{terminal, terminal_line, terminal_lines, uri_component};
use super::width::columns;
use super::{Style, words};
use crate::model::{
    Coverage, Finding, Outcome, Resource, Run, Severity, Sources, Standing, Status, first_few,
};

/// Resources that are named in one entry of what was not seen.
const MOST_NAMED: usize = 3;

/// Writes what to do first, findings, what was not seen, and the summary line.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    page.first(run)?;
    page.findings(&run.findings)?;
    if run.findings.is_empty() {
        page.paragraph("", words::nothing_found(run, style))?;
        page.line("")?;
    }
    page.not_seen(&run.coverage)?;
    // One line even where it is longer than the terminal: the last line is what scripts look at.
    let line = page.plain(&words::summary_line(run, style));
    let line = page.paint(if run.scan.complete { BOLD } else { INCOMPLETE }, &line);
    page.line(&line)
}

const DIM: Paint = Paint::new().dimmed();
/// For heads and names.
pub(super) const BOLD: Paint = Paint::new().bold();
/// For what says that something was not seen.
pub(super) const INCOMPLETE: Paint = AnsiColor::Yellow.on_default().bold();

fn severity_paint(severity: Severity) -> Paint {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
    }
}

/// Latent findings that share the security group and what shuts it.
struct Collapsed<'a> {
    group: &'a str,
    blocked_by: Vec<&'a str>,
    findings: Vec<&'a Finding>,
}

/// Findings in the order of the page.
struct PageOrder<'a> {
    by_resource: Vec<Vec<&'a Finding>>,
    collapsed: Vec<Collapsed<'a>>,
}

impl<'a> PageOrder<'a> {
    fn of(findings: &'a [Finding]) -> PageOrder<'a> {
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
        let mut gone: Vec<&Finding> = Vec::new();
        for ((_, group, blocked_by), findings) in behind_group {
            if findings.iter().any(|f| f.resource.uid != findings[0].resource.uid) {
                gone.extend(&findings);
                collapsed.push(Collapsed { group, blocked_by, findings });
            }
        }
        let gone: HashSet<*const Finding> = gone.into_iter().map(std::ptr::from_ref).collect();
        let mut by_resource: Vec<Vec<&Finding>> = Vec::new();
        let mut place: BTreeMap<&str, usize> = BTreeMap::new();
        // Findings come worst first; a resource stands where its worst finding does.
        for finding in findings.iter().filter(|f| !gone.contains(&std::ptr::from_ref(*f))) {
            let at = *place.entry(&finding.resource.uid).or_insert(by_resource.len());
            match by_resource.get_mut(at) {
                Some(group) => group.push(finding),
                None => by_resource.push(vec![finding]),
            }
        }
        // Of resources that are equally bad, the one that is open for certain comes first.
        by_resource.sort_by_key(|group| {
            let worst = |f: &&Finding| (Reverse(f.severity), f.status);
            group.iter().map(worst).min()
        });
        PageOrder { by_resource, collapsed }
    }
}

/// What opens a finding that is latent: the security group in the proof or, where a control shuts
/// the way before the packet meets the group, the first that would let it in.
fn opened_by(finding: &Finding) -> Option<&str> {
    let mut groups = finding.evidence.iter().filter(|step| step.kind == "security-group");
    let proven = groups.find_map(|step| step.id.as_deref());
    proven.or_else(|| finding.exposure.as_ref()?.opened_by.first().map(String::as_str))
}

/// A page of a terminal: lines that keep to the style and carry nothing hostile.
pub(super) struct Page<'a, 'w> {
    pub(super) style: &'a Style,
    pub(super) out: &'w mut dyn io::Write,
}

impl Page<'_, '_> {
    /// Findings by resource, worst first, those behind one security group in one line.
    pub(super) fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        let groups = PageOrder::of(findings);
        for findings in &groups.by_resource {
            self.resource(findings)?;
        }
        self.collapsed(&groups.collapsed)
    }

    /// Writes a line that is ready: parts of it went through [`Page::plain`].
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(terminal_line(line.trim_end()).as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Hostile text made harmless, and our own typography made ASCII where nothing else goes.
    pub(super) fn plain(&self, text: &str) -> String {
        let text = terminal(text);
        if self.style.unicode {
            return text;
        }
        text.replace('→', "->").replace('…', "...").replace(['–', '—'], "-").replace('×', "x")
    }

    pub(super) fn paint(&self, paint: Paint, text: &str) -> String {
        if self.style.colour && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    /// `text` after `label`, the following lines indented as far.
    pub(super) fn paragraph(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.labelled(DIM, label, text)
    }

    fn labelled(&mut self, paint: Paint, label: &str, text: &str) -> io::Result<()> {
        let indent = columns(label);
        let text = self.plain(text);
        let room = self.style.width.saturating_sub(indent);
        for (n, line) in terminal_lines(&text, room).iter().enumerate() {
            let lead = if n == 0 { self.paint(paint, label) } else { " ".repeat(indent) };
            self.line(&format!("{lead}{line}"))?;
        }
        Ok(())
    }

    pub(super) fn resource(&mut self, findings: &[&Finding]) -> io::Result<()> {
        let Some(first) = findings.first() else { return Ok(()) };
        let resource = &first.resource;
        let label = terminal_line(&self.plain(&words::resource_label(first)));
        let place = format!("{} {} {}", resource.kind, resource.account, resource.region);
        let place = self.plain(&place);
        let room = self.style.width.saturating_sub(columns(&label) + 2);
        if columns(&place) <= room {
            let gap = " ".repeat(2 + room - columns(&place));
            let (label, place) = (self.link(resource, &label), self.paint(DIM, &place));
            self.line(&format!("{label}{gap}{place}"))?;
        } else {
            for line in terminal_lines(&label, self.style.width) {
                let line = self.link(resource, &line);
                self.line(&line)?;
            }
            self.paragraph("  ", &place)?;
        }
        for finding in findings {
            self.finding(finding)?;
        }
        self.line("")
    }

    /// The name of a resource, bold; where the terminal can, a link to it in the console.
    fn link(&self, resource: &Resource, label: &str) -> String {
        let bold = self.paint(BOLD, label);
        let Some(console) = resource.console().filter(|_| self.style.links) else { return bold };
        let url = format!("{console}{}", uri_component(&resource.uid));
        format!("\x1b]8;;{url}\x1b\\{bold}\x1b]8;;\x1b\\")
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let status = finding.status.as_str().to_uppercase();
        let severity = finding.severity.as_str();
        let head = match words::standing(finding) {
            "" => format!("  {status} {severity}  "),
            standing => format!("  {status} {severity}, {standing}  "),
        };
        self.line("")?;
        self.labelled(severity_paint(finding.severity), &head, &finding.rule)?;
        self.paragraph("    ", &finding.title)?;
        let severity = words::severity_line(finding);
        if !severity.is_empty() {
            self.paragraph("    severity ", &severity)?;
        }
        let who = words::exposure_line(finding);
        if !who.is_empty() {
            self.paragraph("    who      ", &who)?;
        }
        for (n, step) in words::proof(finding).enumerate() {
            // Each further path starts at the internet again.
            let label = match n {
                0 => "    proof    ",
                _ if step.kind == "internet" => "    or       ",
                _ => "           > ",
            };
            let line = words::step(&step.kind, step.id.as_deref(), &step.text);
            self.paragraph(label, &line)?;
        }
        for control in &finding.blocked_by {
            self.paragraph("    BLOCKED  ", &format!("by {}: {}", control.control, control.text))?;
        }
        for missing in &finding.undecided {
            self.paragraph("    unknown  ", &words::unknown(missing))?;
        }
        if !finding.remediation.text.is_empty() {
            self.paragraph("    fix      ", &finding.remediation.text)?;
        }
        for command in &finding.remediation.commands {
            // Not broken, so that it can be copied as a whole.
            let command = terminal(command);
            self.line(&format!("    $ {command}"))?;
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

    /// Calls that differ in region and resource only, in one line.
    fn unanswered(&mut self, like: &[&Coverage]) -> io::Result<()> {
        let Some(first) = like.first() else { return Ok(()) };
        let times = if like.len() > 1 { format!(" ({} times)", like.len()) } else { String::new() };
        let code = first.code.as_deref().map(|c| format!(" {c}")).unwrap_or_default();
        let head = format!(
            "{}:{} in {} {}{times}{code}",
            first.service,
            first.operation,
            first.account,
            some(like.iter().map(|c| Some(c.region.as_str()))),
        );
        self.paragraph(&format!("  {:<11} ", first.outcome.as_str()), &head)
    }

    pub(super) fn not_seen(&mut self, coverage: &[Coverage]) -> io::Result<()> {
        if coverage.is_empty() {
            return Ok(());
        }
        let total = words::count(coverage.len() as u64, "call");
        let head = self.paint(INCOMPLETE, &format!("Not seen: {total} without an answer"));
        self.line(&head)?;
        for like in alike(coverage) {
            let Some(first) = like.first() else { continue };
            self.unanswered(&like)?;
            let of = some(like.iter().map(|c| c.resource.as_deref()));
            if !of.is_empty() {
                self.paragraph("    of          ", &of)?;
            }
            if !first.message.is_empty() {
                self.paragraph("    because     ", &first.message)?;
            }
            let mut rules: Vec<&str> = like.iter().flat_map(|c| &c.affects).map(|s| &**s).collect();
            rules.sort_unstable();
            rules.dedup();
            if !rules.is_empty() {
                self.paragraph("    unjudged    ", &rules.join(", "))?;
            }
        }
        if coverage.iter().any(|gap| gap.outcome == Outcome::Denied) {
            self.paragraph("  ", "`outcrop permissions` prints the policy that a scan needs")?;
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

/// The first few different ones, and how many more there are.
fn some<'a>(all: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut all: Vec<&str> = all.flatten().filter(|name| !name.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    first_few(all, MOST_NAMED)
}

/// Unanswered calls that differ in region and resource only, most frequent kind of failure first
/// in the order of service and operation.
fn alike(coverage: &[Coverage]) -> Vec<Vec<&Coverage>> {
    let mut groups: BTreeMap<_, Vec<&Coverage>> = BTreeMap::new();
    for entry in coverage {
        let key = (&entry.service, &entry.operation, &entry.account, entry.outcome, &entry.code);
        groups.entry(key).or_default().push(entry);
    }
    groups.into_values().collect()
}
