//! Rules about copies that can be shared: snapshots, images, documents.

use std::collections::BTreeSet;

use super::outsiders;
use crate::analysis::aws::policy::Context as Zone;
use crate::inventory::aws::calls::Call;
use crate::model::{
    Access, Audience, Door, Exposure, Known, Lock, Remediation, Resource, Severity, Sources,
    Status, Step, Who, first_few,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region, Rule};

/// Those of whom a title names before it counts the rest.
const NAMED: usize = 2;

/// Something that its owner can share, and with whom it is shared.
pub struct Share<'a> {
    /// What is shared.
    pub resource: Resource,
    /// What people call it, for instance `snapshot`.
    pub noun: &'static str,
    /// That every AWS account may use it, as it was read; `Read(None)`: not every account.
    pub public: Known<Option<Step>>,
    /// The call that tells with whom it is shared.
    pub asked: &'static Call,
    /// What that call is about, as it names it.
    pub asked_of: &'a str,
}

/// What a rule says of the kind of resource that it is about.
pub struct ShareRule {
    /// What sharing lets others do to one, for instance `restore`.
    pub verb: &'static str,
    /// The call that lists them.
    pub list: &'static Call,
    /// Those of one region; unread where the list is.
    pub shares: for<'a> fn(&Region<'_, 'a>) -> Known<Vec<Share<'a>>>,
    /// The control that stops sharing with everyone in one region, where AWS has one that reaches
    /// what is shared already.
    pub lock: Option<fn(&Region<'_, '_>) -> Lock>,
    /// How bad it is that every AWS account may use one.
    pub severity: Severity,
    /// How to stop it.
    pub fix: fn(&Share<'_>) -> Remediation,
}

/// Reports everything that every AWS account may use.
pub fn evaluate(cx: &Context<'_>, found: &mut Findings, rule: &ShareRule) {
    for region in cx.regions() {
        let Known::Read(shares) = (rule.shares)(&region) else {
            found.unread(rule.list, region.name);
            continue;
        };
        for share in shares {
            let public = match &share.public {
                Known::Read(Some(step)) => step.clone(),
                Known::Read(None) => continue,
                Known::Unread => {
                    found.unread_about(share.asked, region.name, share.asked_of);
                    continue;
                }
            };
            let verdict = Door::open([public]).behind(rule.lock.map(|lock| lock(&region)));
            let what = format!("{} {} {}", rule.verb, share.noun, share.resource.id);
            let title = match verdict.status {
                Status::Latent => format!("any AWS account could {what} but for a control"),
                Status::Undetermined => format!("any AWS account may be able to {what}"),
                _ => format!("any AWS account can {what}"),
            };
            let change = Change::close(found.rule().kind, &share.resource, share.asked_of);
            let finding = Found {
                way_in: "share",
                severity: rule.severity,
                title,
                exposure: Some(Exposure {
                    who: Who::AnyAws.into(),
                    access: vec![Access::Read],
                    source: Some(Sources::Internet),
                    ..Exposure::default()
                }),
                verdict,
                remediation: (rule.fix)(&share),
                resource: share.resource,
            };
            found.push_closed_by(finding, change.into_iter().collect());
        }
    }
}

/// A kind of resource that can be shared with accounts that are named. The rule about everyone lists
/// them.
pub struct SharedKind {
    /// The rule about everyone.
    pub rule: &'static Rule,
    /// How it lists them.
    pub shape: &'static ShareRule,
    /// The call that tells with whom one is shared.
    pub asked: &'static Call,
    /// With whom the one of this id is shared, besides everyone.
    pub with: for<'a> fn(&Region<'_, 'a>, &str) -> Known<Vec<Recipient<'a>>>,
    /// What they need besides, where it is encrypted.
    pub key: fn(&Region<'_, '_>, &str) -> Option<Step>,
    /// The command that stops it for these.
    pub stop: fn(&Share<'_>, &[Recipient<'_>]) -> String,
}

