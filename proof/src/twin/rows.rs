//! The tables, and what is written to them: one row at a time, so that a crash can come between any two.

use std::collections::BTreeMap;

use causerie_core::agent::{Agent, Availability};
use causerie_core::chat_thread::{ChatThread, Outcome};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::message::ThreadEntry;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, GroupId, MacroId, Seq, SessionId, TicketId, Timestamp,
};

use super::SiteId;

/// Everything that is stored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rows {
    /// The account's settings.
    pub settings: Settings,
    /// The agents.
    pub agents: BTreeMap<AgentId, AgentRecord>,
    /// The groups, by name.
    pub groups: BTreeMap<GroupId, String>,
    /// The macros.
    pub macros: BTreeMap<MacroId, Macro>,
    /// The chat threads, each with its end user.
    pub threads: BTreeMap<ChatThreadId, ThreadRecord>,
    /// The conversations, oldest first within their chat thread.
    pub conversations: BTreeMap<(ChatThreadId, u64), Conversation>,
    /// When each ticket was made and last changed, and in which chat thread it is.
    pub tickets: BTreeMap<TicketId, TicketRecord>,
    /// The thread logs.
    pub said: BTreeMap<(ChatThreadId, Seq), ThreadEntry>,
    /// The ticket logs.
    pub logged: BTreeMap<(TicketId, Seq), TicketEntry>,
    /// What came of each client id.
    pub commands: BTreeMap<ClientMessageId, Known>,
    /// What is to be done.
    pub jobs: BTreeMap<u64, Job>,
    /// The number that the last job got.
    pub last_job: u64,
    /// The highest number that a ticket had before a backup was put back.
    pub last_ticket: u64,
    /// Another epoch is other data.
    pub epoch: u64,
}

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentRecord {
    /// As the rules know them.
    pub agent: Agent,
    /// The address that they are known by.
    pub email: String,
    /// The status.
    pub availability: Availability,
    /// Messaging slots.
    pub messaging_max: u32,
    /// Email slots.
    pub email_max: u32,
    /// Since when they have got nothing new.
    pub idle_since: Timestamp,
}

/// A chat thread's head, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadRecord {
    /// On which site.
    pub site: SiteId,
    /// The visitor's secret, hashed.
    pub secret_hash: [u8; 32],
    /// Whose.
    pub end_user: EndUser,
    /// The last number of the thread log.
    pub head: Seq,
    /// When the last entry of either log was committed.
    pub last_at: Timestamp,
    /// Up to where the end user has read.
    pub read: Seq,
    /// How many conversations it has.
    pub conversations: u64,
}

/// A ticket's times. The ticket itself is in its conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TicketRecord {
    /// In which chat thread.
    pub thread: ChatThreadId,
    /// In which of its conversations.
    pub number: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it changed last.
    pub updated_at: Timestamp,
}

/// A command that was done before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Who sent it.
    pub sender: SentBy,
    /// What it asked.
    pub payload: String,
    /// Its chat thread.
    pub thread: ChatThreadId,
    /// What came of it.
    pub outcome: Outcome,
}

/// Whose a client id is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SentBy {
    /// An end user's.
    EndUser(causerie_core::EndUserId),
    /// An agent's.
    Agent(AgentId),
    /// A site's.
    Site(SiteId),
}

/// Something to be done after the commit that wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Job {
    /// What.
    pub kind: JobKind,
    /// Not before.
    pub due_at: Timestamp,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobKind {
    /// Look at the queue (R33).
    Assign,
    /// Take the work back from an agent who went offline (R34).
    Return(AgentId),
    /// Send a public reply by email; it waits for a mail server (R28).
    Email(TicketId, Seq),
}

/// One row as it shall be; none where it shall be gone. Done twice, it undoes itself: what was there is left in it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is a table of `Rows`, with its key")]
pub enum Write {
    Settings(Settings),
    Agent(AgentId, Option<AgentRecord>),
    Group(GroupId, Option<String>),
    Macro(MacroId, Option<Macro>),
    Thread(ChatThreadId, Option<ThreadRecord>),
    Conversation((ChatThreadId, u64), Option<Box<Conversation>>),
    Ticket(TicketId, Option<TicketRecord>),
    Said((ChatThreadId, Seq), Option<ThreadEntry>),
    Logged((TicketId, Seq), Option<TicketEntry>),
    Command(ClientMessageId, Option<Known>),
    Job(u64, Option<Job>),
    LastJob(u64),
}

impl Rows {
    /// The highest number of a ticket.
    #[must_use]
    pub fn last_ticket(&self) -> u64 {
        self.tickets.keys().next_back().map_or(0, |last| last.0)
    }

