//! The agents' workspace: a Leptos shell over core's agent machine. No rule is decided here.
//!
//! Where to start:
//! - [`app`]: who is signed in, and so which screen there is.
//! - [`shell`]: the machine and its one effect match.
//! - [`view`]: what the screens show, worked out from core's values.
//! - [`screens`], put together from [`parts`], which take values and callbacks alone.
//! - [`words`] and [`dates`]: the reader's language.

pub mod app;
pub mod boot;
pub mod dates;
pub mod parts;
pub mod route;
pub mod screens;
pub mod shell;
pub mod view;
pub mod words;

/// Puts the workspace into the document's body.
pub fn mount() {
    // A defect of ours is told to whoever opens the console; without this it says *unreachable* and nothing else.
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    leptos::mount::mount_to_body(app::App);
}
