//! Inventories from files: snapshots and AWS dumps, plain or compressed, and the built-in demo.
//! Of files only the regions that the user chose are judged, as of an account.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use globset::{Glob, GlobMatcher};

use super::options::Scope;
use crate::inventory::aws::calls::{About, CALLS, Call, s3};
use crate::inventory::{LoadError, Snapshot, load};
use crate::model::{Known, did_you_mean};

/// The inventory of a small company, for a first look without an account.
const DEMO: &str = include_str!("../../fixtures/demo.json");

/// Hands every account of the built-in inventory to `with`.
pub fn demo(with: impl FnMut(Snapshot)) -> anyhow::Result<()> {
    load(DEMO, with).context("the built-in inventory")?;
    Ok(())
}

/// Hands every account of `files` to `with`, one at a time, with the regions that `scope` means.
///
/// # Errors
/// Names the file, the place in it and what was expected; or the region that no file has.
pub fn files(
    files: &[impl AsRef<Path>],
    scope: &Scope,
    mut with: impl FnMut(&Path, Snapshot),
) -> anyhow::Result<()> {
    let mut regions = Regions::of(scope)?;
    for file in files {
        let file = file.as_ref();
        let text = read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.display();
        let loaded = load(&text, |mut snapshot| {
            for note in &snapshot.notes {
                tracing::warn!("{name}: {note}");
            }
            regions.narrow(&mut snapshot);
            with(file, snapshot);
        });
        match loaded {
            Ok(_) => {}
            Err(LoadError::Report { .. }) => bail!(
                "{name} is a report of outcrop and no inventory; to see it, use: outcrop convert \
                 {name}"
            ),
            Err(error) => {
                return Err(error).with_context(|| {
                    format!(
                        "{name} is not an inventory that outcrop can judge; expected what \
                         `outcrop collect` writes, or an AWS dump"
                    )
                });
            }
        }
    }
    regions.check()
}

/// The regions to judge, of those that files have.
struct Regions {
    /// As given, with what it matches.
    chosen: Vec<(String, GlobMatcher)>,
    left_out: Vec<(String, GlobMatcher)>,
    /// Those that there are.
    seen: BTreeSet<String>,
}

impl Regions {
    fn of(scope: &Scope) -> anyhow::Result<Regions> {
        let matchers = |flag: &str, given: &[String]| {
            let matcher = |name: &String| match Glob::new(name) {
                Ok(glob) => Ok((name.clone(), glob.compile_matcher())),
                Err(error) => bail!("{flag}: `{name}` is no region and no pattern: {error}"),
            };
            given.iter().map(matcher).collect::<anyhow::Result<Vec<_>>>()
        };
        Ok(Regions {
            chosen: matchers("--region", &scope.regions)?,
            left_out: matchers("--exclude-region", &scope.exclude_region)?,
            seen: BTreeSet::new(),
        })
    }

    fn admits(&self, region: &str) -> bool {
        let one_of =
            |those: &[(String, GlobMatcher)]| those.iter().any(|(_, m)| m.is_match(region));
        (self.chosen.is_empty() || one_of(&self.chosen)) && !one_of(&self.left_out)
    }

    /// Leaves of an account what a scan of these regions would have asked. What answers for the
    /// whole account stays, and so does a bucket whose region nobody told.
    fn narrow(&mut self, snapshot: &mut Snapshot) {
        self.seen.extend(snapshot.regions.keys().cloned());
        snapshot.regions.retain(|region, _| self.admits(region));
        let mut elsewhere = BTreeSet::new();
        if let Known::Read(list) = &mut snapshot.global.s3.list_buckets {
            self.seen.extend(list.buckets.iter().filter_map(|bucket| bucket.bucket_region.clone()));
            list.buckets.retain(|bucket| {
                let stays = bucket.bucket_region.as_ref().is_none_or(|region| self.admits(region));
                stays || !elsewhere.insert(bucket.name.clone())
            });
        }
        if self.chosen.is_empty() && self.left_out.is_empty() {
            return;
        }
        snapshot.gaps.retain(|gap| {
            let is_it = |call: &&&Call| call.is_missing(gap);
            match (CALLS.iter().find(is_it), &gap.resource) {
                // A call about a bucket may have been sent to any region's endpoint.
                (Some(call), Some(bucket)) if call.service == s3::GET_BUCKET_POLICY.service => {
                    !elsewhere.contains(bucket)
                }
                (Some(call), _) if call.about != About::Account => self.admits(&gap.region),
                _ => true,
            }
        });
    }

    /// Refuses a region that no file has: nothing was judged of it.
    fn check(&self) -> anyhow::Result<()> {
        let known = || self.seen.iter().map(String::as_str);
        let is_seen = |matcher: &GlobMatcher| known().any(|region| matcher.is_match(region));
        // A pattern that leaves nothing out is no mistake: it may be meant for other accounts.
        let literal = |name: &str| !name.contains(['*', '?', '[', '{']);
        let left_out = self.left_out.iter().filter(|(name, _)| literal(name));
        for (name, matcher) in self.chosen.iter().chain(left_out) {
            if !is_seen(matcher) {
                let hint = match did_you_mean(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
                };
                bail!("the input has no region `{name}`; {hint}");
            }
        }
        if !self.seen.is_empty() && !known().any(|region| self.admits(region)) {
            bail!(
                "no region is left to judge; the input has {}",
                known().collect::<Vec<_>>().join(", ")
            );
        }
        Ok(())
    }
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
