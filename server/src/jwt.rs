//! The token by which a site says who its visitor is: a JWT in compact form, signed with HS256 by one of the site's
//! `user` keys (SECURITY 10).
//!
//! Read strictly, and by ourselves: one algorithm, so there is nothing to confuse; a handful of claims. The signature
//! is checked before anything of the claims is looked at. What was wrong is told to the operator's log alone: whoever
//! sent the token gets the same sentence for everything.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causerie_core::Timestamp;
use causerie_core::end_user::{Vouched, is_an_address};
use causerie_core::time::Span;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::store::{KeyScope, SiteId, SiteKey};

/// The longest token, in bytes: ten times what one with all claims takes.
const MAX_TOKEN: usize = 8 * 1024;

/// How far the site's clock may be from ours.
const SKEW: Span = Span(60_000);

/// How far ahead a token may reach: longer is a mistake, as of seconds taken for milliseconds.
const LONGEST: Span = Span::days(366);

/// The longest external id, name or address, in characters.
const MAX_CLAIM: usize = 255;

/// Whom a token names, and until when it is good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Whom.
    pub whom: Vouched,
    /// Until when a login by it lasts: its `exp`, and what the clocks may differ by.
    pub until: Timestamp,
}

/// What was wrong with a token: for the operator's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is longer than any token is.
    TooLong,
    /// It is no compact JWT, or its header or claims are not what they must be.
    Malformed,
    /// It is not signed by HS256.
    OtherAlgorithm,
    /// It names no key, or one that this site has not or that signs no end users.
    UnknownKey,
    /// The signature is not that key's.
    ForeignSignature,
    /// `scope` is not `user`.
    OtherScope,
    /// `external_id`, `name` or `email` is missing or cannot stand.
    BadClaim,
    /// `exp` is over.
    Expired,
    /// `exp` is further ahead than a token may reach, or `nbf` is not over yet.
    BadTime,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the token is longer than 8 KiB",
            Self::Malformed => "it is no JWT in compact form with the claims expected",
            Self::OtherAlgorithm => "its alg is not HS256",
            Self::UnknownKey => "its kid names no key of scope user of this site",
            Self::ForeignSignature => "it is not signed with the secret of its kid",
            Self::OtherScope => "its scope is not \"user\"",
            Self::BadClaim => "external_id, name or email is empty, too long or cannot stand",
            Self::Expired => "its exp is over",
            Self::BadTime => "its exp is more than a year ahead, or its nbf is still to come",
        })
    }
}

/// A token taken apart, not yet believed.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

/// What is read of the header. A critical extension is one that we do not know.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

/// What is read of the claims.
#[derive(Deserialize)]
struct Claims {
    scope: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    exp: i64,
    nbf: Option<i64>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Where it is too long, or has not three parts.
    pub fn read(token: &'a str) -> Result<Self, Fault> {
        if token.len() > MAX_TOKEN {
            return Err(Fault::TooLong);
        }
        let mut parts = token.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(header), Some(claims), Some(signature), None) => Ok(Self {
                header,
                claims,
                signature,
            }),
            (..) => Err(Fault::Malformed),
        }
    }

    /// The id of the key that it says it is signed with.
    ///
    /// # Errors
    /// Where the header cannot be read, or says another algorithm: then no key is looked for at all.
    pub fn kid(&self) -> Result<String, Fault> {
        let header: Header = json(self.header)?;
        if header.alg != "HS256" {
            return Err(Fault::OtherAlgorithm);
        }
        let is_jwt = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
        if !is_jwt || header.crit.is_some() {
            return Err(Fault::Malformed);
        }
        header.kid.ok_or(Fault::UnknownKey)
    }

    /// Whom it names, if it is signed with this key and `now` is its time. `key` is what was found under [`Self::kid`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self, site: SiteId, key: Option<&SiteKey>, now: Timestamp) -> Result<Verified, Fault> {
        let key = key
            .filter(|key| key.site == site && key.scope == KeyScope::User)
            .ok_or(Fault::UnknownKey)?;
        if !self.is_signed_with(key.secret.as_bytes()) {
            return Err(Fault::ForeignSignature);
        }
        let claims: Claims = json(self.claims)?;
        if claims.scope.as_deref() != Some("user") {
            return Err(Fault::OtherScope);
        }
        let seconds = |at: i64| at.checked_mul(1000).map(Timestamp).ok_or(Fault::BadTime);
        let until = Timestamp(seconds(claims.exp)?.0.saturating_add(SKEW.0));
        if until <= now {
            return Err(Fault::Expired);
        }
        if until > now.after(LONGEST) {
            return Err(Fault::BadTime);
        }
        if let Some(from) = claims.nbf
            && seconds(from)? > now.after(SKEW)
        {
            return Err(Fault::BadTime);
        }
        let email = text(claims.email)?;
        if email.as_deref().is_some_and(|email| !is_an_address(email)) {
            return Err(Fault::BadClaim);
        }
        Ok(Verified {
            whom: Vouched {
                external_id: text(claims.external_id)?.ok_or(Fault::BadClaim)?,
                name: text(claims.name)?,
                email_verified: email.is_some() && claims.email_verified == Some(true),
                email,
            },
            until,
        })
    }

    fn is_signed_with(&self, secret: &[u8]) -> bool {
        let (Ok(mut mac), Ok(signature)) = (
            Hmac::<Sha256>::new_from_slice(secret),
            URL_SAFE_NO_PAD.decode(self.signature),
        ) else {
            return false;
        };
        mac.update(self.header.as_bytes());
        mac.update(b".");
        mac.update(self.claims.as_bytes());
        // The whole of it, in a time that tells nothing.
        mac.verify_slice(&signature).is_ok()
    }
}

