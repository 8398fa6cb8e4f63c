//! Saved runs: compared, converted, merged, one finding explained.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// A folder of its own, and the program run in it.
pub struct Place(tempfile::TempDir);

/// What a run of the program left.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("the folder");
        fs::write(&path, text).expect("the file");
        path
    }

    pub fn json(&self, name: &str, value: &Value) -> PathBuf {
        self.file(name, &value.to_string())
    }

    pub fn outcrop(&self, args: &[&str]) -> Ran {
        self.outcrop_with(args, &[])
    }

    pub fn outcrop_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_outcrop"))
            .args(args)
            .env_clear()
            .env("HOME", self.0.path())
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .output()
            .expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        let (out, err) = (&self.stdout, &self.stderr);
        assert_eq!(self.code, Some(code), "stdout:\n{out}\nstderr:\n{err}");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        let (out, err) = (&self.stdout, &self.stderr);
        assert!(out.contains(text) || err.contains(text), "no `{text}` in\n{out}\nor\n{err}");
        self
    }

    #[track_caller]
    pub fn silent_about(self, text: &str) -> Ran {
        let (out, err) = (&self.stdout, &self.stderr);
        assert!(!out.contains(text) && !err.contains(text), "`{text}` in\n{out}\nor\n{err}");
        self
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("JSON")
    }
}

/// The run among the fixtures.
pub fn saved() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports/run.json");
    serde_json::from_slice(&fs::read(path).expect("the fixture")).expect("JSON")
}

/// A complete run with the findings that `keep` lets through.
fn complete(keep: impl Fn(&Value) -> bool) -> Value {
    let mut run = saved();
    run["coverage"] = json!([]);
    run["scan"]["complete"] = json!(true);
    run["findings"].as_array_mut().expect("findings").retain(|finding| keep(finding));
    count(&mut run);
    run
}

fn count(run: &mut Value) {
    let findings = run["findings"].as_array().expect("findings").clone();
    let of = |status: &str| findings.iter().filter(|f| f["status"] == status).count();
    let exposed = |severity: &str| {
        findings.iter().filter(|f| f["status"] == "exposed" && f["severity"] == severity).count()
    };
    run["summary"] = json!({
        "exposed": {
            "critical": exposed("critical"), "high": exposed("high"),
            "medium": exposed("medium"), "low": exposed("low"),
        },
        "undetermined": of("undetermined"), "latent": of("latent"),
        "weakness": of("weakness"), "suppressed": 0,
    });
}

fn is(id: &'static str) -> impl Fn(&Value) -> bool {
    move |finding| finding["resource"]["id"] == id
}

fn not(id: &'static str) -> impl Fn(&Value) -> bool {
    move |finding| finding["resource"]["id"] != id
}

const ALL: fn(&Value) -> bool = |_| true;

#[test]
fn new_exposure_fails_by_the_same_gate_as_a_scan() {
    let place = Place::new();
    place.json("old.json", &complete(not("acme-invoices")));
    place.json("new.json", &complete(ALL));
    let diff = |more: &[&str]| place.outcrop(&[&["diff", "old.json", "new.json"], more].concat());
    diff(&[]).exits(1).says("New: 1 finding").says("acme-invoices").says("1 new, 0 changed");
    diff(&["--fail-on", "none"]).exits(0);
    diff(&["--fail-status", "latent"]).exits(0);
    diff(&["--exit-zero"]).exits(0);
    // The other way round it is fixed, and nobody fails for that.
    place.outcrop(&["diff", "new.json", "old.json"]).exits(0).says("Fixed: 1 finding");
    place.outcrop(&["diff", "new.json", "new.json"]).exits(0).says("Nothing changed");
}

#[test]
fn what_got_worse_counts_as_new_and_what_got_better_does_not() {
    let place = Place::new();
    let open = complete(is("acme-invoices"));
    let mut shut = open.clone();
    shut["findings"][0]["status"] = json!("latent");
    shut["findings"][0]["severity"] = json!("medium");
    count(&mut shut);
    place.json("open.json", &open);
    place.json("shut.json", &shut);
    let worse = place.outcrop(&["diff", "shut.json", "open.json"]).exits(1);
    worse.says("Changed: 1 finding").says("latent -> exposed").says("medium -> critical");
    place.outcrop(&["diff", "open.json", "shut.json"]).exits(0).says("exposed -> latent");
}

