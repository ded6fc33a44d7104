//! A tab of the visitor's and a window of an agent's, each with all that it was told.

use causerie_core::chat_thread::Outcome;
use causerie_core::message::{Text, ThreadEntry};
use causerie_core::session::Placement;
use causerie_core::ticket::event::TicketEntry;
use causerie_core::ticket::{Comment, CommentTo, Update};
use causerie_core::wire::agent::TicketRow;
use causerie_core::wire::end_user::{Ack, Down, Send, SessionReport, Up};
use causerie_core::wire::{agent, end_user};
use causerie_core::{ClientMessageId, Seq, SessionId, TicketId};
use serde_json::Value;

use crate::support::{Server, Socket};

/// A tab, with every frame it got.
pub(crate) struct Tab {
    pub(crate) socket: Socket,
    pub(crate) frames: Vec<Value>,
    pub(crate) entries: Vec<ThreadEntry>,
    pub(crate) acks: Vec<Ack>,
    pub(crate) session: Option<SessionReport>,
}

impl Tab {
    pub(crate) async fn open(server: &Server, secret: &str) -> Self {
        let (socket, resumed) = server.visitor(secret, 0).await;
        Self {
            socket,
            frames: Vec::new(),
            entries: Vec::new(),
            acks: Vec::new(),
            session: resumed.session,
        }
    }

    /// Takes in the next frame. What a visitor is told is never a refusal here.
    pub(crate) async fn hears(&mut self) -> Down {
        let frame: Value = self.socket.hear().await;
        self.frames.push(frame.clone());
        let down: Down = serde_json::from_value(frame).unwrap();
        match &down {
            Down::Resumed(resumed) => self.session = resumed.session,
            Down::Session(report) => self.session = Some(*report),
            Down::Entries(entries) => {
                for entry in entries {
                    let next = self.entries.last().map_or(Seq(1), |last| last.seq.next());
                    assert_eq!(entry.seq, next, "I24: what a tab has is a prefix at any time");
                    self.entries.push(entry.clone());
                }
            }
            Down::Ack(ack) => self.acks.push(*ack),
            Down::Refused(refused) => panic!("{refused:?}"),
            Down::Typing(_) | Down::Read(_) | Down::Pong => {}
        }
        down
    }

    pub(crate) async fn acknowledged(&mut self, cid: ClientMessageId) -> Ack {
        loop {
            if let Some(ack) = self.acks.iter().rev().find(|ack| ack.cid == cid) {
                return *ack;
            }
            self.hears().await;
        }
    }

    /// Sends and waits until it stands.
    pub(crate) async fn sends(&mut self, send: Send) -> Ack {
        self.acks.retain(|ack| ack.cid != send.cid);
        self.socket.say(&Up::Send(send.clone())).await;
        self.acknowledged(send.cid).await
    }

    /// Until it has the whole log and the session's last state.
    pub(crate) async fn rests_at(&mut self, head: Seq, session: Option<SessionReport>) {
        while self.entries.last().map(|last| last.seq) != Some(head) || self.session != session {
            self.hears().await;
        }
    }

