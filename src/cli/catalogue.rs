//! The rules for readers: the list and the pages, made from the rules themselves.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::json;

use crate::inventory::aws::calls::Call;
use crate::rules::{RULES, Rule, UnknownRule, formerly};

/// What `rules` takes.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Form of the list
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
}

/// Form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Runs `outcrop rules`.
pub fn rules(format: ListFormat) -> String {
    match format {
        ListFormat::Table => table(),
        ListFormat::Json => {
            let rules: Vec<_> = RULES.iter().map(|rule| as_json(rule)).collect();
            format!("{:#}\n", json!(rules))
        }
    }
}

fn table() -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(80)
        .set_header(["rule", "finds"]);
    // Ids are for copying: they are never broken.
    table.set_constraints([ColumnConstraint::ContentWidth]);
    for rule in RULES {
        let grade = format!("  {}, {}", rule.severity.as_str(), rule.category.as_str());
        table.add_row([format!("{}\n{grade}", rule.id), rule.title.to_owned()]);
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n\n{} rules; `outcrop explain RULE` shows a page\n", lines.join("\n"), RULES.len())
}

fn as_json(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "title": rule.title,
        "category": rule.category,
        "severity": rule.severity,
        "type": rule.kind.name,
        "calls": rule.calls().collect::<BTreeSet<_>>(),
        "benchmarks": rule.benchmarks(),
        "formerly": formerly(rule.id),
        "docs": rule.docs,
    })
}

/// Runs `outcrop explain RULE`.
pub fn explain(id: &str) -> anyhow::Result<String> {
    let rule = RULES.iter().find(|rule| rule.id == id);
    Ok(page(rule.ok_or_else(|| UnknownRule::new(id))?))
}

/// A rule's page: its own words, then what is known of it.
pub fn page(rule: &Rule) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", rule.id, rule.title);
    let _ = writeln!(
        page,
        "{} severity at most, category {}, resource {}.\n",
        rule.severity.as_str(),
        rule.category.as_str(),
        rule.kind
    );
    for old in formerly(rule.id) {
        let _ = writeln!(page, "Formerly called `{old}`.\n");
    }
    page.push_str(rule.docs.trim());
    page.push_str("\n\n## What it reads\n");
    let calls: BTreeSet<&Call> = rule.calls().collect();
    for call in calls {
        let _ = writeln!(page, "- {call} (permission `{}`)", call.action);
    }
    let benchmarks = rule.benchmarks();
    if !benchmarks.is_empty() {
        page.push_str("\n## Benchmarks\n");
        for (benchmark, controls) in benchmarks {
            let _ = writeln!(page, "- {benchmark}: {}", controls.join(", "));
        }
    }
    page
}