#[test]
fn what_cannot_be_read_now_is_not_fixed() {
    let place = Place::new();
    place.json("old.json", &complete(is("acme-invoices")));
    let mut new = complete(|_| false);
    new["scan"]["complete"] = json!(false);
    new["coverage"] = json!([{
        "service": "s3", "operation": "GetBucketPolicy", "account": "123456789012",
        "region": "us-east-1", "resource": "acme-invoices", "outcome": "denied",
        "code": "AccessDenied", "message": "Access Denied", "affects": ["s3-bucket-public"],
    }]);
    place.json("new.json", &new);
    let diff = |more: &[&str]| place.outcrop(&[&["diff", "old.json", "new.json"], more].concat());
    diff(&[]).exits(3).says("No longer visible").says("denied").silent_about("Fixed");
    diff(&["--incomplete", "warn"]).exits(0);
    let report = diff(&["-f", "json"]).exits(3).value();
    assert_eq!(report["summary"]["no_longer_visible"], 1);
    assert_eq!(report["no_longer_visible"][0]["coverage"][0]["operation"], "GetBucketPolicy");
    // A run that is complete and did not apply the rule says as little.
    let mut narrow = complete(|_| false);
    narrow["scan"]["rules"] = json!(["rds-instance-public"]);
    place.json("new.json", &narrow);
    diff(&[]).exits(3).says("the rule s3-bucket-public was not applied");
}

#[test]
fn every_format_of_a_difference_has_the_same_exit_code() {
    let place = Place::new();
    place.json("old.json", &complete(not("acme-invoices")));
    place.json("new.json", &complete(ALL));
    let formats = place.outcrop(&["diff", "--help"]).exits(0).stdout;
    let list = formats.split("possible values: ").nth(1).expect("the formats");
    let list = list.split(']').next().expect("its end").replace(char::is_whitespace, "");
    assert!(list.contains("sarif"), "{list}");
    for format in list.split(',') {
        let ran = place.outcrop(&["diff", "old.json", "new.json", "-f", format]).exits(1);
        assert!(ran.stdout.contains("acme-invoices"), "{format}: {}", ran.stdout);
        assert!(!ran.stdout.contains("mongo-primary"), "{format} shows what is not new");
    }
}

#[test]
fn the_difference_for_programs_keeps_to_its_schema() {
    let place = Place::new();
    let mut old = complete(not("acme-invoices"));
    old["findings"][0]["severity"] = json!("low");
    count(&mut old);
    place.json("old.json", &old);
    place.json("new.json", &complete(not("acme-archive")));
    let report = place.outcrop(&["diff", "old.json", "new.json", "-f", "json"]).exits(1).value();
    let schema = place.outcrop(&["schema", "diff"]).exits(0).value();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["changed"][0]["fields"], json!(["severity"]));
    assert_eq!(report["changed"][0]["before"]["severity"], "low");
    assert_eq!(report["fixed"].as_array().expect("fixed").len(), 1);
}

#[test]
fn a_file_that_is_no_run_is_named_with_place_and_remedy() {
    let place = Place::new();
    place.json("run.json", &saved());
    place.file("other.json", "{\"schema_version\": 1,\n  \"tool\": 3}");
    place.file("version.json", "{\"schema_version\": 9}");
    place.file("cut.json", &saved().to_string()[..400]);
    for (file, says) in [
        ("other.json", "other.json is not a run as `outcrop scan -f json` writes it"),
        ("other.json", "line 2 column"),
        ("version.json", "schema_version 9, and this outcrop reads 1; make the run again"),
        ("cut.json", "EOF while parsing"),
        ("nowhere.json", "cannot read nowhere.json; expected a run that `outcrop scan -f json`"),
    ] {
        let ran = place.outcrop(&["diff", "run.json", file]).exits(2).says(says);
        assert_eq!(ran.stdout, "", "no report where there is none");
        place.outcrop(&["convert", file]).exits(2).says(says);
        place.outcrop(&["merge", "run.json", file]).exits(2).says(says);
        place.outcrop(&["explain", "546f3e", "--run", file]).exits(2).says(says);
    }
}

