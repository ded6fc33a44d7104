//! The server: what may be asked of it, what it has committed, whom its worker picks. How it does a command is in
//! `commands`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use causerie_core::agent::Availability;
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{ChatThread, Command, Outcome};
use causerie_core::conversation::{Conversation, Timer};
use causerie_core::end_user::EndUser;
use causerie_core::message::ThreadEntry;
use causerie_core::routing::assign::{self, Candidate, Waiting};
use causerie_core::routing::capacity::{self, Room};
use causerie_core::session::End;
use causerie_core::settings::Settings;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::time::Span;
use causerie_core::wire::end_user::SessionReport;
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;

use super::commands::{Step, message};
use super::wire::{Down, Told};
use super::{AGENTS, agent_id};

/// The epoch of the data: this model restores no backup.
pub const EPOCH: u64 = 1;

/// Each agent has room for one live session, so that slots are scarce.
const ROOM: u32 = 1;

/// The bot greets, offers a person, and hands off when one is asked for.
pub(super) static FLOW: LazyLock<Flow> = LazyLock::new(|| {
    let flow = Flow::parse(
        r#"
        default_locale = "en"
        start = "menu"
        welcome = "Hi"
        unclear = "?"
        not_an_email = "?"
        nobody_available = "Nobody is here."
        [[step]]
        id = "menu"
        say = "How can I help?"
        [[step.replies]]
        label = "Person"
        goto = "people"
        [[step]]
        id = "people"
        say = "A moment."
        hand_off = true
        "#,
    );
    match flow {
        Ok(flow) => flow,
        Err(faults) => unreachable!("the model's own flow: {faults:?}"),
    }
});

/// What is asked of the writer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Request {
    /// A tab's message.
    Send {
        /// Whose.
        tab: usize,
        /// Its id.
        cid: ClientMessageId,
        /// Its words.
        text: String,
        /// The last number that was seen when it was written.
        seen: Seq,
    },
    /// An agent ends a session.
    End {
        /// Who.
        agent: AgentId,
        /// Which.
        session: SessionId,
    },
    /// An agent takes a ticket.
    Take {
        /// Who.
        agent: AgentId,
        /// Which.
        ticket: TicketId,
    },
    /// An agent answers by messaging.
    Answer {
        /// Who.
        agent: AgentId,
        /// On which.
        ticket: TicketId,
    },
    /// The site's script passes control to people.
    HandOff,
    /// An admin switches *Agents can end messaging sessions*.
    Switch,
    /// The worker assigns.
    Assign {
        /// Which.
        ticket: TicketId,
        /// To whom.
        agent: AgentId,
    },
    /// The worker ends what is over by time.
    EndForgotten,
    /// The worker makes a session inactive, whose customer was silent when it looked (R06).
    TurnInactive(TicketId),
    /// The worker closes a ticket that was solved for long when it looked (R43).
    CloseSolved(TicketId),
    /// An agent solves a ticket.
    Solve {
        /// Who.
        agent: AgentId,
        /// Which.
        ticket: TicketId,
    },
    /// The other visitor writes.
    OtherWrites,
}

impl Request {
    /// The tab that sent it.
    #[must_use]
    pub const fn tab(&self) -> Option<usize> {
        match self {
            Self::Send { tab, .. } => Some(*tab),
            Self::End { .. }
            | Self::Take { .. }
            | Self::Answer { .. }
            | Self::HandOff
            | Self::Switch
            | Self::Assign { .. }
            | Self::EndForgotten
            | Self::TurnInactive(_)
            | Self::CloseSolved(_)
            | Self::Solve { .. }
            | Self::OtherWrites => None,
        }
    }

    /// Whether it travels, and so may get lost or come twice. What the process asks of itself does not.
    #[must_use]
    pub const fn can_get_lost(&self) -> bool {
        match self {
            Self::Send { .. } | Self::End { .. } => true,
            Self::Take { .. }
            | Self::Answer { .. }
            | Self::HandOff
            | Self::Switch
            | Self::Assign { .. }
            | Self::EndForgotten
            | Self::TurnInactive(_)
            | Self::CloseSolved(_)
            | Self::Solve { .. }
            | Self::OtherWrites => false,
        }
    }
}

/// What was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disk {
    /// The visitor's chat thread.
    pub thread: ChatThread,
    /// Another visitor's, whose ticket waits for an agent as well.
    pub other: ChatThread,
    /// The thread log.
    pub log: Vec<ThreadEntry>,
    /// The tickets' logs.
    pub ticket_logs: BTreeMap<TicketId, Vec<TicketEntry>>,
    /// What came of each client message id.
    pub known: BTreeMap<ClientMessageId, Outcome>,
    /// The job to look at the queue.
    pub assign_job: bool,
    /// The account's settings.
    pub settings: Settings,
    /// The time.
    pub now: Timestamp,
    /// How each session ended first, and where (*e*).
    pub ends: BTreeMap<SessionId, (End, Seq)>,
    /// What a single step had to keep, and did not.
    pub broken: Vec<Step>,
    pub(super) next: u64,
}