/// A token as a site's own server signs it: for the demo shop, whose server this is.
#[must_use]
pub fn signed(key: &SiteKey, whom: &Vouched, until: Timestamp) -> String {
    let header = serde_json::json!({"alg": "HS256", "typ": "JWT", "kid": key.kid});
    let claims = serde_json::json!({
        "scope": "user",
        "external_id": whom.external_id,
        "name": whom.name,
        "email": whom.email,
        "email_verified": whom.email_verified,
        "exp": until.0 / 1000,
    });
    let body = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes()).map(|mut mac| {
        mac.update(body.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    });
    // HMAC takes a key of any length.
    [body, signature.unwrap_or_default()].join(".")
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Fault::Malformed)
}

/// A claim that is text: blank is none, and what would break a line or a mail's head cannot stand.
fn text(claim: Option<String>) -> Result<Option<String>, Fault> {
    match claim {
        Some(text) if text.chars().count() > MAX_CLAIM || text.chars().any(char::is_control) => {
            Err(Fault::BadClaim)
        }
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => Ok(Some(text)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const SITE: SiteId = SiteId(1);

    fn key() -> SiteKey {
        SiteKey {
            kid: "usr_1".to_owned(),
            site: SITE,
            scope: KeyScope::User,
            secret: "0f".repeat(32),
        }
    }

    fn signed(header: &str, claims: &str, secret: &str) -> String {
        let body = [header, claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".");
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{body}.{signature}")
    }

    fn verify(token: &str, key: Option<&SiteKey>) -> Result<Verified, Fault> {
        let token = Token::read(token)?;
        token.kid()?;
        token.verify(SITE, key, NOW)
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","kid":"usr_1"}"#;

    fn claims(rest: &str) -> Result<Verified, Fault> {
        let claims = format!(r#"{{"scope":"user","external_id":"ada-1","exp":1800000300{rest}}}"#);
        verify(&signed(HEADER, &claims, &key().secret), Some(&key()))
    }

    #[test]
    fn a_token_names_whom_the_site_vouches_for() {
        let verified = claims(r#","name":"Ada","email":"ada@example.net","email_verified":true"#).unwrap();
        assert_eq!(verified.whom.external_id, "ada-1");
        assert_eq!(verified.whom.name.as_deref(), Some("Ada"));
        assert_eq!(verified.whom.email.as_deref(), Some("ada@example.net"));
        assert!(verified.whom.email_verified);
        assert_eq!(verified.until, Timestamp(1_800_000_360_000));
        let bare = claims("").unwrap().whom;
        assert_eq!((bare.name, bare.email, bare.email_verified), (None, None, false));
        assert!(!claims(r#","email_verified":true"#).unwrap().whom.email_verified);
    }

    /// The vector of RFC 7515, appendix A.1, with its own key.
    #[test]
    fn a_signature_is_the_standards_own() {
        let token = Token::read(concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ))
        .unwrap();
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        assert!(token.is_signed_with(&key));
        assert!(!token.is_signed_with(&key[1..]));
    }

    #[test]
    fn no_other_algorithm_is_one() {
        let all = r#"{"scope":"user","external_id":"ada-1","exp":1800000300}"#;
        for alg in [
            "none", "None", "", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA",
        ] {
            let header = format!(r#"{{"alg":"{alg}","kid":"usr_1"}}"#);
            let token = signed(&header, all, &key().secret);
            assert_eq!(verify(&token, Some(&key())), Err(Fault::OtherAlgorithm), "{alg}");
            let (unsigned, _) = token.rsplit_once('.').unwrap();
            let token = format!("{unsigned}.");
            assert_eq!(verify(&token, Some(&key())), Err(Fault::OtherAlgorithm), "{alg}");
        }
        let unsigned = signed(HEADER, all, &key().secret);
        let (unsigned, _) = unsigned.rsplit_once('.').unwrap();
        assert_eq!(
            verify(&format!("{unsigned}."), Some(&key())),
            Err(Fault::ForeignSignature)
        );
        let header = r#"{"alg":"HS256","alg":"none","kid":"usr_1"}"#;
        assert_eq!(
            verify(&signed(header, all, &key().secret), Some(&key())),
            Err(Fault::Malformed)
        );
        let header = r#"{"alg":"HS256","kid":"usr_1","crit":["b64"],"b64":false}"#;
        assert_eq!(
            verify(&signed(header, all, &key().secret), Some(&key())),
            Err(Fault::Malformed)
        );
    }

    #[test]
    fn only_a_user_key_of_this_site_signs() {
        let all = r#"{"scope":"user","external_id":"ada-1","exp":1800000300}"#;
        let token = signed(HEADER, all, &key().secret);
        assert!(verify(&token, Some(&key())).is_ok());
        assert_eq!(verify(&token, None), Err(Fault::UnknownKey));
        let app = SiteKey {
            scope: KeyScope::App,
            ..key()
        };
        assert_eq!(verify(&token, Some(&app)), Err(Fault::UnknownKey));
        let other = SiteKey {
            site: SiteId(2),
            ..key()
        };
        assert_eq!(verify(&token, Some(&other)), Err(Fault::UnknownKey));
        let no_kid = signed(r#"{"alg":"HS256"}"#, all, &key().secret);
        assert_eq!(verify(&no_kid, Some(&key())), Err(Fault::UnknownKey));
        let foreign = signed(HEADER, all, &"0e".repeat(32));
        assert_eq!(verify(&foreign, Some(&key())), Err(Fault::ForeignSignature));
        // Each part is under the signature.
        let parts: Vec<&str> = token.split('.').collect();
        let eve = URL_SAFE_NO_PAD.encode(all.replace("ada", "eve"));
        let forged = [parts[0], &eve, parts[2]].join(".");
        assert_eq!(verify(&forged, Some(&key())), Err(Fault::ForeignSignature));
        let short = [parts[0], parts[1], &parts[2][..20]].join(".");
        assert_eq!(verify(&short, Some(&key())), Err(Fault::ForeignSignature));
    }

    #[test]
    fn claims_that_are_missing_wrong_or_absurd_are_refused() {
        let wrong = |claims: &str| verify(&signed(HEADER, claims, &key().secret), Some(&key())).unwrap_err();
        assert_eq!(
            wrong(r#"{"external_id":"a","exp":1800000300}"#),
            Fault::OtherScope
        );
        assert_eq!(
            wrong(r#"{"scope":"app","external_id":"a","exp":1800000300}"#),
            Fault::OtherScope
        );
        assert_eq!(wrong(r#"{"scope":"user","exp":1800000300}"#), Fault::BadClaim);
        assert_eq!(
            wrong(r#"{"scope":"user","external_id":" ","exp":1800000300}"#),
            Fault::BadClaim
        );
        assert_eq!(
            wrong(r#"{"scope":"user","external_id":7,"exp":1800000300}"#),
            Fault::Malformed
        );
        let long = format!(
            r#"{{"scope":"user","external_id":"{}","exp":1800000300}}"#,
            "x".repeat(256)
        );
        assert_eq!(wrong(&long), Fault::BadClaim);
        assert_eq!(claims(r#","name":"A\r\nBcc: x""#), Err(Fault::BadClaim));
        for bad in ["ada", "@", "a@b@c", "a b@c"] {
            assert_eq!(
                claims(&format!(r#","email":"{bad}""#)),
                Err(Fault::BadClaim),
                "{bad}"
            );
        }
        let exp = |exp: &str| wrong(&format!(r#"{{"scope":"user","external_id":"a","exp":{exp}}}"#));
        assert_eq!(wrong(r#"{"scope":"user","external_id":"a"}"#), Fault::Malformed);
        assert_eq!(exp("\"1800000300\""), Fault::Malformed);
        assert_eq!(exp("1.8e9"), Fault::Malformed);
        assert_eq!(exp("1799999940"), Fault::Expired);
        assert_eq!(exp("0"), Fault::Expired);
        assert_eq!(exp("-9223372036854775808"), Fault::BadTime);
        assert_eq!(exp("9223372036854775807"), Fault::BadTime);
        assert_eq!(exp("1800000300000"), Fault::BadTime, "milliseconds");
        assert_eq!(claims(r#","nbf":1800000061"#), Err(Fault::BadTime));
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let exp = |exp: i64| {
            let claims = format!(r#"{{"scope":"user","external_id":"a","exp":{exp}}}"#);
            verify(&signed(HEADER, &claims, &key().secret), Some(&key()))
        };
        assert!(exp(1_799_999_941).is_ok());
        assert!(claims(r#","nbf":1800000060"#).is_ok());
    }

    #[test]
    fn what_is_no_token_is_none() {
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            "....",
            "e30.e30",
            "e30.e30.e30.e30",
            "é.é.é",
            "e30=.e30=.",
        ] {
            assert!(verify(bad, Some(&key())).is_err(), "{bad}");
        }
        assert_eq!(verify(&"a".repeat(100_000), Some(&key())), Err(Fault::TooLong));
        let not_utf8 = [&b"{\"alg\":\"HS256\",\"kid\":\""[..], &[0xff, 0xfe], b"\"}"].concat();
        let token = format!("{}.e30.e30", URL_SAFE_NO_PAD.encode(not_utf8));
        assert_eq!(verify(&token, Some(&key())), Err(Fault::Malformed));
        let deep = format!("{}.e30.e30", URL_SAFE_NO_PAD.encode("[".repeat(5000)));
        assert_eq!(verify(&deep, Some(&key())), Err(Fault::Malformed));
    }
}
