//! `explain`: a rule's page, or one finding of a saved run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::exit::Exit;
use super::options::{Common, When};
use super::{catalogue, output, print, saved};
use crate::model::{Finding, Run};
use crate::report::{self, clean};
use crate::rules::{RULES, UnknownRule};

/// Digits of a fingerprint that are enough to ask for it.
const LEAST_DIGITS: usize = 6;

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Rule, or with --run the fingerprint of a finding (its first six digits are enough)
    #[arg(value_name = "RULE|FINGERPRINT")]
    pub subject: String,
    /// Saved run that holds the finding
    #[arg(long, value_name = "RUN.json")]
    pub run: Option<PathBuf>,
}

/// Runs `outcrop explain`.
pub fn run(args: &ExplainArgs, common: &Common) -> anyhow::Result<Exit> {
    let subject = args.subject.trim();
    let Some(path) = &args.run else {
        if looks_like_a_fingerprint(subject) {
            bail!("`{subject}` looks like a fingerprint; add --run RUN.json with the saved run");
        }
        return print(&catalogue::explain(subject)?);
    };
    let run = saved::read(path)?;
    let finding = find(&run, subject, path)?;
    let mut stdout = output::Destination::stdout().open()?;
    let style = output::style(common, When::Auto, &output::Place::Stdout);
    report::finding(finding, &style, &mut stdout)?;
    stdout.write_all(more(&run, finding, path).as_bytes())?;
    stdout.finish()?;
    Ok(Exit::Fine)
}

fn looks_like_a_fingerprint(given: &str) -> bool {
    given.len() >= LEAST_DIGITS && given.chars().all(|c| c.is_ascii_hexdigit())
}

/// The one finding whose fingerprint starts so.
fn find<'a>(run: &'a Run, given: &str, path: &Path) -> anyhow::Result<&'a Finding> {
    let path = path.display();
    if !looks_like_a_fingerprint(given) {
        if RULES.iter().any(|rule| rule.id == given) {
            bail!("`{given}` is a rule: `outcrop explain {given}` without --run shows its page");
        }
        bail!("`{given}` is no fingerprint: expected at least {LEAST_DIGITS} hexadecimal digits");
    }
    let given = given.to_ascii_lowercase();
    let found: Vec<_> =
        run.findings.iter().filter(|finding| finding.fingerprint.starts_with(&given)).collect();
    match found[..] {
        [finding] => Ok(finding),
        [] => match run.suppressed.iter().find(|left_out| left_out.fingerprint.starts_with(&given))
        {
            Some(left_out) => bail!(
                "the finding {given} on {} is left out of {path} by the configuration: {}",
                left_out.resource,
                left_out.reason
            ),
            None => bail!(
                "{path} holds no finding {given}; `outcrop convert {path} -f json` shows the \
                 fingerprints of the {} that it holds",
                run.findings.len()
            ),
        },
        _ => {
            let mut all = String::new();
            for finding in &found {
                let _ = write!(
                    all,
                    "{}{} ({} on {})",
                    if all.is_empty() { "" } else { ", " },
                    finding.fingerprint,
                    finding.rule,
                    finding.resource.id
                );
            }
            bail!("`{given}` is the start of several fingerprints in {path}: {all}")
        }
    }
}

/// What the report of a finding leaves to ask for.
fn more(run: &Run, finding: &Finding, path: &Path) -> String {
    let mut text = format!("  fingerprint  {}\n", finding.fingerprint);
    let _ = writeln!(text, "  resource     {}", clean::terminal(&finding.resource.uid));
    if let Some(at) = &run.scan.finished_at {
        let _ = writeln!(text, "  seen         {}", clean::terminal(at));
    }
    for (benchmark, controls) in &finding.benchmarks {
        let controls = clean::terminal(&controls.join(", "));
        let _ = writeln!(text, "  benchmark    {} {controls}", clean::terminal(benchmark));
    }
    let rule = clean::terminal(&finding.rule);
    if RULES.iter().any(|known| known.id == finding.rule) {
        let _ = writeln!(text, "\n`outcrop explain {rule}` says why this matters.");
    } else {
        let (path, unknown) = (path.display(), UnknownRule::new(&finding.rule));
        let why = match unknown.renamed.as_slice() {
            [(old, _)] if *old == finding.rule => unknown.to_string(),
            _ => format!("{rule} is not known here"),
        };
        let _ = writeln!(text, "\n{path} was made by another version: {why}.");
    }
    text
}
