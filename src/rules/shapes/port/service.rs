//! What the rules about managed services share: from the network's rows to findings.

use super::opening::severity;
use super::report::{note_unread_of, openings, report_closing};
use crate::analysis::aws::network::Sources;
use crate::analysis::aws::network::catalogue::Class;
use crate::analysis::aws::network::reads::CONTROLS;
use crate::inventory::aws::Services;
use crate::inventory::aws::kinds::Kind;
use crate::model::{Remediation, Severity};
use crate::rules::change::Change;
use crate::rules::{Context, Findings};

/// How a rule reports the endpoints of a service.
pub struct PortRule {
    /// What its rows are about.
    pub kind: &'static Kind,
    /// True when there is any, so that facts of the network matter.
    pub any: fn(&Services) -> bool,
    /// How bad it is that outsiders reach one.
    pub severity: fn(&Listener<'_>) -> Severity,
    /// What listens, where the port alone does not tell.
    pub product: fn(&Listener<'_>) -> Product,
    /// How to close one that no security group guards: region and id are given.
    pub close: fn(&str, &str) -> Remediation,
}

/// What listens, and for whom.
pub struct Listener<'a> {
    /// Answers of the region.
    pub services: &'a Services,
    /// The id of what it is of.
    pub id: &'a str,
    /// How much of the internet reaches it.
    pub sources: Sources,
    /// Whether it stands in no VPC of the account.
    pub service_managed: bool,
}

/// What listens on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// What usually listens on its port.
    OfPort,
    /// This.
    Named(&'static str),
    /// Nobody knows.
    Unknown,
}

/// A database that is open is as bad whatever its port.
pub fn database(listener: &Listener<'_>) -> Severity {
    severity(Class::Database, listener.sources)
}

/// What usually listens on the port.
pub fn of_port(_: &Listener<'_>) -> Product {
    Product::OfPort
}

/// The remedy where there is nothing but groups to narrow.
pub fn by_groups(_: &str, _: &str) -> Remediation {
    let text = "make it not publicly accessible, or guard it with a security group that admits \
                only the addresses that need it";
    Remediation::in_words(text)
}

/// Reports what the internet can open of a service.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, rule: &PortRule) {
    for region in cx.regions() {
        // Without word of the service itself that is missing; the network's facts matter only
        // where there is something.
        note_unread_of(&region, found, |call| {
            let wanted = cx.latent || !call.only_latent;
            let of_network = CONTROLS.contains(&call);
            wanted && (!of_network || (rule.any)(region.services))
        });
        let rows = openings(&region, |row| row.resource.kind == rule.kind);
        for mut openings in rows.into_values() {
            let Some(first) = openings.first() else { continue };
            let id = first.row.resource.id;
            for opening in &mut openings {
                let listener = Listener {
                    services: region.services,
                    id,
                    sources: opening.row.sources,
                    service_managed: region.network().is_service_managed(opening.row),
                };
                opening.severity = (rule.severity)(&listener);
                match (rule.product)(&listener) {
                    Product::OfPort => {}
                    Product::Named(name) => opening.usage.products = vec![name],
                    Product::Unknown => opening.usage.products.clear(),
                }
            }
            report_closing(&region, found, &openings, |by_groups, changes| {
                if !by_groups.commands.is_empty() {
                    return (by_groups, changes);
                }
                let remediation = (rule.close)(region.name, id);
                let resource = rule.kind.resource(&region.place(), id);
                let close = || Change::close(rule.kind, &resource, id);
                let change = (!remediation.commands.is_empty()).then(close).flatten();
                (remediation, change.into_iter().collect())
            });
        }
    }
}
