//! Brokers of Amazon MQ that the internet can open.

use crate::analysis::aws::network::Sources;
use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::Services;
use crate::inventory::aws::calls;
use crate::inventory::aws::kinds;
use crate::model::{Category, Remediation, Severity};
use crate::rules::shapes::port::{self, PortRule, Product};
use crate::rules::{Context, Findings, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "mq-broker-public",
    title: "A message broker is open to the internet",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::MQ_BROKER,
    opt_in: false,
    never: &[],
    reads: &[CONTROLS, &[&calls::mq::DESCRIBE_BROKER, &calls::mq::LIST_BROKERS]],
    reads_more: &[],
    docs: "\
## What it finds
Publicly accessible brokers of Amazon MQ. ActiveMQ: the internet can open a port of the broker or its
console through one of its subnets, its route and network ACL, and its security groups. RabbitMQ: a
public broker takes no security group, so it is open to everyone.

## Why it matters
Messages and the console are one guessed password away.

## When it is latent
An ActiveMQ broker is publicly accessible and a network ACL, the route or VPC block public access keeps
the internet out; or the security groups of a broker admit the internet and it is not public; or the
creation of a broker failed, or it is being deleted.

## How to close it
Whether a broker is public is decided when it is made: make a private one and move. Until then narrow
the security groups of an ActiveMQ broker.
",
    evaluate,
};

const SERVICE: PortRule = PortRule {
    kind: &kinds::MQ_BROKER,
    any: |services| !services.mq.describe_broker.is_empty(),
    severity: |listener| match listener.sources {
        Sources::Internet => Severity::High,
        Sources::Broad | Sources::Narrow => Severity::Medium,
    },
    product: |listener| match is_rabbit(listener.services, listener.id) {
        true => Product::Named("RabbitMQ"),
        false => Product::Named("ActiveMQ"),
    },
    close: |_, id| {
        Remediation::in_words(format!(
            "whether a broker is public is decided when it is made: make a private one, move the \
             clients and delete {id}"
        ))
    },
};

fn evaluate(cx: &Context<'_>, found: &mut Findings) {
    port::evaluate_service(cx, found, &SERVICE);
}

fn is_rabbit(services: &Services, id: &str) -> bool {
    let engine = services.mq.describe_broker.get(id).and_then(|own| own.engine_type.as_deref());
    engine.is_some_and(|engine| engine.eq_ignore_ascii_case("rabbitmq"))
}
