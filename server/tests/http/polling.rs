//! Frames by requests that wait, where sockets are blocked (R41): the same as by a socket, in one order.

use causerie_core::agent::Role;
use causerie_core::chat_thread::Outcome;
use causerie_core::session::{Placement, SessionState};
use causerie_core::wire::agent;
use causerie_core::wire::end_user::{Ack, Down, Up};
use causerie_core::{ClientMessageId, Seq, TicketId};
use causerie_server::conversations::{Request, Sender};
use serde_json::{Value, json};

use crate::support::{Server, cid, hello, send, visitor};

/// A client of the poll: what it was told up to now.
struct Poller<'a> {
    server: &'a Server,
    secret: String,
    told: Value,
}

impl<'a> Poller<'a> {
    fn new(server: &'a Server, secret: String) -> Self {
        Self {
            server,
            secret,
            told: Value::Null,
        }
    }

    fn hello(&self) -> String {
        serde_json::to_string(&Up::Hello(hello(&self.secret, None, 0))).unwrap()
    }

    async fn ask(&self, body: Value) -> Value {
        let origin = self.server.origin();
        let answer = self
            .server
            .post("/api/messaging/poll", &[("origin", &origin)], &body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Waits for what is new.
    async fn waits(&mut self) -> Vec<Down> {
        let answer = self
            .ask(json!({ "hello": self.hello(), "told": self.told }))
            .await;
        assert_eq!(answer["close"], Value::Null, "{answer}");
        self.told = answer["told"].clone();
        serde_json::from_value(answer["down"].clone()).unwrap()
    }

    /// Waits until it comes.
    async fn waits_for<R>(&mut self, wanted: impl Fn(&Down) -> Option<R>) -> R {
        loop {
            if let Some(found) = self.waits().await.iter().find_map(&wanted) {
                return found;
            }
        }
    }

    async fn commands(&self, up: &[Up]) -> Vec<Down> {
        let up: Vec<String> = up.iter().map(|up| serde_json::to_string(up).unwrap()).collect();
        let answer = self
            .ask(json!({ "hello": self.hello(), "told": self.told, "up": up }))
            .await;
        assert_eq!((&answer["told"], &answer["close"]), (&Value::Null, &Value::Null));
        serde_json::from_value(answer["down"].clone()).unwrap()
    }

    async fn says(&self, n: u64, text: &str) -> Ack {
        let down = self.commands(&[Up::Send(send(n, text, u64::MAX >> 12))]).await;
        ack(&down, cid(n))
    }
}

fn ack(down: &[Down], cid: ClientMessageId) -> Ack {
    let found = down.iter().find_map(|down| match down {
        Down::Ack(ack) if ack.cid == cid => Some(*ack),
        Down::Ack(_)
        | Down::Refused(_)
        | Down::Resumed(_)
        | Down::Entries(_)
        | Down::Session(_)
        | Down::Typing(_)
        | Down::Read(_)
        | Down::Pong => None,
    });
    found.unwrap_or_else(|| panic!("{down:?}"))
}

fn numbers(down: &[Down]) -> Vec<u64> {
    down.iter()
        .flat_map(|down| match down {
            Down::Entries(entries) => entries.iter().map(|entry| entry.seq.0).collect(),
            Down::Resumed(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => Vec::new(),
        })
        .collect()
}

#[tokio::test]
async fn r41_a_poll_says_what_a_socket_says_and_waits_for_what_comes() {
    let server = Server::start().await;
    let mut poller = Poller::new(&server, visitor(1));
    let first = poller.waits().await;
    assert!(matches!(&first[..], [Down::Resumed(resumed)] if resumed.thread.is_none()));

    // The request that waits is answered by what is written meanwhile, in another request.
    let writer = Poller::new(&server, visitor(1));
    let (down, ack) = tokio::join!(poller.waits(), writer.says(1, "Hello"));
    assert!(matches!(down[0], Down::Resumed(_)), "{down:?}");
    assert_eq!(numbers(&down)[0], 1);
    assert_eq!((ack.seq, ack.placement), (Seq(1), Placement::Started));

    // By a socket it is the same log.
    let (mut socket, resumed) = server.visitor(&visitor(1), 0).await;
    let mut all = numbers(&down);
    while (all.len() as u64) < resumed.head.0 {
        all.extend(numbers(&poller.waits().await));
    }
    assert_eq!(all, (1..=resumed.head.0).collect::<Vec<_>>());
    // What a socket writes, the request that waits brings.
    let (down, ack) = tokio::join!(poller.waits(), socket.says(2, "By a socket"));
    assert_eq!(numbers(&down)[0], ack.seq.0);
}

#[tokio::test]
async fn r41_the_end_between_two_polls_is_told_by_the_next_at_once() {
    let server = Server::start().await;
    server.agent("ada@shop.example", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@shop.example").await;
    let mut poller = Poller::new(&server, visitor(1));
    poller.waits().await;
    for (n, text) in (1..).zip(["hello", "Talk to a person", "Skip"]) {
        poller.says(n, text).await;
    }
    let ticket = poller
        .waits_for(|down| match down {
            Down::Session(report) => report.ticket,
            Down::Resumed(resumed) => resumed.session.and_then(|session| session.ticket),
            Down::Entries(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await;
    assert!(!ticket.is_closed());
    ada.say(&agent::Up::End {
        cid: cid(90),
        ticket: TicketId(1),
    })
    .await;
    ada.until(|down| matches!(down, agent::Down::Done { cid: done, .. } if done == cid(90)).then_some(()))
        .await;
    let state = poller
        .waits_for(|down| match down {
            Down::Session(report) => Some(report.state),
            Down::Resumed(_)
            | Down::Entries(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(state, SessionState::Ended);
    // And the message after starts afresh (R08).
    let after = poller.says(99, "One more thing").await;
    assert_eq!(after.placement, Placement::Started);
}

#[tokio::test]
async fn r41_an_answer_to_commands_says_no_state_that_could_overtake_what_waits() {
    let server = Server::start().await;
    let poller = Poller::new(&server, visitor(1));
    let down = poller
        .commands(&[
            Up::Send(send(1, "one", 0)),
            Up::Send(send(2, "two", 0)),
            Up::Read(Seq(1)),
            Up::Ping,
        ])
        .await;
    assert!(
        matches!(&down[..], [Down::Ack(one), Down::Ack(two), Down::Pong] if one.seq < two.seq && one.session == two.session),
        "{down:?}"
    );
}

#[tokio::test]
async fn i24_a_long_log_comes_in_several_answers_without_a_hole() {
    let server = Server::start().await;
    let mut poller = Poller::new(&server, visitor(1));
    let mut head = poller.says(0, "hello").await.seq.0;
    let who = server.identity(&visitor(1)).await;
    for n in 1..1200 {
        let message = Request::Send {
            who: Sender::Visitor(who.clone()),
            send: send(n, "again", 0),
        };
        let answer = server.app.conversations.ask(message).await.unwrap();
        if let Outcome::Said { seq, .. } = answer.outcome {
            head = seq.0;
        }
    }
    let first = numbers(&poller.waits().await);
    assert!((first.len() as u64) < head, "all of it in one answer");
    let mut all = first;
    while (all.len() as u64) < head {
        all.extend(numbers(&poller.waits().await));
    }
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn i26_told_of_another_epoch_or_of_the_future_is_answered_from_the_beginning() {
    let server = Server::start().await;
    let mut poller = Poller::new(&server, visitor(1));
    poller.says(1, "Hello").await;
    poller.waits().await;
    for (field, value) in [("epoch", 7), ("said", 1_000_000)] {
        let mut poller = Poller::new(&server, visitor(1));
        poller.waits().await;
        poller.told[field] = json!(value);
        let down = poller.waits().await;
        assert!(matches!(down[0], Down::Resumed(_)), "{field}: {down:?}");
        assert_eq!(numbers(&down)[0], 1, "{field}");
    }
}

#[tokio::test]
async fn r10_a_command_against_the_data_of_before_a_restore_is_to_come_again() {
    let server = Server::start().await;
    let mut poller = Poller::new(&server, visitor(1));
    poller.says(1, "Hello").await;
    poller.waits().await;
    // As after a restore: this is not the epoch that there is.
    poller.told["epoch"] = json!(7);
    let down = poller
        .commands(&[Up::Send(send(2, "an answer to what is not asked", 40))])
        .await;
    assert!(
        matches!(&down[..], [Down::Refused(refused)] if refused.cid == Some(cid(2)) && refused.retryable),
        "{down:?}"
    );
    poller.waits().await;
    poller.says(2, "an answer to what is not asked").await;
}

#[tokio::test]
async fn bad_polls_are_refused_in_words() {
    let server = Server::start().await;
    let poller = Poller::new(&server, visitor(1));
    let hello = poller.hello();
    let foreign = server
        .post(
            "/api/messaging/poll",
            &[("origin", "https://evil.example")],
            &json!({ "hello": hello }),
        )
        .await;
    assert_eq!(foreign.status, 403);
    let many = json!({ "hello": hello, "up": vec!["\"Ping\""; 17] });
    assert_eq!(server.post("/api/messaging/poll", &[], &many).await.status, 422);
    let shapeless = server
        .post("/api/messaging/poll", &[], &json!({ "up": [] }))
        .await;
    assert_eq!(shapeless.status, 422);
    for (hello, code) in [
        ("\"Ping\"".to_owned(), "hello_first"),
        ("{".to_owned(), "not_json"),
        (hello.replace(&visitor(1), "short"), "bad_secret"),
        (hello.replace("shop", "nowhere"), "unknown_site"),
    ] {
        let answer = poller.ask(json!({ "hello": hello })).await;
        assert_eq!(answer["down"][0]["Refused"]["code"], code, "{answer}");
        assert_eq!(answer["close"], 4001, "{answer}");
    }
    let bad = poller
        .ask(json!({ "hello": hello, "up": ["{\"Sing\":1}"] }))
        .await;
    assert_eq!(bad["down"][0]["Refused"]["code"], "unknown_command");
    let large = "x".repeat(70_000);
    let bad = poller.ask(json!({ "hello": hello, "up": [large] })).await;
    assert_eq!(bad["close"], 1009);
}

#[tokio::test]
async fn a_closing_server_answers_those_who_wait() {
    let server = Server::start().await;
    let mut poller = Poller::new(&server, visitor(1));
    poller.waits().await;
    let waiting = poller.ask(json!({ "hello": poller.hello(), "told": poller.told }));
    let closing = async {
        while server.app.counted.waiting.value() == 0 {
            tokio::task::yield_now().await;
        }
        server.life.close();
    };
    let (answer, ()) = tokio::join!(waiting, closing);
    assert_eq!(answer["close"], 1012);
}
