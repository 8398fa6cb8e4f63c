//! `text`: for people in a terminal. A line for each finding, what to do first, then proof and fix.

pub(super) mod brief;
pub(super) mod detail;
mod first;
pub(super) mod overview;

use std::collections::BTreeMap;
use std::io;

use anstyle::{AnsiColor, Style as Paint};

use self::overview::Listed;
use super::clean::{terminal, terminal_line, terminal_lines};
use super::width::columns;
use super::{Style, words};
use crate::model::{Coverage, Finding, Outcome, Run, Severity, first_few};

/// Resources that are named in one entry of what was not seen.
const MOST_NAMED: usize = 3;

/// Writes one line for each finding, what to do first, details, what was not seen, and how it ended.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    let listed = Listed::of(&run.findings);
    page.overview(&listed)?;
    page.first(run)?;
    page.details(&listed.single)?;
    if run.findings.is_empty() {
        page.paragraph("", words::nothing_found(run, style))?;
        page.line("")?;
    }
    page.not_seen(&run.coverage)?;
    page.next(style.next)?;
    page.summary(run)
}

/// Writes a line for each finding and each call without an answer, and nothing else.
pub fn write_short(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    overview::lines(&mut Page { style, out }, run)
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

/// A page of a terminal: lines that keep to the style and carry nothing hostile.
pub(super) struct Page<'a, 'w> {
    pub(super) style: &'a Style,
    pub(super) out: &'w mut dyn io::Write,
}

impl Page<'_, '_> {
    /// Findings as the first screen has them, then their details.
    pub(super) fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        let listed = Listed::of(findings);
        self.overview(&listed)?;
        self.details(&listed.single)
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
        self.labelled_in((paint, Paint::new()), label, text)
    }

    /// As [`Page::paragraph`], label and text each painted.
    fn labelled_in(&mut self, paint: (Paint, Paint), label: &str, text: &str) -> io::Result<()> {
        let indent = columns(label);
        let text = self.plain(text);
        let room = self.style.width.saturating_sub(indent);
        for (n, line) in terminal_lines(&text, room).iter().enumerate() {
            let lead = if n == 0 { self.paint(paint.0, label) } else { " ".repeat(indent) };
            let line =
                if paint.1 == Paint::new() { line.clone() } else { self.paint(paint.1, line) };
            self.line(&format!("{lead}{line}"))?;
        }
        Ok(())
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

    /// How the run ended: the verdict, what was looked at, and what was not.
    fn summary(&mut self, run: &Run) -> io::Result<()> {
        let [verdict, scope, left_out] = words::summary(run, self.style);
        let paint = if run.scan.complete { BOLD } else { INCOMPLETE };
        self.labelled_in((paint, paint), "", &verdict.join("; "))?;
        for line in [scope, left_out] {
            if !line.is_empty() {
                self.paragraph("", &line.join("; "))?;
            }
        }
        Ok(())
    }

    /// What to do after this, each a line to type.
    fn next(&mut self, steps: &[(&str, &str)]) -> io::Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let head = self.paint(BOLD, "Next");
        self.line(&head)?;
        for (command, what) in steps {
            self.line(&format!("  $ {command}"))?;
            self.paragraph("    ", what)?;
        }
        self.line("")
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
