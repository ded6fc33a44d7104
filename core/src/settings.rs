//! What an account may set. The shells store it; core decides by it.

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
            inactive_sessions_count: false,
        }
    }
}
