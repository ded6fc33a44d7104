//! The server of Causerie: a shell around the rules of `causerie-core`. It takes commands in by HTTP and sockets, has
//! core decide them one after the other, keeps what was decided in one SQLite file, and tells those who listen.
//!
//! Where to start:
//! - [`conversations`]: the one writer. All that changes a chat thread or a ticket goes through it.
//! - [`store`]: the database. SQL is there and nowhere else.
//! - [`notifier`]: who is told after a commit.
//! - [`jobs`]: what is done later, or because of the time.
//! - [`epoch`]: notices that a backup was put back.
//! - [`clock`]: the only place that reads the time.
//! - [`router`]: every address on one page; [`routes`] and [`socket`] behind it, [`state`] at hand.
//! - [`cli`]: the commands of `causerie`; `serve` puts all of the above together.

pub mod addresses;
pub mod assets;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod epoch;
pub mod error;
pub mod jobs;
pub mod jwt;
pub mod listener;
pub mod notifier;
pub mod origin;
pub mod password;
pub mod rate;
pub mod router;
pub mod routes;
pub mod secret;
pub mod socket;
pub mod state;
pub mod store;
