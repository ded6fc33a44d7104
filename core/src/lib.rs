//! The rules of Causerie, and nothing else: no I/O, no async, no clock, no randomness.
//!
//! The server, the widget and the workspace are shells over these state machines: a shell reads a frame, hands
//! core the state, the input and the time, and does what core answers.
//!
//! Where to start:
//! - [`session`]: the session rule, [`session::placement`], the heart of it all (R08).
//! - [`chat_thread`]: [`chat_thread::handle`] decides, [`chat_thread::ChatThread::apply`] folds.
//! - [`ticket`]: what agents work on, its history, and [`ticket::composer`], which channels a reply may take.
//! - [`routing`]: capacity (derived, R33) and the choice of an agent (R31).
//! - [`bot`]: flows and their interpreter.
//! - [`wire`]: the frames between the shells.
//! - [`client`]: outbox, timeline and connection, run by widget and workspace alike.

pub mod agent;
pub mod bot;
pub mod chat_thread;
pub mod client;
pub mod conversation;
pub mod end_user;
pub mod ids;
pub mod message;
pub mod planted;
pub mod routing;
pub mod rules;
pub mod session;
pub mod settings;
pub mod ticket;
pub mod time;
pub mod wire;

pub use ids::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId,
};
pub use time::Timestamp;
