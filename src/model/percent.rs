//! Percent-encoded text, as IAM answers policies in (RFC 3986).

/// Text whose bytes are percent-encoded; `None` when it is none, or not UTF-8.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_percent_encoded_text_is_none() {
        assert_eq!(percent_decoded("%7B%22a%22%3A+1}").as_deref(), Some("{\"a\":+1}"));
        assert_eq!(percent_decoded("%7"), None);
        assert_eq!(percent_decoded("%zz"), None);
        assert_eq!(percent_decoded("%ff"), None, "not UTF-8");
    }
}
