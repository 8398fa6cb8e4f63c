//! Condition keys: who decides their value. A table, so that a new key is a new line.

use super::arn::{ArnPattern, any_account};
use super::glob::Glob;

/// Who decides the value of a key, and what a fixed value of it therefore bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Account of the caller.
    CallerAccount,
    /// ARN of the caller; its account is fixed by AWS, the rest is the caller's to choose.
    CallerArn,
    /// Organization of the caller.
    CallerOrg,
    /// Path of the caller's organization; the first segment is the organization.
    CallerOrgPath,
    /// Unique id of the caller and, behind a colon, a session name that the caller chooses.
    CallerId,
    /// Kind of identity.
    CallerType,
    /// True for calls by AWS services; absent for unsigned ones.
    IsService,
    /// Name of the calling service.
    ServiceName,
    /// Account a service acts for.
    SourceAccount,
    /// Resource a service acts for.
    SourceArn,
    /// Organization a service acts for.
    SourceOrg,
    /// Organization path a service acts for.
    SourceOrgPath,
    /// Source address.
    SourceIp,
    /// VPC, endpoint, or their owners: exist only behind a VPC endpoint.
    Endpoint,
    /// Organization path of the endpoint's account.
    EndpointOrgPath,
    /// Private address behind an endpoint: every VPC has the same ones.
    EndpointIp,
    /// Account of the access point.
    AccessPointAccount,
    /// ARN of the access point.
    AccessPointArn,
    /// Whether the request comes through a mount target, hence from inside the VPC.
    MountTarget,
    /// Account of this resource.
    ResourceAccount,
    /// Organization of this resource.
    ResourceOrg,
    /// Path of this resource's organization.
    ResourceOrgPath,
    /// The time.
    Time,
    /// Authentication of a function URL.
    FunctionUrl,
    /// Whether a function is called through its URL.
    ViaFunctionUrl,
    /// A value that two parties agreed on: it identifies no one, yet an attacker cannot guess it.
    Secret,
    /// Where messages are sent to.
    Destination,
    /// Chosen by every caller; with `always`, never absent.
    Free {
        /// Present in every request.
        always: bool,
    },
    /// Chosen by every caller that signs; absent in unsigned requests and service calls.
    Signed,
    /// Whether a service forwards the call of a principal; false in all other requests.
    Forwarded,
    /// VPC of the instance whose credentials sign the request; absent in all other requests.
    InstanceVpc,
    /// What a session was opened for or by, in the caller's account; absent in other requests.
    SessionSource,
    /// Name of an IAM user, chosen by whoever owns the account; absent for every other identity.
    UserName,
    /// A claim of a token: the identity provider sets it.
    Claim,
    /// Not in this table.
    Unknown,
}