    /// Takes the place of other data: under another epoch, with numbers that nothing of it had, and a look at the queue.
    #[must_use]
    pub fn in_place_of(mut self, other: &Self) -> Self {
        self.epoch = other.epoch + 1;
        self.last_ticket = [self.last_ticket(), other.last_ticket(), other.last_ticket]
            .into_iter()
            .max()
            .unwrap_or_default();
        let (jobs, last) = (std::mem::take(&mut self.jobs), self.last_job.max(other.last_job));
        self.jobs = jobs
            .into_iter()
            .map(|(number, job)| (number + last, job))
            .collect();
        self.last_job = self.jobs.keys().next_back().copied().unwrap_or(last);
        if self.jobs.values().all(|job| job.kind != JobKind::Assign) {
            self.last_job += 1;
            let look = Job {
                kind: JobKind::Assign,
                due_at: Timestamp(0),
            };
            self.jobs.insert(self.last_job, look);
        }
        self
    }

    /// Writes a row; what was there before is left in `write`.
    pub fn write(&mut self, write: &mut Write) {
        match write {
            Write::Settings(row) => std::mem::swap(&mut self.settings, row),
            Write::Agent(key, row) => swap(&mut self.agents, *key, row),
            Write::Group(key, row) => swap(&mut self.groups, *key, row),
            Write::Macro(key, row) => swap(&mut self.macros, *key, row),
            Write::Thread(key, row) => swap(&mut self.threads, *key, row),
            Write::Conversation(key, row) => {
                let after = row.take().map(|row| *row);
                let before = match after {
                    Some(after) => self.conversations.insert(*key, after),
                    None => self.conversations.remove(key),
                };
                *row = before.map(Box::new);
            }
            Write::Ticket(key, row) => swap(&mut self.tickets, *key, row),
            Write::Said(key, row) => swap(&mut self.said, *key, row),
            Write::Logged(key, row) => swap(&mut self.logged, *key, row),
            Write::Command(key, row) => swap(&mut self.commands, *key, row),
            Write::Job(key, row) => swap(&mut self.jobs, *key, row),
            Write::LastJob(row) => std::mem::swap(&mut self.last_job, row),
        }
    }

    /// A chat thread with all of its conversations.
    #[must_use]
    pub fn thread(&self, id: ChatThreadId) -> Option<ChatThread> {
        let record = self.threads.get(&id)?;
        Some(ChatThread {
            id,
            end_user: record.end_user.clone(),
            head: record.head,
            last_at: record.last_at,
            conversations: self.conversations_of(id).cloned().collect(),
        })
    }

    /// The chat thread of a visitor; none before the first message (R01).
    #[must_use]
    pub fn thread_of(&self, site: SiteId, secret_hash: [u8; 32]) -> Option<ChatThreadId> {
        let its = |record: &ThreadRecord| record.site == site && record.secret_hash == secret_hash;
        self.threads
            .iter()
            .find(|(_, record)| its(record))
            .map(|(id, _)| *id)
    }

    /// The conversations of a chat thread, oldest first.
    pub fn conversations_of(&self, thread: ChatThreadId) -> impl DoubleEndedIterator<Item = &Conversation> {
        self.conversations
            .range((thread, 0)..=(thread, u64::MAX))
            .map(|(_, it)| it)
    }

    /// The latest conversation of a chat thread.
    #[must_use]
    pub fn latest_of(&self, thread: ChatThreadId) -> Option<&Conversation> {
        self.conversations_of(thread).next_back()
    }

    /// The conversation of a ticket.
    #[must_use]
    pub fn conversation_of(&self, ticket: TicketId) -> Option<&Conversation> {
        let record = self.tickets.get(&ticket)?;
        self.conversations.get(&(record.thread, record.number))
    }

    /// The chat thread in which a session is.
    #[must_use]
    pub fn thread_of_session(&self, session: SessionId) -> Option<ChatThreadId> {
        self.conversations
            .iter()
            .find(|(_, it)| it.id == session)
            .map(|((thread, _), _)| *thread)
    }

    /// The entries of a thread log after a number.
    pub fn thread_log(&self, thread: ChatThreadId, after: Seq) -> impl Iterator<Item = &ThreadEntry> {
        self.said
            .range((thread, after.next())..=(thread, Seq(u64::MAX)))
            .map(|(_, entry)| entry)
    }

    /// The entries of a ticket log after a number.
    pub fn ticket_log(&self, ticket: TicketId, after: Seq) -> impl Iterator<Item = &TicketEntry> {
        self.logged
            .range((ticket, after.next())..=(ticket, Seq(u64::MAX)))
            .map(|(_, entry)| entry)
    }
}

fn swap<K: Ord, V>(table: &mut BTreeMap<K, V>, key: K, row: &mut Option<V>) {
    *row = match row.take() {
        Some(row) => table.insert(key, row),
        None => table.remove(&key),
    };
}
