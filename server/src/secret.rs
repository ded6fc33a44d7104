//! Secrets: made here, shown once, kept as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

/// How long the secret of an anonymous visitor is, in bytes (SECURITY 11: at least 16).
const VISITOR_SECRET: usize = 32;

/// A fresh secret: 256 random bits in hexadecimal.
///
/// # Errors
/// When the machine has no randomness to give.
pub fn fresh() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// What is kept of a secret.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// What is kept of an anonymous visitor's secret; none when it is not 256 bits in hexadecimal. Letter case does
/// not matter.
#[must_use]
pub fn hash_of_visitor(secret: &str) -> Option<[u8; 32]> {
    let is_hex = secret.len() == 2 * VISITOR_SECRET && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| hash(&secret.to_ascii_lowercase()))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // A String takes whatever is written.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Whether two texts are equal, in a time that tells nothing about where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    hash(one) == hash(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitors_secret_is_256_bits() {
        assert!(hash_of_visitor(&"0f".repeat(32)).is_some());
        assert_eq!(
            hash_of_visitor(&"0F".repeat(32)),
            hash_of_visitor(&"0f".repeat(32))
        );
        assert!(hash_of_visitor("").is_none());
        assert!(hash_of_visitor(&"0f".repeat(31)).is_none());
        assert!(hash_of_visitor(&"0g".repeat(32)).is_none());
    }
}
