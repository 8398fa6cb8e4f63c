//! Strings that match several patterns at once.

use rustc_hash::FxHashSet;

use super::fresh::Fresh;
use super::glob::{Glob, Token};

/// States that one search for a common match may visit, so that a hard pair of patterns leaves
/// something to the others.
const SEARCH_STATES: usize = 16_000;

/// Strings that match all of `globs` (three at most), or none if there is no such string (or the
/// search for one grew too large, which the budget then remembers).
pub fn common(globs: &[&Glob], fresh: &Fresh) -> Vec<String> {
    let characters: usize = globs.iter().map(|glob| glob.tokens().len()).sum();
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
        cells = cells.and_then(|cells| cells.checked_mul(glob.tokens().len() + 1));
    }
    let Some(cells) = cells else {
        fresh.budget.give_up();
        return None;
    };
    let token = |index: usize, at: &Places| globs[index].tokens().get(at[index]).copied();
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
    use crate::analysis::aws::policy::budget::Budget;

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
