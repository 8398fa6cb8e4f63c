//! The difference of two runs as the summary of a job or the text of an issue.

use std::fmt::Write as _;
use std::io;

use super::super::clean::{markdown, markdown_cell};
use super::super::words;
use super::{changes, label, reasons, summary_line, was};
use crate::model::{Finding, Run};
use crate::triage::Drift;

/// The body of an issue on GitHub takes 65,536 characters.
const MOST_BYTES: usize = 64 * 1024 - 2048;

/// Writes a table for every part that has something in it, as far as there is room.
pub fn write(drift: &Drift, new: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Tables { text: String::from("# outcrop: what changed\n\n") };
    let _ = writeln!(page.text, "**{}**\n", markdown(&summary_line(drift, new)));
    let title = |finding: &Finding| markdown(&finding.title);
    page.part("New", "what", drift.new.iter().map(|f| (f, title(f))));
    let changed = drift.changed.iter().map(|changed| {
        let parts = changes(changed).into_iter().map(|(field, before, now)| {
            format!("{}: {} → {}", label(field), markdown(&before), markdown(&now))
        });
        (&changed.now, parts.collect::<Vec<_>>().join("<br>"))
    });
    page.part("Changed", "what", changed);
    let unseen = drift.no_longer_visible.iter().map(|unseen| {
        let reasons = reasons(&unseen.because, &unseen.finding);
        let reasons: Vec<_> = reasons.iter().map(|reason| markdown(reason)).collect();
        (&unseen.finding, reasons.join("<br>"))
    });
    page.part("No longer visible", "because", unseen);
    page.part(
        "Suppressed by the configuration now",
        "what",
        drift.suppressed.iter().map(|f| (f, title(f))),
    );
    page.part("Fixed", "what", drift.fixed.iter().map(|f| (f, title(f))));
    out.write_all(page.text.as_bytes())
}

struct Tables {
    text: String,
}

impl Tables {
    fn part<'a>(
        &mut self,
        name: &str,
        what: &str,
        rows: impl Iterator<Item = (&'a Finding, String)>,
    ) {
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "## {name}: {}\n", words::count(rows.len() as u64, "finding"));
        let _ = writeln!(
            self.text,
            "| severity | status | rule | resource | account | region | {what} |"
        );
        self.text.push_str("|---|---|---|---|---|---|---|\n");
        for (n, (finding, what)) in rows.iter().enumerate() {
            let (severity, status) = was(finding);
            let resource = &finding.resource;
            let row = [
                severity.as_str().to_owned(),
                status.to_owned(),
                markdown_cell(&finding.rule),
                markdown_cell(&words::resource_label(finding)),
                markdown_cell(&resource.account),
                markdown_cell(&resource.region),
                what.clone(),
            ];
            let row = format!("| {} |\n", row.join(" | "));
            if self.text.len() + row.len() > MOST_BYTES {
                let left = words::count((rows.len() - n) as u64, "finding");
                let _ = writeln!(self.text, "\n> Cut here for want of room: {left} more.");
                break;
            }
            self.text.push_str(&row);
        }
        self.text.push('\n');
    }
}
