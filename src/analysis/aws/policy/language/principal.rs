//! The Principal element: the principals that a statement names.

use super::json::Json;

/// One named principal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// `*`: everyone, unsigned requests and AWS services included.
    Everyone,
    /// Every signed caller of any account: the ACL group `AuthenticatedUsers`, or a principal
    /// with a wildcard in its account, which AWS refuses to store.
    AnySigned,
    /// Every principal of an account.
    Account(String),
    /// A user or a role with all its sessions, by ARN.
    Identity(String),
    /// One role session or federated user, by its STS ARN.
    Session(String),
    /// An AWS service.
    Service(String),
    /// Every AWS service.
    AnyService,
    /// An identity provider: its ARN or, for the built-in ones, its host.
    Provider(String),
    /// Every identity provider.
    AnyProvider,
    /// An account by its canonical id.
    Canonical(String),
    /// The unique id of a deleted principal: matches nobody.
    Deleted(String),
}

/// The Principal or NotPrincipal element of a statement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Principals {
    /// NotPrincipal.
    pub negated: bool,
    /// Who is named.
    pub named: Vec<Principal>,
    /// Values that AWS would not have stored: what they match is not certain.
    pub invalid: Vec<String>,
}

/// The host whose origin access identities are principals of their own kind.
const CLOUDFRONT: &str = "cloudfront.amazonaws.com";

/// Reads the element; the error says what AWS would refuse.
pub fn parse(element: &Json, negated: bool) -> Result<Principals, String> {
    let mut read = Principals { negated, ..Principals::default() };
    match element {
        Json::Text(text) if text == "*" => read.named.push(Principal::Everyone),
        Json::Object(kinds) => {
            for (kind, values) in kinds {
                let values = match values {
                    Json::Text(text) => vec![text.as_str()],
                    Json::List(items) => items
                        .iter()
                        .map(Json::text)
                        .collect::<Option<Vec<&str>>>()
                        .ok_or_else(|| format!("a {kind} principal is not text"))?,
                    _ => return Err(format!("{kind} principals are neither text nor a list")),
                };
                for value in values {
                    let principal = match kind.as_str() {
                        "AWS" => aws(value, &mut read.invalid)?,
                        "Service" if value == "*" => Principal::AnyService,
                        "Service" => Principal::Service(value.to_lowercase()),
                        "Federated" if value == "*" => Principal::AnyProvider,
                        "Federated" => Principal::Provider(value.to_owned()),
                        "CanonicalUser" => Principal::Canonical(value.to_owned()),
                        _ => return Err(format!("unknown kind of principal {kind}")),
                    };
                    read.named.push(principal);
                }
            }
        }
        _ => return Err("Principal is neither `*` nor an object".into()),
    }
    read.named.sort_unstable();
    read.named.dedup();
    Ok(read)
}

fn aws(value: &str, invalid: &mut Vec<String>) -> Result<Principal, String> {
    if value == "*" {
        return Ok(Principal::Everyone);
    }
    if is_account(value) {
        return Ok(Principal::Account(value.to_owned()));
    }
    if is_unique_id(value) {
        // IAM shows the unique id once the principal behind an ARN is gone.
        return Ok(Principal::Deleted(value.to_owned()));
    }
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let wild = value.contains(['*', '?']);
    if let ["arn", partition, service, "", account, resource] = parts[..] {
        if account == "cloudfront" && resource.starts_with("user/") {
            return Ok(Principal::Service(CLOUDFRONT.into()));
        }
        if wild {
            invalid.push(value.to_owned());
            return Ok(if is_account(account) {
                Principal::Account(account.to_owned())
            } else {
                Principal::AnySigned
            });
        }
        if is_account(account) && partition.starts_with("aws") {
            match service {
                "iam" if resource == "root" => return Ok(Principal::Account(account.to_owned())),
                "iam" => return Ok(Principal::Identity(value.to_owned())),
                "sts" => return Ok(Principal::Session(value.to_owned())),
                _ => {}
            }
        }
    } else if wild {
        invalid.push(value.to_owned());
        return Ok(Principal::AnySigned);
    }
    Err(format!("`{value}` is no principal"))
}

/// Twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A unique id such as `AIDA…` (user), `AROA…` (role) or `AGPA…` (group).
pub fn is_unique_id(text: &str) -> bool {
    text.len() >= 12
        && (text.starts_with('A')
            && text[1..].bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        && ["AIDA", "AROA", "AGPA", "AIPA", "ANPA", "ANVA", "APKA", "ASCA", "ASIA", "AKIA"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
}

/// Whether text can be an id or an ARN: those never contain wildcards or braces.
pub fn is_identifier(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', '$', '{', '}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Principal, String> {
        aws(text, &mut Vec::new())
    }

    #[test]
    fn every_writing_of_an_account_is_the_account() {
        let account = Ok(Principal::Account("444455556666".into()));
        assert_eq!(one("444455556666"), account);
        assert_eq!(one("arn:aws:iam::444455556666:root"), account);
        assert_eq!(one("arn:aws-cn:iam::444455556666:root"), account);
    }

    #[test]
    fn wildcards_inside_a_value_are_invalid_and_never_wider_than_their_account() {
        let mut invalid = Vec::new();
        let role = aws("arn:aws:iam::444455556666:role/*", &mut invalid);
        assert_eq!(role, Ok(Principal::Account("444455556666".into())));
        let any = aws("arn:aws:iam::*:role/x", &mut invalid);
        assert_eq!((any, invalid.len()), (Ok(Principal::AnySigned), 2));
    }

    #[test]
    fn identities_of_cloudfront_and_of_the_dead() {
        let oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1ABCDEF2GHIJ";
        assert_eq!(one(oai), Ok(Principal::Service(CLOUDFRONT.into())));
        assert!(matches!(one("AROAEXAMPLEROLEID12345"), Ok(Principal::Deleted(_))));
        assert!(one("nobody").is_err());
    }
}
