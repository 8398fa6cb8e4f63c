//! The log: on stderr, since stdout belongs to results, and as harmless as they are.
//!
//! What it says may name a resource or repeat a message of AWS, so that it passes the sanitiser
//! like every other text of an account.

use std::io::{self, Write};

use super::options::{Common, LogFormat};
use crate::report::clean;

/// Starts the log of the process.
pub fn start(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "outcrop=info,warn",
        (false, 2) => "outcrop=debug,warn",
        (false, _) => "debug",
    };
    let clean: fn(&str) -> String = match common.log_format {
        LogFormat::Text => super::lines,
        LogFormat::Json => clean::json_line,
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(level))
        .with_writer(move || Clean { clean })
        .with_ansi(false)
        .with_target(false);
    // Only the first log of a process counts; tests that run several commands do not mind.
    let _ = match common.log_format {
        LogFormat::Text => log.without_time().try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}

/// Writes events, each of which comes whole.
struct Clean {
    clean: fn(&str) -> String,
}

impl Write for Clean {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = (self.clean)(text.trim_end_matches('\n'));
        // Whoever closed stderr does not want to know; the log itself would panic of it.
        let _ = writeln!(io::stderr(), "{text}");
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
