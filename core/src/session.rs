//! The session, and **the session rule**: where a customer's message goes.

use serde::{Deserialize, Serialize};

use crate::ids::AgentId;
use crate::ticket::Status;
use crate::time::Timestamp;

/// The real-time exchange inside a conversation. Exactly one per conversation (R04); *ended* is terminal (I01).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// Both sides are there.
    Active {
        /// When it became so.
        since: Timestamp,
    },
    /// The end user has been silent, or the ticket left new/open (R06).
    Inactive {
        /// When it became so.
        since: Timestamp,
    },
    /// Over, for good. Who, when and why are write-once.
    Ended(End),
}

/// How a session ended: written once, by the first end that commits (R18).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// By whom; the reason follows from it.
    pub by: EndedBy,
}

/// Who ended a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// An agent, from the composer, a macro or the API.
    Agent(AgentId),
    /// The end user, where the account allows it.
    EndUser,
    /// A ticket trigger's action.
    Trigger(u64),
    /// The system: long idleness, a login, control given back.
    System,
}

/// The end reason, as rules and APIs name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// An agent ended it.
    EndedByAgent,
    /// The end user ended it.
    EndedByEndUser,
    /// A trigger ended it.
    EndedByTrigger,
    /// The system ended it.
    EndedBySystem,
}

impl EndReason {
    /// The public name, as in `ended_by_agent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndedByAgent => "ended_by_agent",
            Self::EndedByEndUser => "ended_by_end_user",
            Self::EndedByTrigger => "ended_by_trigger",
            Self::EndedBySystem => "ended_by_system",
        }
    }
}

impl EndedBy {
    /// The end reason: it follows from who ends, never from the request.
    #[must_use]
    pub const fn reason(self) -> EndReason {
        match self {
            Self::Agent(_) => EndReason::EndedByAgent,
            Self::EndUser => EndReason::EndedByEndUser,
            Self::Trigger(_) => EndReason::EndedByTrigger,
            Self::System => EndReason::EndedBySystem,
        }
    }
}

/// A session's state without its details: all that the session rule needs, and all that the widget is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// See [`Session::Active`].
    Active,
    /// See [`Session::Inactive`].
    Inactive,
    /// See [`Session::Ended`].
    Ended,
}

impl SessionState {
    /// Whether messaging is open for a session in this state, given its ticket's status where it has one: neither
    /// ended nor closed.
    #[must_use]
    pub const fn is_live(self, ticket: Option<Status>) -> bool {
        match (self, ticket) {
            (Self::Ended, _) | (_, Some(Status::Closed)) => false,
            (
                Self::Active | Self::Inactive,
                None | Some(Status::New | Status::Open | Status::Pending | Status::Hold | Status::Solved),
            ) => true,
        }
    }
}

/// Where a customer's message is placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Into the latest conversation.
    Appended,
    /// Into the latest conversation, whose ticket becomes open by it.
    AppendedReopening,
    /// Into a fresh conversation: new session, the bot greets, a new ticket at its handoff.
    Started,
}

/// **The session rule** (DOMAIN B, R08): where a new customer message goes, given the state of the chat thread's
/// latest conversation: its session, and its ticket's status where it has a ticket.
///
/// Called by the server's writer, which decides, and by the widget's timeline, which predicts (R09).
#[must_use]
pub const fn placement(latest: Option<(SessionState, Option<Status>)>) -> Placement {
    use Placement::{Appended, AppendedReopening, Started};
    use SessionState::{Active, Ended, Inactive};
    use Status::{Closed, Hold, New, Open, Pending, Solved};
    match latest {
        None => Started,
        Some((Active | Inactive, None)) => Appended,
        Some((Active | Inactive, Some(New | Open))) => Appended,
        Some((Active | Inactive, Some(Pending | Hold | Solved))) => AppendedReopening,
        Some((Active | Inactive, Some(Closed))) => Started,
        Some((Ended, None | Some(New | Open | Pending | Hold | Solved | Closed))) => Started,
    }
}

impl Session {
    /// The state alone.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        match self {
            Self::Active { .. } => SessionState::Active,
            Self::Inactive { .. } => SessionState::Inactive,
            Self::Ended(_) => SessionState::Ended,
        }
    }

    /// How it ended, if it has.
    #[must_use]
    pub const fn ended(&self) -> Option<End> {
        match self {
            Self::Active { .. } | Self::Inactive { .. } => None,
            Self::Ended(end) => Some(*end),
        }
    }

    /// Closes the live exchange; the ticket goes on.
    ///
    /// # Errors
    /// The end that stands, if it was over already (R18).
    pub const fn end(self, at: Timestamp, by: EndedBy) -> Result<End, End> {
        match self {
            Self::Active { .. } | Self::Inactive { .. } => Ok(End { at, by }),
            Self::Ended(first) => Err(first),
        }
    }
}
