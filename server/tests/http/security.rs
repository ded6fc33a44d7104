//! What the list of security lines asks of the server and no other file here checks: by number.

use causerie_core::agent::Role;
use causerie_core::message::Text;
use causerie_core::ticket::{Comment, CommentTo, Update};
use causerie_core::wire::agent::{Down, Up};
use causerie_core::wire::{SUBPROTOCOL, end_user};
use causerie_server::store::Change;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{SITE, Server, Socket, cid, send, visitor};

const SOCKETS: [&str; 2] = ["/api/messaging/socket", "/api/workspace/socket"];

async fn open(server: &Server, path: &str) -> Socket {
    server
        .socket(path, Some(&server.origin()), Some(SUBPROTOCOL))
        .await
        .unwrap()
}

/// 3: on both sockets, whoever it is: nobody has to be known for it.
#[tokio::test]
async fn a_frame_too_large_or_not_utf8_closes_either_socket() {
    let server = Server::start().await;
    for path in SOCKETS {
        let mut socket = open(&server, path).await;
        socket
            .raw()
            .write_all(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe])
            .await
            .unwrap();
        assert_eq!(socket.close_code().await, 1007, "{path}");
        let mut socket = open(&server, path).await;
        let mut head = vec![0x81, 0xff];
        head.extend(u64::MAX.to_be_bytes().map(|byte| byte & 0x7f));
        head.extend([0; 4]);
        socket.raw().write_all(&head).await.unwrap();
        assert!([1002, 1009].contains(&socket.close_code().await), "{path}");
    }
}

/// 3: no compression is agreed on, so there is nothing to unpack.
#[tokio::test]
async fn a_compressed_frame_closes_the_socket_and_is_not_unpacked() {
    let server = Server::start().await;
    for path in SOCKETS {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {SUBPROTOCOL}\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n",
            server.address,
            server.origin()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        assert!(!head.contains("sec-websocket-extensions"), "{head}");
        // A text frame that says it is compressed.
        stream
            .write_all(&[0xc1, 0x84, 0, 0, 0, 0, 1, 2, 3, 4])
            .await
            .unwrap();
        let mut close = [0; 4];
        stream.read_exact(&mut close).await.unwrap();
        assert_eq!(
            (close[0], &close[2..]),
            (0x88, &1002_u16.to_be_bytes()[..]),
            "{path}"
        );
    }
}

/// 4: whoever is disabled is out, with every socket.
#[tokio::test]
async fn a_disabled_agents_sockets_close_within_5_seconds() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut socket, _) = server.agent_socket("ada@example.com").await;
    server.sql("UPDATE agent SET disabled_at = 1").await;
    let code = tokio::time::timeout(std::time::Duration::from_secs(5), socket.close_code()).await;
    assert_eq!(code.unwrap(), 4003);
}

/// 5: a request whose head never ends, and a socket that never says who it is.
#[tokio::test]
async fn half_open_handshakes_time_out() {
    let server = Server::start().await;
    let mut silent = server.visitor_socket().await;
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    // From here on time passes by itself while everybody waits.
    tokio::time::pause();
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
    let mut closed = [0; 4];
    silent.raw().read_exact(&mut closed).await.unwrap();
    assert_eq!((closed[0], &closed[2..]), (0x88, &4001_u16.to_be_bytes()[..]));
}

/// 12: guessing at many accounts from one address.
#[tokio::test]
async fn guessing_is_slowed_down_for_an_address() {
    let server = Server::start().await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let mut statuses = Vec::new();
    for n in 0..200 {
        let body = json!({ "email": format!("agent{n}@example.com"), "password": "x" });
        let answer = server
            .post("/api/workspace/sign-in", &from("203.0.113.7"), &body)
            .await;
        statuses.push(answer.status);
        if answer.status == 429 {
            break;
        }
    }
    assert_eq!((statuses[0], statuses.last()), (401, Some(&429)));
    let body = json!({ "email": "agent@example.com", "password": "x" });
    let other = server
        .post("/api/workspace/sign-in", &from("203.0.113.8"), &body)
        .await;
    assert_eq!(other.status, 401, "others are not slowed down by it");
}

