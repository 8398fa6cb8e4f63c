//! Where bytes go with the real binary: what is a file is replaced whole, what is none is written
//! to, and what cannot be written is refused before anything is asked.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::triage::{Place, Ran, saved};

const SCAN: [&str; 4] = ["scan", "--demo", "-f", "jsonl"];

fn scan(place: &Place, more: &[&str]) -> Ran {
    place.outcrop(&[&SCAN[..], more].concat())
}

/// What the scan writes.
fn report(place: &Place) -> String {
    scan(place, &[]).exits(1).stdout
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("the file")
}

/// A line for a shell that knows descriptors and process substitution.
fn shell(place: &Place, line: &str) -> Ran {
    let output = Command::new("bash")
        .args(["-c", line])
        .env("OUTCROP", env!("CARGO_BIN_EXE_outcrop"))
        .current_dir(place.path("."))
        .output()
        .expect("bash runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_device_is_written_to_and_stays_one() {
    let place = Place::new();
    symlink("/dev/null", place.path("null")).expect("a link");
    for path in ["null", "/dev/null"] {
        let before = fs::symlink_metadata(place.path(path)).expect("it is there").file_type();
        assert_eq!(scan(&place, &["-o", path]).exits(1).stdout, "", "{path}");
        let after = fs::symlink_metadata(place.path(path)).expect("it is there").file_type();
        assert_eq!(after, before, "{path}");
    }
    assert!(fs::metadata("/dev/null").expect("it is there").file_type().is_char_device());
    if Path::new("/dev/full").exists() {
        let says = "cannot write -o /dev/full: No space left on device";
        assert_eq!(scan(&place, &["-o", "/dev/full"]).exits(2).says(says).stdout, "");
    }
}

#[test]
fn links_stay_and_the_file_behind_them_is_replaced() {
    let place = Place::new();
    let report = report(&place);
    let behind = place.file("kept/report.json", "from before");
    symlink("kept/report.json", place.path("near")).expect("a link");
    symlink("near", place.path("far")).expect("a link to a link");
    symlink("kept/new.json", place.path("dangling")).expect("a link to nothing yet");
    let mut old = fs::File::open(&behind).expect("the old file");
    for (path, file) in [("far", "kept/report.json"), ("dangling", "kept/new.json")] {
        scan(&place, &["-o", path]).exits(1);
        assert!(fs::symlink_metadata(place.path(path)).expect("the link").is_symlink(), "{path}");
        assert_eq!(text(&place.path(file)), report, "{path}");
        let mode = fs::metadata(place.path(file)).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
    let mut kept = String::new();
    old.read_to_string(&mut kept).expect("the old text");
    assert_eq!(kept, "from before", "whoever reads the old file keeps it");
    assert_eq!(fs::read_dir(place.path("kept")).expect("the folder").count(), 2, "nothing else");
    symlink("round", place.path("round")).expect("a link to itself");
    scan(&place, &["-o", "round"]).exits(2).says("is a link that cannot be followed");
}

#[test]
fn a_pipe_is_written_to_and_stays_one() {
    let place = Place::new();
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || text(&pipe)
    });
    scan(&place, &["--report", "jsonl=pipe", "-o", "report.jsonl"]).exits(1);
    assert_eq!(reader.join().expect("it reads"), text(&place.path("report.jsonl")));
    assert!(fs::symlink_metadata(&pipe).expect("it is there").file_type().is_fifo());
    let read_by = "$OUTCROP scan --demo -q -f jsonl -o >(cat > got; mv got whole); code=$?; \
        while [ ! -e whole ]; do sleep 0.05; done; exit $code";
    let ran = shell(&place, read_by).exits(1);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(text(&place.path("whole")), report(&place));
}

#[test]
fn a_descriptor_of_the_shell_gets_the_report_after_what_it_has() {
    let place = Place::new();
    let report = report(&place);
    for path in ["/dev/fd/3", "/proc/self/fd/3"] {
        let line = format!("{{ echo before >&3; $OUTCROP {} -o {path}; }} 3> out", SCAN.join(" "));
        assert_eq!(shell(&place, &line).exits(1).stdout, "", "{path}");
        assert_eq!(text(&place.path("out")), format!("before\n{report}"), "{path}");
    }
    let line = format!("echo before > out; $OUTCROP {} -o /dev/stdout >> out", SCAN.join(" "));
    shell(&place, &line).exits(1);
    assert_eq!(text(&place.path("out")), format!("before\n{report}"));
    // What is said beside the report comes after it, and not over it.
    let line = format!("$OUTCROP {} -o /dev/stderr 2> out", SCAN.join(" "));
    shell(&place, &line).exits(1);
    let whole = text(&place.path("out"));
    assert!(whole.strip_prefix(&report).is_some_and(|rest| rest.contains("exposed")), "{whole}");
    scan(&place, &["-o", "/dev/fd/77"]).exits(2).says("cannot write /dev/fd/77");
}

