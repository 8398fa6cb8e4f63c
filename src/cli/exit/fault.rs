//! A fault of the program itself: it is told with how to report it, and is no verdict on anything.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::process::ExitCode;

use super::Exit;

/// Runs the program. Exit code 101, which a panic ends with, is none that callers know.
pub fn guard(run: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    panic::catch_unwind(run).unwrap_or_else(|_| ExitCode::from(Exit::Unable.code()))
}

/// Has every panic from now on told as a fault.
pub fn tell() {
    panic::set_hook(Box::new(|info| {
        let text = report(info, &Backtrace::capture());
        let _ = anstream::stderr().write_all(text.as_bytes());
    }));
}

fn report(info: &PanicHookInfo<'_>, trace: &Backtrace) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    // The message may repeat what an account holds.
    let mut text = crate::cli::lines(&format!(
        "outcrop: a fault in outcrop {version} itself, at {place}: {message}\n\
         Do not rely on what it wrote. Please report it where you have outcrop from: these \
         lines, the command, and\nwhat it says with RUST_BACKTRACE=1; names of your account are \
         not needed."
    ));
    text.push('\n');
    if trace.status() == BacktraceStatus::Captured {
        text.push_str(&format!("{trace}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_fault_is_told_with_how_to_report_it_and_ends_as_what_could_not_be_scanned() {
        let told = Arc::new(Mutex::new(String::new()));
        let (heard, this) = (Arc::clone(&told), std::thread::current().id());
        let before = Arc::new(panic::take_hook());
        let others = Arc::clone(&before);
        // Other tests run beside this one and may fail as they like.
        panic::set_hook(Box::new(move |info| match std::thread::current().id() == this {
            true => {
                *heard.lock().expect("nobody failed here") = report(info, &Backtrace::disabled())
            }
            false => others(info),
        }));
        let code = guard(|| panic!("index \u{1b}[31m7 of {}", 3));
        panic::set_hook(Box::new(move |info| before(info)));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(2)));
        let told = told.lock().expect("nobody failed here");
        for says in [env!("CARGO_PKG_VERSION"), "src/cli/exit/fault.rs:", "7 of 3", "report it"] {
            assert!(told.contains(says), "`{says}` in {told}");
        }
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}
