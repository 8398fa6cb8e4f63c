//! Where doors are open, or may be: by rule, account and region, each a bar in the colours of
//! severity.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::clean::{markup, shorten};
use super::{Bar, Breakdown, Piece};
use crate::model::Status;
use crate::model::{Finding, Run, Severity};

/// Rows of one part; the filters have all.
const MOST_ROWS: usize = 6;
/// Letters of a name in a row.
const MOST_LETTERS: usize = 60;

/// Three ways to look at what is not shut, worst first; none where everything is.
pub fn of(run: &Run) -> Vec<Breakdown> {
    let is_open = |f: &&Finding| matches!(f.status, Status::Exposed | Status::Undetermined);
    let open: Vec<&Finding> = run.findings.iter().filter(is_open).collect();
    if open.is_empty() {
        return Vec::new();
    }
    vec![
        part("open, by rule", &open, |finding| &finding.rule),
        part("by account", &open, |finding| &finding.resource.account),
        part("by region", &open, |finding| &finding.resource.region),
    ]
}

fn part(name: &'static str, open: &[&Finding], of: fn(&Finding) -> &str) -> Breakdown {
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for finding in open {
        let place = Severity::ALL.iter().position(|s| *s == finding.severity).unwrap_or_default();
        counts.entry(of(finding)).or_default()[place] += 1;
    }
    let total = |counts: &[usize; 4]| counts.iter().sum::<usize>();
    let mut all: Vec<_> = counts.into_iter().collect();
    // Severities stand worst first, so that the arrays compare as people would.
    all.sort_by_key(|(_, counts)| Reverse(*counts));
    let most = all.iter().map(|(_, counts)| total(counts)).max().unwrap_or(1);
    let row = |(name, counts): &(&str, [usize; 4])| Bar {
        label: markup(&shorten(name, MOST_LETTERS)),
        count: total(counts),
        pieces: pieces(counts, most),
    };
    let rows = all.iter().take(MOST_ROWS).map(row).collect();
    Breakdown { name, rows, more: all.len().saturating_sub(MOST_ROWS) }
}

fn pieces(counts: &[usize; 4], most: usize) -> Vec<Piece> {
    // Hundredths with two decimals.
    let width = |n: usize| n as f64 * 100.0 / most as f64;
    let mut before = 0;
    let mut pieces = Vec::new();
    for (severity, n) in Severity::ALL.into_iter().zip(counts).filter(|(_, n)| **n > 0) {
        let (x, wide) = (width(before), width(*n));
        pieces.push(Piece {
            class: severity.as_str(),
            x: format!("{x:.2}"),
            width: format!("{wide:.2}"),
        });
        before += n;
    }
    pieces
}
