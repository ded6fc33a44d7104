//! After a restore every client is told to start over, and whoever claims to know another past is set right (I26).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use causerie_core::agent::Role;
use causerie_core::wire::end_user::{Down, Resumed, Up};
use causerie_core::wire::{Refused, SUBPROTOCOL, agent};
use causerie_core::{Seq, TicketId, Timestamp};
use causerie_server::store::{Store, back_up, restore};

use crate::support::{Server, Socket, hello, send, visitor};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

async fn backed_up(server: &Server) -> PathBuf {
    let file = server.database().with_file_name("backup");
    back_up(&server.database(), &file, false, NOW, &mut |_, _| {})
        .await
        .unwrap();
    file
}

async fn put_back(server: &Server, file: &Path) -> u64 {
    let keep = server.database().with_file_name("kept");
    restore(&server.database(), file, &keep, NOW, &mut |_, _| {})
        .await
        .unwrap()
        .epoch
}

async fn greeted(server: &Server, epoch: Option<u64>, last: u64) -> (Socket, Resumed) {
    let mut socket = server.visitor_socket().await;
    socket.say(&Up::Hello(hello(&visitor(1), epoch, last))).await;
    let Down::Resumed(resumed) = socket.hear().await else {
        panic!("no Resumed")
    };
    (socket, resumed)
}

/// The numbers that come until a pong.
async fn numbers(socket: &mut Socket) -> Vec<u64> {
    socket.say(&Up::Ping).await;
    let mut all = Vec::new();
    socket
        .until(|down| match down {
            Down::Entries(entries) => {
                all.extend(entries.iter().map(|entry| entry.seq.0));
                None
            }
            Down::Pong => Some(()),
            Down::Resumed(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_) => None,
        })
        .await;
    all
}

#[tokio::test]
async fn i26_after_a_restore_every_socket_is_closed_to_come_again_and_reads_everything_anew() {
    let server = Server::start().await;
    server.agent("ann@shop.example", Role::Admin, None).await;
    let (mut early, _) = greeted(&server, None, 0).await;
    early.says(1, "kept").await;
    let file = backed_up(&server).await;
    early.says(2, "lost").await;
    let (_, known) = greeted(&server, None, 0).await;
    let (mut agent, welcome) = server.agent_socket("ann@shop.example").await;
    let (mut idle, _) = server.visitor(&visitor(2), 0).await;

    let epoch = put_back(&server, &file).await;

    for socket in [&mut early, &mut agent, &mut idle] {
        assert_eq!(socket.close_code().await, 4008);
    }
    let (mut back, resumed) = greeted(&server, Some(known.epoch), known.head.0).await;
    assert_eq!(resumed.epoch, epoch);
    assert_ne!(resumed.epoch, known.epoch);
    assert!(resumed.head < known.head);
    let all: Vec<u64> = (1..=resumed.head.0).collect();
    assert_eq!(numbers(&mut back).await, all, "from the first number on");
    // Who is signed in stays so, and is told the new epoch.
    let (_, again) = server.agent_socket("ann@shop.example").await;
    assert_eq!((welcome.epoch, again.epoch), (known.epoch, epoch));
}

#[tokio::test]
async fn i26_numbers_of_the_future_and_another_epoch_are_answered_by_the_whole_log() {
    let server = Server::start().await;
    let (mut socket, first) = greeted(&server, None, 0).await;
    socket.says(1, "hello").await;
    let (_, known) = greeted(&server, None, 0).await;
    let all: Vec<u64> = (1..=known.head.0).collect();
    for (epoch, last) in [
        (Some(first.epoch), known.head.0 + 1),
        (Some(first.epoch), u64::MAX >> 12),
        (None, 1_000_000),
        (Some(first.epoch + 1), known.head.0),
        (Some(0), 1),
    ] {
        let (mut socket, resumed) = greeted(&server, epoch, last).await;
        assert_eq!((resumed.epoch, resumed.head), (known.epoch, known.head));
        assert_eq!(numbers(&mut socket).await, all, "{epoch:?}, {last}");
    }
    // Read up to a number that does not exist: the head is as far as one can read (I30).
    socket.say(&Up::Read(Seq(u64::MAX >> 12))).await;
    let (_, resumed) = greeted(&server, None, 0).await;
    assert!(resumed.read <= resumed.head);
}

#[tokio::test]
async fn i26_an_agent_who_claims_numbers_of_the_future_is_told_both_logs() {
    let server = Server::start().await;
    server.agent("ann@shop.example", Role::Admin, None).await;
    let (mut socket, _) = greeted(&server, None, 0).await;
    for (n, text) in [(1, "hello"), (2, "Talk to a person"), (3, "Skip")] {
        socket.says(n, text).await;
    }
    let (mut agent, _) = server.agent_socket("ann@shop.example").await;
    let future = Seq(1_000_000);
    let open = agent::Up::Open {
        ticket: TicketId(1),
        thread: future,
        log: future,
    };
    agent.say(&open).await;
    let (thread, log) = agent
        .until(|down| match down {
            agent::Down::Entries { thread, log, .. } => Some((thread, log)),
            agent::Down::Welcome(_)
            | agent::Down::Ticket(_)
            | agent::Down::Gone(_)
            | agent::Down::Agent(_)
            | agent::Down::Settings(_)
            | agent::Down::Macros(_)
            | agent::Down::Typing { .. }
            | agent::Down::Done { .. }
            | agent::Down::Refused(_)
            | agent::Down::Pong => None,
        })
        .await;
    assert_eq!((thread[0].seq, log[0].seq), (Seq(1), Seq(1)));
}

