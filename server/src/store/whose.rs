//! Whose a chat thread is, before anything else is known of them.

use causerie_core::EndUserId;

use super::{SecretHash, SiteId};

/// A visitor, as the widget names itself: an anonymous one, or a device of an identified end user's (R47).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndUserIdentity {
    /// On which site.
    pub site: SiteId,
    /// SHA-256 of the secret that the widget made.
    pub secret_hash: SecretHash,
    /// The language of the bot's words: a BCP 47 tag.
    pub locale: String,
}

/// Whose chat thread it is: known before there is one, so that a tab that opened first learns of the chat thread that
/// another tab's message made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Whose {
    /// A visitor's of whom only the secret is known.
    Anonymous {
        /// On which site.
        site: SiteId,
        /// SHA-256 of the secret.
        secret_hash: SecretHash,
    },
    /// One's whom the site has named, on whichever of their devices.
    Identified(EndUserId),
}
