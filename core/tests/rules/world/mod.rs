//! A small world for rule tests: one chat thread, its two logs, agents, and a clock moved by hand.
//!
//! Every command that passes through here is checked against the invariants that hold after any command.
#![expect(unreachable_pub, reason = "read by every rule test, like a crate of its own")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::agent::{Agent, Availability, Group, Role};
use causerie_core::bot::Flow;
use causerie_core::chat_thread::{
    Actor, ChatThread, Circumstances, Command, CustomerMessage, Decision, Effect, Event, Outcome, Rejection,
    handle,
};
use causerie_core::conversation::Conversation;
use causerie_core::end_user::EndUser;
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::routing::capacity::{self, Room};
use causerie_core::session::{End, Placement, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::event::{TicketEntry, TicketEvent};
use causerie_core::ticket::{Comment, CommentTo, Set, Status, Ticket, Update};
use causerie_core::time::Span;
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, Seq, SessionId, TicketId, Timestamp,
};
use uuid::Uuid;

pub const SUPPORT: GroupId = GroupId(1);
pub const SALES: GroupId = GroupId(2);

/// One chat thread and all that surrounds it.
pub struct World {
    pub thread: ChatThread,
    pub now: Timestamp,
    pub settings: Settings,
    pub flow: Flow,
    pub someone_available: bool,
    pub thread_log: Vec<ThreadEntry>,
    pub ticket_logs: BTreeMap<TicketId, Vec<TicketEntry>>,
    pub jobs: Vec<Effect>,
    pub groups: Vec<Group>,
    rooms: BTreeMap<AgentId, Room>,
    known: BTreeMap<ClientMessageId, Outcome>,
    ends: BTreeMap<SessionId, End>,
    next: u128,
}

pub fn amy() -> Agent {
    Agent {
        id: AgentId(1),
        name: "Amy".to_owned(),
        role: Role::Agent,
        groups: vec![SUPPORT],
    }
}

pub fn ben() -> Agent {
    Agent {
        id: AgentId(2),
        name: "Ben".to_owned(),
        role: Role::Agent,
        groups: vec![SALES],
    }
}

pub fn ada_the_admin() -> Agent {
    Agent {
        id: AgentId(3),
        name: "Ada".to_owned(),
        role: Role::Admin,
        groups: Vec::new(),
    }
}

impl World {
    pub fn new() -> Self {
        let end_user = EndUser::anonymous(EndUserId(Uuid::from_u128(1)), "en".to_owned());
        let rooms = [amy(), ben(), ada_the_admin()].map(|agent| {
            let room = Room {
                agent: agent.id,
                name: agent.name,
                groups: agent.groups,
                availability: Availability::Online,
                used: 0,
                max: 3,
            };
            (agent.id, room)
        });
        Self {
            thread: ChatThread::new(ChatThreadId(Uuid::from_u128(2)), end_user),
            now: Timestamp(1_000_000),
            settings: Settings::default(),
            flow: Flow::default(),
            someone_available: true,
            thread_log: Vec::new(),
            ticket_logs: BTreeMap::new(),
            jobs: Vec::new(),
            groups: [(SUPPORT, "Support"), (SALES, "Sales")]
                .map(|(id, name)| Group {
                    id,
                    name: name.to_owned(),
                    someone_available: true,
                })
                .to_vec(),
            rooms: BTreeMap::from(rooms),
            known: BTreeMap::new(),
            ends: BTreeMap::new(),
            next: 100,
        }
    }

    /// A world in which the visitor has written and is with people, the ticket assigned to Amy.
    pub fn with_amy() -> (Self, TicketId) {
        let mut world = Self::new();
        world.says("hello");
        let ticket = world.hands_off();
        world.update(ticket, &amy(), assign_to(amy().id)).unwrap();
        (world, ticket)
    }

    pub fn pass(&mut self, span: Span) {
        self.now = self.now.after(span);
    }

    pub fn fresh_cid(&mut self) -> ClientMessageId {
        self.next += 1;
        ClientMessageId(Uuid::from_u128(self.next))
    }

    pub fn room(&mut self, agent: AgentId) -> &mut Room {
        self.rooms.get_mut(&agent).unwrap()
    }

    /// The agent is gone from the installation.
    pub fn forget(&mut self, agent: AgentId) {
        self.rooms.remove(&agent);
    }

    /// The customer writes, having seen all there is.
    pub fn says(&mut self, text: &str) -> (SessionId, Seq, Placement) {
        let cid = self.fresh_cid();
        let seen = self.thread.head;
        self.sends(cid, text, seen)
    }

