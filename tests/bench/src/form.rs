//! Form bodies, as SNS is asked.

/// The value of a field; empty where it is not there.
#[must_use]
pub fn field(body: &[u8], name: &str) -> String {
    form_urlencoded::parse(body)
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_decoded() {
        let body = b"Action=Publish&PhoneNumber=%2B821012345678&Message=%EA%B0%80+%0Ab";
        assert_eq!(field(body, "PhoneNumber"), "+821012345678");
        assert_eq!(field(body, "Message"), "\u{ac00} \nb");
        assert_eq!(field(body, "Phone"), "");
    }
}
