//! The frames of version 1, to the letter: a change here breaks pages that are open now.
//!
//! Each line of a golden file is a frame's name and its JSON. To add a frame, add it here and its line there.

use causerie_core::agent::{Availability, Role};
use causerie_core::chat_thread::Outcome;
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::session::{End, EndReason, EndedBy, Placement, Session, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, Comment, CommentTo, Priority, Set, Status, Ticket, Update};
use causerie_core::wire::agent::{AgentRow, TicketRow, Welcome};
use causerie_core::wire::end_user::{Ack, Hello, Resumed, Send, SessionReport};
use causerie_core::wire::{Refused, agent, end_user};
use causerie_core::{
    AgentId, ChatThreadId, ClientMessageId, EndUserId, GroupId, MacroId, Seq, SessionId, TicketId, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn cid() -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
}

fn session() -> SessionId {
    SessionId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002))
}

fn thread() -> ChatThreadId {
    ChatThreadId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003))
}

fn entry() -> ThreadEntry {
    ThreadEntry {
        seq: Seq(7),
        at: Timestamp(1_700_000_000_000),
        session: session(),
        author: Author::Agent {
            id: AgentId(3),
            name: "Amy".to_owned(),
        },
        text: "Bonjour".to_owned(),
        replies: vec!["Oui".to_owned()],
        cid: Some(cid()),
        erased: false,
    }
}

fn refused() -> Refused {
    Refused {
        cid: Some(cid()),
        code: "busy".to_owned(),
        message: "Try again.".to_owned(),
        retryable: true,
        retry_after_ms: Some(500),
    }
}

/// Compares each frame with its line, both ways.
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
fn check<F>(golden: &str, frames: &[(&str, F)])
where
    F: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug,
{
    let written: String = frames
        .iter()
        .map(|(name, frame)| format!("{name} {}\n", serde_json::to_string(frame).unwrap()))
        .collect();
    assert_eq!(written, golden, "the frames as they are now:\n{written}");
    for ((name, frame), line) in frames.iter().zip(golden.lines()) {
        let json = line.strip_prefix(name).unwrap();
        assert_eq!(&serde_json::from_str::<F>(json).unwrap(), frame, "{name}");
    }
}

#[test]
fn frames_from_the_widget_are_those_of_version_1() {
    let hello = Hello {
        site: "demo".to_owned(),
        secret: "00ff".to_owned(),
        person: None,
        locale: "fr".to_owned(),
        epoch: Some(9),
        last: Seq(4),
    };
    let send = Send {
        cid: cid(),
        text: "hello".to_owned(),
        session: Some(session()),
        seen: Seq(4),
    };
    check(
        include_str!("golden/end_user_up.v1.txt"),
        &[
            ("hello", end_user::Up::Hello(hello)),
            ("send", end_user::Up::Send(send)),
            (
                "end",
                end_user::Up::End {
                    cid: cid(),
                    session: session(),
                },
            ),
            ("read", end_user::Up::Read(Seq(4))),
            ("typing", end_user::Up::Typing(true)),
            ("ping", end_user::Up::Ping),
        ],
    );
}

#[test]
fn frames_to_the_widget_are_those_of_version_1() {
    let report = SessionReport {
        id: session(),
        state: SessionState::Active,
        ticket: Some(Status::Open),
        ended: None,
    };
    let ended = SessionReport {
        state: SessionState::Ended,
        ticket: None,
        ended: Some(EndReason::EndedByAgent),
        ..report
    };
    let resumed = Resumed {
        thread: Some(thread()),
        epoch: 9,
        head: Seq(7),
        read: Seq(6),
        session: Some(report),
        build: "b1".to_owned(),
        may_end: false,
    };
    let may_end = Resumed {
        may_end: true,
        ..resumed.clone()
    };
    let ack = Ack {
        cid: cid(),
        session: session(),
        seq: Seq(8),
        placement: Placement::Started,
        elsewhere: false,
    };
    check(
        include_str!("golden/end_user_down.v1.txt"),
        &[
            ("resumed", end_user::Down::Resumed(resumed)),
            ("resumed_may_end", end_user::Down::Resumed(may_end)),
            ("entries", end_user::Down::Entries(vec![entry()])),
            ("session", end_user::Down::Session(report)),
            ("session_ended", end_user::Down::Session(ended)),
            ("ack", end_user::Down::Ack(ack)),
            ("refused", end_user::Down::Refused(refused())),
            ("typing", end_user::Down::Typing(false)),
            ("read", end_user::Down::Read(Seq(7))),
            ("pong", end_user::Down::Pong),
        ],
    );
}

