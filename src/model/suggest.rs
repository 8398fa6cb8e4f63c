//! "Did you mean …?": the one measure of likeness for every name that a user may mistype.

/// The candidate that `given` was most likely meant to be; `None` where none is like it.
///
/// Likeness is the number of letters to insert, drop, change or swap, whatever their case; a third
/// of the name may differ.
pub fn did_you_mean<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let given = given.trim().to_lowercase();
    let letters = given.chars().count();
    let most = letters.div_ceil(3).max(1);
    // The distance is no less, and takes room for every pair of letters: names come from files.
    let near = |candidate: &&str| letters.abs_diff(candidate.chars().count()) <= most;
    let distance = |candidate: &str| strsim::damerau_levenshtein(&given, &candidate.to_lowercase());
    let (distance, candidate) = candidates
        .into_iter()
        .filter(near)
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= most).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_typing_error_finds_its_name_and_another_word_finds_none() {
        let names = ["s3-bucket-public", "sqs-queue-public", "json", "jsonl", "eu-west-1"];
        for (given, meant) in [
            ("s3-bucket-pubic", Some("s3-bucket-public")),
            ("sqs-public-queue", None),
            ("jsn", Some("json")),
            ("EU-WEST1", Some("eu-west-1")),
            ("yaml", None),
            ("", None),
            // As long as a file can make it: no room is taken for what cannot be near.
            (&"x".repeat(10_000_000), None),
        ] {
            assert_eq!(did_you_mean(given, names), meant, "{given:.40}");
        }
    }
}
