//! The difference of two runs, for people and programs.
//!
//! `text`, `markdown` and `json` show all of it. The other formats know findings only: they hold
//! what counts as new, so that they can be handed to the consumers they were made for.

mod json;
mod markdown;
mod text;

use std::io;

pub use json::schema;

use super::text::{Page, brief};
use super::{Format, RuleDoc, Style, words};
use crate::model::{Coverage, Finding, Run, Severity, Sources};
use crate::triage::{Changed, Drift, Field, NotComparable};

/// Writes the difference of `old` and `new` in `format`. The only errors are those of `out`.
pub fn write(
    format: Format,
    drift: &Drift,
    runs: (&Run, &Run),
    rules: &[RuleDoc],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let new = runs.1;
    match format {
        Format::Text | Format::Table => text::write(drift, new, style, out),
        Format::Markdown => markdown::write(drift, new, out),
        Format::Json => json::write(drift, runs, out),
        format => super::write(format, &drift.as_run(new), rules, style, out),
    }
}

/// Writes what a log must say of a difference whose report goes elsewhere. The only errors are those
/// of `out`.
pub fn brief(drift: &Drift, new: &Run, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    let worse = drift.changed.iter().filter(|changed| changed.is_worse());
    let unseen = drift.no_longer_visible.iter().map(|unseen| &unseen.finding);
    brief::findings(&mut page, "New", drift.new.iter().collect())?;
    brief::findings(&mut page, "Worse", worse.map(|changed| &changed.now).collect())?;
    brief::findings(&mut page, "No longer visible", unseen.collect())?;
    brief::not_seen(&mut page, &new.coverage)?;
    let line = page.plain(&summary_line(drift, new));
    page.line(&line)
}

/// The one line that says how a comparison ended.
fn summary_line(drift: &Drift, new: &Run) -> String {
    let mut parts: Vec<String> = [
        (drift.new.len() as u64, "new"),
        (drift.changed.len() as u64, "changed"),
        (drift.no_longer_visible.len() as u64, "no longer visible"),
        (drift.suppressed.len() as u64, "suppressed now"),
        (drift.fixed.len() as u64, "fixed"),
        (drift.unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(n, word)| *n > 0 || !["no longer visible", "suppressed now"].contains(word))
    .map(|(n, word)| format!("{n} {word}"))
    .collect();
    if drift.not_compared > 0 {
        parts.push(format!("{} not compared: listed in one run only", drift.not_compared));
    }
    let complete = if new.scan.complete { "complete" } else { "INCOMPLETE" };
    format!("{}; {complete}", parts.join(", "))
}

/// How each part of a changed finding was and is.
fn changes(changed: &Changed) -> Vec<(Field, String, String)> {
    let fields = changed.fields.iter();
    fields
        .map(|field| (*field, part(&changed.before, *field), part(&changed.now, *field)))
        .collect()
}

fn part(finding: &Finding, field: Field) -> String {
    let exposure = finding.exposure.as_ref();
    let text = match field {
        Field::Status => finding.status.as_str().to_owned(),
        Field::Severity => finding.severity.as_str().to_owned(),
        Field::Who => exposure.map(|e| e.who.to_string()).unwrap_or_default(),
        Field::Access => exposure.map(|e| words::access_list(e, ", ")).unwrap_or_default(),
        Field::Ports => exposure.map(|e| words::port_list(e, 8)).unwrap_or_default(),
        Field::Source => {
            exposure.and_then(|e| e.source).map(Sources::as_str).unwrap_or_default().to_owned()
        }
        Field::Cidrs => exposure.map(|e| e.cidrs.join(", ")).unwrap_or_default(),
    };
    if text.is_empty() { "none".to_owned() } else { text }
}

/// What a field is called in front of people.
fn label(field: Field) -> &'static str {
    field.as_str().rsplit('.').next().unwrap_or_default()
}

/// Why nothing is known of a finding now, a line each.
fn reasons(because: &NotComparable, finding: &Finding) -> Vec<String> {
    match because {
        NotComparable::Unread(gaps) => gaps.iter().map(words::gap).collect(),
        NotComparable::Account => {
            vec![format!("account {} was not scanned", finding.resource.account)]
        }
        NotComparable::Region => {
            vec![format!("region {} was not scanned", finding.resource.region)]
        }
        NotComparable::Rule => vec![format!("the rule {} was not applied", finding.rule)],
    }
}

/// `critical exposed`: what a finding was, in two words.
fn was(finding: &Finding) -> (Severity, &'static str) {
    (finding.severity, finding.status.as_str())
}

/// The calls behind everything that is no longer visible, each once.
fn gaps(because: &NotComparable) -> &[Coverage] {
    match because {
        NotComparable::Unread(gaps) => gaps,
        _ => &[],
    }
}
