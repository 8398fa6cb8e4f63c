//! `policy`: who may do what under a policy, from a file.

use std::collections::BTreeSet;
use std::io::{BufRead, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::exit::Exit;
use super::output;
use super::scan::given_policies;
use crate::analysis::aws::organization::reaching;
use crate::analysis::aws::policy::organization::{ControlPolicies, Reach};
use crate::analysis::aws::policy::{self, Context, Locked, Subject, Verdict, explain, placeholder};
use crate::inventory::aws::kinds::{self, KINDS, Kind};
use crate::model::{Arn, Status};
use crate::report::clean;
use crate::rules::Trusted;

pub mod cases;
mod input;

pub use input::PolicyArgs;
use input::{Document, PolicyReport, Unusable};

/// Runs `outcrop policy`.
pub fn policy(args: &PolicyArgs, trusted: &Trusted) -> anyhow::Result<Exit> {
    if args.jsonl {
        return answer_cases();
    }
    let mut stdout = BufWriter::new(output::stdout());
    input::check(args)?;
    let stdin = [Path::new("-").to_owned()];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    let given = given_policies(args.organization_policies.as_deref())?;
    let mut worst = Verdict::Private;
    let (mut unread, mut unjudged) = (false, false);
    for file in files {
        let name = input::shown(file);
        let document = match input::read(file) {
            Ok(document) => document,
            Err(problem) => {
                // The other files are answered all the same.
                let (template, problem) = match problem {
                    Unusable::Template(problem) => (true, problem),
                    Unusable::Unread(problem) => (false, problem),
                };
                unjudged |= template;
                unread |= !template;
                stdout.flush()?;
                say(&problem);
                if args.format == PolicyReport::Json {
                    let answer = json!({"file": name, "error": format!("{problem:#}")});
                    writeln!(stdout, "{answer:#}")?;
                }
                continue;
            }
        };
        let about = PolicySubject::of(args, &document);
        let text = document.policy.to_string();
        let context = Context {
            org_id: args.organization.clone(),
            trusted_accounts: args
                .trusted_accounts
                .iter()
                .chain(&trusted.accounts)
                .cloned()
                .collect(),
            trusted_organizations: trusted.organizations.iter().cloned().collect(),
            trusted_issuers: trusted.issuers.clone(),
            trusted_ranges: trusted.ranges.clone(),
            control_policies: ControlPolicies {
                account: about.account.clone(),
                reach: given.as_ref().map_or(Reach::Aside, |given| reaching(given, &about.account)),
            },
            now: Some(jiff::Timestamp::now()),
            ..Context::default()
        };
        let subject = Subject {
            kind: &about.kind,
            arn: &about.arn,
            owner_account: &about.account,
            context: &context,
        };
        let (locked, refused) = policy::judge_file(&text, &subject);
        let ruling = &locked.ruling;
        worst = worst.min(ruling.verdict);
        // What else there is was judged; what is not filled in may be anything.
        unjudged |= ruling.diagnostics.iter().any(|found| found.code == policy::TEMPLATE);
        match args.format {
            PolicyReport::Text => write_text(&mut stdout, &name, &about, &locked, &refused)?,
            PolicyReport::Json => {
                let answer = json!({
                    "file": name,
                    "resource_type": about.kind,
                    "resource_arn": about.arn,
                    "owner_account": about.account,
                    "status": locked.status().map_or("none", Status::as_str),
                    "blocked_by": locked.controls,
                    "ruling": ruling,
                    "explanation": explain::explain(ruling),
                    "refusals": refused,
                });
                writeln!(stdout, "{answer:#}")?;
            }
        }
    }
    stdout.flush()?;
    Ok(match worst {
        Verdict::Public => Exit::Findings,
        _ if unread => Exit::Unable,
        // Whether strangers get in is not known: that is no pass.
        Verdict::Error | Verdict::Conditional => Exit::Incomplete,
        _ if unjudged => Exit::Incomplete,
        _ => Exit::Fine,
    })
}

/// Says on stderr why a file has no answer.
fn say(problem: &anyhow::Error) {
    let text = super::lines(&format!("{problem:#}"));
    let _ = writeln!(anstream::stderr(), "outcrop: {text}");
}

fn write_text(
    out: &mut impl Write,
    file: &str,
    about: &PolicySubject,
    locked: &Locked,
    refused: &[String],
) -> std::io::Result<()> {
    let mut lines = vec![format!("{file}: {} {}", about.kind, about.arn)];
    let mut add = |text: &str| lines.push(format!("  {text}"));
    if about.account == NOBODY {
        add("whose policy this is was not said (--account): every account is an outsider");
    }
    let ruling = &locked.ruling;
    explain::explain(ruling).iter().chain(refused).for_each(|text| add(text));
    for control in &locked.controls {
        add(&format!("it would be public but for {}: {}", control.control, control.text));
    }
    if about.kind == "aws.s3.bucket" && ruling.verdict != Verdict::Error {
        let says = if ruling.aws_public { "public" } else { "not public" };
        add(&format!("by the wording of its documentation AWS calls this policy {says}"));
    }
    for text in lines {
        let indent = text.len() - text.trim_start().len();
        let lines = clean::terminal_lines(&clean::visible(&text), WIDTH - indent - 2);
        for (number, wrapped) in lines.iter().enumerate() {
            let indent = if number == 0 { indent } else { indent + 2 };
            writeln!(out, "{:indent$}{}", "", wrapped.trim_start())?;
        }
    }
    Ok(())
}

/// Cases from stdin, one JSON object a line; each gets one line.
fn answer_cases() -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(output::stdout());
    let now = jiff::Timestamp::now();
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.context("cannot read stdin")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = cases::answer(&String::from_utf8_lossy(&line), now);
        writeln!(out, "{answer}")?;
        // Whoever asks case by case waits for each answer.
        out.flush()?;
        if out.get_ref().is_closed() {
            break;
        }
    }
    Ok(Exit::Fine)
}

