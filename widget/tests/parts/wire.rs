//! The hand-written JSON against core's own serde forms, frame by frame.

use causerie_core::client::end_user::{Input, LoginAnswer, LoginPost, Word};
use causerie_core::client::outbox::State;
use causerie_core::client::role::{Link, TabId};
use causerie_core::client::timeline::{LogMark, Said, Written};
use causerie_core::ids::{AgentId, ChatThreadId, ClientMessageId, EndUserId, Seq, SessionId};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::{EndReason, Placement, SessionState};
use causerie_core::ticket::Status;
use causerie_core::time::Timestamp;
use causerie_core::wire::Refused;
use causerie_core::wire::end_user::{
    Ack, Down, Hello, LoggedIn, LoggingIn, Resumed, Send, SessionReport, Up,
};
use causerie_widget::wire;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const CID: ClientMessageId = ClientMessageId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0abc));
const SESSION: SessionId = SessionId(Uuid::from_u128(0x0192_0000_0000_7000_8000_ffff_ffff_ffff));
const TEXT: &str = "Où est « ma » commande ?\n\"\\ 🫖";

fn reports() -> Vec<SessionReport> {
    let states = [SessionState::Active, SessionState::Inactive, SessionState::Ended];
    let tickets = [
        Status::New,
        Status::Open,
        Status::Pending,
        Status::Hold,
        Status::Solved,
        Status::Closed,
    ];
    let tickets = tickets.into_iter().map(Some).chain([None]);
    let ends = [
        EndReason::EndedByAgent,
        EndReason::EndedByEndUser,
        EndReason::EndedByTrigger,
        EndReason::EndedBySystem,
    ];
    let plain = |state, ticket, ended| SessionReport {
        id: SESSION,
        state,
        ticket,
        ended,
    };
    let living = tickets.flat_map(|ticket| states.map(|state| plain(state, ticket, None)));
    living
        .chain(ends.map(|reason| plain(SessionState::Ended, None, Some(reason))))
        .collect()
}

fn entries() -> Vec<ThreadEntry> {
    let authors = [
        Author::EndUser,
        Author::Bot,
        Author::Agent {
            id: AgentId(7),
            name: TEXT.to_owned(),
        },
        Author::Business {
            name: "House".to_owned(),
        },
    ];
    let entry = |(author, seq)| ThreadEntry {
        seq: Seq(seq),
        at: Timestamp(1_750_000_000_123),
        session: SESSION,
        author,
        text: TEXT.to_owned(),
        replies: if seq % 2 == 0 {
            vec!["Skip".to_owned(), TEXT.to_owned()]
        } else {
            Vec::new()
        },
        cid: (seq == 1).then_some(CID),
        erased: false,
    };
    authors.into_iter().zip(1..).map(entry).collect()
}

#[wasm_bindgen_test]
fn every_frame_from_the_server_is_read() {
    let resumed = |session, thread| {
        Down::Resumed(Resumed {
            thread,
            epoch: (1 << 53) - 1,
            head: Seq(4),
            read: Seq(0),
            session,
            build: "0.1.0".to_owned(),
            may_end: session.is_some(),
        })
    };
    let placements = [
        Placement::Appended,
        Placement::AppendedReopening,
        Placement::Started,
    ];
    let acks = placements.map(|placement| {
        Down::Ack(Ack {
            cid: CID,
            session: SESSION,
            seq: Seq(5),
            placement,
            elsewhere: placement == Placement::Started,
        })
    });
    let refused = |cid, retryable, retry_after_ms| {
        let (code, message) = ("busy".to_owned(), TEXT.to_owned());
        Down::Refused(Refused {
            cid,
            code,
            message,
            retryable,
            retry_after_ms,
        })
    };
    let mut frames = vec![
        resumed(None, None),
        resumed(reports().pop(), Some(ChatThreadId(Uuid::from_u128(1)))),
        Down::Entries(entries()),
        Down::Entries(Vec::new()),
        refused(Some(CID), true, Some(500)),
        refused(None, false, None),
        Down::Typing(true),
        Down::Typing(false),
        Down::Read(Seq(12)),
        Down::Pong,
    ];
    frames.extend(acks);
    frames.extend(reports().into_iter().map(Down::Session));
    for frame in frames {
        let json = serde_json::to_string(&frame).unwrap();
        assert_eq!(wire::frame(&json).as_ref(), Some(&frame), "{json}");
    }
}

