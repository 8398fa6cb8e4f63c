//! GitHub's Markdown: rendered by comrak with GitHub's extensions, read as a browser reads it.

use comrak::{Options, markdown_to_html};

use super::page::Tree;

/// Elements that a summary is made of; nothing in it can load, link, run or style.
const OURS: [&str; 24] = [
    "html",
    "head",
    "body",
    "h1",
    "h2",
    "p",
    "strong",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "ol",
    "li",
    "code",
    "details",
    "summary",
    "blockquote",
    "span",
    "br",
    "hr",
    "pre",
];

/// The tree of a page of Markdown. HTML in it is kept, as GitHub keeps what is harmless: here
/// everything is kept, so that what must not be there is seen.
pub fn tree(markdown: &str) -> Tree {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.render.r#unsafe = true;
    options.render.gfm_quirks = true;
    Tree::of(&markdown_to_html(markdown, &options))
}

/// What in a rendered page is not ours: other elements, attributes, mentions, references, bare
/// links, formulas.
pub fn foreign(tree: &Tree) -> Result<(), String> {
    for element in &tree.elements {
        if !OURS.contains(&element.name.as_str()) {
            return Err(format!("an element of their own: {element:?}"));
        }
        if let Some(other) = element.attributes.iter().find(|(name, _)| name != "align") {
            return Err(format!("an attribute of their own: {other:?}"));
        }
    }
    for (around, text) in &tree.texts {
        // GitHub looks for mentions and references in texts, but not in code.
        if around.iter().any(|element| element == "code" || element == "pre") {
            continue;
        }
        let lower = text.to_lowercase();
        let follows = |mark: char, is: fn(char) -> bool| {
            text.split(mark).skip(1).any(|after| after.starts_with(is))
        };
        let mark = if follows('@', char::is_alphanumeric) {
            "a mention"
        } else if follows('#', |c| c.is_ascii_digit()) {
            "a reference"
        } else if lower.contains("://") || lower.contains("www.") || lower.contains("mailto:") {
            "a link"
        } else if text.matches('$').count() > 1 {
            "a formula"
        } else {
            continue;
        };
        return Err(format!("{mark} of their own in {around:?}: {text}"));
    }
    Ok(())
}

#[test]
fn what_is_not_ours_is_seen() {
    for hostile in [
        "![x](https://evil.example/p.png)",
        "[x](y)",
        "<img src=x>",
        "<span class=\"x\">",
        "see @octocat",
        "see #1",
        "www.evil.example",
        "https://evil.example",
        "a@b.example",
        "$x^2$",
        "[^1]\n\n[^1]: note",
        "- [ ] task",
        "~~gone~~",
    ] {
        assert!(foreign(&tree(hostile)).is_err(), "{hostile}");
    }
    assert_eq!(foreign(&tree("# one\n\n`@octocat` **two** @<!-- -->octocat")), Ok(()));
}
