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
    fn escapes_stand_for_themselves_and_old_versions_have_no_variables() {
        let star = Template::parse("a${*}", true, true);
        assert_eq!(star.fixed().and_then(Glob::literal), Some("a*"));
        let old = Template::parse("${aws:username}", true, false);
        assert_eq!(old.fixed().and_then(Glob::literal), Some("${aws:username}"));
    }
}
