//! Why a command is not done. Each says what was wrong and what can be done instead.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::message::TextFault;
use crate::session::End;
use crate::ticket::Status;

/// Why a command is not done; then nothing of it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// No such ticket, or not one that the actor can see.
    UnknownTicket,
    /// No such session in this chat thread.
    UnknownSession,
    /// Ending sessions is switched off for this actor (R15).
    EndingSwitchedOff,
    /// Seen, but not theirs to end (R16).
    NotTheirsToEnd,
    /// The session is over, so messaging is closed; the text is the writer's to send otherwise (R21).
    SessionEnded(End),
    /// Nobody knows the customer's address.
    EmailUnknown,
    /// A closed ticket cannot be changed.
    TicketClosed,
    /// A ticket is solved by somebody: it needs an assignee first (R43).
    SolvingNeedsAssignee,
    /// A status that nobody sets by hand.
    StatusNotSettable(Status),
    /// A macro's text has placeholders that nobody can fill in (R38).
    MacroPlaceholders,
    /// No such agent to assign to.
    UnknownAgent,
    /// No such group.
    UnknownGroup,
    /// The ticket does not wait for an agent any more.
    NotWaiting,
    /// The agent has no free slot, or is not online.
    NoRoom,
    /// The agent is not in the ticket's group, or not any more.
    NotInGroup,
    /// Nothing is live in this chat thread: the end user has to write first.
    NothingLive,
    /// The end user was erased: nothing is added to what was theirs.
    EndUserErased,
    /// The text cannot stand.
    Text(TextFault),
}

impl Rejection {
    /// The name of [`Self::SessionEnded`]: a client offers other ways to go on (R21).
    pub const SESSION_ENDED: &'static str = "session_ended";

    /// A stable name for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownTicket => "unknown_ticket",
            Self::UnknownSession => "unknown_session",
            Self::EndingSwitchedOff => "ending_switched_off",
            Self::NotTheirsToEnd => "not_theirs_to_end",
            Self::SessionEnded(_) => Self::SESSION_ENDED,
            Self::EmailUnknown => "email_unknown",
            Self::TicketClosed => "ticket_closed",
            Self::SolvingNeedsAssignee => "solving_needs_assignee",
            Self::StatusNotSettable(_) => "status_not_settable",
            Self::MacroPlaceholders => "macro_placeholders",
            Self::UnknownAgent => "unknown_agent",
            Self::UnknownGroup => "unknown_group",
            Self::NotWaiting => "not_waiting",
            Self::NoRoom => "no_room",
            Self::NotInGroup => "not_in_group",
            Self::NothingLive => "nothing_live",
            Self::EndUserErased => "end_user_erased",
            Self::Text(TextFault::Empty) => "text_empty",
            Self::Text(TextFault::TooLong) => "text_too_long",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTicket => f.write_str("There is no such ticket."),
            Self::UnknownSession => f.write_str("There is no such session in this conversation."),
            Self::EndingSwitchedOff => {
                f.write_str("Ending messaging sessions is switched off in the account's settings.")
            }
            Self::NotTheirsToEnd => f.write_str(
                "Only the ticket's assignee, an agent of its group or an admin can end its session.",
            ),
            Self::SessionEnded(_) => f.write_str(
                "The session has ended, so nothing can be sent by messaging. Send it by email or keep it as a note.",
            ),
            Self::EmailUnknown => f.write_str("The customer's email address is not known."),
            Self::TicketClosed => f.write_str("The ticket is closed and cannot be changed any more."),
            Self::SolvingNeedsAssignee => f.write_str("Assign the ticket before solving it."),
            Self::StatusNotSettable(status) => {
                write!(f, "A ticket cannot be set to {} by hand.", status.name())
            }
            Self::MacroPlaceholders => f.write_str(
                "The macro's text has a placeholder that cannot be filled in. These can: {{ticket.id}}, {{ticket.title}}, \
                 {{ticket.requester.name}}, {{ticket.requester.first_name}}, {{ticket.requester.email}}, \
                 {{current_user.name}}, {{current_user.first_name}}; each also with a default, as in \
                 {{ticket.requester.name | default: \"there\"}}.",
            ),
            Self::UnknownAgent => f.write_str("There is no such agent."),
            Self::UnknownGroup => f.write_str("There is no such group."),
            Self::NotWaiting => f.write_str("The ticket does not wait for an agent any more."),
            Self::NoRoom => f.write_str("The agent is not online or has no free slot."),
            Self::NotInGroup => f.write_str("The agent is not in the ticket's group."),
            Self::NothingLive => {
                f.write_str("Nothing is live in this conversation: the end user has to write first.")
            }
            Self::EndUserErased => f.write_str("The end user was erased: nothing can be added here."),
            Self::Text(fault) => fault.fmt(f),
        }
    }
}
