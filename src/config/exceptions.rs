//! The tables of the file that are no flags: `[[ignore]]`, `[severity]`, `[trusted]`.

use std::collections::BTreeMap;

use ipnet::IpNet;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use super::ConfigError;
use super::document::{Document, Table};
use crate::model::{Provider, Severity};
use crate::rules::{RULES, Trusted, UnknownRule, named};
use crate::triage::{Ignore, NamePattern};

/// Keys of an ignore.
pub const IGNORE: &[&str] = &["rule", "resource", "account", "region", "reason", "expires"];
/// Keys of trust.
pub const TRUSTED: &[&str] = &["accounts", "organizations", "issuers", "ip-ranges"];

/// Reads `[[ignore]]`.
pub fn ignores(
    document: &Document<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<Ignore>, ConfigError> {
    let DeValue::Array(list) = value.get_ref() else {
        let message = "ignores are a list of tables: [[ignore]] with double brackets";
        return Err(document.error(value.span(), message));
    };
    list.iter().map(|entry| ignore(document, &document.table("ignore", entry, IGNORE)?)).collect()
}

fn ignore(document: &Document<'_>, table: &Table<'_, '_, '_>) -> Result<Ignore, ConfigError> {
    let reason = table.text("reason")?.filter(|(text, _)| !text.trim().is_empty());
    let Some((reason, _)) = reason else {
        let message = "an ignore needs a `reason`: it is what the next reader goes by";
        return Err(document.error(table.span(), message));
    };
    if ["rule", "resource", "account", "region"].iter().all(|key| table.get(key).is_none()) {
        let message = "an ignore needs at least one of `rule`, `resource`, `account`, `region`";
        return Err(document.error(table.span(), message));
    }
    let pattern = |name| -> Result<Option<NamePattern>, ConfigError> {
        Ok(table.text(name)?.map(|(text, _)| NamePattern::of(text)))
    };
    let rules = match table.text("rule")? {
        Some((rule, at)) => named(rule)
            .map_err(|error| document.error(at, error.to_string()))?
            .iter()
            .map(|rule| rule.id)
            .collect(),
        None => Vec::new(),
    };
    if let Some((account, at)) = table.text("account")? {
        check_account(document, account, at, true)?;
    }
    if let Some((uid, at)) = table.text("resource")?
        && Provider::naming(uid).is_none()
        && !uid.starts_with('*')
    {
        let name = Provider::ALL.map(Provider::uid_name).join(" or ");
        let message = format!("`{uid}` is no {name}; for a name in any place write `*{uid}`");
        return Err(document.error(at, message));
    }
    Ok(Ignore {
        place: format!("{}:{}", document.file.display(), document.place(table.span().start).0),
        rules,
        resource: pattern("resource")?,
        account: pattern("account")?,
        region: pattern("region")?,
        reason: reason.trim().to_owned(),
        expires: expires(document, table)?,
    })
}

fn expires(
    document: &Document<'_>,
    table: &Table<'_, '_, '_>,
) -> Result<Option<Date>, ConfigError> {
    let Some(value) = table.get("expires") else { return Ok(None) };
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        _ => document.text("expires", value)?.to_owned(),
    };
    text.parse::<Date>().map(Some).map_err(|_| {
        let message = format!("`{text}` is no date; write the last day as \"2027-01-31\"");
        document.error(value.span(), message)
    })
}

/// Reads `[severity]`.
pub fn severities(
    document: &Document<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Result<BTreeMap<String, Severity>, ConfigError> {
    let mut severities = BTreeMap::new();
    for (key, value) in document.plain_table("severity", value)? {
        let rule = key.get_ref().as_ref();
        if !RULES.iter().any(|known| known.id == rule) {
            return Err(document.error(key.span(), UnknownRule::new(rule).to_string()));
        }
        let given = document.text(rule, value)?;
        let known = Severity::ALL.into_iter().find(|severity| severity.as_str() == given);
        let severity = known.ok_or_else(|| {
            let known = Severity::ALL.iter().map(|severity| severity.as_str());
            document.unknown("severity", given, known, value.span())
        })?;
        severities.insert(rule.to_owned(), severity);
    }
    Ok(severities)
}

/// Reads `[trusted]`.
pub fn trusted(
    document: &Document<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Trusted, ConfigError> {
    let table = document.table("trusted", value, TRUSTED)?;
    let list = |name| match table.get(name) {
        Some(value) => document.texts(name, value),
        None => Ok(Vec::new()),
    };
    let mut trusted = Trusted::default();
    for (account, at) in list("accounts")? {
        check_account(document, account, at, false)?;
        trusted.accounts.insert(account.to_owned());
    }
    for (organization, at) in list("organizations")? {
        // Organizations API reference, Organization: `^o-[a-z0-9]{10,32}$`.
        let id = organization.strip_prefix("o-").unwrap_or_default();
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !(10..=32).contains(&id.len()) || !id.chars().all(letter) {
            let message = format!("`{organization}` is no organization id such as o-a1b2c3d4e5");
            return Err(document.error(at, message));
        }
        trusted.organizations.insert(organization.to_owned());
    }
    for (issuer, at) in list("issuers")? {
        check_issuer(document, issuer, at)?;
        trusted.issuers.push(issuer.to_owned());
    }
    for (range, at) in list("ip-ranges")? {
        trusted.ranges.push(address_range(document, range, at)?);
    }
    Ok(trusted)
}

/// An issuer is what IAM calls a provider: the address without `https://` (IAM user guide, "Create
/// an OpenID Connect identity provider"). A pattern of all of them would trust everybody.
fn check_issuer(
    document: &Document<'_>,
    issuer: &str,
    at: std::ops::Range<usize>,
) -> Result<(), ConfigError> {
    let host = issuer.split('/').next().unwrap_or_default();
    let domain = host.rsplit('.').take(2).collect::<Vec<_>>();
    let is_named = domain.len() == 2
        && domain.iter().all(|label| !label.is_empty() && !label.contains(['*', '?', ':']));
    if is_named {
        return Ok(());
    }
    let message = format!("`{issuer}` is no issuer such as keycloak.example.com/realms/main");
    Err(document.error(at, message))
}

fn check_account(
    document: &Document<'_>,
    account: &str,
    at: std::ops::Range<usize>,
    glob: bool,
) -> Result<(), ConfigError> {
    if glob && NamePattern::of(account).is_glob()
        || account.len() == 12 && account.chars().all(|c| c.is_ascii_digit())
    {
        return Ok(());
    }
    Err(document.error(at, format!("`{account}` is no account id: expected twelve digits")))
}

fn address_range(
    document: &Document<'_>,
    given: &str,
    at: std::ops::Range<usize>,
) -> Result<IpNet, ConfigError> {
    let parsed =
        given.parse::<IpNet>().or_else(|_| given.parse::<std::net::IpAddr>().map(IpNet::from));
    let range = parsed.map_err(|_| {
        let message = format!("`{given}` is no address range such as 198.51.100.0/24");
        document.error(at.clone(), message)
    })?;
    // A trusted range hides findings: nobody owns more than the largest allocations there are.
    let widest = if matches!(range, IpNet::V4(_)) { 8 } else { 32 };
    if range.prefix_len() < widest {
        let message = format!("`{given}` is too wide to be trusted: at most a /{widest}");
        return Err(document.error(at, message));
    }
    Ok(range.trunc())
}
