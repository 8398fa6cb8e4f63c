//! Forty hostile names in every field of a run, in every format, judged by a reader of that format.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::super::clean::is_invisible;
use super::super::{Format, Style, drift, not_seen, schema};
use super::read::page::Tree;
use super::read::terminal::Screen;
use super::read::{gfm, workflow, xml};
use super::{fixture, render, style};
use crate::model::Run;
use crate::triage;

/// What an attacker may call a resource; the browser tests use the same names.
fn names() -> Vec<String> {
    let names = std::fs::read(fixture("hostile-names.json")).unwrap();
    let names: Vec<String> = serde_json::from_slice(&names).unwrap();
    let all = names.concat();
    // Terminal escapes C0 and C1, directions, lines, commands, formulas, markup, mentions, quotes,
    // characters that XML cannot hold, and length.
    for kind in [
        "\x1b[",
        "\u{9b}",
        "\u{202e}",
        "\n::error",
        "##vso[",
        "=HYPERLINK",
        "<script>",
        "</script",
        "![",
        "@octocat",
        "\"",
        "'",
        "\0",
        "\u{fffe}",
        "\u{ffff}",
    ] {
        assert!(all.contains(kind), "{kind:?}");
    }
    assert!(names.len() >= 40 && names.iter().any(|name| name.len() > 2_000));
    names
}

/// The one place where a name is a key.
const BENCHMARK: &str = "the name of a benchmark";

/// A run with one of everything.
fn run() -> Value {
    let mut run: Value =
        serde_json::from_slice(&std::fs::read(fixture("run.json")).unwrap()).unwrap();
    let findings = run["findings"].as_array().unwrap();
    let mut one = findings.iter().find(|f| f["status"] == "latent").unwrap().clone();
    one["resource"]["name"] = json!("name");
    one["resource"]["uid"] = one["resource"]["arn"].clone();
    one["exposure"]["opened_by"] = json!(["sg-1"]);
    one["default_severity"] = json!("high");
    // Bad enough for its details to be shown.
    one["severity"] = json!("critical");
    one["baseline"] = json!("worse");
    one["undecided"] = json!([{ "operation": "s3:GetX", "text": "text" }]);
    one["benchmarks"] = json!({ "cis": ["1.1"] });
    one["evidence"] = json!([{ "kind": "security-group", "id": "sg-1", "text": "allows",
        "brief": "sg-1 tcp 22" }]);
    run["findings"] = json!([one]);
    run["suppressed"] = json!([{
        "fingerprint": "0123", "rule": "s3-bucket-public", "resource": "arn", "reason": "because",
    }]);
    let (closed, resource) =
        (run["findings"][0]["fingerprint"].clone(), run["findings"][0]["resource"].clone());
    run["actions"] = json!([{
        "text": "text", "warning": "careful", "resource": resource, "commands": ["aws x"],
        "closes": [closed], "shuts": ["0123"], "narrows": ["0123"], "accepted": ["0123"],
        "severities": { "high": 1 },
    }]);
    run["accepted"] = json!({ "date": "2026-11-30", "reason": "because" });
    run["summary"]["new"] = json!(1);
    run["summary"]["known"] = json!(0);
    let gap = run["coverage"].as_array().unwrap().iter().find(|c| c.get("resource").is_some());
    // Two, so that each begins a line where calls are listed.
    run["coverage"] = json!([gap.unwrap(), gap.unwrap()]);
    run["scan"]["accounts"] = json!(["123456789012"]);
    run["scan"]["regions"] = json!(["us-east-1"]);
    run["scan"]["rules"] = json!([run["findings"][0]["rule"]]);
    run
}

/// Fields that only take certain words; a run with others is refused when it is read.
const WORDS: [&str; 9] = [
    "access",
    "baseline",
    "category",
    "default_severity",
    "outcome",
    "protocol",
    "severity",
    "source",
    "status",
];

/// Where the strings of a run are, but for those that only take certain words.
fn fields(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::String(_) if !at.rsplit('/').take(2).any(|part| WORDS.contains(&part)) => {
            into.push(at.to_owned());
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                fields(item, &format!("{at}/{n}"), into);
            }
        }
        Value::Object(items) => {
            for (key, item) in items {
                fields(item, &format!("{at}/{key}"), into);
            }
        }
        _ => {}
    }
}

