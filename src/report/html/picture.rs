//! The path of a finding as a drawing: boxes in the order of the proof, five to a row; the way
//! back in rows of its own.

use super::super::clean::markup;
use super::super::words;
use crate::model::{Evidence, Finding, Status, Who};

/// Boxes in a row, and their measures; the width and height of a box stand in the template too.
const IN_A_ROW: usize = 5;
const WIDTH: usize = 176;
const HEIGHT: usize = 44;
const GAP: usize = 30;
const EDGE: usize = 3;
/// Room for the title of the way back.
const LANE: usize = 18;
/// Steps that are drawn; the list beside the drawing has all.
const MOST_STEPS: usize = 20;
/// Letters of a name that fit into a box.
const MOST_LETTERS: usize = 24;

/// A drawing.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub label: String,
    pub nodes: Vec<Node>,
    pub edges: Vec<PictureEdge>,
    /// Where the title of the way back stands, where there is one.
    pub lane: Option<usize>,
}

/// A box: what it is, and which one.
pub struct Node {
    pub class: &'static str,
    pub x: usize,
    pub y: usize,
    pub top: String,
    pub bottom: String,
    pub full: String,
}

/// A line between two boxes.
pub struct PictureEdge {
    pub class: &'static str,
    pub line: String,
}

impl Picture {
    /// Who gets in, each step, what shuts the way or is not known, the resource, and the way back.
    pub fn of(finding: &Finding) -> Picture {
        // Of several paths, each from the internet on, the first is drawn.
        let steps: Vec<&Evidence> = words::proof(finding).collect();
        let again = steps.iter().skip(1).position(|step| step.kind == "internet");
        let (path, left) = steps.split_at(again.map_or(steps.len(), |at| at + 1));
        // The resource has a box of its own, behind the steps towards it.
        let id = finding.resource.id.as_str();
        let last = path.iter().rposition(|step| step.id.as_deref() == Some(id) && is_self(step));
        let (back, way): (Vec<_>, Vec<_>) = path
            .iter()
            .enumerate()
            .filter(|(n, _)| Some(*n) != last)
            .map(|(_, step)| *step)
            .partition(|step| step.kind.starts_with("reply"));

        let mut nodes = Vec::new();
        if way.first().is_none_or(|step| step.kind != "internet") {
            nodes.extend(outsider(finding));
        }
        nodes.extend(boxes(&way));
        for control in finding.blocked_by.iter().take(MOST_STEPS) {
            nodes.push(node("shut", "✕ BLOCKED by", &control.control, &control.text));
        }
        for missing in finding.undecided.iter().take(MOST_STEPS) {
            let what = missing.operation.as_deref().unwrap_or(&missing.text);
            nodes.push(node("doubt", "? not known", what, &missing.text));
        }
        let class = match finding.status {
            Status::Exposed | Status::Undetermined => "to",
            Status::Latent | Status::Weakness => "to safe",
        };
        let resource = &finding.resource;
        nodes.push(node(class, resource.local_kind(), id, &resource.uid));
        let mut picture = Picture::laid_out(nodes, boxes(&back));
        let more = left.iter().filter(|step| step.kind == "internet").count();
        if more > 0 {
            picture.label.push_str(&format!(" (and {more} more in the list below)"));
        }
        picture
    }

    fn laid_out(mut way: Vec<Node>, mut back: Vec<Node>) -> Picture {
        let mut edges = Vec::new();
        let mut shut = false;
        for n in 0..way.len() {
            (way[n].x, way[n].y) = place(n, 0);
            if n > 0 {
                shut |= way[n - 1].class == "shut";
                edges.push(PictureEdge {
                    class: if shut { "cut" } else { "way" },
                    line: line(n, 0),
                });
            }
        }
        let rows = way.len().div_ceil(IN_A_ROW);
        let mut height = rows * (HEIGHT + GAP) - GAP + 2 * EDGE;
        let mut lane = None;
        if !back.is_empty() {
            lane = Some(height + LANE - 6);
            let down = height + LANE;
            for (n, node) in back.iter_mut().enumerate() {
                (node.x, node.y) = place(n, down);
                if n > 0 {
                    edges.push(PictureEdge { class: "cut", line: line(n, down) });
                }
            }
            height += LANE + back.len().div_ceil(IN_A_ROW) * (HEIGHT + GAP) - GAP + 2 * EDGE;
        }
        let columns = way.len().max(back.len()).min(IN_A_ROW);
        let names = |nodes: &[Node]| {
            let name = |n: &Node| format!("{} {}", n.top, n.bottom).trim().to_owned();
            nodes.iter().map(name).collect::<Vec<_>>().join(", then ")
        };
        let mut label = format!("path: {}", names(&way));
        if !back.is_empty() {
            label.push_str(&format!("; the way back: {}", names(&back)));
        }
        way.extend(back);
        Picture {
            width: columns * (WIDTH + GAP) - GAP + 2 * EDGE,
            height,
            label,
            nodes: way,
            edges,
            lane,
        }
    }
}

