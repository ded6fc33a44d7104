//! The end of a session among many sockets, on the real router: what races with it, and what comes after it by
//! whatever way.

#![expect(clippy::unwrap_used, reason = "what is not as a test says ends the test")]

mod after_the_end_ways;
mod people;
mod round;
mod shuffled;
#[path = "../http/support.rs"]
#[expect(
    dead_code,
    reason = "the server and the clients of the http tests; a part of them is used here"
)]
mod support;
mod the_race;
