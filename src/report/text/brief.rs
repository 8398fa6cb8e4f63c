//! What a log says of a run whose report goes elsewhere: what is new, what was not seen and how it
//! ended, for whoever looks at a job that failed.

use std::io;

use super::super::{Style, words};
use super::{INCOMPLETE, Page, alike};
use crate::model::{Coverage, Finding, Run};

/// Lines of each list; the report has all of it.
const MOST_LINES: usize = 20;

/// Writes what counts of `run`, worst first, calls without an answer, and the summary line.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    let told = run.findings.iter().filter(|finding| !finding.is_known());
    let name = if run.summary.new.is_some() { "New" } else { "Found" };
    findings(&mut page, name, told.collect())?;
    not_seen(&mut page, &run.coverage)?;
    let line = page.plain(&words::summary_line(run, style));
    page.line(&line)
}

/// One line for each of `all`, which come worst first.
pub(in crate::report) fn findings(
    page: &mut Page<'_, '_>,
    name: &str,
    all: Vec<&Finding>,
) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    page.line(&format!("{name}: {}", words::count(all.len() as u64, "finding")))?;
    for finding in all.iter().take(MOST_LINES) {
        let (label, resource) = (words::resource_label(finding), &finding.resource);
        let text = format!(
            "{}, {} on {label} in {} {}",
            words::status(finding),
            finding.rule,
            resource.account,
            resource.region
        );
        page.paragraph(&format!("  {:<11} ", finding.severity.as_str()), &text)?;
    }
    more(page, all.len())
}

/// One line for each kind of call without an answer, those first that leave most rules unjudged.
pub(in crate::report) fn not_seen(
    page: &mut Page<'_, '_>,
    coverage: &[Coverage],
) -> io::Result<()> {
    if coverage.is_empty() {
        return Ok(());
    }
    let calls = words::count(coverage.len() as u64, "call");
    let head = page.paint(INCOMPLETE, &format!("Not seen: {calls} without an answer"));
    page.line(&head)?;
    let mut kinds = alike(coverage);
    let unjudged = |like: &Vec<&Coverage>| like.iter().map(|entry| entry.affects.len()).max();
    kinds.sort_by_key(|like| std::cmp::Reverse(unjudged(like)));
    for like in kinds.iter().take(MOST_LINES) {
        page.unanswered(like)?;
    }
    more(page, kinds.len())
}

fn more(page: &mut Page<'_, '_>, all: usize) -> io::Result<()> {
    match all.saturating_sub(MOST_LINES) {
        0 => Ok(()),
        left => page.line(&format!("  and {left} more")),
    }
}
