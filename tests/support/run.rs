//! Runs the real binary in an environment that holds nothing of the developer's own.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// No run of a test may take longer; a scanner that hangs is a failure with a message.
const PATIENCE: Duration = Duration::from_secs(120);

/// Keys of an AWS account, as a test gives them to the binary.
#[derive(Debug, Clone)]
pub struct Keys {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

impl Keys {
    /// Keys that the emulator takes for its default account.
    pub fn dummy() -> Keys {
        Keys { id: "AKIAIOSFODNN7EXAMPLE".into(), secret: "not-a-secret".into(), token: None }
    }
}

/// A call of the binary that is being put together.
pub struct Outcrop {
    command: Command,
    home: TempDir,
}

/// A call of the binary with nothing but its arguments: no credentials, no endpoint, an empty home.
pub fn outcrop<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Outcrop {
    let home = TempDir::new().expect("a temporary home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_outcrop"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Outcrop { command, home }
}

impl Outcrop {
    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Outcrop {
        self.command.env(name, value);
        self
    }

    /// Adds arguments.
    pub fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Outcrop {
        self.command.args(arguments);
        self
    }

    /// Gives it keys.
    pub fn keys(self, keys: &Keys) -> Outcrop {
        let with =
            self.env("AWS_ACCESS_KEY_ID", &keys.id).env("AWS_SECRET_ACCESS_KEY", &keys.secret);
        match &keys.token {
            Some(token) => with.env("AWS_SESSION_TOKEN", token),
            None => with,
        }
    }

    /// Sends every call to `url`.
    pub fn endpoint(self, url: &str) -> Outcrop {
        self.env("AWS_ENDPOINT_URL", url)
    }

    /// Writes a file below its home and answers the path.
    pub fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a path below home")).expect("a folder");
        std::fs::write(&path, text).expect("a file below home");
        path
    }

    /// A configuration file (`~/.aws/config`) in place of the empty one.
    pub fn aws_config(self, text: &str) -> Outcrop {
        let path = self.file(".aws/config", text);
        self.env("AWS_CONFIG_FILE", path)
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let mut child = self.command.spawn().expect("the binary starts");
        let stdout = drain(child.stdout.take().expect("stdout is a pipe"));
        let stderr = drain(child.stderr.take().expect("stderr is a pipe"));
        Running { child, stdout, stderr, started: Instant::now(), home: self.home }
    }

    /// Runs it to its end.
    pub fn run(self) -> Ran {
        self.start().finish()
    }
}

/// A binary at work.
pub struct Running {
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    started: Instant,
    home: TempDir,
}

impl Running {
    /// Sends it a signal by name, as a terminal or an orchestrator does.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status().expect("kill runs");
        assert!(kill.success(), "SIG{name} is sent");
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the binary can be waited for") {
                break status;
            }
            if self.started.elapsed() > PATIENCE {
                self.child.kill().expect("a hanging binary can be killed");
                self.child.wait().expect("and waited for");
                let stderr = self.stderr.join().expect("stderr is read");
                panic!("no end after {PATIENCE:?}; stderr:\n{stderr}");
            }
            thread::sleep(Duration::from_millis(5));
        };
        Ran {
            status,
            took: self.started.elapsed(),
            stdout: self.stdout.join().expect("stdout is read"),
            stderr: self.stderr.join().expect("stderr is read"),
            home: self.home,
        }
    }
}

fn drain(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("output can be read");
        String::from_utf8(bytes).expect("output is UTF-8")
    })
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    home: TempDir,
}

impl Ran {
    /// The same, after checking the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.status.code(), Some(code), "exit code ({})\n{self}", self.status);
        self
    }

    /// The report on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(report) => report,
            Err(error) => panic!("stdout is not JSON: {error}\n{self}"),
        }
    }

    /// A file that it wrote below its home.
    pub fn wrote(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let head: String = self.stdout.chars().take(4000).collect();
        write!(f, "--- stdout\n{head}\n--- stderr\n{}\n--- {:?}", self.stderr, self.took)
    }
}
