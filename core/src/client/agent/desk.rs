//! The lists of tickets, and which ticket calls for the agent.

use crate::ids::AgentId;
use crate::session::SessionState;
use crate::ticket::Status;
use crate::wire::agent::TicketRow;

/// A list of tickets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum View {
    /// Assigned to oneself, and to be worked on.
    YourTickets,
    /// Assigned to nobody, and to be worked on.
    Unassigned,
    /// To be worked on.
    AllOpen,
    /// Their sessions have ended.
    EndedSessions,
}

impl View {
    /// Every view, in the order of the navigation.
    pub const ALL: [Self; 4] = [
        Self::YourTickets,
        Self::Unassigned,
        Self::AllOpen,
        Self::EndedSessions,
    ];

    /// Whether a ticket is in it, for this agent. *To be worked on* is what is neither solved nor closed; one's own
    /// stay as long as their sessions are active, too.
    #[must_use]
    pub fn holds(self, row: &TicketRow, me: AgentId) -> bool {
        let open = match row.ticket.status {
            Status::New | Status::Open | Status::Pending | Status::Hold => true,
            Status::Solved | Status::Closed => false,
        };
        let (active, ended) = match row.session.state() {
            SessionState::Active => (row.ticket.status != Status::Closed, false),
            SessionState::Inactive => (false, false),
            SessionState::Ended => (false, true),
        };
        match self {
            Self::YourTickets => row.ticket.assignee == Some(me) && (open || active),
            Self::Unassigned => row.ticket.assignee.is_none() && open,
            Self::AllOpen => open,
            Self::EndedSessions => ended,
        }
    }
}

impl TicketRow {
    /// Whether this tells of a later state than the other.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        (self.ticket.head, self.updated_at) > (other.ticket.head, other.updated_at)
    }
}

/// Whether a ticket calls for this agent, and did not before: it waits for anyone, or has become theirs.
pub(super) fn begins_to_call(before: Option<&TicketRow>, row: &TicketRow, me: AgentId) -> bool {
    let calls = |row: &TicketRow| {
        let live = match row.session.state() {
            SessionState::Active | SessionState::Inactive => true,
            SessionState::Ended => false,
        };
        let fresh = match row.ticket.status {
            Status::New | Status::Open => true,
            Status::Pending | Status::Hold | Status::Solved | Status::Closed => false,
        };
        live && fresh && row.ticket.assignee.is_none_or(|assignee| assignee == me)
    };
    calls(row) && !before.is_some_and(calls)
}
