//! The rows of the network engine in the form that `outcrop reach` prints as JSON.

use serde::Serialize;
use serde_json::Value;

use crate::analysis::aws::network::{Control, Ports, Row, Unverified};
use crate::inventory::aws::calls::Call;

/// One row. What is absent or empty is left out, but for `ports`: `null` there means that the
/// protocol has none.
#[derive(Debug, Serialize)]
struct ReachRow<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    eni: Option<&'a str>,
    via: String,
    family: &'static str,
    proto: &'static str,
    ports: Option<&'a [Ports]>,
    sources: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocked_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_verified: Vec<NotVerified<'a>>,
}

/// A control that was taken as passing.
#[derive(Debug, Serialize)]
struct NotVerified<'a> {
    control: &'static str,
    /// The call whose answer would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static Call>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
}

/// Controls without a note where they were not read. Most accounts that can read everything else
/// cannot read VPC block public access; that of another account's subnet is noted. Of load balancers
/// whose rules or attributes a dump leaves out, what is assumed is their default. Findings name all
/// of them.
const SILENT: [Control; 3] =
    [Control::ClientIpPreservation, Control::ListenerRule, Control::VpcBpa];

impl<'a> ReachRow<'a> {
    fn of(row: &'a Row<'_>) -> ReachRow<'a> {
        let of_subnet = |one: &Unverified| one.control == Control::VpcBpa && one.resource.is_some();
        let noted = |one: &&Unverified| !SILENT.contains(&one.control) || of_subnet(one);
        let noted = row.unverified.iter().filter(noted);
        ReachRow {
            resource: row.resource.id,
            eni: row.eni,
            via: row.via.to_string(),
            family: row.family.as_str(),
            proto: row.proto_name(),
            ports: row.ports.as_deref(),
            sources: row.sources.as_str(),
            status: row.status.as_str(),
            blocked_by: row.blocked_by.iter().map(Control::as_str).collect(),
            not_verified: noted.map(NotVerified::of).collect(),
        }
    }
}

impl<'a> NotVerified<'a> {
    fn of(unverified: &'a Unverified) -> NotVerified<'a> {
        NotVerified {
            control: unverified.control.as_str(),
            operation: unverified.call,
            resource: unverified.resource.as_deref(),
        }
    }
}

/// Rows as JSON values.
pub fn rows_json(rows: &[Row<'_>]) -> Vec<Value> {
    // A row has string keys and no floats: it always has a JSON form.
    rows.iter().filter_map(|row| serde_json::to_value(ReachRow::of(row)).ok()).collect()
}
