//! The interpreter: given where a conversation is in the flow and what was said, what the bot does now.

use serde::{Deserialize, Serialize};

use crate::ids::Seq;

/// Where a conversation is in its flow.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The step whose question stands open; none when the flow has come to its end.
    pub waiting_at: Option<String>,
    /// The thread log's number of that question: only what was written after it was seen answers it (R10).
    pub asked: Seq,
    /// What was asked for and got: field and value, in the order asked.
    pub collected: Vec<(String, String)>,
    /// Tags for the ticket.
    pub tags: Vec<String>,
}

/// What the bot knows of the world when it moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Surroundings<'a> {
    /// The end user's language: a BCP 47 tag.
    pub locale: &'a str,
    /// Whether nobody is available, so that the bot says so before a handoff (R46).
    pub nobody_available: bool,
    /// Whether there was a conversation before this one (R13).
    pub has_previous: bool,
    /// Whether the end user's email is known already.
    pub email_known: bool,
}

/// One thing the bot does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// Says something, with quick replies under it.
    Say {
        /// The words, in the end user's language.
        text: String,
        /// The replies it offers.
        replies: Vec<String>,
    },
    /// Has learnt the end user's email (unverified).
    LearnEmail(String),
    /// Has learnt the end user's name.
    LearnName(String),
    /// Hands the conversation to people: the last move of a flow.
    HandOff {
        /// To which group, by name.
        group: Option<String>,
    },
}