/// Columns of the text.
const WIDTH: usize = 80;

/// Account of nobody, for policies that do not say whose they are.
const NOBODY: &str = "000000000000";

/// What a policy is about: as the user says, else as its own words suggest.
struct PolicySubject {
    kind: String,
    arn: String,
    account: String,
}

impl PolicySubject {
    fn of(args: &PolicyArgs, document: &Document) -> PolicySubject {
        let (around, document) = (document.arn.as_deref(), &document.policy.to_value());
        let resources = strings(document, &["Resource", "NotResource"]);
        let actions = strings(document, &["Action", "NotAction"]);
        let services = actions.iter().filter_map(|action| action.split_once(':'));
        let service = services.map(|(service, _)| service.to_ascii_lowercase()).find(|s| s != "*");
        let role = around.and_then(Arn::parse).is_some_and(|arn| arn.service == "iam");
        let known = args.kind.clone().or_else(|| role.then(|| kinds::IAM_ROLE.name.to_owned()));
        let kind = known.unwrap_or_else(|| {
            let bears = |kind: &&&Kind| {
                kind.policy.is_some_and(|own| Some(own.prefix) == service.as_deref())
            };
            // Access points share the actions of buckets, which are by far more common.
            let known =
                KINDS.iter().filter(|kind| !kind.name.ends_with("access-point")).find(bears);
            known.map_or(&kinds::S3_BUCKET, |kind| kind).name.to_owned()
        });
        let given = args.arn.clone().or_else(|| around.map(str::to_owned));
        let arn = given.or_else(|| {
            // An access point's policy names `accesspoint/NAME/object/*`, a bucket's `NAME/*`. A
            // template has no name yet.
            let named = |arn: &&String| arn.starts_with("arn:") && placeholder(arn).is_none();
            let arn = resources.iter().find(named)?;
            let end = if kind == "aws.s3.bucket" { arn.find('/') } else { arn.find("/*") };
            Some(without_variables(&arn[..end.unwrap_or(arn.len())]))
        });
        let of_arn = arn.as_deref().and_then(Arn::parse).map(|arn| arn.account);
        let of_arn = of_arn.filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()));
        let account = args.account.clone().or(of_arn.map(str::to_owned));
        let account = account.unwrap_or_else(|| NOBODY.to_owned());
        let arn = arn.unwrap_or_else(|| match kind.as_str() {
            "aws.iam.role" => format!("arn:aws:iam::{account}:role/this"),
            "aws.s3.bucket" => "arn:aws:s3:::this".to_owned(),
            _ => {
                let service = service.as_deref().unwrap_or("service");
                format!("arn:aws:{service}:us-east-1:{account}:this")
            }
        });
        PolicySubject { kind, arn, account }
    }
}

/// An ARN in which a name stands for each variable.
fn without_variables(arn: &str) -> String {
    let mut whole = String::new();
    let mut rest = arn;
    while let Some((before, variable)) = rest.split_once("${") {
        let Some((_, after)) = variable.split_once('}') else { break };
        whole.push_str(before);
        whole.push_str("this");
        rest = after;
    }
    whole + rest
}

/// Every text under one of the names in the statements.
fn strings(document: &Value, names: &[&str]) -> BTreeSet<String> {
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let values = statements.iter().flat_map(|s| names.iter().filter_map(|name| s.get(*name)));
    let texts = values.flat_map(|value| match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    });
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}
