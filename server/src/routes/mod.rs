//! The routes, one file per noun. [`crate::router`] has all their addresses on one page.

pub mod conversations_api;
pub mod messaging;
pub mod pages;
pub mod probes;
pub mod public_api;
pub mod support_api;
pub mod workspace;
