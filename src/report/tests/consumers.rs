//! Each format read back by a reader of that format.

use std::collections::BTreeSet;

use quick_junit::Report;
use serde_json::Value;

use super::super::{Fails, Format, Style, not_seen};
use super::read::page::Tree;
use super::read::{gfm, xml};
use super::{fixture, load, render, style};
use crate::model::{Finding, Run, Severity, Status, Suppressed};

/// `run` with its first finding `n` times, each time of another resource.
pub fn many(n: usize) -> Run {
    let mut run = load("run.json");
    let first = run.findings[0].clone();
    let copy = |n: usize| {
        let mut finding: Finding = first.clone();
        finding.resource.uid = format!("{}-{n:06}", finding.resource.uid);
        finding.fingerprint = format!("{n:032x}");
        finding.severity = if n.is_multiple_of(2) { Severity::Critical } else { Severity::Low };
        finding
    };
    run.findings = (0..n).map(copy).collect();
    run.findings.sort_by(Finding::report_order);
    run.actions.clear();
    run
}

pub fn schema(schema: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(fixture("schemas").join(schema)).unwrap();
    // A pattern of OASIS has a stray bracket, which stricter dialects of expressions refuse.
    let text = text.replace("[a-zA-Z]{2}]?$", r"[a-zA-Z]{2}\\]?$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn schema_errors(name: &str, instance: &Value) -> Vec<String> {
    let validator = schema(name);
    validator.iter_errors(instance).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

fn sarif(run: &Run) -> Value {
    let log = serde_json::from_str(&render(Format::Sarif, run, &style())).unwrap();
    assert_eq!(schema_errors("sarif-2.1.0.json", &log), Vec::<String>::new());
    log
}

#[test]
fn sarif_is_valid_and_has_what_code_scanning_asks_for() {
    let run = load("run.json");
    let log = sarif(&run);
    let rules = log.pointer("/runs/0/tool/driver/rules").unwrap().as_array().unwrap();
    for rule in rules {
        let severity = rule.pointer("/properties/security-severity").unwrap().as_str().unwrap();
        assert!(severity.parse::<f64>().is_ok_and(|n| n > 0.0 && n <= 10.0));
        assert!(rule.pointer("/help/markdown").is_some());
    }
    let results = log.pointer("/runs/0/results").unwrap().as_array().unwrap();
    assert_eq!(results.len(), run.findings.len());
    for (result, finding) in results.iter().zip(&run.findings) {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("a small one");
        let rule = &rules[index];
        assert_eq!((&rule["id"], &result["ruleId"]), (&Value::from(&*finding.rule), &rule["id"]));
        let hash = result.pointer("/partialFingerprints/primaryLocationLineHash").unwrap();
        assert_eq!(hash, &format!("{}:1", finding.fingerprint));
        let uri = result.pointer("/locations/0/physicalLocation/artifactLocation/uri").unwrap();
        assert!(uri.as_str().unwrap().starts_with("aws/"), "{uri}");
    }
    let told = log.pointer("/runs/0/invocations/0/toolExecutionNotifications").unwrap();
    assert_eq!(told.as_array().unwrap().len(), run.coverage.len());
}

#[test]
fn sarif_keeps_the_5000_worst_and_says_so() {
    let log = sarif(&many(7_000));
    let results = log.pointer("/runs/0/results").unwrap().as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    let critical = |r: &&Value| r["properties"]["severity"] == "critical";
    assert_eq!(results.iter().filter(critical).count(), 3_500);
    let notice = log.pointer("/runs/0/invocations/0/toolExecutionNotifications/0/message/text");
    assert!(notice.unwrap().as_str().unwrap().starts_with("7000 findings, of which the 5000"));
}

/// What GitLab makes of an entry: taken by its schema, shown by what its documentation asks for.
pub fn gitlab_entry(entry: &Value) -> Result<(), String> {
    let errors = schema_errors("gitlab-codeclimate.json", entry);
    if !errors.is_empty() {
        return Err(errors.join("; "));
    }
    let text = |at: &str| entry.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let severities = ["info", "minor", "major", "critical", "blocker"];
    if !severities.contains(&text("/severity")) {
        return Err(format!("severity {}", text("/severity")));
    }
    let path = text("/location/path");
    if path.is_empty() || path.starts_with(['/', '.']) || path.contains('\\') {
        return Err(format!("path {path}"));
    }
    let line = entry.pointer("/location/lines/begin").and_then(Value::as_u64);
    match (text("/check_name"), text("/fingerprint"), line) {
        ("", ..) | (_, "", _) | (.., None | Some(0)) => Err(format!("incomplete: {entry}")),
        _ => Ok(()),
    }
}

#[test]
fn gitlab_takes_the_report() {
    let run = load("run.json");
    let report: Value = serde_json::from_str(&render(Format::Gitlab, &run, &style())).unwrap();
    let report = report.as_array().unwrap();
    assert_eq!(report.iter().map(gitlab_entry).collect::<Vec<_>>(), vec![Ok(()); report.len()]);
    let prints: BTreeSet<_> = report.iter().map(|i| i["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), run.findings.len() + not_seen::of(&run).len());
    assert!(gitlab_entry(&serde_json::json!({ "description": "x" })).is_err());
}

#[test]
fn junit_fails_what_fails_the_run_and_passes_only_what_was_judged() {
    let mut run = load("run.json");
    run.scan.rules.push("a-rule-that-found-nothing".into());
    run.scan.rules.push("a-rule-that-is-not-minded".into());
    run.suppressed.push(Suppressed {
        fingerprint: "00".into(),
        rule: "a-rule-that-is-not-minded".into(),
        resource: "arn:aws:s3:::www".into(),
        reason: "a website".into(),
    });
    let written = render(Format::Junit, &run, &style());
    let report = Report::deserialize_from_str(&written).unwrap();
    let suites = &report.test_suites;
    assert_eq!(suites.len(), run.scan.rules.len());
    let sum = |of: fn(&quick_junit::TestSuite) -> usize| suites.iter().map(of).sum::<usize>();
    assert_eq!(sum(|s| s.failures), 3, "4 exposed, one of them low");
    assert_eq!(sum(|s| s.errors), 3, "rules that could not judge everything");
    let skipped = run.findings.len() - 3 + run.suppressed.len();
    assert_eq!(sum(|s| s.skipped), skipped, "what fails nothing, and what is suppressed");
    assert!(written.contains("undetermined does not fail the run"), "{written}");
    assert!(written.contains("low is below medium"), "{written}");
    assert!(written.contains("suppressed: a website"), "{written}");
    let passed = |written: &str| {
        let cases = xml::cases(written).unwrap();
        let passed = cases.iter().filter(|case| case.name.starts_with("What "));
        passed.map(|case| case.suite.clone()).collect::<Vec<_>>()
    };
    assert_eq!(passed(&written), ["a-rule-that-found-nothing"]);
    // As the user has it.
    let fails = |least, statuses: &[Status], incomplete| {
        let fails = Fails { least, statuses: statuses.to_vec(), incomplete };
        let written = render(Format::Junit, &run, &Style { fails, ..style() });
        let report = Report::deserialize_from_str(&written).unwrap();
        let sum = |of: fn(&quick_junit::TestSuite) -> usize| {
            report.test_suites.iter().map(of).sum::<usize>()
        };
        (sum(|s| s.failures), sum(|s| s.errors), passed(&written).len())
    };
    let open = [Status::Exposed, Status::Undetermined];
    assert_eq!(fails(Some(Severity::Low), &open, true), (5, 3, 1));
    assert_eq!(fails(Some(Severity::Critical), &open[..1], false), (2, 0, 1));
    assert_eq!(fails(None, &open, false), (0, 0, 1));
    // A rule whose findings are not shown has not passed.
    let (mut shown, mut hidden) = (run.clone(), style());
    shown.findings.clear();
    shown.coverage.clear();
    shown.suppressed.clear();
    hidden.hidden_rules = run.findings.iter().map(|finding| finding.rule.clone()).collect();
    let written = render(Format::Junit, &shown, &hidden);
    assert_eq!(passed(&written).len(), run.scan.rules.len() - hidden.hidden_rules.len());
    let written = render(Format::Junit, &run, &style());
    let quiet = suites.iter().find(|s| s.name.as_str() == "a-rule-that-found-nothing").unwrap();
    assert_eq!((quiet.tests, quiet.failures, quiet.errors), (1, 0, 0));
    // Both parsers see the same, and every finding under its rule.
    let cases = xml::cases(&written).unwrap();
    for finding in &run.findings {
        let there = |case: &&xml::Case| case.name == finding.resource.uid;
        let mut of_finding = cases.iter().filter(there);
        assert!(of_finding.any(|c| c.suite == finding.rule && c.class == finding.rule));
    }
}

#[test]
fn csv_reads_back_with_a_row_for_each_finding() {
    let run = load("run.json");
    let text = render(Format::Csv, &run, &style());
    let mut rows = ::csv::Reader::from_reader(text.as_bytes());
    let arn = rows.headers().unwrap().iter().position(|name| name == "arn").unwrap();
    let arns: Vec<String> = rows.records().map(|row| row.unwrap()[arn].to_owned()).collect();
    let (of_findings, not_seen) = arns.split_at(run.findings.len());
    assert_eq!(
        of_findings,
        run.findings.iter().map(|f| f.resource.uid.clone()).collect::<Vec<_>>()
    );
    assert_eq!(not_seen, vec![""; not_seen::of(&run).len()]);
}

#[test]
fn asff_is_batches_that_security_hub_takes() {
    for run in [load("run.json"), many(230)] {
        let text = render(Format::Asff, &run, &style());
        let mut ids = BTreeSet::new();
        for line in text.lines() {
            let batch: Value = serde_json::from_str(line).unwrap();
            assert_eq!(schema_errors("asff-2018-10-08.json", &batch), Vec::<String>::new());
            let batch = batch.as_array().unwrap();
            let places: BTreeSet<_> = batch.iter().map(|f| f["ProductArn"].to_string()).collect();
            assert_eq!(places.len(), 1, "a call takes findings of one account and region");
            for finding in batch {
                assert!(finding.to_string().len() < 240 * 1024);
                assert!(ids.insert(finding["Id"].to_string()));
            }
        }
        assert_eq!(ids.len(), run.findings.len() + not_seen::of(&run).len());
    }
}

#[test]
fn ocsf_is_valid() {
    let run = load("run.json");
    let events: Value = serde_json::from_str(&render(Format::Ocsf, &run, &style())).unwrap();
    assert_eq!(schema_errors("ocsf-1.5.0-detection-finding.json", &events), Vec::<String>::new());
    let all = run.findings.len() + not_seen::of(&run).len();
    assert_eq!(events.as_array().map(Vec::len), Some(all));
    assert_eq!(events[0]["time"], 1_795_485_607_000_u64);
}

#[test]
fn files_of_an_account_that_could_not_be_read_say_so() {
    let mut run = load("run.json");
    run.findings.clear();
    let places = not_seen::of(&run);
    assert!(places.len() > 1, "several regions");
    let all = run.coverage.len();
    assert_eq!(places.iter().map(|place| place.gaps.len()).sum::<usize>(), all);
    for format in Format::ALL {
        let text = render(format, &run, &style());
        assert!(
            text.contains("not-seen")
                || text.to_lowercase().contains("not seen")
                || format == Format::Json
                || format == Format::Jsonl
                || format == Format::Junit,
            "{format}: {text}"
        );
        for gap in &run.coverage {
            let told = format == Format::Table || text.contains(&gap.operation);
            assert!(told, "{format} does not name {}: {text}", gap.operation);
        }
    }
    // And once everything was read, they are as empty as before.
    run.coverage.clear();
    run.scan.complete = true;
    assert_eq!(render(Format::Asff, &run, &style()), "");
    for format in [Format::Gitlab, Format::Ocsf] {
        assert_eq!(render(format, &run, &style()), "[]\n", "{format}");
    }
    assert_eq!(render(Format::Csv, &run, &style()).lines().count(), 1);
}

#[test]
fn html_is_whole_and_may_load_nothing() {
    let run = load("run.json");
    let page = render(Format::Html, &run, &style());
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    let tree = Tree::of(&page);
    assert_eq!(tree.errors, Vec::<String>::new());
    let named = |name: &str| tree.elements.iter().filter(|e| e.name == name).count();
    assert_eq!((named("style"), named("script")), (1, 1));
    let with = |name: &str, value: &str| {
        let pair = (name.to_owned(), value.to_owned());
        tree.elements.iter().filter(|e| e.attributes.contains(&pair)).count()
    };
    let pictures = with("role", "img");
    assert_eq!((named("details"), pictures), (run.findings.len() + 1, run.findings.len()));
    let loading = ["img", "link", "iframe", "object", "embed", "base", "form-action", "use", "a"];
    assert_eq!(loading.map(named), [0; 9]);
    let first = tree.elements.iter().filter(|e| e.attributes.iter().any(|(_, v)| v == "first"));
    assert_eq!((first.count(), page.matches("<p class=\"do\">").count()), (1, run.actions.len()));
    let policy = tree.elements.iter().find_map(|element| {
        let is =
            |name: &str, value: &str| element.attributes.contains(&(name.into(), value.into()));
        let content = element.attributes.iter().find(|(name, _)| name == "content");
        content.filter(|_| is("http-equiv", "Content-Security-Policy")).map(|(_, value)| value)
    });
    let policy = policy.expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for foreign in ["url(", "@import", "http://", "https://"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let read = tree.read();
    for finding in &run.findings {
        assert!(read.contains(&finding.resource.uid) && read.contains(&finding.fingerprint));
        for control in &finding.blocked_by {
            assert!(read.contains(&control.text), "{}", control.text);
        }
        for (benchmark, ids) in &finding.benchmarks {
            assert!(read.contains(benchmark) && ids.iter().all(|id| read.contains(id)));
        }
    }
    for gap in &run.coverage {
        assert!(read.contains(&gap.message), "{}", gap.message);
    }
}

#[test]
fn a_job_summary_is_a_page_of_githubs_markdown() {
    let run = load("run.json");
    let tree = gfm::tree(&render(Format::Markdown, &run, &style()));
    assert_eq!(gfm::foreign(&tree), Ok(()));
    let named = |name: &str| tree.elements.iter().filter(|e| e.name == name).count();
    assert_eq!((named("h1"), named("h2"), named("table")), (1, 2, 2));
    assert_eq!(named("details"), run.findings.len());
    let read = tree.read();
    for finding in &run.findings {
        assert!(read.contains(&finding.resource.uid), "{read}");
        assert!(read.contains(&finding.title), "{read}");
    }
}

#[test]
fn a_job_summary_stays_under_the_limit_and_says_what_was_cut() {
    let text = render(Format::Markdown, &many(6_000), &Style::default());
    assert!(text.len() < 1024 * 1024, "{}", text.len());
    assert_eq!(text.matches("Cut here for want of room").count(), 2);
    assert!(text.contains("## Not seen: 7 calls without an answer"));
    assert!(!render(Format::Markdown, &load("run.json"), &style()).contains("Cut here"));
    // Nothing is cut in two: what is there renders as a whole page does.
    let tree = gfm::tree(&text);
    assert_eq!(gfm::foreign(&tree), Ok(()));
    assert!(tree.errors.is_empty() || !tree.errors.iter().any(|e| e.contains("Unexpected EOF")));
    let named = |name: &str| tree.elements.iter().filter(|e| e.name == name).count();
    assert_eq!((named("h2"), named("blockquote")), (1, 2));
    // Hostile names that grow when they are made harmless do not break the limit.
    let mut run = many(6_000);
    for finding in &mut run.findings {
        finding.title = "\u{202e}@a|".repeat(400);
        finding.resource.id = "`|\u{1b}".repeat(400);
    }
    assert!(render(Format::Markdown, &run, &Style::default()).len() < 1024 * 1024);
}

#[test]
fn a_closed_pipe_is_the_error_of_the_writer() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let run = load("run.json");
    for format in Format::ALL {
        let error = super::super::write(format, &run, &[], &style(), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{format}");
    }
}
