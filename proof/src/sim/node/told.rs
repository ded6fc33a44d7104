//! Who is told of a decision after its commit, and what: as the server's own `told` does it.

use causerie_core::chat_thread::{ChatThread, Decision, Event};
use causerie_core::message::ThreadEntry;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::wire::agent::TicketRow;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{ChatThreadId, EndUserId, Seq, TicketId};

use crate::twin::{Done, Rows, SecretHash, SiteId};

/// Whose chat thread is listened to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// An anonymous visitor's.
    Anonymous(SiteId, SecretHash),
    /// A person's, on whichever of their devices.
    Identified(EndUserId),
}

impl Whose {
    /// Who listens to a chat thread; nobody to one that is not its end user's current one.
    #[must_use]
    pub fn of(rows: &Rows, thread: ChatThreadId) -> Option<Self> {
        let record = rows.threads.get(&thread).filter(|record| record.current)?;
        let its = rows.end_users.get(&record.end_user)?;
        Some(match its.secret_hash {
            Some(secret_hash) => Self::Anonymous(its.site, secret_hash),
            None => Self::Identified(record.end_user),
        })
    }
}

/// What an end user's side is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ThreadNotice {
    /// Entries of the thread log, consecutive.
    Entries(Vec<ThreadEntry>),
    /// The latest session's state.
    Session(SessionReport),
    /// The end user has read up to this number.
    Read(Seq),
}

/// What the agents' side is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AgentNotice {
    /// A ticket is new or has changed, or something was said in its session.
    Ticket {
        /// As it is now.
        row: Box<TicketRow>,
        /// What was said in its session.
        thread: Vec<ThreadEntry>,
        /// What was added to its own log.
        log: Vec<TicketEntry>,
    },
    /// Agents, or their capacity in use, have changed.
    Agents,
    /// The settings have changed.
    Settings,
    /// The macros have changed.
    Macros,
    /// What is known of an end user has changed.
    EndUser(EndUserId),
}

/// What is told of one command.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Whose.
    pub whose: Option<Whose>,
    /// To the end user's side.
    pub thread: Vec<ThreadNotice>,
    /// To the agents' side.
    pub agents: Vec<AgentNotice>,
}

impl Told {
    /// Of a request that was done; `rows` are as it left them.
    #[must_use]
    pub fn of(done: &Done, rows: &Rows) -> Self {
        let thread = done.answer.thread;
        let mut told = Self {
            whose: Whose::of(rows, thread),
            ..Self::default()
        };
        told.thread.extend(done.read.map(ThreadNotice::Read));
        if let Some((was, _, decision)) = done.decided.as_deref() {
            told.decision(was, decision, rows, thread);
        }
        told
    }

    fn decision(&mut self, was: &ChatThread, decision: &Decision, rows: &Rows, thread: ChatThreadId) {
        let events = &decision.events;
        let entries: Vec<ThreadEntry> = events.iter().filter_map(said).cloned().collect();
        let described = events
            .iter()
            .any(|event| matches!(event, Event::EndUserDescribed { .. }));
        for conversation in &decision.after.conversations {
            let Some(ticket) = conversation.ticket() else {
                continue;
            };
            let log: Vec<TicketEntry> = events
                .iter()
                .filter_map(|event| logged(event, ticket.id))
                .cloned()
                .collect();
            let its = |entry: &&ThreadEntry| entry.session == conversation.id;
            let said: Vec<ThreadEntry> = entries.iter().filter(its).cloned().collect();
            if (described || !log.is_empty() || !said.is_empty())
                && let Some(row) = rows.ticket_row(ticket.id)
            {
                self.agents.push(AgentNotice::Ticket {
                    row: Box::new(row),
                    thread: said,
                    log,
                });
            }
        }
        if events
            .iter()
            .any(|event| matches!(event, Event::TicketLogged { .. }))
        {
            self.agents.push(AgentNotice::Agents);
        }
        if !entries.is_empty() {
            self.thread.push(ThreadNotice::Entries(entries));
        }
        let report = rows.latest_of(thread).map(SessionReport::of);
        if let Some(report) = report.filter(|report| was.latest().map(SessionReport::of) != Some(*report)) {
            self.thread.push(ThreadNotice::Session(report));
        }
    }
}

const fn said(event: &Event) -> Option<&ThreadEntry> {
    match event {
        Event::Said(entry) => Some(entry),
        Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::EndUserDescribed { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. }
        | Event::TicketLogged { .. } => None,
    }
}

fn logged(event: &Event, of: TicketId) -> Option<&TicketEntry> {
    match event {
        Event::TicketLogged { ticket, entry, .. } if *ticket == of => Some(entry),
        Event::TicketLogged { .. }
        | Event::Said(_)
        | Event::ConversationStarted(_)
        | Event::BotMoved { .. }
        | Event::EndUserDescribed { .. }
        | Event::MovedTo(_)
        | Event::Erased
        | Event::SessionChanged { .. }
        | Event::TicketCreated { .. } => None,
    }
}
