//! What holds for every rule: its page, its fixtures, its place in the registry.

use std::fs;
use std::path::{Path, PathBuf};

use outcrop::model::{Category, Status};
use outcrop::rules::{HEADINGS, RULES};

use super::cases;

#[test]
fn every_rule_has_the_fixtures_that_can_be() {
    for rule in RULES {
        let names = cases::names(rule);
        let open = [
            ("exposed", Status::Exposed),
            ("latent", Status::Latent),
            ("lock_unread", Status::Undetermined),
        ];
        let mut needed = vec!["closed", "door_unread"];
        match rule.category {
            Category::Guardrail | Category::Hygiene => needed.push("weakness"),
            Category::Exposure | Category::Sharing => {
                let can_be = open.iter().filter(|(_, status)| !rule.never.contains(status));
                needed.extend(can_be.map(|(name, _)| name));
            }
        }
        for name in needed {
            // What no control decides may be undetermined by its conditions.
            let same =
                |n: &String| n == name || name == "lock_unread" && n.starts_with("undetermined");
            assert!(names.iter().any(same), "{} has no fixture {name}.json", rule.id);
        }
        for name in names {
            let mut found = cases::judged(rule, &name).findings.into_iter();
            let impossible = found.find(|finding| rule.never.contains(&finding.status));
            assert_eq!(impossible, None, "{}/{name} is what `never` says cannot be", rule.id);
        }
    }
    for folder in fs::read_dir(cases::folder()).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(RULES.iter().any(|rule| rule.id == name), "fixtures/rules/{name} is of no rule");
    }
}

#[test]
fn every_base_is_of_some_case() {
    // One is asked about apart, since it is about two resources.
    let apart = include_str!("findings.rs");
    let named = |text: String, name: &str| text.contains(&format!("\"base\": \"{name}\""));
    let mut files = Vec::new();
    files_below(&cases::folder(), "json", &mut files);
    files_below(&cases::bases(), "json", &mut files);
    for base in fs::read_dir(cases::bases()).unwrap() {
        let base = base.unwrap().path();
        let name = base.file_stem().unwrap().to_str().unwrap();
        let used = files.iter().any(|file| named(fs::read_to_string(file).unwrap(), name));
        let used = used || apart.contains(&format!("{name}.json"));
        assert!(used, "no fixture names the base {name}");
    }
}

fn files_below(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, ending, files);
        } else if path.extension().is_some_and(|end| end == ending) {
            files.push(path);
        }
    }
}

#[test]
fn the_registry_is_sorted_and_every_page_is_whole() {
    assert!(RULES.windows(2).all(|pair| pair[0].id < pair[1].id), "sorted, no id twice");
    for rule in RULES {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(kebab), "{} is not kebab-case", rule.id);
        assert!(!rule.title.ends_with('.') && rule.title.len() <= 72, "{}", rule.title);
        let mut rest = rule.docs;
        for heading in HEADINGS {
            let start = rest.find(heading).unwrap_or_else(|| panic!("{}: {heading}", rule.id));
            rest = &rest[start + heading.len()..];
            let text = rest.split("\n## ").next().unwrap().trim();
            assert!(text.len() > 20, "{}: nothing under {heading}", rule.id);
        }
        assert!(!rule.reads.is_empty(), "{} reads nothing", rule.id);
        // `rules/aws/sqs/queue_public.rs` is of `sqs-queue-public`.
        let (family, rest) = rule.id.split_once('-').unwrap();
        let file = format!("src/rules/aws/{family}/{}.rs", rest.replace('-', "_"));
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists(), "{file} is missing");
    }
}
