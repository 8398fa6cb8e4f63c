//! An earlier run whose findings do not count again.

use std::collections::BTreeMap;

use crate::analysis::verdict::Status;
use crate::findings::{Finding, Run, SCHEMA_VERSION, Severity};

/// The findings of an earlier run.
#[derive(Debug, Default)]
pub struct Baseline {
    known: BTreeMap<String, (Status, Severity)>,
}

impl Baseline {
    /// Takes the findings of a run in its JSON form.
    ///
    /// # Errors
    /// When `text` is not such a run; the message says where and what was expected.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let run: Run = serde_json::from_str(text)
            .map_err(|error| format!("not a run as `outcrop scan -f json` writes it: {error}"))?;
        if run.schema_version != SCHEMA_VERSION {
            return Err(format!(
                "schema_version {} is not {SCHEMA_VERSION}; make a new baseline with this outcrop",
                run.schema_version
            ));
        }
        let known = run
            .findings
            .into_iter()
            .map(|finding| (finding.fingerprint, (finding.status, finding.severity)))
            .collect();
        Ok(Baseline { known })
    }

    /// True when the finding was there before and is no worse now. A way in that was shut then
    /// and is open now is new.
    pub fn holds(&self, finding: &Finding) -> bool {
        // Status is ordered worst first, severity worst last.
        self.known.get(&finding.fingerprint).is_some_and(|(status, severity)| {
            *status <= finding.status && *severity >= finding.severity
        })
    }
}
