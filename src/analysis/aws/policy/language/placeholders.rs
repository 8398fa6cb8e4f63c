//! What shows that a document is a template: places that a tool would have filled in before AWS saw
//! it (Terraform, CloudFormation, Jinja), and resources that are no ARN.
//!
//! In force such text matches nothing. In a file it says that the file is not what will be in force.

use super::json::Json;

/// Why this text of an element is a template's; `None` where it can be in force.
pub fn placeholder(text: &str) -> Option<String> {
    for (open, close) in [("{{", "}}"), ("{%", "%}"), ("%{", "}"), ("<%", "%>"), ("$${", "}")] {
        if let Some(found) = between(text, open, close) {
            return Some(found.to_owned());
        }
    }
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let found = between(rest, "${", "}").unwrap_or(&rest[start..]);
        if !is_variable(found) {
            return Some(found.to_owned());
        }
        rest = &rest[start + found.len()..];
    }
    None
}

/// From the first `open` to the next `close`, both included.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let start = text.find(open)?;
    let end = text[start + open.len()..].find(close)? + start + open.len() + close.len();
    text.get(start..end)
}

/// Whether this is a variable of the policy language: a condition key, perhaps with a default, or a
/// character that stands for itself (IAM user guide, "IAM policy elements: variables").
fn is_variable(text: &str) -> bool {
    let Some(inside) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return false;
    };
    if let "*" | "?" | "$" = inside {
        return true;
    }
    let key = inside.split_once(',').map_or(inside, |(key, _)| key).trim();
    let Some((prefix, name)) = key.rsplit_once(':') else { return false };
    let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    let of_name = |c: char| c.is_alphanumeric() || "._-/+=@ ".contains(c);
    !prefix.is_empty() && !name.is_empty() && prefix.chars().all(plain) && name.chars().all(of_name)
}

/// Whether no ARN can match: the text is not written as one, up to its first wildcard.
fn is_no_arn(text: &str) -> bool {
    let fixed = text.split(['*', '?', '$']).next().unwrap_or_default();
    let arn = "arn:";
    let may_go_on = arn.starts_with(fixed) && fixed.len() < text.len();
    !(fixed.starts_with(arn) || fixed.starts_with("execute-api:/") || may_go_on)
}

/// What is a template's in a statement: each element by name, and what stands there.
pub fn in_statement(statement: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let Json::Object(members) = statement else { return found };
    for (element, value) in members.iter().filter(|(name, _)| name != "Sid") {
        texts(value, &mut |text| {
            if let Some(open) = placeholder(text) {
                found.push(format!("{element} holds `{open}`, which is no policy variable"));
            } else if element.ends_with("Resource") && is_no_arn(text) {
                found.push(format!("{element} `{text}` is no ARN"));
            }
        });
    }
    found.dedup();
    found
}

/// Every text in a value, keys of conditions among them.
fn texts(value: &Json, each: &mut dyn FnMut(&str)) {
    match value {
        Json::Text(text) => each(text),
        Json::List(items) => items.iter().for_each(|item| texts(item, each)),
        Json::Object(members) => {
            for (name, inner) in members {
                each(name);
                texts(inner, each);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_policy_can_have_is_a_template_and_variables_are_not() {
        for (text, expected) in [
            ("arn:aws:s3:::${var.site_bucket}/*", Some("${var.site_bucket}")),
            ("arn:aws:sns:${AWS::Region}:${AWS::AccountId}:x", Some("${AWS::Region}")),
            ("arn:aws:s3:::${Bucket}/*", Some("${Bucket}")),
            ("arn:aws:s3:::{{ bucket }}/*", Some("{{ bucket }}")),
            ("arn:aws:s3:::x/{% if a %}", Some("{% if a %}")),
            ("${join(\":\", var.x)}", Some("${join(\":\", var.x)}")),
            ("$${aws:username}", Some("$${aws:username}")),
            ("arn:aws:s3:::x/${aws:username", Some("${aws:username")),
            ("arn:aws:s3:::x/${aws:username}/*", None),
            ("arn:aws:s3:::x/${aws:username, 'all'}/*", None),
            ("${aws:PrincipalTag/team name}", None),
            ("${token.actions.githubusercontent.com:sub}", None),
            ("${*}${$}", None),
            ("plain", None),
        ] {
            assert_eq!(placeholder(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_resource_is_an_arn_or_may_be_one() {
        for (text, none) in [
            ("my-bucket/*", true),
            ("", true),
            ("ar", true),
            ("*", false),
            ("a*", false),
            ("arn:aws:s3:::x", false),
            ("execute-api:/*", false),
        ] {
            assert_eq!(is_no_arn(text), none, "{text}");
        }
    }
}
