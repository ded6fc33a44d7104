//! The `Authorization` header, as far as both APIs read it.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What somebody shows to be let in.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// `Basic`: a name and a secret, whatever the API takes them for.
    Basic {
        /// Before the first colon.
        name: String,
        /// After it.
        secret: String,
    },
    /// `Bearer`: a secret alone.
    Bearer(String),
}

/// The credentials of a request; none where they are missing or not to be read.
#[must_use]
pub fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let (name, secret) = decoded.split_once(':')?;
        Some(Credentials::Basic {
            name: name.to_owned(),
            secret: secret.to_owned(),
        })
    } else if scheme.eq_ignore_ascii_case("bearer") {
        Some(Credentials::Bearer(value.to_owned()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Option<Credentials> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        credentials(&headers)
    }

    #[test]
    fn a_secret_may_hold_colons() {
        let Some(Credentials::Basic { name, secret }) = read("Basic bmFtZTphOmI=") else {
            panic!("not read");
        };
        assert_eq!((name.as_str(), secret.as_str()), ("name", "a:b"));
    }

    #[test]
    fn what_cannot_be_read_is_nobody() {
        assert!(credentials(&HeaderMap::new()).is_none());
        assert!(read("Basic %%%").is_none());
        assert!(read("Basic bmFtZQ==").is_none(), "no colon");
        assert!(read("Digest x").is_none());
        assert!(matches!(read("bearer t0ken"), Some(Credentials::Bearer(token)) if token == "t0ken"));
    }
}
