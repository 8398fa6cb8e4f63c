//! The one sanitiser: hostile text from an account, made harmless for whoever reads it next.
//!
//! Names, tags and descriptions are written by whoever may create a resource, who may well be the
//! attacker. One base makes everything invisible visible; on it stands one function per reader.
//! Used by the writers alone: findings keep what the account says.

use std::fmt::Write as _;
use std::io;

use serde_json::ser::{Formatter, PrettyFormatter};

use super::width::{columns_of, wrap};

/// Characters of one text that people get to see; programs get all of them.
pub const MOST_SHOWN: usize = 2_000;
/// The same in Markdown, where a page has little room.
const MOST_IN_MARKDOWN: usize = 500;
/// The same in a spreadsheet: Excel cuts cells at 32,767 characters.
const MOST_IN_CELL: usize = 8_000;
/// The same in one segment of a URI.
const MOST_IN_SEGMENT: usize = 400;
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
    columns_of(c) == 0
}

/// The base: everything invisible is spelt out, and no part of the text is a command to the log
/// of a CI runner, wherever in a line it stands.
///
/// GitHub's runner still acts on `##[command]`, Azure's on `##vso[command]`, in the middle of a
/// line.
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut marks, mut last) = (0, ' ');
    for (at, c) in text.char_indices() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if is_invisible(c) || marks > MOST_MARKS => spell(c, &mut clean),
            '#' if last == '#' && is_command(&text[at..]) => spell(c, &mut clean),
            c => clean.push(c),
        }
        last = c;
    }
    clean
}

/// Whether a `#` and what follows it, after another `#`, start a command of a runner.
fn is_command(rest: &str) -> bool {
    let starts = |command: &str| {
        rest.get(..command.len()).is_some_and(|start| start.eq_ignore_ascii_case(command))
    };
    starts("#[") || starts("#vso[")
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

/// `text` in lines of at most `width` columns, none of them a workflow command.
pub fn terminal_lines(text: &str, width: usize) -> Vec<String> {
    let lines = wrap(text, width);
    if lines.iter().all(|line| terminal_line(line) == *line) {
        return lines;
    }
    // What is spelt out takes more room.
    let room = width.saturating_sub("\\u{3a}".len() - ":".len());
    wrap(text, room).iter().map(|line| terminal_line(line)).collect()
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

/// A relative path of a URI for something that is no file: one segment per part.
///
/// A part of dots alone would climb out of its place, even percent-encoded (WHATWG URL, section
/// 4.1: `%2e%2e` is a double-dot segment), and an empty one would vanish.
pub fn uri_path(parts: &[&str]) -> String {
    let segment = |part: &&str| {
        let part: String = part.chars().take(MOST_IN_SEGMENT).collect();
        let mark = if part.chars().all(|c| c == '.') { "_" } else { "" };
        format!("{mark}{}", uri_component(&part))
    };
    parts.iter().map(segment).collect::<Vec<_>>().join("/")
}

/// For a workflow command of GitHub Actions: the message.
///
/// The runner decodes `%25`, `%0D` and `%0A` (actions/toolkit, `command.ts`).
pub fn command_data(text: &str) -> String {
    terminal(text).replace('%', "%25")
}

/// For a workflow command: the value of a property, which ends at a colon or a comma.
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For Markdown as GitHub renders it: nothing in `text` is markup, a link, a mention, a reference
/// or a formula.
///
/// Mentions, references and bare links are found in the rendered text, where escapes are gone;
/// an empty comment between their parts keeps them apart and leaves nothing to see.
pub fn markdown(text: &str) -> String {
    apart(text, true)
}

/// For HTML inside of Markdown, where it reads no escapes of its own.
pub fn markdown_html(text: &str) -> String {
    apart(text, false)
}

fn apart(text: &str, escape: bool) -> String {
    let text = visible(&shorten(text, MOST_IN_MARKDOWN));
    let mut clean = String::with_capacity(text.len() + text.len() / 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '"' if !escape => clean.push_str("&quot;"),
            '$' => clean.push_str("<span>$</span>"),
            '#' if escape => clean.push_str("\\#<!-- -->"),
            '@' | '#' => {
                clean.push(c);
                clean.push_str("<!-- -->");
            }
            ':' if chars.peek() == Some(&'/') => clean.push_str(":<!-- -->"),
            '.' if clean.to_ascii_lowercase().ends_with("www") => clean.push_str("<!-- -->."),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~'
                if escape =>
            {
                clean.push('\\');
                clean.push(c);
            }
            c => clean.push(c),
        }
    }
    clean
}

/// For Markdown, as code: ids, ARNs, commands.
pub fn markdown_code(text: &str) -> String {
    let text = visible(&shorten(text, MOST_IN_MARKDOWN));
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if text.is_empty() {
        return String::new();
    }
    // A space next to each fence belongs to the fence where the text has one or a backtick there.
    let edge = |c: char| c == '`' || c == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// As [`markdown_code`], for a cell of a table: there, and only there, a pipe is escaped in code.
pub fn markdown_cell(text: &str) -> String {
    markdown_code(text).replace('|', "\\|")
}

/// For a message of SARIF: no embedded link, no placeholder (SARIF 2.1.0, sections 3.11.5 and
/// 3.11.6).
pub fn sarif_message(text: &str) -> String {
    let text = visible(&shorten(text, MOST_SHOWN));
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '[' | ']' => clean.extend(['\\', c]),
            '{' | '}' => clean.extend([c, c]),
            c => clean.push(c),
        }
    }
    clean
}

/// For a cell that a spreadsheet may open: never a formula.
///
/// `=`, `+`, `-` and `@` start one, in their full-width forms too, and white space before them is
/// passed over (OWASP, CSV injection); an apostrophe makes it text.
pub fn csv_cell(text: &str) -> String {
    let text = visible(&shorten(text, MOST_IN_CELL));
    let formula = |c: char| {
        matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

/// For XML and HTML, whose writers do the escaping: only characters that both can carry.
pub fn markup(text: &str) -> String {
    visible(&shorten(text, MOST_SHOWN))
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
            if is_invisible(c) || (c == '#' && last == '#' && is_command(&fragment[at..])) {
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

/// A line of JSON that another program wrote: what a parser reads from it stays the same.
///
/// Between its strings no such characters stand, so that it can be taken as one fragment.
pub fn json_line(line: &str) -> String {
    let mut clean = Vec::with_capacity(line.len());
    JsonStyle::compact()
        .write_string_fragment(&mut clean, line)
        .expect("a vector takes everything");
    String::from_utf8(clean).expect("made of text")
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
    fn a_line_of_json_reads_as_before() {
        let value = serde_json::json!({ "a#": "##[error]x ##vso[y]", "b": "\u{202e}\u{9b}" });
        let clean = json_line(&value.to_string());
        assert!(!clean.contains("##[") && !clean.contains(is_invisible), "{clean}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).expect("JSON"), value);
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
