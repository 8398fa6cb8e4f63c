//! Values with policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

use super::glob::{Glob, Token};

/// A value before its variables are replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
    fixed: Option<Glob>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// Text between variables, read.
    Steps(Vec<Token>),
    Variable {
        key: String,
        default: Option<String>,
    },
}

impl Template {
    /// Parses `text`. `wild`: whether `*` and `?` are wildcards. `variables`: whether the policy's
    /// version knows variables (2012-10-17); in older ones `${...}` is plain text.
    pub fn parse(text: &str, wild: bool, variables: bool) -> Template {
        let read = |text: &str| {
            let glob = if wild { Glob::pattern(text) } else { Glob::exact(text) };
            Part::Steps(glob.tokens().to_vec())
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while variables && let Some(start) = rest.find("${") {
            let Some(end) = rest[start..].find('}') else { break };
            if start > 0 {
                parts.push(read(&rest[..start]));
            }
            parts.push(part(&rest[start + 2..start + end]));
            rest = &rest[start + end + 1..];
        }
        if !rest.is_empty() {
            parts.push(read(rest));
        }
        let mut template = Template { text: text.to_owned(), parts, fixed: None };
        if !template.parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            template.fixed = template.resolve(&|_| None);
        }
        template
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pattern, when no variable has to be replaced.
    pub fn fixed(&self) -> Option<&Glob> {
        self.fixed.as_ref()
    }

    /// Keys of its variables, in lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// Values of its variable with which it matches `text`, where it has one variable and that stands
    /// for a part of one segment of the text.
    pub fn values_for(&self, text: &str) -> Vec<String> {
        let is_variable = |part: &Part| matches!(part, Part::Variable { .. });
        let Some(at) = self.parts.iter().position(is_variable) else { return Vec::new() };
        let glob = |parts: &[Part]| {
            let steps = |part: &Part| match part {
                Part::Steps(steps) => steps.clone(),
                Part::Variable { .. } => Vec::new(),
            };
            Glob::from_tokens(parts.iter().flat_map(steps))
        };
        if self.parts[at + 1..].iter().any(is_variable) {
            return Vec::new();
        }
        let (before, after) = (glob(&self.parts[..at]), glob(&self.parts[at + 1..]));
        let mut found = Vec::new();
        for (start, _) in text.char_indices().filter(|(at, _)| before.matches(&text[..*at])) {
            let segment = text[start..].find([':', '/']).unwrap_or(text.len() - start);
            let ends = (start + 1..=start + segment).filter(|end| text.is_char_boundary(*end));
            let fits = ends.filter(|end| after.matches(&text[*end..]));
            found.extend(fits.map(|end| text[start..end].to_owned()));
        }
        found
    }

    /// The pattern for a request; `None` when a variable has no value and no default, in which
    /// case AWS lets the value match nothing. What a variable brings in has no wildcards.
    pub fn resolve(&self, value_of: &dyn Fn(&str) -> Option<String>) -> Option<Glob> {
        if let Some(fixed) = &self.fixed {
            return Some(fixed.clone());
        }
        let mut tokens = Vec::new();
        for part in &self.parts {
            match part {
                Part::Steps(steps) => tokens.extend_from_slice(steps),
                Part::Variable { key, default } => {
                    let value = value_of(key).or_else(|| default.clone())?;
                    tokens.extend(value.chars().map(Token::Char));
                }
            }
        }
        Some(Glob::from_tokens(tokens))
    }
}

fn part(inside: &str) -> Part {
    // Escaped so as to stand for itself.
    if let "*" | "?" | "$" = inside {
        return Part::Steps(inside.chars().map(Token::Char).collect());
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let default = default.strip_prefix('\'').unwrap_or(default);
            (key, Some(default.strip_suffix('\'').unwrap_or(default).to_owned()))
        }
        None => (inside, None),
    };
    Part::Variable { key: key.trim().to_lowercase(), default }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str, name: Option<&str>) -> Option<String> {
        let template = Template::parse(text, true, true);
        template.resolve(&|_| name.map(str::to_owned)).map(|glob| glob.text())
    }

    #[test]
    fn variables_take_the_request_value_or_their_default() {
        assert_eq!(resolved("home/${aws:username}/*", Some("bob")).as_deref(), Some("home/bob/*"));
        assert_eq!(resolved("home/${aws:username}/*", None), None);
        assert_eq!(resolved("${aws:username, 'all'}", None).as_deref(), Some("all"));
    }

    #[test]
    fn a_variable_in_a_name_has_the_values_that_make_it_that_name() {
        let arn = "arn:aws:sqs:us-east-1:111122223333:bob-jobs";
        for (text, expected) in [
            ("arn:aws:sqs:us-east-1:111122223333:${aws:username}", &["bob-jobs"][..]),
            ("arn:aws:sqs:*:111122223333:${aws:username}-jobs", &["bob"]),
            ("arn:aws:sqs:us-east-1:111122223333:${aws:username}-other", &[]),
            ("arn:aws:sqs:us-east-1:${aws:username}:${aws:username}", &[]),
        ] {
            assert_eq!(Template::parse(text, true, true).values_for(arn), expected, "{text}");
        }
    }

    #[test]
    fn escapes_stand_for_themselves_and_old_versions_have_no_variables() {
        let star = Template::parse("a${*}", true, true);
        assert_eq!(star.fixed().and_then(Glob::literal), Some("a*"));
        let old = Template::parse("${aws:username}", true, false);
        assert_eq!(old.fixed().and_then(Glob::literal), Some("${aws:username}"));
    }
}
