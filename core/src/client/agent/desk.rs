//! The desk as a fold of what the server tells: the lists of tickets, the agents, and which ticket calls for somebody.

use super::{AgentClient, Effect, Followed};
use crate::agent::Agent;
use crate::client::moment::Moment;
use crate::ids::{AgentId, TicketId};
use crate::routing::capacity::counts_for;
use crate::session::SessionState;
use crate::settings::Settings;
use crate::ticket::composer::{Composer, composer, default_after_end};
use crate::ticket::{CommentTo, Status};
use crate::wire::agent::{AgentRow, TicketRow, Welcome};

/// A list of tickets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum View {
    /// Assigned to oneself, and to be worked on.
    YourTickets,
    /// Assigned to nobody, and to be worked on.
    Unassigned,
    /// To be worked on.
    AllOpen,
    /// Their sessions have ended.
    EndedSessions,
    /// Solved or closed, whatever became of their sessions.
    Solved,
}

impl View {
    /// Every view, in the order of the navigation.
    pub const ALL: [Self; 5] = [
        Self::YourTickets,
        Self::Unassigned,
        Self::AllOpen,
        Self::EndedSessions,
        Self::Solved,
    ];

    /// Whether a ticket is in it, for this agent. *To be worked on* is what is neither solved nor closed; one's own
    /// stay as long as their sessions are active, too.
    #[must_use]
    pub fn holds(self, row: &TicketRow, me: AgentId) -> bool {
        let open = match row.ticket.status {
            Status::New | Status::Open | Status::Pending | Status::Hold => true,
            Status::Solved | Status::Closed => false,
        };
        let (active, ended) = match row.session.state() {
            SessionState::Active => (row.ticket.status != Status::Closed, false),
            SessionState::Inactive => (false, false),
            SessionState::Ended => (false, true),
        };
        match self {
            Self::YourTickets => row.ticket.assignee == Some(me) && (open || active),
            Self::Unassigned => row.ticket.assignee.is_none() && open,
            Self::AllOpen => open,
            Self::EndedSessions => ended,
            Self::Solved => !open,
        }
    }
}

impl AgentRow {
    /// Who that is, for the rules.
    #[must_use]
    pub fn agent(&self) -> Agent {
        Agent {
            id: self.id,
            name: self.name.clone(),
            role: self.role,
            groups: self.groups.clone(),
        }
    }
}

impl TicketRow {
    /// What its composer offers (R28).
    #[must_use]
    pub const fn composer(&self) -> Composer {
        composer(&self.session, self.ticket.status, self.email.is_some())
    }

    /// What the bot got besides the name and the email, which stand by themselves.
    pub fn collected(&self) -> impl Iterator<Item = &(String, String)> {
        let known = [&self.requester, &self.email];
        let is_told = move |value: &String| known.iter().any(|known| known.as_ref() == Some(value));
        self.ticket
            .fields
            .iter()
            .filter(move |(_, value)| !is_told(value))
    }

    /// The channel that follows the end of its session (R28).
    #[must_use]
    pub const fn default_after_end(&self) -> CommentTo {
        default_after_end(self.ticket.status, self.email.is_some())
    }

    /// Whose messaging slot its session takes, and the end of it frees at once (R24, R33).
    #[must_use]
    pub fn slot_of(&self, settings: &Settings) -> Option<AgentId> {
        counts_for(
            self.session.state(),
            self.ticket.status,
            self.ticket.assignee,
            settings,
        )
    }

    /// Whether this tells of a later state than the other.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        (self.ticket.head, self.updated_at) > (other.ticket.head, other.updated_at)
    }
}

impl AgentClient {
    pub(super) fn welcomed(&mut self, welcome: Box<Welcome>, at: Moment) {
        self.upgrade.server_is(&welcome.build);
        if let Some(before) = self.welcome.replace(welcome) {
            let after = self.desk().map(|desk| (desk.epoch, desk.tickets.as_slice()));
            let Some((epoch, tickets)) = after else { return };
            let chimes: Vec<TicketId> = tickets
                .iter()
                .filter(|row| {
                    let known = before
                        .tickets
                        .iter()
                        .find(|known| known.ticket.id == row.ticket.id);
                    begins_to_call(known, row, before.me)
                })
                .map(|row| row.ticket.id)
                .collect();
            self.effects.extend(chimes.into_iter().map(Effect::Chime));
            if let (true, Some(followed)) = (epoch != before.epoch, &mut self.followed) {
                *followed = Followed::new(followed.ticket);
            }
        }
        self.tell_availability_again(at);
        if let Some(followed) = &mut self.followed {
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }

    pub(super) fn ticket_came(&mut self, row: TicketRow) {
        let Some(desk) = &mut self.welcome else { return };
        let known = desk
            .tickets
            .iter_mut()
            .find(|known| known.ticket.id == row.ticket.id);
        // A notice that comes late or twice takes nothing back (I28).
        if known.as_ref().is_some_and(|known| known.is_newer_than(&row)) {
            return;
        }
        if begins_to_call(known.as_deref(), &row, desk.me) {
            self.effects.push(Effect::Chime(row.ticket.id));
        }
        match known {
            Some(known) => *known = row,
            None => {
                let ticket = row.ticket.id;
                desk.tickets.push(row);
                self.opened_in_vain(ticket);
            }
        }
    }

    /// A ticket is seen now: if it is the open one, and the server would not tell of it before, it is asked once more.
    fn opened_in_vain(&mut self, ticket: TicketId) {
        let followed = self.followed.as_mut();
        if let Some(followed) = followed.filter(|followed| followed.ticket == ticket && !followed.asked) {
            let open = followed.open();
            self.effects.push(Effect::Send(open));
        }
    }

    pub(super) fn ticket_gone(&mut self, ticket: TicketId) {
        self.change_desk(|desk| desk.tickets.retain(|row| row.ticket.id != ticket));
        if let Some(followed) = self
            .followed
            .as_mut()
            .filter(|followed| followed.ticket == ticket)
        {
            *followed = Followed::new(ticket);
        }
    }

    pub(super) fn agent_came(&mut self, row: AgentRow) {
        let Some(desk) = &mut self.welcome else { return };
        let is_own = row.id == desk.me;
        match desk.agents.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => desk.agents.push(row),
        }
        if is_own {
            self.settle_availability();
        }
    }

    pub(super) fn change_desk(&mut self, change: impl FnOnce(&mut Welcome)) {
        if let Some(desk) = &mut self.welcome {
            change(desk);
        }
    }
}

/// Whether a ticket calls for this agent: it waits for anyone, or is theirs.
pub(super) fn calls(row: &TicketRow, me: AgentId) -> bool {
    let live = match row.session.state() {
        SessionState::Active | SessionState::Inactive => true,
        SessionState::Ended => false,
    };
    let fresh = match row.ticket.status {
        Status::New | Status::Open => true,
        Status::Pending | Status::Hold | Status::Solved | Status::Closed => false,
    };
    live && fresh && row.ticket.assignee.is_none_or(|assignee| assignee == me)
}

/// Whether it does, and did not before.
fn begins_to_call(before: Option<&TicketRow>, row: &TicketRow, me: AgentId) -> bool {
    calls(row, me) && !before.is_some_and(|before| calls(before, me))
}