#[wasm_bindgen_test]
fn every_frame_to_the_server_is_what_it_reads() {
    let hello = |epoch: Option<u64>| {
        Up::Hello(Hello {
            site: "demo".to_owned(),
            secret: "ab".repeat(32),
            person: epoch.map(|_| EndUserId(Uuid::from_u128(7))),
            locale: "fr".to_owned(),
            epoch,
            last: Seq(3),
        })
    };
    let send = |session| {
        Up::Send(Send {
            cid: CID,
            text: TEXT.to_owned(),
            session,
            seen: Seq(2),
        })
    };
    let frames = [
        hello(None),
        hello(Some((1 << 53) - 1)),
        send(None),
        send(Some(SESSION)),
        Up::End {
            cid: CID,
            session: SESSION,
        },
        Up::Read(Seq(9)),
        Up::Typing(true),
        Up::Typing(false),
        Up::Ping,
    ];
    for frame in frames {
        let json = wire::up(&frame);
        let read: Up = serde_json::from_str(&json).unwrap();
        assert_eq!(read, frame, "{json}");
    }
}

#[wasm_bindgen_test]
fn r40_what_is_kept_is_read_again() {
    let failed = State::Failed {
        code: "too_long".to_owned(),
        message: TEXT.to_owned(),
    };
    for state in [State::Pending, State::Sent, failed] {
        for session in [None, Some(SESSION)] {
            let body = Said {
                text: TEXT.to_owned(),
                session,
                seen: Seq(1),
                log: session.map(|_| LogMark((1 << 53) - 1)),
                carried: session.is_none(),
            };
            let item = Written {
                cid: CID,
                body,
                written_at: Timestamp(1_750_000_000_000),
                state: state.clone(),
            };
            let json = wire::written_json(&item);
            assert_eq!(wire::written(&json).as_ref(), Some(&item), "{json}");
            assert_eq!(serde_json::from_str::<Written>(&json).unwrap(), item, "{json}");
        }
    }
    for report in reports() {
        let json = wire::report_json(&report);
        assert_eq!(wire::report(&json), Some(report), "{json}");
        assert_eq!(
            serde_json::from_str::<SessionReport>(&json).unwrap(),
            report,
            "{json}"
        );
    }
    assert_eq!(wire::message_id(&CID.to_string()), Some(CID));
    assert_eq!(wire::session_id(&SESSION.to_string()), Some(SESSION));
}

