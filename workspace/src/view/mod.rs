//! What the screens show, worked out from core's values: no screen and no part decides.
//!
//! - [`list`]: the views and the tickets in each.
//! - [`log`]: both logs of a ticket in their one order, in words.
//! - [`ticket`]: what can be done with a ticket now.

pub mod list;
pub mod log;
pub mod ticket;

use causerie_core::ids::{AgentId, GroupId};
use causerie_core::wire::agent::{AgentRow, TicketRow};

use crate::words::Words;

/// The names of agents and groups.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// Of agents.
    pub agents: Vec<(AgentId, String)>,
    /// Of groups.
    pub groups: Vec<(GroupId, String)>,
}

impl Names {
    /// The names of these.
    #[must_use]
    pub fn of(agents: &[AgentRow], groups: &[(GroupId, String)]) -> Self {
        Self {
            agents: agents
                .iter()
                .map(|agent| (agent.id, agent.name.clone()))
                .collect(),
            groups: groups.to_vec(),
        }
    }

    /// An agent's name; the number of one who is not known any more.
    #[must_use]
    pub fn agent(&self, id: AgentId) -> String {
        let found = self.agents.iter().find(|(known, _)| *known == id);
        found.map_or_else(|| format!("#{id}"), |(_, name)| name.clone())
    }

    /// A group's name; the number of one that is not known any more.
    #[must_use]
    pub fn group(&self, id: GroupId) -> String {
        let found = self.groups.iter().find(|(known, _)| *known == id);
        found.map_or_else(|| format!("#{id}"), |(_, name)| name.clone())
    }
}

/// The requester's name as a list shows it: the name, else the address.
#[must_use]
pub fn requester(row: &TicketRow) -> Option<String> {
    row.requester.clone().or_else(|| row.email.clone())
}

/// The requester as a ticket's screen names them: by name, by address, or as somebody who was erased.
#[must_use]
pub fn named_requester(row: &TicketRow, words: &Words) -> Option<String> {
    if row.erased {
        Some(words.say("author.erased"))
    } else {
        requester(row)
    }
}

/// What a ticket is about, in a line.
#[must_use]
pub fn subject(row: &TicketRow, words: &Words) -> String {
    if row.erased {
        words.say("erased")
    } else {
        row.ticket.subject.clone()
    }
}
