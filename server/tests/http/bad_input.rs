//! Each bad frame and body gets a clear error in the right place; nothing crashes, nothing is lost.

use causerie_core::agent::Role;
use causerie_core::wire::end_user::{Down, Up};
use causerie_core::wire::{Refused, SUBPROTOCOL, agent};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{SITE, Server, cid, hello, send, visitor};

fn refused(down: Down) -> Option<Refused> {
    match down {
        Down::Refused(refused) => Some(refused),
        Down::Resumed(_)
        | Down::Entries(_)
        | Down::Session(_)
        | Down::Ack(_)
        | Down::Typing(_)
        | Down::Read(_)
        | Down::Pong => None,
    }
}

#[tokio::test]
async fn a_socket_from_a_foreign_page_is_refused() {
    let server = Server::start().await;
    let own = server.origin();
    let other_name = format!("http://localhost:{}", server.address.port());
    for path in ["/api/messaging/socket", "/api/workspace/socket"] {
        for foreign in [
            None,
            Some("https://evil.example"),
            Some("https://shop.example"),
            Some("null"),
            Some(""),
        ] {
            assert_eq!(
                server.socket(path, foreign, Some(SUBPROTOCOL)).await.err(),
                Some(403),
                "{foreign:?}"
            );
        }
        for own in [&own, &other_name] {
            assert!(server.socket(path, Some(own), Some(SUBPROTOCOL)).await.is_ok());
        }
        assert_eq!(server.socket(path, Some(&own), None).await.err(), Some(400));
        assert_eq!(
            server.socket(path, Some(&own), Some("causerie.v0")).await.err(),
            Some(400)
        );
    }
}

#[tokio::test]
async fn bad_frames_are_named_and_the_socket_goes_on() {
    let server = Server::start().await;
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    let bad = [
        ("", "not_json"),
        ("hello", "not_json"),
        ("{\"Send\":", "not_json"),
        ("{}", "unknown_command"),
        ("[]", "unknown_command"),
        ("17", "unknown_command"),
        ("{\"Sing\":{\"text\":\"la\"}}", "unknown_command"),
        ("{\"Send\":{\"text\":\"no id\"}}", "malformed"),
        ("{\"Send\":{\"cid\":\"not an id\",\"text\":\"x\"}}", "malformed"),
        ("{\"Typing\":\"maybe\"}", "malformed"),
        ("{\"Read\":-1}", "malformed"),
    ];
    for (frame, code) in bad {
        socket.send(Message::text(frame)).await;
        let answer = socket.until(refused).await;
        assert_eq!(answer.code, code, "{frame}");
        assert!(!answer.message.is_empty());
    }
    socket.say(&Up::Hello(hello(&visitor(1), None, 0))).await;
    assert_eq!(socket.until(refused).await.code, "already_greeted");
    assert_eq!(socket.says(1, "still here").await.cid, cid(1));
}

fn agents_refused(down: agent::Down) -> Option<Refused> {
    match down {
        agent::Down::Refused(refused) => Some(refused),
        agent::Down::Welcome(_)
        | agent::Down::Ticket(_)
        | agent::Down::Gone(_)
        | agent::Down::Agent(_)
        | agent::Down::Settings(_)
        | agent::Down::Macros(_)
        | agent::Down::Entries { .. }
        | agent::Down::Typing { .. }
        | agent::Down::Done { .. }
        | agent::Down::Pong => None,
    }
}

