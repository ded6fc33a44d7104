//! A visitor who is connected, by a socket or by requests that wait: what is heard from them, what they are told.
//!
//! Joins without a hole: it listens to the chat thread first, then reads the log to its head, says what it has read,
//! and only then passes on what it heard meanwhile, leaving out what is said already (I26). Who joined before there
//! was a chat thread is told where it goes on from again, once the first message has made one.

mod commands;
mod joining;
mod line;
mod telling;

pub(crate) use commands::KNOWN;
pub(crate) use joining::{Since, Told, hello};
pub(crate) use line::Line;

use std::net::IpAddr;

use causerie_core::wire::end_user::SessionReport;
use causerie_core::{ChatThreadId, Seq, TicketId};
use tokio::time::Instant;

use crate::conversations::EndUserIdentity;
use crate::notifier::Whose;
use crate::notifier::mailbox::Listener;

/// One visitor, connected.
#[derive(Debug)]
pub(crate) struct Visitor {
    who: EndUserIdentity,
    /// Whose chat thread is listened to.
    whose: Whose,
    /// Of an identified end user: when it is looked at whether they still are it, at the latest when the login's time
    /// is over.
    look_who_at: Option<Instant>,
    address: IpAddr,
    listener: Listener,
    /// The epoch of all that this client was told.
    epoch: u64,
    /// The chat thread, once there is one.
    thread: Option<ChatThreadId>,
    /// The last number that was said to this client.
    said: Seq,
    /// How far the end user has read, as this client was told.
    read: Seq,
    /// The session's state as this client was told.
    reported: Option<SessionReport>,
    /// Whether end users may end sessions, as this client was told.
    may_end: bool,
    typing: Option<Typing>,
}

/// The end user is typing, as the agents were told.
#[derive(Clone, Copy, Debug)]
struct Typing {
    ticket: TicketId,
    told_at: Instant,
}
