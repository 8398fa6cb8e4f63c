//! A browser: the tree that an HTML parser (html5ever, of Servo) builds.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes, by name.
    pub attributes: Vec<(String, String)>,
}

/// What a page is made of, in its order.
#[derive(Debug, Default)]
pub struct Tree {
    /// Elements, those that the parser adds included.
    pub elements: Vec<Element>,
    /// Texts, each with the names of the elements around it.
    pub texts: Vec<(Vec<String>, String)>,
    /// What the parser complained of.
    pub errors: Vec<String>,
}

impl Tree {
    /// The tree of a page.
    pub fn of(html: &str) -> Tree {
        let dom: RcDom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
        let mut tree = Tree::default();
        tree.walk(&dom.document, &mut Vec::new());
        tree.errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
        tree
    }

    fn walk(&mut self, node: &Handle, around: &mut Vec<String>) {
        let mut depth = around.len();
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let attributes = attrs.borrow();
                let mut attributes: Vec<_> = attributes
                    .iter()
                    .map(|a| (a.name.local.to_string(), a.value.to_string()))
                    .collect();
                attributes.sort();
                let name = name.local.to_string();
                self.elements.push(Element { name: name.clone(), attributes });
                around.push(name);
                depth += 1;
            }
            NodeData::Text { contents } => {
                self.texts.push((around.clone(), contents.borrow().to_string()));
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.walk(child, around);
        }
        if matches!(node.data, NodeData::Element { .. }) {
            around.truncate(depth - 1);
        }
    }

    /// Names of elements with the names of their attributes: what no text may change.
    pub fn skeleton(&self) -> Vec<String> {
        let of = |element: &Element| {
            let attributes: Vec<&str> =
                element.attributes.iter().map(|(name, _)| name.as_str()).collect();
            format!("{} {}", element.name, attributes.join(" "))
        };
        self.elements.iter().map(of).collect()
    }

    /// Names of the elements that make blocks and rows, in order: those within a line depend on
    /// how a text is kept from being markup.
    pub fn blocks(&self) -> Vec<String> {
        let inline = ["code", "span", "br"];
        let names = self.elements.iter().map(|element| element.name.clone());
        names.filter(|name| !inline.contains(&name.as_str())).collect()
    }

    /// Everything that is read, without styles and scripts.
    pub fn read(&self) -> String {
        let silent = |around: &[String]| around.iter().any(|e| e == "style" || e == "script");
        let texts = self.texts.iter().filter(|(around, _)| !silent(around));
        texts.map(|(_, text)| text.as_str()).collect()
    }
}

#[test]
fn what_a_browser_would_run_is_an_element_here() {
    let tree = Tree::of("<!doctype html><p title=\"a\">b<script>c</script><!-- d --><b>e</b>");
    assert_eq!(tree.skeleton(), ["html ", "head ", "body ", "p title", "script ", "b "]);
    assert_eq!((tree.read().as_str(), tree.blocks().len()), ("be", 6));
}
