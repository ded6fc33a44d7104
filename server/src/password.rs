//! Passwords: argon2id, a few at a time, off the threads that serve.

use std::fmt;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// How many passwords are hashed at the same time: each takes some 19 MiB and a core for a while.
const AT_ONCE: usize = 2;

/// The shortest password, in characters.
pub const SHORTEST: usize = 8;

/// The longest password, in bytes: longer ones only cost time.
pub const LONGEST: usize = 1024;

/// Why a password is not taken: a sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordFault {
    /// Too short.
    TooShort,
    /// Too long.
    TooLong,
    /// It could not be hashed.
    NotHashed,
}

impl fmt::Display for PasswordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "A password has at least 8 characters.",
            Self::TooLong => "A password has at most 1024 bytes.",
            Self::NotHashed => "The password could not be kept. Try again.",
        })
    }
}

impl std::error::Error for PasswordFault {}

/// Hashes and verifies, a few at a time.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The hash of a new password, in the PHC format.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn hash(&self, password: String) -> Result<String, PasswordFault> {
        check(&password)?;
        let Ok(_turn) = self.0.acquire().await else {
            return Err(PasswordFault::NotHashed);
        };
        tokio::task::spawn_blocking(move || hashed(&password))
            .await
            .unwrap_or(Err(PasswordFault::NotHashed))
    }

    /// Whether the password is the one whose hash is kept. With no hash (no such account, no password yet) it takes
    /// as long and answers no (SECURITY 12).
    pub async fn verify(&self, password: String, kept: Option<String>) -> bool {
        if password.len() > LONGEST {
            return false;
        }
        let Ok(_turn) = self.0.acquire().await else {
            return false;
        };
        tokio::task::spawn_blocking(move || match kept {
            Some(kept) => verified(&password, &kept),
            None => {
                // The same work, thrown away.
                let _ = hashed(&password);
                false
            }
        })
        .await
        .unwrap_or(false)
    }
}

/// The hash of a new password, on this thread: for commands.
///
/// # Errors
/// Why it is not taken.
pub fn hash_now(password: &str) -> Result<String, PasswordFault> {
    check(password)?;
    hashed(password)
}

fn check(password: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < SHORTEST {
        Err(PasswordFault::TooShort)
    } else if password.len() > LONGEST {
        Err(PasswordFault::TooLong)
    } else {
        Ok(())
    }
}

fn hashed(password: &str) -> Result<String, PasswordFault> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordFault::NotHashed)
}

fn verified(password: &str, kept: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|kept| {
        Argon2::default()
            .verify_password(password.as_bytes(), &kept)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(
            passwords
                .verify("correct horse".to_owned(), Some(kept.clone()))
                .await
        );
        assert!(!passwords.verify("correct mule".to_owned(), Some(kept)).await);
        assert!(!passwords.verify("correct horse".to_owned(), None).await);
    }

    #[test]
    fn a_short_password_is_refused() {
        assert_eq!(hash_now("1234567"), Err(PasswordFault::TooShort));
    }
}
