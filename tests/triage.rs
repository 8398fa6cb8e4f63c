//! What users do with saved runs and with the configuration: the real binary, without any network.

#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/triage.rs"]
mod triage;
