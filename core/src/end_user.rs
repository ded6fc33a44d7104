//! The website visitor, as far as the rules care.

use serde::{Deserialize, Serialize};

use crate::ids::EndUserId;

/// Who writes in a chat thread. Anonymous until identified; an email given in the chat stays *unverified*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndUser {
    /// Its identity.
    pub id: EndUserId,
    /// How the site names whom it has identified; none of an anonymous visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name given in the chat or by the site.
    pub name: Option<String>,
    /// The address replies by email go to.
    pub email: Option<String>,
    /// Whether the site vouches for the address.
    #[serde(default)]
    pub email_verified: bool,
    /// The language of the bot's words: a BCP 47 tag such as `fr`.
    pub locale: String,
    /// Erased: nothing is known of them any more, and nothing is added to what was theirs.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

/// The language of somebody of whom nothing is known any more: none (BCP 47).
const NO_LANGUAGE: &str = "und";

/// Whom a site's signature names (R47).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// How the site names them. This alone says who they are.
    pub external_id: String,
    /// A name.
    pub name: Option<String>,
    /// An address. Two people may share one: it identifies nobody.
    pub email: Option<String>,
    /// Whether the site has seen that the address is theirs.
    pub email_verified: bool,
}

impl EndUser {
    /// Somebody of whom nothing is known.
    #[must_use]
    pub const fn anonymous(id: EndUserId, locale: String) -> Self {
        Self {
            id,
            external_id: None,
            name: None,
            email: None,
            email_verified: false,
            locale,
            erased: false,
        }
    }

    /// What is left of them once they are erased: the identity, to which their logs' numbers and the memory of the
    /// erasure belong.
    #[must_use]
    pub fn tombstone(&self) -> Self {
        Self {
            erased: true,
            ..Self::anonymous(self.id, NO_LANGUAGE.to_owned())
        }
    }

    /// Whether the site has said who it is.
    #[must_use]
    pub const fn is_identified(&self) -> bool {
        self.external_id.is_some()
    }

    /// Takes in what the site vouches for; what it leaves out stays as it was.
    pub fn vouched(&mut self, said: &Vouched) {
        self.external_id = Some(said.external_id.clone());
        if said.name.is_some() {
            self.name.clone_from(&said.name);
        }
        if said.email.is_some() {
            self.email.clone_from(&said.email);
            self.email_verified = said.email_verified;
        }
    }

    /// Takes in what was said in the chat. An address that the site vouches for stands: what nobody vouches for
    /// takes no verified one's place.
    pub fn described(&mut self, name: Option<&str>, email: Option<&str>) {
        if let Some(name) = name {
            self.name = Some(name.to_owned());
        }
        if let Some(email) = email
            && !self.email_verified
        {
            self.email = Some(email.to_owned());
        }
    }
}

/// Whether what a site says could be an address: one `@` with something on both sides, and no blanks.
#[must_use]
pub fn is_an_address(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, host)) => {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
        }
        None => false,
    }
}
