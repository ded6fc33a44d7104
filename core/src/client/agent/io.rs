//! What goes into the workspace's machine, and what comes out.

use serde::{Deserialize, Serialize};

use crate::agent::Availability;
use crate::chat_thread::Outcome;
use crate::ids::{ClientMessageId, MacroId, TicketId};
use crate::ticket::composer::Picked;
use crate::ticket::{Comment, CommentTo, Update};
use crate::time::Timestamp;
use crate::wire::Refused;
use crate::wire::agent::{Down, Up};

/// What is asked of a ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Change it, as one step.
    Update(Box<Update>),
    /// End its session.
    End,
    /// Apply a macro, as one step.
    Macro(MacroId),
}

/// A command on its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Of which ticket.
    pub ticket: TicketId,
    /// What.
    pub ask: Ask,
    /// It was asked when the requester was erased already. What was written before goes with them.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub after_erasure: bool,
}

/// What stands in a ticket's composer. It outlives a reload (R40), channel and all: a note is not to become a message
/// by it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "KeptDraft")]
pub struct Draft {
    /// The text.
    pub text: String,
    /// The channel, where it is not the default or is a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked: Option<Picked>,
    /// It was written when the requester was erased already. What was written before goes with them.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub after_erasure: bool,
}

/// A draft as it was kept: by the first builds as its text alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeptDraft {
    Text(String),
    Draft {
        text: String,
        #[serde(default)]
        picked: Option<Picked>,
        #[serde(default)]
        after_erasure: bool,
    },
}

impl From<KeptDraft> for Draft {
    fn from(kept: KeptDraft) -> Self {
        match kept {
            KeptDraft::Text(text) => Self {
                text,
                ..Self::default()
            },
            KeptDraft::Draft {
                text,
                picked,
                after_erasure,
            } => Self {
                text,
                picked,
                after_erasure,
            },
        }
    }
}

impl Draft {
    /// Whether nothing is written, so that nothing needs to be kept.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// What an earlier page has kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// Whether the drafts among it survive a reload: where storage was refused, or full, they do not.
    pub keeps: bool,
    /// What stood in the composers.
    pub drafts: Vec<(TicketId, Draft)>,
    /// The build for which the page has reloaded itself: it does so once.
    pub reloaded_for: Option<String>,
}

/// What happens to the workspace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// First of all, where there is something: what was kept.
    Restored(Kept),
    /// Somebody is signed in.
    Wanted,
    /// Signed out.
    Unwanted,
    /// The answer to [`Effect::FetchConnectToken`].
    ConnectToken(String),
    /// There is no connect token to be had.
    NoConnectToken {
        /// Because the sign-in is not good any more: nothing is tried again.
        signed_out: bool,
    },
    /// The socket of [`Effect::Connect`] is open.
    SocketOpened,
    /// A frame came.
    Frame(Down),
    /// The socket closed, or never opened.
    SocketClosed {
        /// The WebSocket's close code; 1006 where there is none.
        code: u16,
    },
    /// A ticket's screen is open.
    TicketOpened(TicketId),
    /// No ticket's screen is.
    TicketLeft,
    /// A channel was picked in a ticket's composer.
    ChannelPicked {
        /// Of which ticket.
        ticket: TicketId,
        /// Which one.
        to: CommentTo,
    },
    /// The composer's text, as it is now. Only what goes to the chat tells the customer that somebody types.
    Edited {
        /// Of which ticket.
        ticket: TicketId,
        /// The text.
        text: String,
    },
    /// The composer's text is sent: the draft is emptied, or stays with its fault shown.
    Replied {
        /// A fresh id.
        cid: ClientMessageId,
        /// On which ticket.
        ticket: TicketId,
        /// By which channel.
        to: CommentTo,
        /// The text.
        text: String,
    },
    /// Anything else is asked of a ticket.
    Asked {
        /// A fresh id.
        cid: ClientMessageId,
        /// Of which.
        ticket: TicketId,
        /// What.
        ask: Ask,
    },
    /// The answer to [`Effect::KeepDraft`].
    DraftKept {
        /// Whether what stands in the composers survives a reload now.
        survives: bool,
    },
    /// A refusal has been read.
    RefusalRead(TicketId),
    /// The agent's own availability was chosen.
    AvailabilityChosen(Availability),
    /// The page can be seen again.
    PageShown,
    /// The browser has got its network back.
    Online,
    /// The time of [`Effect::WakeAt`] has come.
    TimerFired,
}

/// What the workspace's shell is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Fetch a connect token, and let go of the socket before.
    FetchConnectToken,
    /// Open a socket.
    Connect,
    /// Send a frame on it.
    Send(Up),
    /// Close the socket, or stop fetching a token, and let go of it: nothing of it comes in any more.
    CloseSocket,
    /// Wake the machine then; replaces what was asked before.
    WakeAt(Option<Timestamp>),
    /// Keep what stands in a ticket's composer, and answer [`Input::DraftKept`]; a blank one need not be kept.
    KeepDraft {
        /// Of which ticket.
        ticket: TicketId,
        /// What stands in it.
        draft: Draft,
    },
    /// A ticket calls for somebody: a sound, a count in the page's title.
    Chime(TicketId),
    /// A command is done.
    Done {
        /// Which one.
        cid: ClientMessageId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A command was not done; see [`AgentClient::refusal`](super::AgentClient::refusal).
    Refused(Refused),
    /// Nobody is signed in any more.
    SignedOut,
    /// The server is of this build: keep its name (it comes back in [`Kept::reloaded_for`]), then reload the page.
    ReloadForUpgrade(String),
    /// Draw again.
    ViewChanged,
}

impl Asked {
    /// What it says, if it says something.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        match &self.ask {
            Ask::Update(update) => update.comment.as_ref(),
            Ask::End | Ask::Macro(_) => None,
        }
    }

    pub(super) fn frame(&self, cid: ClientMessageId) -> Up {
        let ticket = self.ticket;
        match &self.ask {
            Ask::Update(update) => Up::Update {
                cid,
                ticket,
                update: update.clone(),
            },
            Ask::End => Up::End { cid, ticket },
            Ask::Macro(id) => Up::Macro { cid, ticket, id: *id },
        }
    }
}
