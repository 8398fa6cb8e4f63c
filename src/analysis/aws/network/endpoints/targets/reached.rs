//! Who is reached behind a load balancer, by whom and on which ways.

use std::collections::BTreeMap;

use crate::inventory::aws::ec2::NetworkInterface;

use crate::analysis::aws::network::controls::Unverified;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::protocol::Traffic;
use crate::analysis::aws::network::rows::Path;
use crate::analysis::aws::network::sources::{EMPTY, SetId};

/// Who is reached behind a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'a> {
    /// An interface, by its id and that of its instance.
    Interface(&'a str, Option<&'a str>),
    /// A function, by its ARN.
    Function(&'a str),
    /// Another load balancer, by its number.
    Balancer(usize),
    /// An address that no interface which was read has.
    Address(&'a str),
}

/// One port of one target, and the clients' traffic that gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TargetPort<'a> {
    pub(super) target: Target<'a>,
    pub(super) traffic: Traffic,
    /// 0 for functions, which have none.
    pub(super) port: u16,
}

/// The clients that reach a port of a target, and how.
#[derive(Debug, Clone)]
pub(super) struct TargetClients<'a> {
    pub(super) set: SetId,
    /// The same in parts, with what was not read of the controls before each.
    pub(super) parts: Vec<(SetId, Vec<Unverified>)>,
    /// The paths there, with the clients of each.
    pub(super) paths: Vec<(Path<'a>, SetId)>,
    pub(super) interface: Option<&'a NetworkInterface>,
}

/// Everything that is reached behind one load balancer.
#[derive(Debug, Default)]
pub(super) struct ReachedTargets<'a>(pub(super) BTreeMap<TargetPort<'a>, TargetClients<'a>>);

impl<'a> ReachedTargets<'a> {
    /// Adds clients that reach a target's port on a path.
    pub(super) fn add(
        &mut self,
        facts: &mut RegionFacts<'a>,
        at: TargetPort<'a>,
        (set, unverified): (SetId, Vec<Unverified>),
        path: &Path<'a>,
        interface: Option<&'a NetworkInterface>,
    ) {
        let reached = self.0.entry(at).or_insert(TargetClients {
            set: EMPTY,
            parts: Vec::new(),
            paths: Vec::new(),
            interface,
        });
        reached.set = facts.sets.or(reached.set, set);
        match reached.parts.iter_mut().find(|(_, known)| *known == unverified) {
            Some((part, _)) => *part = facts.sets.or(*part, set),
            None => reached.parts.push((set, unverified)),
        }
        match reached.paths.iter_mut().find(|(known, _)| known == path) {
            Some((_, clients)) => *clients = facts.sets.or(*clients, set),
            None => reached.paths.push((path.clone(), set)),
        }
    }
}
