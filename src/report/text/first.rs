//! What to do first, before the findings themselves.

use std::io;

use super::super::clean::terminal;
use super::super::words;
use super::{BOLD, Page};
use crate::model::Run;

impl Page<'_, '_> {
    /// The actions of a run, the best first.
    pub(super) fn first(&mut self, run: &Run) -> io::Result<()> {
        if run.actions.is_empty() {
            return Ok(());
        }
        let head = self.paint(BOLD, words::FIRST);
        self.line(&head)?;
        for (n, action) in run.actions.iter().enumerate() {
            self.line("")?;
            self.labelled(BOLD, &format!("  {} ", n + 1), &action.text)?;
            for (label, text) in words::effects(run, action) {
                self.paragraph(&format!("    {label:<8} "), &text)?;
            }
            if let Some(warning) = &action.warning {
                self.paragraph("    careful  ", warning)?;
            }
            for command in &action.commands {
                // Not broken, so that it can be copied as a whole.
                let command = terminal(command);
                self.line(&format!("    $ {command}"))?;
            }
        }
        self.line("")
    }
}
