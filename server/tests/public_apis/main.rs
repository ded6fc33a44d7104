//! The two public APIs, through the real router, one database per test.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod asking;
mod conversations;
mod desk;
mod errors;
mod pages;
mod scenario;
mod support;
