//! Tests of the release binary: what they stand on.
//!
//! A [`World`] is the release binary with a data folder of its own, and a driver that opens [`Browser`]s, each a
//! person with a fresh profile. Stories (`tests/stories/`) act and look as that person would: they find things by role
//! and accessible name, through open shadow roots, and wait for what they expect ([`until`]) instead of sleeping.
//! Each step leaves a picture in `target/stories/STORY/`. `cargo xtask test story NAME [--headed]` runs one.
//!
//! Tests of what many do at once need no browser: a [`Visitor`] and an [`Agent`] speak the sockets' frames themselves.

mod agent;
mod audit;
mod browser;
mod desk;
mod driver;
mod host_page;
pub mod http;
mod port;
mod recorded;
mod server;
mod setup;
mod visitor;
mod wait;
mod wire;
mod world;

pub use agent::Agent;
pub use browser::{Browser, Named, Part};
pub use host_page::HostPage;
pub use server::Server;
pub use setup::Setup;
pub use visitor::{Frames, Visitor, fresh_cid, fresh_secret};
pub use wait::until;
pub use wire::Wire;
pub use world::World;

/// What a story, or a step of it, gives: any error ends the story and is printed.
pub type Story<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
