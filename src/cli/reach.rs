//! `reach`: the network engine by itself, live or from files.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::exit::Exit;
use super::options::{Common, LIVE, Scope};
use super::{output, plan, scan, source};
use crate::analysis::aws::network::{self, Row, Unread};
use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, Call};
use crate::model::Category;
use crate::model::Status;
use crate::report::clean;
use crate::report::reach::rows_json;
use crate::rules::{RULES, Rule, unanswered};

/// What `reach` takes.
#[derive(Debug, Args)]
pub struct ReachArgs {
    /// Judge snapshots or AWS dumps instead of an account; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = LIVE)]
    pub from: Vec<PathBuf>,
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReachFormat,
    /// Also show what is shut by a control now
    #[arg(long, env = "OUTCROP_LATENT")]
    pub latent: bool,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
}

/// Form of what `reach` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReachFormat {
    /// For people.
    Text,
    /// One object with all rows, exposed and latent.
    Json,
    /// One object a line for each file or account.
    Jsonl,
}

/// Runs `outcrop reach`.
pub fn reach(args: &ReachArgs, common: &Common) -> anyhow::Result<Exit> {
    let rules = network_rules();
    // A service that no rule asks about is not missing.
    let asked = plan::calls(&rules);
    let mut answers = Answers { asked, rules: rules.clone(), ..Answers::default() };
    let mut stopped = None;
    if args.from.is_empty() {
        let plan = plan::without_objects(&rules, args.latent);
        stopped = scan::live(&args.scope, common, plan, &mut |snapshot| {
            answers.add(&snapshot, None, args.latent);
        })?;
    } else {
        source::files(&args.from, &args.scope, |file, snapshot| {
            answers.add(&snapshot, Some(&file.display().to_string()), args.latent);
        })?;
    }
    let mut stdout = std::io::BufWriter::new(output::stdout());
    if args.format != ReachFormat::Text {
        // Rows have no place for what could not be judged.
        for line in &answers.unread {
            tracing::warn!("{}", clean::visible(line));
        }
    }
    answers.write(args.format, &mut stdout)?;
    stdout.flush()?;
    Ok(match stopped {
        Some(stopped) => stopped,
        None if answers.unread.is_empty() => Exit::Fine,
        None => Exit::Incomplete,
    })
}

/// The rules whose calls tell what the network engine needs: those that ask what groups admit, or
/// what a Kubernetes API lets in, which has no groups of the account's own.
fn network_rules() -> Vec<&'static Rule> {
    let asks = [&calls::ec2::DESCRIBE_SECURITY_GROUPS, &calls::eks::DESCRIBE_CLUSTER];
    let of_network = |rule: &&&Rule| {
        rule.category == Category::Exposure && rule.required().any(|call| asks.contains(&call))
    };
    RULES.iter().filter(of_network).copied().collect()
}

/// Rows by file or account.
#[derive(Default)]
struct Answers {
    rows: Vec<(Option<String>, Vec<Value>)>,
    text: String,
    /// A line for each answer that is missing.
    unread: BTreeSet<String>,
    /// Calls whose answers the engine needs.
    asked: BTreeSet<&'static Call>,
    /// The rules that ask for them.
    rules: Vec<&'static Rule>,
}

impl Answers {
    fn add(&mut self, snapshot: &Snapshot, file: Option<&str>, latent: bool) {
        let mut rows = Vec::new();
        let mut unread: BTreeSet<(String, String, Option<String>)> = BTreeSet::new();
        // What was asked and refused is said, whatever was made of the rest.
        for gap in unanswered(snapshot, &self.rules) {
            let call = format!("{}:{}", gap.service, gap.operation);
            let only_latent = calls::named(&call).is_some_and(|call| call.only_latent);
            if !gap.affects.is_empty() && (latent || !only_latent) {
                unread.insert((gap.region, call, gap.resource));
            }
        }
        for (region, services) in &snapshot.regions {
            let reachability = network::analyse(&snapshot.account, services);
            rows.extend(rows_json(&reachability.rows));
            let place = format!("{} {region}", snapshot.account);
            let matters = |unread: &&Unread| {
                self.asked.contains(unread.call) && (latent || !unread.call.only_latent)
            };
            for one in reachability.unread.iter().filter(matters) {
                unread.insert((region.clone(), one.call.name(), one.resource.clone()));
            }
            for row in &reachability.rows {
                if latent || row.status == Status::Exposed {
                    let path = reachability.line(row);
                    self.text.push_str(&format!("{place}: {}\n    {path}\n", summary(row)));
                }
            }
        }
        for (region, call, about) in unread {
            let about = about.map_or(String::new(), |about| format!(" ({about})"));
            self.unread.insert(format!("{} {region}: not read: {call}{about}", snapshot.account));
        }
        match self.rows.last_mut() {
            Some((last, of_file)) if file.is_some() && last.as_deref() == file => {
                of_file.extend(rows);
            }
            _ => self.rows.push((file.map(str::to_owned), rows)),
        }
    }

    fn write(&self, format: ReachFormat, out: &mut impl Write) -> std::io::Result<()> {
        match format {
            ReachFormat::Text => {
                let unread = self.unread.iter().map(String::as_str);
                for line in unread.chain(self.text.lines()) {
                    writeln!(out, "{}", clean::terminal_line(&clean::visible(line)))?;
                }
                if self.text.is_empty() {
                    writeln!(out, "the internet can open nothing that was read")?;
                }
                Ok(())
            }
            ReachFormat::Json => {
                let rows: Vec<_> = self.rows.iter().flat_map(|(_, rows)| rows).collect();
                writeln!(out, "{:#}", json!({ "exposures": rows }))
            }
            ReachFormat::Jsonl => self.rows.iter().try_for_each(|(file, rows)| {
                writeln!(out, "{}", json!({ "file": file, "exposures": rows }))
            }),
        }
    }
}

/// A row in a line, for instance `exposed tcp 22 of i-0abc to internet (ipv4)`.
fn summary(row: &Row<'_>) -> String {
    let ports = row.ports.as_deref().map_or(String::new(), |ports| {
        let range = |(from, to): &(u16, u16)| match from == to {
            true => format!("{from}"),
            false => format!("{from}-{to}"),
        };
        format!(" {}", ports.iter().map(range).collect::<Vec<_>>().join(","))
    });
    let blocked: Vec<_> = row.blocked_by.iter().map(network::Control::as_str).collect();
    let blocked = match blocked.is_empty() {
        true => String::new(),
        false => format!(", shut by {}", blocked.join(", ")),
    };
    let unverified: Vec<_> = row.unverified.iter().map(|u| u.control.as_str()).collect();
    let unverified = match unverified.is_empty() {
        true => String::new(),
        false => format!(", not verified: {}", unverified.join(", ")),
    };
    // The word that a scan says of it.
    let status = Status::behind(row.status == Status::Latent, !row.unverified.is_empty());
    format!(
        "{} {}{ports} of {} to {} ({}, {}){blocked}{unverified}",
        status.as_str(),
        row.proto_name(),
        row.resource.id,
        row.sources.as_str(),
        row.family.as_str(),
        row.via,
    )
}
