//! A runner of GitHub Actions: which commands it finds in a log.
//!
//! After `ActionCommand.TryParseV2` and `TryParse` of actions/runner: a line that starts, after
//! white space, with `::`, and `##[...]` anywhere in a line.

/// A command of the second form.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// `error`, `warning`, `add-mask`...
    pub name: String,
    /// Its properties, decoded.
    pub properties: Vec<(String, String)>,
    /// Its message, decoded.
    pub data: String,
}

/// Every command that a runner would act on, or what it would be that no report writes.
pub fn commands(log: &str) -> Result<Vec<Command>, String> {
    let mut commands = Vec::new();
    // The runner reads lines of a process: a carriage return ends one as well.
    for line in log.split(['\n', '\r']) {
        let lower = line.to_ascii_lowercase();
        // Azure's agent takes `##vso[`, GitHub's runner any `##[`.
        if lower.contains("##[") || lower.contains("##vso[") {
            return Err(format!("a command of the first form: {line}"));
        }
        commands.extend(command(line));
    }
    Ok(commands)
}

fn command(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    // What has no name is no command: `::/0` begins an address range.
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let properties = properties.trim().split(',').filter_map(|property| {
        let (key, value) = property.split_once('=')?;
        Some((key.trim().to_owned(), decoded(value, true)))
    });
    Some(Command {
        name: name.to_owned(),
        properties: properties.collect(),
        data: decoded(data, false),
    })
}

/// Percent signs come last, as the runner does it.
fn decoded(text: &str, property: bool) -> String {
    let mut text = text.replace("%0D", "\r").replace("%0A", "\n");
    if property {
        text = text.replace("%3A", ":").replace("%2C", ",");
    }
    text.replace("%25", "%")
}

#[test]
fn commands_are_found_where_a_runner_finds_them() {
    let found =
        commands("  ::error title=a%2Cb,file=x::one%0Atwo%250A\n a ::error::no\n::/0::\n").unwrap();
    let title = ("title".to_owned(), "a,b".to_owned());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name.as_str(), &found[0].properties[0]), ("error", &title));
    assert_eq!(found[0].data, "one\ntwo%0A");
    assert!(commands("x ##[error]y").is_err() && commands("##VSO[task.complete]").is_err());
    assert_eq!(commands("x\r::debug::y").unwrap().len(), 1);
}
