//! Tests of the file: what it may say, and how it is told what is wrong in it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use proptest::prelude::*;

use super::*;
use crate::model::Severity;

/// A command line with a flag of each kind, as that of the program has them.
#[derive(Debug, clap::Parser)]
struct Cli {
    #[arg(long, global = true, conflicts_with = "loud", env = "OUTCROP_TEST_QUIET")]
    quiet: bool,
    #[arg(long = "verbose", global = true, action = clap::ArgAction::Count)]
    loud: u8,
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Scan(Scan),
    Rules {
        #[arg(long)]
        format: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Scan {
    #[arg(long, default_value = "medium", value_parser = ["critical", "high", "medium"])]
    fail_on: String,
    #[arg(long = "region", value_delimiter = ',')]
    regions: Vec<String>,
    #[arg(long = "rule", value_delimiter = ',')]
    rules: Vec<String>,
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    #[arg(long)]
    latent: bool,
    #[arg(long)]
    profile: Option<String>,
    #[arg(long, requires = "profile")]
    external_id: Option<String>,
    #[arg(long)]
    baseline: Option<std::path::PathBuf>,
    #[arg(long)]
    format: Option<String>,
    #[arg(long)]
    demo: bool,
}

fn read(text: &str) -> Result<Configuration, ConfigError> {
    parse(text, Path::new("outcrop.toml"), Origin::Chosen, &Cli::command())
}

#[track_caller]
fn wrong(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

#[test]
fn what_is_wrong_is_told_with_line_column_and_what_was_meant() {
    for (text, says) in [
        ("fail_on = \"high\"", "outcrop.toml:1:1: unknown key `fail_on`, did you mean `fail-on`?"),
        ("\nlatnet = true", "outcrop.toml:2:1: unknown key `latnet`, did you mean `latent`?"),
        ("demo = true", "outcrop.toml:1:1: unknown key `demo`"),
        ("a = ", "outcrop.toml:1:5: "),
        ("é = 1\nfail-on = 'x", "outcrop.toml:"),
        ("latent = true\nlatent = true", "outcrop.toml:2:1: duplicate key"),
        (
            "fail-on = \"hihg\"",
            "outcrop.toml:1:11: `hihg` is no value of `fail-on`, did you mean `high`?",
        ),
        ("latent = \"yes\"", "outcrop.toml:1:10: `latent` is true or false, not a text"),
        ("profile = [\"a\"]", "outcrop.toml:1:11: `profile` is a text or a number, not a list"),
        ("region = [\"a\", true]", "outcrop.toml:1:10: `region` is a list of texts, not a list"),
        ("verbose = true", "1:11: `verbose` is a whole number, not true or false"),
        ("concurrency = 0", "1:15: `0` is no value of `concurrency`: 0 is not in 1..=1024"),
        ("concurrency = \"x\"", "`x` is no value of `concurrency`: invalid digit"),
        ("rule = [\n \"nope-rule\",\n]", "outcrop.toml:2:2: unknown rule `nope-rule`"),
        ("[ignore]\nreason = \"x\"", "1:1: ignores are a list of tables: [[ignore]]"),
        ("[[ignore]]\nrule = \"s3-*\"", "1:1: an ignore needs a `reason`"),
        ("[[ignore]]\nrule = \"s3-*\"\nreason = \" \"", "1:1: an ignore needs a `reason`"),
        ("[[ignore]]\nreason = \"x\"", "1:1: an ignore needs at least one of `rule`"),
        (
            "[[ignore]]\nresorce = \"x\"",
            "2:1: unknown key of ignore `resorce`, did you mean `resource`?",
        ),
        ("[[ignore]]\nresource = \"b\"\nreason = \"x\"", "2:12: `b` is no ARN"),
        ("[[ignore]]\naccount = \"12\"\nreason = \"x\"", "2:11: `12` is no account id"),
        ("[[ignore]]\nrule = \"s4-*\"\nreason = \"x\"", "2:8: unknown rule `s4-*`"),
        (
            "[[ignore]]\nrule = \"s3-*\"\nreason = \"x\"\nexpires = \"soon\"",
            "4:11: `soon` is no date",
        ),
        ("[severity]\ns3-bucket-pubic = \"low\"", "2:1: unknown rule `s3-bucket-pubic`"),
        (
            "[severity]\ns3-bucket-block-public-access-off = \"hgih\"",
            "2:37: unknown severity `hgih`, did you mean `high`?",
        ),
        ("severity = 3", "1:12: severity is a table: [severity]"),
        ("[trusted]\naccounts = [\"1\"]", "2:13: `1` is no account id"),
        ("[trusted]\norganizations = [\"o-1\"]", "2:18: `o-1` is no organization id"),
        (
            "[trusted]\nissuers = [\"https://id.example.com\"]",
            "2:12: `https://id.example.com` is no issuer",
        ),
        ("[trusted]\nissuers = [\"*\"]", "2:12: `*` is no issuer"),
        ("[trusted]\nissuers = [\"*.com\"]", "2:12: `*.com` is no issuer"),
        ("[trusted]\nip-ranges = [\"10.0.0.0/7\"]", "2:14: `10.0.0.0/7` is too wide"),
        ("[trusted]\nip-ranges = [\"2001::/31\"]", "2:14: `2001::/31` is too wide"),
        ("[trusted]\nip-ranges = [\"office\"]", "2:14: `office` is no address range"),
        (
            "[trusted]\nip-range = []",
            "2:1: unknown key of trusted `ip-range`, did you mean `ip-ranges`?",
        ),
    ] {
        let error = wrong(text);
        assert!(error.contains(says), "{text}\n  gives {error}\n  not {says}");
    }
}

#[test]
fn a_whole_file_is_read() {
    let configuration = read(
        "fail-on = 'high'\nregion = ['eu-*', \"us-east-1\"]\nrule = 's3-*'\nconcurrency = 8\n\
         latent = true\nverbose = 2\nbaseline = 'last.json'\n\
         [[ignore]]\nrule = 's3-*'\nresource = 'arn:aws:s3:::web-*'\naccount = '111111111111'\n\
         region = 'us-*'\nreason = 'websites'\nexpires = 2027-01-31\n\
         [[ignore]]\nresource = '*:function:hook'\nreason = 'x'\nexpires = '2027-01-31'\n\
         [severity]\ns3-bucket-block-public-access-off = 'high'\n\
         [trusted]\naccounts = ['222222222222']\norganizations = ['o-abcdefghij']\n\
         ip-ranges = ['198.51.100.7', '10.0.0.0/8', '2001:db8::/32']\n",
    )
    .expect("a valid file");
    let values: Vec<_> =
        configuration.settings.iter().map(|s| (s.name.as_str(), s.values.join("|"))).collect();
    assert_eq!(
        values,
        [
            ("fail-on", "high".to_owned()),
            ("region", "eu-*|us-east-1".to_owned()),
            ("rule", "s3-*".to_owned()),
            ("concurrency", "8".to_owned()),
            ("latent", String::new()),
            ("verbose", String::new()),
            ("baseline", "last.json".to_owned()),
        ]
    );
    let exceptions = configuration.exceptions;
    assert_eq!(exceptions.ignores[0].place, "outcrop.toml:8");
    assert!(exceptions.ignores[0].rules.contains(&"s3-bucket-block-public-access-off"));
    assert_eq!(exceptions.ignores[0].expires, exceptions.ignores[1].expires);
    assert!(exceptions.ignores[1].rules.is_empty());
    assert_eq!(exceptions.severities["s3-bucket-block-public-access-off"], Severity::High);
    assert_eq!(exceptions.trusted.ranges.len(), 3);
    assert_eq!(exceptions.trusted.ranges[0].to_string(), "198.51.100.7/32");
}

/// The arguments that a file adds to a command line.
fn added(text: &str, given: &[&str]) -> Vec<String> {
    let configuration = read(text).expect("a valid file");
    let mut command = Cli::command();
    command.build();
    let matches = command.clone().ignore_errors(true).try_get_matches_from(given).expect("parsed");
    let (name, given) = matches.subcommand().expect("a command");
    let sub = command.find_subcommand(name).expect("known");
    let arguments = arguments(&configuration.settings, name, sub, given, &Default::default());
    arguments.into_iter().map(|argument: OsString| argument.into_string().expect("UTF-8")).collect()
}

#[test]
fn flags_beat_the_file_and_what_speaks_against_them_is_left_out() {
    let scan = ["p", "scan"];
    assert_eq!(added("fail-on = 'high'\nlatent = true", &scan), ["--fail-on=high", "--latent"]);
    assert!(added("latent = false", &scan).is_empty());
    assert_eq!(added("verbose = 2", &scan), ["--verbose", "--verbose"]);
    assert!(added("fail-on = 'high'", &["p", "scan", "--fail-on", "medium"]).is_empty());
    assert!(added("region = ['a']", &["p", "scan", "--region=b"]).is_empty(), "not joined");
    assert!(added("quiet = true", &["p", "scan", "--verbose"]).is_empty());
    assert!(added("quiet = true", &["p", "--verbose", "scan"]).is_empty());
    assert!(added("verbose = 1", &["p", "--quiet", "scan"]).is_empty());
    // What a flag asks for may come from the file.
    let external = ["p", "scan", "--external-id", "x"];
    assert_eq!(added("profile = 'audit'", &external), ["--profile=audit"]);
}

#[test]
fn other_commands_keep_their_own_formats() {
    assert!(added("format = 'json'", &["p", "rules"]).is_empty());
    let mut command = Cli::command();
    command.build();
    let configured = |name| is_configured(name, command.find_subcommand(name).expect("known"));
    assert!(configured("scan") && !configured("rules"));
}

#[test]
fn a_file_that_was_found_decides_nothing_about_where_calls_and_files_go() {
    let found = |text| parse(text, Path::new("outcrop.toml"), Origin::Found, &Cli::command());
    for harmless in ["fail-on = 'high'", "region = 'a'", "baseline = 'b'", "verbose = 1"] {
        assert!(found(harmless).is_ok(), "{harmless}");
    }
    for text in ["profile = 'x'", "external-id = 'x'"] {
        let error = found(text).expect_err(text).to_string();
        assert!(error.contains("pass the file with --config, or use --"), "{error}");
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn put(path: &Path) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("the folder");
    fs::write(path, "").expect("the file");
}

#[test]
fn the_file_beside_the_work_comes_before_the_users_own_and_nothing_above_the_repository() {
    let place = folder();
    let root = place.path();
    let around = |working: &str| SearchPath {
        working: root.join(working),
        xdg_config_home: Some(root.join("xdg")),
        home: Some(root.join("home")),
    };
    let at = |found: Option<ConfigFile>| {
        found.map(|found| {
            let path = found.path.strip_prefix(root).expect("below").to_owned();
            (path.to_string_lossy().into_owned(), found.origin)
        })
    };
    fs::create_dir_all(root.join("repo/.git")).expect("a repository");
    fs::create_dir_all(root.join("repo/a/b")).expect("a folder in it");
    fs::create_dir_all(root.join("loose/a")).expect("a folder outside");
    assert_eq!(at(find(&around("repo/a/b"))), None);
    put(&root.join("home/.config/outcrop/outcrop.toml"));
    assert_eq!(at(find(&around("repo/a/b"))), None, "XDG_CONFIG_HOME is set");
    let home = SearchPath { xdg_config_home: Some("relative".into()), ..around("repo/a/b") };
    let of_home = "home/.config/outcrop/outcrop.toml".to_owned();
    assert_eq!(at(find(&home)), Some((of_home, Origin::Chosen)));
    put(&root.join("xdg/outcrop/outcrop.toml"));
    let own = Some(("xdg/outcrop/outcrop.toml".to_owned(), Origin::Chosen));
    put(&root.join("outcrop.toml"));
    assert_eq!(at(find(&around("repo/a/b"))), own, "not above the repository");
    put(&root.join("loose/outcrop.toml"));
    assert_eq!(at(find(&around("loose/a"))), own, "not above without a repository");
    assert_eq!(at(find(&around("loose"))), Some(("loose/outcrop.toml".to_owned(), Origin::Found)));
    put(&root.join("repo/outcrop.toml"));
    assert_eq!(
        at(find(&around("repo/a/b"))),
        Some(("repo/outcrop.toml".to_owned(), Origin::Found))
    );
    put(&root.join("repo/a/outcrop.toml"));
    assert_eq!(
        at(find(&around("repo/a/b"))),
        Some(("repo/a/outcrop.toml".to_owned(), Origin::Found))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|\n){0,60}") {
        let _ = read(&text);
    }

    #[test]
    fn no_value_makes_the_reader_panic(
        key in prop::sample::select(vec!["fail-on", "region", "ignore", "severity", "trusted"]),
        value in "('[a-z*/:.0-9-]{0,12}'|[0-9.e-]{1,8}|true|\\[('[a-z]{0,3}',){0,3}\\]|\\{\\})",
    ) {
        let _ = read(&format!("{key} = {value}"));
    }
}
