//! Runs that were saved: `json` and `jsonl` as reports write them.

use serde_json::Value;

use crate::model::{Finding, Run, SCHEMA_VERSION};

/// Why a text is no run that this program can read: where, and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not in the form of a run.
    #[error("not a run as `outcrop scan -f json` writes it: {0}")]
    Form(#[from] serde_json::Error),
    /// One line of `jsonl` is not in the form of a finding or of the rest of a run.
    #[error("not a run as `outcrop scan -f jsonl` writes it: line {line}: {error}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong in it.
        error: serde_json::Error,
    },
    /// `jsonl` without its last line.
    #[error("not a whole run: the line with `scan` and `coverage` is missing at its end")]
    Cut,
    /// A run of another version of the form.
    #[error(
        "a run of schema_version {0}, and this outcrop reads {SCHEMA_VERSION}; \
         make the run again with this outcrop"
    )]
    Version(u64),
}

/// Reads a saved run.
///
/// # Errors
/// When `text` is none; the message names place and expectation.
pub fn parse(text: &str) -> Result<Run, Unreadable> {
    if is_lines(text) {
        return lines(text);
    }
    // The version first: another version's run may well lack or add fields.
    let value: Value = serde_json::from_str(text)?;
    version(&value)?;
    // Read again from the text: only so do errors know their line and column.
    Ok(serde_json::from_str(text)?)
}

fn version(value: &Value) -> Result<(), Unreadable> {
    match value.get("schema_version").and_then(Value::as_u64) {
        Some(version) if version != u64::from(SCHEMA_VERSION) => Err(Unreadable::Version(version)),
        _ => Ok(()),
    }
}

/// Whether `text` is one object a line: the first is a finding, or a run without findings.
fn is_lines(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    serde_json::from_str::<Value>(first).is_ok_and(|value| {
        value.get("fingerprint").is_some()
            || (value.get("scan").is_some() && value.get("findings").is_none())
    })
}

fn lines(text: &str) -> Result<Run, Unreadable> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut rest = None;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |error| Unreadable::Line { line: at + 1, error };
        let mut value: Value = serde_json::from_str(line).map_err(wrong)?;
        if value.get("scan").is_some() {
            version(&value)?;
            if let Some(run) = value.as_object_mut() {
                run.insert("findings".to_owned(), Value::Array(Vec::new()));
            }
            rest = Some(serde_json::from_value::<Run>(value).map_err(wrong)?);
        } else {
            findings.push(serde_json::from_str(line).map_err(wrong)?);
        }
    }
    let rest = rest.ok_or(Unreadable::Cut)?;
    Ok(Run { findings, ..rest })
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;

    #[test]
    fn both_forms_come_back_as_they_were() {
        let run = run();
        let json = serde_json::to_string_pretty(&run).expect("a run is JSON");
        assert_eq!(parse(&json).expect("json"), run);
        let one_line = serde_json::to_string(&run).expect("a run is JSON");
        assert_eq!(parse(&one_line).expect("json in one line"), run);
        let mut rest = serde_json::to_value(&run).expect("a run is JSON");
        rest.as_object_mut().and_then(|run| run.remove("findings")).expect("findings");
        let mut lines: Vec<String> = run
            .findings
            .iter()
            .map(|finding| serde_json::to_string(finding).expect("a finding is JSON"))
            .collect();
        lines.push(rest.to_string());
        assert_eq!(parse(&lines.join("\n")).expect("jsonl"), run);
        lines.pop();
        assert!(matches!(parse(&lines.join("\n")), Err(Unreadable::Cut)));
        let empty = Run { findings: Vec::new(), ..run };
        assert_eq!(parse(&rest.to_string()).expect("jsonl without findings"), empty);
    }

    #[test]
    fn what_is_no_run_is_refused_with_its_place() {
        for (text, says) in [
            ("", "at line 1 column 0"),
            ("{}", "missing field `schema_version`"),
            ("[1]", "at line 1"),
            ("{\"schema_version\": 2}", "schema_version 2, and this outcrop reads 1"),
            ("{\"schema_version\": 1,\n \"tool\": 3}", "at line 2 column"),
            ("{\"fingerprint\": 1}", "line 1: "),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
