//! `html`: one self-contained page with filters, readable offline, without scripts and on paper.
//!
//! Style and script are the only ones that may run: the page's policy names them by hash, and
//! nothing may be loaded. Everything from the account passes the template's escaping.

mod first;
mod overview;
mod picture;

use std::collections::BTreeSet;
use std::io;
use std::sync::LazyLock;

use askama::Template;
use sha2::{Digest, Sha256};

use super::clean::markup;
use super::{RuleDoc, Style, words};
use crate::model::Status;
use crate::model::{Coverage, Finding, Run, Severity, Standing, Suppressed};
use picture::Picture;

const CSS: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
struct ReportPage<'a> {
    policy: &'static str,
    css: &'static str,
    script: &'static str,
    headline: String,
    state: String,
    scope: Vec<Fact>,
    complete: bool,
    tiles: Vec<Tile>,
    first: Vec<first::Item>,
    overview: Vec<Breakdown>,
    filters: Vec<FilterMenu>,
    nothing: &'static str,
    cards: Vec<Card<'a>>,
    gap_count: String,
    gaps: Vec<GapRow>,
    suppressed: Vec<LeftOut>,
    rule_count: String,
    rules: String,
    summary: String,
    tool: String,
}

/// What was scanned, and when.
struct Fact {
    name: &'static str,
    value: String,
}

/// A count; where it counts findings of the page it names the filters that show them.
struct Tile {
    class: &'static str,
    label: String,
    count: u64,
    severity: &'static str,
    status: &'static str,
}

/// How the findings are spread over the rules, the accounts or the regions.
struct Breakdown {
    name: &'static str,
    rows: Vec<Bar>,
    more: usize,
}

struct Bar {
    label: String,
    count: usize,
    pieces: Vec<Piece>,
}

/// A piece of a bar that is a hundred units wide.
struct Piece {
    class: &'static str,
    x: String,
    width: String,
}

/// A finding that the configuration left out.
struct LeftOut {
    rule: String,
    resource: String,
    reason: String,
}

/// Controls of one benchmark.
struct Benchmark {
    name: String,
    ids: String,
}

struct FilterMenu {
    name: &'static str,
    values: Vec<String>,
}

struct Card<'a> {
    severity: &'static str,
    status: &'static str,
    baseline: &'static str,
    service: String,
    account: String,
    region: String,
    rule: String,
    rule_title: &'a str,
    title: String,
    resource: String,
    uid: String,
    severity_note: String,
    who: String,
    picture: Picture,
    proof: Vec<String>,
    blocked_by: Vec<String>,
    unknown: Vec<String>,
    fix: String,
    commands: Vec<String>,
    benchmarks: Vec<Benchmark>,
    fingerprint: String,
}

struct GapRow {
    call: String,
    outcome: String,
    account: String,
    region: String,
    resource: String,
    affects: String,
}

/// Writes the page.
pub fn write(
    run: &Run,
    rules: &[RuleDoc],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let cards: Vec<Card<'_>> = run.findings.iter().map(|finding| card(finding, rules)).collect();
    let page = ReportPage {
        policy: &POLICY,
        css: CSS,
        script: SCRIPT,
        headline: headline(run),
        state: state(run),
        scope: scope(run),
        complete: run.scan.complete,
        tiles: tiles(run),
        first: first::of(run),
        overview: overview::of(run),
        filters: filters(&cards),
        nothing: words::nothing_found(run, style),
        cards,
        gap_count: words::count(run.coverage.len() as u64, "call"),
        gaps: run.coverage.iter().map(gap).collect(),
        suppressed: run.suppressed.iter().map(left_out).collect(),
        rule_count: words::count(run.scan.rules.len() as u64, "rule"),
        rules: markup(&run.scan.rules.join(", ")),
        summary: markup(&words::summary_line(run, style)),
        tool: markup(&format!("{} {}", run.tool.name, run.tool.version)),
    };
    let html = page.render().map_err(io::Error::other)?;
    out.write_all(html.as_bytes())
}