    /// R19, R20: a visitor is told the log, their own acknowledgements and the session's state; none of the `secrets`.
    pub(crate) fn was_told_nothing_of(&self, secrets: &[&str]) {
        for frame in &self.frames {
            let down: Down = serde_json::from_value(frame.clone()).unwrap();
            let text = match down {
                Down::Session(_) => {
                    let report = frame["Session"].as_object().unwrap();
                    let told = ["id", "state", "ticket", "ended"];
                    assert!(report.keys().all(|key| told.contains(&key.as_str())), "{frame}");
                    continue;
                }
                Down::Resumed(resumed) => serde_json::to_string(&end_user::Resumed {
                    session: None,
                    ..resumed
                }),
                Down::Entries(_) | Down::Ack(_) | Down::Refused(_) => serde_json::to_string(frame),
                Down::Typing(_) | Down::Read(_) | Down::Pong => serde_json::to_string(frame),
            };
            let text = text.unwrap();
            for secret in secrets {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}

/// What an agent's command came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    Done(Outcome),
    Refused(String),
}

/// An agent's window, with what it was told of the ticket that is open in it.
pub(crate) struct Window {
    pub(crate) socket: Socket,
    pub(crate) thread: Vec<ThreadEntry>,
    pub(crate) log: Vec<TicketEntry>,
    /// Every ticket it was told of, newest last.
    pub(crate) rows: Vec<TicketRow>,
    answers: Vec<(Option<ClientMessageId>, Answered)>,
}

impl Window {
    pub(crate) async fn open(server: &Server, email: &str) -> Self {
        Self {
            socket: server.agent_socket(email).await.0,
            thread: Vec::new(),
            log: Vec::new(),
            rows: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Follows a ticket, and forgets what was told of others.
    pub(crate) async fn follows(&mut self, ticket: TicketId) {
        let (thread, log) = (Seq(0), Seq(0));
        self.socket.say(&agent::Up::Open { ticket, thread, log }).await;
        self.thread.clear();
        self.log.clear();
        self.rows.clear();
        self.answers.clear();
    }

    pub(crate) async fn hears(&mut self) {
        match self.socket.hear().await {
            agent::Down::Entries { thread, log, .. } => {
                for entry in thread {
                    if self.thread.iter().all(|known| known.seq < entry.seq) {
                        self.thread.push(entry);
                    }
                }
                for entry in log {
                    if self.log.iter().all(|known| known.seq < entry.seq) {
                        self.log.push(entry);
                    }
                }
            }
            agent::Down::Ticket(row) => self.rows.push(*row),
            agent::Down::Done { cid, outcome } => self.answers.push((Some(cid), Answered::Done(outcome))),
            agent::Down::Refused(refused) => {
                self.answers.push((refused.cid, Answered::Refused(refused.code)));
            }
            agent::Down::Welcome(_)
            | agent::Down::Gone(_)
            | agent::Down::Agent(_)
            | agent::Down::Settings(_)
            | agent::Down::Macros(_)
            | agent::Down::Typing { .. }
            | agent::Down::Pong => {}
        }
    }

    /// Orders something and waits for the answer to it.
    pub(crate) async fn orders(&mut self, up: &agent::Up) -> Answered {
        let cid = match up {
            agent::Up::Update { cid, .. } | agent::Up::End { cid, .. } | agent::Up::Macro { cid, .. } => *cid,
            agent::Up::Hello { .. } | agent::Up::Open { .. } | agent::Up::Close => panic!("no order"),
            agent::Up::Availability(_) | agent::Up::Typing { .. } | agent::Up::Ping => panic!("no order"),
        };
        self.answers.retain(|(its, _)| *its != Some(cid));
        self.socket.say(up).await;
        loop {
            if let Some((_, answered)) = self.answers.iter().find(|(its, _)| *its == Some(cid)) {
                return answered.clone();
            }
            self.hears().await;
        }
    }

    /// The ticket of a session, once it is assigned.
    pub(crate) async fn gets(&mut self, session: SessionId) -> TicketRow {
        loop {
            let row = self.rows.iter().rev().find(|row| row.session_id == session);
            if let Some(row) = row.filter(|row| row.ticket.assignee.is_some()) {
                return row.clone();
            }
            self.hears().await;
        }
    }

    /// Until it has both logs whole.
    pub(crate) async fn rests_at(&mut self, thread: Seq, log: Seq) {
        while self.thread.last().map(|last| last.seq) != Some(thread)
            || self.log.last().map(|last| last.seq) != Some(log)
        {
            self.hears().await;
        }
    }
}

/// Something said on a ticket.
pub(crate) fn comment(cid: ClientMessageId, ticket: TicketId, to: CommentTo, text: &str) -> agent::Up {
    let text = Text::parse(text).unwrap();
    let update = Update {
        comment: Some(Comment { to, text }),
        ..Update::default()
    };
    agent::Up::Update {
        cid,
        ticket,
        update: Box::new(update),
    }
}

/// A message as a tab sends it that knows the session and has seen the log up to a number.
pub(crate) fn message(cid: ClientMessageId, text: &str, session: Option<SessionId>, seen: Seq) -> Send {
    let text = text.to_owned();
    Send {
        cid,
        text,
        session,
        seen,
    }
}

/// Whether a message opened a conversation.
pub(crate) fn has_started(ack: &Ack) -> bool {
    match ack.placement {
        Placement::Started => true,
        Placement::Appended | Placement::AppendedReopening => false,
    }
}
