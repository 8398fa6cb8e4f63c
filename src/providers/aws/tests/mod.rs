//! Whole collections against canned answers: the real clients, no network.

#![allow(clippy::unwrap_used)]

mod balancers;
mod calls;
mod containers;
mod identity;
mod lambda;
mod network;
pub(crate) mod replay;
mod services;
mod storage;
