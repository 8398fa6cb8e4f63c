//! Reports to stdout and to files: what the terminal takes, and files that are whole or not there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::Context as _;

use super::options::{Common, Output, When};
use crate::model::{Finding, Run, Status};
use crate::report::{self, Format, RuleDoc, Style};
use crate::rules::Rule;

/// What a report says beside the run.
pub struct ReportContext<'a> {
    /// Rules that were applied.
    pub rules: &'a [&'static Rule],
    /// Flags of every command.
    pub common: &'a Common,
    /// How the user wants it.
    pub chosen: &'a Output,
    /// Whether what the baseline knows is left out.
    pub only_new: bool,
}

/// Refuses what cannot be written, before any call is made.
pub fn check(chosen: &Output) -> anyhow::Result<()> {
    for path in chosen.output.iter().chain(chosen.reports.iter().map(|(_, path)| path)) {
        let folder = folder_of(path);
        if !folder.is_dir() {
            anyhow::bail!(
                "cannot write {}: the folder {} does not exist; create it first",
                path.display(),
                folder.display()
            );
        }
    }
    Ok(())
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
    let chosen = about.chosen;
    let docs: Vec<RuleDoc> = about.rules.iter().map(|rule| rule_doc(rule)).collect();
    let to_file = |format: Format, path: &Path| {
        let file = Replacement::of(path)?;
        let mut out = io::BufWriter::new(file.writer());
        writer(format, &docs, &style(about, run, hidden, false), &mut out)
            .and_then(|()| out.flush())
            .with_context(|| format!("cannot write {}", path.display()))?;
        drop(out);
        file.finish()
    };
    for (format, path) in &chosen.reports {
        to_file(*format, path)?;
    }
    if let Some(path) = &chosen.output {
        return to_file(chosen.format, path);
    }
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    writer(chosen.format, &docs, &style(about, run, hidden, true), &mut stdout)?;
    stdout.flush()?;
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

/// What the reader's terminal takes. Files get none of it.
fn style(about: &ReportContext<'_>, run: &Run, hidden: Hidden, stdout: bool) -> Style {
    let listed = run.findings.iter().filter(|f| f.status == Status::Latent).count() as u64;
    Style {
        hidden_latent: run.summary.latent - listed.min(run.summary.latent),
        hidden_below_severity: hidden.below_severity,
        hidden_known: hidden.known,
        ..terminal_style(about.common, about.chosen.hyperlinks, stdout)
    }
}

/// The style of what goes to stdout and is no report of a run.
pub fn terminal_style(common: &Common, hyperlinks: When, stdout: bool) -> Style {
    let terminal = stdout && io::stdout().is_terminal();
    let colour = match common.color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            stdout && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
        }
    };
    let links = match hyperlinks {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && takes_links(),
    };
    Style { width: 80, colour, links, unicode: terminal && speaks_utf8(), ..Style::default() }
}

/// Has `FORCE_COLOR` (force-color.org) count for everything that is printed: anstream knows only
/// `NO_COLOR`, which wins, and `CLICOLOR_FORCE`. `0` and `false` say the opposite, as with Node.
pub fn respect_force_color() {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return;
    }
    match set("FORCE_COLOR").as_deref() {
        None => {}
        Some("0" | "false") => anstream::ColorChoice::Never.write_global(),
        Some(_) => anstream::ColorChoice::Always.write_global(),
    }
}

/// Terminals known to take OSC 8 links.
fn takes_links() -> bool {
    let says = |name: &str| std::env::var(name).unwrap_or_default();
    if !says("CI").is_empty() || says("TERM") == "dumb" {
        return false;
    }
    ["iTerm.app", "WezTerm", "vscode", "ghostty"].contains(&says("TERM_PROGRAM").as_str())
        || says("TERM").contains("kitty")
        || !says("KONSOLE_VERSION").is_empty()
        // GNOME's terminal library takes them from 0.50 on.
        || says("VTE_VERSION").parse::<u32>().is_ok_and(|version| version >= 5000)
}

/// The first of the three locale variables that is set decides (POSIX, Environment Variables).
fn speaks_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| value.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Files that are not in their place yet. A process that exits drops nothing.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Removes every file that is not in its place yet, for whoever is about to exit at once.
#[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "only a collection is stopped twice"))]
pub fn discard_unfinished() {
    for file in std::mem::take(&mut *unfinished()) {
        let _ = std::fs::remove_file(file);
    }
}

/// A file that appears whole, readable by its owner only, when it is finished.
pub struct Replacement {
    /// Only taken by `finish`.
    file: Option<tempfile::NamedTempFile>,
    beside: PathBuf,
    path: PathBuf,
}

impl Replacement {
    /// Prepares the replacement of `path` beside it, so that the last step is a rename.
    pub fn of(path: &Path) -> anyhow::Result<Replacement> {
        // tempfile creates with mode 0600: reports say where the account is weak.
        let file = tempfile::NamedTempFile::new_in(folder_of(path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        let beside = file.path().to_owned();
        unfinished().insert(beside.clone());
        Ok(Replacement { file: Some(file), beside, path: path.to_owned() })
    }

    /// Where to write.
    pub fn writer(&self) -> &File {
        self.file.as_ref().expect("the file is taken by `finish`, which ends the value").as_file()
    }

    /// Puts the file in its place.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let file = self.file.take().expect("the file is taken here alone");
        file.persist(&self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        unfinished().remove(&self.beside);
    }
}
