//! What a file says that no reader understands: it is named, and what was meant is not taken for
//! answered. A misspelt name must not make an account look empty.

use serde_json::{Map, Value};

use super::Snapshot;
use super::aws::{OperationNames, ServiceNames, names_of, services};
use crate::model::{Gap, Outcome, did_you_mean, first_few};

/// Names that are listed at most.
const MOST: usize = 12;

/// Letters by which a mistyped name may differ: operations of AWS differ by more, mostly.
const MISTYPED: usize = 2;

/// Keys that say that there are further pages (API references: EC2, ELB, RDS, S3).
const FURTHER_PAGES: [&str; 6] = [
    "NextToken",
    "nextToken",
    "Marker",
    "NextMarker",
    "ContinuationToken",
    "NextContinuationToken",
];

/// What was not understood.
#[derive(Debug, Default, PartialEq)]
pub struct Unknown {
    /// In words, for whoever made the file.
    pub notes: Vec<String>,
    /// Calls that it seems to hold answers to, which cannot be read.
    pub gaps: Vec<Gap>,
}

/// Looks through the answers of `region` (empty for the whole account), and takes out those that
/// are in no form that their readers know.
pub fn in_services(answers: &mut Map<String, Value>, region: &str, unknown: &mut Unknown) {
    let known = services();
    let mut others = Vec::new();
    let given: Vec<String> = answers.keys().cloned().collect();
    let absent: Vec<_> = known.iter().filter(|one| !answers.contains_key(one.name)).collect();
    for name in &given {
        match (known.iter().find(|known| known.name == name), answers.get_mut(name)) {
            (Some(service), Some(Value::Object(operations))) => {
                in_service(service, operations, region, unknown);
            }
            // A service in another form is an error of its reader.
            (Some(_), _) | (None, None) => {}
            (None, Some(value)) => {
                match absent.iter().find(|service| is_meant(service, name, value)) {
                    Some(service) => misspelt(service, name, value, region, unknown),
                    None => others.push(name.clone()),
                }
            }
        }
    }
    if !others.is_empty() {
        unknown.notes.push(format!("not judged, for want of rules: {}", first_few(others, MOST)));
    }
}

fn in_service(
    service: &ServiceNames,
    answers: &mut Map<String, Value>,
    region: &str,
    unknown: &mut Unknown,
) {
    let mut others = Vec::new();
    let given: Vec<String> = answers.keys().cloned().collect();
    let operations = service.operations.iter().map(|known| known.name);
    let absent: Vec<_> = operations.filter(|known| !answers.contains_key(*known)).collect();
    for name in &given {
        let Some(known) = service.operations.iter().find(|known| known.name == name) else {
            match absent.iter().find(|known| is_mistyped(name, known)) {
                Some(meant) => unknown.add(
                    (service, meant, region),
                    format!("`{}` has `{name}`: did you mean `{meant}`?", service.name),
                ),
                None => others.push(name.clone()),
            }
            continue;
        };
        match answers.get(name).and_then(|answer| wrong_form(known, answer)) {
            Some(Wrong::Keys(why)) => {
                answers.remove(name);
                unknown.add((service, known.name, region), why);
            }
            Some(Wrong::Cut(why)) => unknown.add((service, known.name, region), why),
            None => {}
        }
    }
    if !others.is_empty() {
        let others = first_few(others, MOST);
        unknown.notes.push(format!("not read of `{}`, for want of rules: {others}", service.name));
    }
}

/// Why an answer is not a whole one.
enum Wrong {
    Keys(String),
    Cut(String),
}

/// Looks at the answers to questions about a whole region or account: they always hold the list or
/// the setting that was asked for, be it empty.
fn wrong_form(known: &OperationNames, answer: &Value) -> Option<Wrong> {
    let (keys, answer) = (known.keys.filter(|keys| !keys.is_empty())?, answer.as_object()?);
    let says = |key: &&String| !answer[key.as_str()].is_null();
    let given: Vec<&String> = answer.keys().filter(says).collect();
    if !given.is_empty() && !given.iter().any(|given| keys.contains(&given.as_str())) {
        let names: Vec<_> = given.iter().map(|given| format!("`{given}`")).collect();
        return Some(Wrong::Keys(format!(
            "`{}` has {}, where `{}` is expected",
            known.name,
            first_few(names, 3),
            keys.join("` or `")
        )));
    }
    let further =
        |key: &&&str| answer.get(**key).and_then(Value::as_str).is_some_and(|v| !v.is_empty());
    let token = FURTHER_PAGES.iter().find(further)?;
    Some(Wrong::Cut(format!("`{}` is not whole: `{token}` says that there is more", known.name)))
}

/// Whether `name`, with what stands under it, is `service` by a mistaken name.
fn is_meant(service: &ServiceNames, name: &str, value: &Value) -> bool {
    let Some(operations) = value.as_object() else { return false };
    let knows = |operation: &String| service.operations.iter().any(|known| known.name == operation);
    // Names of services are short: `sns` is no mistyped `sqs`. What they are asked tells.
    plain(service.name) == plain(name)
        || (!operations.is_empty() && operations.keys().all(knows))
        || (name.len() > 2 * MISTYPED && is_mistyped(name, service.name))
}

fn misspelt(
    service: &ServiceNames,
    name: &str,
    value: &Value,
    region: &str,
    unknown: &mut Unknown,
) {
    let note = format!("`{name}` is no service that is read: did you mean `{}`?", service.name);
    let asked = |operation: &&OperationNames| value.get(operation.name).is_some();
    for operation in service.operations.iter().filter(asked) {
        unknown.gaps.push(gap(service, operation.name, region, &note));
    }
    unknown.notes.push(note);
}

impl Unknown {
    fn add(&mut self, (service, operation, region): (&ServiceNames, &str, &str), note: String) {
        self.gaps.push(gap(service, operation, region, &note));
        self.notes.push(note);
    }
}

fn gap(service: &ServiceNames, operation: &str, region: &str, note: &str) -> Gap {
    Gap {
        service: service.name.to_owned(),
        operation: operation.to_owned(),
        region: region.to_owned(),
        resource: None,
        outcome: Outcome::Malformed,
        code: Some("UnknownName".to_owned()),
        message: format!("in the input {note}"),
    }
}

/// Looks at the names of a snapshot itself. outcrop writes snapshots, so that a name that it does
/// not know is no addition of somebody else's.
pub fn in_snapshot(snapshot: &Map<String, Value>) -> Result<(), String> {
    let known = names_of::<Snapshot>();
    for needed in ["account", "regions"] {
        if !snapshot.contains_key(needed) {
            return Err(format!("a snapshot without `{needed}`"));
        }
    }
    match snapshot.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(match did_you_mean(key, known.iter().copied()) {
            Some(near) => format!("a snapshot with `{key}`, did you mean `{near}`?"),
            None => format!("a snapshot with `{key}`, which this outcrop does not know"),
        }),
    }
}

fn is_mistyped(given: &str, known: &str) -> bool {
    let (given, known) = (plain(given), plain(known));
    // The distance is no less, and takes room for every pair of letters: names come from files.
    given.len().abs_diff(known.len()) <= MISTYPED
        && strsim::damerau_levenshtein(&given, &known) <= MISTYPED
}

/// A name without what people write differently: `describe-vpcs` is `DescribeVpcs`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
