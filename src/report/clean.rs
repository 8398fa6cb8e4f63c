//! The one sanitiser: hostile text from an account, made harmless for whoever reads it next.
//!
//! Names, tags and descriptions are written by whoever may create a resource, who may well be the
//! attacker. One base makes everything invisible visible; on it stands one function per reader.
//! Used by the writers alone: findings keep what the account says.

use std::fmt::Write as _;
use std::io;

use serde_json::ser::{Formatter, PrettyFormatter};

/// Characters of one text that people get to see; programs get all of them.
pub const MOST_SHOWN: usize = 2_000;
/// Marks that may pile up on one character before the rest is spelt out.
const MOST_MARKS: usize = 3;

/// Whether `c` has no look of its own, or changes the look or order of its neighbours.
///
/// Control characters (C0, DEL, C1), bidirectional controls, zero-width and filler characters,
/// line and paragraph separators, tags, and what XML 1.0 (section 2.2) does not allow.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c as u32,
            0x00AD
                | 0x034F
                | 0x061C
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0x3164
                | 0xFEFF
                | 0xFFA0
                | 0xFFF0..=0xFFFB
                | 0xFFFE..=0xFFFF
                | 0xE0000..=0xE0FFF
        )
        || (c as u32) & 0xFFFE == 0xFFFE
}

/// Whether a terminal draws `c` over the character before it.
fn is_mark(c: char) -> bool {
    super::width::columns_of(c) == 0
}

/// The base: everything invisible is spelt out, and no part of the text is a command to the log
/// of a CI runner, wherever in a line it stands.
///
/// GitHub's runner still acts on `##[command]`, Azure's on `##vso[command]`, in the middle of a
/// line.
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut marks, mut last) = (0, ' ');
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if is_invisible(c) || marks > MOST_MARKS => spell(c, &mut clean),
            '#' if last == '#' => spell(c, &mut clean),
            c => clean.push(c),
        }
        last = c;
    }
    clean
}

fn spell(c: char, into: &mut String) {
    write!(into, "\\u{{{:x}}}", c as u32).expect("a string takes everything");
}

/// The first `most` characters of `text`, and how many more there are.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => {
            format!("{}... ({} more characters)", &text[..at], text[at..].chars().count())
        }
    }
}

/// For a terminal, and for the log of a CI runner.
pub fn terminal(text: &str) -> String {
    visible(&shorten(text, MOST_SHOWN))
}

/// A whole line for a terminal: as [`terminal`] leaves its parts, and not a workflow command.
///
/// GitHub's runner takes `::command::` at the start of a line, after any white space. Broken
/// lines can start with any part of a name, so that it is lines that are looked at.
pub fn terminal_line(line: &str) -> String {
    let start = line.len() - line.trim_start().len();
    let command = line[start..].strip_prefix("::");
    if command.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return format!("{}\\u{{3a}}{}", &line[..start], &line[start + 1..]);
    }
    line.to_owned()
}

/// For one part of a URI: everything but unreserved characters (RFC 3986, section 2.3) is
/// percent-encoded.
pub fn uri_component(text: &str) -> String {
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            byte => write!(uri, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    uri
}

/// How JSON is written: any string survives unchanged, and what is invisible is escaped, so that
/// the bytes are as harmless in a terminal or a log as they are to a parser.
pub struct JsonStyle {
    pretty: Option<PrettyFormatter<'static>>,
}

impl JsonStyle {
    /// Indented by two.
    pub fn indented() -> JsonStyle {
        JsonStyle { pretty: Some(PrettyFormatter::new()) }
    }

    /// All in one line.
    pub fn compact() -> JsonStyle {
        JsonStyle { pretty: None }
    }
}

/// Hands the layout to the inner formatter, or leaves it at serde_json's compact form.
macro_rules! layout {
    ($($name:ident($($arg:ident: $kind:ty),*) or $otherwise:expr;)*) => {$(
        fn $name<W: ?Sized + io::Write>(&mut self, w: &mut W $(, $arg: $kind)*) -> io::Result<()> {
            match &mut self.pretty {
                Some(pretty) => pretty.$name(w $(, $arg)*),
                None => { $(let _ = $arg;)* w.write_all($otherwise) }
            }
        }
    )*};
}

impl Formatter for JsonStyle {
    layout! {
        begin_array() or b"[";
        end_array() or b"]";
        end_array_value() or b"";
        begin_object() or b"{";
        end_object() or b"}";
        begin_object_value() or b":";
        end_object_value() or b"";
        begin_array_value(first: bool) or if first { b"" } else { b"," };
        begin_object_key(first: bool) or if first { b"" } else { b"," };
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let (mut from, mut last) = (0, ' ');
        for (at, c) in fragment.char_indices() {
            if is_invisible(c) || (c == '#' && last == '#') {
                writer.write_all(&fragment.as_bytes()[from..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                from = at + c.len_utf8();
            }
            last = c;
        }
        writer.write_all(&fragment.as_bytes()[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        assert_eq!(terminal("a\x1b[31m\u{9b}K\u{202e}b\nc"), r"a\u{1b}[31m\u{9b}K\u{202e}b\nc");
        assert_eq!(terminal("漢字 café :: 2001:db8::/32"), "漢字 café :: 2001:db8::/32");
    }

    #[test]
    fn no_text_is_a_command_to_a_runner() {
        assert_eq!(terminal("x ##vso[task.x]##[error]"), r"x #\u{23}vso[task.x]#\u{23}[error]");
        assert_eq!(terminal_line("  ::error::x"), r"  \u{3a}:error::x");
        assert_eq!(terminal_line("  ::/0 is open"), "  ::/0 is open");
    }

    #[test]
    fn piles_of_marks_do_not_cover_the_lines_around() {
        let zalgo = format!("a{}", "\u{301}".repeat(40));
        assert!(terminal(&zalgo).contains("\\u{301}"));
        assert_eq!(terminal("e\u{301}"), "e\u{301}");
    }

    #[test]
    fn long_text_says_how_long_it_was() {
        let long = "é".repeat(MOST_SHOWN + 7);
        assert!(terminal(&long).ends_with("é... (7 more characters)"));
    }
}
