//! `scan`: from a source of accounts to a report and an exit code.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::assemble::Assembly;
use super::exit::Exit;
use super::options::{Common, Gate, LIVE, Output, SAMPLED_OBJECTS, Scope, Selection};
use super::plan::{choose, plan};
use super::{aside, output, saved, source};
use crate::analysis::aws::organization::{self, GivenPolicy};
use crate::model::{Category, NotExamined, Run};
use crate::rules::{RULES, Rule};
use crate::triage::{Baseline, Exceptions};

/// What to judge, and by which rules.
#[derive(Debug, Args)]
pub struct Inputs {
    /// Judge snapshots or AWS dumps instead of an account; `-` is stdin
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "demo")]
    #[arg(conflicts_with_all = LIVE)]
    pub from: Vec<PathBuf>,
    /// Judge an inventory that is built in: no account, no network
    #[arg(long, conflicts_with_all = LIVE, conflicts_with_all = ["regions", "exclude_region"])]
    pub demo: bool,
    /// Where to look
    #[command(flatten)]
    pub scope: Scope,
    /// What to look for
    #[command(flatten)]
    pub selection: Selection,
    /// Also find and show what is shut by a control now
    #[arg(long, env = "OUTCROP_LATENT", help_heading = "What to look for")]
    pub latent: bool,
    /// Resource control policies of the organization, where its answers cannot be read: a JSON array
    /// of {"id", "document", "accounts"}
    #[arg(long, value_name = "FILE", env = "OUTCROP_ORGANIZATION_POLICIES")]
    #[arg(help_heading = "What to look for")]
    pub organization_policies: Option<PathBuf>,
}

/// What `scan` takes.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// What to judge
    #[command(flatten)]
    pub inputs: Inputs,
    /// How to report
    #[command(flatten)]
    pub output: Output,
    /// When to fail
    #[command(flatten)]
    pub gate: Gate,
    /// Baseline (`outcrop baseline`) or earlier JSON run whose findings do not count again
    #[arg(long, value_name = "FILE", env = "OUTCROP_BASELINE", help_heading = "When to fail")]
    pub baseline: Option<PathBuf>,
    /// Show only what is not in the baseline, or got worse (changes nothing but the display)
    #[arg(long, env = "OUTCROP_ONLY_NEW", help_heading = "How to report")]
    pub only_new: bool,
}

/// What to do after the built-in account.
const AFTER_THE_DEMO: &[(&str, &str)] = &[
    ("outcrop doctor", "who would ask your account, and which calls are refused"),
    ("outcrop scan", "your own account, with the credentials that the AWS CLI uses"),
    ("outcrop scan --demo -f html -o demo.html", "the same findings as a page with drawings"),
];

/// Runs `outcrop scan`.
pub fn scan(args: &ScanArgs, common: &Common, exceptions: &Exceptions) -> anyhow::Result<Exit> {
    let rules = choose(&args.inputs.selection)?;
    let baseline = args.baseline.as_deref().map(saved::read_baseline).transpose()?;
    if args.only_new && baseline.is_none() {
        anyhow::bail!("--only-new says what is not in a baseline; give one with --baseline FILE");
    }
    let reports = output::reports(&args.output)?;
    let (mut run, stopped) = judged(&args.inputs, &rules, common, (exceptions, baseline.as_ref()))?;
    if let Some(baseline) = baseline {
        baseline.mark(&mut run);
    }
    let about = output::ReportContext {
        rules: &rules,
        common,
        chosen: &args.output,
        reports: &reports,
        only_new: args.only_new,
        fails: args.gate.fails(),
        next: if args.inputs.demo { AFTER_THE_DEMO } else { &[] },
    };
    output::write(&run, &about)?;
    aside::run(&run, &args.output, &reports, common);
    let new = run.findings.iter().filter(|finding| !finding.is_known());
    Ok(Exit::of(&args.gate, new, run.scan.complete, stopped))
}

