//! Variables with the real binary: every one that the command line knows, whatever it holds.

use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use clap::{ArgAction, CommandFactory};

use crate::triage::{Place, saved};

const YES: [&str; 4] = ["1", "true", "yes", "on"];
const NO: [&str; 5] = ["0", "false", "no", "off", ""];
const NONSENSE: [&str; 3] = ["maybe", "99999999999999999999", "\u{1b}[31m,=--quiet"];

/// A variable as the command line has it.
struct Variable {
    name: String,
    is_switch: bool,
}

/// What each command needs to run, with nothing but files.
fn needs(command: &str) -> &'static [&'static str] {
    match command {
        "scan" | "reach" => &["--from", "dump.json"],
        "collect" => &["-o", "snapshot.json"],
        "policy" => &["policy.json"],
        "diff" => &["run.json", "run.json"],
        "convert" | "merge" => &["run.json"],
        "baseline" => &["run.json", "--reason", "known"],
        "explain" => &["s3-bucket-public"],
        "completions" => &["bash"],
        _ => &[],
    }
}

fn place() -> Place {
    let place = Place::new();
    place.json("run.json", &saved());
    place.file("dump.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    place.file("policy.json", r#"{"Statement": []}"#);
    place
}

fn run(place: &Place, args: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_outcrop"))
        .args(args)
        .env_clear()
        .env("HOME", place.path("."))
        // Nobody is asked, also where the program could.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .current_dir(place.path("."))
        .output()
        .expect("it runs")
}

#[test]
fn no_variable_makes_any_command_panic_and_a_switch_takes_every_word() {
    let mut line = outcrop::cli::CommandLine::command();
    line.build();
    let mut jobs = Vec::new();
    let mut all = BTreeSet::new();
    for command in line.get_subcommands().filter(|command| command.get_name() != "help") {
        for arg in command.get_arguments() {
            let Some(name) = arg.get_env() else { continue };
            let name = name.to_str().expect("UTF-8").to_owned();
            let is_switch = matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count);
            all.insert(name.clone());
            for value in YES.into_iter().chain(NO).chain(NONSENSE) {
                let variable = Variable { name: name.clone(), is_switch };
                jobs.push((command.get_name().to_owned(), variable, value));
            }
        }
    }
    assert!(all.len() >= 30 && jobs.len() > 1000, "{all:?}");
    let jobs = Mutex::new(jobs.into_iter());
    let work = || {
        let place = place();
        loop {
            let job = jobs.lock().expect("no other failed").next();
            let Some((command, variable, value)) = job else { break };
            let args = [&[command.as_str()], needs(&command)].concat();
            let ran = run(&place, &args, &[(&variable.name, value)]);
            let about = format!("{}={value:?} {args:?}", variable.name);
            let stderr = String::from_utf8_lossy(&ran.stderr);
            assert!(matches!(ran.status.code(), Some(0..=3)), "{about}: {}\n{stderr}", ran.status);
            assert!(
                !stderr.contains("panicked") && !stderr.contains('\u{1b}'),
                "{about}: {stderr}"
            );
            let refused = stderr.contains(&variable.name);
            let nonsense = NONSENSE.contains(&value);
            if variable.is_switch {
                assert_eq!(refused, nonsense, "{about}: {stderr}");
                assert!(!nonsense || ran.status.code() == Some(2), "{about}: {stderr}");
            }
            // An empty one is as one that is not set.
            let plain = || run(&place, &args, &[]);
            assert!(!value.is_empty() || ran.status == plain().status, "{about}: {stderr}");
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
}

#[test]
fn a_switch_says_yes_or_no_and_beats_the_file_as_a_flag_beats_it() {
    let place = place();
    let demo = |more: &[&str], environment: &[(&str, &str)]| {
        place.outcrop_with(&[&["scan", "--demo"], more].concat(), environment)
    };
    for yes in YES.into_iter().chain(["TRUE", " Yes "]) {
        demo(&[], &[("OUTCROP_EXIT_ZERO", yes)]).exits(0);
    }
    for no in NO.into_iter().chain(["FALSE", "Off"]) {
        demo(&[], &[("OUTCROP_EXIT_ZERO", no)]).exits(1);
    }
    let latent = |environment: &[(&str, &str)]| demo(&[], environment).stdout.contains("  latent ");
    assert!(!latent(&[]) && latent(&[("OUTCROP_LATENT", "on")]));
    place.file("outcrop.toml", "latent = true\n");
    assert!(latent(&[]) && latent(&[("OUTCROP_LATENT", "")]));
    assert!(!latent(&[("OUTCROP_LATENT", "no")]), "the environment beats the file");
    assert!(!latent(&[("OUTCROP_NO_CONFIG", "1")]));
    assert!(latent(&[("OUTCROP_NO_CONFIG", "0")]));
    // How often: a number, or once.
    for (value, calls) in [("1", true), ("true", true), ("2", true), ("0", false), ("no", false)] {
        let ran = demo(&["--no-config"], &[("OUTCROP_VERBOSE", value)]).exits(1);
        assert_eq!(ran.stderr.contains("API calls"), calls, "{value}: {}", ran.stderr);
    }
    let says =
        "OUTCROP_VERBOSE: `lots` is neither yes nor no; expected a number from 0 to 9, or 1,";
    assert_eq!(demo(&[], &[("OUTCROP_VERBOSE", "lots")]).exits(2).says(says).stdout, "");
    // What is typed beats it, also what speaks against it.
    demo(&["-v"], &[("OUTCROP_QUIET", "1")]).exits(1).says("API calls");
    demo(&["-v"], &[("OUTCROP_QUIET", "0")]).exits(1).says("API calls");
    let both = [("OUTCROP_QUIET", "1"), ("OUTCROP_VERBOSE", "1")];
    demo(&[], &both).exits(2).says("OUTCROP_VERBOSE and OUTCROP_QUIET contradict each other");
}

#[test]
fn what_is_wrong_names_the_variable_and_what_cannot_apply_is_left_alone() {
    let place = place();
    let with = |args: &[&str], name: &str, value: &str| place.outcrop_with(args, &[(name, value)]);
    let demo = ["scan", "--demo"];
    let says = "OUTCROP_FAIL_ON: `hihg` is no value of `fail-on`, did you mean `high`?";
    with(&demo, "OUTCROP_FAIL_ON", "hihg").exits(2).says(says);
    let says = "OUTCROP_RULE: unknown rule `s3-bucket-pubic`";
    with(&demo, "OUTCROP_RULE", "s3-bucket-pubic").exits(2).says(says);
    with(&demo, "OUTCROP_FORMAT", "").exits(1).says("CRITICAL (7)");
    // As whom an account is asked is nothing to a file, and the shell's profile need not know.
    for (name, value) in [
        ("OUTCROP_PROFILE", "audit"),
        ("OUTCROP_ROLE", "arn:aws:iam::111111111111:role/x"),
        ("OUTCROP_EXTERNAL_ID", "x"),
        ("OUTCROP_REGION", "us-gov-west-1"),
    ] {
        with(&demo, name, value).exits(1);
    }
    // Help is help, and names what there is.
    for args in [["scan", "--help"], ["help", "scan"]] {
        let ran = with(&args, "OUTCROP_QUIET", "maybe").exits(0).says("[env: OUTCROP_FAIL_ON]");
        assert!(!ran.stdout.contains("maybe"));
    }
    with(&["man"], "OUTCROP_QUIET", "yes").exits(0).says("outcrop");
}
