//! Whether an agent may end a ticket's session (R15, R16), for the command that does it and for the button that asks.

use super::Ticket;
use crate::agent::Agent;
use crate::session::{End, Session};
use crate::settings::Settings;

/// Why an agent cannot end a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CannotEnd {
    /// It is over already; this end stands (R18).
    Ended(End),
    /// *Agents can end messaging sessions* is off (R15).
    SwitchedOff,
    /// Only the assignee, an agent of the ticket's group or an admin can (R16).
    NotTheirs,
    /// The ticket is closed, and cannot be changed.
    TicketClosed,
}

/// The button *End session*.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndButton {
    /// There is none: switched off, or nothing left to end.
    Absent,
    /// It is there and cannot be pressed: not theirs to end (R16).
    NotTheirs,
    /// It is there.
    Offered,
}

/// Whether an agent who sees the ticket may end its session now.
///
/// # Errors
/// Why not.
pub fn ending(
    agent: &Agent,
    ticket: &Ticket,
    session: &Session,
    settings: &Settings,
) -> Result<(), CannotEnd> {
    if let Some(end) = session.ended() {
        Err(CannotEnd::Ended(end))
    } else if !settings.agents_can_end_sessions {
        Err(CannotEnd::SwitchedOff)
    } else if !agent.may_end(ticket) {
        Err(CannotEnd::NotTheirs)
    } else if ticket.status.is_closed() {
        Err(CannotEnd::TicketClosed)
    } else {
        Ok(())
    }
}

impl EndButton {
    /// The button for this answer of [`ending`].
    #[must_use]
    pub const fn of(ending: Result<(), CannotEnd>) -> Self {
        match ending {
            Ok(()) => Self::Offered,
            Err(CannotEnd::NotTheirs) => Self::NotTheirs,
            Err(CannotEnd::Ended(_) | CannotEnd::SwitchedOff | CannotEnd::TicketClosed) => Self::Absent,
        }
    }
}