#[test]
fn a_converted_run_is_the_report_that_the_scan_would_have_written() {
    let place = Place::new();
    let scan = |more: &[&str]| {
        let demo = ["scan", "--demo", "--category", "guardrail", "--exit-zero"];
        place.outcrop(&[&demo, more].concat())
    };
    scan(&["-f", "json", "-o", "run.json"]).exits(0);
    scan(&["-f", "jsonl", "-o", "run.jsonl"]).exits(0);
    for format in ["text", "table", "json", "sarif", "markdown", "csv"] {
        let scanned = scan(&["-f", format]).exits(0);
        for run in ["run.json", "run.jsonl"] {
            let converted = place.outcrop(&["convert", run, "-f", format]).exits(0);
            assert_eq!(converted.stdout, scanned.stdout, "{format} of {run}");
        }
    }
    place.outcrop(&["convert", "run.json", "-f", "csv", "-o", "run.csv"]).exits(0);
    assert!(fs::read_to_string(place.path("run.csv")).expect("the file").starts_with("severity,"));
}

#[test]
fn merged_runs_are_one_run() {
    let place = Place::new();
    place.json("a.json", &complete(is("acme-invoices")));
    let mut other = complete(not("acme-invoices"));
    other["scan"]["accounts"] = json!(["333333333333"]);
    place.json("b.json", &other);
    let merged = place.outcrop(&["merge", "a.json", "b.json", "a.json"]).exits(0).value();
    // The saved runs are of a time without `uid`: at AWS it is the ARN.
    let mut all = complete(ALL);
    for finding in all["findings"].as_array_mut().expect("findings") {
        finding["resource"]["uid"] = finding["resource"]["arn"].clone();
    }
    assert_eq!(merged["findings"], all["findings"]);
    assert_eq!(merged["scan"]["accounts"].as_array().expect("accounts").len(), 3);
    assert_eq!(merged["scan"]["api_calls"], 126);
    place.outcrop(&["merge", "a.json", "b.json", "-o", "all.json"]).exits(0);
    place.outcrop(&["diff", "all.json", "all.json"]).exits(0);
    other["scan"]["rules"] = json!(["s3-bucket-public"]);
    place.json("b.json", &other);
    place.outcrop(&["merge", "a.json", "b.json"]).exits(0).says("not every run applied rds-");
}

#[test]
fn a_finding_is_explained_by_the_start_of_its_fingerprint() {
    let place = Place::new();
    place.json("run.json", &saved());
    let explain = |what: &str| place.outcrop(&["explain", what, "--run", "run.json"]);
    let page = explain("546F3ED0").exits(0).says("acme-invoices").says("aws s3api");
    page.says("546f3ed056347b163608a476b7c5317b").says("cis-aws-v5").silent_about("mongo-primary");
    explain("abcdef").exits(2).says("run.json holds no finding abcdef");
    explain("546f3").exits(2).says("at least 6 hexadecimal digits");
    explain("s3-account-block-public-access-off").exits(2).says("without --run shows its page");
    place.outcrop(&["explain", "546f3ed0"]).exits(2).says("add --run RUN.json");
    let mut twice = saved();
    twice["findings"][1]["fingerprint"] = json!("546f3ed0ffffffffffffffffffffffff");
    place.json("run.json", &twice);
    explain("546f3ed").exits(2).says("the start of several fingerprints").says("acme-archive");
    let mut older = saved();
    older["findings"][0]["rule"] = json!("eni-port-public");
    let fingerprint = older["findings"][0]["fingerprint"].as_str().expect("text").to_owned();
    place.json("run.json", &older);
    let page = explain(&fingerprint).exits(0).says("was made by another version: ");
    page.says("`eni-port-public` is now called `ec2-interface-port-public`");
}

/// A run in which every free text of a finding, of a call without an answer and of an ignore is
/// hostile: one of each for every hostile name.
pub fn hostile() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports/hostile-names.json");
    let names: Vec<String> =
        serde_json::from_slice(&fs::read(path).expect("the names")).expect("JSON");
    let mut run = saved();
    let latent = run["findings"].as_array().expect("findings").iter();
    let mut finding = latent.clone().find(|f| f["status"] == "latent").expect("one").clone();
    finding["undecided"] = json!([{ "operation": "s3:GetX", "text": "text" }]);
    finding["baseline"] = json!("new");
    let gap = run["coverage"][0].clone();
    let filled = |value: &Value, name: &str| {
        let mut value = value.clone();
        fill(&mut value, name);
        value
    };
    let numbered = |(n, name): (usize, &String)| {
        let mut finding = filled(&finding, name);
        finding["fingerprint"] = json!(format!("{n:032x}"));
        finding["benchmarks"] = json!({ name: [name] });
        finding
    };
    run["findings"] = names.iter().enumerate().map(numbered).collect();
    run["coverage"] = names.iter().map(|name| filled(&gap, name)).collect();
    let left_out = json!({ "fingerprint": "", "rule": "", "resource": "", "reason": "" });
    run["suppressed"] = names.iter().map(|name| filled(&left_out, name)).collect();
    for list in ["accounts", "regions", "rules"] {
        run["scan"][list] = json!(names);
    }
    count(&mut run);
    run
}

