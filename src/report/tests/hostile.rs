//! Forty hostile names in every field of a run, in every format, judged by reading back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use quick_junit::Report;
use serde_json::{Value, json};

use super::super::clean::is_invisible;
use super::super::width::columns;
use super::super::{Format, Style};
use super::{fixture, render, style};
use crate::findings::Run;

/// What an attacker may call a resource.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
        "\x1b[2J\x1b[1;1Hgone",
        "\u{9b}31mC1",
        "\u{90}q\u{9c}",
        "bell\x07back\x08\x7f",
        "nul\0byte",
        "carriage\rreturn",
        "two\nlines",
        "x\n::error title=owned::pwned",
        "::error title=owned::pwned",
        "   ::add-mask::secret",
        "::stop-commands::token",
        "##[error]pwned",
        "##vso[task.setvariable variable=x]y",
        "x\r\n##VSO[task.complete result=Succeeded;]",
        "100%0A::warning::decoded",
        "a,b:c,d%3A",
        "=HYPERLINK(\"https://evil.example\",\"x\")",
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "\t=1+1",
        "\u{ff1d}1+1",
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></textarea><svg onload=alert(1)>",
        "]]><evil/><![CDATA[",
        "&lt;b&gt;&#x1b;&amp;",
        "![x](https://evil.example/p.png)",
        "[click](javascript:alert(1)) <https://evil.example>",
        "@octocat see #1 and www.evil.example https://evil.example a@b.example",
        "`code` | cell | `` **bold** _it_ ~~no~~ $x^2$ {0} [0](1)",
        "rtl\u{202e}gnp.exe\u{2066}\u{200f}",
        "zero\u{200b}width\u{feff}\u{2060}\u{ad}\u{2028}\u{2029}",
        "bad\u{fffe}\u{ffff}xml\u{1fffe}\u{e0041}",
        "../../../etc/passwd",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("z\u{301}".to_owned() + &"\u{301}".repeat(60));
    names.push("long-".repeat(450));
    names.push("漢".repeat(300));
    names.push("..".to_owned());
    names.push("   ".to_owned());
    assert!(names.len() >= 40);
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
    one["undecided"] = json!([{ "operation": "s3:GetX", "text": "text" }]);
    one["benchmarks"] = json!({ "cis": ["1.1"] });
    one["evidence"] = json!([{ "kind": "security-group", "id": "sg-1", "text": "allows" }]);
    run["findings"] = json!([one]);
    let gap = run["coverage"].as_array().unwrap().iter().find(|c| c.get("resource").is_some());
    run["coverage"] = json!([gap.unwrap()]);
    run["scan"]["accounts"] = json!(["123456789012"]);
    run["scan"]["regions"] = json!(["us-east-1"]);
    run["scan"]["rules"] = json!([run["findings"][0]["rule"]]);
    run
}