/// Keys with one meaning, in lower case. Prefixes end in `/` or `:`.
const KEYS: &[(&str, Class)] = &[
    // Global keys: IAM user guide, "AWS global condition context keys".
    ("aws:assumedroot", Class::Signed),
    ("aws:calledvia", Class::Signed),
    ("aws:calledviaawsmcp", Class::Signed),
    ("aws:calledviafirst", Class::Signed),
    ("aws:calledvialast", Class::Signed),
    ("aws:chatbotsourcearn", Class::SessionSource),
    ("aws:currenttime", Class::Time),
    // Every VPC has the same private addresses, so this one tells none from another.
    ("aws:ec2instancesourceprivateipv4", Class::Signed),
    ("aws:ec2instancesourcevpc", Class::InstanceVpc),
    ("aws:epochtime", Class::Time),
    ("aws:federatedprovider", Class::Signed),
    ("aws:multifactorauthage", Class::Signed),
    ("aws:multifactorauthpresent", Class::Signed),
    ("aws:principalaccount", Class::CallerAccount),
    ("aws:principalarn", Class::CallerArn),
    ("aws:principalisawsservice", Class::IsService),
    ("aws:principalorgid", Class::CallerOrg),
    ("aws:principalorgpaths", Class::CallerOrgPath),
    ("aws:principalservicename", Class::ServiceName),
    ("aws:principalservicenameslist", Class::ServiceName),
    ("aws:principaltag/", Class::Signed),
    ("aws:principaltype", Class::CallerType),
    ("aws:referer", Class::Free { always: false }),
    ("aws:requestedregion", Class::Free { always: true }),
    ("aws:requesttag/", Class::Free { always: false }),
    ("aws:resourceaccount", Class::ResourceAccount),
    ("aws:resourceorgid", Class::ResourceOrg),
    ("aws:resourceorgpaths", Class::ResourceOrgPath),
    ("aws:resourcetag/", Class::Free { always: false }),
    ("aws:securetransport", Class::Free { always: true }),
    ("aws:signinsessionarn", Class::SessionSource),
    ("aws:sourceaccount", Class::SourceAccount),
    ("aws:sourcearn", Class::SourceArn),
    ("aws:sourceidentity", Class::Signed),
    ("aws:sourceip", Class::SourceIp),
    ("aws:sourceorgid", Class::SourceOrg),
    ("aws:sourceorgpaths", Class::SourceOrgPath),
    ("aws:sourceowner", Class::CallerAccount),
    ("aws:sourcevpc", Class::Endpoint),
    ("aws:sourcevpcarn", Class::Endpoint),
    ("aws:sourcevpce", Class::Endpoint),
    ("aws:tagkeys", Class::Free { always: false }),
    ("aws:tokenissuetime", Class::Signed),
    ("aws:useragent", Class::Free { always: true }),
    ("aws:userid", Class::CallerId),
    ("aws:username", Class::UserName),
    ("aws:viaawsmcpservice", Class::Signed),
    // Forward access sessions act on behalf of a principal that signed (IAM user guide, "Forward
    // access sessions").
    ("aws:viaawsservice", Class::Forwarded),
    ("aws:vpceaccount", Class::Endpoint),
    ("aws:vpceorgid", Class::Endpoint),
    ("aws:vpceorgpaths", Class::EndpointOrgPath),
    ("aws:vpcsourceip", Class::EndpointIp),
    // Keys of services: their pages in the service authorization reference.
    ("codebuild:buildarn", Class::SessionSource),
    ("codebuild:projectarn", Class::SessionSource),
    ("dynamodb:", Class::Free { always: false }),
    ("ec2:sourceinstancearn", Class::SessionSource),
    ("ecr:resourcetag/", Class::Free { always: false }),
    ("elasticfilesystem:accessedviamounttarget", Class::MountTarget),
    ("kms:calleraccount", Class::CallerAccount),
    ("kms:", Class::Free { always: false }),
    ("lambda:eventsourcetoken", Class::Secret),
    ("lambda:functionurlauthtype", Class::FunctionUrl),
    ("lambda:invokedviafunctionurl", Class::ViaFunctionUrl),
    ("lambda:sourcefunctionarn", Class::SessionSource),
    ("s3:authtype", Class::Signed),
    ("s3:dataaccesspointaccount", Class::AccessPointAccount),
    ("s3:dataaccesspointarn", Class::AccessPointArn),
    ("s3:resourceaccount", Class::ResourceAccount),
    ("s3:signatureage", Class::Signed),
    ("s3:signatureversion", Class::Signed),
    // Request headers and parameters, tags of objects.
    ("s3:", Class::Free { always: false }),
    ("secretsmanager:", Class::Free { always: false }),
    ("sns:endpoint", Class::Destination),
    ("sns:protocol", Class::Free { always: false }),
    ("ssm:sourceinstancearn", Class::SessionSource),
    ("sts:externalid", Class::Secret),
    ("sts:rolesessionname", Class::Free { always: false }),
    ("sts:sourceidentity", Class::Free { always: false }),
    ("sts:transitivetagkeys", Class::Free { always: false }),
];

/// Keys that can have several values in one request.
const SEVERAL_VALUES: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
    "s3:requestobjecttagkeys",
    "sts:transitivetagkeys",
];

