//! What `doctor` tells: who asks, where, what was refused, and the line that mends it.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::text::{BOLD, INCOMPLETE, Page};
use super::{Style, json, words};
use crate::model::{Coverage, Remediation, Tool};

/// How ready the accounts are for a scan.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Version of this form.
    pub schema_version: u32,
    /// Who writes this.
    pub tool: Tool,
    /// True when every call that some rule needs was answered.
    pub complete: bool,
    /// Account by account.
    pub accounts: Vec<Examined>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Examined {
    /// Its id.
    pub account: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// ARN of the identity that asked; absent when its role cannot be assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Regions that a scan looks at.
    pub regions: Vec<String>,
    /// Every call that the chosen rules may make.
    pub calls: Vec<Tried>,
    /// Calls without an answer.
    pub coverage: Vec<Coverage>,
    /// What to do about them.
    pub remedies: Vec<Remediation>,
}

impl Examined {
    /// Whether a scan would be complete. Some calls only add to the evidence.
    pub fn is_ready(&self) -> bool {
        self.coverage.iter().all(|gap| gap.affects.is_empty())
    }
}

/// A call that the chosen rules may make.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tried {
    /// Its name, for instance `s3:GetBucketPolicy`.
    pub call: String,
    /// The permission that allows it; absent where AWS asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// How often it was made.
    pub asked: u64,
    /// How that ended.
    pub outcome: Answered,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// Always with an answer.
    Answered,
    /// With a refusal, in some region or about some resource.
    Refused,
    /// Without an answer for another reason.
    Failed,
    /// Nothing that was looked at called for it.
    NotAsked,
}

/// The JSON Schema of what [`write_json`] writes.
pub fn schema() -> Value {
    super::schema::of::<Diagnosis>("outcrop doctor")
}

/// Writes it for programs.
pub fn write_json(diagnosis: &Diagnosis, out: &mut dyn io::Write) -> io::Result<()> {
    json::pretty(diagnosis, out)
}

/// Writes it for people.
pub fn write_text(diagnosis: &Diagnosis, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    for examined in &diagnosis.accounts {
        account(&mut page, examined)?;
    }
    let (paint, text) = match diagnosis.complete {
        true if diagnosis.accounts.iter().all(|one| one.coverage.is_empty()) => {
            (BOLD, "ready: every call that was tried was answered")
        }
        true => (BOLD, "ready: what was not seen would only have added to the evidence"),
        false => (INCOMPLETE, "NOT READY: a scan would be incomplete and exit with 3"),
    };
    let text = page.paint(paint, text);
    page.line(&text)
}

fn account(page: &mut Page<'_, '_>, examined: &Examined) -> io::Result<()> {
    page.paragraph("account   ", &format!("{} ({})", examined.account, examined.partition))?;
    let nobody = "nobody: the role cannot be assumed";
    page.paragraph("identity  ", examined.identity.as_deref().unwrap_or(nobody))?;
    let regions = &examined.regions;
    if !regions.is_empty() {
        page.paragraph("regions   ", &format!("{}: {}", regions.len(), regions.join(", ")))?;
    }
    let ended = |outcome| examined.calls.iter().filter(move |tried| tried.outcome == outcome);
    let kinds = [
        (Answered::Answered, "answered"),
        (Answered::Refused, "refused"),
        (Answered::Failed, "failed"),
        (Answered::NotAsked, "not called for by what was looked at"),
    ];
    let counts = kinds.map(|(outcome, word)| (ended(outcome).count(), word));
    let counts = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
    page.paragraph("calls     ", &counts.collect::<Vec<_>>().join(", "))?;
    let untried: Vec<&str> = ended(Answered::NotAsked).map(|tried| tried.call.as_str()).collect();
    if !untried.is_empty() {
        page.paragraph("untried   ", &untried.join(", "))?;
    }
    page.line("")?;
    page.not_seen(&examined.coverage)?;
    if examined.remedies.is_empty() {
        return Ok(());
    }
    let head = words::count(examined.remedies.len() as u64, "remedy");
    let head = page.paint(BOLD, &head);
    page.line(&head)?;
    for remedy in &examined.remedies {
        page.paragraph("  - ", &remedy.text)?;
        for command in &remedy.commands {
            // Not broken, so that it can be copied as a whole.
            let command = page.plain(command);
            page.line(&format!("    $ {command}"))?;
        }
    }
    page.line("")
}