#[test]
fn a_hyphen_is_stdout_wherever_a_file_is_named() {
    let place = Place::new();
    let report = report(&place);
    assert_eq!(scan(&place, &["-o", "-"]).exits(1).stdout, report);
    assert_eq!(scan(&place, &["-o", "x.jsonl", "--report", "jsonl=-"]).exits(1).stdout, report);
    // One after the other, the report itself first.
    let several = ["--report", "jsonl=-", "--report", "csv=-"];
    let csv = place.outcrop(&["scan", "--demo", "-f", "csv"]).exits(1).stdout;
    assert_eq!(scan(&place, &several).exits(1).stdout, format!("{report}{report}{csv}"));
    place.json("run.json", &saved());
    for command in [
        ["merge", "run.json", "-o", "-"].as_slice(),
        &["convert", "run.json", "-f", "json", "-o", "-"],
        &["diff", "run.json", "run.json", "-f", "json", "--exit-zero", "-o", "-"],
    ] {
        place.outcrop(command).exits(0).value();
    }
    assert!(!place.path("-").exists());
    place.outcrop_with(&SCAN, &[("OUTCROP_OUTPUT", "-")]).exits(1);
    assert!(!place.path("-").exists());
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    let place = Place::new();
    place.file("folder/a.json", "from before");
    symlink("folder", place.path("link")).expect("a link");
    symlink("a.json", place.path("folder/b.json")).expect("a link");
    // Were the input looked at first, that would be told: there is none.
    let refused = |args: &[&str], says: &[&str]| {
        let ran = place.outcrop(&[&["scan", "--from", "none.json"], args].concat()).exits(2);
        let ran = says.iter().fold(ran, |ran, says| ran.says(says));
        assert_eq!(ran.silent_about("none.json").stdout, "", "{args:?}");
    };
    for folder in ["folder", "folder/", "link", ".", "..", "/"] {
        refused(&["-o", folder], &["it is a folder; name a file in it: -o "]);
        let report = format!("json={folder}");
        refused(&["--report", &report], &["it is a folder", "--report json="]);
    }
    let says = "the folder no such does not exist; create it first: mkdir -p 'no such'";
    refused(&["-o", "no such/a.json"], &[says]);
    refused(&["-o", "folder/a.json/b"], &["cannot write folder/a.json/b"]);
    if Path::new("/proc/self").exists() {
        let says = ["no file can be made in the folder /proc", "for instance -o /tmp/a.json"];
        refused(&["-o", "/proc/a.json"], &says);
    }
    fs::set_permissions(place.path("folder"), fs::Permissions::from_mode(0o555)).expect("a mode");
    if fs::write(place.path("folder/probe"), "").is_err() {
        refused(&["-o", "folder/a.json"], &["no file can be made in the folder"]);
    }
    fs::set_permissions(place.path("folder"), fs::Permissions::from_mode(0o755)).expect("a mode");
    // The same place, however it is spelt.
    for other in ["folder/a.json", "./folder/../folder/a.json", "link/a.json", "link/b.json"] {
        let report = format!("csv={other}");
        let says = ["-o folder/a.json and --report csv=", "both write to"];
        refused(&["-o", "folder/a.json", "--report", &report], &says);
    }
    refused(&["--report", "json=x", "--report", "csv=x"], &["--report json=x and --report csv=x"]);
    assert_eq!(text(&place.path("folder/a.json")), "from before");
    // All other commands that write one.
    place.json("run.json", &saved());
    for command in [
        ["collect"].as_slice(),
        &["merge", "run.json"],
        &["convert", "run.json"],
        &["diff", "run.json", "run.json"],
        &["baseline", "run.json", "--reason", "known"],
    ] {
        let ran = place.outcrop(&[command, &["-o", "folder"]].concat()).exits(2);
        ran.says("it is a folder; name a file in it: -o folder/");
    }
}

#[test]
fn files_get_no_colours_and_no_links_and_a_pipe_gets_them_when_it_is_told_to() {
    let place = Place::new();
    let always = ["scan", "--demo", "--color", "always", "--hyperlinks", "always"];
    assert!(place.outcrop(&always).exits(1).stdout.contains("\u{1b}["));
    place.outcrop(&[&always[..], &["-o", "report.txt"]].concat()).exits(1);
    let file = text(&place.path("report.txt"));
    assert!(!file.contains('\u{1b}'), "{file}");
    assert_eq!(file, place.outcrop(&["scan", "--demo"]).exits(1).stdout);
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let place = Place::new();
    place.json("run.json", &saved());
    place.file("unread.json", r#"{"account": "111111111111", "region": "us-east-1"}"#);
    let public = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"}}"#;
    place.file("public.json", public);
    for (code, args) in [
        (1, ["scan", "--demo"].as_slice()),
        (1, &["scan", "--demo", "-f", "json"]),
        (1, &["scan", "--demo", "-o", "/dev/stdout"]),
        (0, &["scan", "--demo", "--exit-zero"]),
        (3, &["scan", "--from", "unread.json", "-q"]),
        (3, &["reach", "--from", "unread.json"]),
        (1, &["policy", "public.json"]),
        (0, &["convert", "run.json", "-f", "html"]),
        (0, &["explain", "s3-bucket-public"]),
        (0, &["rules"]),
        (0, &["schema"]),
        (0, &["permissions"]),
        (0, &["completions", "bash"]),
        (0, &["man"]),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcrop"))
            .args(args)
            .current_dir(place.path("."))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // Like `head` that has seen enough, before the first byte.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        for word in ["pipe", "panicked", "a fault in"] {
            assert!(!stderr.to_lowercase().contains(word), "{args:?}: {stderr}");
        }
    }
}
