//! AWS: identity and regions first ([`connect`]), then everything the chosen rules need
//! ([`collect`]), one account at a time.
//!
//! A refused call never ends a collection: it becomes a gap of the snapshot.

mod collect;
mod services;
mod session;
#[cfg(test)]
mod tests;
mod transport;

pub use collect::collect;
pub use services::{COLLECTORS, Collector, Scope};
pub use session::account::Account;
pub use session::errors::ConnectError;
pub use session::{Connected, Options, connect};
pub use transport::watch::{Event, Watch};
