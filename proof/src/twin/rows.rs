//! The tables, and what is written to them: one row at a time, so that a crash can come between any two.

use std::collections::BTreeMap;

use causerie_core::agent::{Agent, Availability};
use causerie_core::chat_thread::{ChatThread, Outcome};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::message::ThreadEntry;
use causerie_core::planted::{self, Bug};
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId, Timestamp,
};

use super::{Refusal, SecretHash, SiteId};

/// A secret, on its site.
pub type SecretKey = (SiteId, SecretHash);

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
    /// The end users: anonymous visitors, and people whom their site has identified.
    pub end_users: BTreeMap<EndUserId, EndUserRecord>,
    /// The secrets by which identified people are known (R47).
    pub devices: BTreeMap<SecretKey, Device>,
    /// The secrets that a login has taken the place of: they open nothing.
    pub retired: BTreeMap<SecretKey, Retired>,
    /// Who was erased: never forgotten, whatever backup is put back.
    pub erasures: BTreeMap<EndUserId, Erasure>,
    /// The chat threads.
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

/// An end user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndUserRecord {
    /// On which site.
    pub site: SiteId,
    /// An anonymous visitor's secret, hashed, for as long as it is theirs.
    pub secret_hash: Option<SecretHash>,
    /// As the rules know them.
    pub end_user: EndUser,
}

/// A device on which a person is logged in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    /// Who.
    pub end_user: EndUserId,
    /// Until when.
    pub until: Timestamp,
}

/// A secret that is nobody's any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retired {
    /// The anonymous visitor whose it was, if they had written.
    pub end_user: Option<EndUserId>,
    /// Who logged in.
    pub person: EndUserId,
    /// When.
    pub at: Timestamp,
}

/// What is remembered of an erasure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// With whom: themself, or the person they turned out to be.
    pub person: EndUserId,
    /// When.
    pub at: Timestamp,
    /// How many entries of thread logs.
    pub messages: u64,
    /// How many tickets.
    pub tickets: u64,
}

/// A chat thread's head, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadRecord {
    /// Whose.
    pub end_user: EndUserId,
    /// Whether what the end user writes goes here.
    pub current: bool,
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
    EndUser(EndUserId, Option<EndUserRecord>),
    Device(SecretKey, Option<Device>),
    Retired(SecretKey, Option<Retired>),
    Erasure(EndUserId, Option<Erasure>),
    Epoch(u64),
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
    /// Whoever was erased since is erased in it as well.
    ///
    /// # Errors
    /// Core refuses to erase somebody.
    pub fn in_place_of(mut self, other: &Self, now: Timestamp) -> Result<Self, Refusal> {
        self.epoch = other.epoch + 1;
        for (id, erasure) in &other.erasures {
            self.erasures.insert(*id, *erasure);
        }
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
        if !planted::is(Bug::RaisesErased) {
            self.erase_again(now)?;
        }
        Ok(self)
    }

    /// Writes a row; what was there before is left in `write`.
    pub fn write(&mut self, write: &mut Write) {
        match write {
            Write::Settings(row) => std::mem::swap(&mut self.settings, row),
            Write::Agent(key, row) => swap(&mut self.agents, *key, row),
            Write::Group(key, row) => swap(&mut self.groups, *key, row),
            Write::Macro(key, row) => swap(&mut self.macros, *key, row),
            Write::EndUser(key, row) => swap(&mut self.end_users, *key, row),
            Write::Device(key, row) => swap(&mut self.devices, *key, row),
            Write::Retired(key, row) => swap(&mut self.retired, *key, row),
            Write::Erasure(key, row) => swap(&mut self.erasures, *key, row),
            Write::Epoch(row) => std::mem::swap(&mut self.epoch, row),
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
            end_user: self.end_users.get(&record.end_user)?.end_user.clone(),
            head: record.head,
            last_at: record.last_at,
            conversations: self.conversations_of(id).cloned().collect(),
        })
    }

    /// Whose a secret is: a person's, be the login's time over or not, or an anonymous visitor's who has written.
    #[must_use]
    pub fn end_user_of(&self, site: SiteId, secret_hash: SecretHash) -> Option<EndUserId> {
        let device = self
            .devices
            .get(&(site, secret_hash))
            .map(|device| device.end_user);
        device.or_else(|| self.anonymous(site, secret_hash))
    }

    /// The anonymous visitor whose secret it is, if they have written.
    #[must_use]
    pub fn anonymous(&self, site: SiteId, secret_hash: SecretHash) -> Option<EndUserId> {
        let its = |record: &EndUserRecord| record.site == site && record.secret_hash == Some(secret_hash);
        let mut all = self.end_users.iter();
        all.find(|(_, record)| its(record)).map(|(id, _)| *id)
    }

    /// The current chat thread of an end user; none before the first message (R01).
    #[must_use]
    pub fn current_of(&self, end_user: EndUserId) -> Option<ChatThreadId> {
        let its = |record: &ThreadRecord| record.current && record.end_user == end_user;
        let mut all = self.threads.iter();
        all.find(|(_, record)| its(record)).map(|(id, _)| *id)
    }

    /// The chat thread of a visitor; none before the first message (R01).
    #[must_use]
    pub fn thread_of(&self, site: SiteId, secret_hash: SecretHash) -> Option<ChatThreadId> {
        self.current_of(self.end_user_of(site, secret_hash)?)
    }

    /// All chat threads of an end user.
    pub fn threads_of(&self, end_user: EndUserId) -> impl Iterator<Item = ChatThreadId> {
        let its = move |record: &ThreadRecord| record.end_user == end_user;
        let all = self.threads.iter();
        all.filter(move |(_, record)| its(record)).map(|(id, _)| *id)
    }

    /// The site of a chat thread.
    #[must_use]
    pub fn site_of(&self, thread: ChatThreadId) -> Option<SiteId> {
        let whose = self.threads.get(&thread)?.end_user;
        Some(self.end_users.get(&whose)?.site)
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
