//! Python for tests: a virtual environment with an AWS emulator and AWS's own models in it,
//! installed on first use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// Where tests may leave things: `target/tmp`, wherever target/ is.
pub fn target() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&target).expect("a folder below target/");
    target
}

/// A file of `tests/support`.
pub fn support(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(file)
}

/// The virtual environment of tests/requirements.txt; answers its Python.
///
/// Named for the requirements' content, so that a change makes a new one. The lock makes one
/// process do it while others, also of other test runs, wait.
pub fn environment() -> PathBuf {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    let text = fs::read(&requirements).expect("tests/requirements.txt");
    let digest = Sha256::digest(&text).iter().fold(String::new(), |hex, b| format!("{hex}{b:02x}"));
    let folder = target().join(format!("moto-{}", &digest[..12]));
    let (python, done) = (folder.join("bin/python"), folder.join("installed"));

    let lock = File::create(target().join("moto.lock")).expect("a lock below target/");
    lock.lock().expect("the lock is had");
    if !done.exists() {
        let _ = fs::remove_dir_all(&folder);
        let system = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        install(Command::new(&system).args(["-m", "venv"]).arg(&folder), &system);
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let hashed = ["--no-input", "--require-hashes", "-r"];
        install(Command::new(&python).args(pip).args(hashed).arg(&requirements), "pip");
        fs::write(&done, "").expect("the mark of a whole environment");
    }
    python
}

fn install(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("these tests need Python 3.10 or later ({what}: {error}); set PYTHON to its path")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the emulator cannot be installed (Python 3.10 or later with venv, and access to PyPI):\n\
         {command:?}\n{errors}"
    );
}
