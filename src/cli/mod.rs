//! Top: the command line. Wires collecting, judging and reporting; decides exit codes.
//!
//! It deliberately holds no judgement of its own: what is exposed is the rules' business.

mod args;
mod aside;
mod assemble;
mod catalogue;
mod collect;
mod configured;
mod diff;
mod doctor;
mod exit;
mod explain;
#[cfg(feature = "aws")]
mod live;
mod log;
mod options;
mod output;
mod permissions;
mod plan;
pub mod policy;
#[cfg(any(feature = "aws", test))]
mod progress;
mod reach;
mod saved;
mod scan;
mod source;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::report::clean;
use args::{Cli, Command, SchemaOf};
use configured::{Parsed, Refused};
use exit::{Exit, fault};

use crate::triage::Exceptions;

pub use args::Cli as CommandLine;

/// Runs the program with the arguments of the process.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    fault::tell();
    let args: Vec<OsString> = args.into_iter().collect();
    fault::guard(|| main_of(args))
}

fn main_of(args: Vec<OsString>) -> ExitCode {
    output::respect_force_color();
    let Parsed { cli, exceptions, file } = match configured::parse(args) {
        Ok(parsed) => parsed,
        Err(Refused::Usage(error)) => {
            // Help and version are answers (0), all else is usage (2); clap knows which.
            let code = if error.use_stderr() { Exit::Unable } else { Exit::Fine };
            let _ = error.print();
            return ExitCode::from(code.code());
        }
        Err(Refused::Setting(error)) => return fail(&error),
    };
    log::start(&cli.common);
    if let Some(file) = file {
        tracing::info!("configuration: {}", file.display());
    }
    match run(cli, &exceptions) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => fail(&error),
    }
}

/// The command line. Its help names the variables and not their values: an endpoint or a role in
/// somebody's environment is not for a screenshot.
fn command_line() -> clap::Command {
    fn quiet(command: clap::Command) -> clap::Command {
        let command = command.mut_args(|arg| arg.hide_env_values(true));
        let names: Vec<_> =
            command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, quiet))
    }
    quiet(Cli::command())
}

fn fail(error: &anyhow::Error) -> ExitCode {
    let mut stderr = anstream::stderr();
    let text = lines(&format!("{error:#}"));
    let _ = writeln!(stderr, "outcrop: {text}");
    ExitCode::from(Exit::Unable.code())
}

fn run(cli: Cli, exceptions: &Exceptions) -> anyhow::Result<Exit> {
    let Cli { command, common } = cli;
    match command {
        Command::Scan(args) => scan::scan(&args, &common, exceptions),
        Command::Collect(args) => collect::collect(&args, &common),
        Command::Reach(args) => reach::reach(&args, &common),
        Command::Policy(args) => policy::policy(&args, &exceptions.trusted),
        Command::Rules(args) => print(&catalogue::rules(args.format)),
        Command::Diff(args) => diff::run(&args, &common),
        Command::Baseline(args) => saved::baseline(&args, &common, exceptions),
        Command::Convert(args) => saved::convert(&args, &common),
        Command::Merge(args) => saved::merge(&args, &common),
        Command::Explain(args) => explain::run(&args, &common),
        Command::Doctor(args) => doctor::doctor(&args, &common),
        Command::Permissions(args) => print(&permissions::print(&args)?),
        Command::Schema { what } => {
            let schema = match what {
                SchemaOf::Run => crate::report::schema(),
                SchemaOf::Diff => crate::report::drift::schema(),
                SchemaOf::Doctor => crate::report::doctor::schema(),
                SchemaOf::Config => crate::config::schema(&Cli::command()),
            };
            print(&format!("{schema:#}\n"))
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command_line(), "outcrop", &mut text);
            print(&String::from_utf8_lossy(&text))
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(command_line()).render(&mut text)?;
            print(&String::from_utf8_lossy(&text))
        }
    }
}

/// Text with hostile parts made visible, its own line breaks kept.
fn lines(text: &str) -> String {
    let safe = |line: &str| clean::terminal_line(&clean::visible(line));
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

fn print(text: &str) -> anyhow::Result<Exit> {
    let mut stdout = output::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Exit::Fine)
}
