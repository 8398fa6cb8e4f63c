//! Any bytes as an inventory file: an error or findings, never a panic or a hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop::rules::{Context, RULES, judge};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = outcrop::inventory::load(&text, |snapshot| {
        let judgement = judge(&Context::new(&snapshot, jiff::Timestamp::UNIX_EPOCH), RULES);
        assert!(judgement.findings.iter().all(|finding| !finding.fingerprint.is_empty()));
    });
});
