//! Lists that people read: the first few by name, the rest by number.

/// The first `most` of `items` with commas between them, and how many more there are.
pub fn first_few<T: AsRef<str>>(items: impl IntoIterator<Item = T>, most: usize) -> String {
    let mut text = String::new();
    let mut more = 0_usize;
    for (n, item) in items.into_iter().enumerate() {
        if n >= most {
            more += 1;
            continue;
        }
        if n > 0 {
            text.push_str(", ");
        }
        text.push_str(item.as_ref());
    }
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::first_few;

    #[test]
    fn what_is_not_named_is_counted() {
        assert_eq!(first_few(["a", "b"], 2), "a, b");
        assert_eq!(first_few(["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(first_few(Vec::<String>::new(), 2), "");
    }
}
