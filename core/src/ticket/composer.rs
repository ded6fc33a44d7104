//! Which channels an agent's reply may take, and which is offered first (R21, R28, R29, I13).

use serde::{Deserialize, Serialize};

use super::{CommentTo, Status};
use crate::session::{End, Session};

/// The channels, in the order in which they are offered. [`CommentTo::Public`] is none of its own: see
/// [`Composer::resolve`].
pub const CHANNELS: [CommentTo; 3] = [CommentTo::Messaging, CommentTo::Email, CommentTo::Note];

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

/// A channel that was picked by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Picked {
    /// Which one.
    pub to: CommentTo,
    /// What the default was at that time.
    pub instead_of: CommentTo,
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
            Composer {
                messaging,
                public_reply,
                internal_note: Ok(()),
                default: default(messaging.is_ok(), email_known),
            }
        }
    }
}

/// The channel chosen at first once the session has ended: what the dialog that ends it names (R28).
#[must_use]
pub const fn default_after_end(status: Status, email_known: bool) -> CommentTo {
    if status.is_closed() {
        CommentTo::Note
    } else {
        default(false, email_known)
    }
}

const fn default(messaging: bool, email_known: bool) -> CommentTo {
    match (messaging, email_known) {
        (true, _) => CommentTo::Messaging,
        (false, true) => CommentTo::Email,
        (false, false) => CommentTo::Note,
    }
}

impl Composer {
    /// The channel that is chosen: the one picked by hand while it is open, else the default.
    ///
    /// Where the default has changed since, as it does at the end of the session, the pick gives way (R28). But a note
    /// that is being written (`writing`) stays one: what was meant for colleagues is not turned into a letter to the
    /// customer.
    #[must_use]
    pub fn chosen(&self, picked: Option<Picked>, writing: bool) -> CommentTo {
        picked
            .filter(|picked| self.resolve(picked.to) == Ok(picked.to))
            .filter(|picked| picked.instead_of == self.default || (picked.to == CommentTo::Note && writing))
            .map_or(self.default, |picked| picked.to)
    }

    /// Why a channel is closed, if it is.
    #[must_use]
    pub fn closed(&self, to: CommentTo) -> Option<ChannelClosed> {
        self.resolve(to).err()
    }

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
