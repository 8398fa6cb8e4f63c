//! The difference of two runs in a terminal: what is new first, with proof and fix.

use std::io;

use super::super::text::{BOLD, INCOMPLETE, Page};
use super::super::{Style, words};
use super::{changes, label, reasons, summary_line, was};
use crate::model::{Finding, Run};
use crate::triage::Drift;

/// Writes every part that has something in it, then the summary line.
pub fn write(drift: &Drift, new: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    if !drift.new.is_empty() {
        head(&mut page, "New", drift.new.len())?;
        page.findings(&drift.new)?;
    }
    if !drift.changed.is_empty() {
        head(&mut page, "Changed", drift.changed.len())?;
        for changed in &drift.changed {
            line(&mut page, &changed.now)?;
            for (field, before, now) in changes(changed) {
                let label = format!("    {:<9} ", label(field));
                page.paragraph(&label, &format!("{before} → {now}"))?;
            }
        }
        page.line("")?;
    }
    if !drift.no_longer_visible.is_empty() {
        head(
            &mut page,
            "No longer visible: was open, and now nobody knows",
            drift.no_longer_visible.len(),
        )?;
        for unseen in &drift.no_longer_visible {
            line(&mut page, &unseen.finding)?;
            for reason in reasons(&unseen.because, &unseen.finding) {
                page.paragraph("    because   ", &reason)?;
            }
        }
        page.line("")?;
    }
    for (name, findings) in
        [("Suppressed by the configuration now", &drift.suppressed), ("Fixed", &drift.fixed)]
    {
        if findings.is_empty() {
            continue;
        }
        head(&mut page, name, findings.len())?;
        for finding in findings {
            line(&mut page, finding)?;
        }
        page.line("")?;
    }
    if drift.is_empty() {
        page.paragraph("", "Nothing changed in what both runs list.")?;
        page.line("")?;
    }
    let text = page.plain(&summary_line(drift, new));
    let text = page.paint(if new.scan.complete { BOLD } else { INCOMPLETE }, &text);
    page.line(&text)
}

fn head(page: &mut Page<'_, '_>, name: &str, n: usize) -> io::Result<()> {
    let text = page.paint(BOLD, &format!("{name}: {}", words::count(n as u64, "finding")));
    page.line(&text)
}

fn line(page: &mut Page<'_, '_>, finding: &Finding) -> io::Result<()> {
    let (severity, status) = was(finding);
    let text = format!("{status}, {} on {}", finding.rule, words::resource_label(finding));
    page.paragraph(&format!("  {:<9} ", severity.as_str()), &text)
}
