//! One finding with who, proof and fix.

use std::collections::BTreeSet;
use std::io;

use super::super::clean::{terminal, uri_component};
use super::super::width::columns;
use super::super::words;
use super::{BOLD, DIM, Page, severity_paint};
use crate::model::{Evidence, Finding, Resource, Severity, Status};

/// How much of the proof is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// A way from the internet as one chain.
    Chain,
    /// Every step with what it says.
    Steps,
}

/// The kind of a step that is no step on the way.
const NOTE: &str = "note";

/// What the proofs of several findings say alike beside the way itself.
fn repeated_notes<'f>(findings: &[&'f Finding]) -> BTreeSet<&'f str> {
    let (mut seen, mut again) = (BTreeSet::new(), BTreeSet::new());
    for finding in findings {
        let notes = words::proof(finding).filter(|step| step.kind == NOTE);
        let notes: BTreeSet<&str> = notes.map(|step| &*step.text).collect();
        again.extend(notes.iter().copied().filter(|note| seen.contains(note)));
        seen.extend(notes);
    }
    again
}

impl Page<'_, '_> {
    /// Details of what is critical and high, or of everything where the user wants that.
    pub(super) fn details(&mut self, findings: &[&Finding]) -> io::Result<()> {
        let all = self.style.details;
        let (shown, left): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| all || finding.severity >= Severity::High);
        let proof = if all { Proof::Steps } else { Proof::Chain };
        let notes = if all { BTreeSet::new() } else { repeated_notes(&shown) };
        for finding in &shown {
            self.one_of(finding, proof, &notes)?;
            self.line("")?;
        }
        if proof == Proof::Chain {
            self.in_common(&shown, &notes)?;
        }
        if !left.is_empty() {
            let of = words::count(left.len() as u64, "finding");
            let text = format!("Proof and fix of {of} below high, and every step: --details");
            self.paragraph("", &text)?;
            self.line("")?;
        }
        Ok(())
    }

    /// A finding: its title, and under it what a reader needs to believe and to close it.
    pub(in crate::report) fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.one_of(finding, Proof::Steps, &BTreeSet::new())
    }

    fn one_of(
        &mut self,
        finding: &Finding,
        proof: Proof,
        said_once: &BTreeSet<&str>,
    ) -> io::Result<()> {
        let head = match (finding.status, words::standing(finding)) {
            (Status::Exposed, "") => finding.severity.as_str().to_uppercase(),
            (Status::Exposed, standing) => {
                format!("{}, {standing}", finding.severity.as_str().to_uppercase())
            }
            _ => {
                let severity = finding.severity.as_str().to_uppercase();
                format!("{severity}, {}", words::status(finding))
            }
        };
        let head = format!("{head}  ");
        self.labelled_in((severity_paint(finding.severity), BOLD), &head, &finding.title)?;
        self.place(finding)?;
        let id = format!("{}  {}", finding.rule, super::overview::short(finding));
        self.paragraph("    rule     ", &id)?;
        let severity = words::severity_line(finding);
        if !severity.is_empty() {
            self.paragraph("    severity ", &severity)?;
        }
        let who = words::exposure_line(finding);
        if !who.is_empty() {
            self.paragraph("    who      ", &who)?;
        }
        match proof {
            Proof::Steps => self.steps(words::proof(finding))?,
            Proof::Chain => self.chains(finding, said_once)?,
        }
        for control in &finding.blocked_by {
            self.paragraph("    BLOCKED  ", &format!("by {}: {}", control.control, control.text))?;
        }
        for missing in &finding.undecided {
            self.paragraph("    unknown  ", &words::unknown(missing))?;
        }
        if !finding.remediation.text.is_empty() {
            self.paragraph("    fix      ", &finding.remediation.text)?;
        }
        for command in &finding.remediation.commands {
            // Not broken, so that it can be copied as a whole.
            let command = terminal(command);
            self.line(&format!("    $ {command}"))?;
        }
        Ok(())
    }

    /// What it is on, and where that is.
    fn place(&mut self, finding: &Finding) -> io::Result<()> {
        let resource = &finding.resource;
        let label = self.plain(&words::resource_label(finding));
        let place = format!("{} in {} {}", resource.kind, resource.account, resource.region);
        let place = self.plain(&place);
        let lead = "    on       ";
        if columns(lead) + columns(&label) + 2 + columns(&place) > self.style.width {
            return self.paragraph(lead, &format!("{label}, {place}"));
        }
        let (lead, label) = (self.paint(DIM, lead), self.link(resource, &label));
        let place = self.paint(DIM, &place);
        self.line(&format!("{lead}{label}, {place}"))
    }

    /// The name of a resource; where the terminal can, a link to it in the console.
    fn link(&self, resource: &Resource, label: &str) -> String {
        let Some(console) = resource.console().filter(|_| self.style.links) else {
            return label.to_owned();
        };
        let url = format!("{console}{}", uri_component(&resource.uid));
        format!("\x1b]8;;{url}\x1b\\{label}\x1b]8;;\x1b\\")
    }

    fn steps<'f>(&mut self, steps: impl Iterator<Item = &'f Evidence>) -> io::Result<()> {
        for (n, step) in steps.enumerate() {
            // Each further path starts at the internet again.
            let label = match n {
                0 => "    proof    ",
                _ if step.kind == "internet" => "    or       ",
                _ => "           > ",
            };
            let line = words::step(&step.kind, step.id.as_deref(), &step.text);
            self.paragraph(label, &line)?;
        }
        Ok(())
    }

    /// Each way from the internet as one chain; what stands outside of it, step by step.
    fn chains(&mut self, finding: &Finding, said_once: &BTreeSet<&str>) -> io::Result<()> {
        let own = |step: &&Evidence| {
            let said = step.kind == NOTE && said_once.contains(&*step.text);
            !said && !words::is_way_back(step)
        };
        let steps: Vec<&Evidence> = words::proof(finding).filter(own).collect();
        let mut first = true;
        let mut rest = &steps[..];
        while let [head, tail @ ..] = rest {
            // A way ends where the next one starts at the internet, and its chain with the last step
            // that has a form for it.
            let next = tail.iter().position(|step| step.kind == "internet");
            let way = &rest[..next.map_or(rest.len(), |at| at + 1)];
            let chained = way.iter().rposition(|step| step.brief.is_some());
            let (chain, others) = match head.brief {
                Some(_) => way.split_at(chained.map_or(0, |at| at + 1)),
                None => (&[][..], way),
            };
            if !chain.is_empty() {
                let label = if first { "    proof    " } else { "    or       " };
                self.paragraph(label, &words::chain(finding, chain))?;
                first = false;
            }
            for step in others {
                let label = match first {
                    true => "    proof    ",
                    false if step.kind == "internet" => "    or       ",
                    false => "           > ",
                };
                let line = words::step(&step.kind, step.id.as_deref(), &step.text);
                self.paragraph(label, &line)?;
                first = false;
            }
            rest = &rest[way.len()..];
        }
        Ok(())
    }

    /// What the chains leave out because it is the same for many: what the gateways let through, and
    /// the way back.
    fn in_common(&mut self, shown: &[&Finding], notes: &BTreeSet<&str>) -> io::Result<()> {
        let steps = || shown.iter().flat_map(|finding| words::proof(finding));
        let mut said: BTreeSet<String> = BTreeSet::new();
        for step in steps().filter(|step| step.kind == "internet-gateway") {
            said.insert(step.text.clone());
        }
        // The route before the network ACL, as a reply meets them.
        let mut back: BTreeSet<(bool, &str)> = BTreeSet::new();
        for step in steps().filter(|step| words::is_way_back(step)) {
            back.extend(step.brief.as_deref().map(|brief| (step.kind != "reply-route", brief)));
        }
        if said.is_empty() && back.is_empty() && notes.is_empty() {
            return Ok(());
        }
        let head = self.paint(BOLD, "What these share");
        self.line(&head)?;
        for text in said {
            self.paragraph("  at the gateway  ", &text)?;
        }
        if !back.is_empty() {
            let back: Vec<&str> = back.into_iter().map(|(_, brief)| brief).collect();
            self.paragraph("  the way back    ", &back.join("; "))?;
        }
        for note in notes {
            self.paragraph("  for several     ", note)?;
        }
        self.line("")
    }
}
