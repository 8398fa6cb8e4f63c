//! Variables of the environment that are flags: read off the command line itself, handed on as
//! arguments. One that is empty is none, as where a pipeline passes on what nobody filled in.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::flags::{complaint_of, conflicting, settles};

/// Words for yes and no, in any case; nothing at all is no.
const YES: [&str; 4] = ["1", "true", "yes", "on"];
const NO: [&str; 5] = ["0", "false", "no", "off", ""];

/// What a variable is that no flag takes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// A value that the flag does not take.
    #[error("{name}: {reason}")]
    Value {
        /// The variable.
        name: String,
        /// What is wrong with it, and what was expected.
        reason: String,
    },
    /// Two that cannot both be meant.
    #[error("{0} and {1} contradict each other; unset one of them")]
    Conflict(String, String),
}

/// What the environment says, for one command.
#[derive(Debug, Default)]
pub struct Environment {
    /// The flags that are set, as arguments.
    pub arguments: Vec<OsString>,
    /// Every flag that a variable decides, also one that is off.
    pub decided: BTreeSet<String>,
}

/// Reads the variables of `command`, a part of the built command line, where neither the flags nor
/// anything that speaks against them was given: what is typed beats the environment. `deaf` is the
/// same command without its variables.
///
/// # Errors
/// Names the variable.
pub fn environment(
    command: &Command,
    deaf: &Command,
    given: &ArgMatches,
    variable: &dyn Fn(&OsStr) -> Option<OsString>,
) -> Result<Environment, VariableError> {
    let mut environment = Environment::default();
    let mut set: Vec<(&Arg, String)> = Vec::new();
    let typed = |arg: &Arg| settles(given, arg, ValueSource::CommandLine);
    for arg in command.get_arguments() {
        let (Some(name), Some(long)) = (arg.get_env(), arg.get_long()) else { continue };
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else { continue };
        if typed(arg) || conflicting(command, arg).any(typed) {
            continue;
        }
        let name = name.to_string_lossy().into_owned();
        let wrong = |reason| VariableError::Value { name: name.clone(), reason };
        let arguments = arguments(deaf, arg, long, &value).map_err(wrong)?;
        environment.decided.insert(arg.get_id().to_string());
        if arguments.is_empty() {
            continue;
        }
        let against = |(other, _): &&(&Arg, String)| {
            conflicting(command, arg).any(|arg| arg.get_id() == other.get_id())
        };
        if let Some((_, other)) = set.iter().find(against) {
            return Err(VariableError::Conflict(other.clone(), name));
        }
        set.push((arg, name));
        environment.arguments.extend(arguments);
    }
    Ok(environment)
}

/// What would be typed for a variable.
fn arguments(
    deaf: &Command,
    arg: &Arg,
    long: &str,
    value: &OsStr,
) -> Result<Vec<OsString>, String> {
    let flag = || OsString::from(format!("--{long}"));
    match arg.get_action() {
        ArgAction::SetTrue => match yes_or_no(value) {
            Some(true) => Ok(vec![flag()]),
            Some(false) => Ok(Vec::new()),
            None => Err(format!("{}; expected {}", no_word(value), words())),
        },
        ArgAction::Count => {
            let number = value.to_str().and_then(|text| text.trim().parse::<usize>().ok());
            let times = number.or_else(|| yes_or_no(value).map(usize::from));
            match times.filter(|times| *times <= super::flags::MOST_TIMES) {
                Some(times) => Ok(vec![flag(); times]),
                None => Err(format!(
                    "{}; expected a number from 0 to {}, or {}",
                    no_word(value),
                    super::flags::MOST_TIMES,
                    words()
                )),
            }
        }
        _ => {
            let mut argument = flag();
            argument.push("=");
            argument.push(value);
            match complaint_of(deaf, long, &argument) {
                Some(complaint) => Err(complaint),
                None => Ok(vec![argument]),
            }
        }
    }
}

fn yes_or_no(value: &OsStr) -> Option<bool> {
    let word = value.to_str()?.trim().to_ascii_lowercase();
    match YES.contains(&word.as_str()) {
        true => Some(true),
        false => NO.contains(&word.as_str()).then_some(false),
    }
}

fn no_word(value: &OsStr) -> String {
    format!("`{}` is neither yes nor no", value.to_string_lossy())
}

fn words() -> String {
    format!("{}, {} or nothing", YES.join(", "), NO[..NO.len() - 1].join(", "))
}
