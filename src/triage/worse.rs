//! Whether a finding got worse: opened, more severe, or letting in more than before.

use crate::model::{Exposure, Finding, Ports, Who};

/// Whether a finding is worse now than it was before.
pub(super) fn is_worse(before: &Finding, now: &Finding) -> bool {
    // Status is ordered worst first, severity worst last.
    now.status < before.status || now.severity > before.severity || is_wider(before, now)
}

fn is_wider(before: &Finding, now: &Finding) -> bool {
    let Some(now) = &now.exposure else { return false };
    let none = Exposure::default();
    let before = before.exposure.as_ref().unwrap_or(&none);
    lets_in_others(before, now)
        || now.access.iter().any(|access| !before.access.contains(access))
        || now.ports.iter().any(|ports| !covers(&before.ports, ports))
        || now.source > before.source
}

/// Whether somebody gets in now who did not. Of named ones every change counts.
fn lets_in_others(before: &Exposure, now: &Exposure) -> bool {
    let rank = |exposure: &Exposure| match exposure.who.widest() {
        None => 0,
        Some(Who::Anyone) => 4,
        Some(Who::AnyAws) => 3,
        Some(Who::Federated) => 2,
        Some(_) => 1,
    };
    rank(now) > rank(before) || (rank(now) == 1 && rank(before) == 1 && now.who != before.who)
}

/// Whether every port of `wanted` is one of `ranges`, which may touch and overlap.
fn covers(ranges: &[Ports], wanted: &Ports) -> bool {
    let (Some(from), Some(to)) = (wanted.from, wanted.to) else { return ranges.contains(wanted) };
    let mut of_protocol: Vec<(u16, u16)> = ranges
        .iter()
        .filter(|range| range.protocol == wanted.protocol)
        .filter_map(|range| Some((range.from?, range.to?)))
        .collect();
    of_protocol.sort_unstable();
    // The first port that is not known to be covered.
    let mut next = u32::from(from);
    for (from, to) in of_protocol {
        if u32::from(from) > next {
            break;
        }
        next = next.max(u32::from(to) + 1);
    }
    next > u32::from(to)
}

#[cfg(test)]
mod tests {
    use super::super::tests::instance;
    use super::*;
    use crate::model::{Access, Protocol, Severity, Sources, Status};

    fn tcp(from: u16, to: u16) -> Ports {
        Ports { protocol: Protocol::Tcp, from: Some(from), to: Some(to) }
    }

    #[test]
    fn a_way_in_that_lets_in_more_is_worse() {
        let with = |exposure| {
            let finding = instance("a", "i-1", Status::Exposed, Severity::High);
            Finding { exposure: Some(exposure), ..finding }
        };
        let before = Exposure {
            who: Who::AnyAws.into(),
            access: vec![Access::Read],
            ports: vec![tcp(443, 443), tcp(20, 21), tcp(22, 25)],
            source: Some(Sources::Broad),
            cidrs: vec!["198.51.0.0/16".to_owned()],
            ..Exposure::default()
        };
        let icmp = Ports { protocol: Protocol::Icmp, from: None, to: None };
        let cases: Vec<(&str, Exposure, bool)> = vec![
            ("the same", before.clone(), false),
            ("fewer ports", Exposure { ports: vec![tcp(21, 24)], ..before.clone() }, false),
            ("another port", Exposure { ports: vec![tcp(443, 444)], ..before.clone() }, true),
            ("a port below", Exposure { ports: vec![tcp(19, 20)], ..before.clone() }, true),
            ("another protocol", Exposure { ports: vec![icmp], ..before.clone() }, true),
            (
                "more of the net",
                Exposure { source: Some(Sources::Internet), ..before.clone() },
                true,
            ),
            ("less of it", Exposure { source: Some(Sources::Narrow), ..before.clone() }, false),
            ("anyone", Exposure { who: "anyone".into(), ..before.clone() }, true),
            ("a named one", Exposure { who: "account:1".into(), ..before.clone() }, false),
            ("more rights", Exposure { access: vec![Access::Write], ..before.clone() }, true),
            (
                "other ranges",
                Exposure { cidrs: vec!["198.0.0.0/8".into()], ..before.clone() },
                false,
            ),
        ];
        for (what, now, worse) in cases {
            assert_eq!(is_worse(&with(before.clone()), &with(now)), worse, "{what}");
        }
        let named = |who: &str| with(Exposure { who: who.into(), ..Exposure::default() });
        assert!(is_worse(&named("account:1"), &named("account:2")));
        assert!(!is_worse(&named("account:1"), &named("account:1")));
        let all = with(Exposure { ports: vec![tcp(0, 65535)], ..Exposure::default() });
        assert!(!is_worse(&all, &all));
    }
}
