//! Tickets.
//!
//! - [`read`]: lists, one, comments, audits. [`mod@write`]: changes, and the end of the session.
//! - [`seen`]: a ticket and its history for an agent who sees it; [`shape`]: as the API shows it.

pub mod asked;
pub mod read;
pub mod seen;
pub mod shape;
pub mod write;
