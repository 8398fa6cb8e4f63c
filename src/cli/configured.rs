//! The command line with what the configuration file adds to it.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{ArgMatches, FromArgMatches};

use super::args::Cli;
use super::command_line;
use crate::config::{self, Configuration, Found, Origin, Surroundings};
use crate::triage::Policy;

/// Why there is nothing to run.
pub enum Refused {
    /// What clap says: wrong usage, or that help was asked for.
    Usage(clap::Error),
    /// What is wrong with the configuration file.
    Configuration(anyhow::Error),
}

/// Parses the arguments of the process; the file's settings stand in where nothing was given.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<(Cli, Policy), Refused> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    let mut policy = Policy::default();
    // A first look that minds nothing: a flag may be missing only because the file has it.
    let first = command_line().ignore_errors(true).try_get_matches_from(&args);
    if let Ok(given) = first
        && let Some((name, given)) = given.subcommand()
    {
        let mut command = command_line();
        command.build();
        let wants = command.find_subcommand(name).filter(|sub| config::is_configured(name, sub));
        if let Some(sub) = wants {
            let configuration = read(given, &command).map_err(Refused::Configuration)?;
            let more = config::arguments(&configuration.settings, name, sub, given);
            // What comes after two hyphens is no flag.
            let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
            args.splice(end..end, more);
            policy = configuration.policy;
        }
    }
    let mut matches = command_line().try_get_matches_from(&args).map_err(Refused::Usage)?;
    let cli = Cli::from_arg_matches_mut(&mut matches).map_err(Refused::Usage)?;
    Ok((cli, policy))
}

fn read(given: &ArgMatches, command: &clap::Command) -> anyhow::Result<Configuration> {
    let found = match given.get_one::<PathBuf>("config") {
        _ if given.get_flag("no_config") => None,
        Some(path) => Some(Found { path: path.clone(), origin: Origin::Chosen }),
        None => config::find(&surroundings()),
    };
    let Some(Found { path, origin }) = found else { return Ok(Configuration::default()) };
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    // Beside the work it is known by its name; elsewhere by the whole path.
    let shown =
        std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path);
    Ok(config::parse(&text, shown, origin, command)?)
}

fn surroundings() -> Surroundings {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    Surroundings {
        working: std::env::current_dir().unwrap_or_default(),
        xdg_config_home: folder("XDG_CONFIG_HOME"),
        home: folder("HOME"),
    }
}
