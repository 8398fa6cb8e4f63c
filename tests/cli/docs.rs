//! What is generated from the code and kept in the repository: the parts of the README. With
//! `OUTCROP_BLESS=1` they are written, otherwise a difference fails.

use std::fs;
use std::path::Path;
use std::process::Command;

fn outcrop(args: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_outcrop")).args(args).output().expect("it runs");
    assert!(run.status.success(), "outcrop {args:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// Puts `text` between the markers of `name`.
fn placed(document: &str, name: &str, text: &str) -> String {
    let open = document.find(&format!("<!-- {name}:")).expect("the opening marker");
    let start = open + document[open..].find("-->").expect("the marker's end") + "-->".len();
    let end = document.find(&format!("<!-- /{name} -->")).expect("the closing marker");
    format!("{}\n{}\n{}", &document[..start], text.trim_end(), &document[end..])
}

fn check(path: &Path, text: &str) {
    if std::env::var_os("OUTCROP_BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is not what the code says; run OUTCROP_BLESS=1 cargo test --no-default-features docs",
        path.display()
    );
}

fn rule_table() -> String {
    let rules: serde_json::Value =
        serde_json::from_str(&outcrop(&["rules", "-f", "json"])).expect("JSON");
    let mut table = "| rule | at most | category | finds |\n|---|---|---|---|\n".to_owned();
    for rule in rules.as_array().expect("a list") {
        let text = |key: &str| rule[key].as_str().expect("text").to_owned();
        table.push_str(&format!(
            "| [`{id}`](.github/docs/rules.md#{id}) | {} | {} | {} |\n",
            text("severity"),
            text("category"),
            text("title"),
            id = text("id"),
        ));
    }
    table
}

#[test]
fn the_readme_holds_the_rules_and_the_policy_that_the_code_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let kept = fs::read_to_string(&path).expect("the README");
    let policy = format!("\n```json\n{}```\n\n", outcrop(&["permissions"]));
    let text = placed(&kept, "rules", &format!("\n{}\n", rule_table()));
    let text = placed(&text, "permissions", &policy);
    check(&path, &text);
}

#[test]
fn the_rule_pages_are_those_of_the_rules() {
    let rules: serde_json::Value =
        serde_json::from_str(&outcrop(&["rules", "-f", "json"])).expect("JSON");
    let mut pages = String::from("<!-- generated from the rules themselves -->\n");
    for rule in rules.as_array().expect("a list") {
        pages.push_str(&format!("\n{}", outcrop(&["explain", rule["id"].as_str().expect("id")])));
    }
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/docs/rules.md"), &pages);
}

#[test]
fn the_command_line_reference_is_the_help() {
    let mut reference = String::from("<!-- generated from the command line itself -->\n");
    for command in ["", "scan", "collect", "reach", "policy", "rules", "explain", "permissions"] {
        let args: Vec<_> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let help = outcrop(&args);
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        let name = format!("outcrop {command}");
        reference.push_str(&format!(
            "\n## {}\n\n```text\n{}\n```\n",
            name.trim(),
            lines.join("\n")
        ));
    }
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/docs/cli.md"), &reference);
}
