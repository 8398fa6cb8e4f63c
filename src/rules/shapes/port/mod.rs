//! Rules about open ports: from the network's rows to findings.

mod fix;
mod opening;
mod report;
mod resource;
mod revocation;
mod service;

pub use opening::{Group, Opening, READS, severity};
pub use report::{
    evaluate, evaluate_interfaces, evaluate_unused_groups, exposure, note_unread, openings, report,
    verdict,
};
pub use revocation::revoke;
pub use service::{
    Listener, PortRule, Product, by_groups, database, evaluate as evaluate_service, of_port,
};
