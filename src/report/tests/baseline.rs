//! What is new, known and worse beside a baseline, in every format.

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;

use super::super::{Format, Style};
use super::{load, render, style};
use crate::model::{Run, Standing, Status, Summary};

/// The run of the golden files beside a baseline: its findings are new, worse and known in turn.
fn run() -> Run {
    let mut run = load("run.json");
    for (finding, standing) in run.findings.iter_mut().zip(Standing::ALL.into_iter().cycle()) {
        finding.baseline = Some(standing);
    }
    run.summary = Summary::of(&run.findings, run.summary.suppressed);
    run
}

fn count(run: &Run, standing: Standing) -> usize {
    run.findings.iter().filter(|finding| finding.baseline == Some(standing)).count()
}

fn value(format: Format, run: &Run) -> Value {
    serde_json::from_str(&render(format, run, &style())).expect("the format is JSON")
}

#[test]
fn the_summary_line_counts_what_is_new_and_what_is_known() {
    let run = run();
    let new = count(&run, Standing::New) + count(&run, Standing::Worse);
    let says = format!("; {new} new, {} known; INCOMPLETE", count(&run, Standing::Known));
    for format in [Format::Text, Format::Table, Format::Github, Format::Markdown, Format::Html] {
        assert!(render(format, &run, &style()).contains(&says), "{format}: {says}");
    }
    let hiding = Style { hidden_known: 7, ..style() };
    let line = render(Format::Text, &run, &hiding);
    let line = line.replace('\n', " ");
    assert!(line.trim_end().ends_with("; 7 known not shown (--only-new)"), "{line}");
}

#[test]
fn people_see_it_at_every_finding() {
    let run = run();
    // Fleets behind one group are one line, which counts them.
    let text = render(Format::Text, &run, &style()).replace("\n           ", " ");
    for says in ["CRITICAL, new  ", "on 3 instances; 1 new; 1 worse; 1 known"] {
        assert!(text.contains(says), "{says}: {text}");
    }
    let page = render(Format::Html, &run, &style());
    let markdown = render(Format::Markdown, &run, &style());
    for standing in Standing::ALL {
        let (word, n) = (standing.as_str(), count(&run, standing));
        assert_eq!(page.matches(&format!("data-baseline=\"{word}\"")).count(), n, "{word}");
        assert_eq!(page.matches(&format!("<option value=\"{word}\">")).count(), 1, "{word}");
        let cells = Status::ALL.iter().map(|s| format!("| {}, {word} |", s.as_str()));
        let cells: usize = cells.map(|cell| markdown.matches(&cell).count()).sum();
        assert_eq!(cells, n, "{word}: {markdown}");
        let rows = render(Format::Table, &run, &style());
        let rows = rows.lines().filter(|line| line.split('|').nth(2).unwrap_or("").trim() == word);
        assert_eq!(rows.count(), n, "{word}");
    }
    assert!(!render(Format::Html, &load("run.json"), &style()).contains("data-baseline"));
}

#[test]
fn programs_that_know_findings_get_the_word_of_their_format() {
    let run = run();
    let log = value(Format::Sarif, &run);
    let results = log["runs"][0]["results"].as_array().expect("a log has results");
    let events = value(Format::Ocsf, &run);
    let csv = render(Format::Csv, &run, &style());
    let mut rows = ::csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<_> =
        rows.records().map(|row| row.expect("the writer escapes what CSV does not take")).collect();
    for (n, finding) in run.findings.iter().enumerate() {
        let standing = finding.baseline.expect("a baseline was given");
        let (state, activity, status) = match standing {
            Standing::New => ("new", 1, "New"),
            Standing::Worse => ("updated", 2, "New"),
            Standing::Known => ("unchanged", 2, "Known"),
        };
        assert_eq!(results[n]["baselineState"], state);
        assert_eq!(
            (&events[n]["activity_id"], &events[n]["status"]),
            (&activity.into(), &status.into())
        );
        assert_eq!(events[n]["unmapped"]["baseline"], standing.as_str());
        assert_eq!(rows[n].iter().next_back(), Some(standing.as_str()));
    }
    let schema = super::consumers::schema("ocsf-1.5.0-detection-finding.json");
    let errors: Vec<String> = schema.iter_errors(&events).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    let batches = render(Format::Asff, &run, &style());
    for standing in Standing::ALL {
        let field = format!("\"outcrop/baseline\":\"{}\"", standing.as_str());
        assert_eq!(batches.matches(&field).count(), count(&run, standing));
    }
    // What no baseline was given for says nothing of one.
    let plain = load("run.json");
    for format in [Format::Json, Format::Jsonl, Format::Sarif, Format::Ocsf, Format::Asff] {
        let text = render(format, &plain, &style());
        assert!(!text.contains("baseline\"") && !text.contains("baselineState"), "{format}");
    }
}

#[test]
fn what_the_baseline_knows_fails_no_test_and_takes_no_place_of_what_counts() {
    let run = run();
    let counts = run.findings.len() - count(&run, Standing::Known);
    let annotations = render(Format::Github, &run, &style());
    let of_findings = annotations.lines().filter(|line| !line.contains(" title=not seen::"));
    let of_findings = of_findings.filter(|line| line.starts_with("::")).collect::<Vec<_>>();
    assert_eq!(of_findings.len(), counts);
    assert!(of_findings.iter().all(|line| line.contains("%2C new") || line.contains("%2C worse")));
    let issues = value(Format::Gitlab, &run);
    let known: Vec<_> = run.findings.iter().filter(|finding| finding.is_known()).collect();
    let issues = issues.as_array().expect("a report is a list");
    for finding in &run.findings {
        let there = issues.iter().any(|issue| issue["fingerprint"] == *finding.fingerprint);
        assert_eq!(there, !finding.is_known(), "{}", finding.title);
    }
    let report = Report::deserialize_from_str(&render(Format::Junit, &run, &style()));
    let report = report.expect("the writer writes what its reader takes");
    let cases: Vec<_> = report.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    for finding in known {
        let of = |case: &&&quick_junit::TestCase| {
            case.name.as_str() == finding.resource.uid
                && case.classname.as_ref().is_some_and(|name| name.as_str() == finding.rule)
        };
        let case = cases.iter().find(of).expect("what was accepted is told");
        let TestCaseStatus::Skipped { message, .. } = &case.status else { panic!("{case:?}") };
        assert!(message.as_ref().is_some_and(|message| message.as_str().starts_with("known: ")));
    }
}

#[test]
fn json_says_it_and_reads_it_back() {
    let run = run();
    let written = value(Format::Json, &run);
    let errors: Vec<String> = jsonschema::validator_for(&super::super::schema())
        .expect("the published schema is one")
        .iter_errors(&written)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(written["findings"][1]["baseline"], "worse");
    assert_eq!(written["summary"]["known"], count(&run, Standing::Known));
    for format in [Format::Json, Format::Jsonl] {
        let read = crate::triage::parse(&render(format, &run, &style()));
        let read = read.expect("a saved run is read back");
        assert_eq!(read, run, "{format}");
    }
    let mut wrong = written;
    wrong["findings"][0]["baseline"] = "old".into();
    assert!(
        !jsonschema::validator_for(&super::super::schema())
            .expect("the published schema is one")
            .is_valid(&wrong)
    );
}
