//! What is open, divided by what usually listens on the ports, and how bad that is.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::analysis::aws::network::catalogue::{Class, Usage, classify};
use crate::analysis::aws::network::reads;
use crate::analysis::aws::network::{Path, Row, Sources};
use crate::inventory::aws::calls::Call;
use crate::model::{Ports, Severity, Status};

/// Calls behind every verdict on an interface.
pub const READS: &[&[&Call]] = &[reads::CONTROLS, reads::INTERFACES, reads::INSTANCES];

/// Which ports a rule is about. Classes of the port catalogue, as rules divide them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// More than 1,000 ports, or every protocol.
    All,
    /// Databases, caches and queues.
    Database,
    /// Remote access, orchestration, consoles, industrial control.
    Admin,
    /// File sharing, directories, clear text and mail.
    Cleartext,
    /// Web and everything else.
    Other,
}

impl Group {
    /// The rule that a class of ports belongs to; `None` for what is no finding.
    pub fn of(class: Class) -> Option<Group> {
        Some(match class {
            Class::All => Group::All,
            Class::Database | Class::Queue => Group::Database,
            Class::Remote | Class::Orchestration | Class::AdminUi | Class::Industrial => {
                Group::Admin
            }
            Class::FileSharing | Class::Directory | Class::Cleartext | Class::Guarded => {
                Group::Cleartext
            }
            Class::Web | Class::Other => Group::Other,
            // Answering a ping is no exposure worth a line.
            Class::Icmp => return None,
        })
    }
}

/// How bad it is that a port of this class is open to all, or to a large part, of the internet.
pub fn severity(class: Class, sources: Sources) -> Severity {
    let (internet, broad) = match class {
        Class::All
        | Class::Database
        | Class::Queue
        | Class::Remote
        | Class::Orchestration
        | Class::Industrial => (Severity::Critical, Severity::High),
        Class::AdminUi | Class::FileSharing | Class::Directory | Class::Cleartext => {
            (Severity::High, Severity::Medium)
        }
        Class::Other => (Severity::Medium, Severity::Low),
        Class::Web | Class::Guarded | Class::Icmp => (Severity::Low, Severity::Low),
    };
    if sources == Sources::Internet { internet } else { broad }
}

/// Ports of one class that share one verdict.
pub struct Opening<'r, 'a> {
    /// The row of the network engine.
    pub row: &'r Row<'a>,
    /// `None` where the protocol has no ports.
    pub ports: Option<(u16, u16)>,
    /// What usually listens there.
    pub usage: Usage,
    /// How bad it is when open.
    pub severity: Severity,
    /// The way through a load balancer, where the finding is about that way.
    pub path: Option<&'r Path<'a>>,
}

impl<'r, 'a> Opening<'r, 'a> {
    /// A row divided by what usually listens on its ports.
    pub fn of(row: &'r Row<'a>) -> Vec<Opening<'r, 'a>> {
        let Some(ports) = &row.ports else {
            let usage = Usage { class: Class::Other, products: Vec::new() };
            return vec![Opening { row, ports: None, usage, severity: Severity::Low, path: None }];
        };
        let parts = ports.iter().flat_map(|range| classify(row.proto, *range));
        parts
            .map(|(ports, usage)| {
                let severity = severity(usage.class, row.sources);
                Opening { row, ports: Some(ports), usage, severity, path: None }
            })
            .collect()
    }

    /// Its part of the row.
    pub fn part(&self) -> Row<'a> {
        self.row.part(self.ports.as_slice())
    }

    /// Whether it is open, as a rule reports it: what was not read leaves it undecided.
    pub fn status(&self) -> Status {
        Status::behind(self.row.status == Status::Latent, !self.row.unverified.is_empty())
    }

    /// Protocol and ports for people, for instance `tcp 27017-27020`.
    pub fn label(&self) -> String {
        match self.ports {
            None => "protocols other than TCP, UDP and ICMP".to_owned(),
            Some((0, u16::MAX)) => format!("every {} port", self.row.proto_name()),
            Some((from, to)) if from == to => format!("{} {from}", self.row.proto_name()),
            Some((from, to)) => format!("{} {from}-{to}", self.row.proto_name()),
        }
    }

    pub fn ports(&self) -> Ports {
        Ports {
            protocol: self.row.proto.protocol(self.row.family),
            from: self.ports.map(|ports| ports.0),
            to: self.ports.map(|ports| ports.1),
        }
    }
}

/// The items without repetitions, in their order.
pub fn distinct<T: Clone + Eq + Hash>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

/// The parts of rows that the openings are, each row once: thousands of openings may share few. A
/// row has ports of several findings, each of which is proven and closed by itself.
pub fn parts<'a>(openings: &[&Opening<'_, 'a>]) -> Vec<Row<'a>> {
    let mut ports: HashMap<*const Row<'a>, Vec<(u16, u16)>> = HashMap::new();
    for opening in openings {
        ports.entry(std::ptr::from_ref(opening.row)).or_default().extend(opening.ports);
    }
    let rows = openings.iter().map(|opening| opening.row);
    rows.filter_map(|row| Some(row.part(&ports.remove(&std::ptr::from_ref(row))?))).collect()
}