/// Keys that are true or false.
const BOOLEANS: &[&str] = &[
    "aws:assumedroot",
    "aws:multifactorauthpresent",
    "aws:securetransport",
    "aws:viaawsmcpservice",
    "aws:viaawsservice",
    "kms:bypasspolicylockoutsafetycheck",
    "kms:grantisforawsresource",
    "lambda:invokedviafunctionurl",
    "secretsmanager:blockpublicpolicy",
];

/// Whether the key is true or false.
pub fn is_boolean(key: &str) -> bool {
    BOOLEANS.contains(&key)
}

/// Whether claims of an issuer start like this: with its host (IAM user guide, "Available keys for
/// AWS web identity federation"), or with `saml`. Keys of AWS and its services have no dot there.
fn is_issuer(prefix: &str) -> bool {
    prefix.contains('.') || prefix == "saml"
}

/// The class of a key in lower case. `provider` says whether callers come from an identity
/// provider, whose claims are keys of their own.
pub fn class(key: &str, provider: bool) -> Class {
    let exact = KEYS.iter().find(|(name, _)| *name == key);
    let prefix =
        || KEYS.iter().find(|(name, _)| name.ends_with(['/', ':']) && key.starts_with(name));
    match exact.or_else(prefix) {
        Some((_, class)) => *class,
        None => match key.rsplit_once(':') {
            Some((host, _)) if provider && is_issuer(host) => Class::Claim,
            _ => Class::Unknown,
        },
    }
}

/// Whether one request can carry several values of the key.
pub fn several_values(key: &str) -> bool {
    SEVERAL_VALUES.contains(&key)
}

/// The form in which AWS gives out the ids that a key about VPC endpoints holds.
pub fn shape(key: &str) -> Option<Glob> {
    let text = match key {
        "aws:ec2instancesourcevpc" | "aws:sourcevpc" => "vpc-?*",
        "aws:sourcevpcarn" => return Some(vpc_arn()),
        "aws:sourcevpce" => "vpce-?*",
        "aws:vpceaccount" => return Some(any_account()),
        "aws:vpceorgid" => "o-?*",
        "aws:vpceorgpaths" => "o-?*/r-?*/*",
        _ => return None,
    };
    Some(Glob::pattern(text))
}

/// The ARN of a VPC (service authorization reference, Amazon EC2: vpc).
fn vpc_arn() -> Glob {
    let (front, back) = (Glob::pattern("arn:aws*:ec2:?*:"), Glob::pattern(":vpc/vpc-?*"));
    let account = any_account();
    Glob::from_tokens([&front, &account, &back].into_iter().flat_map(|part| part.tokens().to_vec()))
}

/// Whether a pattern of VPC ARNs leaves the VPCs of one account, or one VPC: its id has no
/// wildcard, and no other VPC has it (IAM user guide, aws:SourceVpcArn: the example has a star for
/// the account).
fn vpc_is_pinned(pattern: &Glob) -> bool {
    let one = |parts: &[Glob; 6]| parts[5].literal().is_some_and(|id| id.starts_with("vpc/vpc-"));
    ArnPattern::whole(pattern.clone()).account().is_some()
        || pattern.arn_parts().is_some_and(|parts| one(&parts))
}

/// Whether the key is a fact about the resource, which no caller chooses.
pub fn is_fact(key: &str) -> bool {
    let class = class(canonical(key), false);
    matches!(class, Class::ResourceAccount | Class::ResourceOrg | Class::ResourceOrgPath)
}

