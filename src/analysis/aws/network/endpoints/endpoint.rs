//! An endpoint as the evidence needs it: what was judged, and by which ways it is reached.

use std::borrow::Cow;
use std::sync::Arc;

use crate::inventory::aws::ec2::NetworkInterface;
use crate::inventory::aws::elbv2;

use super::load_balancers::Type;
use super::states::State;
use crate::analysis::addresses::AddressSet;
use crate::analysis::aws::network::rows::{Path, ResourceRef};
use crate::analysis::aws::network::verdict::EntryPoint;

/// Something that has rows, as the evidence needs it.
#[derive(Debug)]
pub(crate) struct Endpoint<'a> {
    pub(crate) entry_points: Vec<EntryPoint<'a>>,
    pub(crate) subject: EndpointSubject<'a>,
}

/// What an endpoint is.
#[derive(Debug)]
pub(crate) enum EndpointSubject<'a> {
    Interface(&'a NetworkInterface),
    Service {
        resource: ResourceRef<'a>,
        groups: Vec<&'a str>,
        state: Option<State<'a>>,
    },
    /// A service's endpoint outside the account's VPCs.
    ServiceManaged {
        resource: ResourceRef<'a>,
        blocks: Vec<&'a str>,
        why: Cow<'static, str>,
        state: Option<State<'a>>,
    },
    LoadBalancer {
        name: &'a str,
        kind: Type,
        dns: Option<&'a str>,
        /// `None` admits everyone.
        groups: Option<Vec<&'a str>>,
        /// Those of the second generation.
        listeners: Vec<&'a elbv2::Listener>,
    },
    /// A target behind a load balancer.
    Target {
        /// The load balancers that clients may connect to, of the whole region.
        judged: Arc<[JudgedBalancer<'a>]>,
        /// Groups of the load balancer that forwards to it.
        groups: Vec<&'a str>,
        /// Addresses of its nodes, by family.
        nodes: Arc<[AddressSet; 2]>,
        interface: Option<&'a NetworkInterface>,
    },
    /// A group that nothing uses.
    UnusedGroup(&'a str),
}

/// A load balancer that has rows of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JudgedBalancer<'a> {
    pub(crate) name: &'a str,
    /// Whether it is of the second generation: the first may use the same names.
    pub(crate) second_generation: bool,
    pub(crate) endpoint: u32,
}

/// The endpoint that the clients of a path connect to.
pub(crate) fn first_endpoint<'e, 'a>(
    endpoints: &'e [Endpoint<'a>],
    judged: &[JudgedBalancer<'a>],
    path: &Path<'a>,
) -> Option<&'e Endpoint<'a>> {
    let first = path.first();
    let is = |balancer: &&JudgedBalancer<'a>| {
        balancer.name == first.balancer && balancer.second_generation == first.listener.is_some()
    };
    endpoints.get(judged.iter().find(is)?.endpoint as usize)
}

/// The groups of an endpoint; `None` when it admits everyone.
pub(crate) fn groups<'a>(endpoint: &Endpoint<'a>) -> Option<Vec<&'a str>> {
    match &endpoint.subject {
        EndpointSubject::Interface(interface) => {
            Some(interface.groups.iter().map(|group| group.group_id.as_str()).collect())
        }
        EndpointSubject::Service { groups, .. } => Some(groups.clone()),
        EndpointSubject::LoadBalancer { groups, .. } => groups.clone(),
        EndpointSubject::ServiceManaged { .. } | EndpointSubject::Target { .. } => None,
        EndpointSubject::UnusedGroup(id) => Some(vec![id]),
    }
}
