//! Newtypes for what is named: nobody can hand a ticket's number to a function that wants an agent's.

use core::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id! {
    /// A website visitor.
    EndUserId
}
uuid_id! {
    /// One chat log of an end user; `conversation_id` in every public surface.
    ChatThreadId
}
uuid_id! {
    /// A session, and the conversation it belongs to: there is exactly one per conversation (R04).
    SessionId
}
uuid_id! {
    /// A command's identity, made by the client (UUIDv7) and unique in the whole installation (R11).
    ClientMessageId
}
number_id! {
    /// A ticket's number, as agents say it: `#17`.
    TicketId
}
number_id! {
    /// An agent.
    AgentId
}
number_id! {
    /// A set of agents.
    GroupId
}
number_id! {
    /// A prepared set of actions.
    MacroId
}

/// A number in a log: 1, 2, 3 … without holes (I24). 0 is *before the first*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The number that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
