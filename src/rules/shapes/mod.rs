//! What rules have in common: most of them say of one kind of resource what another says of the
//! next. A rule is its page, its calls, and one of these shapes filled in.

pub mod function_url;
pub mod named;
pub mod outsiders;
pub mod policy;
pub mod port;
pub mod rights;
pub mod setting;
pub mod share;
