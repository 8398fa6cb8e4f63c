//! The way to AWS: everything that awaits it, paces it, guards it and reads its failures.

pub(crate) mod calls;
pub(crate) mod failure;
pub(crate) mod guard;
pub(crate) mod http;
mod pace;
pub(crate) mod places;
pub(crate) mod retry;
pub(crate) mod run;
mod service_regions;
pub(crate) mod site;
pub(crate) mod watch;
