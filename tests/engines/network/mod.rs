//! The network engine.

mod proofs;
mod scenarios;
mod simulator;
