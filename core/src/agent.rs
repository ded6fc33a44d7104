//! Who works on tickets, and who may do what (R16).

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, GroupId};
use crate::ticket::Ticket;

/// What an agent may do beyond their own work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works on tickets.
    Agent,
    /// Sees and sets everything.
    Admin,
}

impl Role {
    /// Whether the account's settings, its macros and its agents are theirs to change.
    #[must_use]
    pub const fn sets_the_account(self) -> bool {
        match self {
            Self::Admin => true,
            Self::Agent => false,
        }
    }
}

/// An agent's status (R31).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Gets waiting work.
    Online,
    /// There, but gets no work by itself.
    Away,
    /// Gets only what others hand over.
    TransfersOnly,
    /// Not there.
    #[default]
    Offline,
}

/// A set of agents, as a decision sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Which one.
    pub id: GroupId,
    /// What people call it.
    pub name: String,
    /// Whether an agent of it is online (R46).
    pub someone_available: bool,
}

/// Who acts, as an agent: what the rules need to judge what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// Its identity.
    pub id: AgentId,
    /// The name customers and colleagues see.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The groups the agent is in.
    pub groups: Vec<GroupId>,
}

impl Agent {
    /// Whether the ticket is visible: an agent's own, those of the agent's groups, those of no group; an admin sees all.
    #[must_use]
    pub fn sees(&self, ticket: &Ticket) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Agent => {
                ticket.assignee == Some(self.id)
                    || ticket.group.is_none_or(|group| self.groups.contains(&group))
            }
        }
    }

    /// Whether the agent may end the ticket's session (R16): the assignee, an agent of its group, an admin.
    #[must_use]
    pub fn may_end(&self, ticket: &Ticket) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Agent => {
                ticket.assignee == Some(self.id)
                    || ticket.group.is_some_and(|group| self.groups.contains(&group))
            }
        }
    }
}
