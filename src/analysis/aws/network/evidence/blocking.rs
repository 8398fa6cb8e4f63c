//! How a control shuts the way of a packet: the id of what does, and a text.

use super::packet::{Packet, passing};
use super::wording::route_text;
use crate::analysis::aws::network::controls::Control;
use crate::analysis::aws::network::controls::internet_firewall::Treatment;
use crate::analysis::aws::network::controls::nacl::Direction;
use crate::analysis::aws::network::controls::routes::RouteTarget;
use crate::analysis::aws::network::endpoints::endpoint::EndpointSubject;
use crate::analysis::aws::network::endpoints::interfaces::{instance_id, instance_state};

impl Packet<'_, '_> {
    /// How a control shuts the way: the id of what does, and a text.
    pub(super) fn shut(&self, control: Control) -> (Option<String>, String) {
        let place = self.place();
        let source = self.stopped_by(control);
        match control {
            Control::EdgeRoute => {
                let table = place.and_then(|place| self.facts.routes.edge_table(place.vpc));
                let id = table.map(|table| table.table.route_table_id.clone());
                (id, "the internet gateway's route table drops the traffic".to_owned())
            }
            Control::IgwFirewall => {
                let treatment =
                    place.map(|place| self.facts.firewalls.treatment(place.vpc, place.described));
                let id = match treatment {
                    Some(Treatment::Drops(arn)) => Some(arn.to_owned()),
                    _ => None,
                };
                (id, "unsolicited inbound connections are dropped".to_owned())
            }
            Control::InstanceState => {
                let EndpointSubject::Interface(interface) = self.endpoint.subject else {
                    return (None, "does not run".to_owned());
                };
                let id = instance_id(interface);
                let state = id.and_then(|id| instance_state(self.facts, id));
                let text = state.map(|state| state.shut_text("the instance"));
                (id.map(str::to_owned), text.unwrap_or_else(|| "does not run".to_owned()))
            }
            Control::DmsState
            | Control::EksState
            | Control::ElasticacheState
            | Control::MemorydbState
            | Control::MqState
            | Control::MskState
            | Control::RdsState
            | Control::RedshiftServerlessState
            | Control::RedshiftState => match self.endpoint.subject {
                EndpointSubject::Service { resource, state: Some(state), .. }
                | EndpointSubject::ServiceManaged { resource, state: Some(state), .. } => {
                    let what = format!("the {}", resource.kind.noun);
                    (Some(resource.id.to_owned()), state.shut_text(&what))
                }
                _ => (None, "does not listen".to_owned()),
            },
            // These are never shut by themselves: they decide what a target or a rule admits.
            Control::ClientIpPreservation | Control::ListenerRule | Control::TargetUnknown => {
                (None, "the load balancer does not forward it".to_owned())
            }
            Control::InternalScheme => (None, "the load balancer's scheme is internal".to_owned()),
            Control::NaclIn => self.denied(Direction::In, source),
            Control::NaclOut => self.denied(Direction::Out, source),
            Control::NoIgwRoute => self.unrouted(source),
            Control::NoPublicIp => (None, "there is no public address".to_owned()),
            Control::NotAttached => match &self.endpoint.subject {
                EndpointSubject::Interface(interface) => {
                    let id = interface.network_interface_id.clone();
                    (Some(id), "the interface is attached to nothing".to_owned())
                }
                _ => (None, "the group is attached to nothing".to_owned()),
            },
            Control::NotPubliclyAccessible => {
                (None, "the service does not make it publicly accessible".to_owned())
            }
            Control::VpcBpa => {
                let subnet = place.map_or("", |place| place.subnet);
                let mode = self.facts.bpa.mode(subnet).unwrap_or("on");
                let whose = self.facts.owners.of_subnet(subnet);
                let whose = whose.map_or(String::new(), |owner| format!(" of account {owner}"));
                (None, format!("VPC block public access{whose} is {mode}"))
            }
        }
    }

    /// A sender whom a control stops: it need not be the one whom another stops.
    fn stopped_by(&self, control: Control) -> u128 {
        let Some(entry_point) = self.entry_point else { return self.source };
        let passing = passing(self.facts, &entry_point, self.traffic, self.port);
        let own = passing.iter().find(|(by, _)| *by == control);
        let stopped = own.map(|(_, set)| self.admitted.difference(set)).unwrap_or_default();
        stopped.largest().map_or(self.source, |range| range.0)
    }

    fn denied(&self, direction: Direction, source: u128) -> (Option<String>, String) {
        match self.entry(direction, source) {
            Some(entry) => (Some(entry.acl), entry.text),
            None => (None, "the network ACL denies the traffic".to_owned()),
        }
    }

    fn unrouted(&self, source: u128) -> (Option<String>, String) {
        let Some(place) = self.place() else { return (None, "no route".to_owned()) };
        let Some(table) = self.facts.routes.table_of(place.subnet, place.vpc) else {
            return (None, "no route table".to_owned());
        };
        let id = Some(table.table.route_table_id.clone());
        let text = match table.lookup(self.traffic.family, source) {
            Some(entry) => {
                let why = match entry.target {
                    RouteTarget::Blackhole => ", whose target is gone",
                    RouteTarget::Gateway(id) if !self.facts.routes.is_attached(id, place.vpc) => {
                        ", which is not attached to the VPC"
                    }
                    RouteTarget::Middlebox(_) => ", to which the gateway sends nothing",
                    _ => "",
                };
                format!("{}{why}", route_text(entry))
            }
            None => "no route to the source".to_owned(),
        };
        (id, text)
    }
}
