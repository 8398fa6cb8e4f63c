//! The command line with what the environment and the configuration file add to it.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, FromArgMatches};

use super::args::Cli;
use super::command_line;
use crate::config::{self, ConfigFile, Configuration, Origin, SearchPath};
use crate::triage::Exceptions;

/// What to run, and how.
pub struct Parsed {
    /// The command line.
    pub cli: Cli,
    /// What the file says of findings.
    pub exceptions: Exceptions,
    /// The file that was read.
    pub file: Option<PathBuf>,
}

/// Why there is nothing to run.
pub enum Refused {
    /// What clap says: wrong usage, or that help was asked for.
    Usage(clap::Error),
    /// What is wrong with a variable of the environment, or with the configuration file.
    Setting(anyhow::Error),
}

/// Parses the arguments of the process. What the environment says stands in where nothing was
/// typed, and the file's settings where neither says anything.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Refused> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    let (mut exceptions, mut file) = (Exceptions::default(), None);
    let mut command = command_line();
    command.build();
    if let Some((name, given)) = look(&args)
        && let Some(named) = command.find_subcommand(&name)
    {
        let deaf = deaf(named.clone());
        let variable = |name: &std::ffi::OsStr| std::env::var_os(name);
        let environment = config::environment(named, &deaf, &given, &variable)
            .map_err(|error| Refused::Setting(error.into()))?;
        add(&mut args, environment.arguments);
        if config::is_configured(&name, named)
            && let Some((_, given)) = look(&args)
        {
            let (configuration, path) = read(&given, &command).map_err(Refused::Setting)?;
            file = path;
            let settings = &configuration.settings;
            let decided = &environment.decided;
            add(&mut args, config::arguments(settings, &name, named, &given, decided));
            exceptions = configuration.exceptions;
        }
    }
    let mut matches =
        deaf(command_line()).try_get_matches_from(&args).map_err(|error| usage(error, &args))?;
    let cli = Cli::from_arg_matches_mut(&mut matches).map_err(Refused::Usage)?;
    Ok(Parsed { cli, exceptions, file })
}

/// A look that minds nothing: a flag may be missing only because the environment or the file has
/// it.
fn look(args: &[OsString]) -> Option<(String, ArgMatches)> {
    let mut given = deaf(command_line()).ignore_errors(true).try_get_matches_from(args).ok()?;
    given.remove_subcommand()
}

/// Adds flags; what comes after two hyphens is none.
fn add(args: &mut Vec<OsString>, flags: Vec<OsString>) {
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    args.splice(end..end, flags);
}

/// The command line without what clap itself would make of the environment: it takes fewer words
/// for yes and no than people write, does not say which variable it means, and counts a switch
/// that is off as given.
fn deaf(command: Command) -> Command {
    let command = command.mut_args(|arg| arg.env(None::<&'static str>));
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, deaf))
}

/// What is wrong with the usage. Help names the variables, which only the whole command line knows.
fn usage(error: clap::Error, args: &[OsString]) -> Refused {
    match error.kind() {
        ErrorKind::DisplayHelp => {
            Refused::Usage(command_line().try_get_matches_from(args).err().unwrap_or(error))
        }
        _ => Refused::Usage(error),
    }
}

fn read(given: &ArgMatches, command: &Command) -> anyhow::Result<(Configuration, Option<PathBuf>)> {
    let as_flag = |id| given.value_source(id) == Some(ValueSource::CommandLine);
    let named = given.get_one::<PathBuf>("config");
    // Given before and after the command they are no conflict to clap.
    if as_flag("no_config") && as_flag("config") {
        anyhow::bail!("--config names a file and --no-config says to read none; give one of them");
    }
    let found = match named {
        _ if as_flag("no_config") => None,
        Some(path) => Some(ConfigFile { path: path.clone(), origin: Origin::Chosen }),
        None => config::find(&search_path()),
    };
    let Some(ConfigFile { path, origin }) = found else { return Ok(Default::default()) };
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    // Beside the work it is known by its name; elsewhere by the whole path.
    let shown =
        std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path);
    let configuration = config::parse(&text, shown, origin, command)?;
    Ok((configuration, Some(path)))
}

fn search_path() -> SearchPath {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    SearchPath {
        working: std::env::current_dir().unwrap_or_default(),
        xdg_config_home: folder("XDG_CONFIG_HOME"),
        home: folder("HOME"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_flag_of_scan_is_either_harmless_or_known_not_to_be() {
        let mut harmless = Vec::new();
        let mut other = Vec::new();
        for key in config::keys(&command_line()) {
            match config::HARMLESS.contains(&key.name.as_str()) {
                true => harmless.push(key.name),
                false => other.push(key.name),
            }
        }
        harmless.sort();
        assert_eq!(harmless, config::HARMLESS, "a name that is no flag any more");
        other.sort();
        // Decide for a new flag: may a file that somebody else put there set it?
        let elsewhere = ["endpoint-url", "external-id", "output", "profile", "report", "role"];
        assert_eq!(other, elsewhere);
    }

    #[test]
    fn paths_are_those_beside_the_file() {
        let file = Path::new("/etc/outcrop/outcrop.toml");
        let text = "baseline = 'last.json'\noutput = '/tmp/run.txt'\n\
            report = ['json=run.json', 'csv=-']";
        let command = command_line();
        let read = config::parse(text, file, Origin::Chosen, &command).expect("a valid file");
        let values: Vec<_> = read.settings.iter().flat_map(|s| &s.values).collect();
        assert_eq!(
            values,
            ["/etc/outcrop/last.json", "/tmp/run.txt", "json=/etc/outcrop/run.json", "csv=-"]
        );
    }

    #[test]
    fn the_schema_takes_what_the_reader_takes() {
        let command = command_line();
        let schema = config::schema(&command);
        jsonschema::draft202012::meta::validate(&schema).expect("a schema");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for (text, valid) in [
            ("", true),
            ("fail-on = 'high'\nlatent = true\nmax-rps = 2.5\nconcurrency = 8\nverbose = 1", true),
            ("region = 'a,b'", true),
            ("region = ['a', 'b']\ncategory = ['sharing']\nreport = ['json=a.json']", true),
            ("[[ignore]]\nrule = 's3-*'\nreason = 'x'\nexpires = '2027-01-01'", true),
            ("[severity]\ns3-bucket-block-public-access-off = 'low'", true),
            ("[trusted]\nip-ranges = ['10.0.0.0/8']", true),
            ("fail-on = 'hihg'", false),
            ("fail_on = 'high'", false),
            ("latent = 'yes'", false),
            ("concurrency = 0", false),
            ("category = ['all', 'nope']", false),
            ("[[ignore]]\nrule = 's3-*'", false),
            ("[[ignore]]\nreason = 'x'", false),
            ("[severity]\nnope = 'low'", false),
            ("[trusted]\nip = []", false),
        ] {
            let value: Value = toml::from_str(text).expect("TOML");
            assert_eq!(validator.is_valid(&value), valid, "schema: {text}");
            let read = config::parse(text, Path::new("outcrop.toml"), Origin::Chosen, &command);
            assert_eq!(read.is_ok(), valid, "reader: {text}: {read:?}");
        }
    }
}
