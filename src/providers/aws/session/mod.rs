//! From options and environment to accounts that know who they are.

pub(crate) mod account;
pub(crate) mod caller;
mod credentials;
pub(crate) mod errors;
pub(crate) mod host;
mod options;
pub(crate) mod profile;
pub(crate) mod regions;

use std::sync::Arc;

use aws_smithy_http_client::proxy::ProxyConfig;
use futures_util::{StreamExt, stream};

use self::account::Account;
use self::caller::Caller;
use self::errors::ConnectError;
use self::host::Host;
use self::regions::Choice;
use crate::inventory::aws::calls;
use crate::inventory::{SCHEMA_VERSION, Snapshot};
use crate::model::Outcome;
use crate::providers::aws::transport::failure::Failure;
use crate::providers::aws::transport::http;

pub use self::options::Options;

/// Finds out who asks, and which regions there are: one account for each role, or the caller's.
///
/// # Errors
/// When nothing can be scanned, with the line to type as remedy.
pub async fn connect(options: &Options) -> Result<Connected, ConnectError> {
    for role in &options.roles {
        check_role(role)?;
    }
    // Before anything is asked: patterns must be valid.
    Choice::new(&options.regions, &options.exclude_regions)?;
    let profile = profile::read(options.profile.as_deref(), &Host::real()).await?;
    let http = http::client(options.concurrency, ProxyConfig::from_env())
        .map_err(|reason| ConnectError::Configuration { reason })?;
    let caller = Caller::load(options, profile, http).await?;
    if options.roles.is_empty() {
        let account = caller.account(caller.sdk.clone(), options).await?;
        return Ok(Connected { accounts: vec![Arc::new(account)], unseen: Vec::new() });
    }
    let caller = &caller;
    let answers: Vec<Result<Account, ConnectError>> = stream::iter(options.roles.clone())
        .map(|role| async move {
            let sdk = caller.assume(&role, options).await?;
            caller.account(sdk, options).await
        })
        .buffered(8)
        .collect()
        .await;
    let any = answers.iter().any(Result::is_ok);
    let mut connected = Connected::default();
    for (role, answer) in options.roles.iter().zip(answers) {
        match answer {
            Ok(account) => connected.accounts.push(Arc::new(account)),
            // One account of many that cannot be entered leaves the others judged.
            Err(error @ ConnectError::Role { .. }) if any => {
                connected.unseen.push(unseen(role, &caller.home, &error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(connected)
}

/// The accounts that answered, and what is known of those that cannot be entered.
#[derive(Debug, Default)]
pub struct Connected {
    /// Ready to be asked.
    pub accounts: Vec<Arc<Account>>,
    /// Nothing but the reason, for accounts whose role cannot be assumed while others can.
    pub unseen: Vec<Snapshot>,
}

/// An account of which only its id is known.
fn unseen(role: &str, home: &str, error: &ConnectError) -> Snapshot {
    let mut fields = role.split(':').skip(1);
    let partition = fields.next().unwrap_or_default().to_owned();
    let account = fields.nth(2).unwrap_or_default().to_owned();
    let failed = Failure {
        outcome: Outcome::Denied,
        code: None,
        message: error.to_string(),
        unreached: false,
    };
    let gap = failed.gap(&calls::ASSUME_ROLE, home, Some(role));
    Snapshot {
        schema_version: SCHEMA_VERSION,
        account,
        partition,
        gaps: vec![gap],
        ..Snapshot::default()
    }
}

fn check_role(role: &str) -> Result<(), ConnectError> {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && resource.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(ConnectError::NotARole { role: role.to_owned() }),
    }
}