    /// A message arrives, as the store would take it: looked up by its id before any state is asked (R11).
    pub fn sends(&mut self, cid: ClientMessageId, text: &str, seen: Seq) -> (SessionId, Seq, Placement) {
        let outcome = match self.known.get(&cid) {
            Some(outcome) => *outcome,
            None => {
                let text = Text::parse(text).unwrap();
                let message = CustomerMessage {
                    cid,
                    text,
                    seen,
                    composed_against: None,
                };
                let outcome = self.run(Command::CustomerMessage(message)).unwrap();
                self.known.insert(cid, outcome);
                outcome
            }
        };
        match outcome {
            Outcome::Said {
                session,
                seq,
                placement,
            } => (session, seq, placement),
            other @ (Outcome::Ended { .. } | Outcome::Done { .. }) => panic!("not placed: {other:?}"),
        }
    }

    pub fn hands_off(&mut self) -> TicketId {
        self.run(Command::HandOff).unwrap();
        self.ticket_of_latest().id
    }

    pub fn ends(&mut self, ticket: TicketId, agent: &Agent) -> Result<Outcome, Rejection> {
        let session = self.thread.of_ticket(ticket).unwrap().id;
        self.run(Command::EndSession {
            session,
            by: Actor::Agent(agent.clone()),
        })
    }

    pub fn ends_as(&mut self, session: SessionId, by: Actor) -> Result<Outcome, Rejection> {
        self.run(Command::EndSession { session, by })
    }

    pub fn update(&mut self, ticket: TicketId, agent: &Agent, update: Update) -> Result<Outcome, Rejection> {
        let cid = Some(self.fresh_cid());
        self.run(Command::UpdateTicket {
            ticket,
            by: Actor::Agent(agent.clone()),
            update,
            cid,
        })
    }

    /// The person is erased, as a shell does it: decided, and tombstones put in the place of what was said.
    pub fn erases(&mut self) {
        self.run(Command::Erase).unwrap();
        for entry in &mut self.thread_log {
            *entry = entry.tombstone();
        }
        for entry in self.ticket_logs.values_mut().flatten() {
            *entry = entry.tombstone();
        }
        self.thread.end_user = self.thread.end_user.tombstone();
        self.check();
    }

    /// Decides, folds, writes, and checks what must hold after every command.
    pub fn run(&mut self, command: Command) -> Result<Outcome, Rejection> {
        let gives_work = matches!(command, Command::Assign { .. } | Command::ReturnToQueue { .. });
        let named = gives_work
            .then(|| amy().id)
            .or_else(|| command.asks_for_room_of(&self.thread));
        self.next += 1;
        let around = Circumstances {
            now: self.now,
            fresh_session: SessionId(Uuid::from_u128(self.next)),
            fresh_ticket: TicketId(self.ticket_logs.len() as u64 + 1),
            settings: &self.settings,
            flow: &self.flow,
            groups: &self.groups,
            someone_available: self.someone_available,
            room: named.and_then(|agent| self.rooms.get(&agent)),
        };
        let before = self.thread.clone();
        let decision = handle(&before, command.clone(), &around)?;
        assert_eq!(
            handle(&before, command, &around).as_ref(),
            Ok(&decision),
            "the same input gives the same decision"
        );
        self.write(&before, decision)
    }

    fn write(&mut self, before: &ChatThread, decision: Decision) -> Result<Outcome, Rejection> {
        let mut folded = before.clone();
        for event in &decision.events {
            folded.apply(event);
            match event {
                Event::Said(entry) => self.thread_log.push(entry.clone()),
                Event::TicketLogged { ticket, entry, .. } => {
                    self.ticket_logs.entry(*ticket).or_default().push(entry.clone());
                }
                Event::ConversationStarted(_)
                | Event::BotMoved { .. }
                | Event::EndUserDescribed { .. }
                | Event::MovedTo(_)
                | Event::Erased
                | Event::SessionChanged { .. }
                | Event::TicketCreated { .. } => {}
            }
        }
        assert_eq!(folded, decision.after, "i33: the events fold to the state");
        self.thread = decision.after;
        self.jobs.extend(decision.effects);
        self.check();
        Ok(decision.outcome)
    }

