//! The policy engine: against brute force, by properties, and service by service.

mod oracle;
mod properties;
mod services;
mod trust;
