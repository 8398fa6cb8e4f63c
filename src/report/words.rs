//! Words that several formats share: counts, the summary line, ports, who gets in.

use super::Style;
use crate::model::{
    Access, Action, Coverage, Evidence, Exposure, Finding, Missing, Ports, Remediation, Run,
    Severity, Standing, Who, first_few,
};

/// `1 account`, `2 accounts`.
pub fn count(n: u64, one: &str) -> String {
    if n == 1 {
        return format!("1 {one}");
    }
    match one.strip_suffix('y') {
        Some(stem) => format!("{n} {stem}ies"),
        None => format!("{n} {one}s"),
    }
}

/// The one line that says how a run ended.
pub fn summary_line(run: &Run, style: &Style) -> String {
    // Formats that put it between marks want nothing loose at the end.
    summary(run, style).concat().join("; ").trim_end().to_owned()
}

/// How a run ended: the verdict, what was looked at, and what was not.
pub fn summary(run: &Run, style: &Style) -> [Vec<String>; 3] {
    let summary = &run.summary;
    let by_severity: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| Some((severity, *summary.exposed.get(&severity)?)))
        .filter(|(_, n)| *n > 0)
        .map(|(severity, n)| format!("{n} {}", severity.as_str()))
        .collect();
    let mut counts = format!("{} exposed", summary.exposed.values().sum::<u64>());
    if !by_severity.is_empty() {
        counts.push_str(&format!(" ({})", by_severity.join(", ")));
    }
    counts.push_str(&format!(", {} undetermined", summary.undetermined));
    counts.push_str(&format!(", {} latent", summary.latent));
    for (n, word) in [(summary.weakness, "weakness"), (summary.suppressed, "suppressed")] {
        if n > 0 {
            counts.push_str(&format!(", {n} {word}"));
        }
    }
    let scan = &run.scan;
    let mut verdict = vec![counts];
    if let (Some(new), Some(known)) = (summary.new, summary.known) {
        verdict.push(format!("{new} new, {known} known"));
    }
    verdict.push(if scan.complete { "complete".into() } else { "INCOMPLETE".into() });
    let scope = [
        count(scan.accounts.len() as u64, "account"),
        count(scan.regions.len() as u64, "region"),
        count(scan.api_calls, "API call"),
    ]
    .join(", ");
    let mut parts = Vec::new();
    if !scan.not_examined.is_empty() {
        let what: Vec<&str> = scan.not_examined.iter().map(|one| one.what.as_str()).collect();
        parts.push(format!("not examined: {}", what.join(", ")));
    }
    if style.hidden_latent > 0 {
        parts.push(format!("{} latent not shown (--latent)", style.hidden_latent));
    }
    if style.hidden_below_severity > 0 {
        parts.push(format!("{} below --min-severity not shown", style.hidden_below_severity));
    }
    if style.hidden_known > 0 {
        parts.push(format!("{} known not shown (--only-new)", style.hidden_known));
    }
    [verdict, vec![scope], parts]
}

/// What to say where there are no findings: never more than was seen.
pub fn nothing_found(run: &Run, style: &Style) -> &'static str {
    if style.hidden_latent + style.hidden_below_severity + style.hidden_known > 0 {
        "No findings to show; what is hidden is counted in the last line."
    } else if !run.scan.complete {
        "No findings in what could be read. The scan is INCOMPLETE: what was not seen may be open."
    } else if run.summary.suppressed > 0 {
        "No findings but those that the configuration suppresses."
    } else {
        "No findings: the rules examined everything they need and found nothing open."
    }
}

/// What stands over what to do first.
pub const FIRST: &str = "Fix these first";

/// Findings that an action names before it counts the rest.
const MOST_SETTLED: usize = 3;

