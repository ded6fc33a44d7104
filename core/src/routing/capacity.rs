//! Messaging capacity: recomputed from the sessions themselves, so that it cannot drift (R33, I09).

use serde::{Deserialize, Serialize};

use crate::agent::Availability;
use crate::conversation::Conversation;
use crate::ids::{AgentId, GroupId};
use crate::session::SessionState;
use crate::settings::Settings;
use crate::ticket::Status;

/// How much of an agent's messaging capacity is in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Room {
    /// Whose.
    pub agent: AgentId,
    /// The name customers and colleagues see.
    pub name: String,
    /// The groups the agent is in.
    pub groups: Vec<GroupId>,
    /// The agent's status.
    pub availability: Availability,
    /// Sessions that count now.
    pub used: u32,
    /// Sessions that may count at once.
    pub max: u32,
}

impl Room {
    /// Free slots; none when more were taken by hand than there are.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.max.saturating_sub(self.used)
    }

    /// Whether waiting work may be given to this agent.
    #[must_use]
    pub const fn takes_work(&self) -> bool {
        match self.availability {
            Availability::Online => self.free() > 0,
            Availability::Away | Availability::TransfersOnly | Availability::Offline => false,
        }
    }

    /// Whether work of this group, or of none, may be given to this agent.
    #[must_use]
    pub fn may_get(&self, group: Option<GroupId>) -> bool {
        group.is_none_or(|group| self.groups.contains(&group))
    }

    /// Whether work that wakes up stays with this agent (R32): they are there and, where it takes a slot anew, have
    /// one free.
    #[must_use]
    pub const fn keeps(&self, takes_a_slot: bool) -> bool {
        match self.availability {
            Availability::Online | Availability::Away | Availability::TransfersOnly => {
                !takes_a_slot || self.free() > 0
            }
            Availability::Offline => false,
        }
    }

    /// Whether the agent's work goes back to its queue (R34).
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        match self.availability {
            Availability::Offline => true,
            Availability::Online | Availability::Away | Availability::TransfersOnly => false,
        }
    }
}

/// Whose messaging slot a session takes: assigned, not ended, ticket neither solved nor closed, and active (or
/// inactive ones count too, by setting).
#[must_use]
pub fn counts_for(
    session: SessionState,
    status: Status,
    assignee: Option<AgentId>,
    settings: &Settings,
) -> Option<AgentId> {
    let counts = match (session, status) {
        (SessionState::Ended, _) | (_, Status::Solved | Status::Closed) => false,
        (SessionState::Active, Status::New | Status::Open | Status::Pending | Status::Hold) => true,
        (SessionState::Inactive, Status::New | Status::Open | Status::Pending | Status::Hold) => {
            settings.inactive_sessions_count
        }
    };
    if counts { assignee } else { None }
}

/// [`counts_for`], of a conversation.
#[must_use]
pub fn holder(conversation: &Conversation, settings: &Settings) -> Option<AgentId> {
    let ticket = conversation.ticket()?;
    counts_for(
        conversation.session.state(),
        ticket.status,
        ticket.assignee,
        settings,
    )
}