#[tokio::test]
async fn bad_frames_of_an_agent_are_named_and_the_socket_goes_on() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let id = cid(1).0;
    let update =
        |update: &str| format!("{{\"Update\":{{\"cid\":\"{id}\",\"ticket\":1,\"update\":{update}}}}}");
    let comment = |text: &str| {
        update(&format!(
            "{{\"comment\":{{\"to\":\"messaging\",\"text\":\"{text}\"}}}}"
        ))
    };
    let bad = [
        (String::new(), "not_json"),
        ("{\"Update\":".to_owned(), "not_json"),
        ("{\"Fire\":{}}".to_owned(), "unknown_command"),
        ("{\"Open\":{\"ticket\":\"one\"}}".to_owned(), "malformed"),
        ("{\"Availability\":\"asleep\"}".to_owned(), "malformed"),
        (update("{\"status\":\"half_open\"}"), "malformed"),
        (comment(""), "text_empty"),
        (comment("\\u202e\\u0007"), "text_empty"),
        (comment(&"x".repeat(4097)), "text_too_long"),
        // Well formed, of a ticket that is not there.
        (comment("hello"), "unknown_ticket"),
        (
            format!("{{\"End\":{{\"cid\":\"{id}\",\"ticket\":99}}}}"),
            "unknown_ticket",
        ),
        (
            format!("{{\"Macro\":{{\"cid\":\"{id}\",\"ticket\":99,\"id\":1}}}}"),
            "unknown_ticket",
        ),
        (
            "{\"Open\":{\"ticket\":99,\"thread\":0,\"log\":0}}".to_owned(),
            "unknown_ticket",
        ),
        ("{\"Hello\":{\"token\":\"again\"}}".to_owned(), "already_greeted"),
    ];
    for (frame, code) in bad {
        ada.send(Message::text(frame.clone())).await;
        let answer = ada.until(agents_refused).await;
        assert_eq!(answer.code, code, "{frame}: {}", answer.message);
        assert!(!answer.message.is_empty());
    }
    ada.say(&agent::Up::Ping).await;
    ada.until(|down: agent::Down| (down == agent::Down::Pong).then_some(()))
        .await;
}

#[tokio::test]
async fn a_text_that_cannot_stand_is_refused_under_its_id_and_keeps_nothing() {
    let server = Server::start().await;
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    let long = "é".repeat(4097);
    for (n, text, code) in [
        (1, "", "text_empty"),
        (2, " \n ", "text_empty"),
        (3, "\u{202e}\u{7}", "text_empty"),
        (4, &long, "text_too_long"),
    ] {
        socket.say(&Up::Send(send(n, text, 0))).await;
        let answer = socket.until(refused).await;
        assert_eq!(
            (answer.cid, answer.code.as_str(), answer.retryable),
            (Some(cid(n)), code, false)
        );
    }
    let (_, resumed) = server.visitor(&visitor(1), 0).await;
    assert_eq!(resumed.thread, None);
    assert_eq!(socket.says(5, &"é".repeat(4096)).await.seq.0, 1);
}

#[tokio::test]
async fn what_is_no_frame_of_ours_closes_the_socket() {
    let server = Server::start().await;
    // Not UTF-8: a masked text frame of two bytes, with a mask of zeros.
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    socket
        .raw()
        .write_all(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe])
        .await
        .unwrap();
    assert_eq!(socket.close_code().await, 1007);

    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    socket.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.close_code().await, 1003);

    // Only the head of a frame that is too large: it is not even waited for.
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    let mut head = vec![0x81, 0xff];
    head.extend(65_537_u64.to_be_bytes());
    head.extend([0; 4]);
    socket.raw().write_all(&head).await.unwrap();
    assert_eq!(socket.close_code().await, 1009);

    // A message too large in frames that are not.
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    for opcode in [0x01, 0x00] {
        let mut frame = vec![opcode, 0xfe];
        frame.extend(40_000_u16.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(vec![b'a'; 40_000]);
        socket.raw().write_all(&frame).await.unwrap();
    }
    assert_eq!(socket.close_code().await, 1009);
}

#[tokio::test]
async fn the_first_frame_says_hello() {
    let server = Server::start().await;
    for first in ["{\"Typing\":true}", "\"Ping\"", "nonsense"] {
        let mut socket = server.visitor_socket().await;
        socket.send(Message::text(first)).await;
        assert!(refused(socket.hear().await).is_some());
        assert_eq!(socket.close_code().await, 4001, "{first}");
    }
    let mut unknown_site = hello(&visitor(1), None, 0);
    "nobodys".clone_into(&mut unknown_site.site);
    for (wrong, code) in [
        (unknown_site, "unknown_site"),
        (hello("short", None, 0), "bad_secret"),
    ] {
        let mut socket = server.visitor_socket().await;
        socket.say(&Up::Hello(wrong)).await;
        assert_eq!(
            refused(socket.hear().await)
                .map(|refused| refused.code)
                .as_deref(),
            Some(code)
        );
        assert_eq!(socket.close_code().await, 4001);
    }
}

