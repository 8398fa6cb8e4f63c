//! Patterns with `*` and `?`: matching, and matching field by field of an ARN.

use super::fresh::Fresh;
use crate::analysis::aws::policy::budget::Budget;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// This character.
    Char(char),
    /// `?`: exactly one character.
    One,
    /// One ASCII digit. No policy can write it; shapes of account ids are made of it.
    Digit,
    /// `*`: any run of characters, `/` and `:` included.
    Many,
}

/// A parsed pattern. Matching is case-sensitive; fold both sides where AWS ignores case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob {
    tokens: Vec<Token>,
    /// The characters before the first wildcard.
    prefix: String,
    /// It has no wildcard, and the prefix is all of it.
    literal: bool,
    /// Characters of its shortest match.
    minimum: usize,
}

/// A pattern whose shortest match is longer than this matches nothing that AWS accepts: object
/// keys end at 1,024 bytes and headers together at 8 KB.
const LONGEST_MATCH: usize = 8_192;

impl Glob {
    /// `*` and `?` are wildcards.
    pub fn pattern(text: &str) -> Glob {
        Glob::from_tokens(text.chars().map(|c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Char(c),
        }))
    }

    /// Every character stands for itself.
    pub fn exact(text: &str) -> Glob {
        Glob::from_tokens(text.chars().map(Token::Char))
    }

    /// From single steps; neighbouring stars become one.
    pub fn from_tokens(steps: impl IntoIterator<Item = Token>) -> Glob {
        let steps = steps.into_iter();
        let (least, most) = steps.size_hint();
        let mut tokens: Vec<Token> = Vec::with_capacity(most.unwrap_or(least));
        for step in steps {
            if step != Token::Many || tokens.last() != Some(&Token::Many) {
                tokens.push(step);
            }
        }
        let wild = tokens.iter().position(|token| !matches!(token, Token::Char(_)));
        let mut prefix = String::with_capacity(wild.unwrap_or(tokens.len()));
        prefix.extend(tokens.iter().map_while(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        }));
        let minimum = tokens.iter().filter(|token| **token != Token::Many).count();
        Glob { tokens, prefix, literal: wild.is_none(), minimum }
    }

    /// The steps.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The one string it matches, when it has no wildcard.
    pub fn literal(&self) -> Option<&str> {
        self.literal.then_some(self.prefix.as_str())
    }

    /// The pattern in its usual writing.
    pub fn text(&self) -> String {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Char(c) => *c,
                Token::One | Token::Digit => '?',
                Token::Many => '*',
            })
            .collect()
    }

    /// The characters before the first wildcard.
    pub fn fixed_prefix(&self) -> &str {
        &self.prefix
    }

    /// The characters behind the last wildcard.
    pub fn tail(&self) -> String {
        let wild = self.tokens.iter().rposition(|token| !matches!(token, Token::Char(_)));
        let tail = &self.tokens[wild.map_or(0, |wild| wild + 1)..];
        tail.iter()
            .filter_map(|token| match token {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// Whether no string matches both, to judge by the characters before the first and after the
    /// last star alone.
    pub fn excludes(&self, other: &Glob) -> bool {
        fn differ<'t>(
            one: impl Iterator<Item = &'t Token>,
            other: impl Iterator<Item = &'t Token>,
        ) -> bool {
            let fixed = |token: &&Token| **token != Token::Many;
            one.take_while(fixed).zip(other.take_while(fixed)).any(|pair| match pair {
                (Token::Char(one), Token::Char(other)) => one != other,
                (Token::Char(c), Token::Digit) | (Token::Digit, Token::Char(c)) => {
                    !c.is_ascii_digit()
                }
                _ => false,
            })
        }
        differ(self.tokens.iter(), other.tokens.iter())
            || differ(self.tokens.iter().rev(), other.tokens.iter().rev())
    }

    /// Folded to lower case, for names that ignore case.
    pub fn lowercase(&self) -> Glob {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Char(c) => tokens.extend(c.to_lowercase().map(Token::Char)),
                other => tokens.push(*other),
            }
        }
        Glob::from_tokens(tokens)
    }

    /// Longest run of `?`, so that a fresh string can outgrow it.
    pub fn longest_gap(&self) -> usize {
        self.tokens
            .split(|token| *token != Token::One)
            .map(<[Token]>::len)
            .max()
            .unwrap_or_default()
    }

    /// Whether the whole of `subject` matches: two pointers and one star to fall back to.
    pub fn matches(&self, subject: &str) -> bool {
        self.compared(subject).0
    }

    /// The same, counting the characters that are compared.
    pub fn matches_within(&self, subject: &str, budget: &Budget) -> bool {
        let (matches, compared) = self.compared(subject);
        budget.states(1 + compared);
        matches
    }

    /// Whether it matches, and how many characters were compared.
    fn compared(&self, subject: &str) -> (bool, usize) {
        match self.literal() {
            Some(literal) => (literal == subject, 0),
            None if !self.begins_like(subject) || !self.ends_like(subject) => (false, 0),
            None if self.minimum > LONGEST_MATCH => (false, 0),
            None => matches(&self.tokens, subject),
        }
    }

    /// Whether it starts with the characters before the first wildcard. None is not compared:
    /// that takes ten times longer than some, on processors that load memory under a mask.
    fn begins_like(&self, subject: &str) -> bool {
        self.prefix.is_empty() || subject.starts_with(&self.prefix)
    }

    /// Whether the last character can be matched, which most others cannot.
    fn ends_like(&self, subject: &str) -> bool {
        match self.tokens.last() {
            Some(Token::Char(c)) => subject.ends_with(*c),
            _ => true,
        }
    }

    /// Split at the first five `:` into the six parts of an ARN; `None` with fewer parts.
    pub fn arn_parts(&self) -> Option<[Glob; 6]> {
        let mut parts = self.tokens.splitn(6, |token| *token == Token::Char(':'));
        let mut next = || parts.next().map(|part| Glob::from_tokens(part.iter().copied()));
        Some([next()?, next()?, next()?, next()?, next()?, next()?])
    }

    /// Patterns for what may follow `prefix`: stars can match it in several ways, and each way that
    /// no other one includes leaves another pattern.
    pub fn after(&self, prefix: &str) -> Vec<Glob> {
        if self.prefix.starts_with(prefix) {
            return self.rests(self.skip_stars(vec![prefix.chars().count()]));
        }
        if !prefix.starts_with(&self.prefix) {
            return Vec::new();
        }
        let mut at: Vec<usize> = self.skip_stars(vec![0]);
        for c in prefix.chars() {
            let mut next = Vec::new();
            for position in at {
                match self.tokens.get(position) {
                    Some(Token::Many) => next.push(position),
                    Some(Token::One) => next.push(position + 1),
                    Some(Token::Digit) if c.is_ascii_digit() => next.push(position + 1),
                    Some(Token::Char(x)) if *x == c => next.push(position + 1),
                    _ => {}
                }
            }
            // What follows a later star includes what follows an earlier one.
            let last_star =
                next.iter().filter(|at| self.tokens.get(**at) == Some(&Token::Many)).max().copied();
            next.retain(|at| last_star.is_none_or(|star| *at >= star));
            next.sort_unstable();
            next.dedup();
            at = self.skip_stars(next);
        }
        self.rests(at)
    }

    fn rests(&self, at: Vec<usize>) -> Vec<Glob> {
        at.into_iter()
            .map(|position| Glob::from_tokens(self.tokens[position..].iter().copied()))
            .collect()
    }

    fn skip_stars(&self, mut at: Vec<usize>) -> Vec<usize> {
        let mut index = 0;
        while index < at.len() {
            if self.tokens.get(at[index]) == Some(&Token::Many) && !at.contains(&(at[index] + 1)) {
                at.push(at[index] + 1);
            }
            index += 1;
        }
        at.sort_unstable();
        at.dedup();
        at
    }

    /// Strings that match and differ in how much each star stands for.
    pub fn samples(&self, fresh: &Fresh) -> Vec<String> {
        if let Some(literal) = self.literal() {
            return vec![literal.to_owned()];
        }
        if self.minimum > LONGEST_MATCH {
            return Vec::new();
        }
        let stars = self.tokens.iter().filter(|token| **token == Token::Many).count();
        let fill = |filling: &dyn Fn(usize) -> usize| {
            let mut text = String::with_capacity(self.tokens.len() + fresh.run);
            let mut star = 0;
            for token in &self.tokens {
                match token {
                    Token::Char(c) => text.push(*c),
                    Token::One => text.push(fresh.letter),
                    Token::Digit => text.push(fresh.digit()),
                    Token::Many => {
                        text.extend(std::iter::repeat_n(fresh.letter, filling(star)));
                        star += 1;
                    }
                }
            }
            text
        };
        let mut samples: Vec<String> = Vec::new();
        for sample in [
            fill(&|star| if star + 1 == stars { fresh.run } else { 1 }),
            fill(&|_| 1),
            fill(&|_| 0),
            fill(&|star| if star == 0 { fresh.run } else { 0 }),
            fill(&|star| if star + 1 == stars { fresh.run } else { 0 }),
        ] {
            if !samples.contains(&sample) {
                samples.push(sample);
            }
        }
        samples
    }
}

