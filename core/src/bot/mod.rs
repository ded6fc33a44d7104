//! The bot: flows, declared in a file, and their interpreter. It answers first in every conversation (R02).
//!
//! It is pure, and runs inside [`crate::chat_thread::handle`]: what it says to a message is committed with it.

mod flow;
mod run;

pub use flow::Flow;
pub use run::{Move, Progress, Surroundings};
