//! What whole-program tests stand on: the binary, an AWS emulator, a loopback AWS of our own.

// `--no-default-features` leaves out the tests that talk to a server, not what they stand on.
#![cfg_attr(not(feature = "aws"), allow(dead_code))]

pub mod judged;
pub mod loopback;
pub mod moto;
pub mod python;
pub mod run;
mod wire;
