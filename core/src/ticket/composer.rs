//! Which channels an agent's reply may take, and which is offered first (R21, R28, R29, I13).

use serde::{Deserialize, Serialize};

use super::{CommentTo, Status};
use crate::session::{End, Session};

/// Why a channel is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelClosed {
    /// The session has ended: nothing reaches the customer through messaging (R19).
    SessionEnded(End),
    /// Nobody knows the customer's address.
    EmailUnknown,
    /// The ticket is closed: nothing changes it.
    TicketClosed,
}

/// What the composer offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Composer {
    /// In the chat.
    pub messaging: Result<(), ChannelClosed>,
    /// By email.
    pub public_reply: Result<(), ChannelClosed>,
    /// To colleagues.
    pub internal_note: Result<(), ChannelClosed>,
    /// The one chosen at first. [`CommentTo::Public`] never is.
    pub default: CommentTo,
}

/// The composer of a ticket, given its session, its status and whether the end user's email is known.
#[must_use]
pub const fn composer(session: &Session, status: Status, email_known: bool) -> Composer {
    match status {
        Status::Closed => Composer {
            messaging: Err(ChannelClosed::TicketClosed),
            public_reply: Err(ChannelClosed::TicketClosed),
            internal_note: Err(ChannelClosed::TicketClosed),
            default: CommentTo::Note,
        },
        Status::New | Status::Open | Status::Pending | Status::Hold | Status::Solved => {
            let messaging = match session {
                Session::Active { .. } | Session::Inactive { .. } => Ok(()),
                Session::Ended(end) => Err(ChannelClosed::SessionEnded(*end)),
            };
            let public_reply = if email_known {
                Ok(())
            } else {
                Err(ChannelClosed::EmailUnknown)
            };
            let default = match (&messaging, email_known) {
                (Ok(()), _) => CommentTo::Messaging,
                (Err(_), true) => CommentTo::Email,
                (Err(_), false) => CommentTo::Note,
            };
            Composer {
                messaging,
                public_reply,
                internal_note: Ok(()),
                default,
            }
        }
    }
}

impl Composer {
    /// Where a comment really goes: *public* takes the chat while it is open, else email.
    ///
    /// # Errors
    /// Why its channel is closed.
    pub const fn resolve(&self, to: CommentTo) -> Result<CommentTo, ChannelClosed> {
        let open = match to {
            CommentTo::Messaging => self.messaging,
            CommentTo::Email => self.public_reply,
            CommentTo::Note => self.internal_note,
            CommentTo::Public => match self.messaging {
                Ok(()) => return Ok(CommentTo::Messaging),
                Err(_) => return self.resolve(CommentTo::Email),
            },
        };
        match open {
            Ok(()) => Ok(to),
            Err(why) => Err(why),
        }
    }
}
