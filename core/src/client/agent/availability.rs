//! The agent's own availability: chosen here it shows at once, and what the server tells stands above it (R31).
//!
//! A choice that was not heard is told again, since the connection may have been lost under it. But an agent who is set
//! offline loses their live work (R34): so no choice is told over one that was made elsewhere since, nor long after.

use super::{AgentClient, Effect};
use crate::agent::Availability;
use crate::client::moment::Moment;
use crate::time::{Span, Timestamp};
use crate::wire::agent::Up;

/// For how long a choice that was not heard is worth telling again: time for a connection to come back.
const TOLD_AGAIN_WITHIN: Span = Span::minutes(1);

/// Chosen, and not yet told by the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    to: Availability,
    /// What the server had told at that time.
    instead_of: Option<Availability>,
    at: Timestamp,
}

impl AgentClient {
    /// The signed-in agent's availability: as chosen, even before the server has told it back.
    #[must_use]
    pub fn availability(&self) -> Option<Availability> {
        let chosen = self.availability.map(|choice| choice.to);
        chosen.or_else(|| self.availability_told())
    }

    pub(super) fn availability_chosen(&mut self, to: Availability, at: Moment) {
        self.availability = Some(Choice {
            to,
            instead_of: self.availability_told(),
            at: at.now,
        });
        self.changed = true;
        self.send_if_live(Up::Availability(to));
    }

    /// The own row came: a choice is done with once it says so, or says something new.
    pub(super) fn settle_availability(&mut self) {
        let told = self.availability_told();
        self.availability = self
            .availability
            .filter(|choice| told == choice.instead_of && told != Some(choice.to));
    }

    /// There is a connection again: was the choice heard, and if not, does it still hold?
    pub(super) fn tell_availability_again(&mut self, at: Moment) {
        self.settle_availability();
        self.availability = self
            .availability
            .filter(|choice| at.now <= choice.at.after(TOLD_AGAIN_WITHIN));
        if let Some(choice) = self.availability {
            self.effects.push(Effect::Send(Up::Availability(choice.to)));
        }
    }

    fn availability_told(&self) -> Option<Availability> {
        self.me().map(|me| me.availability)
    }
}