/// What an action does to findings: each a verb, and the rest of the sentence.
pub fn effects(run: &Run, action: &Action) -> Vec<(&'static str, String)> {
    let findings = |all: &[String]| count(all.len() as u64, "finding");
    let by_severity: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| Some((severity, *action.severities.get(&severity)?)))
        .map(|(severity, n)| format!("{n} {}", severity.as_str()))
        .collect();
    let (verb, what) = match (action.closes.len(), action.shuts.len()) {
        (_, 0) => ("closes", findings(&action.closes)),
        (0, _) => ("shuts", findings(&action.shuts)),
        (_, n) => ("closes", format!("{}, and shuts {n} more", findings(&action.closes))),
    };
    let mut what = match by_severity.is_empty() {
        true => what,
        false => format!("{what} ({})", by_severity.join(", ")),
    };
    let settles = |finding: &&Finding| action.settled().any(|one| *one == finding.fingerprint);
    let mut names: Vec<String> = run.findings.iter().filter(settles).map(resource_label).collect();
    names.dedup();
    if !names.is_empty() {
        what.push_str(&format!(": {}", first_few(names, MOST_SETTLED)));
    }
    if !action.shuts.is_empty() {
        what.push_str("; what opened it is still there, behind the control");
    }
    let mut effects = vec![(verb, what)];
    if !action.narrows.is_empty() {
        effects.push(("narrows", format!("{}, open still", findings(&action.narrows))));
    }
    if !action.accepted.is_empty() {
        effects.push(("also", format!("closes {} that you accepted", findings(&action.accepted))));
    }
    effects
}

/// All ports of an exposure, the first `most` of them.
pub fn port_list(exposure: &Exposure, most: usize) -> String {
    let mut all: Vec<String> = exposure.ports.iter().take(most).map(Ports::to_string).collect();
    if exposure.ports.len() > most {
        all.push(format!("{} more", exposure.ports.len() - most));
    }
    all.join(", ")
}

/// What an exposure gives, class by class.
pub fn access_list(exposure: &Exposure, between: &str) -> String {
    let all: Vec<&str> = exposure.access.iter().map(|access| access.name()).collect();
    all.join(between)
}

/// Who gets in and what they get, in a line; empty where a finding has no exposure.
pub fn exposure_line(finding: &Finding) -> String {
    let Some(exposure) = &finding.exposure else { return String::new() };
    let mut parts = Vec::new();
    if !exposure.who.is_empty() {
        let named = exposure.who.iter().map(|who| match who {
            Who::Anyone => "anyone, without credentials".to_owned(),
            Who::AnyAws => "any AWS account".to_owned(),
            Who::Federated => "anyone at an identity provider".to_owned(),
            other => other.to_string(),
        });
        parts.push(named.collect::<Vec<_>>().join(", "));
    }
    if !exposure.access.is_empty() {
        let verbs = exposure.access.iter().map(|access| match access {
            // Of a role whoever assumes it has them; of anything else whoever changes who may.
            Access::Permissions => "gain permissions",
            other => other.name(),
        });
        parts.push(format!("may {}", verbs.collect::<Vec<_>>().join(", ")));
    }
    if !exposure.ports.is_empty() {
        parts.push(format!("on {}", port_list(exposure, 8)));
    }
    if !exposure.cidrs.is_empty() {
        parts.push(format!("from {}", first_few(&exposure.cidrs, 4)));
    }
    parts.join(" ")
}

/// Whether a step is of the way that replies take, which is the same for most.
pub fn is_way_back(step: &Evidence) -> bool {
    step.kind.starts_with("reply-")
}

/// Steps as one line: `internet > igw-1 > acl-1 rule 100 > sg-1 tcp 22 from 0.0.0.0/0 > i-1 (web)`.
pub fn chain(finding: &Finding, steps: &[&Evidence]) -> String {
    let named = |step: &&Evidence| match &step.brief {
        // The resource itself is called what it is called everywhere else.
        Some(brief) if *brief == finding.resource.id => resource_label(finding),
        Some(brief) => brief.clone(),
        None => self::step(&step.kind, step.id.as_deref(), &step.text),
    };
    steps.iter().map(named).collect::<Vec<_>>().join(" > ")
}

/// The proof without what `blocked_by` says again.
pub fn proof(finding: &Finding) -> impl Iterator<Item = &Evidence> {
    let again = !finding.blocked_by.is_empty();
    finding.evidence.iter().filter(move |step| !(again && step.kind == "blocked"))
}

