//! `table`: one row per finding.

use std::io;

use comfy_table::ColumnConstraint::{Boundaries, ContentWidth, LowerBoundary};
use comfy_table::presets::{ASCII_FULL, UTF8_FULL};
use comfy_table::{ContentArrangement, Table, Width};

use super::clean::{terminal, terminal_line};
use super::width::wrap;
use super::{Style, words};
use crate::model::Run;

/// Writes a table, what was not seen in a line, and the summary line.
pub fn write(run: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    if run.findings.is_empty() {
        for line in wrap(words::nothing_found(run, style), style.width) {
            writeln!(out, "{line}")?;
        }
    } else {
        writeln!(out, "{}", rows(run, style))?;
    }
    if !run.coverage.is_empty() {
        let calls = words::count(run.coverage.len() as u64, "call");
        writeln!(out, "Not seen: {calls} without an answer (text names them).")?;
    }
    writeln!(out, "{}", terminal_line(&terminal(&words::summary_line(run, style))))
}

/// Columns from which on only one of the table's columns is ever broken.
const ROOMY: usize = 72;

/// Title, rule and resource stand above each other, and so do account and region: side by side, four
/// columns of ids would leave none of them room in 80 columns.
fn rows(run: &Run, style: &Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(if style.unicode { UTF8_FULL } else { ASCII_FULL })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width).unwrap_or(u16::MAX))
        .set_header(["severity", "status", "what is open", "where"]);
    if style.width >= ROOMY {
        table.set_constraints([
            ContentWidth,
            ContentWidth,
            LowerBoundary(Width::Fixed(12)),
            Boundaries { lower: Width::Fixed(14), upper: Width::Fixed(18) },
        ]);
    }
    for finding in &run.findings {
        let resource = &finding.resource;
        let (title, rule) = (terminal(&finding.title), terminal(&finding.rule));
        let label = terminal(&words::resource_label(finding));
        let (account, region) = (terminal(&resource.account), terminal(&resource.region));
        table.add_row([
            finding.severity.as_str().to_owned(),
            words::status(finding).replace(", ", "\n"),
            format!("{title}\n{rule}\n{label}"),
            format!("{account}\n{region}"),
        ]);
    }
    table
}
