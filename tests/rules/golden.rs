//! What every rule says of every case, whole: `fixtures/rules/<rule-id>/golden.json` holds the
//! findings and the coverage by case. `OUTCROP_BLESS=1` writes these files anew.

use std::collections::BTreeMap;
use std::fs;

use outcrop::model::Status;
use outcrop::rules::{Judgement, RULES};
use serde_json::{Map, Value, json};

use super::cases;

#[test]
fn every_rule_says_of_its_fixtures_what_their_names_say() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for name in cases::names(rule) {
            let found = cases::judged(rule, &name);
            let statuses: Vec<_> = found.findings.iter().map(|finding| finding.status).collect();
            let complete = found.coverage.is_empty();
            let as_said = match name.split('_').next().unwrap() {
                "exposed" => statuses == [Status::Exposed] && complete,
                "latent" => statuses == [Status::Latent] && complete,
                "weakness" => statuses == [Status::Weakness] && complete,
                "closed" => statuses.is_empty() && complete,
                "door" => statuses.is_empty() && !complete,
                "lock" => statuses == [Status::Undetermined] && !complete,
                "undetermined" => statuses == [Status::Undetermined] && complete,
                other => panic!("{}/{name}: `{other}` says nothing", rule.id),
            };
            if !as_said {
                wrong.push(format!("{}/{name}: {found:#?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_says_of_its_fixtures_what_is_golden() {
    let mut wrong = String::new();
    for rule in RULES {
        let names = cases::names(rule);
        let said: BTreeMap<_, _> =
            names.iter().map(|name| (name.as_str(), kept(&cases::judged(rule, name)))).collect();
        let path = cases::golden(rule);
        if std::env::var_os("OUTCROP_BLESS").is_some() {
            fs::write(&path, text(&json!(said)) + "\n").unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
        let golden: Map<String, Value> = serde_json::from_str(&golden)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for gone in golden.keys().filter(|case| !said.contains_key(case.as_str())) {
            wrong.push_str(&format!("{}/{gone}: no such case\n", rule.id));
        }
        for (case, said) in said {
            let golden = golden.get(case).unwrap_or(&Value::Null);
            if said != *golden {
                let difference = difference(&text(golden), &text(&said));
                wrong.push_str(&format!("{}/{case}:\n{difference}", rule.id));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not as golden (-), but (+):\n{wrong}\nif all of it is meant: OUTCROP_BLESS=1"
    );
}

/// What is kept of a judgement: all but what is the same in every finding of a rule.
fn kept(judgement: &Judgement) -> Value {
    let mut kept = Map::new();
    let mut findings = json!(judgement.findings);
    for finding in findings.as_array_mut().unwrap() {
        for of_the_rule in ["rule", "category", "benchmarks"] {
            finding.as_object_mut().unwrap().remove(of_the_rule);
        }
    }
    for (name, list) in [("findings", findings), ("coverage", json!(judgement.coverage))] {
        if list != json!([]) {
            kept.insert(name.to_owned(), list);
        }
    }
    kept.into()
}

/// Keys that a reader looks for first.
const FIRST: [&str; 10] = [
    "findings",
    "status",
    "severity",
    "title",
    "service",
    "operation",
    "resource",
    "exposure",
    "evidence",
    "kind",
];

/// JSON in which an element of a list is one line: a step of the proof, a control, a missed call.
fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, false, &mut text);
    text
}

fn write(value: &Value, depth: usize, listed: bool, text: &mut String) {
    let flat = flat(value);
    let one_line = flat.len() <= 100 || listed && flat.rfind('{') == Some(0);
    let (open, parts, close): (_, Vec<(String, &Value)>, _) = match value {
        Value::Object(object) if !one_line => {
            let parts = ordered(object).into_iter();
            ('{', parts.map(|(key, value)| (format!("{}: ", json!(key)), value)).collect(), '}')
        }
        Value::Array(list) if !one_line => {
            ('[', list.iter().map(|value| (String::new(), value)).collect(), ']')
        }
        _ => return text.push_str(&flat),
    };
    text.push(open);
    for (at, (key, value)) in parts.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(depth + 1));
        text.push_str(key);
        write(value, depth + 1, open == '[', text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(depth));
    text.push(close);
}

fn flat(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let parts = ordered(object).into_iter();
            let parts = parts.map(|(key, value)| format!("{}: {}", json!(key), flat(value)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(flat).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

fn ordered(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut parts: Vec<_> = object.iter().collect();
    let place = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    parts.sort_by(|(one, _), (other, _)| (place(one), one).cmp(&(place(other), other)));
    parts
}

/// The lines that are in one alone, in order, beside the longest list of lines that both share.
fn difference(golden: &str, said: &str) -> String {
    let (golden, said): (Vec<_>, Vec<_>) = (golden.lines().collect(), said.lines().collect());
    let mut shared = vec![vec![0; said.len() + 1]; golden.len() + 1];
    for g in (0..golden.len()).rev() {
        for s in (0..said.len()).rev() {
            shared[g][s] = if golden[g] == said[s] {
                shared[g + 1][s + 1] + 1
            } else {
                shared[g + 1][s].max(shared[g][s + 1])
            };
        }
    }
    let (mut g, mut s) = (0, 0);
    let mut text = String::new();
    while g < golden.len() || s < said.len() {
        if g < golden.len() && s < said.len() && golden[g] == said[s] {
            (g, s) = (g + 1, s + 1);
        } else if s == said.len() || g < golden.len() && shared[g + 1][s] >= shared[g][s + 1] {
            text.push_str(&format!("  - {}\n", golden[g]));
            g += 1;
        } else {
            text.push_str(&format!("  + {}\n", said[s]));
            s += 1;
        }
    }
    text
}
