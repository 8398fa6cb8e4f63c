//! What a collection is doing, in a line: how many calls were answered, and which region keeps it
//! waiting.

use std::collections::BTreeMap;

/// The parts of one account's collection that are under way.
#[derive(Debug, Default)]
pub struct Progress {
    /// Parts that are not finished, by region.
    pending: BTreeMap<String, usize>,
    /// Calls that were answered, refused or given up.
    answered: u64,
}

impl Progress {
    /// A collection of so many parts: the region of each.
    pub fn of(parts: impl IntoIterator<Item = String>) -> Progress {
        let mut progress = Progress::default();
        for region in parts {
            *progress.pending.entry(region).or_default() += 1;
        }
        progress
    }

    /// A call came to its end.
    pub fn answered(&mut self) {
        self.answered += 1;
    }

    /// A part of a region came to its end.
    pub fn done(&mut self, region: &str) {
        if let Some(left) = self.pending.get_mut(region) {
            *left -= 1;
            if *left == 0 {
                self.pending.remove(region);
            }
        }
    }

    /// The line. The slowest region is the one with most left to do.
    pub fn line(&self) -> String {
        let calls = match self.answered {
            1 => "1 call".to_owned(),
            many => format!("{many} calls"),
        };
        let slowest = self.pending.iter().max_by_key(|(name, left)| (**left, name.as_str()));
        match slowest {
            None => calls,
            Some((region, left)) => match self.pending.len() {
                1 => format!("{calls}, waiting for {region} ({left} to go)"),
                regions => {
                    format!("{calls}, {regions} regions to go, most in {region} ({left})")
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn the_slowest_region_is_named_with_what_it_has_left() {
        let parts = ["eu-west-1", "eu-west-1", "us-east-1"].map(str::to_owned);
        let mut progress = Progress::of(parts);
        progress.answered();
        assert_eq!(progress.line(), "1 call, 2 regions to go, most in eu-west-1 (2)");
        progress.done("us-east-1");
        progress.answered();
        assert_eq!(progress.line(), "2 calls, waiting for eu-west-1 (2 to go)");
        progress.done("eu-west-1");
        progress.done("eu-west-1");
        progress.done("nowhere");
        assert_eq!(progress.line(), "2 calls");
    }
}
