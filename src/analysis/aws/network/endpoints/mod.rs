//! What can be connected to: interfaces, load balancers with their targets, managed services.
//!
//! It deliberately decides nothing: an endpoint tells where it sits, on what it listens and what of
//! its own shuts it; the verdict follows from that and the controls.

pub(crate) mod endpoint;
pub(crate) mod interfaces;
pub(crate) mod listeners;
pub(crate) mod load_balancers;
pub(crate) mod services;
pub(crate) mod states;
pub(crate) mod targets;
