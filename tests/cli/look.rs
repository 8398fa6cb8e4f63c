//! How output looks where there is no terminal, and where a user says otherwise.

use crate::triage::Place;

const DEMO: [&str; 2] = ["scan", "--demo"];

fn escapes(args: &[&str], environment: &[(&str, &str)]) -> bool {
    let place = Place::new();
    let ran = place.outcrop_with(args, environment);
    assert!(matches!(ran.code, Some(0 | 1)), "{:?}: {}", ran.code, ran.stderr);
    ran.stdout.contains('\u{1b}')
}

#[test]
fn colours_follow_the_flag_then_the_environment_then_the_terminal() {
    assert!(!escapes(&DEMO, &[]), "a pipe takes no colours");
    let always = [&DEMO[..], &["--color", "always"]].concat();
    let never = [&DEMO[..], &["--color", "never"]].concat();
    assert!(escapes(&always, &[]));
    assert!(escapes(&always, &[("NO_COLOR", "1")]), "a flag beats the environment");
    assert!(!escapes(&never, &[("FORCE_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    for (environment, colours) in [
        ([("FORCE_COLOR", "1")].as_slice(), true),
        (&[("FORCE_COLOR", "3")], true),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("FORCE_COLOR", "")], false),
        (&[("FORCE_COLOR", "0")], false),
        (&[("NO_COLOR", "1")], false),
        (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], false),
        (&[("NO_COLOR", ""), ("FORCE_COLOR", "1")], true),
        (&[("OUTCROP_COLOR", "always"), ("NO_COLOR", "1")], true),
        (&[("GITHUB_ACTIONS", "true"), ("CI", "true")], false),
    ] {
        assert_eq!(escapes(&DEMO, environment), colours, "{environment:?}");
        // The help too, which is printed before any flag is known.
        let help = environment.iter().all(|(name, _)| *name != "OUTCROP_COLOR");
        assert_eq!(help && escapes(&["--help"], environment), help && colours, "{environment:?}");
    }
    for format in ["json", "csv", "html", "markdown", "github"] {
        let of = [&always[..], &["-f", format]].concat();
        assert!(!escapes(&of, &[("FORCE_COLOR", "1")]), "{format} has no colours");
    }
}

#[test]
fn without_a_terminal_there_is_nothing_but_ascii_in_80_columns_and_no_links() {
    let place = Place::new();
    // As a terminal that could do it all would say.
    let able = [("LANG", "C.UTF-8"), ("VTE_VERSION", "7000"), ("TERM", "xterm-256color")];
    for format in ["text", "table"] {
        let args = ["scan", "--demo", "--latent", "--category", "all", "-f", format];
        let text = place.outcrop_with(&args, &able).exits(1).stdout;
        assert!(text.is_ascii(), "{format}");
        // The table's last line is one; commands and URLs are copied whole.
        let body = match format {
            "table" => text.trim_end().rsplit_once('\n').expect("a summary line").0,
            _ => &text,
        };
        let copied = |line: &str| line.starts_with("$ ") || line.contains("://");
        for line in body.lines().filter(|line| !copied(line.trim_start())) {
            assert!(line.len() <= 80, "{format}: {line}");
        }
    }
    let always = ["scan", "--demo", "--hyperlinks", "always"];
    let linked = place.outcrop(&always).exits(1).stdout;
    assert!(linked.contains("\u{1b}]8;;https://console.aws.amazon.com/"), "{linked}");
    assert!(!linked.contains("\u{1b}["), "links are no colours");
}

#[test]
fn files_are_the_same_whatever_the_terminal_takes() {
    let place = Place::new();
    let to_file = ["scan", "--demo", "-o", "report.txt"];
    place.outcrop_with(&to_file, &[("FORCE_COLOR", "1"), ("LANG", "C.UTF-8")]).exits(1);
    let file = std::fs::read_to_string(place.path("report.txt")).expect("the file");
    assert_eq!(file, place.outcrop(&DEMO).exits(1).stdout);
}
