//! The erasure of a chat thread's end user (SECURITY 27): what lives is over, and what was said of them is forgotten.
//!
//! It is terminal. A session that lives is ended by the system, as by any other end (slot, channel and history follow);
//! a ticket that is not closed is closed, for there is nobody left to be answered; and each ticket's history says why
//! in its last entry. No entry goes away: of each there is left a tombstone ([`ThreadEntry::tombstone`],
//! [`TicketEntry::tombstone`]), so both logs stay dense (I24), and folded they are the rows (I33).
//!
//! No reply that waits to be sent by email goes out any more ([`Effect::ForgetEmails`]): it would say what is forgotten.
//!
//! What is left of the end user themself says [`EndUser::tombstone`]: the shell writes it in the same transaction, once
//! each of their chat threads is done, and from then on [`allows`] keeps everybody out.
//!
//! [`ThreadEntry::tombstone`]: crate::message::ThreadEntry::tombstone
//! [`TicketEntry::tombstone`]: crate::ticket::event::TicketEntry::tombstone
//! [`EndUser::tombstone`]: crate::end_user::EndUser::tombstone

use super::{Actor, Command, Draft, Effect, Event, Outcome, Rejection, end, update};
use crate::conversation::Conversation;
use crate::ids::SessionId;
use crate::ticket::Status;
use crate::ticket::event::{By, TicketEvent};

/// Ends, closes and forgets all that is here.
pub(super) fn erase(draft: &mut Draft<'_>) -> Result<Outcome, Rejection> {
    // Done already: its last entries stand.
    if draft.thread.end_user.erased {
        return Ok(Outcome::Done {});
    }
    let sessions: Vec<SessionId> = draft.thread.conversations.iter().map(|it| it.id).collect();
    for session in sessions {
        let conversation = draft.thread.conversation(session);
        if conversation.is_some_and(Conversation::is_live) {
            end::carry_out(draft, session, &Actor::System);
        }
        let its = draft.thread.conversation(session).and_then(Conversation::ticket);
        if let Some(ticket) = its.map(|it| it.id) {
            update::set_status(draft, session, &By::System, Status::Closed)?;
            draft.log(session, &By::System, TicketEvent::RequesterErased);
            draft.effects.push(Effect::ForgetEmails { ticket });
        }
    }
    draft.emit(Event::Erased);
    Ok(Outcome::Done {})
}

/// Whether a command may still be asked of a chat thread whose end user is erased: none that would add to it. What time
/// does finds nothing to do, and what agents do finds ended sessions and closed tickets.
///
/// # Errors
/// [`Rejection::EndUserErased`].
pub(super) const fn allows(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::CustomerMessage(_)
        | Command::HandOff
        | Command::BusinessMessage { .. }
        | Command::DescribeEndUser { .. }
        | Command::LogIn { .. } => Err(Rejection::EndUserErased),
        Command::EndSession { .. }
        | Command::EndForgotten
        | Command::Erase
        | Command::UpdateTicket { .. }
        | Command::Assign { .. }
        | Command::ReturnToQueue { .. }
        | Command::TurnInactive { .. }
        | Command::CloseSolved { .. } => Ok(()),
    }
}
