//! Ways to workloads through the network, from its rows.

use super::workload::Door;
use crate::analysis::aws::network::Row;
use crate::model::Severity;
use crate::rules::Region;
use crate::rules::shapes::port::{Group, Opening, exposure, verdict};

/// The ways that a row stands for: its own ports, or those through load balancers.
pub fn of<'r, 'a>(row: &'r Row<'a>) -> Vec<Opening<'r, 'a>> {
    let Some(front) = &row.front else { return Opening::of(row) };
    let ways = front.paths.iter().filter_map(|path| {
        // A function has no port.
        let ports = path.to.map(|port| (port, port));
        let through = row.part(ports.as_slice());
        let usage = Opening::of(&through).pop()?.usage;
        Some(Opening { row, ports, usage, severity: Severity::Low, path: Some(path) })
    });
    ways.collect()
}

/// The widest of these ways as one door; `None` where nothing but a ping comes through.
pub fn widest(region: &Region<'_, '_>, mut openings: Vec<Opening<'_, '_>>) -> Option<Door> {
    openings.retain(|opening| Group::of(opening.usage.class).is_some());
    let status = openings.iter().map(Opening::status).min()?;
    openings.retain(|opening| opening.status() == status);
    let hinders = |opening: &Opening<'_, '_>| {
        // Any load balancer on the way may ask.
        let mut ways = std::iter::successors(opening.path, |path| path.before.as_deref());
        ways.any(|path| path.asks.hinders())
    };
    let hindered = openings.iter().all(hinders);
    let openings: Vec<&Opening<'_, '_>> = openings.iter().collect();
    let mut exposure = exposure(region, &openings);
    // Of what has no port, that of the listener is opened.
    let listeners = openings.iter().filter(|opening| opening.ports.is_none());
    for path in listeners.filter_map(|opening| opening.path) {
        for ports in exposure.ports.iter_mut().filter(|ports| ports.from.is_none()) {
            let port = Some(path.first().port);
            (ports.from, ports.to) = (port, port);
        }
    }
    Some(Door { exposure, verdict: verdict(region, &openings), hindered })
}
