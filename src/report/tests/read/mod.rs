//! Each format read as its consumer reads it: what a parser of that kind makes of the bytes.

pub mod gfm;
pub mod page;
pub mod terminal;
pub mod workflow;
pub mod xml;
