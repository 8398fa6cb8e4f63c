//! The AWS emulator that scans run against: started once per process.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

use super::python::{environment, support, target};
use super::run::Keys;

/// The running emulator.
pub struct Moto {
    /// `127.0.0.1:<port>`.
    pub address: String,
    python: PathBuf,
    /// Holds the pipe by which the server notices our end.
    _server: Child,
}

/// The emulator of this process.
pub fn moto() -> &'static Moto {
    static MOTO: OnceLock<Moto> = OnceLock::new();
    MOTO.get_or_init(|| {
        let python = environment();
        let log = File::create(target().join("moto.log")).expect("a log below target/");
        let mut server = Command::new(&python)
            .arg(support("serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the emulator starts");
        let mut port = String::new();
        BufReader::new(server.stdout.take().expect("stdout is a pipe"))
            .read_line(&mut port)
            .expect("the emulator's port");
        let port: u16 = port.trim().parse().unwrap_or_else(|_| {
            panic!("the emulator did not start; see {}", target().join("moto.log").display())
        });
        Moto { address: format!("127.0.0.1:{port}"), python, _server: server }
    })
}

/// A filled account.
#[derive(Debug)]
pub struct Filled {
    pub account: String,
    pub keys: Keys,
    /// Its buckets and their regions.
    pub buckets: BTreeMap<String, String>,
    /// Lines of the truth: `rule`, `id`, `account`, `region`, `status`.
    pub truth: Vec<Value>,
}

impl Moto {
    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account with a scenario of `fill.py` in it, made on first use.
    pub fn filled(&self, scenario: &str, account: &str) -> Arc<Filled> {
        type Made = HashMap<(String, String), Arc<OnceLock<Arc<Filled>>>>;
        static MADE: Mutex<Option<Made>> = Mutex::new(None);
        let place = {
            let mut made = MADE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let key = (scenario.to_owned(), account.to_owned());
            Arc::clone(made.get_or_insert_default().entry(key).or_default())
        };
        // Outside the map's lock, so that other scenarios are filled meanwhile.
        Arc::clone(place.get_or_init(|| Arc::new(self.fill(scenario, account))))
    }

    fn fill(&self, scenario: &str, account: &str) -> Filled {
        let output = Command::new(&self.python)
            .arg(support("fill.py"))
            .args([&self.url(), scenario, account])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Nothing of the developer's own account.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env_remove("AWS_PROFILE")
            .output()
            .expect("fill.py runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario} cannot be made:\n{errors}");
        let made: Value = serde_json::from_slice(&output.stdout).expect("fill.py prints JSON");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Filled {
            account: text("account"),
            keys: Keys { id: text("key"), secret: text("secret"), token: Some(text("token")) },
            buckets: serde_json::from_value(made["buckets"].clone()).expect("names and regions"),
            truth: made["truth"].as_array().expect("a list").clone(),
        }
    }
}
