//! `/api/workspace`: the workspace's own API, beside its socket.
//!
//! - [`signed_in`]: who asks, and whether a change may be asked for.
//! - [`sign_in`]: in, out, and the one-time link.
//! - [`me`], [`connect_token`], [`settings`], [`macros`].

pub mod connect_token;
pub mod macros;
pub mod me;
pub mod settings;
pub mod sign_in;
pub mod signed_in;
