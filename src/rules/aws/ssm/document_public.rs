//! Documents of Systems Manager that every AWS account may read and run.

use crate::inventory::aws::calls::ssm::{DESCRIBE_DOCUMENT_PERMISSION, LIST_DOCUMENTS};
use crate::inventory::aws::kinds;
use crate::inventory::aws::ssm::Document;
use crate::model::{Category, Known, Remediation, Severity, Status, Step, aws};
use crate::rules::shapes::share::{self, Share, ShareRule};
use crate::rules::{Region, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "ssm-document-public",
    title: "A document of Systems Manager is shared with every AWS account",
    category: Category::Exposure,
    severity: Severity::High,
    kind: &kinds::SSM_DOCUMENT,
    opt_in: false,
    never: &[Status::Latent, Status::Undetermined],
    reads: &[&[&DESCRIBE_DOCUMENT_PERMISSION, &LIST_DOCUMENTS]],
    reads_more: &[],
    docs: "\
## What it finds
Documents of Systems Manager that the account owns and shares with `all`: every AWS account can find
them in the list of public documents, read them and run them on machines of its own. Documents that are
shared with named accounts only are not meant. No content is read, so what a document says is not told.

## Why it matters
Documents are scripts, written for the inside: they name hosts, paths and accounts, and often hold
passwords and tokens. Everyone who reads one keeps a copy.

## When it is latent
Never. The account's setting that blocks public sharing (`/ssm/documents/console/public-sharing-permission`)
stops new sharing and leaves what is shared as it is.

## How to close it
Take `all` away from the document's permissions, change the secrets that it holds, and switch the block
of public sharing on in every region, so that no further document becomes public.
",
    evaluate: |cx, found| share::evaluate(cx, found, &SHAPE),
};

const SHAPE: ShareRule = ShareRule {
    verb: "read and run",
    list: &LIST_DOCUMENTS,
    shares,
    lock: None,
    severity: Severity::High,
    fix: |share| Remediation {
        text:
            "take `all` away from the document's permissions, change the secrets in it, and block \
               public sharing of documents in the region: copies that others made stay theirs"
                .to_owned(),
        commands: vec![aws([
            "ssm",
            "modify-document-permission",
            "--region",
            &share.resource.region,
            "--name",
            &share.resource.id,
            "--permission-type",
            "Share",
            "--account-ids-to-remove",
            "all",
        ])],
    },
};

fn shares<'a>(region: &Region<'_, 'a>) -> Known<Vec<Share<'a>>> {
    let ssm = &region.services.ssm;
    let place = region.place();
    ssm.list_documents.as_ref().map(|listed| {
        // A list that was made without the filter holds those of AWS and of others.
        let is_own = |document: &&Document| {
            document.owner.as_deref().is_none_or(|owner| owner == place.account)
        };
        let shares = listed.document_identifiers.iter().filter(is_own).map(|document| {
            let name = document.name.as_str();
            let permission = ssm.describe_document_permission.get(name);
            let step = || {
                Step::of("document", name, "its share permission holds `all`: every AWS account")
            };
            Share {
                resource: kinds::SSM_DOCUMENT.resource(&place, name),
                noun: "document",
                public: Known::from(permission).map(|read| read.is_public().then(step)),
                asked: &DESCRIBE_DOCUMENT_PERMISSION,
                asked_of: name,
            }
        });
        shares.collect()
    })
}
