//! What stands after the question mark: `page[size]`, `filter[userId]` and their kin, plain or percent-encoded.

use core::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

/// The parameters of a request, in the order given. What cannot be read counts as not there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The first value of a name; a blank one counts as not there.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(its, value)| its == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The same parameters but those of these names, with others put in their place: a link's query.
    #[must_use]
    pub fn with(&self, replaced: &[&str], by: &[(&str, String)]) -> String {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| !replaced.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let fresh = by.iter().map(|(name, value)| (*name, value.as_str()));
        kept.chain(fresh)
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect::<Vec<_>>()
            .join("&")
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let read = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(read.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

/// Percent-encoded, so that it can stand as a name or a value of a query.
#[must_use]
pub fn encoded(text: &str) -> String {
    use core::fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // A String takes whatever is written.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Parameters {
        let uri = format!("/x?{query}").parse().unwrap();
        Parameters(Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap().0)
    }

    #[test]
    fn encoded_and_plain_brackets_are_the_same() {
        assert_eq!(of("page[size]=3").value("page[size]"), Some("3"));
        assert_eq!(of("page%5Bsize%5D=3").value("page[size]"), Some("3"));
        assert_eq!(of("page[size]=").value("page[size]"), None);
    }

    #[test]
    fn a_link_keeps_what_it_does_not_replace() {
        let link = of("query=status%3Csolved&page=2").with(&["page"], &[("page", "3".to_owned())]);
        assert_eq!(link, "query=status%3Csolved&page=3");
    }
}
