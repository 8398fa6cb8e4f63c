//! `junit`: test reports of CI systems. A suite per rule, a test per finding.
//!
//! A test fails when its finding fails the run, and passes only where everything was judged and
//! nothing was found; whatever is neither is skipped, and says why.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::clean::{markup, terminal_line};
use super::{Fails, RuleDoc, Style, words};
use crate::model::{Coverage, Finding, Run, Suppressed};

/// Writes a suite for every rule that was applied.
pub fn write(
    run: &Run,
    rules: &[RuleDoc],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &run.findings {
        findings.entry(&finding.rule).or_default().push(finding);
    }
    let mut gaps: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for gap in &run.coverage {
        for rule in &gap.affects {
            gaps.entry(rule).or_default().push(gap);
        }
    }
    let mut suppressed: BTreeMap<&str, Vec<&Suppressed>> = BTreeMap::new();
    for left_out in &run.suppressed {
        suppressed.entry(&left_out.rule).or_default().push(left_out);
    }
    let mut names: BTreeSet<&str> = run.scan.rules.iter().map(String::as_str).collect();
    names.extend(findings.keys());
    names.extend(gaps.keys());
    names.extend(suppressed.keys());

    let mut report = Report::new(markup(&run.tool.name));
    if let Some(time) = duration(run) {
        report.set_time(time);
    }
    for name in names {
        let mut suite = TestSuite::new(markup(name));
        for finding in findings.get(name).into_iter().flatten() {
            suite.add_test_case(of_finding(finding, &style.fails));
        }
        for left_out in suppressed.get(name).into_iter().flatten() {
            let why = format!("suppressed: {}", left_out.reason);
            suite.add_test_case(skipped(name, &left_out.resource, "suppressed", &why));
        }
        if let Some(gaps) = gaps.get(name) {
            suite.add_test_case(of_gaps(name, gaps, &style.fails));
        }
        if style.hidden_rules.contains(name) {
            let why = "it has findings that are not shown here";
            suite.add_test_case(skipped(name, "what is not shown", "hidden", why));
        }
        if suite.test_cases.is_empty() {
            let title = rules.iter().find(|rule| rule.id == name).map_or(name, |rule| &rule.title);
            let mut passed = TestCase::new(markup(title), TestCaseStatus::success());
            passed.set_classname(markup(name));
            suite.add_test_case(passed);
        }
        report.add_test_suite(suite);
    }
    // Written to memory first: the writer wraps I/O errors so that their kind is lost.
    let xml = report.to_string().map_err(io::Error::other)?;
    out.write_all(xml.as_bytes())
}

fn of_finding(finding: &Finding, fails: &Fails) -> TestCase {
    let mut message = match words::standing(finding) {
        "" => finding.title.clone(),
        standing => format!("{standing}: {}", finding.title),
    };
    let mut status = match fails.passes_over(finding) {
        None => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Some(why) => {
            message.push_str(&format!("; {why}"));
            TestCaseStatus::skipped()
        }
    };
    status.set_message(markup(&message));
    status.set_type(format!("{}.{}", finding.status.as_str(), finding.severity.as_str()));
    let lines: Vec<String> = words::details(finding).iter().map(|line| markup(line)).collect();
    status.set_description(lines.join("\n"));
    let mut case = TestCase::new(markup(&finding.resource.uid), status);
    case.set_classname(markup(&finding.rule));
    case
}

/// A test about something that is neither good nor bad.
fn skipped(rule: &str, about: &str, kind: &str, why: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(markup(why));
    status.set_type(kind);
    let mut case = TestCase::new(markup(about), status);
    case.set_classname(markup(rule));
    case
}

fn of_gaps(rule: &str, gaps: &[&Coverage], fails: &Fails) -> TestCase {
    let mut status = match fails.incomplete {
        true => TestCaseStatus::non_success(NonSuccessKind::Error),
        false => TestCaseStatus::skipped(),
    };
    let calls = words::count(gaps.len() as u64, "call");
    status.set_message(format!("not everything was judged: {calls} without an answer"));
    status.set_type("incomplete");
    // Each stands at the start of a line, where a runner that prints the file looks for commands.
    let line = |gap: &&Coverage| terminal_line(&markup(&words::gap(gap)));
    let lines: Vec<String> = gaps.iter().map(line).collect();
    status.set_description(lines.join("\n"));
    let mut case = TestCase::new("what could not be read", status);
    case.set_classname(markup(rule));
    case
}

/// How long the scan took, where the run says so in times that make sense.
fn duration(run: &Run) -> Option<Duration> {
    let at = |time: &Option<String>| time.as_deref()?.parse::<jiff::Timestamp>().ok();
    let (start, end) = (at(&run.scan.started_at)?, at(&run.scan.finished_at)?);
    end.duration_since(start).try_into().ok()
}
