//! What time alone does (R06, R43). A timer compares and sets: whatever was committed before it, a message, an end,
//! another status, made it harmless, and then there is nothing to do (I21).

use super::{Draft, Outcome, Rejection, update};
use crate::conversation::Timer;
use crate::ids::{SessionId, TicketId};
use crate::planted::{self, Bug};
use crate::session::SessionState;
use crate::ticket::Status;
use crate::ticket::event::By;

/// The end user has been silent for long: the session is inactive until they write again (R06).
pub(super) fn turn_inactive(draft: &mut Draft<'_>, ticket: TicketId) -> Result<Outcome, Rejection> {
    if let Some(session) = due(draft, ticket, Timer::Silence)? {
        draft.turn(session, &By::System, SessionState::Inactive);
    }
    Ok(Outcome::Done {})
}

/// The ticket has been solved for long: it is closed for good, be its session ended or not (R43).
pub(super) fn close_solved(draft: &mut Draft<'_>, ticket: TicketId) -> Result<Outcome, Rejection> {
    if let Some(session) = due(draft, ticket, Timer::Closing)? {
        update::set_status(draft, session, &By::System, Status::Closed)?;
    }
    Ok(Outcome::Done {})
}

/// The session of a ticket whose time has come.
fn due(draft: &Draft<'_>, ticket: TicketId, timer: Timer) -> Result<Option<SessionId>, Rejection> {
    let conversation = draft.thread.of_ticket(ticket).ok_or(Rejection::UnknownTicket)?;
    let believes = match timer {
        Timer::Silence => planted::is(Bug::SilencesWhoSpoke),
        Timer::Closing => planted::is(Bug::ClosesWhatWasReopened),
    };
    let is_due = believes || conversation.is_due(timer, draft.at, draft.around.settings);
    Ok(is_due.then_some(conversation.id))
}
