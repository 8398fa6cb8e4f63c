//! The search for requests that a policy allows. Callers, routes, values of condition keys and
//! targets are enumerated as far as statements distinguish them, and every combination is asked
//! about: a request is allowed if an Allow in each layer applies to it and no Deny does. The search
//! does not know what a grant or a verdict is.

pub mod candidates;
mod context;
pub mod engine;
mod grouping;
mod indexed;
pub mod principals;
mod relevant;
pub mod requests;
mod routes;
mod run;
mod samples;
mod solve;
mod statements;
mod targets;
mod values;

#[cfg(test)]
pub(crate) mod testing;