/// Puts `name` in the place of every text that is not one of a few words.
fn fill(value: &mut Value, name: &str) {
    match value {
        Value::String(text) => *text = name.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, name)),
        Value::Object(items) => {
            let words = [
                "access", "baseline", "category", "outcome", "protocol", "severity", "source",
                "status",
            ];
            let free = items.iter_mut().filter(|(key, _)| !words.contains(&key.as_str()));
            free.for_each(|(_, item)| fill(item, name));
        }
        _ => {}
    }
}

#[test]
fn a_runner_finds_no_command_in_any_report_and_changes_none() {
    let place = Place::new();
    place.json("old.json", &complete(|_| false));
    place.json("run.json", &hostile());
    let runner = [
        ("GITHUB_ACTIONS", "true"),
        ("CI", "true"),
        ("GITHUB_STEP_SUMMARY", "/dev/null"),
        ("TF_BUILD", "True"),
    ];
    let formats = ["text", "table", "json", "jsonl", "sarif", "github", "markdown", "junit"];
    for format in formats.iter().chain(&["gitlab", "csv", "html", "asff", "ocsf"]) {
        for args in [
            ["convert", "run.json", "-f", format].as_slice(),
            &["diff", "old.json", "run.json", "--exit-zero", "-f", format],
        ] {
            let (plain, run) = (place.outcrop(args), place.outcrop_with(args, &runner));
            let (plain, run) = (plain.exits(0), run.exits(0));
            assert_eq!(plain.stdout, run.stdout, "{format} is another in a runner");
            assert_eq!(plain.stderr, run.stderr, "{format} says something else in a runner");
            let own = |line: &&str| *format == "github" && line.contains(" title=");
            for line in run.stdout.lines().chain(run.stderr.lines()).filter(|line| !own(line)) {
                let start = line.trim_start();
                let command = start.strip_prefix("::").and_then(|rest| rest.chars().next());
                assert!(!command.is_some_and(char::is_alphabetic), "{format}: {line}");
                let lower = line.to_lowercase();
                assert!(!lower.contains("##[") && !lower.contains("##vso["), "{format}: {line}");
                assert!(!line.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{format}: {line}");
            }
        }
    }
    // What is said on the side comes from the same account.
    for args in [
        ["explain", "00000000", "--run", "run.json"].as_slice(),
        &["merge", "run.json", "old.json"],
        &["explain", "000000", "--run", "run.json"],
    ] {
        let ran = place.outcrop_with(args, &runner);
        for line in ran.stdout.lines().chain(ran.stderr.lines()) {
            assert!(!line.trim_start().starts_with("::error"), "{args:?}: {line}");
            assert!(!line.to_lowercase().contains("##vso["), "{args:?}: {line}");
            assert!(!line.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{args:?}: {line}");
        }
    }
}

#[test]
fn hostile_names_stay_names_in_a_difference() {
    let place = Place::new();
    place.json("old.json", &complete(|_| false));
    let mut new = complete(is("acme-invoices"));
    let name = "a|b\n::error::x\u{1b}[31m\u{202e}<img src=x>![i](http://e) @all =1+1 `c`";
    for field in ["id", "name", "arn", "account", "region"] {
        new["findings"][0]["resource"][field] = json!(name);
    }
    new["findings"][0]["title"] = json!(name);
    place.json("new.json", &new);
    for format in ["text", "markdown", "json", "github", "csv"] {
        let text = place.outcrop(&["diff", "old.json", "new.json", "-f", format]).exits(1).stdout;
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text}");
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::error::x"));
        assert_eq!(commands.count(), 0, "{format}: {text}");
        if format == "markdown" {
            let columns = |line: &str| line.replace("\\|", "").matches('|').count();
            for row in text.lines().filter(|line| line.starts_with('|')) {
                assert_eq!(columns(row), 8, "{row}");
                // The other cells are code, where nothing is markup.
                let prose = row.rsplit(" | ").next().expect("a cell");
                assert!(!prose.contains("<img") && !prose.contains("![i]"), "{row}");
            }
        }
    }
}