/// That the severity is not the rule's own; empty where it is.
pub fn severity_line(finding: &Finding) -> String {
    let by_rule = finding.default_severity.map(|by_rule| {
        format!("{} by configuration, {} by its rule", finding.severity.as_str(), by_rule.as_str())
    });
    by_rule.unwrap_or_default()
}

/// `new`: what a finding is beside the baseline; empty where none was given.
pub fn standing(finding: &Finding) -> &'static str {
    finding.baseline.map(Standing::as_str).unwrap_or_default()
}

/// `exposed`, and where a baseline was given `exposed, new`.
pub fn status(finding: &Finding) -> String {
    match standing(finding) {
        "" => finding.status.as_str().to_owned(),
        standing => format!("{}, {standing}", finding.status.as_str()),
    }
}

/// The proof, what shuts it, what is unknown and how to close it, one line each.
pub fn details(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    let who = exposure_line(finding);
    if !who.is_empty() {
        lines.push(format!("who: {who}"));
    }
    let severity = severity_line(finding);
    if !severity.is_empty() {
        lines.push(format!("severity: {severity}"));
    }
    let standing = standing(finding);
    if !standing.is_empty() {
        lines.push(format!("baseline: {standing}"));
    }
    for at in proof(finding) {
        lines.push(format!("proof: {}", step(&at.kind, at.id.as_deref(), &at.text)));
    }
    for control in &finding.blocked_by {
        lines.push(format!("blocked by {}: {}", control.control, control.text));
    }
    for missing in &finding.undecided {
        lines.push(format!("unknown: {}", unknown(missing)));
    }
    if !finding.remediation.text.is_empty() {
        lines.push(format!("fix: {}", finding.remediation.text));
    }
    for command in &finding.remediation.commands {
        lines.push(format!("command: {command}"));
    }
    lines
}

/// Several commands as one line that a shell takes: each runs when the one before it did its work.
pub fn one_line(commands: &[String]) -> String {
    commands.join(" && ")
}

/// How to close it, where there is room for one text.
pub fn fix(remediation: &Remediation) -> String {
    let Remediation { text, commands } = remediation;
    match (text.is_empty(), commands.is_empty()) {
        (_, true) => text.clone(),
        (true, false) => one_line(commands),
        (false, false) => format!("{text}: {}", one_line(commands)),
    }
}

/// `cis-aws-v5: 2.1.4`: the controls of each benchmark.
pub fn benchmarks(finding: &Finding) -> Vec<String> {
    let one = |(name, ids): (&String, &Vec<String>)| format!("{name}: {}", ids.join(", "));
    finding.benchmarks.iter().map(one).collect()
}

/// What is missing for a decision, in a line.
pub fn unknown(missing: &Missing) -> String {
    match &missing.operation {
        Some(operation) => format!("{operation}: {}", missing.text),
        None => missing.text.clone(),
    }
}

/// A call without an answer, in a line.
pub fn gap(gap: &Coverage) -> String {
    let mut line = format!("{}:{}", gap.service, gap.operation);
    if let Some(resource) = &gap.resource {
        line.push_str(&format!(" of {resource}"));
    }
    line.push_str(&format!(" in {} {}: {}", gap.account, gap.region, gap.outcome.as_str()));
    if let Some(code) = &gap.code {
        line.push_str(&format!(" ({code})"));
    }
    if !gap.message.is_empty() {
        line.push_str(&format!(", {}", gap.message));
    }
    line
}

/// What to call a resource: its name where it has one, beside its id.
pub fn resource_label(finding: &Finding) -> String {
    match &finding.resource.name {
        Some(name) if *name != finding.resource.id => format!("{} ({name})", finding.resource.id),
        _ => finding.resource.id.clone(),
    }
}

/// One line for a step of the proof.
pub fn step(kind: &str, id: Option<&str>, text: &str) -> String {
    match id {
        Some(id) if !text.contains(id) => format!("{kind} {id}: {text}"),
        _ => format!("{kind}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_is_a_plural() {
        assert_eq!(count(1, "policy"), "1 policy");
        assert_eq!(count(2, "policy"), "2 policies");
    }
}
