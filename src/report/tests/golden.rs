//! One golden file per format from one report, and what each format must keep in any report.
//! `OUTCROP_BLESS=1` writes the golden files anew.

use serde_json::Value;

use super::super::width::columns;
use super::super::{Format, GroupBy, Style, schema};
use super::{fixture, load, render, style};
use crate::model::{Finding, Severity};

#[test]
fn every_format_is_as_its_golden_file() {
    let run = load("run.json");
    let mut different = Vec::new();
    for format in Format::ALL {
        let written = render(format, &run, &style());
        let path = fixture("golden").join(format.as_str());
        if std::env::var_os("OUTCROP_BLESS").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != written {
            different.push(format.as_str());
        }
    }
    assert!(
        different.is_empty(),
        "{different:?} differ from fixtures/reports/golden: see `git diff` after OUTCROP_BLESS=1"
    );
}

#[test]
fn text_and_table_keep_within_the_width_but_for_commands_and_the_summary_line() {
    let run = load("run.json");
    for width in [60, 80, 120] {
        for format in [Format::Text, Format::Table] {
            let text = render(format, &run, &Style { width, details: true, ..style() });
            assert!(text.contains("\n4 exposed (2 critical, "), "{text}");
            for line in text.lines() {
                let one_line = format == Format::Table && line.starts_with("4 exposed");
                let copied = line.starts_with("    $ ") || line.trim_start().contains("arn:");
                let fits = columns(line) <= width || one_line || copied;
                assert!(fits, "{format} at {width}: {line}");
            }
        }
    }
}

#[test]
fn a_line_for_each_finding_comes_first_and_details_of_the_worst_follow() {
    let run = load("run.json");
    let text = render(Format::Text, &run, &style());
    let order = ["CRITICAL (", "HIGH (", "Fix these first", "CRITICAL  ", "What these share"];
    let places: Vec<_> = order.iter().map(|head| text.find(head).expect(head)).collect();
    assert!(places.is_sorted(), "{places:?}: {text}");
    assert!(text.contains("every step: --details"), "{text}");
    let bad = |finding: &&Finding| finding.severity >= Severity::High;
    let bad: Vec<&Finding> = run.findings.iter().filter(bad).collect();
    let detailed = text.matches("    rule     ").count();
    assert_eq!(detailed, bad.len(), "{text}");
    let all = render(Format::Text, &run, &Style { details: true, ..style() });
    assert!(!all.contains("--details"), "{all}");
    assert!(all.matches("    rule     ").count() > detailed, "{all}");
    for group_by in GroupBy::ALL {
        let grouped = render(Format::Text, &run, &Style { group_by, ..style() });
        let of = &run.findings[0];
        let head = match group_by {
            GroupBy::Severity => "CRITICAL (",
            GroupBy::Rule => &of.rule,
            GroupBy::Account => &of.resource.account,
            GroupBy::Region => &of.resource.region,
            GroupBy::Resource => &of.resource.kind,
        };
        assert!(grouped.lines().any(|line| line.starts_with(head)), "{group_by:?}: {grouped}");
    }
}

#[test]
fn lines_alone_are_one_for_each_finding_and_each_unanswered_call() {
    let run = load("run.json");
    let lines = render(Format::Short, &run, &style());
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), run.findings.len() + run.coverage.len());
    for (line, finding) in lines.iter().zip(&run.findings) {
        let start = format!("{} {} ", &finding.fingerprint[..8], finding.severity.as_str());
        assert!(line.starts_with(&start) && line.ends_with(&finding.title), "{line}");
    }
    let unseen = &lines[run.findings.len()..];
    assert!(unseen.iter().all(|line| line.starts_with("not-seen ")), "{unseen:?}");
}

#[test]
fn ornaments_are_ascii_without_a_terminal_and_there_are_no_escapes() {
    let run = load("run.json");
    for format in [Format::Text, Format::Table] {
        assert!(
            render(format, &run, &style()).chars().all(|c| c == '\n' || (' '..='~').contains(&c))
        );
    }
    let fancy = Style { colour: true, links: true, unicode: true, ..style() };
    let text = render(Format::Text, &run, &fancy);
    assert!(text.contains("\x1b]8;;https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3As3%3A%3A%3Aacme-invoices\x1b\\"));
    assert!(text.contains("\x1b[1m"));
}