/// What a visitor's log says after a restore.
async fn log_of(server: &Server) -> Vec<String> {
    let who = server.identity(&visitor(1)).await;
    let store = Store::open(&server.database()).await.unwrap();
    let head = store.thread_of(&who).await.unwrap().unwrap();
    let log = store.thread_entries(head.thread, Seq(0), 100).await.unwrap();
    log.into_iter().map(|entry| entry.text).collect()
}

/// What a socket of before a restore is told of a message that it sends, until it is closed; the log is as it was.
async fn sent_after_a_restore() -> Option<Refused> {
    let server = Server::start().await;
    let (mut socket, _) = greeted(&server, None, 0).await;
    socket.says(1, "hello").await;
    let file = backed_up(&server).await;
    let log = log_of(&server).await;
    for n in 2..=9 {
        socket.says(n, "and another thing").await;
    }
    let (mut socket, known) = greeted(&server, None, 0).await;
    numbers(&mut socket).await;
    put_back(&server, &file).await;

    // Of the log of before it has seen all; of the bot's question that is there now, it has not.
    let late = send(10, "Talk to a person", known.head.0);
    socket.say(&Up::Send(late.clone())).await;

    let (told, code) = socket.until_closed().await;
    assert_eq!(code, 4008);
    let mut refused = None;
    for down in told {
        match down {
            Down::Refused(it) => refused = Some(it),
            Down::Ack(ack) => panic!("it was taken: {ack:?}"),
            Down::Entries(_)
            | Down::Pong
            | Down::Resumed(_)
            | Down::Session(_)
            | Down::Typing(_)
            | Down::Read(_) => {}
        }
    }
    assert_eq!(log_of(&server).await, log);
    if let Some(refused) = &refused {
        assert_eq!(refused.cid, Some(late.cid));
    }
    refused
}

#[tokio::test]
async fn r10_what_a_socket_of_before_a_restore_sends_is_refused_for_now_and_answers_nothing() {
    // The server may see for itself that the data is another, and close before it hears the message.
    for _ in 0..10 {
        if let Some(refused) = sent_after_a_restore().await {
            assert_eq!((refused.code.as_str(), refused.retryable), ("unavailable", true));
            return;
        }
    }
    panic!("the server was quicker each time");
}

#[tokio::test]
async fn r10_a_post_that_names_the_epoch_of_before_a_restore_is_refused_for_now() {
    let server = Server::start().await;
    let (mut socket, known) = greeted(&server, None, 0).await;
    socket.says(1, "hello").await;
    let file = backed_up(&server).await;
    let log = log_of(&server).await;
    let epoch = put_back(&server, &file).await;
    let bearer = format!("Bearer {}", visitor(1));
    let headers = [("authorization", bearer.as_str())];
    let post = async |n: u64, epoch: Option<u64>| {
        let mut body = serde_json::to_value(send(n, "Talk to a person", 1_000)).unwrap();
        body["site"] = "shop".into();
        body["epoch"] = serde_json::to_value(epoch).unwrap();
        server.post("/api/messaging/messages", &headers, &body).await
    };

    let late = post(10, Some(known.epoch)).await;
    assert_eq!(
        (late.status, late.json()["code"].as_str()),
        (503, Some("unavailable"))
    );
    assert!(late.header("retry-after").parse::<u64>().is_ok());
    assert_eq!(log_of(&server).await, log);

    assert_eq!(post(10, Some(epoch)).await.status, 200);
    assert_eq!(
        post(11, None).await.status,
        200,
        "whoever knows none is taken as ever"
    );
}

/// How much memory this process has, in bytes.
fn memory() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_resumes_with_a_wrong_epoch_are_answered_in_bounded_time_and_memory() {
    const AT_ONCE: usize = 100;
    const EACH: usize = 100;
    let server = Server::start().await;
    let (mut socket, _) = greeted(&server, None, 0).await;
    for n in 1..=60 {
        socket.says(n, &format!("message {n}")).await;
    }
    let (_, known) = greeted(&server, None, 0).await;
    let all: Vec<u64> = (1..=known.head.0).collect();
    let (before, began) = (memory(), Instant::now());
    let server = &server;
    let all = &all;
    let everybody = (0..AT_ONCE).map(|who| async move {
        for n in 0..EACH {
            // Each from an address of its own, or the limit against floods would be what is tested.
            let from = format!("10.{}.{}.7", who, n);
            let mut socket = server
                .socket_from("/api/messaging/socket", &server.origin(), SUBPROTOCOL, &from)
                .await;
            let epoch = known.epoch + 1 + (n as u64);
            socket
                .say(&Up::Hello(hello(&visitor(1), Some(epoch), known.head.0)))
                .await;
            assert_eq!(&numbers(&mut socket).await, all);
        }
    });
    futures_util::future::join_all(everybody).await;
    let (grown, took) = (memory().saturating_sub(before), began.elapsed());
    println!("{} resumes: {took:?}, {} KiB more", AT_ONCE * EACH, grown / 1024);
    assert!(grown < 64 * 1024 * 1024, "{grown} bytes more than before");
    assert!(took < Duration::from_secs(120), "{took:?}");
}
