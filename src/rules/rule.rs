//! What a rule is: data, and one pure function.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Context, Findings};
use crate::analysis::aws::policy::organization;
use crate::inventory::aws::calls::Call;
use crate::inventory::aws::kinds::Kind;
use crate::model::{Category, Severity, Status};

/// Finds one kind of exposure.
pub struct Rule {
    /// Stable name, `<service>-<resource>-<what is open>`.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What it is about.
    pub category: Category,
    /// The worst that it reports.
    pub severity: Severity,
    /// Kind of resource.
    pub kind: &'static Kind,
    /// True when it runs only if it is asked for: it makes many calls, or proves only what it
    /// happens to look at.
    pub opt_in: bool,
    /// Statuses that no finding of it can have, though its category has them.
    pub never: &'static [Status],
    /// Calls whose answers it reads, in groups that rules share.
    pub reads: &'static [&'static [&'static Call]],
    /// Calls whose answers it takes into account where it has them: to tell what is latent, to grade,
    /// to add to the evidence, to name the right resource. Without them it misses no way in.
    pub reads_more: &'static [&'static Call],
    /// The rule's page in Markdown, with the four headings of [`HEADINGS`].
    pub docs: &'static str,
    /// Judges one account.
    pub evaluate: fn(&Context<'_>, &mut Findings),
}

/// The headings of every rule's page.
pub const HEADINGS: [&str; 4] =
    ["## What it finds", "## Why it matters", "## When it is latent", "## How to close it"];

/// Controls of a benchmark, by benchmark.
pub type Benchmarks = BTreeMap<String, Vec<String>>;

impl Rule {
    /// Controls of public benchmarks that ask for the same; empty where none is known to.
    pub fn benchmarks(&self) -> Benchmarks {
        static ALL: OnceLock<BTreeMap<String, Benchmarks>> = OnceLock::new();
        ALL.get_or_init(|| {
            serde_json::from_str(include_str!("benchmarks.json"))
                .expect("the built-in benchmark table is valid; a test reads it")
        })
        .get(self.id)
        .cloned()
        .unwrap_or_default()
    }

    /// Every call that the rule may ask for.
    pub fn calls(&self) -> impl Iterator<Item = &'static Call> {
        self.required().chain(self.reads_more.iter().copied())
    }

    /// Whether resource control policies of an organization may decide what it says.
    pub fn heeds_control_policies(&self) -> bool {
        let of_access = matches!(self.category, Category::Exposure | Category::Sharing);
        of_access && organization::is_supported_by(self.kind)
    }

    /// The calls without whose answers it cannot judge all.
    pub fn required(&self) -> impl Iterator<Item = &'static Call> {
        self.reads.iter().flat_map(|group| group.iter()).copied()
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rule").field(&self.id).finish()
    }
}
