//! Rules about copies that can be shared: snapshots, images, documents.

use crate::inventory::aws::calls::Call;
use crate::model::{
    Access, Door, Exposure, Known, Lock, Remediation, Resource, Severity, Sources, Status, Step,
    Who,
};
use crate::rules::change::Change;
use crate::rules::{Context, Findings, Found, Region};

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
