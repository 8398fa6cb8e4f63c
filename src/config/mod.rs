//! `outcrop.toml`: which file counts, what it may say, and where it is wrong.
//!
//! Keys are the long flags of `scan`, taken from the command line itself; on top of them come
//! ignores, severities and whom to trust. It deliberately does not know what flags do: it hands
//! them on as if they had been given, where they were not.

mod discover;
mod document;
mod environment;
mod exceptions;
mod flags;
mod schema;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Command;

pub use discover::{ConfigFile, Origin, SearchPath, find};
pub use environment::{Environment, environment};
pub use flags::{HARMLESS, Key, Setting, arguments, is_configured, keys};
pub use schema::schema;

use crate::triage::Exceptions;

/// Name of the file.
pub const FILE: &str = "outcrop.toml";

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// Flags of `scan`.
    pub settings: Vec<Setting>,
    /// What to leave out, change and trust.
    pub exceptions: Exceptions,
}

/// What is wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", file.display())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Reads a file's text. `command` is the program's command line.
///
/// # Errors
/// At the first thing that is wrong.
pub fn parse(
    text: &str,
    file: &Path,
    origin: Origin,
    command: &Command,
) -> Result<Configuration, ConfigError> {
    let document = document::Document { text, file };
    let table = document.parse()?;
    let keys = flags::keys(command);
    let mut configuration = Configuration::default();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        match name {
            "ignore" => configuration.exceptions.ignores = exceptions::ignores(&document, value)?,
            "severity" => {
                configuration.exceptions.severities = exceptions::severities(&document, value)?
            }
            "trusted" => configuration.exceptions.trusted = exceptions::trusted(&document, value)?,
            _ => match keys.iter().find(|known| known.name == name) {
                Some(known) => {
                    flags::check_origin(&document, known, key.span(), origin)?;
                    let setting = flags::setting(&document, known, value, command)?;
                    configuration.settings.push(setting);
                }
                None => {
                    let known = keys.iter().map(|key| key.name.as_str());
                    let known = known.chain(["ignore", "severity", "trusted"]);
                    return Err(document.unknown("key", name, known, key.span()));
                }
            },
        }
    }
    // In the order of the file: maps forget it, and messages about repeated flags show it.
    configuration.settings.sort_by_key(|setting| setting.at);
    Ok(configuration)
}
