//! How many columns text takes in a terminal, and lines that keep within them.

/// Columns that a character takes: none for combining marks, two for wide ones.
///
/// Ranges after Unicode's EastAsianWidth (W and F) and the general categories Mn and Me, rounded
/// to whole blocks where a block is nearly all of one kind.
pub fn columns_of(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F
        | 0x0483..=0x0489
        | 0x0591..=0x05BD
        | 0x0610..=0x061A
        | 0x064B..=0x065F
        | 0x0E31
        | 0x0E34..=0x0E3A
        | 0x0E47..=0x0E4E
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x200B..=0x200F
        | 0x20D0..=0x20FF
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F => 0,
        0x1100..=0x115F
        | 0x231A..=0x231B
        | 0x2E80..=0x303E
        | 0x3041..=0x33FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Columns that `text` takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Whether a word is an ARN or a URL, whatever marks stand around it. What was spelt out because it
/// is invisible has a backslash and is none.
fn is_copied(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '{' | '}' | '<' | '>');
    let parts = word.contains("://") || word.matches(':').count() >= COLONS_OF_AN_ARN;
    parts && word.chars().all(plain)
}

/// The parts of an ARN are `arn:partition:service:region:account:resource`.
const COLONS_OF_AN_ARN: usize = 5;
/// A longer one is cut like any other word.
const LONGEST_NAME: usize = 256;

/// `text` in lines of at most `width` columns, broken between words; a word that is longer than
/// a line is cut, but for ARNs and URLs.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = columns(word);
        if used > 0 && used + 1 + wide <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + wide;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        // What is copied stays whole: a terminal breaks it without putting anything in between.
        if wide > width && wide <= LONGEST_NAME && is_copied(word) {
            lines.push(word.to_owned());
            continue;
        }
        for c in word.chars() {
            if used + columns_of(c) > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += columns_of(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_within_the_width_whatever_the_words() {
        let text = format!("short words first, {} 漢字漢字漢字漢字漢字漢字 end", "x".repeat(50));
        for width in [8, 20, 80] {
            let lines = wrap(&text, width);
            assert!(lines.iter().all(|line| columns(line) <= width), "{lines:?}");
            let without_spaces = |s: &str| s.replace(' ', "");
            assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
        }
    }

    #[test]
    fn names_that_are_copied_are_never_cut() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/cache/73e2d6bc";
        assert_eq!(wrap(&format!("of {arn}: rest"), 20), ["of", &format!("{arn}:"), "rest"]);
    }

    #[test]
    fn nothing_is_one_empty_line() {
        assert_eq!(wrap("", 20), [""]);
    }

    #[test]
    fn wide_and_combining_characters_count_as_terminals_draw_them() {
        assert_eq!(columns("a漢e\u{301}"), 4);
    }
}
