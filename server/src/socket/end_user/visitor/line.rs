//! By which way frames go to a visitor.

use causerie_core::ClientMessageId;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::Down;

use super::super::super::{Over, Pipe};

/// How many entries one frame carries at most.
const PAGE: u32 = 50;

/// By which way frames go to a visitor, with the limits of that way.
pub(crate) trait Line {
    /// Says something.
    async fn say(&mut self, down: &Down) -> Result<(), Over>;
    /// Takes a frame's cost from its limit. What is too fast is refused; what goes on so is closed.
    fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over>;
    /// Something was wrong with a frame; too much of that closes.
    fn strike(&mut self) -> Result<(), Over>;
    /// How many entries of the log can be said now; none where the rest has to be asked for again.
    fn room(&self) -> u32;
    /// Whether it stays: *is typing* is told by a line alone whose end is noticed, or it would never stop.
    fn stays(&self) -> bool;
}

impl Line for Pipe {
    async fn say(&mut self, down: &Down) -> Result<(), Over> {
        Self::say(self, down).await
    }

    fn admit(&mut self, cid: Option<ClientMessageId>) -> Result<Option<Refused>, Over> {
        Self::admit(self, cid)
    }

    fn strike(&mut self) -> Result<(), Over> {
        Self::strike(self)
    }

    fn room(&self) -> u32 {
        PAGE
    }

    fn stays(&self) -> bool {
        true
    }
}
