//! Every case under `fixtures/policy-vectors` and `fixtures/network-vectors`, one test for each:
//! `policy/NAME` and `network/NAME`.
//! `cargo test --no-default-features --test vectors NAME` runs those whose name contains `NAME`.

#![allow(clippy::unwrap_used)]

mod network;
mod policy;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = policy::trials();
    trials.extend(network::trials());
    trials.sort_by(|one, other| one.name().cmp(other.name()));
    let mut names = BTreeSet::new();
    for trial in &trials {
        assert!(names.insert(trial.name()), "two vectors are called {}", trial.name());
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The files of a folder of vectors with what each holds.
fn files(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let read = entries.map(|entry| {
        let path = entry.unwrap().path();
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path, value)
    });
    read.collect()
}

/// The trials of one engine, which must not have become fewer.
fn counted(trials: Vec<Trial>, least: usize) -> Vec<Trial> {
    assert!(trials.len() >= least, "{} vectors, of {least}", trials.len());
    trials
}
