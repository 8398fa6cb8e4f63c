//! Keys that are flags: read off the command line itself, handed on as arguments.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::Spanned;
use toml::de::DeValue;

use super::document::{Document, kind};
use super::{ConfigError, Origin};
use crate::report::Format;
use crate::rules::named;

/// The command whose flags are the keys.
const MAIN: &str = "scan";

/// Flags that make no sense in a file.
const NO_KEYS: [&str; 6] = ["config", "no-config", "from", "demo", "help", "version"];

/// What a file may set that was merely found where somebody works: which findings are shown and
/// which fail, and how fast. Not where calls go, as whom, or what is written where.
pub const HARMLESS: [&str; 27] = [
    "baseline",
    "category",
    "color",
    "concurrency",
    "details",
    "exclude-region",
    "exclude-rule",
    "exit-zero",
    "fail-on",
    "fail-status",
    "format",
    "group-by",
    "hyperlinks",
    "incomplete",
    "latent",
    "log-format",
    "max-rps",
    "min-severity",
    "no-progress",
    "only-new",
    "organization-policies",
    "quiet",
    "region",
    "rule",
    "sample-objects",
    "timeout",
    "verbose",
];

/// How often a flag that counts can be meant.
pub const MOST_TIMES: usize = 9;

/// How reports look: other commands have formats of their own.
const OF_THE_REPORT: [&str; 4] = ["format", "min-severity", "output", "report"];

/// A key and the flag that it stands for.
#[derive(Debug, Clone)]
pub struct Key {
    /// The long flag.
    pub name: String,
    /// Its place on the command line.
    pub arg: Arg,
}

/// A flag that a file sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The long flag.
    pub name: String,
    /// Its values; none for a switch.
    pub values: Vec<String>,
    /// How often a flag that counts was meant; 1 for others, 0 for a switch that is off.
    pub times: usize,
    /// Where in the file it stands.
    pub at: usize,
}

/// Every key, in the order of the help.
pub fn keys(command: &Command) -> Vec<Key> {
    let main = prepared(command);
    let named = |arg: &Arg| {
        let name = arg.get_long()?.to_owned();
        (!NO_KEYS.contains(&name.as_str())).then(|| Key { name, arg: arg.clone() })
    };
    main.get_arguments().filter_map(named).collect()
}