#[test]
fn frames_from_the_workspace_are_those_of_version_1() {
    let update = Update {
        comment: Some(Comment {
            to: CommentTo::Messaging,
            text: Text::parse("Bonjour").unwrap(),
        }),
        status: Some(Status::Pending),
        assignee: Some(Set::To(AgentId(3))),
        group: Some(Set::Nothing),
        end_session: true,
        ..Update::default()
    };
    let ticket = TicketId(17);
    check(
        include_str!("golden/agent_up.v1.txt"),
        &[
            (
                "hello",
                agent::Up::Hello {
                    token: "t".to_owned(),
                },
            ),
            (
                "open",
                agent::Up::Open {
                    ticket,
                    thread: Seq(7),
                    log: Seq(2),
                },
            ),
            ("close", agent::Up::Close),
            (
                "update",
                agent::Up::Update {
                    cid: cid(),
                    ticket,
                    update: Box::new(update),
                },
            ),
            ("end", agent::Up::End { cid: cid(), ticket }),
            (
                "macro",
                agent::Up::Macro {
                    cid: cid(),
                    ticket,
                    id: MacroId(1),
                },
            ),
            (
                "availability",
                agent::Up::Availability(Availability::TransfersOnly),
            ),
            ("typing", agent::Up::Typing { ticket, on: true }),
            ("ping", agent::Up::Ping),
        ],
    );
}

#[test]
fn frames_to_the_workspace_are_those_of_version_1() {
    let end = End {
        at: Timestamp(1_700_000_000_001),
        by: EndedBy::Agent(AgentId(3)),
    };
    let row = TicketRow {
        ticket: Ticket {
            id: TicketId(17),
            subject: "Order".to_owned(),
            status: Status::Open,
            priority: Priority::Normal,
            assignee: Some(AgentId(3)),
            group: None,
            tags: vec!["vip".to_owned()],
            fields: vec![("order".to_owned(), "17".to_owned())],
            channel: Channel::Messaging,
            routing: Channel::Email,
            head: Seq(5),
        },
        thread: thread(),
        end_user: None,
        session_id: session(),
        session: Session::Ended(end),
        requester: None,
        email: Some("zoe@example.com".to_owned()),
        erased: false,
        previous: None,
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
    };
    let agent = AgentRow {
        id: AgentId(3),
        name: "Amy".to_owned(),
        role: Role::Agent,
        groups: vec![GroupId(1)],
        availability: Availability::Online,
        messaging_used: 2,
        messaging_max: 3,
        email_used: 0,
        email_max: 5,
    };
    let log = TicketEntry {
        seq: Seq(5),
        audit: Seq(4),
        after: Seq(7),
        at: Timestamp(2),
        by: By::Agent {
            id: AgentId(3),
            name: "Amy".to_owned(),
        },
        what: TicketEvent::SessionEnded {
            session: session(),
            from: SessionState::Active,
            reason: EndReason::EndedByAgent,
        },
    };
    let welcome = Welcome {
        me: AgentId(3),
        agents: vec![agent.clone()],
        groups: vec![(GroupId(1), "Support".to_owned())],
        macros: Vec::new(),
        settings: Settings::default(),
        tickets: vec![row.clone()],
        more: false,
        mail: false,
        epoch: 9,
        build: "b1".to_owned(),
    };
    let erased = TicketRow {
        email: None,
        erased: true,
        ..row.clone()
    };
    let of_end_user = TicketRow {
        end_user: Some(EndUserId(Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0004,
        ))),
        ..row.clone()
    };
    let outcome = Outcome::Ended {
        session: session(),
        end,
        already: true,
    };
    check(
        include_str!("golden/agent_down.v1.txt"),
        &[
            ("welcome", agent::Down::Welcome(Box::new(welcome))),
            ("ticket", agent::Down::Ticket(Box::new(row))),
            ("gone", agent::Down::Gone(TicketId(17))),
            ("agent", agent::Down::Agent(agent)),
            ("settings", agent::Down::Settings(Settings::default())),
            ("macros", agent::Down::Macros(Vec::new())),
            (
                "entries",
                agent::Down::Entries {
                    ticket: TicketId(17),
                    thread: vec![entry()],
                    log: vec![log.clone()],
                },
            ),
            ("ticket_of_end_user", agent::Down::Ticket(Box::new(of_end_user))),
            ("erased_ticket", agent::Down::Ticket(Box::new(erased))),
            (
                "erased_entries",
                agent::Down::Entries {
                    ticket: TicketId(17),
                    thread: vec![entry().tombstone()],
                    log: vec![
                        TicketEntry {
                            what: TicketEvent::Noted {
                                text: "gone".to_owned(),
                            }
                            .tombstone(),
                            ..log.clone()
                        },
                        TicketEntry {
                            what: TicketEvent::RequesterErased,
                            ..log
                        },
                    ],
                },
            ),
            (
                "typing",
                agent::Down::Typing {
                    ticket: TicketId(17),
                    on: true,
                },
            ),
            ("done", agent::Down::Done { cid: cid(), outcome }),
            ("refused", agent::Down::Refused(refused())),
            ("pong", agent::Down::Pong),
        ],
    );
}

#[test]
fn what_was_done_is_read_as_earlier_versions_wrote_it() {
    let written = "{\"done\":{\"said\":null}}";
    assert_eq!(
        serde_json::from_str::<Outcome>(written).unwrap(),
        Outcome::Done {}
    );
    assert_eq!(serde_json::to_string(&Outcome::Done {}).unwrap(), "{\"done\":{}}");
}
