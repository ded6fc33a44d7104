//! The server: what it has committed, how it does a command, whom its worker picks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use causerie_core::agent::{Agent, Availability, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    Actor, ChatThread, Circumstances, Command, CustomerMessage, Effect, Event, Outcome, Rejection, handle,
};
use causerie_core::conversation::{Conversation, Stage};
use causerie_core::end_user::EndUser;
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::routing::assign::{self, Candidate, Waiting};
use causerie_core::routing::capacity::{self, Room};
use causerie_core::session::{End, EndedBy};
use causerie_core::settings::Settings;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::ticket::{Comment, CommentTo, Set, Update};
use causerie_core::time::Span;
use causerie_core::wire::end_user::{Ack, SessionReport};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;

use super::wire::{Down, Told};
use super::{AGENTS, agent_id};

/// The epoch of the data: this model restores no backup.
pub const EPOCH: u64 = 1;

/// Each agent has room for one live session, so that slots are scarce.
const ROOM: u32 = 1;

/// The bot greets, offers a person, and hands off when one is asked for.
static FLOW: LazyLock<Flow> = LazyLock::new(|| {
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
            | Self::EndForgotten => None,
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
            | Self::EndForgotten => false,
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
    /// An invariant of a single step that was broken.
    pub broken: Option<&'static str>,
    next: u64,
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
            settings: Settings::default(),
            now: Timestamp(1_000),
            ends: BTreeMap::new(),
            broken: None,
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
    fn room(&self, agent: AgentId) -> Room {
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

    /// Does one command, as the writer does: a client message id that is known is answered before any state is asked.
    fn carry_out(&mut self, request: &Request) -> Option<Told> {
        match request {
            Request::Send { tab, cid, text, seen } => {
                let outcome = match self.known.get(cid) {
                    Some(known) => *known,
                    None => {
                        let outcome = self.decide(message(*cid, text, *seen)).ok()?;
                        self.known.insert(*cid, outcome);
                        outcome
                    }
                };
                match outcome {
                    Outcome::Said {
                        session,
                        seq,
                        placement,
                    } => Some(Told::One(
                        *tab,
                        Down::Ack(Ack {
                            cid: *cid,
                            session,
                            seq,
                            placement,
                            elsewhere: false,
                        }),
                    )),
                    Outcome::Ended { .. } | Outcome::Done { .. } => None,
                }
            }
            Request::End { agent, session } => {
                let by = Actor::Agent(actor(*agent));
                let was_on = self.settings.agents_can_end_sessions;
                let lived = self.ends.get(session).map(|(end, _)| *end);
                match self.decide(Command::EndSession {
                    session: *session,
                    by,
                }) {
                    Ok(Outcome::Ended { end, already, .. }) => {
                        self.demand(already == lived.is_some(), "i07: who comes second is told so");
                        self.demand(
                            lived.is_none_or(|first| first == end),
                            "i07: every caller gets the same end",
                        );
                        self.demand(already || was_on, "i08: switched off, nobody ends");
                    }
                    Ok(Outcome::Said { .. } | Outcome::Done { .. }) => {
                        self.demand(false, "an end is answered by an end");
                    }
                    Err(_) => {}
                }
                None
            }
            Request::Take { agent, ticket } => {
                let update = Update {
                    assignee: Some(Set::To(*agent)),
                    ..Update::default()
                };
                self.update(*agent, *ticket, update);
                None
            }
            Request::Answer { agent, ticket } => {
                let text = Text::parse("Yes?").ok()?;
                let comment = Comment {
                    to: CommentTo::Messaging,
                    text,
                };
                let update = Update {
                    comment: Some(comment),
                    ..Update::default()
                };
                self.update(*agent, *ticket, update);
                None
            }
            Request::HandOff => {
                let _ = self.decide(Command::HandOff);
                None
            }
            Request::Switch => {
                self.settings.agents_can_end_sessions ^= true;
                None
            }
            Request::Assign { ticket, agent } => {
                let room = self.room(*agent);
                if self.other.of_ticket(*ticket).is_some() {
                    if let Some(after) = self.decide_other_in(Command::Assign { ticket: *ticket }, &room) {
                        self.other = after;
                    }
                } else {
                    let _ = self.decide_in(Command::Assign { ticket: *ticket }, Some(&room));
                }
                None
            }
            Request::EndForgotten => {
                let _ = self.decide(Command::EndForgotten);
                None
            }
        }
    }

    fn update(&mut self, agent: AgentId, ticket: TicketId, update: Update) {
        let command = Command::UpdateTicket {
            ticket,
            by: Actor::Agent(actor(agent)),
            update,
            cid: None,
        };
        let room = self.room(agent);
        if self.other.of_ticket(ticket).is_some() {
            if let Some(after) = self.decide_other_in(command, &room) {
                self.other = after;
            }
        } else {
            let _ = self.decide_in(command, Some(&room));
        }
    }

    /// A message may wake somebody's work: then it is their room that counts.
    fn decide(&mut self, command: Command) -> Result<Outcome, Rejection> {
        let room = self.thread.would_wake().map(|agent| self.room(agent));
        self.decide_in(command, room.as_ref())
    }

    /// Decides on the visitor's chat thread, writes, and checks what a single step has to keep.
    fn decide_in(&mut self, command: Command, room: Option<&Room>) -> Result<Outcome, Rejection> {
        let before = self.thread.clone();
        let decision = handle(&before, command.clone(), &self.around(room))?;
        self.next += 1;
        self.keeps_to(&before, &command, &decision.events);
        for event in &decision.events {
            match event {
                Event::Said(entry) => {
                    self.demand(
                        !(entry.author == Author::Bot && had_left_the_bot(&before, entry.session)),
                        "i19: the bot is silent once it has handed off",
                    );
                    self.log.push(entry.clone());
                }
                Event::TicketLogged { ticket, entry, .. } => {
                    self.ticket_logs.entry(*ticket).or_default().push(entry.clone());
                }
                Event::SessionChanged { session, .. } => {
                    self.demand(
                        !self.ends.contains_key(session),
                        "i01: an ended session stays as it is",
                    );
                }
                Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::TicketCreated { .. } => {}
            }
        }
        self.assign_job |= decision.effects.contains(&Effect::AssignWaiting);
        for conversation in &decision.after.conversations {
            if let Some(end) = conversation.session.ended() {
                let head = before.head;
                let was = before.conversation(conversation.id);
                self.ends.entry(conversation.id).or_insert((end, head));
                let kept = match (was.and_then(Conversation::ticket), conversation.ticket()) {
                    (Some(was), Some(is)) => {
                        (was.status, was.assignee, &was.tags) == (is.status, is.assignee, &is.tags)
                    }
                    (None, None) | (Some(_), None) | (None, Some(_)) => true,
                };
                let just_ended = was.is_some_and(|was| was.session.ended().is_none());
                self.demand(
                    !just_ended || kept,
                    "i12: the end leaves the ticket's fields alone",
                );
                let early = matches!(end.by, EndedBy::System)
                    && just_ended
                    && was.is_some_and(|was| {
                        end.at < was.last_message_at.after(self.settings.bot_only_ends_after)
                    });
                self.demand(!early, "i21: a timer whose time has not come is harmless");
            }
        }
        self.thread = decision.after;
        Ok(decision.outcome)
    }

    /// What a command may not do, whatever the state.
    fn keeps_to(&mut self, before: &ChatThread, command: &Command, events: &[Event]) {
        let speaks = events.iter().any(|event| matches!(event, Event::Said(_)));
        let bot_moves = events.iter().any(|event| matches!(event, Event::BotMoved { .. }));
        match command {
            Command::EndSession { .. } | Command::EndForgotten => {
                self.demand(!speaks, "i14: the end is nothing in the thread log");
            }
            Command::TurnInactive { .. } | Command::CloseSolved { .. } => {
                self.demand(!speaks, "i21: what time does is nothing in the thread log");
            }
            Command::CustomerMessage(message) => {
                let asked = before.latest().and_then(|latest| match &latest.stage {
                    Stage::Bot(progress) if latest.is_live() => Some(progress.asked),
                    Stage::Bot(_) | Stage::HandedOff(_) => None,
                });
                let unseen = asked.is_some_and(|asked| message.seen < asked);
                let goes_on = events
                    .iter()
                    .all(|event| !matches!(event, Event::ConversationStarted(_)));
                self.demand(
                    !(unseen && goes_on && bot_moves),
                    "r10: what was written before a question does not answer it",
                );
            }
            Command::HandOff
            | Command::BusinessMessage { .. }
            | Command::DescribeEndUser { .. }
            | Command::LogIn { .. }
            | Command::UpdateTicket { .. }
            | Command::ReturnToQueue { .. } => {}
            Command::Assign { ticket } => {
                let waited = before.of_ticket(*ticket).is_some_and(assign::is_waiting);
                self.demand(waited, "i11: what waits for nobody is given to nobody");
            }
        }
    }

    fn decide_other(&mut self, command: Command) -> Option<ChatThread> {
        let room = self.room(agent_id(0));
        self.decide_other_in(command, &room)
    }

    /// Decides on the other visitor's chat thread. Nobody reads its thread log here; its ticket's log tells who has it.
    fn decide_other_in(&mut self, command: Command, room: &Room) -> Option<ChatThread> {
        let before = self.other.clone();
        let decision = handle(&before, command.clone(), &self.around(Some(room))).ok()?;
        self.next += 1;
        self.keeps_to(&before, &command, &decision.events);
        for event in &decision.events {
            if let Event::TicketLogged { ticket, entry, .. } = event {
                self.ticket_logs.entry(*ticket).or_default().push(entry.clone());
            }
        }
        self.assign_job |= decision.effects.contains(&Effect::AssignWaiting);
        Some(decision.after)
    }

    fn around<'a>(&'a self, room: Option<&'a Room>) -> Circumstances<'a> {
        Circumstances {
            now: self.now,
            fresh_session: SessionId(Uuid::from_u128(u128::from(1_000 + self.next))),
            fresh_ticket: TicketId(
                self.conversations()
                    .filter(|each| each.ticket().is_some())
                    .count() as u64
                    + 1,
            ),
            settings: &self.settings,
            flow: &FLOW,
            groups: &[],
            someone_available: true,
            room,
        }
    }

    fn demand(&mut self, holds: bool, invariant: &'static str) {
        if !holds {
            self.broken.get_or_insert(invariant);
        }
    }
}

fn thread(number: u128) -> ChatThread {
    let end_user = EndUser::anonymous(EndUserId(Uuid::from_u128(number)), "en".to_owned());
    ChatThread::new(ChatThreadId(Uuid::from_u128(10 + number)), end_user)
}

fn message(cid: ClientMessageId, text: &str, seen: Seq) -> Command {
    let text = match Text::parse(text) {
        Ok(text) => text,
        Err(fault) => unreachable!("the model's own words: {fault}"),
    };
    Command::CustomerMessage(CustomerMessage {
        cid,
        text,
        seen,
        composed_against: None,
    })
}

fn had_left_the_bot(before: &ChatThread, session: SessionId) -> bool {
    before.conversation(session).is_some_and(|was| match was.stage {
        Stage::HandedOff(_) => true,
        Stage::Bot(_) => was.session.ended().is_some(),
    })
}

fn name(agent: AgentId) -> String {
    format!("A{agent}")
}

/// Both are admins: whoever sees the ticket may end its session.
fn actor(agent: AgentId) -> Agent {
    Agent {
        id: agent,
        name: name(agent),
        role: Role::Admin,
        groups: Vec::new(),
    }
}
