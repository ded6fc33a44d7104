//! What the two public APIs share: how they are signed in to, how they write a time, how they are asked for a page.
//! Their shapes and their errors are their own: [`super::support_api`], [`super::conversations_api`].

pub mod basic;
pub mod iso;
pub mod query;

/// The largest body that the public APIs read, in bytes.
pub const MAX_BODY: usize = 128 * 1024;