/// Whether they match, and how many characters that took.
fn matches(tokens: &[Token], subject: &str) -> (bool, usize) {
    let (mut at, mut position) = (0, 0);
    let mut compared = 0;
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = subject[position..].chars().next() {
        compared += 1;
        match tokens.get(at) {
            Some(Token::Many) => {
                star = Some((at, position));
                at += 1;
                continue;
            }
            Some(Token::One) => {
                at += 1;
                position += c.len_utf8();
                continue;
            }
            Some(Token::Digit) if c.is_ascii_digit() => {
                at += 1;
                position += c.len_utf8();
                continue;
            }
            Some(Token::Char(x)) if *x == c => {
                at += 1;
                position += c.len_utf8();
                continue;
            }
            _ => {}
        }
        let Some((star_at, swallowed)) = star else { return (false, compared) };
        let Some(next) = subject[swallowed..].chars().next() else { return (false, compared) };
        star = Some((star_at, swallowed + next.len_utf8()));
        at = star_at + 1;
        position = swallowed + next.len_utf8();
    }
    (tokens[at..].iter().all(|token| *token == Token::Many), compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_span_everything_and_question_marks_one_character() {
        for (pattern, subject, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*", "", true),
            ("?", "", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", true),
            ("*ab*ab", "abxabab", true),
            ("a?c*", "abc", true),
        ] {
            assert_eq!(Glob::pattern(pattern).matches(subject), expected, "{pattern} {subject}");
        }
        assert!(Glob::exact("a*").matches("a*") && !Glob::exact("a*").matches("ab"));
    }

    #[test]
    fn what_follows_a_prefix() {
        let texts = |pattern: &str, prefix: &str| -> Vec<String> {
            Glob::pattern(pattern).after(prefix).iter().map(Glob::text).collect()
        };
        assert_eq!(texts("ab/*", "ab/"), ["*", ""]);
        assert!(texts("x/*", "ab/").is_empty());
        assert!(texts("*ab", "xa").contains(&"b".to_owned()));
    }
}
