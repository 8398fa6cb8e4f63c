//! What `policy` is given: documents as people have them, and flags that have to make sense.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use crate::analysis::aws::policy::{Json, placeholder};
use crate::cli::source;
use crate::inventory::aws::kinds::{self, KINDS};
use crate::model::percent_decoded;
use crate::model::{Arn, did_you_mean};

/// Where AWS CLI output has the policy: `s3api get-bucket-policy`, `kms get-key-policy`, `lambda
/// get-policy` and others print `Policy`, as text or as JSON.
const WRAPPERS: [&str; 8] = [
    "Policy",
    "policy",
    "policyText",
    "ResourcePolicy",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "Role",
    "Attributes",
];

/// What `policy` takes.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 not public, 1 public, 2 could not read, 3 cannot be decided."
)]
pub struct PolicyArgs {
    /// Policy documents; stdin if not given, or `-`
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Kind of resource, for instance aws.sqs.queue; by the policy's actions if not given
    #[arg(long = "type", value_name = "KIND")]
    pub kind: Option<String>,
    /// ARN of the resource; by the policy's own resources if not given
    #[arg(long, value_name = "ARN")]
    pub arn: Option<String>,
    /// Account that owns it
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Organization of that account, for instance o-a1b2c3d4e5
    #[arg(long, value_name = "ID")]
    pub organization: Option<String>,
    /// Accounts that are no outsiders
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub trusted_accounts: Vec<String>,
    /// Resource control policies of that organization: a JSON array of {"id", "document", "accounts"}
    #[arg(
        long,
        value_name = "FILE",
        env = "OUTCROP_ORGANIZATION_POLICIES",
        conflicts_with = "jsonl"
    )]
    pub organization_policies: Option<PathBuf>,
    /// Form of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: PolicyReport,
    /// Read cases from stdin, one JSON object a line, and answer each with one
    #[arg(long, conflicts_with_all = ["files", "kind", "arn", "account", "organization"])]
    #[arg(conflicts_with = "trusted_accounts")]
    pub jsonl: bool,
}

/// Form of what `policy` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyReport {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How a file is called in answers.
pub fn shown(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() }
}

/// A policy, and the ARN of its resource where what is around the policy names it.
#[derive(Debug)]
pub struct Document {
    /// The policy.
    pub policy: Json,
    /// The ARN.
    pub arn: Option<String>,
}

/// Why a file has no policy to judge.
#[derive(Debug)]
pub enum Unusable {
    /// It cannot be read.
    Unread(anyhow::Error),
    /// It is a template whose text is no JSON yet.
    Template(anyhow::Error),
}

/// The policy in a file.
///
/// # Errors
/// Names the file, the place in it and what was expected.
pub fn read(file: &Path) -> Result<Document, Unusable> {
    let name = shown(file);
    let text = source::read(file).with_context(|| format!("cannot read {name}"));
    let text = text.map_err(Unusable::Unread)?;
    let is_template = text.contains("{{")
        || text.contains("{%")
        || text.lines().any(|line| placeholder(line).is_some());
    document(&name, &text).map_err(|error| match is_template {
        true => {
            Unusable::Template(error.context(format!(
                "{name} cannot be judged: it is a template that is not filled in"
            )))
        }
        false => Unusable::Unread(error),
    })
}

fn document(name: &str, text: &str) -> anyhow::Result<Document> {
    let text = text.trim();
    if text.is_empty() {
        bail!("{name} is empty; expected a policy document, or what the AWS CLI prints of one");
    }
    parse(text).with_context(|| {
        format!(
            "{name} is not a policy; expected a JSON object with `Statement`, or what the AWS CLI \
             prints, as `aws s3api get-bucket-policy` does"
        )
    })
}

fn parse(text: &str) -> anyhow::Result<Document> {
    // IAM's API returns policies percent-encoded (IAM API reference, GetRole).
    let decoded = text.starts_with('%').then(|| percent_decoded(text)).flatten();
    let json = Json::parse(decoded.as_deref().unwrap_or(text)).map_err(anyhow::Error::msg)?;
    policy_of(json)
}

/// Where AWS CLI output names the resource whose policy it holds.
const ARNS: [&str; 7] = ["Arn", "ARN", "arn", "QueueArn", "TopicArn", "BackupVaultArn", "RoleArn"];

fn policy_of(json: Json) -> anyhow::Result<Document> {
    match &json {
        Json::Text(text) => parse(text),
        Json::Object(_) if json.get("Statement").is_some() => {
            Ok(Document { policy: json, arn: None })
        }
        Json::Object(_) => match WRAPPERS.iter().find_map(|name| json.get(name)) {
            Some(inside) => {
                let around = ARNS.iter().find_map(|name| json.get(name).and_then(Json::text));
                let around = around.filter(|arn| Arn::parse(arn).is_some()).map(str::to_owned);
                let inside = policy_of(inside.clone())?;
                Ok(Document { arn: inside.arn.or(around), ..inside })
            }
            None => bail!("it has no `Statement`"),
        },
        _ => bail!("it is no JSON object"),
    }
}

/// Checks what flags say of the resource.
///
/// # Errors
/// Names the flag, the value and what was expected.
pub fn check(args: &PolicyArgs) -> anyhow::Result<()> {
    if let Some(kind) = &args.kind {
        let kinds = || KINDS.iter().filter(|kind| kind.policy.is_some()).map(|kind| kind.name);
        if kinds::named(kind).is_none_or(|known| known.policy.is_none()) {
            let hint = match did_you_mean(kind, kinds()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", kinds().collect::<Vec<_>>().join(", ")),
            };
            bail!("--type: no kind of resource is called `{kind}`; {hint}");
        }
    }
    if let Some(arn) = &args.arn {
        let whole = |arn: &Arn<'_>| !arn.service.is_empty() && !arn.resource.is_empty();
        if !Arn::parse(arn).is_some_and(|arn| whole(&arn)) || arn.contains(['*', '?']) {
            bail!(
                "--arn: `{arn}` is not the ARN of one resource; expected one such as \
                 arn:aws:s3:::my-bucket"
            );
        }
    }
    let accounts = args.account.iter().map(|id| ("--account", id));
    let accounts =
        accounts.chain(args.trusted_accounts.iter().map(|id| ("--trusted-accounts", id)));
    for (flag, id) in accounts {
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            bail!("{flag}: `{id}` is not an account id; expected 12 digits");
        }
    }
    match &args.organization {
        Some(id) if !is_organization(id) => bail!(
            "--organization: `{id}` is not an organization id; expected one such as o-a1b2c3d4e5"
        ),
        _ => Ok(()),
    }
}

/// `o-` and 10 to 32 lower case letters or digits (Organizations API reference, Organization: Id).
fn is_organization(id: &str) -> bool {
    id.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}
