//! What an account may set. The shells store it; core decides by it.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// The account's settings that decide something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// *Agents can end messaging sessions* (R15). On for a new installation.
    pub agents_can_end_sessions: bool,
    /// *End users can end sessions* (R17).
    pub end_users_can_end_sessions: bool,
    /// The embedding page gets a `sessionEnded` event (R20).
    pub tell_host_page_of_end: bool,
    /// How long a conversation that only the bot had lasts after its last message (R44).
    pub bot_only_ends_after: Span,
    /// How long the end user of a session with an assignee may be silent until it is inactive (R06).
    pub inactive_after: Span,
    /// How long a ticket stays solved until it closes by itself (R43).
    pub solved_closes_after: Span,
    /// Whether inactive sessions count toward an agent's messaging capacity (R32).
    pub inactive_sessions_count: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            agents_can_end_sessions: true,
            end_users_can_end_sessions: false,
            tell_host_page_of_end: true,
            bot_only_ends_after: Span::hours(24),
            inactive_after: Span::minutes(10),
            solved_closes_after: Span::days(4),
            inactive_sessions_count: false,
        }
    }
}

/// A setting that cannot be so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutOfRange {
    /// [`Settings::bot_only_ends_after`].
    BotOnlyEndsAfter,
    /// [`Settings::inactive_after`].
    InactiveAfter,
    /// [`Settings::solved_closes_after`].
    SolvedClosesAfter,
}

impl Settings {
    /// Whether all of it can be so.
    ///
    /// # Errors
    /// The first setting that cannot.
    pub fn check(&self) -> Result<(), OutOfRange> {
        if self.bot_only_ends_after < Span::minutes(1) {
            Err(OutOfRange::BotOnlyEndsAfter)
        } else if self.inactive_after < Span::minutes(1) {
            Err(OutOfRange::InactiveAfter)
        } else if self.solved_closes_after < Span::hours(1) || self.solved_closes_after > Span::days(28) {
            Err(OutOfRange::SolvedClosesAfter)
        } else {
            Ok(())
        }
    }
}

impl OutOfRange {
    /// The setting's name.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::BotOnlyEndsAfter => "bot_only_ends_after",
            Self::InactiveAfter => "inactive_after",
            Self::SolvedClosesAfter => "solved_closes_after",
        }
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BotOnlyEndsAfter => "A conversation that only the bot had lasts at least a minute.",
            Self::InactiveAfter => "A session becomes inactive after a minute of silence at the earliest.",
            Self::SolvedClosesAfter => {
                "A solved ticket closes after 1 hour at the earliest and 28 days at the latest."
            }
        })
    }
}
