//! What the reader's terminal takes.

use std::io;

use super::destination::Place;
use crate::cli::options::{Common, When};
use crate::report::Style;

/// The style of what goes to `place`. Colours and links are for whoever looks at a terminal, now or
/// behind a pipe: a file gets none, whatever was said.
pub fn style(common: &Common, hyperlinks: When, place: &Place) -> Style {
    let terminal = place.is_terminal();
    let wanted = |when: When, auto: bool| match when {
        _ if matches!(place, Place::File(_)) => false,
        When::Always => true,
        When::Never => false,
        When::Auto => auto,
    };
    let coloured = || anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let colour = wanted(common.color, *place == Place::Stdout && coloured());
    let links = wanted(hyperlinks, terminal && takes_links());
    let unicode = terminal && speaks_utf8();
    Style { width: width(terminal), colour, links, unicode, ..Style::default() }
}

/// Columns that lines are broken at: those of `COLUMNS`, which a user sets and some shells export
/// (POSIX, Environment Variables), else the terminal's own; 80 where there is no terminal.
fn width(terminal: bool) -> usize {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let own = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = named.or_else(|| terminal.then(own).flatten());
    columns.filter(|columns| *columns > 0).map_or(80, |columns| columns.clamp(40, 400))
}

/// Has `FORCE_COLOR` (force-color.org) count for everything that is printed: anstream knows only
/// `NO_COLOR`, which wins, and `CLICOLOR_FORCE`. `0` and `false` say the opposite, as with Node.
pub fn respect_force_color() {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return;
    }
    match set("FORCE_COLOR").as_deref() {
        None => {}
        Some("0" | "false") => anstream::ColorChoice::Never.write_global(),
        Some(_) => anstream::ColorChoice::Always.write_global(),
    }
}

/// Terminals known to take OSC 8 links.
fn takes_links() -> bool {
    let says = |name: &str| std::env::var(name).unwrap_or_default();
    if !says("CI").is_empty() || says("TERM") == "dumb" {
        return false;
    }
    ["iTerm.app", "WezTerm", "vscode", "ghostty"].contains(&says("TERM_PROGRAM").as_str())
        || says("TERM").contains("kitty")
        || !says("KONSOLE_VERSION").is_empty()
        // GNOME's terminal library takes them from 0.50 on.
        || says("VTE_VERSION").parse::<u32>().is_ok_and(|version| version >= 5000)
}

/// The first of the three locale variables that is set decides (POSIX, Environment Variables).
fn speaks_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| value.to_ascii_lowercase().replace('-', "").contains("utf8"))
}
