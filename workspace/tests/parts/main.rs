//! Each part that a person touches, in a real browser: found by role and name, pressed and typed into.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod amount;
mod bar;
mod composer;
mod details;
mod end_session;
mod ending;
mod events;
mod forms;
mod log;
mod macro_menu;
mod macros;
mod page;
mod rows;
mod screens;
mod ticket_list;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