/// 16: what a customer writes is never a template, and a line break never begins another field.
#[tokio::test]
async fn what_a_customer_writes_stands_as_it_is_written() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    let text = "{{ticket.id}} {% if true %}${7*7}#{7*7}<%= 7*7 %>";
    customer.says(1, text).await;
    customer.says(2, "Talk to a person").await;
    // No address: the bot asks again, and nothing of it is kept.
    customer
        .says(3, "vera@example.com\r\nBcc: everybody@example.com")
        .await;
    customer.says(4, "vera@example.com").await;
    let row = ada
        .until(|down| match down {
            Down::Ticket(row) => Some(row),
            Down::Welcome(_) | Down::Gone(_) | Down::Agent(_) | Down::Settings(_) | Down::Macros(_) => None,
            Down::Entries { .. }
            | Down::Typing { .. }
            | Down::Done { .. }
            | Down::Refused(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(row.ticket.subject, text);
    assert_eq!(row.email.as_deref(), Some("vera@example.com"));
    let log = server
        .app
        .store
        .thread_entries(row.thread, causerie_core::Seq(0), 1)
        .await
        .unwrap();
    assert_eq!(log[0].text, text);
}

/// 23: everything that a visitor's socket ever said, searched for what is not theirs to know (I14).
#[tokio::test]
async fn a_visitors_stream_holds_no_notes_no_agents_addresses_and_nothing_of_others() {
    let server = Server::start().await;
    server
        .agent("ada.secret@example.com", Role::Admin, Some("Escalations"))
        .await;
    // What customers see of an agent is the name.
    server
        .change(Change::AddAgent {
            name: "Ada".to_owned(),
            email: "ada.secret@example.com".to_owned(),
            role: None,
            group: None,
        })
        .await;
    let (mut ada, _) = server.agent_socket("ada.secret@example.com").await;
    let (mut other, _) = server.visitor(&visitor(2), 0).await;
    other.says(50, "words of somebody else").await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    for (n, text) in [(1, "hello"), (2, "Talk to a person"), (3, "Skip")] {
        customer
            .say(&end_user::Up::Send(send(n, text, u64::MAX >> 12)))
            .await;
    }
    let ticket = causerie_core::TicketId(1);
    let said = |to, text: &str| Update {
        comment: Some(Comment {
            to,
            text: Text::parse(text).unwrap(),
        }),
        tags: Some(vec!["a-tag-for-colleagues".to_owned()]),
        ..Update::default()
    };
    let mut heard = Vec::new();
    for n in 1..=3 {
        heard.push(until_acknowledged(&mut customer, n).await);
    }
    for (n, update) in [
        (900, said(CommentTo::Note, "a note for colleagues")),
        (901, said(CommentTo::Messaging, "an answer for the customer")),
    ] {
        ada.say(&Up::Update {
            cid: cid(n),
            ticket,
            update: Box::new(update),
        })
        .await;
        until_done(&mut ada, n).await;
    }
    ada.say(&Up::End {
        cid: cid(902),
        ticket,
    })
    .await;
    until_done(&mut ada, 902).await;
    customer.say(&end_user::Up::Send(send(4, "and again", 0))).await;
    heard.push(until_acknowledged(&mut customer, 4).await);
    let (mut again, _) = server.visitor(&visitor(1), 0).await;
    again.say(&end_user::Up::Ping).await;
    heard.push(until(&mut again, "\"Pong\"").await);
    let all = heard.concat();
    assert!(all.contains("an answer for the customer"), "{all}");
    for canary in [
        "a note for colleagues",
        "a-tag-for-colleagues",
        "ada.secret@example.com",
        "Escalations",
        "words of somebody else",
    ] {
        assert!(!all.contains(canary), "{canary}: {all}");
    }
}

async fn until_acknowledged(socket: &mut Socket, n: u64) -> String {
    let ack = format!("{{\"Ack\":{{\"cid\":\"{}\"", cid(n).0);
    until(socket, &ack).await
}

async fn until_done(socket: &mut Socket, n: u64) {
    let done = format!("{{\"Done\":{{\"cid\":\"{}\"", cid(n).0);
    until(socket, &done).await;
}

/// Frames as they come, up to the one that begins so.
async fn until(socket: &mut Socket, beginning: &str) -> String {
    let mut all = String::new();
    loop {
        let frame = socket.hear_raw().await;
        all += &frame;
        all.push('\n');
        if frame.starts_with(beginning) {
            return all;
        }
    }
}

/// 16, 3: what is taken out of a text never reaches anybody.
#[tokio::test]
async fn control_characters_and_direction_overrides_are_taken_out_of_what_is_said() {
    let server = Server::start().await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    let raw = "a\\u0000b\\u202ec\\u001b[31md\\u2066e";
    let id = cid(1).0;
    customer
        .send(Message::text(format!(
            "{{\"Send\":{{\"cid\":\"{id}\",\"text\":\"{raw}\"}}}}"
        )))
        .await;
    customer.ack(cid(1)).await;
    let post = json!({ "site": SITE, "cid": cid(2), "text": "x\u{7}y\u{202d}z" });
    let bearer = format!("Bearer {}", visitor(1));
    let answer = server
        .post("/api/messaging/messages", &[("authorization", &bearer)], &post)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (mut back, resumed) = server.visitor(&visitor(1), 0).await;
    back.say(&end_user::Up::Ping).await;
    let log = until(&mut back, "\"Pong\"").await;
    assert!(resumed.head.0 >= 2);
    for clean in ["\"text\":\"abc[31mde\"", "\"text\":\"xyz\""] {
        assert!(log.contains(clean), "{log}");
    }
}
