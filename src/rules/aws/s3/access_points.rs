//! What the rules about access points share: from the ways through them to findings.

use super::shared::severity;
use crate::analysis::aws::s3::{Account, JudgedPoint};
use crate::inventory::aws::calls::Call;
use crate::model::{Known, Remediation, Status};
use crate::rules::change::Change;
use crate::rules::shapes::policy::Ways;
use crate::rules::{Findings, Found};

/// Reports the access points that the public gets through. `list` is the call that lists them in
/// `region`; `noun` is what people call one, and `close` says how to close it.
pub fn report(
    account: &Account<'_>,
    found: &mut Findings,
    list: &'static Call,
    region: &str,
    points: Known<Vec<JudgedPoint>>,
    noun: &str,
    close: impl Fn(&JudgedPoint) -> (String, Option<Change>),
) {
    let Known::Read(points) = points else {
        // Where the account's own block leaves no public policy in force, none of them is asked.
        if !account.restricts() {
            found.unread(list, region);
        }
        return;
    };
    for point in points {
        if let Some(call) = point.unread
            && !point.moot
        {
            found.unread_about(call, &point.resource.region, &point.resource.id);
        }
        let Some(ways) = Ways::worst(point.paths.iter().map(|(_, path)| path)) else { continue };
        let mut buckets: Vec<&str> = point
            .paths
            .iter()
            .filter(|(_, path)| path.status() == Some(ways.status))
            .map(|(bucket, _)| bucket.as_str())
            .collect();
        buckets.dedup();
        let what = format!("bucket {} through {noun} {}", buckets.join(", "), point.resource.id);
        let text = match ways.status {
            Status::Latent => {
                "take the access point's policy statement away, so that nothing depends on the \
                 control; the command leaves none of its statements"
            }
            _ => {
                "take the access point's policy statement away, and block public access to the \
                 bucket; an access point's own block is fixed when it is made; the command leaves \
                 none of its statements"
            }
        };
        let (command, change) = close(&point);
        let finding = Found {
            way_in: "access-point",
            severity: severity(&ways.access()),
            title: ways.title(&what),
            exposure: Some(ways.exposure()),
            verdict: ways.verdict("S3", &[]),
            remediation: Remediation { text: text.to_owned(), commands: vec![command] },
            resource: point.resource,
        };
        found.push_closed_by(finding, change.into_iter().collect());
    }
}