    /// The invariants that hold after every command.
    fn check(&mut self) {
        for (at, entry) in self.thread_log.iter().enumerate() {
            assert_eq!(entry.seq, Seq(at as u64 + 1), "i24: the thread log has no hole");
        }
        assert_eq!(
            self.thread.head,
            Seq(self.thread_log.len() as u64),
            "i24: the head is the last number"
        );
        let times: Vec<_> = self.thread_log.iter().map(|entry| entry.at).collect();
        assert!(times.is_sorted(), "i31: time never runs back in a log");
        for log in self.ticket_logs.values() {
            for (at, entry) in log.iter().enumerate() {
                assert_eq!(entry.seq, Seq(at as u64 + 1), "i24: a ticket's log has no hole");
            }
            let order: Vec<_> = log.iter().map(|entry| (entry.after, entry.seq)).collect();
            assert!(order.is_sorted(), "both logs have one order");
        }
        let live = self
            .thread
            .conversations
            .iter()
            .filter(|each| each.is_live())
            .count();
        assert!(live <= 1, "r05: at most one live conversation");
        let sessions: BTreeSet<_> = self.thread.conversations.iter().map(|each| each.id).collect();
        assert_eq!(
            sessions.len(),
            self.thread.conversations.len(),
            "i01: one session per conversation"
        );
        for conversation in &self.thread.conversations {
            if let Some(end) = conversation.session.ended() {
                let first = *self.ends.entry(conversation.id).or_insert(end);
                assert_eq!(first, end, "i01: who, when and why are write-once");
            } else {
                assert!(
                    !self.ends.contains_key(&conversation.id),
                    "i01: ended is terminal"
                );
            }
            self.check_nothing_after_the_end(conversation);
        }
        let customers: Vec<_> = self
            .thread_log
            .iter()
            // Of whoever was erased the ids are taken still, but not here.
            .filter(|entry| entry.author == Author::EndUser && !entry.erased)
            .collect();
        let ids: BTreeSet<_> = customers.iter().filter_map(|entry| entry.cid).collect();
        assert_eq!(ids.len(), customers.len(), "i06: an accepted message stands once");
    }

    fn check_nothing_after_the_end(&self, conversation: &Conversation) {
        let Some(ticket) = conversation.ticket() else {
            return;
        };
        let log = self.ticket_logs.get(&ticket.id).map_or(&[][..], Vec::as_slice);
        let mut ends = log
            .iter()
            .filter(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }));
        let end = ends.next();
        assert!(ends.next().is_none(), "i07: one end event");
        assert_eq!(
            end.is_some(),
            conversation.session.ended().is_some(),
            "r22: the end is in the history exactly when the session has ended"
        );
        if let Some(end) = end {
            let late = self
                .thread_log
                .iter()
                .find(|entry| entry.session == conversation.id && entry.seq > end.after);
            assert_eq!(
                late, None,
                "i02: nothing of the conversation stands after its end"
            );
        }
    }

    pub fn latest(&self) -> &Conversation {
        self.thread.latest().unwrap()
    }

    pub fn ticket_of_latest(&self) -> &Ticket {
        self.latest().ticket().unwrap()
    }

    pub fn ticket(&self, ticket: TicketId) -> &Ticket {
        self.thread
            .of_ticket(ticket)
            .and_then(Conversation::ticket)
            .unwrap()
    }

    pub fn session_state(&self, ticket: TicketId) -> SessionState {
        self.thread.of_ticket(ticket).unwrap().session.state()
    }

    pub fn history(&self, ticket: TicketId) -> Vec<TicketEvent> {
        self.ticket_logs[&ticket]
            .iter()
            .map(|entry| entry.what.clone())
            .collect()
    }

    /// What the customer said in a conversation, in order.
    pub fn texts(&self, session: SessionId) -> Vec<&str> {
        self.thread_log
            .iter()
            .filter(|entry| entry.session == session && entry.author == Author::EndUser)
            .map(|entry| entry.text.as_str())
            .collect()
    }

    /// Slots in use, recomputed from the sessions themselves.
    pub fn used(&self, agent: AgentId) -> usize {
        let held = |each: &&Conversation| capacity::holder(each, &self.settings) == Some(agent);
        self.thread.conversations.iter().filter(held).count()
    }
}

pub fn assign_to(agent: AgentId) -> Update {
    Update {
        assignee: Some(Set::To(agent)),
        ..Update::default()
    }
}

pub fn to_status(status: Status) -> Update {
    Update {
        status: Some(status),
        ..Update::default()
    }
}

pub fn comment(to: CommentTo, text: &str) -> Update {
    Update {
        comment: Some(Comment {
            to,
            text: Text::parse(text).unwrap(),
        }),
        ..Update::default()
    }
}
