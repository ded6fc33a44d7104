//! What may be said: text parsed once at the door, and the entry it becomes in the thread log.

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, ClientMessageId, Seq, SessionId};
use crate::time::Timestamp;

/// The longest text, in characters.
pub const MAX_TEXT: usize = 4096;

/// A text that may stand in a log: not blank, at most [`MAX_TEXT`] characters, no control characters but line
/// breaks and tabs, and no characters that turn the direction of the text around it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// Why a text cannot stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFault {
    /// Nothing in it.
    Empty,
    /// More than [`MAX_TEXT`] characters.
    TooLong,
}

impl core::fmt::Display for TextFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Empty => "The message is empty.",
            Self::TooLong => "The message is longer than 4096 characters.",
        })
    }
}

impl Text {
    /// Parses what somebody wrote. Line ends become `\n`; control characters and direction overrides (which could
    /// make a link read as another) are taken out; blank ends are trimmed.
    ///
    /// # Errors
    /// When nothing is left, or too much.
    pub fn parse(raw: &str) -> Result<Self, TextFault> {
        let mut clean = String::with_capacity(raw.len());
        let mut before = ' ';
        for c in raw.chars() {
            // By hand: what searches for a text in a text is a kilobyte of the widget.
            let read = if c == '\r' { '\n' } else { c };
            if stands(read) && !(before == '\r' && c == '\n') {
                clean.push(read);
            }
            before = c;
        }
        let text = clean.trim();
        if text.is_empty() {
            return Err(TextFault::Empty);
        }
        if text.chars().count() > MAX_TEXT {
            return Err(TextFault::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character may stand in a text.
fn stands(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        // Embeddings, overrides and isolates: they reorder the text that follows.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    }
}

impl TryFrom<String> for Text {
    type Error = TextFault;

    fn try_from(raw: String) -> Result<Self, TextFault> {
        Self::parse(&raw)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who speaks in a thread log. An internal note has no way in: there is no author and no type for it here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The end user.
    EndUser,
    /// The bot.
    Bot,
    /// An agent, under the name the customer sees.
    Agent {
        /// Which one.
        id: AgentId,
        /// The name at that time.
        name: String,
    },
    /// The business, through the Conversations API.
    Business {
        /// The name it gave itself.
        name: String,
    },
}

/// One entry of a thread log: what the end user may see. It has a number, dense per chat thread (I24).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ThreadEntry {
    /// Its number.
    pub seq: Seq,
    /// When it was committed; never below the entry before.
    pub at: Timestamp,
    /// The session it belongs to.
    pub session: SessionId,
    /// Who said it.
    pub author: Author,
    /// What was said.
    pub text: String,
    /// Quick replies offered with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<String>,
    /// The client's id of the command that made it, for whoever sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<ClientMessageId>,
    /// A tombstone: what was said is erased with the person whose chat thread it is, and is no empty text.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub erased: bool,
}

impl ThreadEntry {
    /// What is left of it once its person is erased: its number, which keeps the log dense (I24), when it was, in which
    /// session, and who spoke, an agent by the name that the customer saw. Whatever anybody said is about the person,
    /// and the client's id stays taken elsewhere (I06).
    #[must_use]
    pub fn tombstone(&self) -> Self {
        let Self {
            seq,
            at,
            session,
            author,
            text: _,
            replies: _,
            cid: _,
            erased: _,
        } = self;
        Self {
            seq: *seq,
            at: *at,
            session: *session,
            author: author.clone(),
            text: String::new(),
            replies: Vec::new(),
            cid: None,
            erased: true,
        }
    }
}