#[test]
fn a_finding_with_two_paths_tells_both_and_draws_one() {
    let mut run = load("run.json");
    run.findings.truncate(1);
    let path = run.findings[0].evidence.clone();
    run.findings[0].evidence.extend(path);
    let text = render(Format::Text, &run, &style());
    assert_eq!(text.matches("    or       internet > igw-").count(), 1, "{text}");
    let steps = render(Format::Text, &run, &Style { details: true, ..style() });
    assert_eq!(steps.matches("    or       internet: ").count(), 1, "{steps}");
    let page = render(Format::Html, &run, &style());
    assert_eq!(page.matches("rx=\"8\"").count(), 8, "seven steps of one path and the instance");
    assert!(page.contains("(and 1 more in the list below)"));
}

#[test]
fn latent_findings_behind_one_group_are_one_line_that_counts_them() {
    let run = load("run.json");
    let text = render(Format::Text, &run, &style());
    assert!(!text.contains("worker-1"), "{text}");
    let text = text.replace("\n           ", " ");
    assert!(text.contains(
        "sg-0777777777777777a open to the internet, blocked by no-public-ip on 3 instances"
    ));
}

#[test]
fn the_summary_line_names_what_is_hidden() {
    let run = load("run.json");
    let style = Style { hidden_latent: 4, hidden_below_severity: 2, ..style() };
    let text = render(Format::Text, &run, &style);
    let verdict = text.lines().position(|line| line.starts_with("4 exposed")).unwrap();
    let lines: Vec<&str> = text.lines().skip(verdict).collect();
    assert_eq!(
        lines,
        [
            "4 exposed (2 critical, 1 high, 1 low), 1 undetermined, 4 latent, 1 weakness, 2",
            "suppressed; INCOMPLETE",
            "2 accounts, 2 regions, 42 API calls",
            "not examined: sharing, hygiene, resource control policies of the organization; 4",
            "latent not shown (--latent); 2 below --min-severity not shown",
        ]
    );
    let table = render(Format::Table, &run, &style);
    assert_eq!(
        table.lines().last().unwrap(),
        "4 exposed (2 critical, 1 high, 1 low), 1 undetermined, 4 latent, 1 weakness, \
         2 suppressed; INCOMPLETE; 2 accounts, 2 regions, 42 API calls; \
         not examined: sharing, hygiene, resource control policies of the organization; \
         4 latent not shown (--latent); 2 below --min-severity not shown"
    );
}

#[test]
fn an_empty_run_says_so_and_an_incomplete_one_never_sounds_good() {
    let mut run = load("run.json");
    run.findings.clear();
    run.actions.clear();
    run.summary = crate::model::Summary::of([], 0);
    for format in [Format::Text, Format::Table] {
        let text = render(format, &run, &style());
        assert!(text.contains("INCOMPLETE"), "{text}");
        assert!(text.replace('\n', " ").contains("may be open"), "{text}");
    }
    run.scan.complete = true;
    run.coverage.clear();
    for format in [Format::Text, Format::Table] {
        let text = render(format, &run, &style());
        assert!(text.starts_with("No findings: "), "{text}");
        assert!(text.contains("; complete"), "{text}");
    }
}

#[test]
fn json_is_the_run_and_the_schema_accepts_it_and_refuses_what_it_does_not_know() {
    let run = load("run.json");
    let written: Value = serde_json::from_str(&render(Format::Json, &run, &style())).unwrap();
    assert_eq!(written, serde_json::to_value(&run).unwrap());
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&written).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for (pointer, value) in [
        ("/findings/0/status", Value::from("open")),
        ("/findings/0/severity", Value::from("info")),
        ("/findings/0/resource", serde_json::json!({"arn": "x", "colour": "red"})),
        ("/schema_version", Value::from(2)),
        ("/summary/exposed", serde_json::json!({"critical": 1})),
        ("/coverage/0/outcome", Value::from("lost")),
    ] {
        let mut wrong = written.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&wrong), "{pointer}");
    }
    let mut more = written;
    more["findings"][0]["colour"] = Value::from("red");
    assert!(!schema.is_valid(&more));
}

#[test]
fn json_lines_are_the_findings_and_then_the_rest() {
    let run = load("run.json");
    let text = render(Format::Jsonl, &run, &style());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), run.findings.len() + 1);
    assert_eq!(lines[0]["fingerprint"], run.findings[0].fingerprint);
    let rest = lines.last().unwrap();
    assert_eq!(rest["scan"]["complete"], false);
    assert_eq!(rest["coverage"].as_array().unwrap().len(), run.coverage.len());
    assert!(rest.get("findings").is_none());
}
