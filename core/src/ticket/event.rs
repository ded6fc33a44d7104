//! A ticket's history: all that a person, a rule or the system did to it (R37), numbered 1, 2, 3 … per ticket.

use serde::{Deserialize, Serialize};

use super::{Channel, MacroReference, Priority, Status};
use crate::conversation::Previous;
use crate::ids::{AgentId, GroupId, Seq, SessionId};
use crate::planted::{self, Bug};
use crate::session::{EndReason, SessionState};
use crate::time::Timestamp;

/// One entry of a ticket's log. `(after, seq)` is its place in the one order of both logs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TicketEntry {
    /// Its number.
    pub seq: Seq,
    /// The number of the first entry of the same step: what one command did is one audit.
    pub audit: Seq,
    /// The chat thread's number when it was committed.
    pub after: Seq,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// What was done.
    pub what: TicketEvent,
}

/// Who did something, as the history names them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The end user.
    EndUser,
    /// The bot.
    Bot,
    /// An agent, by the name at that time.
    Agent {
        /// Which one.
        id: AgentId,
        /// The name.
        name: String,
    },
    /// The business, through the Conversations API.
    Business {
        /// The name it gave itself.
        name: String,
    },
    /// A rule, by its title at that time.
    Rule {
        /// Which one.
        id: u64,
        /// The title.
        title: String,
    },
    /// The system itself.
    System,
}

/// What was done to a ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketEvent {
    /// It was born at the handoff, with the bot's transcript: the chat thread's numbers `from` to `to`.
    Created {
        /// The first number of the transcript.
        from: Seq,
        /// The last.
        to: Seq,
        /// The conversation before it.
        previous: Option<Previous>,
    },
    /// A macro was applied; what it did follows.
    MacroApplied(MacroReference),
    /// An internal note.
    Noted {
        /// What it says.
        text: String,
    },
    /// A public reply by email.
    Emailed {
        /// To which address.
        to: String,
        /// What it says.
        text: String,
    },
    /// The status changed.
    Status {
        /// From.
        from: Status,
        /// To.
        to: Status,
    },
    /// The priority changed.
    Priority {
        /// From.
        from: Priority,
        /// To.
        to: Priority,
    },
    /// The assignee changed.
    Assignee {
        /// From.
        from: Option<AgentId>,
        /// To.
        to: Option<AgentId>,
        /// Given by hand to somebody who had no free slot (I09).
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        over_capacity: bool,
    },
    /// The group changed.
    Group {
        /// From.
        from: Option<GroupId>,
        /// To.
        to: Option<GroupId>,
    },
    /// The tags changed.
    Tags {
        /// From.
        from: Vec<String>,
        /// To.
        to: Vec<String>,
    },
    /// The session went between active and inactive (R06).
    SessionState {
        /// From.
        from: SessionState,
        /// To.
        to: SessionState,
    },
    /// The session ended (R22); who and when are the entry's own.
    SessionEnded {
        /// Which session.
        session: SessionId,
        /// What it was before.
        from: SessionState,
        /// Why.
        reason: EndReason,
    },
    /// What the ticket counts as for agents changed (R23).
    RoutingChannel {
        /// From.
        from: Channel,
        /// To.
        to: Channel,
    },
    /// Who asks has been identified by the site: the chat thread moved to them (R47).
    Requester {
        /// The name from before, if one was given.
        from: Option<String>,
        /// The name now; without one, as the site names them.
        to: String,
        /// How the site names them.
        external_id: String,
    },
    /// Who asks was erased, and with them what this log held of them: the last entry of all.
    RequesterErased,
    /// A tombstone: what stood here was erased with who asks. Only its kind is left.
    Tombstone(Erased),
}

/// What a tombstone stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erased {
    /// [`TicketEvent::Noted`].
    Note,
    /// [`TicketEvent::Emailed`].
    Email,
    /// [`TicketEvent::Tags`].
    Tags,
    /// [`TicketEvent::Requester`].
    Requester,
}

impl TicketEntry {
    /// What is left of it once who asks is erased: its number, which keeps the log dense (I24), its place, its time and
    /// whoever did it, by the name at that time.
    #[must_use]
    pub fn tombstone(&self) -> Self {
        let Self {
            seq,
            audit,
            after,
            at,
            by,
            what,
        } = self;
        Self {
            seq: *seq,
            audit: *audit,
            after: *after,
            at: *at,
            by: by.clone(),
            what: what.tombstone(),
        }
    }
}

impl TicketEvent {
    /// Whether it is what agents wrote among themselves.
    #[must_use]
    pub const fn is_note(&self) -> bool {
        matches!(self, Self::Noted { .. })
    }

    /// What is left of it once who asks is erased. What agents wrote and how they labelled it is about the person; what
    /// became of the ticket is not.
    #[must_use]
    pub fn tombstone(&self) -> Self {
        match self {
            Self::Noted { .. } if planted::is(Bug::SparesNotesOfErased) => self.clone(),
            Self::Noted { .. } => Self::Tombstone(Erased::Note),
            Self::Emailed { .. } => Self::Tombstone(Erased::Email),
            Self::Tags { .. } => Self::Tombstone(Erased::Tags),
            Self::Requester { .. } => Self::Tombstone(Erased::Requester),
            stays @ (Self::Created { .. }
            | Self::MacroApplied(_)
            | Self::Status { .. }
            | Self::Priority { .. }
            | Self::Assignee { .. }
            | Self::Group { .. }
            | Self::SessionState { .. }
            | Self::SessionEnded { .. }
            | Self::RoutingChannel { .. }
            | Self::RequesterErased
            | Self::Tombstone(_)) => stays.clone(),
        }
    }

    /// The macro, where one was applied.
    #[must_use]
    pub const fn macro_applied(&self) -> Option<&MacroReference> {
        match self {
            Self::MacroApplied(reference) => Some(reference),
            Self::Created { .. }
            | Self::Noted { .. }
            | Self::Emailed { .. }
            | Self::Status { .. }
            | Self::Priority { .. }
            | Self::Assignee { .. }
            | Self::Group { .. }
            | Self::Tags { .. }
            | Self::SessionState { .. }
            | Self::SessionEnded { .. }
            | Self::RoutingChannel { .. }
            | Self::Requester { .. }
            | Self::RequesterErased
            | Self::Tombstone(_) => None,
        }
    }
}