/// `scan` with the flags of every command, deaf to the environment.
fn prepared(command: &Command) -> Command {
    let mut command = command.clone();
    command.build();
    let main = command.find_subcommand(MAIN).cloned().unwrap_or_default();
    main.mut_args(|arg| arg.env(None::<&'static str>))
}

/// Refuses a key that a found file must not set.
pub fn check_origin(
    document: &Document<'_>,
    key: &Key,
    span: Range<usize>,
    origin: Origin,
) -> Result<(), ConfigError> {
    if origin == Origin::Chosen || HARMLESS.contains(&key.name.as_str()) {
        return Ok(());
    }
    Err(document.error(
        span,
        format!(
            "`{name}` may not be set by a file that was found in the working directory, since it \
             decides where calls or files go; pass the file with --config, or use --{name}",
            name = key.name
        ),
    ))
}

/// Whether a key takes several values.
pub fn takes_many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_value_delimiter().is_some()
}

/// Reads the value of a key, and has the flag's own parser look at it.
pub fn setting(
    document: &Document<'_>,
    key: &Key,
    value: &Spanned<DeValue<'_>>,
    command: &Command,
) -> Result<Setting, ConfigError> {
    let at = value.span();
    let wrong = |expected: &str| {
        let found = kind(value.get_ref());
        document.error(at.clone(), format!("`{}` is {expected}, not {found}", key.name))
    };
    let mut setting =
        Setting { name: key.name.clone(), values: Vec::new(), times: 1, at: at.start };
    match (key.arg.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(on)) => setting.times = usize::from(*on),
        (ArgAction::SetTrue, _) => return Err(wrong("true or false")),
        (ArgAction::Count, DeValue::Integer(n)) => {
            setting.times =
                n.as_str().parse().ok().filter(|n| *n <= MOST_TIMES).ok_or_else(|| {
                    let message = format!("`{}` is a number from 0 to {MOST_TIMES}", key.name);
                    document.error(at.clone(), message)
                })?;
        }
        (ArgAction::Count, _) => return Err(wrong("a whole number")),
        (_, DeValue::Array(list)) if takes_many(&key.arg) => {
            for entry in list {
                let text = scalar(entry.get_ref()).ok_or_else(|| wrong("a list of texts"))?;
                setting.values.push(check(document, key, text, entry.span(), command)?);
            }
        }
        (_, value) => {
            let many = takes_many(&key.arg);
            let expected = if many { "a text or a list of texts" } else { "a text or a number" };
            let text = scalar(value).ok_or_else(|| wrong(expected))?;
            setting.values.push(check(document, key, text, at.clone(), command)?);
        }
    }
    Ok(setting)
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A value that the flag takes; paths are those beside the file.
fn check(
    document: &Document<'_>,
    key: &Key,
    text: String,
    at: Range<usize>,
    command: &Command,
) -> Result<String, ConfigError> {
    let given = OsString::from(format!("--{}={text}", key.name));
    if let Some(complaint) = complaint_of(&prepared(command), &key.name, &given) {
        return Err(document.error(at, complaint));
    }
    let folder = document.file.parent().unwrap_or(Path::new(""));
    // A hyphen is stdin or stdout, wherever the file is.
    let beside = |path: &str| match path {
        "-" => path.to_owned(),
        path => folder.join(path).to_string_lossy().into_owned(),
    };
    let kind = key.arg.get_value_parser().type_id();
    Ok(if kind == TypeId::of::<PathBuf>() {
        beside(&text)
    } else if kind == TypeId::of::<(Format, PathBuf)>() {
        text.split_once('=')
            .map_or(text.clone(), |(format, path)| format!("{format}={}", beside(path)))
    } else {
        text
    })
}

/// What is wrong with the value in `argument`, which is the flag `long` of `command`, deaf to the
/// environment.
pub fn complaint_of(command: &Command, long: &str, argument: &OsStr) -> Option<String> {
    let text = argument.to_string_lossy();
    let text = text.split_once('=').map(|(_, text)| text).unwrap_or_default();
    let given = [OsStr::new(MAIN), argument];
    // What else the flag asks for (another flag) is told when all of them are known.
    let kinds = [ErrorKind::InvalidValue, ErrorKind::ValueValidation, ErrorKind::InvalidUtf8];
    if let Err(error) = command.clone().try_get_matches_from(given)
        && kinds.contains(&error.kind())
    {
        return Some(complaint(long, text, &error));
    }
    if ["rule", "exclude-rule"].contains(&long) {
        return text.split(',').find_map(|rule| named(rule).err()).map(|error| error.to_string());
    }
    None
}

/// What clap says of a value, without what it says of the command line.
fn complaint(long: &str, text: &str, error: &clap::Error) -> String {
    let mut message = format!("`{text}` is no value of `{long}`");
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) if !known.is_empty() => {
            match crate::model::did_you_mean(text, known.iter().map(String::as_str)) {
                Some(nearest) => message.push_str(&format!(", did you mean `{nearest}`?")),
                None => message.push_str(&format!("; known are {}", known.join(", "))),
            }
        }
        _ => {
            if let Some(cause) = std::error::Error::source(error) {
                message.push_str(&format!(": {cause}"));
            }
        }
    }
    message
}

/// Whether a command takes anything from the file.
pub fn is_configured(name: &str, command: &Command) -> bool {
    command.get_arguments().any(|arg| !arg.is_global_set() && applies(name, arg.get_long()))
}

/// Whether a command takes a flag from the file.
fn applies(command: &str, long: Option<&str>) -> bool {
    long.is_some_and(|long| {
        !NO_KEYS.contains(&long) && (command == MAIN || !OF_THE_REPORT.contains(&long))
    })
}

/// Whether `given` says something of a flag, from `source`.
pub fn settles(given: &ArgMatches, arg: &Arg, source: ValueSource) -> bool {
    let id = arg.get_id().as_str();
    given.try_contains_id(id).is_ok() && given.value_source(id) == Some(source)
}

/// The flags that a flag cannot be used with, whichever of the two says so.
pub fn conflicting<'c>(command: &'c Command, arg: &'c Arg) -> impl Iterator<Item = &'c Arg> {
    let names = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|against| against.get_id() == other.get_id())
    };
    command.get_arguments().filter(move |other| names(arg, other) || names(other, arg))
}

/// The settings as arguments of the command `name`, where neither they nor anything that speaks
/// against them was given: flags beat the file, and so do the flags that the environment decided.
pub fn arguments(
    settings: &[Setting],
    name: &str,
    command: &Command,
    given: &ArgMatches,
    decided: &BTreeSet<String>,
) -> Vec<OsString> {
    let explicit = |arg: &Arg| settles(given, arg, ValueSource::CommandLine);
    let mut arguments = Vec::new();
    for setting in settings {
        let arg = command.get_arguments().find(|arg| arg.get_long() == Some(&setting.name));
        let Some(arg) = arg.filter(|_| applies(name, Some(&setting.name))) else { continue };
        let decided = decided.contains(arg.get_id().as_str());
        if decided || explicit(arg) || conflicting(command, arg).any(explicit) {
            continue;
        }
        match setting.values.as_slice() {
            [] => {
                for _ in 0..setting.times {
                    arguments.push(format!("--{}", setting.name).into());
                }
            }
            values => {
                for value in values {
                    arguments.push(format!("--{}={value}", setting.name).into());
                }
            }
        }
    }
    arguments
}
