//! What to do about calls without an answer, with the line to type.

use std::collections::BTreeSet;

use crate::inventory::Snapshot;
use crate::inventory::aws::calls::{self, organizations};
use crate::model::{Arn, Gap, Outcome, Remediation, aws, quoted};

/// Kinds of policies that a permission of the identity's own cannot overrule, by the words with
/// which AWS names them in a refusal, and who can change them (IAM user guide, troubleshoot access
/// denied error messages).
const OF_OTHERS: [(&str, &str); 7] = [
    ("service control policy", "whoever manages the organization's policies"),
    ("resource control policy", "whoever manages the organization's policies"),
    ("permissions boundary", "whoever manages the identity's permissions boundary"),
    ("session policy", "whoever made this session: it was given fewer rights than its role has"),
    ("VPC endpoint policy", "whoever manages the VPC endpoint that this network uses"),
    ("identity-based policy", "whoever manages the policies of the identity: one denies it"),
    ("resource-based policy", "whoever owns the policy of that resource"),
];

/// The remedies for one account, most helpful first.
pub fn remedies(snapshot: &Snapshot) -> Vec<Remediation> {
    let mut remedies = Vec::new();
    let (foreign, own): (Vec<&Gap>, Vec<&Gap>) = snapshot
        .gaps
        .iter()
        .filter(|gap| gap.outcome == Outcome::Denied)
        .partition(|gap| barrier(&gap.message).is_some());
    if own.iter().any(|gap| calls::ASSUME_ROLE.is_missing(gap)) {
        let roles: BTreeSet<&str> = own.iter().filter_map(|gap| gap.resource.as_deref()).collect();
        let all = roles.iter().copied().collect::<Vec<_>>().join(", ");
        remedies.push(Remediation {
            text: format!("let this identity assume {all}: its trust policy must name it"),
            commands: roles
                .iter()
                .map(|role| {
                    let named = ["--role-arn", role, "--role-session-name", "outcrop"];
                    aws(["sts", "assume-role"].into_iter().chain(named))
                })
                .collect(),
        });
    }
    // Any member may learn its organization, but no permission of a member account's identity opens
    // the rest.
    let (others, own): (Vec<&Gap>, Vec<&Gap>) = own.into_iter().partition(|gap| {
        gap.service == organizations::LIST_ROOTS.service
            && !organizations::DESCRIBE_ORGANIZATION.is_missing(gap)
    });
    let (members, others): (Vec<&Gap>, Vec<&Gap>) =
        others.into_iter().partition(|gap| organizations::LIST_ACCOUNTS.is_missing(gap));
    if !members.is_empty() {
        remedies.push(Remediation::in_words(
            "only the management account of the organization and its delegated administrators list \
             its members: name accounts of yours in the configuration ([trusted])",
        ));
    }
    if !others.is_empty() {
        remedies.push(Remediation {
            text:
                "only the management account of the organization and its delegated administrators \
                   read its resource control policies: ask there for them, and give them to scans"
                    .to_owned(),
            commands: vec!["outcrop scan --organization-policies FILE".to_owned()],
        });
    }
    let actions: BTreeSet<&str> = own.iter().filter_map(|gap| action(gap)).collect();
    if !actions.is_empty() {
        let actions: Vec<_> = actions.into_iter().collect();
        remedies.push(Remediation {
            text: format!("allow {}", actions.join(", ")),
            commands: vec![attach(snapshot.identity.as_deref().unwrap_or_default())],
        });
    }
    for (kind, who) in OF_OTHERS {
        let of_kind: Vec<&Gap> =
            foreign.iter().filter(|gap| barrier(&gap.message) == Some(kind)).copied().collect();
        if of_kind.is_empty() {
            continue;
        }
        let actions = names(&of_kind, action);
        let regions = names(&of_kind, |gap| Some(gap.region.as_str()));
        remedies.push(Remediation {
            text: format!(
                "a {kind} refuses {actions} in {regions}; no permission of this identity helps: \
                 ask {who}, or leave those regions out"
            ),
            commands: vec![format!(
                "outcrop scan --exclude-region {}",
                quoted(&regions.replace(", ", ","))
            )],
        });
    }
    let of = |outcome: Outcome| -> Vec<&Gap> {
        snapshot.gaps.iter().filter(|gap| gap.outcome == outcome).collect()
    };
    let expired = of(Outcome::Expired);
    if !expired.is_empty() {
        let regions = names(&expired, |gap| Some(gap.region.as_str()));
        remedies.push(Remediation {
            text: format!(
                "the credentials are not valid in {regions}: they have expired, or the account has \
                 not enabled the region"
            ),
            commands: vec!["aws sts get-caller-identity".to_owned()],
        });
    }
    if !of(Outcome::Throttled).is_empty() {
        remedies.push(Remediation {
            text: "AWS asks to slow down: others use the same account; ask less at once".to_owned(),
            commands: vec!["outcrop scan --concurrency 8 --max-rps 20".to_owned()],
        });
    }
    let late = of(Outcome::Timeout);
    if !late.is_empty() {
        let regions = names(&late, |gap| Some(gap.region.as_str()));
        remedies.push(Remediation {
            text: format!(
                "no answer in time from {regions}: check the network and HTTPS_PROXY, or wait longer"
            ),
            commands: vec!["outcrop scan --timeout 5m".to_owned()],
        });
    }
    if !of(Outcome::Malformed).is_empty() {
        remedies.push(Remediation {
            text: "answers that are none of AWS's: something between here and AWS rewrites them; \
                   check HTTPS_PROXY and AWS_ENDPOINT_URL"
                .to_owned(),
            commands: Vec::new(),
        });
    }
    remedies
}