/// Judges everything that `inputs` means by `rules`, under what the user decided and accepted before;
/// also how it was stopped, where it was.
pub fn judged(
    inputs: &Inputs,
    rules: &[&'static Rule],
    common: &Common,
    (exceptions, baseline): (&Exceptions, Option<&Baseline>),
) -> anyhow::Result<(Run, Option<Exit>)> {
    let now = jiff::Timestamp::now();
    let mut run = Assembly::new(rules.to_vec(), now, exceptions, inputs.latent);
    run.baseline = baseline;
    run.not_examined = not_examined(&inputs.selection, rules);
    run.organization_policies = given_policies(inputs.organization_policies.as_deref())?;
    let mut stopped = None;
    if inputs.demo {
        source::demo(|snapshot| run.add(snapshot))?;
    } else if !inputs.from.is_empty() {
        source::files(&inputs.from, &inputs.scope, |_, snapshot| run.add(snapshot))?;
    } else {
        let plan = plan(rules, &inputs.selection, inputs.latent);
        stopped = live(&inputs.scope, common, plan, &mut |snapshot| run.add(snapshot))?;
    }
    if common.verbose > 0 {
        show_calls(&run);
    }
    let (run, warnings) = run.finish();
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok((run, stopped))
}

/// Resource control policies in a file.
///
/// # Errors
/// Names the file, the place in it and what was expected.
pub fn given_policies(file: Option<&Path>) -> anyhow::Result<Option<Vec<GivenPolicy>>> {
    let Some(file) = file else { return Ok(None) };
    let shown = file.display();
    let text = source::read(file).with_context(|| format!("cannot read {shown}"))?;
    let given = organization::given(&text).map_err(anyhow::Error::msg).with_context(|| {
        format!(
            "--organization-policies: {shown} is not what was expected, a JSON array of \
             {{\"id\": \"p-...\", \"document\": {{...}}, \"accounts\": [...]}}"
        )
    })?;
    Ok(Some(given))
}

/// What the chosen rules leave out that a reader may take for examined.
fn not_examined(selection: &Selection, rules: &[&'static Rule]) -> Vec<NotExamined> {
    let mut left_out = Vec::new();
    if selection.rules.is_empty() {
        let chosen = selection.categories();
        let others = Category::ALL.into_iter().filter(|category| !chosen.contains(category));
        left_out.extend(others.map(|category| {
            let of_it = RULES.iter().filter(|rule| rule.category == category);
            NotExamined {
                what: category.as_str().to_owned(),
                why: format!(
                    "the category was not chosen; add it with --category {}",
                    category.as_str()
                ),
                affects: of_it.map(|rule| rule.id.to_owned()).collect(),
            }
        }));
    }
    // A bucket that is private itself may hold public objects.
    let chosen = |id: &str| rules.iter().any(|rule| rule.id == id);
    let objects = |what: String, why: &str| NotExamined {
        what,
        why: why.to_owned(),
        affects: vec!["s3-object-public".to_owned()],
    };
    if chosen("s3-object-public") {
        let most = selection.sample_objects.unwrap_or(SAMPLED_OBJECTS);
        let why = "one call an object; look at more with --sample-objects";
        left_out.push(objects(format!("ACLs of S3 objects beyond {most} a bucket"), why));
    } else if chosen("s3-bucket-public") {
        let why = "one call an object; look at some with --sample-objects";
        left_out.push(objects("ACLs of S3 objects (--sample-objects)".to_owned(), why));
    }
    // An account may publish layers and run no functions: nothing tells whether there are any.
    if chosen("lambda-function-public") && !chosen("lambda-layer-public") {
        left_out.push(NotExamined {
            what: "layers of Lambda (--rule lambda-layer-public)".to_owned(),
            why: "a call in every region and one for each version; ask for the rule by its id"
                .to_owned(),
            affects: vec!["lambda-layer-public".to_owned()],
        });
    }
    left_out
}

/// What was asked of the provider, for people who pay or are paced by calls.
fn show_calls(run: &Assembly<'_>) {
    let mut text = format!("{} API calls\n", run.calls.values().sum::<u64>());
    for (call, count) in &run.calls {
        text.push_str(&format!("{count:>8} {call}\n"));
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(feature = "aws")]
pub use super::live::live;

/// Without the AWS SDK there is nothing to collect from.
#[cfg(not(feature = "aws"))]
pub fn live(
    _: &Scope,
    _: &Common,
    _: crate::analysis::aws::demand::CollectionPlan,
    _: &mut dyn FnMut(crate::inventory::Snapshot),
) -> anyhow::Result<Option<Exit>> {
    anyhow::bail!(
        "this outcrop was built without the AWS SDK and can only judge offline: \
         outcrop scan --from FILE, or outcrop scan --demo"
    )
}
