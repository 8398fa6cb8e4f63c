//! Patterns with `*` and `?`: matching, ARN-wise matching, and strings that match several at once.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::analysis::aws::policy::budget::Budget;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// This character.
    Char(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters, `/` and `:` included.
    Many,
}

/// A parsed pattern. Matching is case-sensitive; fold both sides where AWS ignores case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob {
    tokens: Vec<Token>,
    literal: Option<String>,
    prefix: String,
    /// Characters of its shortest match.
    minimum: usize,
}

/// A pattern whose shortest match is longer than this matches nothing that AWS accepts: object
/// keys end at 1,024 bytes and headers together at 8 KB.
const LONGEST_MATCH: usize = 8_192;
/// States that one search for a common match may visit, so that a hard pair of patterns leaves
/// something to the others.
const SEARCH_STATES: usize = 16_000;

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
        let mut tokens: Vec<Token> = Vec::new();
        for step in steps {
            if step != Token::Many || tokens.last() != Some(&Token::Many) {
                tokens.push(step);
            }
        }
        let literal = tokens
            .iter()
            .map(|token| match token {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect();
        let prefix = tokens
            .iter()
            .map_while(|token| match token {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect();
        let minimum = tokens.iter().filter(|token| **token != Token::Many).count();
        Glob { tokens, literal, prefix, minimum }
    }

    /// The steps.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The one string it matches, when it has no wildcard.
    pub fn literal(&self) -> Option<&str> {
        self.literal.as_deref()
    }

    /// The pattern in its usual writing.
    pub fn text(&self) -> String {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Char(c) => *c,
                Token::One => '?',
                Token::Many => '*',
            })
            .collect()
    }

    /// The characters before the first wildcard.
    pub fn fixed_prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether no string matches both, to judge by the characters before the first and after the
    /// last star alone.
    fn excludes(&self, other: &Glob) -> bool {
        fn differ<'t>(
            one: impl Iterator<Item = &'t Token>,
            other: impl Iterator<Item = &'t Token>,
        ) -> bool {
            let fixed = |token: &&Token| **token != Token::Many;
            one.take_while(fixed).zip(other.take_while(fixed)).any(|pair| match pair {
                (Token::Char(one), Token::Char(other)) => one != other,
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
        match &self.literal {
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
        if let Some(literal) = &self.literal {
            return vec![literal.clone()];
        }
        if self.minimum > LONGEST_MATCH {
            return Vec::new();
        }
        let stars = self.tokens.iter().filter(|token| **token == Token::Many).count();
        let fill = |filling: &dyn Fn(usize) -> usize| {
            let mut text = String::new();
            let mut star = 0;
            for token in &self.tokens {
                match token {
                    Token::Char(c) => text.push(*c),
                    Token::One => text.push(fresh.letter),
                    Token::Many => {
                        text.extend(std::iter::repeat_n(fresh.letter, filling(star)));
                        star += 1;
                    }
                }
            }
            text
        };
        let mut samples = vec![
            fill(&|star| if star + 1 == stars { fresh.run } else { 1 }),
            fill(&|_| 1),
            fill(&|_| 0),
            fill(&|star| if star == 0 { fresh.run } else { 0 }),
            fill(&|star| if star + 1 == stars { fresh.run } else { 0 }),
        ];
        let mut seen = std::collections::HashSet::new();
        samples.retain(|sample| seen.insert(sample.clone()));
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

/// Text that no pattern of the policy spells: a letter that occurs nowhere in it, and a length
/// that no run of `?` reaches.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Occurs in no value of the policy.
    pub letter: char,
    /// Longer than every run of `?`.
    pub run: usize,
    /// For looking for text.
    pub budget: Budget,
}

impl Fresh {
    /// With this letter and length.
    pub fn new(letter: char, run: usize, budget: &Budget) -> Fresh {
        Fresh { letter, run, budget: budget.clone() }
    }

    /// Another letter for the same policy.
    pub fn with(&self, letter: char, run: usize) -> Fresh {
        Fresh { letter, run, ..self.clone() }
    }

    /// For a policy with this text.
    pub fn for_text(text: &str, longest_gap: usize, budget: &Budget) -> Fresh {
        let used: std::collections::HashSet<char> =
            text.chars().flat_map(char::to_lowercase).collect();
        let letter = "zqxjkvwyumhgfbpncoialtdrse0987654321"
            .chars()
            .chain('\u{3b1}'..='\u{3c9}')
            .chain('\u{4e00}'..='\u{9fff}')
            .find(|c| !used.contains(c))
            .unwrap_or('z');
        Fresh::new(letter, (longest_gap + 2).clamp(4, 2_000), budget)
    }
}

/// Strings that match all of `globs` (three at most), or none if there is no such string (or the
/// search for one grew too large, which the budget then remembers).
pub fn common(globs: &[&Glob], fresh: &Fresh) -> Vec<String> {
    let characters: usize = globs.iter().map(|glob| glob.tokens.len()).sum();
    if !fresh.budget.cases(1) || !fresh.budget.states(characters) {
        return Vec::new();
    }
    let written = |found: Vec<String>| {
        fresh.budget.states(found.iter().map(String::len).sum());
        found
    };
    if let [only] = globs {
        return written(only.samples(fresh));
    }
    if let Some(literal) = globs.iter().find_map(|glob| glob.literal()) {
        let fits = globs.iter().all(|glob| glob.matches_within(literal, &fresh.budget));
        return if fits { vec![literal.to_owned()] } else { Vec::new() };
    }
    if globs.windows(2).any(|pair| pair[0].excludes(pair[1])) {
        return Vec::new();
    }
    let Some(path) = shortest_common(globs, fresh) else { return Vec::new() };
    let write = |filling: usize| {
        let mut text = String::new();
        for step in &path {
            match step {
                Step::Emit(c) => text.push(*c),
                Step::Anything => text.extend(std::iter::repeat_n(fresh.letter, filling)),
            }
        }
        text
    };
    let mut found = vec![write(fresh.run), write(1), write(0)];
    found.dedup();
    written(found)
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Emit(char),
    /// All patterns stand at a star: any text fits here.
    Anything,
}

/// Where in each pattern a search stands, as one number.
type Positions = u64;
/// Bits of the place in one pattern: a million characters, far more than a policy has.
const PLACE: usize = 21;

fn shortest_common(globs: &[&Glob], fresh: &Fresh) -> Option<Vec<Step>> {
    let token = |index: usize, at: Positions| {
        let place = at >> (index * PLACE) & ((1 << PLACE) - 1);
        globs[index].tokens.get(usize::try_from(place).unwrap_or(usize::MAX)).copied()
    };
    let advanced = |index: usize, at: Positions| at + (1 << (index * PLACE));
    let long = globs.iter().any(|glob| glob.tokens.len() >> PLACE != 0);
    if long || globs.len() * PLACE > 64 {
        fresh.budget.give_up();
        return None;
    }
    let mut from: FxHashMap<Positions, Option<(Positions, Option<char>)>> = FxHashMap::default();
    from.insert(0, None);
    let mut queue = VecDeque::from([0]);
    let mut goal = None;
    while let Some(at) = queue.pop_front() {
        if (0..globs.len()).all(|index| token(index, at).is_none()) {
            goal = Some(at);
            break;
        }
        if from.len() > SEARCH_STATES {
            fresh.budget.give_up();
            return None;
        }
        if !fresh.budget.states(globs.len()) {
            return None;
        }
        let mut reach = |next: Positions, emitted: Option<char>| {
            from.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some((at, emitted))
            });
        };
        let mut wanted = None;
        let mut possible = true;
        let mut next = at;
        for index in 0..globs.len() {
            match token(index, at) {
                None => possible = false,
                Some(Token::Many) => reach(advanced(index, at), None),
                Some(Token::One) => next = advanced(index, next),
                Some(Token::Char(c)) => {
                    possible &= wanted.is_none_or(|other| other == c);
                    wanted = Some(c);
                    next = advanced(index, next);
                }
            }
        }
        if possible && next != at {
            reach(next, Some(wanted.unwrap_or(fresh.letter)));
        }
    }
    let mut at = goal?;
    let mut path = Vec::new();
    loop {
        if (0..globs.len()).all(|index| token(index, at) == Some(Token::Many)) {
            path.push(Step::Anything);
        }
        let Some((previous, emitted)) = from.get(&at).copied().flatten() else { break };
        path.extend(emitted.map(Step::Emit));
        at = previous;
    }
    path.reverse();
    Some(path)
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

    #[test]
    fn common_matches_satisfy_every_pattern() {
        for patterns in [&["a*", "*b"][..], &["*x*", "*y*", "?????*"], &["p/*", "*.jpg"]] {
            let globs: Vec<Glob> = patterns.iter().map(|text| Glob::pattern(text)).collect();
            let found =
                common(&globs.iter().collect::<Vec<_>>(), &Fresh::new('z', 5, &Budget::full(0)));
            assert!(!found.is_empty(), "{patterns:?}");
            for text in found {
                assert!(globs.iter().all(|glob| glob.matches(&text)), "{text} {patterns:?}");
            }
        }
        assert!(
            common(
                &[&Glob::pattern("a*"), &Glob::pattern("b*")],
                &Fresh::new('z', 5, &Budget::full(0))
            )
            .is_empty()
        );
    }
}
