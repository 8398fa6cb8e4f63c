//! Reports to stdout, to files and to whatever else can be written to.

mod destination;
mod sink;
mod terminal;

use std::io::{self, Write};

use anyhow::Context as _;

use super::options::{Common, Output};
use crate::model::{Finding, Run, Status};
use crate::report::{self, Fails, Format, RuleDoc, Style};
use crate::rules::Rule;
use crate::triage::actions;

pub use destination::{Destination, Place};
#[cfg(feature = "aws")]
pub use sink::discard_unfinished;
pub use sink::stdout;
pub use terminal::{respect_force_color, style};

/// What a report says beside the run.
pub struct ReportContext<'a> {
    /// Rules that were applied.
    pub rules: &'a [&'static Rule],
    /// Flags of every command.
    pub common: &'a Common,
    /// How the user wants it.
    pub chosen: &'a Output,
    /// Where it goes.
    pub reports: &'a Reports,
    /// Whether what the baseline knows is left out.
    pub only_new: bool,
    /// What fails the run.
    pub fails: Fails,
    /// What to do after this: lines to type, and what each does.
    pub next: &'static [(&'static str, &'static str)],
}

/// Every report that was asked for, and where it goes: files first, and on stdout the main report
/// before the further ones.
pub struct Reports(Vec<(Format, Destination)>);

impl Reports {
    /// Whether stdout says it all in words.
    pub fn are_read(&self) -> bool {
        self.0.iter().any(|(format, to)| *format == Format::Text && to.place == Place::Stdout)
    }
}

/// Finds out what the reports' places are, before any call is made.
///
/// # Errors
/// When one cannot be written, or two are one.
pub fn reports(chosen: &Output) -> anyhow::Result<Reports> {
    let main = match &chosen.output {
        Some(path) => Destination::of("-o ", path)?,
        None => Destination::stdout(),
    };
    let mut reports = vec![(chosen.format, main)];
    for (format, path) in &chosen.reports {
        reports.push((*format, Destination::of(&format!("--report {format}="), path)?));
    }
    let destinations: Vec<_> = reports.iter().map(|(_, destination)| destination).collect();
    destination::check_distinct(&destinations)?;
    reports.sort_by_key(|(_, destination)| destination.place == Place::Stdout);
    Ok(Reports(reports))
}

/// Writes every report that was asked for.
pub fn write(run: &Run, about: &ReportContext<'_>) -> anyhow::Result<()> {
    let mut shown = run.clone();
    let mut leave_out = |out: &dyn Fn(&Finding) -> bool| {
        let all = shown.findings.len();
        shown.findings.retain(|finding| !out(finding));
        (all - shown.findings.len()) as u64
    };
    let hidden = Hidden {
        known: leave_out(&|finding| about.only_new && finding.is_known()),
        below_severity: leave_out(&|finding| {
            about.chosen.min_severity.is_some_and(|least| finding.severity < least)
        }),
    };
    shown.actions = actions::shown(&shown, &run.actions);
    write_with(about, run, hidden, &|format, docs, style, out| {
        report::write(format, &shown, docs, style, out)
    })
}

/// Writes something in one format: a run, or how two differ.
pub type Writer<'a> = &'a dyn Fn(Format, &[RuleDoc], &Style, &mut dyn io::Write) -> io::Result<()>;

/// How many findings are not shown, and why.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hidden {
    known: u64,
    below_severity: u64,
}

/// Hands every place that was asked for to `writer`; `hidden` findings are not shown.
pub fn write_with(
    about: &ReportContext<'_>,
    run: &Run,
    hidden: Hidden,
    writer: Writer<'_>,
) -> anyhow::Result<()> {
    let docs: Vec<RuleDoc> = about.rules.iter().map(|rule| rule_doc(rule)).collect();
    for (format, destination) in &about.reports.0 {
        let style = report_style(about, run, hidden, &destination.place);
        let mut out = io::BufWriter::new(destination.open()?);
        let written = writer(*format, &docs, &style, &mut out).and_then(|()| out.flush());
        written.with_context(|| format!("cannot write {}", destination.named))?;
        let (sink, _) = out.into_parts();
        sink.finish()?;
    }
    Ok(())
}

/// A rule as reports see it.
fn rule_doc(rule: &Rule) -> RuleDoc {
    RuleDoc {
        id: rule.id.to_owned(),
        title: rule.title.to_owned(),
        help_markdown: rule.docs.to_owned(),
        severity: rule.severity,
    }
}

fn report_style(about: &ReportContext<'_>, run: &Run, hidden: Hidden, place: &Place) -> Style {
    let listed = run.findings.iter().filter(|f| f.status == Status::Latent).count() as u64;
    let least = about.chosen.min_severity;
    let is_hidden = |finding: &&Finding| {
        let below = least.is_some_and(|least| finding.severity < least);
        below || (about.only_new && finding.is_known())
    };
    let hidden_rules = run.findings.iter().filter(is_hidden).map(|finding| finding.rule.clone());
    Style {
        hidden_rules: hidden_rules.collect(),
        fails: about.fails.clone(),
        hidden_latent: run.summary.latent - listed.min(run.summary.latent),
        hidden_below_severity: hidden.below_severity,
        hidden_known: hidden.known,
        details: about.chosen.details,
        group_by: about.chosen.group_by,
        // Not in what is kept or handed on.
        next: if place.is_terminal() { about.next } else { &[] },
        ..style(about.common, about.chosen.hyperlinks, place)
    }
}
