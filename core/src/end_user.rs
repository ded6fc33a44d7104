//! The website visitor, as far as the rules care.

use serde::{Deserialize, Serialize};

use crate::ids::EndUserId;

/// Who writes in a chat thread. Anonymous until identified; an email given in the chat stays *unverified*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndUser {
    /// Its identity.
    pub id: EndUserId,
    /// The name given in the chat or by the site.
    pub name: Option<String>,
    /// The address replies by email go to.
    pub email: Option<String>,
    /// The language of the bot's words: a BCP 47 tag such as `fr`.
    pub locale: String,
}
