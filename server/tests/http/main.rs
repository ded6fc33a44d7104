//! The real router on a real socket, one server and one database per test.

#![expect(clippy::unwrap_used, reason = "what is not as a test says ends the test")]

mod bad_input;
mod gone;
mod joining;
mod login;
mod metrics;
mod old_ticket;
mod pages;
mod polling;
mod restored;
mod same_view;
mod security;
mod sign_in;
mod support;
mod told_of_the_end;
mod typing;
mod workspace_socket;
