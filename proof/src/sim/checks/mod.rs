//! The invariants, each as a sentence over what it is about.
//!
//! - `decisions`: what a single command may do, judged where it is decided.
//! - `erased`: what an erasure leaves.
//! - `rows`: the rows and both logs, after whatever became safe on the disk.
//! - `screens`: what the clients show and were told.
//! - `rest`: what holds when nothing goes wrong any more and everything has come to its end (I34, I28, I33).

mod decisions;
mod erased;
mod rest;
mod rows;
mod screens;

pub use decisions::{Before, Decisions};
pub use erased::no_word_is_left;
pub use rest::at_rest;
pub use rows::History;
pub use screens::{Acknowledged, desk_shows, keeps_what_was_written, tab_shows};

/// Whether it holds, or which invariant is broken and how.
pub type Check = Result<(), String>;

/// An invariant, and how it is broken.
pub(super) fn holds(it: bool, invariant: &str, how: impl FnOnce() -> String) -> Check {
    if it {
        Ok(())
    } else {
        Err(format!("{invariant}: {}", how()))
    }
}
