//! Work that the queue gives to an agent, and takes back from one who is not there or has no room (R31, R32, R34).

use super::{Draft, Outcome, Rejection, update};
use crate::conversation::Conversation;
use crate::ids::{AgentId, SessionId, TicketId};
use crate::planted::{self, Bug};
use crate::routing::{assign, capacity};
use crate::ticket::event::{By, TicketEvent};

/// Gives a waiting ticket to an agent, if it still waits, the agent still is in its group and there still is room:
/// checked under the lock (I11).
pub(super) fn assign_waiting(draft: &mut Draft<'_>, ticket: TicketId) -> Result<Outcome, Rejection> {
    let room = draft.around.room.ok_or(Rejection::UnknownAgent)?;
    let conversation = draft.thread.of_ticket(ticket).ok_or(Rejection::UnknownTicket)?;
    if !assign::is_waiting(conversation) && !planted::is(Bug::AssignsTwice) {
        return Err(Rejection::NotWaiting);
    }
    if !conversation
        .ticket()
        .is_some_and(|ticket| room.may_get(ticket.group))
    {
        return Err(Rejection::NotInGroup);
    }
    if !room.takes_work() && !planted::is(Bug::OverfillsAgent) {
        return Err(Rejection::NoRoom);
    }
    let session = conversation.id;
    update::give_to(draft, session, &By::System, Some(room.agent), false)?;
    Ok(Outcome::Done {})
}

/// Takes a ticket back from an agent who went offline (R34). One who is there again keeps it, and so does the agent
/// of an ended session: then there is nothing to do.
pub(super) fn return_to_queue(draft: &mut Draft<'_>, ticket: TicketId) -> Result<Outcome, Rejection> {
    let room = draft.around.room.ok_or(Rejection::UnknownAgent)?;
    let conversation = draft.thread.of_ticket(ticket).ok_or(Rejection::UnknownTicket)?;
    if assign::returns(conversation, room) {
        take_back(draft, conversation.id, room.agent);
    }
    Ok(Outcome::Done {})
}

/// A session that was inactive is active by the customer's message: it stays with its agent if they are there and,
/// where it takes a slot anew, have one. Else it goes to the queue (R32). `held` is who had a slot for it before.
pub(super) fn woken(draft: &mut Draft<'_>, session: SessionId, agent: AgentId, held: Option<AgentId>) {
    let takes_a_slot = draft
        .thread
        .conversation(session)
        .and_then(|conversation| capacity::holder(conversation, draft.around.settings))
        .is_some_and(|holder| held != Some(holder));
    let room = draft.around.room.filter(|room| room.agent == agent);
    // Whoever is gone from the installation has no room at all.
    if !room.is_some_and(|room| room.keeps(takes_a_slot)) {
        take_back(draft, session, agent);
    }
}

fn take_back(draft: &mut Draft<'_>, session: SessionId, from: AgentId) {
    let released = TicketEvent::Assignee {
        from: Some(from),
        to: None,
        over_capacity: false,
    };
    draft.log(session, &By::System, released);
}

impl super::ChatThread {
    /// Whose work a customer's message would wake (R32): [`Circumstances::room`](super::Circumstances::room) is then
    /// theirs.
    #[must_use]
    pub fn would_wake(&self) -> Option<AgentId> {
        self.latest()
            .filter(|latest| latest.wakes())
            .and_then(Conversation::ticket)
            .and_then(|ticket| ticket.assignee)
    }
}