#[wasm_bindgen_test]
fn every_word_to_another_tab_is_what_it_hears() {
    let term = Timestamp(1_750_000_000_123);
    let (tab, other) = (TabId(u32::MAX), TabId(0));
    let welcome = |session, entries| Word::Welcome {
        term,
        to: other,
        resumed: Resumed {
            thread: Some(ChatThreadId(Uuid::from_u128(3))),
            epoch: (1 << 53) - 1,
            head: Seq(5),
            read: Seq(4),
            session,
            build: "build".to_owned(),
            may_end: true,
        },
        entries,
    };
    let mut words = vec![
        Word::Look,
        Word::Greet {
            tab,
            epoch: None,
            last: Seq(0),
        },
        Word::Greet {
            tab,
            epoch: Some((1 << 53) - 1),
            last: Seq(7),
        },
        Word::Ask,
        Word::Read(Seq(3)),
        Word::Types { tab, on: true },
        Word::Types { tab, on: false },
        Word::End {
            cid: CID,
            session: SESSION,
        },
        welcome(None, Vec::new()),
        Word::Left(tab),
    ];
    words.extend(
        reports()
            .into_iter()
            .map(|report| welcome(Some(report), entries())),
    );
    words.extend(
        [Link::Connecting, Link::Live, Link::Offline, Link::LoginOver].map(|link| Word::Leads { term, link }),
    );
    for word in words {
        assert_eq!(wire::heard(&wire::word(&word)), Some(Input::Heard(word)));
    }
    let frame = Down::Read(Seq(12));
    let json = serde_json::to_string(&frame).unwrap();
    assert_eq!(
        wire::heard(&wire::passed_on(term, &json.as_str().into())),
        Some(Input::PassedOn { term, frame })
    );
    // A newer build's words, and no words at all.
    let unknown = js_sys::JSON::parse("[99, 1]").unwrap();
    for said in [
        unknown,
        JsValue::UNDEFINED,
        "Look".into(),
        js_sys::Array::new().into(),
    ] {
        assert_eq!(wire::heard(&said), None);
    }
}

#[wasm_bindgen_test]
fn r47_a_login_and_its_answers_are_the_servers_own() {
    for person in [None, Some(EndUserId(Uuid::from_u128(7)))] {
        let post = LoginPost {
            number: 3,
            before: Some("00ff".to_owned()),
            secret: "ff00".to_owned(),
            person,
            token: "a.b.c".to_owned(),
        };
        let json = wire::login_json("shop", "fr", &post);
        let expected = LoggingIn {
            site: "shop".to_owned(),
            locale: "fr".to_owned(),
            secret: post.secret,
            person,
            token: post.token,
        };
        assert_eq!(
            serde_json::from_str::<LoggingIn>(&json).unwrap(),
            expected,
            "{json}"
        );
    }
    let done = LoggedIn {
        end_user: EndUserId(SESSION.0),
        until: Timestamp(1_750_000_000_000),
    };
    let json = serde_json::to_string(&done).unwrap();
    assert_eq!(wire::login_answer(&json), Some(LoginAnswer::Done(done)), "{json}");
    let refused = Refused {
        cid: None,
        code: "login_refused".to_owned(),
        message: TEXT.to_owned(),
        retryable: false,
        retry_after_ms: None,
    };
    let json = serde_json::to_string(&refused).unwrap();
    assert_eq!(
        wire::login_answer(&json),
        Some(LoginAnswer::Refused(refused)),
        "{json}"
    );
    for broken in ["", "null", "{}", "<html>", "{\"end_user\":\"x\",\"until\":1}"] {
        assert_eq!(wire::login_answer(broken), None, "{broken}");
    }
    assert_eq!(
        wire::end_user_id(&SESSION.to_string()),
        Some(EndUserId(SESSION.0))
    );
}

#[wasm_bindgen_test]
fn what_cannot_be_read_is_nothing() {
    let broken = [
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        "7",
        "\"Gong\"",
        "{\"Reminded\":{}}",
        "{\"Typing\":1}",
        "{\"Entries\":[{\"seq\":1}]}",
        "{\"Ack\":{\"cid\":\"x\",\"session\":\"y\",\"seq\":1,\"placement\":\"started\"}}",
        "{\"Session\":{\"id\":\"01920000-0000-7000-8000-0000000000\",\"state\":\"active\"}}",
    ];
    for json in broken {
        assert_eq!(wire::frame(json), None, "{json}");
        assert_eq!(wire::written(json), None, "{json}");
        assert_eq!(wire::report(json), None, "{json}");
    }
    for id in [
        "",
        "x",
        "01920000-0000-7000-8000-00000000000",
        "01920000-0000-7000-8000-0000000000000",
    ] {
        assert_eq!(wire::message_id(id), None, "{id}");
        assert_eq!(wire::session_id(id), None, "{id}");
    }
}
