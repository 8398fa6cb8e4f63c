//! The principals that can call, named by the policy or not, all outside the owner's zone of trust;
//! and candidates for the condition keys that identify the caller.

pub mod caller;
pub mod enumerate;
mod identity;
pub mod matching;
pub mod named;
mod providers;
mod sources;