#[tokio::test]
async fn a_flood_gets_errors_and_is_closed_and_others_go_on() {
    let server = Server::start().await;
    let (mut flood, _) = server.visitor(&visitor(1), 0).await;
    let (mut other, _) = server.visitor(&visitor(2), 0).await;
    let (sent, heard) = tokio::join!(
        async {
            for _ in 0..400 {
                flood.send(Message::text("\"Ping\"")).await;
            }
            flood.close_code().await
        },
        other.says(1, "hello"),
    );
    assert_eq!(sent, 4029);
    assert_eq!(heard.seq.0, 1);
}

#[tokio::test]
async fn anothers_ids_reveal_nothing() {
    let server = Server::start().await;
    let (mut one, _) = server.visitor(&visitor(1), 0).await;
    let ack = one.says(1, "mine").await;
    let (mut other, resumed) = server.visitor(&visitor(2), 0).await;
    assert_eq!((resumed.thread, resumed.head.0), (None, 0));
    // Another's session, and one that is nobody's, are refused alike.
    let mut answers = Vec::new();
    let nobodys = serde_json::from_value(json!("0197a000-0000-7000-8000-00000000ffff")).unwrap();
    for (n, session) in [(2, ack.session), (3, nobodys)] {
        other.say(&Up::End { cid: cid(n), session }).await;
        let answer = other.until(refused).await;
        answers.push((answer.code, answer.message));
    }
    assert_eq!(answers[0], answers[1]);
    // Another's client id, too, and it stays theirs.
    other.say(&Up::Send(send(1, "mine", 0))).await;
    assert_eq!(other.until(refused).await.code, "cid_unknown");
    other.say(&Up::Read(causerie_core::Seq(1))).await;
    assert_eq!(one.says(1, "mine").await.seq, ack.seq);
}

#[tokio::test]
async fn a_post_is_refused_with_a_status_and_a_sentence() {
    let server = Server::start().await;
    let bearer = format!("Bearer {}", visitor(1));
    let auth = ("authorization", bearer.as_str());
    let path = "/api/messaging/messages";
    let good = json!({ "site": SITE, "cid": cid(1), "text": "hello" });

    let answer = server.post(path, &[auth], &good).await;
    assert_eq!(
        (answer.status, answer.json()["placement"].as_str()),
        (200, Some("started"))
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let again = server
        .post(path, &[auth, ("origin", &server.origin())], &good)
        .await;
    assert_eq!(again.json()["seq"], answer.json()["seq"]);

    let ways = [
        (server.post(path, &[], &good).await, 401),
        (
            server
                .post(path, &[("authorization", "Bearer short")], &good)
                .await,
            401,
        ),
        (
            server
                .post(path, &[auth, ("origin", "https://evil.example")], &good)
                .await,
            403,
        ),
        (
            server
                .post(
                    path,
                    &[auth],
                    &json!({ "site": "nobodys", "cid": cid(2), "text": "x" }),
                )
                .await,
            404,
        ),
        (
            server
                .post(path, &[auth], &json!({ "site": SITE, "text": "x" }))
                .await,
            422,
        ),
        (
            server
                .post(path, &[auth], &json!({ "site": SITE, "cid": cid(2), "text": "" }))
                .await,
            422,
        ),
        (
            server
                .post(
                    path,
                    &[auth],
                    &json!({ "site": SITE, "cid": cid(1), "text": "other" }),
                )
                .await,
            422,
        ),
        (
            server
                .ask(
                    "POST",
                    path,
                    &[auth, ("content-type", "application/json")],
                    Some("{"),
                )
                .await,
            400,
        ),
        (
            server
                .ask("POST", path, &[auth, ("content-type", "text/plain")], Some("{}"))
                .await,
            415,
        ),
        (
            server
                .post(
                    path,
                    &[auth],
                    &json!({ "site": SITE, "text": "x".repeat(70_000) }),
                )
                .await,
            413,
        ),
    ];
    for (answer, status) in ways {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(
            answer.json()["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
    }
}