impl Disk {
    /// One on which nobody has written yet; with a queue, somebody else waits in it.
    #[must_use]
    pub fn new(queue: bool) -> Self {
        let mut disk = Self {
            thread: thread(1),
            other: thread(2),
            log: Vec::new(),
            ticket_logs: BTreeMap::new(),
            known: BTreeMap::new(),
            assign_job: false,
            settings: Settings {
                // Shorter than half a day of this model.
                solved_closes_after: Span::hours(12),
                ..Settings::default()
            },
            now: Timestamp(1_000),
            ends: BTreeMap::new(),
            broken: Vec::new(),
            next: 1,
        };
        if !queue {
            return disk;
        }
        for command in [
            message(ClientMessageId(Uuid::from_u128(1)), "hi", Seq(0)),
            Command::HandOff,
        ] {
            if let Some(after) = disk.decide_other(command) {
                disk.other = after;
            }
        }
        disk.assign_job = true;
        disk
    }

    /// Does a command and commits it; answers what is told then, and not earlier.
    pub fn commits(&mut self, request: &Request) -> Vec<Told> {
        let (head, reported) = (self.thread.head, self.thread.latest().map(SessionReport::of));
        let mut told: Vec<Told> = self.carry_out(request).into_iter().collect();
        let fresh: Vec<_> = self
            .log
            .iter()
            .filter(|entry| entry.seq > head)
            .cloned()
            .collect();
        if !fresh.is_empty() {
            told.push(Told::All(Down::Entries(fresh)));
        }
        let report = self.thread.latest().map(SessionReport::of);
        if let Some(report) = report
            && reported != Some(report)
        {
            told.push(Told::All(Down::Session(report)));
        }
        told
    }

    /// More than half of what makes a conversation with the bot forgotten.
    pub fn half_a_day_passes(&mut self) {
        self.now = self.now.after(Span::hours(13));
    }

    /// The latest session, while it lives and has a ticket.
    #[must_use]
    pub fn live_ticket(&self) -> Option<SessionId> {
        self.thread
            .latest()
            .filter(|latest| latest.is_live() && latest.ticket().is_some())
            .map(|latest| latest.id)
    }

    /// Tickets that wait for an agent.
    pub fn waiting(&self) -> impl Iterator<Item = TicketId> {
        self.conversations()
            .filter(|conversation| assign::is_waiting(conversation))
            .filter_map(|conversation| conversation.ticket().map(|ticket| ticket.id))
    }

    /// The visitor's latest ticket, if it is this agent's.
    #[must_use]
    pub fn assigned_to(&self, agent: AgentId) -> Option<TicketId> {
        let ticket = self.thread.latest()?.ticket()?;
        (ticket.assignee == Some(agent)).then_some(ticket.id)
    }

    /// What the worker would ask about what is due by time, on what it reads: anything may come before it.
    #[must_use]
    pub fn due(&self) -> Vec<Request> {
        let due = |timer: Timer| {
            self.conversations()
                .filter(move |conversation| conversation.is_due(timer, self.now, &self.settings))
                .filter_map(|conversation| conversation.ticket().map(|ticket| ticket.id))
        };
        let silent = due(Timer::Silence).map(Request::TurnInactive);
        silent
            .chain(due(Timer::Closing).map(Request::CloseSolved))
            .collect()
    }

    /// All conversations of both visitors.
    pub fn conversations(&self) -> impl Iterator<Item = &Conversation> {
        self.thread.conversations.iter().chain(&self.other.conversations)
    }

    /// An agent's slots in use, recomputed from the sessions themselves.
    #[must_use]
    pub fn used(&self, agent: AgentId) -> u32 {
        let held = |each: &&Conversation| capacity::holder(each, &self.settings) == Some(agent);
        self.conversations().filter(held).count() as u32
    }

    /// Sessions that an agent holds though there was no room: taken by hand, and written down as such.
    #[must_use]
    pub fn taken_over_capacity(&self, agent: AgentId) -> u32 {
        let over = |entry: &&TicketEntry| matches!(&entry.what, TicketEvent::Assignee { to: Some(to), over_capacity: true, .. } if *to == agent);
        self.ticket_logs.values().flatten().filter(over).count() as u32
    }

    /// How many slots an agent has.
    #[must_use]
    pub const fn most(&self) -> u32 {
        ROOM
    }

    /// Whom the worker would give what, on what it reads.
    #[must_use]
    pub fn picks(&self) -> Option<(TicketId, AgentId)> {
        let waiting: Vec<Waiting> = self
            .conversations()
            .filter(|conversation| assign::is_waiting(conversation))
            .filter_map(|conversation| {
                let ticket = conversation.ticket()?;
                Some(Waiting {
                    ticket: ticket.id,
                    priority: ticket.priority,
                    since: conversation.started_at,
                    group: ticket.group,
                })
            })
            .collect();
        let candidates: Vec<Candidate> = (0..AGENTS)
            .map(|index| Candidate {
                room: self.room(agent_id(index)),
                idle_since: Timestamp(0),
            })
            .collect();
        assign::choose(&waiting, &candidates)
    }

    /// The first agent is online, the second away: who is away gets nothing but what they take.
    pub(super) fn room(&self, agent: AgentId) -> Room {
        Room {
            agent,
            name: name(agent),
            groups: Vec::new(),
            availability: if agent == agent_id(0) {
                Availability::Online
            } else {
                Availability::Away
            },
            used: self.used(agent),
            max: ROOM,
        }
    }
}

fn thread(number: u128) -> ChatThread {
    let end_user = EndUser::anonymous(EndUserId(Uuid::from_u128(number)), "en".to_owned());
    ChatThread::new(ChatThreadId(Uuid::from_u128(10 + number)), end_user)
}

pub(super) fn name(agent: AgentId) -> String {
    format!("A{agent}")
}
