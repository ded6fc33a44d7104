//! What the end user sees: the chat, inside its frame.
//!
//! The rules are not here. [`causerie_core::client::end_user`] is the machine: it decides what is sent, kept and shown.
//! This crate is the shell around it; the launcher on the host's page is `loader/loader.js`.
//!
//! Where to start:
//! - [`shell`]: feeds the machine and does its effects, in one match;
//! - [`view`]: the machine's state as signals, so that no part decides;
//! - [`screens`]: how the parts stand together;
//! - [`parts`]: a folder each, with behaviour and style; values in, callbacks out;
//! - [`wire`]: frames and what is kept, as JSON;
//! - [`transcript`]: the log as a file;
//! - [`words`]: the reader's language: strings, numbers and times.

pub mod asked;
pub mod boot;
pub mod js;
pub mod parts;
pub mod screens;
pub mod shell;
pub mod transcript;
pub mod view;
pub mod wire;
pub mod words;

/// Starts the chat in the document's body.
pub fn start() {
    let boot = boot::Boot::read();
    boot.dress();
    let words = words::Words::new(&boot);
    leptos::mount::mount_to_body(move || {
        let screen = view::Screen::new();
        let shell = shell::Shell::start(&boot, screen);
        leptos::prelude::provide_context(words);
        screens::chat(screen, shell, boot.welcome)
    });
}
