//! The `outcrop` binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    outcrop::cli::main(std::env::args_os())
}
