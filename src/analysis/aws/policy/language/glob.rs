//! Patterns with `*` and `?`: matching, ARN-wise matching, and strings that match several at once.

use rustc_hash::FxHashSet;

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
    fn excludes(&self, other: &Glob) -> bool {
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

    /// The letter where it is a digit, else one that stands for all.
    pub fn digit(&self) -> char {
        if self.letter.is_ascii_digit() { self.letter } else { '7' }
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
        let mut text = String::with_capacity(path.len() + filling);
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

/// Where in each pattern a search stands; three at most are searched together.
type Places = [usize; 3];

/// Places that a search has reached, and from where.
struct Reached {
    places: Places,
    /// Index of the ones before.
    before: usize,
    /// The character that led here; `None` for a star that stands for no more.
    emitted: Option<char>,
}

/// Which places a search has reached, each as the number of a cell of the product of patterns: a
/// bit for each where there are not too many, because most searches are small and then clearing
/// bits takes less than growing a table.
enum Seen {
    Bits(Vec<u64>),
    Numbers(FxHashSet<usize>),
}

impl Seen {
    fn of(cells: usize) -> Seen {
        /// Cells up to which each has a bit: 8 KB.
        const BITS: usize = 1 << 16;
        if cells <= BITS {
            Seen::Bits(vec![0; cells.div_ceil(64)])
        } else {
            Seen::Numbers(FxHashSet::default())
        }
    }

    /// Whether this is the first time.
    fn insert(&mut self, cell: usize) -> bool {
        match self {
            Seen::Bits(words) => {
                let bit = 1 << (cell % 64);
                let word = &mut words[cell / 64];
                let first = *word & bit == 0;
                *word |= bit;
                first
            }
            Seen::Numbers(cells) => cells.insert(cell),
        }
    }
}

fn shortest_common(globs: &[&Glob], fresh: &Fresh) -> Option<Vec<Step>> {
    // One pattern's places are neighbours, the next one's as far apart as those are many.
    let mut apart: Places = [0; 3];
    let mut cells = Some(1_usize);
    for (index, glob) in globs.iter().enumerate() {
        match (apart.get_mut(index), cells) {
            (Some(apart), Some(before)) => *apart = before,
            _ => cells = None,
        }
        cells = cells.and_then(|cells| cells.checked_mul(glob.tokens.len() + 1));
    }
    let Some(cells) = cells else {
        fresh.budget.give_up();
        return None;
    };
    let token = |index: usize, at: &Places| globs[index].tokens.get(at[index]).copied();
    let mut seen = Seen::of(cells);
    seen.insert(0);
    let mut reached = vec![Reached { places: [0; 3], before: 0, emitted: None }];
    let mut next = 0;
    let goal = loop {
        let at = reached.get(next)?.places;
        if (0..globs.len()).all(|index| token(index, &at).is_none()) {
            break next;
        }
        if reached.len() > SEARCH_STATES {
            fresh.budget.give_up();
            return None;
        }
        if !fresh.budget.states(globs.len()) {
            return None;
        }
        let mut reach = |places: Places, emitted: Option<char>| {
            let cell = places.iter().zip(&apart).map(|(place, apart)| place * apart).sum();
            if seen.insert(cell) {
                reached.push(Reached { places, before: next, emitted });
            }
        };
        let mut wanted = None;
        let mut possible = true;
        let mut digit = false;
        let mut together = at;
        for index in 0..globs.len() {
            match token(index, &at) {
                None => possible = false,
                Some(Token::Many) => {
                    let mut without = at;
                    without[index] += 1;
                    reach(without, None);
                }
                Some(Token::One) => together[index] += 1,
                Some(Token::Digit) => {
                    digit = true;
                    together[index] += 1;
                }
                Some(Token::Char(c)) => {
                    possible &= wanted.is_none_or(|other| other == c);
                    wanted = Some(c);
                    together[index] += 1;
                }
            }
        }
        let made_up = if digit { fresh.digit() } else { fresh.letter };
        let emitted: char = wanted.unwrap_or(made_up);
        if possible && together != at && (!digit || emitted.is_ascii_digit()) {
            reach(together, Some(emitted));
        }
        next += 1;
    };
    let mut path = Vec::new();
    let mut at = goal;
    loop {
        let Reached { places, before, emitted } = &reached[at];
        if (0..globs.len()).all(|index| token(index, places) == Some(Token::Many)) {
            path.push(Step::Anything);
        }
        if at == 0 {
            break;
        }
        path.extend(emitted.map(Step::Emit));
        at = *before;
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
    fn a_digit_is_never_a_character_of_a_name() {
        let digits = Glob::from_tokens([Token::Digit; 3]);
        assert!(digits.matches("123") && !digits.matches("12a") && !digits.matches("1234"));
        let shape =
            Glob::from_tokens("a:".chars().map(Token::Char).chain([Token::Digit; 3]).chain([
                Token::Char(':'),
                Token::One,
                Token::Many,
            ]));
        let found = |pattern: &str, letter: char| {
            let fresh = Fresh::new(letter, 2, &Budget::full(0));
            common(&[&Glob::pattern(pattern), &shape], &fresh)
        };
        assert!(found("a:4*:x/*", 'z').contains(&"a:477:x/".to_owned()));
        assert!(found("a:*6:*", '9').iter().all(|text| text.starts_with("a:996:")));
        assert!(found("a:x*", 'z').is_empty());
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