/// The kind of policy that refuses, where it is none that allowing the action would mend. AWS says
/// `with an explicit deny in a service control policy` or `because no session policy allows`. That
/// the identity's or the resource's own policies do not allow it is no barrier: they may.
fn barrier(message: &str) -> Option<&'static str> {
    let explicit = message.contains("explicit deny");
    OF_OTHERS.iter().map(|(kind, _)| *kind).find(|kind| {
        let missing =
            !kind.ends_with("-based policy") && message.contains(&format!("no {kind} allows"));
        missing || explicit && message.contains(kind)
    })
}

fn action(gap: &Gap) -> Option<&'static str> {
    Some(calls::named(&gap.call())?.action).filter(|action| !action.is_empty())
}

fn names<'a, 'n>(gaps: &[&'a Gap], name: impl Fn(&'a Gap) -> Option<&'n str>) -> String {
    let all: BTreeSet<&str> = gaps.iter().filter_map(|gap| name(gap)).collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// The line that gives an identity the permissions (IAM identifiers, ARNs of principals).
fn attach(identity: &str) -> String {
    const POLICY: &str = "\"$(outcrop permissions)\"";
    let arn = Arn::parse(identity);
    let parts: Vec<&str> = arn.map(|arn| arn.resource.split('/').collect()).unwrap_or_default();
    match parts.as_slice() {
        // IAM Identity Center names its roles after the permission set and owns their policies.
        ["assumed-role", role, ..] if role.starts_with("AWSReservedSSO_") => {
            let set = role.trim_start_matches("AWSReservedSSO_");
            let set = set.rsplit_once('_').map_or(set, |(name, _hash)| name);
            format!(
                "aws sso-admin put-inline-policy-to-permission-set --instance-arn INSTANCE \
                 --permission-set-arn {} --inline-policy {POLICY}",
                quoted(&format!("ARN_OF_{set}"))
            )
        }
        ["assumed-role", role, ..] => format!(
            "aws iam put-role-policy --role-name {} --policy-name outcrop --policy-document \
             {POLICY}",
            quoted(role)
        ),
        ["user", .., user] => format!(
            "aws iam put-user-policy --user-name {} --policy-name outcrop --policy-document \
             {POLICY}",
            quoted(user)
        ),
        _ => "outcrop permissions".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(operation: &str, outcome: Outcome, message: &str) -> Gap {
        Gap {
            service: "s3".to_owned(),
            operation: operation.to_owned(),
            region: "eu-west-1".to_owned(),
            resource: None,
            outcome,
            code: None,
            message: message.to_owned(),
        }
    }

    fn of(gaps: Vec<Gap>) -> Vec<Remediation> {
        let identity = Some("arn:aws:sts::123456789012:assumed-role/audit/me".to_owned());
        remedies(&Snapshot { identity, gaps, ..Snapshot::default() })
    }

    #[test]
    fn a_missing_permission_is_allowed_where_the_identity_keeps_its_policies() {
        let told = of(vec![
            gap("GetBucketPolicy", Outcome::Denied, "because no identity-based policy allows it"),
            gap("ListBuckets", Outcome::Denied, ""),
        ]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].text, "allow s3:GetBucketPolicy, s3:ListAllMyBuckets");
        let command = told[0].commands[0].as_str();
        assert!(command.starts_with("aws iam put-role-policy --role-name audit "), "{command}");
        let line = |identity| attach(identity);
        let user = line("arn:aws:iam::123456789012:user/staff/ann");
        assert!(user.contains("put-user-policy --user-name ann "), "{user}");
        let sso = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Read_Only_0123456789abcdef/ann";
        assert!(line(sso).contains("permission-set-arn ARN_OF_Read_Only "), "{}", line(sso));
        assert_eq!(line("arn:aws:iam::123456789012:root"), "outcrop permissions");
    }

    #[test]
    fn what_no_permission_mends_is_not_answered_with_a_permission() {
        for (message, who) in [
            ("with an explicit deny in a service control policy", "organization"),
            ("because no service control policy allows the s3:GetBucketPolicy action", "organiz"),
            ("because no permissions boundary allows the action", "boundary"),
            ("because no session policy allows the action", "session"),
            ("with an explicit deny in a resource-based policy", "owns the policy"),
            ("with an explicit deny in an identity-based policy", "manages the policies"),
        ] {
            let told = of(vec![gap("GetBucketPolicy", Outcome::Denied, message)]);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].text.contains(who), "{message}: {}", told[0].text);
            assert!(!told[0].text.starts_with("allow"), "{message}");
        }
        let own = "because no resource-based policy allows the action";
        assert!(
            of(vec![gap("GetBucketPolicy", Outcome::Denied, own)])[0].text.starts_with("allow")
        );
    }

    #[test]
    fn other_failures_have_remedies_of_their_own() {
        for (outcome, word) in [
            (Outcome::Expired, "get-caller-identity"),
            (Outcome::Throttled, "--max-rps"),
            (Outcome::Timeout, "--timeout"),
        ] {
            let told = of(vec![gap("ListBuckets", outcome, "")]);
            let command = told[0].commands[0].as_str();
            assert!(command.contains(word), "{outcome:?}: {command}");
        }
        assert!(of(vec![gap("ListBuckets", Outcome::Malformed, "")])[0].text.contains("PROXY"));
        assert!(of(Vec::new()).is_empty());
    }
}
