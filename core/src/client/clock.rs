//! A page's clock as its machine reads it: one that never goes back.
//!
//! People set clocks, and machines set them right. What waits until a time would, set back a year, wait a year: for a
//! connection, for an answer, for its turn in the outbox (I31). So a machine goes on from where its clock was, and its
//! shell is told of times as the clock shows them now.

use crate::time::{Span, Timestamp};

/// Reads the clock of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Clock {
    last: Timestamp,
    /// How far what is shown lies behind: as far as the clock was set back.
    behind: Span,
}

impl Clock {
    /// The time by which the machine goes, when the page's clock shows `shown`.
    pub(crate) fn read(&mut self, shown: Timestamp) -> Timestamp {
        let set_back = self.last.0.saturating_sub(shown.after(self.behind).0).max(0);
        self.behind = Span(self.behind.0.saturating_add(set_back));
        self.last = shown.after(self.behind);
        self.last
    }

    /// What the page's clock shows at a time by which the machine goes.
    pub(crate) const fn shows_at(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_sub(self.behind.0))
    }
}
