//! What AWS facts mean: resource policies and networks.

pub mod demand;
pub mod network;
pub mod organization;
pub mod policy;
pub mod s3;
