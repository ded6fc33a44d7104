//! The choice of the agent for waiting work (R31): a pure choice, written by the assignment job, which checks it
//! again under the lock.

use super::capacity::Room;
use crate::agent::Availability;
use crate::conversation::Conversation;
use crate::ids::{AgentId, GroupId, TicketId};
use crate::planted::{self, Bug};
use crate::session::SessionState;
use crate::ticket::{Priority, Status};
use crate::time::Timestamp;

/// A ticket that waits for an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Which one.
    pub ticket: TicketId,
    /// How urgent.
    pub priority: Priority,
    /// Since when.
    pub since: Timestamp,
    /// The group it was given to, if any.
    pub group: Option<GroupId>,
}

/// An agent who might take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Capacity, status and groups.
    pub room: Room,
    /// Since when the agent has got nothing new.
    pub idle_since: Timestamp,
}

/// Whether a ticket in this state waits in a queue: handed off, unassigned, its session live, its ticket neither
/// solved nor closed. An ended session is never offered, queued or routed again (R23, I11).
#[must_use]
pub const fn waits(session: SessionState, status: Status, assignee: Option<AgentId>) -> bool {
    match (session, status) {
        (SessionState::Ended, _) | (_, Status::Solved | Status::Closed) => false,
        (
            SessionState::Active | SessionState::Inactive,
            Status::New | Status::Open | Status::Pending | Status::Hold,
        ) => assignee.is_none(),
    }
}

/// [`waits`], of a conversation.
#[must_use]
pub fn is_waiting(conversation: &Conversation) -> bool {
    if planted::is(Bug::EndedStillWaits) && conversation.session.ended().is_some() {
        return conversation
            .ticket()
            .is_some_and(|ticket| ticket.assignee.is_none());
    }
    conversation
        .ticket()
        .is_some_and(|ticket| waits(conversation.session.state(), ticket.status, ticket.assignee))
}

/// Whether it goes back to its queue because its agent went offline (R34): all that could wait there does, be the
/// customer silent or not. An ended session's ticket stays with its agent (R23), and so does a solved one.
#[must_use]
pub fn returns(conversation: &Conversation, room: &Room) -> bool {
    conversation.ticket().is_some_and(|ticket| {
        ticket.assignee == Some(room.agent)
            && room.is_offline()
            && waits(conversation.session.state(), ticket.status, None)
    })
}

/// What follows for the queues from an agent's step from one availability to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follows {
    /// Waiting work may be theirs (R31).
    TheyGetWork,
    /// Their work goes back to its queue (R34).
    TheirWorkReturns,
    /// Nothing.
    Nothing,
}

/// What follows from such a step. From one to the same there is none: who is offline already keeps what was given to
/// them by hand since.
#[must_use]
pub const fn follows(was: Availability, to: Availability) -> Follows {
    match (was, to) {
        (Availability::Away | Availability::TransfersOnly | Availability::Offline, Availability::Online) => {
            Follows::TheyGetWork
        }
        (Availability::Online | Availability::Away | Availability::TransfersOnly, Availability::Offline) => {
            Follows::TheirWorkReturns
        }
        (Availability::Online, Availability::Online)
        | (Availability::Offline, Availability::Offline)
        | (
            Availability::Online | Availability::Away | Availability::TransfersOnly | Availability::Offline,
            Availability::Away | Availability::TransfersOnly,
        ) => Follows::Nothing,
    }
}

/// The next pair: the most urgent, then the oldest ticket that somebody can take, and of those who can the agent
/// with the most free slots, the longest idle among equals.
#[must_use]
pub fn choose(waiting: &[Waiting], candidates: &[Candidate]) -> Option<(TicketId, AgentId)> {
    let mut queue: Vec<&Waiting> = waiting.iter().collect();
    queue.sort_by_key(|ticket| (core::cmp::Reverse(ticket.priority), ticket.since, ticket.ticket));
    queue.into_iter().find_map(|ticket| {
        candidates
            .iter()
            .filter(|candidate| candidate.room.takes_work())
            .filter(|candidate| candidate.room.may_get(ticket.group))
            .min_by_key(|candidate| {
                (
                    core::cmp::Reverse(candidate.room.free()),
                    candidate.idle_since,
                    candidate.room.agent,
                )
            })
            .map(|candidate| (ticket.ticket, candidate.room.agent))
    })
}
