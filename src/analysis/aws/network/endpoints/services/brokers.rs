//! Message brokers: Kafka clusters of MSK, ActiveMQ and RabbitMQ of Amazon MQ.

use crate::inventory::aws::kafka::{ClientAuthentication, Enabled, Provisioned};
use crate::inventory::aws::mq::Broker;
use crate::inventory::aws::{calls, kinds};

use super::{
    ANYWHERE, Placement, ServiceEndpoint, ServiceListeners, ServiceManagedEndpoint, in_subnets,
    switch, tcp,
};
use crate::analysis::aws::network::controls::Control;
use crate::analysis::aws::network::endpoints::states;
use crate::analysis::aws::network::facts::RegionFacts;
use crate::analysis::aws::network::rows::ResourceRef;

/// Ports of ActiveMQ brokers: console, OpenWire, AMQP, STOMP, MQTT and WebSockets, all over TLS
/// (Amazon MQ developer guide, "Amazon MQ for ActiveMQ brokers", wire-level protocol endpoints).
const ACTIVEMQ: [u16; 6] = [8162, 61617, 5671, 61614, 8883, 61619];

/// Ports of RabbitMQ brokers: AMQP, and the console with its API on two ports (Amazon MQ developer
/// guide, "Amazon MQ for RabbitMQ brokers", listener ports).
const RABBITMQ: [u16; 3] = [5671, 443, 15671];

/// Kafka clusters.
pub(crate) fn kafka<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.kafka.list_clusters_v2.read() else {
        return all.unread(&calls::kafka::LIST_CLUSTERS_V2);
    };
    for listed in &read.cluster_info_list {
        // Serverless clusters have endpoints in VPCs only (MSK developer guide, "MSK Serverless").
        if let Some(provisioned) = &listed.provisioned {
            let state = states::MSK.of(listed.state.as_deref());
            let placement =
                Placement::InVpc(ServiceEndpoint { state, ..cluster(facts, provisioned) });
            let resource = ResourceRef::new(&kinds::MSK_CLUSTER, &listed.cluster_name);
            all.push(resource.with_arn(listed.cluster_arn.as_deref()), placement);
        }
    }
}

fn cluster<'a>(facts: &RegionFacts<'a>, provisioned: &'a Provisioned) -> ServiceEndpoint<'a> {
    let info = provisioned.broker_node_group_info.as_ref();
    let groups = info.map_or(&[][..], |info| &info.security_groups);
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let access = info.and_then(|info| info.connectivity_info.as_ref()?.public_access.as_ref());
    let public =
        access.and_then(|access| access.r#type.as_deref()) == Some("SERVICE_PROVIDED_EIPS");
    ServiceEndpoint {
        subnets: info
            .map_or_else(Vec::new, |info| in_subnets(facts, &info.client_subnets, &groups)),
        unplaced: None,
        listens: tcp(public_ports(provisioned.client_authentication.as_ref())),
        shut: (!public).then_some(Control::NotPubliclyAccessible),
        state: None,
        groups,
    }
}

/// The ports that are reached from outside, one for each way to sign in; public access needs one
/// of them and refuses clients that do not sign in (MSK developer guide, "Port information" and
/// "Turn on public access"). Where none is told each may be open.
fn public_ports(by: Option<&ClientAuthentication>) -> Vec<u16> {
    let all = vec![9194, 9196, 9198];
    let Some(by) = by else { return all };
    let on = |switch: Option<&Enabled>| switch.is_some_and(|switch| switch.enabled);
    let sasl = by.sasl.as_ref();
    let ways = [
        (9194, on(by.tls.as_ref())),
        (9196, on(sasl.and_then(|sasl| sasl.scram.as_ref()))),
        (9198, on(sasl.and_then(|sasl| sasl.iam.as_ref()))),
    ];
    let open: Vec<u16> = ways.into_iter().filter(|(_, on)| *on).map(|(port, _)| port).collect();
    if open.is_empty() { all } else { open }
}

/// Brokers of Amazon MQ. What they are is told broker by broker.
pub(crate) fn mq<'a>(facts: &RegionFacts<'a>, all: &mut ServiceListeners<'a>) {
    let Some(read) = facts.services.mq.list_brokers.read() else {
        return all.unread(&calls::mq::LIST_BROKERS);
    };
    for listed in &read.broker_summaries {
        let id = listed.broker_id.as_str();
        match facts.services.mq.describe_broker.get(id) {
            Some(described) => {
                let resource = ResourceRef::new(&kinds::MQ_BROKER, id)
                    .with_arn(listed.broker_arn.as_deref())
                    .with_name(listed.broker_name.as_deref());
                all.push(resource, broker(facts, described));
            }
            None => all.unread_one(&calls::mq::DESCRIBE_BROKER, id),
        }
    }
}

fn broker<'a>(facts: &RegionFacts<'a>, broker: &'a Broker) -> Placement<'a> {
    let state = states::MQ.of(broker.broker_state.as_deref());
    let rabbit = broker.engine_type.as_deref().is_some_and(|e| e.eq_ignore_ascii_case("rabbitmq"));
    if rabbit && broker.publicly_accessible == Some(true) {
        // Public RabbitMQ brokers stand in a VPC of AWS and take no security group: the API says
        // "Broker with [publiclyAccessible] set to true does not support specifying
        // [securityGroups]" (cloudposse/terraform-aws-mq-broker#42), and asks for no subnet (Amazon
        // MQ API reference, CreateBroker).
        return Placement::ServiceManaged(ServiceManagedEndpoint {
            blocks: ANYWHERE.to_vec(),
            ports: RABBITMQ.to_vec(),
            why: "a public RabbitMQ broker, before which there is no security group".into(),
            state,
        });
    }
    let groups: Vec<&str> = broker.security_groups.iter().map(String::as_str).collect();
    Placement::InVpc(ServiceEndpoint {
        subnets: in_subnets(facts, &broker.subnet_ids, &groups),
        unplaced: None,
        listens: if rabbit { tcp(RABBITMQ) } else { tcp(ACTIVEMQ) },
        shut: switch(broker.publicly_accessible),
        state,
        groups,
    })
}