/// Somebody with whom something is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient<'a> {
    /// An account.
    Account(&'a str),
    /// All accounts of an organization, by its ARN.
    Organization(&'a str),
    /// All accounts of a unit of an organization, by its ARN.
    Unit(&'a str),
}

impl<'a> Recipient<'a> {
    /// As the answers name it.
    pub fn name(self) -> &'a str {
        match self {
            Recipient::Account(id) | Recipient::Organization(id) | Recipient::Unit(id) => id,
        }
    }

    /// Who that is. `arn:…:organization/o-…` and `arn:…:ou/o-…/ou-…` (Service Authorization Reference,
    /// AWS Organizations).
    pub fn who(self) -> Who {
        match self {
            Recipient::Account(id) => Who::Account(id.to_owned()),
            Recipient::Organization(arn) | Recipient::Unit(arn) => {
                Who::Org(arn.split('/').nth(1).unwrap_or(arn).to_owned())
            }
        }
    }

    fn says(self) -> String {
        let who = outsiders::called(&self.who());
        match self {
            Recipient::Unit(arn) => {
                format!("unit {} of {who}", arn.rsplit('/').next().unwrap_or(arn))
            }
            _ => who,
        }
    }
}

/// Reports everything of a kind that is shared with somebody outside `zone` who is named.
pub fn evaluate_named(cx: &Context<'_>, found: &mut Findings, zone: &Zone, kind: &SharedKind) {
    for region in cx.regions() {
        let Known::Read(shares) = (kind.shape.shares)(&region) else {
            found.unread(kind.shape.list, region.name);
            continue;
        };
        for share in shares {
            let Known::Read(mut with) = (kind.with)(&region, share.asked_of) else {
                found.unread_about(kind.asked, region.name, share.asked_of);
                continue;
            };
            with.retain(|one| is_outside(zone, &share.resource.account, *one));
            with.sort();
            with.dedup();
            if !with.is_empty() {
                let key = (kind.key)(&region, share.asked_of);
                report_named(cx, found, kind, share, &with, key);
            }
        }
    }
}

fn is_outside(zone: &Zone, owner: &str, one: Recipient<'_>) -> bool {
    match one.who() {
        Who::Account(id) => id != owner && !zone.trusted_accounts.contains(&id),
        Who::Org(id) => !zone.trusted_organizations.contains(&id),
        _ => true,
    }
}

fn report_named(
    cx: &Context<'_>,
    found: &mut Findings,
    kind: &SharedKind,
    share: Share<'_>,
    with: &[Recipient<'_>],
    key: Option<Step>,
) {
    let (noun, id) = (share.noun, share.resource.id.clone());
    let people: Vec<String> = with.iter().map(|one| one.says()).collect();
    let text = format!("it is shared with {}", people.join(", "));
    let mut evidence = vec![Step::of(noun_kind(noun), &id, text)];
    let accounts = with.iter().filter(|one| matches!(one, Recipient::Account(_)));
    evidence.extend(accounts.clone().filter_map(|one| outsiders::vendor(one.name())));
    evidence.extend(outsiders::not_known(cx, accounts.count() > 0));
    evidence.extend(key);
    let who: BTreeSet<String> = with.iter().map(|one| one.who().to_string()).collect();
    let who = who.into_iter().collect::<Vec<_>>().join(", ");
    let names = with.iter().map(|one| one.name().to_owned()).collect();
    let change = Change::unshare(kind.rule.kind, &share.resource, share.asked_of, names);
    let finding = Found {
        way_in: "share",
        severity: Severity::Medium,
        title: format!("{} can {} {noun} {id}", first_few(people, NAMED), kind.shape.verb),
        exposure: Some(Exposure {
            who: Audience::from(who.as_str()),
            access: vec![Access::Read],
            ..Exposure::default()
        }),
        verdict: Door::open(evidence).behind([]),
        remediation: Remediation {
            text: format!(
                "ask whether they still need it, and trust them in the configuration if they are \
                 yours; the command stops sharing the {noun} with them, and copies that they made \
                 stay theirs"
            ),
            commands: vec![(kind.stop)(&share, with)],
        },
        resource: share.resource,
    };
    found.push_closed_by(finding, change.into_iter().collect());
}

/// The kind of a step about one of these.
fn noun_kind(noun: &str) -> &'static str {
    if noun == "image" { "image" } else { "snapshot" }
}

/// That whoever uses a copy needs a key, where it is encrypted.
pub fn key(encrypted: Option<bool>, key: Option<&str>) -> Option<Step> {
    let text = "it is encrypted with this key: they need the key as well, by its own policy or by a \
                grant";
    (encrypted == Some(true)).then(|| match key {
        Some(key) => Step::of("kms-key", key, text),
        None => Step::new("kms-key", "it is encrypted: they need its key as well"),
    })
}
