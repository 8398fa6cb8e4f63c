//! The house: which module may use which, read from the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up; a module uses floors below its own. `providers` stands aside: it
/// uses facts, and of what they mean what decides which question comes next. `cli` is on top of
/// everything.
const FLOORS: [&str; 6] = ["model", "inventory", "analysis", "rules", "triage", "report"];

fn allowed(of: &str) -> Vec<&'static str> {
    match of {
        "providers" => vec!["model", "inventory", "analysis", "providers"],
        // A rule is data to reports: they see findings, what these are made of and how two runs
        // differ.
        "report" => vec!["model", "inventory", "analysis", "triage", "report"],
        // The file's keys are the command line's flags: both stand on top.
        "config" => FLOORS.into_iter().chain(["config", "cli"]).collect(),
        "cli" => FLOORS.into_iter().chain(["providers", "config", "cli"]).collect(),
        floor => {
            let own = FLOORS.iter().position(|name| *name == floor);
            FLOORS[..=own.unwrap_or_else(|| panic!("src/{floor} has no floor"))].to_vec()
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("sources can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Source files by the module they belong to, without comments.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for file in files {
        let inner = file.strip_prefix(&src).expect("below src").to_owned();
        let first = inner.components().next().expect("a name").as_os_str().to_string_lossy();
        if inner.components().count() == 1 && ["lib.rs", "main.rs"].contains(&&*first) {
            continue;
        }
        let text = fs::read_to_string(&file).expect("sources are text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        modules.entry(first.trim_end_matches(".rs").to_owned()).or_default().push((inner, code));
    }
    modules
}

/// Files and folders of tests are named so.
fn is_of_tests(file: &Path) -> bool {
    file.iter().any(|part| {
        let name = part.to_string_lossy();
        name.starts_with("tests") || name.ends_with("_tests.rs")
    })
}

/// The part of a file that ships: unit tests stand at its end.
fn shipped(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

#[test]
fn modules_use_only_floors_below_their_own() {
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        let allowed = allowed(&module);
        for (file, code) in files {
            for used in code.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !allowed.contains(&used.as_str()) {
                    wrong.push(format!("src/{} uses crate::{used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sdk_and_async_stay_at_the_edge() {
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        for (file, code) in files {
            for word in ["aws_config", "aws_sdk_", "aws_smithy", "aws_types", "tokio::", "async fn"]
            {
                let edge = module == "providers" || (module == "cli" && !word.starts_with("aws_"));
                if code.contains(word) && !edge {
                    wrong.push(format!("src/{} has {word}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn analysis_and_rules_do_no_input_or_output() {
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        if !["model", "inventory", "analysis", "rules", "triage"].contains(&module.as_str()) {
            continue;
        }
        for (file, code) in files {
            // Tests may read their cases.
            if is_of_tests(&file) {
                continue;
            }
            let code = shipped(&code);
            let words = ["std::fs", "net::Tcp", "net::Udp", "std::process", "std::env", "println!"];
            for word in words {
                if code.contains(word) {
                    wrong.push(format!("src/{} has {word}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_resources_are_taken_apart_in_one_place() {
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        if !["model", "triage", "report", "config"].contains(&module.as_str()) {
            continue;
        }
        for (file, code) in files {
            let own = ["model/arn.rs", "model/provider.rs"].iter().any(|own| file.ends_with(own));
            let code = shipped(&code);
            for word in [".split(':')", "splitn(", "starts_with(\"arn"] {
                if !own && code.contains(word) {
                    wrong.push(format!("src/{} has {word}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_call_is_named_by_its_value_and_not_by_a_text() {
    let calls = outcrop::inventory::aws::calls::CALLS;
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        for (file, code) in files {
            // The table itself is where the texts stand.
            if is_of_tests(&file) || file.ends_with("inventory/aws/calls.rs") {
                continue;
            }
            let code = shipped(&code);
            for call in calls {
                // Elsewhere an operation's name alone may be a key of the snapshot's form.
                let alone =
                    module == "providers" && code.contains(&format!("{:?}", call.operation));
                if alone || code.contains(&format!("{:?}", call.name())) {
                    wrong.push(format!("src/{} spells out {call}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_folder_is_a_heap() {
    const MOST: usize = 20;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut wrong = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("sources can be listed");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let (inner, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
        if files.len() > MOST {
            wrong.push(format!("{} holds {} files side by side", folder.display(), files.len()));
        }
        folders.extend(inner);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_is_as_fixed() {
    let top = ["Cargo.toml", "Cargo.lock", "src", "tests", "fixtures", "README.md", "LICENSE"];
    for entry in fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the package's folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let known = top.contains(&name.as_str()) || name.starts_with('.') || name == "target";
        assert!(known, "{name} does not belong at the top level");
    }
}