/// Where the strings of a run are, but for those that only take certain words.
fn fields(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::String(_) => {
            let last = at.rsplit('/').next().unwrap_or_default();
            if !["category", "status", "severity", "outcome"].contains(&last) {
                into.push(at.to_owned());
            }
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

fn with(base: &Value, field: &str, name: &str) -> Run {
    let mut value = base.clone();
    if field == BENCHMARK {
        value["findings"][0]["benchmarks"] = json!({ name: ["1.1"] });
    } else {
        *value.pointer_mut(field).unwrap() = json!(name);
    }
    serde_json::from_value(value).unwrap()
}

#[test]
fn hostile_names_come_out_safe_in_every_field_of_every_format() {
    let base = run();
    let mut all = Vec::new();
    fields(&base, "", &mut all);
    assert!(all.len() >= 40, "{all:?}");
    all.push(BENCHMARK.to_owned());
    std::thread::scope(|threads| {
        for fields in all.chunks(all.len().div_ceil(4)) {
            threads.spawn(|| fields.iter().for_each(|field| try_all(&base, field)));
        }
    });
}

fn try_all(base: &Value, field: &str) {
    let harmless = Skeletons::of(&with(base, field, "harmless"));
    for name in names() {
        let run = with(base, field, &name);
        for format in Format::ALL {
            let written = render(format, &run, &style());
            if let Err(why) = judge(format, &run, &written, &harmless) {
                panic!("{format}, {field} = {name:?}: {why}\n{written}");
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
        more["resource"]["arn"] = json!(format!("arn:aws:ec2:us-east-1:1:instance/i-{n}"));
        more["evidence"][0]["id"] = json!("sg-2");
        base["findings"].as_array_mut().unwrap().push(more);
    }
    let mut all = Vec::new();
    fields(&base, "", &mut all);
    let fancy = Style { colour: true, links: true, unicode: true, ..style() };
    for field in &all {
        for name in names() {
            let text = render(Format::Text, &with(&base, field, &name), &fancy);
            // Only sequences of our own: colours, and links whose target is percent-encoded.
            let mut rest = text.as_str();
            while let Some(at) = rest.find('\x1b') {
                rest = &rest[at + 1..];
                let end = match rest.as_bytes().first() {
                    Some(b'[') => rest.find('m').filter(|end| {
                        rest[1..*end].chars().all(|c| c.is_ascii_digit() || c == ';')
                    }),
                    Some(b']') => rest.find("\x1b\\").filter(|end| {
                        let target = rest[1..*end].strip_prefix("8;;");
                        target.is_some_and(|url| {
                            url.is_empty() || url.starts_with("https://console.aws.amazon.com/")
                        })
                    }),
                    Some(b'\\') => Some(0),
                    _ => None,
                };
                assert!(end.is_some(), "{field} = {name:?}: {rest:?}");
            }
            let mut plain = text.replace('\x1b', "");
            plain.retain(|c| c != '\n');
            assert!(!plain.chars().any(is_invisible), "{field} = {name:?}: {text:?}");
        }
    }
}

/// The structure of formats with markup, when nothing in them is hostile.
struct Skeletons {
    html: Vec<String>,
}

impl Skeletons {
    fn of(run: &Run) -> Skeletons {
        Skeletons { html: html_tags(&render(Format::Html, run, &style())) }
    }
}

fn judge(format: Format, run: &Run, written: &str, harmless: &Skeletons) -> Result<(), String> {
    if let Some(c) = written.chars().find(|c| *c != '\n' && is_invisible(*c)) {
        return Err(format!("{c:?} is invisible"));
    }
    let lower = written.to_ascii_lowercase();
    if lower.contains("##[") || lower.contains("##vso[") {
        return Err("a command to a runner".into());
    }
    let command = |line: &str| {
        let rest = line.trim_start().strip_prefix("::");
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let commands = written.lines().filter(|line| command(line)).count();
    let own = match format {
        Format::Github => run.findings.len() + run.coverage.len(),
        _ => 0,
    };
    if commands != own {
        return Err(format!("{commands} workflow commands"));
    }
    match format {
        Format::Text | Format::Table => lines(written),
        Format::Github => workflow(written),
        Format::Json => same(&serde_json::from_str::<Run>(written), run),
        Format::Jsonl => json_lines(written, run),
        Format::Sarif => valid("sarif-2.1.0.json", written).and_then(|log| paths(&log)),
        Format::Gitlab => valid("gitlab-code-quality.json", written).and_then(|log| paths(&log)),
        Format::Ocsf => valid("ocsf-1.5.0-detection-finding.json", written).map(|_| ()),
        Format::Asff => {
            written.lines().try_for_each(|batch| valid("asff-2018-10-08.json", batch).map(|_| ()))
        }
        Format::Markdown => markdown(written),
        Format::Junit => {
            Report::deserialize_from_str(written).map_err(|e| e.to_string()).and_then(|report| {
                match report.test_suites.iter().map(|s| s.tests).sum::<usize>() {
                    0 => Err("no tests".into()),
                    _ => Ok(()),
                }
            })
        }
        Format::Csv => csv(written),
        Format::Html => {
            let tags = html_tags(written);
            let differs = tags.iter().zip(&harmless.html).find(|(a, b)| a != b);
            match differs {
                None if tags.len() == harmless.html.len() => Ok(()),
                _ => Err(format!("other tags than with a harmless name: {differs:?}")),
            }
        }
    }
}

fn lines(written: &str) -> Result<(), String> {
    let body = written.trim_end().rsplit_once('\n').map_or("", |(body, _)| body);
    match body.lines().find(|l| columns(l) > 80 && !l.trim_start().starts_with("$ ")) {
        Some(line) => Err(format!("wider than 80 columns: {line}")),
        None => Ok(()),
    }
}

fn workflow(written: &str) -> Result<(), String> {
    for line in written.lines().filter(|line| line.starts_with("::")) {
        let mut parts = line[2..].splitn(2, "::");
        let (head, data) = (parts.next().unwrap_or_default(), parts.next());
        let title = ["error title=", "warning title=", "notice title="]
            .iter()
            .find_map(|start| head.strip_prefix(start));
        let escapes = data.unwrap_or_default().split('%').skip(1);
        let known = |escape: &str| escape.starts_with("25") || escape.starts_with("0A");
        if data.is_none() || title.is_none_or(|t| t.contains([',', ':'])) {
            return Err(format!("properties of their own: {line}"));
        }
        if !escapes.into_iter().all(known) {
            return Err(format!("escapes of their own: {line}"));
        }
    }
    Ok(())
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

fn csv(written: &str) -> Result<(), String> {
    let mut rows = ::csv::Reader::from_reader(written.as_bytes());
    let rows: Result<Vec<_>, _> = rows.records().collect();
    let rows = rows.map_err(|e| e.to_string())?;
    let formula = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    for cell in rows.iter().flatten() {
        if cell.trim_start().starts_with(formula) || cell.contains('\n') {
            return Err(format!("cell {cell:?}"));
        }
    }
    if rows.len() == 1 { Ok(()) } else { Err(format!("{} rows", rows.len())) }
}

/// What is left of a page when code spans and escapes are taken out holds only our own markup.
fn markdown(written: &str) -> Result<(), String> {
    // Summaries are HTML, where Markdown has no meaning.
    let (summaries, flow): (Vec<&str>, Vec<&str>) =
        written.lines().partition(|line| line.starts_with("<details><summary>"));
    for line in summaries {
        let own = ["<details>", "<summary>", "</summary>", "<span>", "</span>", "<!-- -->"];
        let rest = own.iter().fold(line.to_owned(), |line, own| line.replace(own, "\u{1}"));
        if ["<", "://", "www."].iter().any(|mark| rest.contains(mark)) {
            return Err(format!("markup of their own: {line}"));
        }
    }
    let flow = flow.join("\n");
    let mut rest = String::new();
    let mut chars = flow.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '`' => {
                let mut fence = 1;
                while chars.next_if_eq(&'`').is_some() {
                    fence += 1;
                }
                let mut run = 0;
                loop {
                    match chars.next() {
                        Some('\n') | None => return Err("a code span that does not end".into()),
                        Some('`') => run += 1,
                        Some(_) if run == fence => break,
                        Some(_) => run = 0,
                    }
                    if run == fence && chars.peek() != Some(&'`') {
                        break;
                    }
                }
            }
            c => rest.push(c),
        }
    }
    for own in ["</details>", "<span>$</span>"] {
        rest = rest.replace(own, "");
    }
    for own in ["# outcrop", "## Not seen"] {
        rest = rest.replacen(own, "", 1);
    }
    rest = rest.replace("**BLOCKED by**", "").replace("**unknown**", "");
    rest = rest.replacen("**", "", 2);
    let apart = "<!-- -->";
    for mark in ['@', '#'] {
        let mut parts = rest.split(mark).skip(1);
        if !parts.all(|after| after.starts_with(apart)) {
            return Err(format!("{mark} of their own: {rest}"));
        }
    }
    rest = rest.replace(apart, "\u{1}");
    let markup = ["<", "![", "](", "://", "www.", "**", "$", "~~", "`"];
    match markup.iter().find(|mark| rest.contains(**mark)) {
        Some(mark) => Err(format!("{mark} of their own: {rest}")),
        None => Ok(()),
    }
}

/// Names of tags and of their attributes, in order; what a browser would make of the page.
fn html_tags(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let mut tag = String::new();
        let mut quoted = false;
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = at;
                    break;
                }
                c if !quoted => tag.push(c),
                _ => {}
            }
        }
        rest = &rest[end..];
        if tag == "style" || tag == "script" {
            // Raw text: it ends at its end tag and nowhere else.
            let close = format!("</{tag}");
            rest = rest.find(&close).map_or("", |at| &rest[at..]);
        }
        tags.push(tag);
    }
    tags
}
