//! Inventories from files: snapshots and AWS dumps, plain or compressed, and the built-in demo.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context as _;

use crate::inventory::{Snapshot, load};

/// The inventory of a small company, for a first look without an account.
const DEMO: &str = include_str!("../../fixtures/demo.json");

/// Hands every account of the built-in inventory to `with`.
pub fn demo(with: impl FnMut(Snapshot)) -> anyhow::Result<()> {
    load(DEMO, with).context("the built-in inventory")?;
    Ok(())
}

/// Hands every account of `files` to `with`, one at a time.
///
/// # Errors
/// Names the file, the place in it and what was expected.
pub fn files(files: &[impl AsRef<Path>], mut with: impl FnMut(Snapshot)) -> anyhow::Result<()> {
    for file in files {
        let file = file.as_ref();
        let text = read(file).with_context(|| format!("cannot read {}", file.display()))?;
        load(&text, &mut with).with_context(|| {
            format!(
                "{} is not an inventory that outcrop can judge; expected what `outcrop collect` \
                 writes, or an AWS dump",
                file.display()
            )
        })?;
    }
    Ok(())
}

/// A file as text: decompressed when it starts as Zstandard does (RFC 8878, magic number).
pub fn read(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.read_to_end(&mut bytes)?;
    }
    if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        bytes = zstd::decode_all(bytes.as_slice()).context("not valid Zstandard data")?;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            Err(anyhow::anyhow!("line {line} is not UTF-8 text; save the file as UTF-8"))
        }
    }
}