/// Whether a step that carries the resource's id is about the resource, and not about a control
/// that lies on it, as with a bucket's own policy.
fn is_self(step: &Evidence) -> bool {
    ["instance", "network-interface", "database", "db-instance"].contains(&&*step.kind)
}

fn outsider(finding: &Finding) -> Option<Node> {
    let who = &finding.exposure.as_ref()?.who;
    Some(match who.widest()? {
        Who::Anyone => node("from", "anyone", "without credentials", ""),
        Who::AnyAws => node("from", "any AWS account", "", ""),
        _ => node("from", "outsider", &who.to_string(), &who.to_string()),
    })
}

fn boxes(steps: &[&Evidence]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for step in steps.iter().take(MOST_STEPS) {
        let class = match &*step.kind {
            "internet" => "from",
            kind if kind.starts_with("reply") => "reply",
            _ => "step",
        };
        match &step.id {
            Some(id) => nodes.push(node(class, &step.kind, id, &step.text)),
            None => {
                let whole = node(class, &step.kind, &step.text, &step.text);
                nodes.push(Node { bottom: start(&step.text), ..whole });
            }
        }
    }
    if let Some(more @ 1..) = steps.len().checked_sub(MOST_STEPS) {
        nodes.push(node("step", &format!("{more} more steps"), "in the list below", ""));
    }
    nodes
}

fn node(class: &'static str, top: &str, bottom: &str, full: &str) -> Node {
    let whole =
        if full.is_empty() { format!("{top} {bottom}") } else { format!("{bottom}: {full}") };
    Node { class, x: 0, y: 0, top: fit(top), bottom: fit(bottom), full: markup(whole.trim()) }
}

/// Beginning and end of a text that is too long for a box.
fn fit(text: &str) -> String {
    let letters: Vec<char> = markup(text).chars().collect();
    if letters.len() <= MOST_LETTERS {
        return letters.into_iter().collect();
    }
    let (start, end) = (&letters[..12], &letters[letters.len() - 9..]);
    start.iter().chain(['…'].iter()).chain(end).collect()
}

/// The beginning of a sentence that is too long for a box.
fn start(text: &str) -> String {
    let text = markup(text);
    match text.char_indices().nth(MOST_LETTERS) {
        None => text,
        Some(_) => text.chars().take(MOST_LETTERS - 1).chain(['…']).collect(),
    }
}

/// Where box `n` of a lane stands that begins `down` from the top.
fn place(n: usize, down: usize) -> (usize, usize) {
    let (row, column) = (n / IN_A_ROW, n % IN_A_ROW);
    (EDGE + column * (WIDTH + GAP), EDGE + down + row * (HEIGHT + GAP))
}

/// From the box before box `n` to it, with a point at the end.
fn line(n: usize, down: usize) -> String {
    let (x, y) = place(n, down);
    let (from_x, from_y) = place(n - 1, down);
    if n.is_multiple_of(IN_A_ROW) {
        let (half, middle) = (GAP / 2, x + WIDTH / 2);
        return format!(
            "M{} {}v{half}H{middle}V{y}m-4 -6l4 6l4 -6",
            from_x + WIDTH / 2,
            from_y + HEIGHT
        );
    }
    format!("M{} {}H{x}m-6 -4l6 4l-6 4", from_x + WIDTH, y + HEIGHT / 2)
}
