//! `markdown`: the summary of a job in GitHub Actions.

use std::fmt::Write as _;
use std::io;

use super::clean::{markdown, markdown_cell, markdown_code, markdown_html};
use super::{Style, words};
use crate::model::Status;
use crate::model::{Finding, Run, Severity};

/// GitHub takes 1 MiB from each step; some of it is kept for other writers to the same summary.
const MOST_BYTES: usize = 1024 * 1024 - 16 * 1024;
/// What calls without an answer may take of it.
const MOST_BYTES_NOT_SEEN: usize = 64 * 1024;

/// Writes the counts, what was not seen and the findings, worst first, as far as there is room.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::from("# outcrop\n\n");
    let line = markdown(&words::summary_line(run, style));
    let _ = writeln!(page, "**{line}**\n");
    page.push_str(&first(run));
    if run.findings.is_empty() {
        let _ = writeln!(page, "{}\n", words::nothing_found(run, style));
    } else {
        page.push_str(&counts(run));
    }
    let not_seen = not_seen(run);
    let most = MOST_BYTES - not_seen.len();
    page.push_str(&rows(run, most / 2));
    let mut shown = 0;
    for finding in &run.findings {
        let section = section(finding);
        if page.len() + section.len() > most {
            break;
        }
        page.push_str(&section);
        shown += 1;
    }
    if shown < run.findings.len() {
        let left = words::count((run.findings.len() - shown) as u64, "finding");
        let _ = writeln!(
            page,
            "> Cut here for want of room: details of {left} more are in other formats.\n"
        );
    }
    page.push_str(&not_seen);
    out.write_all(page.as_bytes())
}

fn counts(run: &Run) -> String {
    let mut table =
        String::from("| status | critical | high | medium | low |\n|---|--:|--:|--:|--:|\n");
    for status in Status::ALL {
        let of = |severity: Severity| {
            run.findings.iter().filter(|f| f.status == status && f.severity == severity).count()
        };
        let counts = Severity::ALL.map(of);
        if counts.iter().sum::<usize>() > 0 {
            let counts = counts.map(|n| n.to_string()).join(" | ");
            let _ = writeln!(table, "| {} | {counts} |", status.as_str());
        }
    }
    table.push('\n');
    table
}

/// What to do first.
fn first(run: &Run) -> String {
    if run.actions.is_empty() {
        return String::new();
    }
    let mut text = format!("## {}\n\n", words::FIRST);
    for (n, action) in run.actions.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", n + 1, markdown(&action.text));
        for (verb, what) in words::effects(run, action) {
            let _ = writeln!(text, "   - **{verb}** {}", markdown(&what));
        }
        if let Some(warning) = &action.warning {
            let _ = writeln!(text, "   - **careful**: {}", markdown(warning));
        }
        for command in &action.commands {
            let _ = writeln!(text, "   - command: {}", markdown_code(command));
        }
    }
    text.push('\n');
    text
}

fn rows(run: &Run, most: usize) -> String {
    let mut table = String::new();
    for (n, finding) in run.findings.iter().enumerate() {
        if n == 0 {
            table.push_str("| severity | status | rule | resource | account | region |\n");
            table.push_str("|---|---|---|---|---|---|\n");
        }
        let resource = &finding.resource;
        let row = [
            finding.severity.as_str().to_owned(),
            words::status(finding),
            markdown_cell(&finding.rule),
            markdown_cell(&words::resource_label(finding)),
            markdown_cell(&resource.account),
            markdown_cell(&resource.region),
        ];
        let row = format!("| {} |\n", row.join(" | "));
        if table.len() + row.len() > most {
            let left = words::count((run.findings.len() - n) as u64, "finding");
            let _ = writeln!(table, "\n> Cut here for want of room: {left} more.");
            break;
        }
        table.push_str(&row);
    }
    table.push('\n');
    table
}

fn section(finding: &Finding) -> String {
    let mut text = String::new();
    let standing = words::standing(finding);
    let _ = writeln!(
        text,
        "<details><summary>{} {}{}: {}</summary>\n",
        finding.status.as_str().to_uppercase(),
        finding.severity.as_str(),
        if standing.is_empty() { String::new() } else { format!(", {standing}") },
        markdown_html(&finding.title)
    );
    let rule = markdown_code(&finding.rule);
    let _ = writeln!(text, "- {rule} on {}", markdown_code(&finding.resource.uid));
    let severity = words::severity_line(finding);
    if !severity.is_empty() {
        let _ = writeln!(text, "- severity: {}", markdown(&severity));
    }
    let who = words::exposure_line(finding);
    if !who.is_empty() {
        let _ = writeln!(text, "- who: {}", markdown(&who));
    }
    for step in words::proof(finding) {
        let id = step.id.as_deref().map(|id| format!(" {}", markdown_code(id))).unwrap_or_default();
        let _ = writeln!(text, "- proof: {}{id}: {}", markdown(&step.kind), markdown(&step.text));
    }
    for control in &finding.blocked_by {
        let name = markdown_code(&control.control);
        let _ = writeln!(text, "- **BLOCKED by** {name}: {}", markdown(&control.text));
    }
    for missing in &finding.undecided {
        let _ = writeln!(text, "- **unknown**: {}", markdown(&words::unknown(missing)));
    }
    if !finding.remediation.text.is_empty() {
        let _ = writeln!(text, "- fix: {}", markdown(&finding.remediation.text));
    }
    for command in &finding.remediation.commands {
        let _ = writeln!(text, "- command: {}", markdown_code(command));
    }
    let benchmarks = words::benchmarks(finding);
    if !benchmarks.is_empty() {
        let _ = writeln!(text, "- benchmarks: {}", markdown(&benchmarks.join("; ")));
    }
    text.push_str("\n</details>\n\n");
    text
}

fn not_seen(run: &Run) -> String {
    if run.coverage.is_empty() {
        return String::new();
    }
    let calls = words::count(run.coverage.len() as u64, "call");
    let mut text = format!("## Not seen: {calls} without an answer\n\n");
    for (n, gap) in run.coverage.iter().enumerate() {
        if text.len() > MOST_BYTES_NOT_SEEN {
            let left = words::count((run.coverage.len() - n) as u64, "call");
            let _ = writeln!(text, "- and {left} more");
            break;
        }
        let rules: Vec<String> = gap.affects.iter().map(|rule| markdown_code(rule)).collect();
        let _ = write!(text, "- {}", markdown(&words::gap(gap)));
        if !rules.is_empty() {
            let _ = write!(text, "; unjudged: {}", rules.join(", "));
        }
        text.push('\n');
    }
    text
}
