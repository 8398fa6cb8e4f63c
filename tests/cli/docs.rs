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

/// What the demo shows: its first screen, the best of what to do first, one finding in detail and how
/// it ends.
fn excerpt() -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_outcrop")).args(["scan", "--demo"]).output();
    let shown = String::from_utf8(run.expect("it runs").stdout).expect("UTF-8");
    let (screen, rest) = shown.split_once("\n\n  2 ").expect("several actions");
    let (_, details) = rest.split_once("\n\nCRITICAL  ").expect("details");
    let (finding, rest) = details.split_once("\n\n").expect("several findings");
    let verdict = rest.lines().position(|line| line.contains(" exposed (")).expect("a verdict");
    let end: Vec<_> = rest.lines().skip(verdict).collect();
    let end = end.join("\n");
    format!("$ outcrop scan --demo\n{screen}\n...\n\nCRITICAL  {finding}\n...\n\n{end}\n")
}

#[test]
fn the_readme_holds_the_rules_and_the_policy_that_the_code_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let kept = fs::read_to_string(&path).expect("the README");
    let policy = format!("\n```json\n{}```\n\n", outcrop(&["permissions"]));
    let text = placed(&kept, "rules", &format!("\n{}\n", rule_table()));
    let text = placed(&text, "permissions", &policy);
    let text = placed(&text, "demo", &format!("\n```text\n{}```\n\n", excerpt()));
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
    for command in [
        "",
        "scan",
        "collect",
        "diff",
        "baseline",
        "convert",
        "merge",
        "reach",
        "policy",
        "rules",
        "explain",
        "permissions",
    ] {
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

/// What a key takes, in a word or two.
fn takes(schema: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(known) = schema["enum"].as_array() {
        return known.iter().map(text).collect::<Vec<_>>().join(", ");
    }
    match schema["type"].as_str() {
        Some("boolean") => "true, false".to_owned(),
        Some(kind @ ("integer" | "number")) => kind.to_owned(),
        Some(_) => "text".to_owned(),
        None => format!("one or a list: {}", takes(&schema["items"])),
    }
}

#[test]
fn the_configuration_reference_is_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(&outcrop(&["schema", "config"])).expect("JSON");
    let mut page = String::from(
        "<!-- generated from the command line itself -->\n\n# outcrop.toml\n\n\
         The file that `--config` names, else `outcrop.toml` in the working directory or above it \
         up to the\nroot of the repository, else `$XDG_CONFIG_HOME/outcrop/outcrop.toml`. A flag \
         beats an environment\nvariable, which beats the file. Paths are those beside the file. \
         Keys marked with * are refused in a\nfile that was merely found in the working directory \
         or above: name it with `--config`.\n\n| key | takes | is |\n|---|---|---|\n",
    );
    let found = tempfile::tempdir().expect("a folder");
    for (key, of) in schema["properties"].as_object().expect("keys") {
        if ["ignore", "severity", "trusted"].contains(&key.as_str()) {
            continue;
        }
        // The program itself says which keys a found file may not set.
        fs::write(found.path().join("outcrop.toml"), format!("{key} = {{}}\n")).expect("written");
        let ran = Command::new(env!("CARGO_BIN_EXE_outcrop"))
            .args(["scan", "--demo"])
            .current_dir(found.path())
            .output()
            .expect("it runs");
        let refused = String::from_utf8_lossy(&ran.stderr).contains("may not be set by a file");
        let mark = if refused { " *" } else { "" };
        let about = of["description"].as_str().expect("a description").replace('|', "\\|");
        page.push_str(&format!("| `{key}`{mark} | {} | {about} |\n", takes(of)));
    }
    for (table, text) in [
        (
            "[[ignore]]",
            "Findings to leave out. They are counted, and kept in `suppressed` of the \
         JSON report with their reason. An ignore that expired or matches nothing is warned of.",
        ),
        ("[severity]", "How bad a rule's exposures are: rule = \"low\". The report says so."),
        ("[trusted]", "Who may get in without being reported."),
    ] {
        let key = table.trim_matches(['[', ']']);
        page.push_str(&format!("\n## {table}\n\n{text}\n"));
        let of = &schema["properties"][key];
        let of = if of["items"].is_object() { &of["items"] } else { of };
        if key == "severity" {
            continue;
        }
        page.push_str("\n| key | is |\n|---|---|\n");
        for (key, of) in of["properties"].as_object().expect("keys") {
            let about = of["description"].as_str().expect("a description");
            page.push_str(&format!("| `{key}` | {about} |\n"));
        }
    }
    page.push_str(&format!("\n## Example\n\n```toml\n{EXAMPLE}```\n"));
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/docs/config.md"), &page);
    fs::write(found.path().join("outcrop.toml"), EXAMPLE).expect("written");
    let ran = Command::new(env!("CARGO_BIN_EXE_outcrop"))
        .args(["scan", "--demo", "--fail-on", "none"])
        .current_dir(found.path())
        .output()
        .expect("it runs");
    assert!(ran.status.success(), "the example: {}", String::from_utf8_lossy(&ran.stderr));
}

const EXAMPLE: &str = r#"fail-on = "high"
category = ["exposure", "sharing"]
exclude-region = ["ap-*"]

[[ignore]]
rule = "s3-bucket-public"
resource = "arn:aws:s3:::www-*"
reason = "websites, public on purpose (TICKET-123)"
expires = "2027-06-30"

[severity]
s3-account-block-public-access-off = "high"

[trusted]
accounts = ["210987654321"]
organizations = ["o-a1b2c3d4e5"]
issuers = ["keycloak.example.com/realms/main"]
ip-ranges = ["198.51.100.0/24", "2001:db8::/32"]
"#;
