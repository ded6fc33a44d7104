//! When something happens to a machine, and what time means to all of them.

use crate::time::{Span, Timestamp};

/// After this long without a key nobody is typing any more.
pub(crate) const TYPING_ENDS: Span = Span(5_000);

/// After this long of going on typing it is told once more: whoever has heard it may believe it no longer, or has come
/// since.
pub(crate) const TYPING_TOLD_AGAIN: Span = Span(20_000);

/// How long entries that are known to exist may take to come.
pub(crate) const CATCH_UP_WITHIN: Span = Span(5_000);

/// How long a message may take to be read elsewhere before it makes a sound here: another tab may have it on the
/// screen.
pub(crate) const CHIME_AFTER: Span = Span(1_000);

/// When something happens, and the dice of that moment.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) random: u32,
}