/// Names of the properties of a run that hold text, by its published schema.
fn texts(schema: &Value, into: &mut BTreeSet<String>) {
    let is_text = |of: &Value| {
        let kind = |of: &Value| match &of["type"] {
            Value::Array(kinds) => kinds.contains(&json!("string")),
            kind => kind == "string",
        };
        kind(of) || kind(&of["items"])
    };
    match schema {
        Value::Object(keys) => {
            for (name, property) in
                keys.get("properties").and_then(Value::as_object).into_iter().flatten()
            {
                if is_text(property) {
                    into.insert(name.clone());
                }
            }
            keys.values().for_each(|value| texts(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        _ => {}
    }
}

fn with(base: &Value, field: &str, name: &str) -> Run {
    let mut value = base.clone();
    if field == BENCHMARK {
        value["findings"][0]["benchmarks"] = json!({ name: ["1.1"] });
    } else {
        *value.pointer_mut(field).unwrap() = json!(name);
    }
    serde_json::from_value(value).unwrap()
}

fn all_fields(base: &Value) -> Vec<String> {
    let mut all = Vec::new();
    fields(base, "", &mut all);
    all.push(BENCHMARK.to_owned());
    all
}

#[test]
fn the_fields_that_are_tried_are_all_that_hold_text() {
    let tried: BTreeSet<String> = all_fields(&run())
        .iter()
        .flat_map(|field| field.split('/').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut published = BTreeSet::new();
    texts(&schema(), &mut published);
    assert!(published.len() >= 30, "{published:?}");
    let missing: Vec<_> = published.difference(&tried).collect();
    assert!(missing.is_empty(), "never hostile: {missing:?}");
}

#[test]
fn hostile_names_come_out_safe_in_every_field_of_every_format() {
    let base = run();
    let all = all_fields(&base);
    std::thread::scope(|threads| {
        for fields in all.chunks(all.len().div_ceil(4)) {
            threads.spawn(|| fields.iter().for_each(|field| try_all(&base, field)));
        }
    });
}

fn try_all(base: &Value, field: &str) {
    let calm = with(base, field, "harmless");
    let harmless = Skeletons::of(&calm);
    let write = |format, run: &Run| match render(format, run, &style()) {
        page if format == Format::Html => without_ours(&page),
        written => written,
    };
    let names = names();
    for format in Format::ALL {
        let try_one = |run: &Run, name: &str, written: &str| {
            if let Err(why) = judge(format, run, written, &harmless) {
                panic!("{format}, {field} = {name:?}: {why}\n{written}");
            }
        };
        let calmly = write(format, &calm);
        try_one(&calm, "harmless", &calmly);
        for name in &names {
            let run = with(base, field, name);
            let written = write(format, &run);
            // A format that does not say the field wrote what was judged before.
            if written != calmly {
                try_one(&run, name, &written);
            }
        }
    }
}

/// A page without the text of its own style, which comes first in it, and of its own script, which
/// comes last: the same in every page, and half of it.
fn without_ours(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, end) = rest.rsplit_once("<script>").unwrap();
    let (_, end) = end.rsplit_once("</script>").unwrap();
    format!("{head}<style></style>{body}<script></script>{end}")
}

/// The formats in which the difference of two runs is told in a way of its own.
#[test]
fn hostile_names_come_out_safe_in_the_difference_of_two_runs() {
    let base = run();
    // One that is new, one that changed, one that is fixed and one that nobody sees any more.
    let runs = |field: &str, name: &str| {
        let one = with(&base, field, name);
        let of = |n: usize| {
            let mut finding = one.findings[0].clone();
            finding.fingerprint = format!("{n:032x}");
            finding.resource.uid.push_str(&n.to_string());
            finding
        };
        let (mut old, mut new) = (one.clone(), one.clone());
        old.findings = vec![of(1), of(2), of(3)];
        new.findings = vec![of(0), of(1)];
        new.findings[1].severity = crate::model::Severity::Critical;
        let who = &mut new.findings[1].exposure.get_or_insert_default().who;
        *who = format!("{who} and others").as_str().into();
        new.coverage[0].affects = vec![new.findings[0].rule.clone()];
        new.coverage[0].resource = Some(of(3).resource.id);
        (old, new)
    };
    let written = |format, field: &str, name: &str| {
        let (old, new) = runs(field, name);
        let drift = triage::diff(&old, &new);
        let mut bytes = Vec::new();
        drift::write(format, &drift, (&old, &new), &[], &style(), &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    for field in all_fields(&base) {
        let blocks = gfm::tree(&written(Format::Markdown, &field, "harmless")).blocks();
        for format in [Format::Text, Format::Markdown, Format::Json] {
            let harmless = written(format, &field, "harmless");
            let hostile = names().into_iter().map(|name| (written(format, &field, &name), name));
            // What does not say the field is judged once.
            let hostile = hostile.filter(|(text, _)| *text != harmless);
            let calm = (harmless.clone(), "harmless".to_owned());
            for (text, name) in std::iter::once(calm).chain(hostile) {
                let judged = common(&text, 0).and_then(|()| match format {
                    Format::Text => terminal(&text),
                    Format::Markdown => markdown(&text, &blocks),
                    _ => serde_json::from_str(&text).map(|_: Value| ()).map_err(|e| e.to_string()),
                });
                if let Err(why) = judged {
                    panic!("{format}, {field} = {name:?}: {why}\n{text}");
                }
            }
        }
    }
}

#[test]
fn hostile_names_come_out_safe_in_a_terminal_with_everything() {
    let mut base = run();
    // Two more behind one group, which are told in one line.
    for n in 0..2 {
        let mut more = base["findings"][0].clone();
        more["resource"]["uid"] = json!(format!("arn:aws:ec2:us-east-1:1:instance/i-{n}"));
        more["evidence"][0]["id"] = json!("sg-2");
        base["findings"].as_array_mut().unwrap().push(more);
    }
    let fancy = Style { colour: true, links: true, unicode: true, ..style() };
    for field in &all_fields(&base) {
        for name in names() {
            let text = render(Format::Text, &with(&base, field, &name), &fancy);
            let screen = Screen::of(&text);
            assert_eq!(screen.strange, Vec::<String>::new(), "{field} = {name:?}: {text:?}");
            for target in screen.links.iter().filter(|target| !target.is_empty()) {
                let own = target.starts_with("https://console.aws.amazon.com/go/view?arn=");
                assert!(own, "{field} = {name:?}: {target}");
            }
            let drawn = screen.lines.concat();
            assert!(!drawn.chars().any(is_invisible), "{field} = {name:?}: {drawn:?}");
        }
    }
}

/// The structure of formats with markup, when nothing in them is hostile.
struct Skeletons {
    html: Vec<String>,
    markdown: Vec<String>,
    tests: usize,
}

impl Skeletons {
    fn of(run: &Run) -> Skeletons {
        Skeletons {
            html: Tree::of(&render(Format::Html, run, &style())).skeleton(),
            markdown: gfm::tree(&render(Format::Markdown, run, &style())).blocks(),
            tests: xml::cases(&render(Format::Junit, run, &style())).unwrap().len(),
        }
    }
}

/// What holds for every format: nothing invisible, and no command to a runner but our own.
///
/// A runner reads the log of every process, so that this does not depend on the format, nor on
/// whether `GITHUB_ACTIONS` is set: no format looks at it.
fn common(written: &str, own: usize) -> Result<(), String> {
    if let Some(c) = written.chars().find(|c| *c != '\n' && is_invisible(*c)) {
        return Err(format!("{c:?} is invisible"));
    }
    let commands = workflow::commands(written)?;
    if commands.len() != own {
        return Err(format!("{} workflow commands: {commands:?}", commands.len()));
    }
    for command in commands {
        let known = ["error", "warning", "notice"].contains(&&*command.name);
        let titled = command.properties.len() == 1 && command.properties[0].0 == "title";
        if !known || !titled {
            return Err(format!("a command of their own: {command:?}"));
        }
        let hidden = |c: char| c != '\n' && is_invisible(c);
        if command.data.contains(hidden) || command.properties[0].1.contains(is_invisible) {
            return Err(format!("escapes of their own: {command:?}"));
        }
    }
    Ok(())
}

fn judge(format: Format, run: &Run, written: &str, harmless: &Skeletons) -> Result<(), String> {
    let own = match format {
        Format::Github => run.findings.len() + run.coverage.len(),
        _ => 0,
    };
    common(written, own)?;
    match format {
        Format::Text | Format::Table => terminal(written),
        // A line each, however long.
        Format::Short => match written.lines().count() {
            n if n == run.findings.len() + run.coverage.len() => sequences(&Screen::of(written)),
            n => Err(format!("{n} lines for {} findings", run.findings.len())),
        },
        Format::Github => Ok(()),
        Format::Json => same(&serde_json::from_str::<Run>(written), run),
        Format::Jsonl => json_lines(written, run),
        Format::Sarif => valid("sarif-2.1.0.json", written).and_then(|log| paths(&log)),
        Format::Gitlab => gitlab(written).and_then(|log| paths(&log)),
        Format::Ocsf => valid("ocsf-1.5.0-detection-finding.json", written).map(|_| ()),
        Format::Asff => {
            written.lines().try_for_each(|batch| valid("asff-2018-10-08.json", batch).map(|_| ()))
        }
        Format::Markdown => markdown(written, &harmless.markdown),
        Format::Junit => match xml::cases(written)?.len() {
            n if n == harmless.tests => Ok(()),
            n => Err(format!("{n} tests instead of {}", harmless.tests)),
        },
        Format::Csv => csv(written, 1 + not_seen::of(run).len()),
        Format::Html => html(written, &harmless.html),
    }
}

fn terminal(written: &str) -> Result<(), String> {
    let screen = Screen::of(written);
    sequences(&screen)?;
    match screen.widest() {
        0..=80 => Ok(()),
        wide => Err(format!("{wide} columns")),
    }
}

fn sequences(screen: &Screen) -> Result<(), String> {
    if !screen.strange.is_empty() || !screen.links.is_empty() || screen.paints > 0 {
        return Err(format!("sequences: {screen:?}"));
    }
    Ok(())
}

fn markdown(written: &str, blocks: &[String]) -> Result<(), String> {
    let tree = gfm::tree(written);
    gfm::foreign(&tree)?;
    let made = tree.blocks();
    match made == blocks {
        true => Ok(()),
        false => Err(format!("other blocks than with a harmless name: {made:?}, {blocks:?}")),
    }
}

fn html(written: &str, harmless: &[String]) -> Result<(), String> {
    let tree = Tree::of(written);
    let runs = |name: &str| name.starts_with("on") || ["src", "href", "style"].contains(&name);
    let attributes = tree.elements.iter().flat_map(|element| &element.attributes);
    if let Some(attribute) = attributes.map(|(name, _)| name).find(|name| runs(name)) {
        return Err(format!("the attribute {attribute}"));
    }
    if !tree.errors.is_empty() {
        return Err(format!("the parser complains: {:?}", tree.errors));
    }
    let made = tree.skeleton();
    let differs = made.iter().zip(harmless).find(|(a, b)| a != b);
    match differs {
        None if made.len() == harmless.len() => Ok(()),
        _ => Err(format!("other elements than with a harmless name: {differs:?}")),
    }
}

fn same<E: std::fmt::Display>(read: &Result<Run, E>, run: &Run) -> Result<(), String> {
    match read {
        Ok(read) if read == run => Ok(()),
        Ok(_) => Err("reads back as another run".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn json_lines(written: &str, run: &Run) -> Result<(), String> {
    let lines: Result<Vec<Value>, _> = written.lines().map(serde_json::from_str).collect();
    let lines = lines.map_err(|e| e.to_string())?;
    let (rest, findings) = lines.split_last().ok_or("no lines")?;
    let mut whole = rest.clone();
    whole["findings"] = json!(findings);
    same(&serde_json::from_value(whole), run)
}

fn valid(schema: &str, written: &str) -> Result<Value, String> {
    static SCHEMAS: LazyLock<BTreeMap<String, jsonschema::Validator>> = LazyLock::new(|| {
        let folder = std::fs::read_dir(fixture("schemas")).unwrap();
        let files = folder.map(|file| file.unwrap().file_name().into_string().unwrap());
        let json = files.filter(|name| name.ends_with(".json"));
        json.map(|name| (name.clone(), super::consumers::schema(&name))).collect()
    });
    let value = serde_json::from_str(written).map_err(|e| e.to_string())?;
    let error = SCHEMAS[schema].iter_errors(&value).next();
    match error.map(|error| format!("{}: {error}", error.instance_path())) {
        Some(error) => Err(error),
        None => Ok(value),
    }
}

/// What GitLab takes: every entry by its own schema, the rest by its documentation.
fn gitlab(written: &str) -> Result<Value, String> {
    let report: Value = serde_json::from_str(written).map_err(|e| e.to_string())?;
    for entry in report.as_array().ok_or("not a list")? {
        super::consumers::gitlab_entry(entry)?;
    }
    Ok(report)
}

/// Paths of SARIF and GitLab stay where they are put, and are URIs.
fn paths(value: &Value) -> Result<(), String> {
    let paths: Vec<&Value> = match value.as_array() {
        Some(issues) => issues.iter().map(|issue| &issue["location"]["path"]).collect(),
        None => value["runs"][0]["results"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|r| &r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
            .collect(),
    };
    for path in paths {
        let path = path.as_str().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
        let good = |part: &&str| {
            part.contains(|c| c != '.') && part.chars().all(plain) && !part.is_empty()
        };
        if parts.len() != 5 || parts[0] != "aws" || !parts.iter().all(good) {
            return Err(format!("path {path}"));
        }
    }
    Ok(())
}

fn csv(written: &str, wanted: usize) -> Result<(), String> {
    let mut rows = ::csv::Reader::from_reader(written.as_bytes());
    let rows: Result<Vec<_>, _> = rows.records().collect();
    let rows = rows.map_err(|e| e.to_string())?;
    let formula = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    for cell in rows.iter().flatten() {
        if cell.trim_start().starts_with(formula) || cell.contains('\n') {
            return Err(format!("cell {cell:?}"));
        }
    }
    if rows.len() == wanted { Ok(()) } else { Err(format!("{} rows", rows.len())) }
}