/// Whether a value is one that AWS lets the key have: names of users and sessions and values of
/// tags have few characters, no wildcards or braces among them (IAM API reference, CreateUser
/// `UserName` and AssumeRole `RoleSessionName`, `[\w+=,.@-]+`; `Tag`,
/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`). Letters of any script count for all: made-up names may need them.
pub fn is_spelled(key: &str, text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
    let is_of_tag = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    match key {
        "aws:username" | "sts:rolesessionname" | "aws:sourceidentity" => {
            !text.is_empty() && text.chars().all(is_word)
        }
        _ if key.starts_with("aws:principaltag/") || key.starts_with("aws:requesttag/") => {
            text.chars().all(is_of_tag)
        }
        _ => true,
    }
}

/// The usual one of several names for one fact.
pub fn canonical(key: &str) -> &str {
    match key {
        "aws:epochtime" => "aws:currenttime",
        "s3:resourceaccount" => "aws:resourceaccount",
        other => other,
    }
}

/// Whether a pattern admits only values of one party: the part of the value that AWS assigns has no
/// wildcard. Wildcards elsewhere make no difference.
pub fn is_pinned(class: Class, key: &str, pattern: &Glob) -> bool {
    if pattern.literal().is_some() {
        return true;
    }
    let prefix = pattern.fixed_prefix();
    match class {
        Class::CallerOrgPath | Class::SourceOrgPath | Class::EndpointOrgPath => {
            prefix.contains('/')
        }
        Class::CallerId => prefix.contains(':'),
        Class::Endpoint => key == "aws:sourcevpcarn" && vpc_is_pinned(pattern),
        Class::Destination => destination_is_pinned(pattern),
        _ => false,
    }
}

/// The host of an identity provider, as it prefixes the names of its claims.
pub fn issuer(provider: &str) -> &str {
    provider.split_once("provider/").map_or(provider, |(_, host)| host)
}

/// A mail domain, a web host or an account in front of (or behind) the wildcards.
fn destination_is_pinned(pattern: &Glob) -> bool {
    let text = pattern.text();
    if text.starts_with("arn:") {
        return ArnPattern::whole(pattern.clone()).account().is_some();
    }
    if let Some((_, host)) = text.split_once("://") {
        let host = host.split('/').next().unwrap_or(host);
        return host.trim_start_matches("*.").contains('.')
            && !host.trim_start_matches("*.").contains(['*', '?'])
            && (text.starts_with("http://") || text.starts_with("https://"))
            && pattern.text().matches('/').count() >= 3;
    }
    match text.rsplit_once('@') {
        Some((_, domain)) => !domain.contains(['*', '?']),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_names_win_over_prefixes() {
        assert_eq!(class("kms:calleraccount", false), Class::CallerAccount);
        assert_eq!(class("kms:viaservice", false), Class::Free { always: false });
        assert_eq!(class("s3:x-amz-acl", false), Class::Free { always: false });
        assert_eq!(class("aws:somethingnew", false), Class::Unknown);
        assert_eq!(class("token.example.com:sub", true), Class::Claim);
        assert_eq!(class("acme:thing", false), Class::Unknown);
        assert_eq!(class("acme:thing", true), Class::Unknown);
    }

    #[test]
    fn names_and_tags_have_few_characters() {
        for (key, text, expected) in [
            ("aws:username", "bob.m+x@example", true),
            ("aws:username", "*", false),
            ("aws:username", "team/bob", false),
            ("aws:username", "", false),
            ("sts:rolesessionname", "${aws:username}", false),
            ("aws:principaltag/team", "red team/a:b", true),
            ("aws:principaltag/team", "", true),
            ("aws:principaltag/team", "r*", false),
            ("aws:referer", "*", true),
        ] {
            assert_eq!(is_spelled(key, text), expected, "{key} {text}");
        }
    }

    #[test]
    fn only_the_part_that_aws_assigns_pins() {
        for (key, pattern, expected) in [
            ("aws:principalorgpaths", "o-a/*", true),
            ("aws:principalorgpaths", "o-*", false),
            ("aws:userid", "AROAEXAMPLE:*", true),
            ("aws:userid", "*:deploy", false),
            ("sns:endpoint", "*@example.com", true),
            ("sns:endpoint", "https://example.com/*", true),
            ("sns:endpoint", "https://example.com*", false),
            ("sns:endpoint", "*", false),
        ] {
            let pinned = is_pinned(class(key, false), key, &Glob::pattern(pattern));
            assert_eq!(pinned, expected, "{key} {pattern}");
        }
    }
}
