//! The bot: flows, declared in a file, and their interpreter. It answers first in every conversation (R02).
//!
//! It is pure, and runs inside [`crate::chat_thread::handle`]: what it says to a message is committed with it. It
//! sends nothing, waits for nobody and keeps nothing: its place in the flow, [`Progress`], is the conversation's.
//!
//! Start with [`Flow`], what can be declared; `run.rs` goes through it; `check.rs`, behind the feature `flow-file`,
//! reads it from a file and refuses one that could leave an end user without an answer.

#[cfg(feature = "flow-file")]
mod check;
mod email;
mod flow;
mod run;

#[cfg(feature = "flow-file")]
pub use check::FlowFault;
pub use flow::{Collect, Condition, Does, Flow, Otherwise, Question, Reply, Step, Words};
pub use run::{Move, Progress, Surroundings};
