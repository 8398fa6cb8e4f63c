//! The policy language: JSON, statements, principals, actions, resources, conditions, patterns,
//! variables. It reads what stands in a document and knows nothing of requests.

pub mod action;
pub mod arn;
pub mod common;
pub mod condition;
pub mod document;
pub mod fresh;
pub mod glob;
pub mod issuers;
pub mod json;
pub mod keys;
pub mod pattern;
pub mod placeholders;
pub mod principal;
pub mod resource;
pub mod template;
