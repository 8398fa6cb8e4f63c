//! Text that stands for what nobody wrote.

use crate::analysis::aws::policy::budget::Budget;

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
