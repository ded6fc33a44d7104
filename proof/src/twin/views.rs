//! What readers see: derived from the rows each time, never kept.

use causerie_core::agent::{Agent, Availability};
use causerie_core::conversation::{Conversation, Timer};
use causerie_core::planted::{self, Bug};
use causerie_core::routing::assign::{self, Candidate, Waiting};
use causerie_core::routing::capacity::{self, Room};
use causerie_core::ticket::{Channel, Status};
use causerie_core::wire::agent::{AgentRow, TicketRow};
use causerie_core::{AgentId, ChatThreadId, TicketId, Timestamp};

use super::{Job, JobKind, Rows};

impl Rows {
    /// An agent's capacity, recomputed from the sessions themselves (R33, I09).
    #[must_use]
    pub fn room(&self, agent: AgentId) -> Option<Room> {
        let record = self.agents.get(&agent)?;
        Some(Room {
            agent,
            name: record.agent.name.clone(),
            groups: record.agent.groups.clone(),
            availability: record.availability,
            used: self.used(agent),
            max: record.messaging_max,
        })
    }

    /// An agent's messaging slots in use.
    #[must_use]
    pub fn used(&self, agent: AgentId) -> u32 {
        let held = |it: &&Conversation| capacity::holder(it, &self.settings) == Some(agent);
        let used = self.conversations.values().filter(held).count() as u32;
        let twice = |it: &&Conversation| {
            it.session.ended().is_some()
                && it
                    .ticket()
                    .is_some_and(|it| it.assignee == Some(agent) && it.status == Status::Solved)
        };
        if planted::is(Bug::FreesSlotTwice) {
            return used.saturating_sub(self.conversations.values().filter(twice).count() as u32);
        }
        used
    }

    /// All agents, by name.
    #[must_use]
    pub fn agent_rows(&self) -> Vec<AgentRow> {
        let mut rows: Vec<AgentRow> = self
            .agents
            .iter()
            .map(|(id, record)| AgentRow {
                id: *id,
                name: record.agent.name.clone(),
                role: record.agent.role,
                groups: record.agent.groups.clone(),
                availability: record.availability,
                messaging_used: self.used(*id),
                messaging_max: record.messaging_max,
                email_used: self.used_by_email(*id),
                email_max: record.email_max,
            })
            .collect();
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        rows
    }

    fn used_by_email(&self, agent: AgentId) -> u32 {
        let tickets = self.conversations.values().filter_map(Conversation::ticket);
        let counts = |it: &&causerie_core::ticket::Ticket| {
            it.assignee == Some(agent) && it.status == Status::Open && it.channel == Channel::Email
        };
        tickets.filter(counts).count() as u32
    }

    /// One ticket, as the workspace's list shows it.
    #[must_use]
    pub fn ticket_row(&self, id: TicketId) -> Option<TicketRow> {
        let record = self.tickets.get(&id)?;
        let conversation = self.conversation_of(id)?;
        let whose = self.threads.get(&record.thread)?.end_user;
        let end_user = &self.end_users.get(&whose)?.end_user;
        Some(TicketRow {
            ticket: conversation.ticket()?.clone(),
            thread: record.thread,
            end_user: Some(end_user.id),
            session_id: conversation.id,
            session: conversation.session,
            requester: end_user.name.clone(),
            email: end_user.email.clone(),
            erased: end_user.erased,
            previous: conversation.previous,
            created_at: record.created_at,
            updated_at: record.updated_at,
        })
    }

    /// All tickets, by number.
    pub fn ticket_rows(&self) -> impl Iterator<Item = TicketRow> {
        self.tickets.keys().filter_map(|id| self.ticket_row(*id))
    }

    /// The tickets that an agent sees, the last that changed first.
    #[must_use]
    pub fn seen_by(&self, agent: &Agent) -> Vec<TicketRow> {
        let mut rows: Vec<TicketRow> = self.ticket_rows().filter(|row| agent.sees(&row.ticket)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.updated_at, row.ticket.id)));
        rows
    }

    /// The queue: the tickets that wait for an agent (R31).
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        self.ticket_rows()
            .filter(|row| assign::waits(row.session.state(), row.ticket.status, row.ticket.assignee))
            .map(|row| Waiting {
                ticket: row.ticket.id,
                priority: row.ticket.priority,
                since: row.created_at,
                group: row.ticket.group,
            })
            .collect()
    }

    /// The agents who might take waiting work.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.agents
            .values()
            .filter(|record| record.availability == Availability::Online)
            .filter_map(|record| {
                Some(Candidate {
                    room: self.room(record.agent.id)?,
                    idle_since: record.idle_since,
                })
            })
            .collect()
    }

    /// An agent's tickets whose sessions live.
    #[must_use]
    pub fn work_of(&self, agent: AgentId) -> Vec<TicketId> {
        let its = |it: &&Conversation| {
            it.is_live() && it.ticket().is_some_and(|ticket| ticket.assignee == Some(agent))
        };
        let mut work: Vec<TicketId> = self
            .conversations
            .values()
            .filter(its)
            .filter_map(|it| it.ticket().map(|ticket| ticket.id))
            .collect();
        work.sort();
        work
    }

    /// Chat threads whose live conversation only the bot has, with nothing said since `before` (R44).
    #[must_use]
    pub fn forgotten(&self, before: Timestamp) -> Vec<ChatThreadId> {
        self.conversations
            .iter()
            .filter(|(_, it)| it.is_live() && it.ticket().is_none() && it.last_message_at <= before)
            .map(|((thread, _), _)| *thread)
            .collect()
    }

    /// Tickets whose timer runs since `before` or longer (R06, R43).
    #[must_use]
    pub fn timed(&self, timer: Timer, before: Timestamp) -> Vec<TicketId> {
        let since = |it: &Conversation| match timer {
            Timer::Silence => it.silent_since,
            Timer::Closing => it.status_since,
        };
        self.conversations
            .values()
            .filter(|it| it.timer() == Some(timer) && since(it) <= before)
            .filter_map(|it| it.ticket().map(|ticket| ticket.id))
            .collect()
    }

    /// The oldest job that a worker can do now.
    #[must_use]
    pub fn job_to_do(&self) -> Option<(u64, JobKind)> {
        let can_be_done = |job: &Job| match job.kind {
            JobKind::Assign | JobKind::Return(_) => true,
            JobKind::Email(..) => false,
        };
        self.jobs
            .iter()
            .find(|(_, job)| can_be_done(job))
            .map(|(number, job)| (*number, job.kind))
    }
}
