//! Each part that a person touches, in a real browser: found by role and name, driven by real events.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod asked;
mod composer;
mod confirm;
mod header;
mod links;
mod log;
mod menu;
mod message;
mod replies;
mod stage;
mod status;
mod transcript;
mod translation;
mod welcome;
mod wire;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
