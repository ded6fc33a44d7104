//! The workspace's machine at a desk: what the server tells it, what an agent does, and a clock that is moved by hand.
#![expect(unreachable_pub, reason = "read by every rule test, like a crate of its own")]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use causerie_core::agent::{Availability, Role};
use causerie_core::client::agent::{AgentClient, Draft, Effect, Input, LogItem, View};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{End, EndedBy, Session};
use causerie_core::settings::Settings;
use causerie_core::ticket::composer::Picked;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, CommentTo, Priority, Status, Ticket};
use causerie_core::time::Span;
use causerie_core::wire::Refused;
use causerie_core::wire::agent::{AgentRow, Down, TicketRow, Up, Welcome};
use causerie_core::{AgentId, ChatThreadId, ClientMessageId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;

pub const ME: AgentId = AgentId(1);
pub const OTHER: AgentId = AgentId(2);
pub const SEVEN: TicketId = TicketId(7);

pub fn cid(n: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(n))
}

pub fn row(ticket: u64, assignee: Option<AgentId>, status: Status) -> TicketRow {
    TicketRow {
        ticket: Ticket {
            id: TicketId(ticket),
            subject: "Where is it?".to_owned(),
            status,
            priority: Priority::Normal,
            assignee,
            group: None,
            tags: Vec::new(),
            fields: Vec::new(),
            channel: Channel::Messaging,
            routing: Channel::Messaging,
            head: Seq(1),
        },
        thread: ChatThreadId(Uuid::from_u128(1)),
        end_user: None,
        session_id: SessionId(Uuid::from_u128(u128::from(ticket))),
        session: Session::Active { since: Timestamp(0) },
        requester: None,
        email: None,
        erased: false,
        previous: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(i64::try_from(ticket).expect("small")),
    }
}

pub fn ended(mut row: TicketRow) -> TicketRow {
    let by = EndedBy::Agent(OTHER);
    row.session = Session::Ended(End { at: Timestamp(5), by });
    row.ticket.head = Seq(3);
    row
}

/// The ticket of somebody who was erased.
pub fn erased(row: TicketRow) -> TicketRow {
    let mut row = ended(row);
    row.erased = true;
    row.updated_at.0 += 1;
    row
}

pub fn agent(id: AgentId, availability: Availability) -> AgentRow {
    AgentRow {
        id,
        name: "A".to_owned(),
        role: Role::Agent,
        groups: Vec::new(),
        availability,
        messaging_used: 0,
        messaging_max: 3,
        email_used: 0,
        email_max: 5,
    }
}

pub fn welcome(tickets: Vec<TicketRow>) -> Welcome {
    Welcome {
        me: ME,
        agents: vec![
            agent(ME, Availability::Offline),
            agent(OTHER, Availability::Online),
        ],
        groups: Vec::new(),
        macros: Vec::new(),
        settings: Settings::default(),
        tickets,
        more: false,
        mail: false,
        epoch: 1,
        build: "build-1".to_owned(),
    }
}

pub fn said(seq: u64) -> ThreadEntry {
    ThreadEntry {
        seq: Seq(seq),
        at: Timestamp(0),
        session: SessionId(Uuid::from_u128(7)),
        author: Author::EndUser,
        text: seq.to_string(),
        replies: Vec::new(),
        cid: None,
        erased: false,
    }
}

pub fn happened(seq: u64, after: u64, what: TicketEvent) -> TicketEntry {
    TicketEntry {
        seq: Seq(seq),
        audit: Seq(seq),
        after: Seq(after),
        at: Timestamp(0),
        by: By::System,
        what,
    }
}

pub fn created(from: u64, to: u64) -> TicketEntry {
    let (from, to) = (Seq(from), Seq(to));
    happened(
        1,
        to.0,
        TicketEvent::Created {
            from,
            to,
            previous: None,
        },
    )
}

pub fn note(seq: u64, after: u64) -> TicketEntry {
    happened(
        seq,
        after,
        TicketEvent::Noted {
            text: "psst".to_owned(),
        },
    )
}

pub fn kept(text: &str, picked: Option<Picked>) -> Effect {
    let text = text.to_owned();
    Effect::KeepDraft {
        ticket: SEVEN,
        draft: Draft {
            text,
            picked,
            after_erasure: false,
        },
    }
}

