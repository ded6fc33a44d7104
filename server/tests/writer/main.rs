//! The one writer and its store, one database per test: what is acknowledged is on disk, once, in one order.

#![expect(
    clippy::unwrap_used,
    reason = "the people of a house are set up outside of test functions"
)]

mod after_the_end;
mod assignment;
mod backups;
mod changes;
mod client_ids;
mod damage;
mod devices;
mod dice;
mod erase;
mod first_message;
mod full_disk;
mod group_commit;
mod handoff;
mod house;
mod login;
mod notices;
mod opening;
mod queue;
mod restart;
mod timers;
mod twin;
