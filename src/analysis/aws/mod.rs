//! What AWS facts mean: resource policies, what identities may do, and networks.

pub mod cognito;
pub mod demand;
pub mod functions;
pub mod network;
pub mod organization;
pub mod policy;
pub mod rights;
pub mod s3;
pub mod tasks;
pub mod trust;
pub mod vendors;