/// A note picked in a live session.
pub const NOTE: Picked = Picked {
    to: CommentTo::Note,
    instead_of: CommentTo::Messaging,
};

pub fn refused(of: u128, code: &str, retryable: bool) -> Down {
    Down::Refused(Refused {
        cid: Some(cid(of)),
        code: code.to_owned(),
        message: "No.".to_owned(),
        retryable,
        retry_after_ms: None,
    })
}

/// The workspace and its clock.
pub struct Desk {
    pub client: AgentClient,
    pub now: Timestamp,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            client: AgentClient::new("build-1".to_owned()),
            now: Timestamp(1_000_000),
        }
    }

    pub fn with(tickets: Vec<TicketRow>) -> Self {
        let mut desk = Self::new();
        desk.signs_in(welcome(tickets));
        desk
    }

    pub fn signs_in(&mut self, welcome: Welcome) -> Vec<Effect> {
        assert!(self.feed(Input::Wanted).contains(&Effect::FetchConnectToken));
        self.connects(welcome)
    }

    pub fn connects(&mut self, welcome: Welcome) -> Vec<Effect> {
        assert_eq!(self.feed(Input::ConnectToken("t".to_owned())), [Effect::Connect]);
        let token = "t".to_owned();
        assert_eq!(
            self.feed(Input::SocketOpened)[0],
            Effect::Send(Up::Hello { token })
        );
        self.frame(Down::Welcome(Box::new(welcome)))
    }

    pub fn reconnects(&mut self, welcome: Welcome) -> Vec<Effect> {
        self.feed(Input::SocketClosed { code: 1006 });
        assert!(self.feed(Input::Online).contains(&Effect::FetchConnectToken));
        self.connects(welcome)
    }

    pub fn feed(&mut self, input: Input) -> Vec<Effect> {
        self.client.handle(input, self.now, u32::MAX / 2)
    }

    pub fn frame(&mut self, frame: Down) -> Vec<Effect> {
        self.feed(Input::Frame(frame))
    }

    pub fn entries(&mut self, thread: Vec<ThreadEntry>, log: Vec<TicketEntry>) -> Vec<Up> {
        sent(self.frame(Down::Entries {
            ticket: SEVEN,
            thread,
            log,
        }))
    }

    pub fn replies(&mut self, id: u128, to: CommentTo, text: &str) -> Vec<Up> {
        sent(self.feed(Input::Replied {
            cid: cid(id),
            ticket: SEVEN,
            to,
            text: text.to_owned(),
        }))
    }

    pub fn picks(&mut self, to: CommentTo) -> Vec<Effect> {
        self.feed(Input::ChannelPicked { ticket: SEVEN, to })
    }

    pub fn edits(&mut self, text: &str) -> Vec<Up> {
        sent(self.writes(text))
    }

    pub fn writes(&mut self, text: &str) -> Vec<Effect> {
        self.feed(Input::Edited {
            ticket: SEVEN,
            text: text.to_owned(),
        })
    }

    pub fn pass(&mut self, ms: i64) -> Vec<Effect> {
        self.now = self.now.after(Span(ms));
        self.feed(Input::TimerFired)
    }

    pub fn list(&self, view: View) -> Vec<u64> {
        self.client
            .tickets(view)
            .into_iter()
            .map(|row| row.ticket.id.0)
            .collect()
    }

    /// The one order: thread numbers as they are, ticket numbers behind a dash.
    pub fn log(&self) -> Vec<String> {
        let shown = |item: LogItem<'_>| match item {
            LogItem::Said(entry) => entry.seq.to_string(),
            LogItem::Happened(entry) => ["-", &entry.seq.to_string()].concat(),
        };
        self.client.log().into_iter().map(shown).collect()
    }
}

pub fn sent(effects: Vec<Effect>) -> Vec<Up> {
    let frame = |effect| {
        if let Effect::Send(frame) = effect {
            Some(frame)
        } else {
            None
        }
    };
    effects.into_iter().filter_map(frame).collect()
}

pub fn open(thread: u64, log: u64) -> Up {
    Up::Open {
        ticket: SEVEN,
        thread: Seq(thread),
        log: Seq(log),
    }
}
