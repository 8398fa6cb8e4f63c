//! From allowed requests to an answer: grants, the verdict over them, and words for people.

pub mod aws_public;
mod builder;
pub mod collect;
pub mod explain;
pub mod grant;
pub mod refusal;
pub mod ruling;
pub mod verdict;