/// Nothing is loaded and only this style and this script count.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(CSS),
        hash(SCRIPT)
    )
});

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let sextet = (group >> (18 - 6 * n)) & 63;
            let letter = char::from(ALPHABET[sextet as usize]);
            text.push(if n <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

fn headline(run: &Run) -> String {
    let exposed = run.summary.exposed.values().sum::<u64>();
    format!("{exposed} exposed, {} undetermined", run.summary.undetermined)
}

fn state(run: &Run) -> String {
    match (run.scan.complete, run.coverage.len() as u64) {
        (true, _) => "complete: everything that the rules need was read".to_owned(),
        (false, 0) => "INCOMPLETE: not everything was read".to_owned(),
        (false, n) => format!("INCOMPLETE: {} without an answer", words::count(n, "call")),
    }
}

fn scope(run: &Run) -> Vec<Fact> {
    let scan = &run.scan;
    let names = |all: &[String], what: &str| match all {
        [] => "none".to_owned(),
        few if few.len() <= 6 => few.join(", "),
        more => words::count(more.len() as u64, what),
    };
    let mut facts = vec![
        Fact { name: "accounts", value: markup(&names(&scan.accounts, "account")) },
        Fact { name: "regions", value: markup(&names(&scan.regions, "region")) },
    ];
    if let Some(at) = &scan.finished_at {
        facts.push(Fact { name: "finished", value: markup(at) });
    }
    facts.push(Fact { name: "calls", value: scan.api_calls.to_string() });
    facts
}

fn tiles(run: &Run) -> Vec<Tile> {
    let summary = &run.summary;
    let exposed = Severity::ALL.map(|severity| Tile {
        class: severity.as_str(),
        label: format!("{} exposed", severity.as_str()),
        count: summary.exposed.get(&severity).copied().unwrap_or_default(),
        severity: severity.as_str(),
        status: Status::Exposed.as_str(),
    });
    let others = [
        (Status::Undetermined, summary.undetermined),
        (Status::Latent, summary.latent),
        (Status::Weakness, summary.weakness),
    ];
    let others = others.map(|(status, count)| Tile {
        class: status.as_str(),
        label: status.as_str().to_owned(),
        count,
        severity: "",
        status: status.as_str(),
    });
    let suppressed = Tile {
        class: "suppressed",
        label: "suppressed".to_owned(),
        count: summary.suppressed,
        severity: "",
        status: "",
    };
    let beside = [(Standing::New, summary.new), (Standing::Known, summary.known)];
    let beside = beside.into_iter().filter_map(|(standing, count)| {
        Some(Tile {
            class: standing.as_str(),
            label: standing.as_str().to_owned(),
            count: count?,
            severity: "",
            status: "",
        })
    });
    exposed.into_iter().chain(others).chain([suppressed]).chain(beside).collect()
}

fn filters(cards: &[Card<'_>]) -> Vec<FilterMenu> {
    let worst_first = |names: Vec<&'static str>, of: fn(&Card<'_>) -> &'static str| {
        let there: BTreeSet<&str> = cards.iter().map(of).collect();
        names.into_iter().filter(|name| there.contains(name)).map(str::to_owned).collect()
    };
    let sorted = |of: fn(&Card<'_>) -> String| {
        cards.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut menus = vec![
        FilterMenu {
            name: "severity",
            values: worst_first(Severity::ALL.map(Severity::as_str).to_vec(), |c| c.severity),
        },
        FilterMenu {
            name: "status",
            values: worst_first(Status::ALL.map(Status::as_str).to_vec(), |c| c.status),
        },
        FilterMenu { name: "service", values: sorted(|c| c.service.clone()) },
        FilterMenu { name: "account", values: sorted(|c| c.account.clone()) },
        FilterMenu { name: "region", values: sorted(|c| c.region.clone()) },
    ];
    let baseline = worst_first(Standing::ALL.map(Standing::as_str).to_vec(), |c| c.baseline);
    if !baseline.is_empty() {
        menus.insert(2, FilterMenu { name: "baseline", values: baseline });
    }
    menus
}

fn card<'a>(finding: &Finding, rules: &'a [RuleDoc]) -> Card<'a> {
    let resource = &finding.resource;
    let lines = |all: Vec<String>| all.iter().map(|line| markup(line)).collect::<Vec<_>>();
    let steps = words::proof(finding);
    let controls = finding.blocked_by.iter();
    let benchmark = |(name, ids): (&String, &Vec<String>)| Benchmark {
        name: markup(name),
        ids: markup(&ids.join(", ")),
    };
    Card {
        severity: finding.severity.as_str(),
        status: finding.status.as_str(),
        baseline: words::standing(finding),
        service: markup(resource.family()),
        account: markup(&resource.account),
        region: markup(&resource.region),
        rule: markup(&finding.rule),
        rule_title: rules.iter().find(|r| r.id == finding.rule).map_or("", |r| &r.title),
        title: markup(&finding.title),
        resource: markup(&words::resource_label(finding)),
        uid: markup(&resource.uid),
        severity_note: markup(&words::severity_line(finding)),
        who: markup(&who(finding)),
        picture: Picture::of(finding),
        proof: lines(steps.map(|s| words::step(&s.kind, s.id.as_deref(), &s.text)).collect()),
        blocked_by: lines(controls.map(|c| format!("{}: {}", c.control, c.text)).collect()),
        unknown: lines(finding.undecided.iter().map(words::unknown).collect()),
        fix: markup(&finding.remediation.text),
        commands: lines(finding.remediation.commands.clone()),
        benchmarks: finding.benchmarks.iter().map(benchmark).collect(),
        fingerprint: markup(&finding.fingerprint),
    }
}

/// Who gets in; of what is shut for now, who would.
fn who(finding: &Finding) -> String {
    match (words::exposure_line(finding), finding.status) {
        (who, Status::Latent) if !who.is_empty() => format!("but for what blocks it, {who}"),
        (who, _) => who,
    }
}

fn left_out(out: &Suppressed) -> LeftOut {
    LeftOut {
        rule: markup(&out.rule),
        resource: markup(&out.resource),
        reason: markup(&out.reason),
    }
}

fn gap(gap: &Coverage) -> GapRow {
    let code = gap.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    GapRow {
        call: markup(&format!("{}:{}", gap.service, gap.operation)),
        outcome: markup(&format!("{}{code} {}", gap.outcome.as_str(), gap.message)),
        account: markup(&gap.account),
        region: markup(&gap.region),
        resource: markup(gap.resource.as_deref().unwrap_or_default()),
        affects: markup(&gap.affects.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
