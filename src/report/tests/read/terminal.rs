//! A terminal: a parser of escape sequences (vte, the state machine of Alacritty) and what it
//! would draw.

use vte::{Params, Parser, Perform};

use super::super::super::width::columns;

/// What a terminal makes of bytes.
#[derive(Debug, Default)]
pub struct Screen {
    /// What is drawn, line by line.
    pub lines: Vec<String>,
    /// Targets of links, in order.
    pub links: Vec<String>,
    /// Sequences that change colours.
    pub paints: usize,
    /// Everything that a report has no business with.
    pub strange: Vec<String>,
}

impl Screen {
    /// What a terminal makes of `written`.
    pub fn of(written: &str) -> Screen {
        let mut screen = Screen { lines: vec![String::new()], ..Screen::default() };
        <Parser>::new().advance(&mut screen, written.as_bytes());
        screen
    }

    /// The widest line, without those that must stay whole to be copied, and without the last.
    pub fn widest(&self) -> usize {
        let body = self.lines.len().saturating_sub(2);
        let whole = |line: &&String| line.trim_start().starts_with("$ ");
        let lines = self.lines.iter().take(body).filter(|line| !whole(line));
        lines.map(|line| columns(line)).max().unwrap_or_default()
    }
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        self.lines.last_mut().expect("there is a line").push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.lines.push(String::new()),
            byte => self.strange.push(format!("control {byte:#04x}")),
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], bell: bool) {
        match params {
            [b"8", b"", target] if !bell => {
                self.links.push(String::from_utf8_lossy(target).into_owned());
            }
            other => self.strange.push(format!("OSC {other:?}")),
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        match action {
            'm' if intermediates.is_empty() && !ignore => self.paints += 1,
            _ => self.strange.push(format!("CSI {params:?} {intermediates:?} {action}")),
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        // The string terminator after a link.
        if byte != b'\\' || !intermediates.is_empty() {
            self.strange.push(format!("ESC {intermediates:?} {byte:#04x}"));
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.strange.push(format!("DCS {action}"));
    }
}

#[test]
fn what_no_report_has_business_with_is_seen() {
    for hostile in [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]8;;https://evil.example\x07",
        "\x1bPq",
        "\x1bc",
        "\x07",
        "\r",
        "\u{9b}31m",
    ] {
        assert_ne!(Screen::of(hostile).strange, Vec::<String>::new(), "{hostile:?}");
    }
    let screen = Screen::of("\x1b[1m\x1b]8;;https://a\x1b\\漢字\x1b]8;;\x1b\\\x1b[0m\nlast\n");
    assert_eq!((screen.strange.len(), screen.paints, screen.widest()), (0, 2, 4));
    assert_eq!(screen.links, ["https://a", ""]);
}
