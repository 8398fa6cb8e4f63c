//! Names with wildcards, as users write them for resources, accounts and regions.

/// A name, or names with `*` for any characters (none and slashes too) and `?` for one.
///
/// Nothing else is special: brackets and braces stand in names of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// The pattern that `text` is.
    pub fn of(text: impl Into<String>) -> NamePattern {
        NamePattern(text.into())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can stand for more than one name.
    pub fn is_glob(&self) -> bool {
        self.0.contains(['*', '?'])
    }

    /// Whether `name` is one of those that are meant. Never takes more than the product of both
    /// lengths.
    pub fn matches(&self, name: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        let (mut p, mut n) = (0, 0);
        // Where the last star stood, and how much of the name it has taken so far.
        let mut star: Option<(usize, usize)> = None;
        while n < name.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, n));
                    p += 1;
                }
                Some(&c) if c == '?' || c == name[n] => {
                    p += 1;
                    n += 1;
                }
                _ => match star {
                    None => return false,
                    Some((at, taken)) => {
                        star = Some((at, taken + 1));
                        p = at + 1;
                        n = taken + 1;
                    }
                },
            }
        }
        pattern[p..].iter().all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters_and_nothing_else_is_special() {
        for (pattern, name, matches) in [
            ("arn:aws:s3:::a", "arn:aws:s3:::a", true),
            ("arn:aws:s3:::a", "arn:aws:s3:::ab", false),
            ("arn:aws:s3:::web-*", "arn:aws:s3:::web-1/x", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "é", true),
            ("?", "", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**a", "bba", true),
            ("web[1]", "web[1]", true),
            ("web[1]", "web1", false),
            ("A*", "a", false),
        ] {
            assert_eq!(NamePattern::of(pattern).matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = NamePattern::of("*a".repeat(200) + "b");
        assert!(!pattern.matches(&"a".repeat(2_000)));
    }
}
