//! Rows: the canonical answer, one for each set of ports with the same verdict.

use std::sync::Arc;

use crate::inventory::aws::elbv2::{Listener, Rule, TargetGroup};
use crate::inventory::aws::kinds::{Kind, Place};
use crate::model::{Resource, Status};

use super::controls::ports::Ports;
use super::controls::{Controls, Unverified};
use super::protocol::{Family, Proto};
use super::sources::Sources;

/// What a row is about, in the names that its service gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceRef<'a> {
    /// Its kind.
    pub kind: &'static Kind,
    /// The id that the service knows it by: of a target function the ARN.
    pub id: &'a str,
    /// Its ARN, where the service tells one.
    pub arn: Option<&'a str>,
    /// The name that people gave it, where that is not the id.
    pub name: Option<&'a str>,
    /// The account that owns it, where that is not the scanned one.
    pub owner: Option<&'a str>,
}

impl<'a> ResourceRef<'a> {
    /// A resource of which nothing but the id is told.
    pub(super) fn new(kind: &'static Kind, id: &'a str) -> ResourceRef<'a> {
        ResourceRef { kind, id, arn: None, name: None, owner: None }
    }

    /// The same, with the ARN that the service told.
    pub(super) fn with_arn(self, arn: Option<&'a str>) -> ResourceRef<'a> {
        ResourceRef { arn: arn.filter(|arn| !arn.is_empty()), ..self }
    }

    /// The same, with the name that people gave it.
    pub(super) fn with_name(self, name: Option<&'a str>) -> ResourceRef<'a> {
        ResourceRef { name: name.filter(|name| !name.is_empty() && *name != self.id), ..self }
    }

    /// The same, of another account.
    pub(super) fn with_owner(self, owner: Option<&'a str>) -> ResourceRef<'a> {
        ResourceRef { owner, ..self }
    }

    /// The resource, as findings name it.
    pub fn resource(&self, place: &Place<'_>) -> Resource {
        let place = &Place { account: self.owner.unwrap_or(place.account), ..*place };
        let resource = match self.arn {
            Some(arn) => self.kind.resource_of(place, self.id, arn),
            None => self.kind.resource(place, self.id),
        };
        Resource { name: self.name.map(str::to_owned), ..resource }
    }

    /// What people call it: its name, or its id.
    pub fn label(&self) -> &'a str {
        self.name.unwrap_or(self.id)
    }
}

/// How the traffic comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via<'a> {
    /// Straight to the resource's own address.
    Direct,
    /// Forwarded by the load balancer of this name.
    LoadBalancer(&'a str),
}

impl std::fmt::Display for Via<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Via::Direct => f.write_str("direct"),
            Via::LoadBalancer(name) => write!(f, "lb:{name}"),
        }
    }
}

/// How traffic comes through a load balancer before it reaches a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Front<'a> {
    /// The ways through its listeners, by port of the target.
    pub paths: Vec<Path<'a>>,
    /// True for an application load balancer: only HTTP comes through.
    pub application: bool,
}

/// What a load balancer asks of a client before it forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// A login that the client may leave out.
    OptionalLogin,
    /// A value in a header or in the query, which is no login: whoever learns it can send it.
    Value,
    /// A login.
    Login,
}

impl Asks {
    /// Whether it keeps out those who merely come along.
    pub fn hinders(self) -> bool {
        matches!(self, Asks::Value | Asks::Login)
    }
}

/// One way through a load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct Path<'a> {
    /// The load balancer's name.
    pub balancer: &'a str,
    /// The port that clients connect to.
    pub port: u16,
    /// The listener, for load balancers of the second generation.
    pub listener: Option<&'a Listener>,
    /// The rule that forwards; `None` for the default action.
    pub rule: Option<&'a Rule>,
    /// The target group, for load balancers of the second generation.
    pub group: Option<&'a TargetGroup>,
    /// The target's port; `None` for functions.
    pub to: Option<u16>,
    /// What the client has to show first.
    pub asks: Asks,
    /// Whether the target sees the client's address, or the node's.
    pub preserved: bool,
    /// The way through a load balancer before this one.
    pub before: Option<Arc<Path<'a>>>,
}

impl<'a> Path<'a> {
    /// The way through the load balancer that clients connect to.
    pub fn first(&self) -> &Path<'a> {
        self.before.as_deref().unwrap_or(self)
    }
}

/// Ports of one resource that share one verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The instance, else the interface; or what else it is.
    pub resource: ResourceRef<'a>,
    /// The interface, where one is known.
    pub eni: Option<&'a str>,
    /// The way in.
    pub via: Via<'a>,
    /// Family of the client's address.
    pub family: Family,
    /// Protocol.
    pub proto: Proto,
    /// Ports, or ICMP types; `None` for other protocols and for functions.
    pub ports: Option<Arc<[Ports]>>,
    /// How much of the internet gets in, or would without the controls that shut it.
    pub sources: Sources,
    /// `Exposed` or `Latent`; an exposed row with `unverified` controls is not decided.
    pub status: Status,
    /// The controls that shut it.
    pub blocked_by: Controls,
    /// The controls that were taken as passing because nobody could look.
    pub unverified: Arc<[Unverified]>,
    /// For forwarded traffic: how it comes through its load balancer.
    pub front: Option<Arc<Front<'a>>>,
    /// Where `Reachability` finds the endpoint again.
    pub(super) endpoint: u32,
}

impl<'a> Row<'a> {
    /// The name of the protocol in this row's family.
    pub fn proto_name(&self) -> &'static str {
        self.proto.name(self.family)
    }

    /// The same verdict for a part of its ports.
    pub fn part(&self, ports: &[Ports]) -> Row<'a> {
        let ports = self.ports.is_some().then(|| ports.into());
        Row { ports, ..self.clone() }
    }

    /// For forwarded traffic: the ways through the load balancer to these ports.
    pub fn paths(&self) -> impl Iterator<Item = &Path<'a>> {
        let leads_here = |to: u16| {
            let ports = self.ports.as_deref();
            ports.is_none_or(|ports| ports.iter().any(|p| p.0 <= to && to <= p.1))
        };
        let paths = self.front.as_ref().map_or(&[][..], |front| &front.paths);
        paths.iter().filter(move |path| path.to.is_none_or(leads_here))
    }

    /// True for an exposed row all of whose controls were read.
    pub fn is_proven(&self) -> bool {
        self.status == Status::Exposed && self.unverified.is_empty()
    }
}
