//! Catch-up and live together have no hole and no double (I24, I26).

use std::sync::Arc;

use causerie_core::agent::Role;
use causerie_core::chat_thread::Outcome;
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::SessionState;
use causerie_core::settings::Settings;
use causerie_core::ticket::{Priority, Set, Update};
use causerie_core::wire::agent::{self, TicketRow};
use causerie_core::wire::end_user::{Down, Resumed, Up};
use causerie_core::{Seq, TicketId};
use causerie_server::conversations::{Conversations, Request, Sender};
use causerie_server::notifier::{Notifier, ThreadNotice, Whose};
use causerie_server::store::Change;

use crate::support::{Server, Socket, cid, hello, send, visitor};

/// Entries until a number, with no hole and no double.
async fn entries_until(socket: &mut Socket, after: u64, last: u64) -> Vec<ThreadEntry> {
    let mut all: Vec<ThreadEntry> = Vec::new();
    while after + (all.len() as u64) < last {
        let page = socket
            .until(|down| match down {
                Down::Entries(entries) => Some(entries),
                Down::Resumed(_)
                | Down::Session(_)
                | Down::Ack(_)
                | Down::Refused(_)
                | Down::Typing(_)
                | Down::Read(_)
                | Down::Pong => None,
            })
            .await;
        all.extend(page);
        let numbers: Vec<u64> = all.iter().map(|entry| entry.seq.0).collect();
        let expected: Vec<u64> = (after + 1..=after + all.len() as u64).collect();
        assert_eq!(numbers, expected);
    }
    all
}

#[tokio::test]
async fn i26_a_long_log_comes_back_in_pages_without_holes() {
    let server = Server::start().await;
    let (mut socket, resumed) = server.visitor(&visitor(1), 0).await;
    assert_eq!((resumed.thread, resumed.head.0, resumed.session), (None, 0, None));
    for n in 1..=70 {
        socket.says(n, &format!("message {n}")).await;
    }
    let (mut back, resumed) = server.visitor(&visitor(1), 0).await;
    let head = resumed.head.0;
    assert!(head >= 70);
    let all = entries_until(&mut back, 0, head).await;
    assert_eq!(
        all.iter().filter(|entry| entry.author == Author::EndUser).count(),
        70
    );
    // From the middle on, and from the head on.
    let (mut back, _) = server.visitor(&visitor(1), 60).await;
    assert_eq!(entries_until(&mut back, 60, head).await.len() as u64, head - 60);
    let (mut back, _) = server.visitor(&visitor(1), head).await;
    back.say(&Up::Ping).await;
    assert_eq!(back.hear::<Down>().await, Down::Pong);
}

#[tokio::test]
async fn i26_joining_while_others_write_has_no_hole_and_no_double() {
    let server = Server::start().await;
    let (mut writer, _) = server.visitor(&visitor(1), 0).await;
    writer.says(1, "first").await;
    let (last, joined) = tokio::join!(
        async {
            let mut last = 0;
            for n in 2..=60 {
                last = writer.says(n, &format!("message {n}")).await.seq.0;
            }
            last
        },
        async {
            let mut joined = Vec::new();
            for _ in 0..5 {
                joined.push(server.visitor(&visitor(1), 0).await.0);
            }
            joined
        },
    );
    for mut socket in joined {
        entries_until(&mut socket, 0, last).await;
    }
}

#[tokio::test]
async fn r05_a_tab_that_opened_first_learns_of_the_thread_another_tab_made() {
    let server = Server::start().await;
    let (mut idle, resumed) = server.visitor(&visitor(1), 0).await;
    assert_eq!(resumed.thread, None);
    let (mut busy, _) = server.visitor(&visitor(1), 0).await;
    let ack = busy.says(1, "hello").await;
    let entries = entries_until(&mut idle, 0, 1).await;
    assert_eq!((entries[0].cid, entries[0].session), (Some(cid(1)), ack.session));
    // Its own message goes into the same chat thread.
    assert_eq!(idle.says(2, "me too").await.session, ack.session);
}

#[tokio::test]
async fn r11_a_retry_on_another_socket_is_acknowledged_where_it_stands() {
    let server = Server::start().await;
    let (mut one, _) = server.visitor(&visitor(1), 0).await;
    let first = one.says(1, "once").await;
    let (mut two, _) = server.visitor(&visitor(1), 0).await;
    assert_eq!(two.says(1, "once").await, first);
    two.say(&Up::Send(send(1, "twice", 0))).await;
    let code = two
        .until(|down| match down {
            Down::Refused(refused) => Some(refused.code),
            Down::Resumed(_)
            | Down::Entries(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(code, "cid_reused");
}

#[tokio::test]
async fn i26_a_client_of_another_past_starts_over() {
    let server = Server::start().await;
    let (mut socket, resumed) = server.visitor(&visitor(1), 0).await;
    socket.says(1, "hello").await;
    let last = server.visitor(&visitor(1), 0).await.1.head.0;
    // Another epoch, or a number that is not there yet.
    for (epoch, number) in [(Some(resumed.epoch + 1), last), (Some(resumed.epoch), last + 100)] {
        let mut back = server.visitor_socket().await;
        back.say(&Up::Hello(hello(&visitor(1), epoch, number))).await;
        let Down::Resumed(told) = back.hear().await else {
            panic!("no Resumed")
        };
        assert_eq!(told.epoch, resumed.epoch);
        entries_until(&mut back, 0, last).await;
    }
}

#[tokio::test]
async fn a_closing_server_tells_its_sockets_to_come_back() {
    let server = Server::start().await;
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    socket.says(1, "hello").await;
    server.life.close();
    assert_eq!(socket.close_code().await, 1012);
    drop(socket);
    server.life.everybody_gone().await;
}

/// The next time that the server says where the connection goes on from.
async fn resumed_again(socket: &mut Socket) -> Resumed {
    socket
        .until(|down| match down {
            Down::Resumed(resumed) => Some(resumed),
            Down::Entries(entries) => panic!("entries before it is known of which chat thread: {entries:?}"),
            Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await
}

#[tokio::test]
async fn r01_the_first_message_makes_the_chat_thread_and_each_tab_is_told_which() {
    let server = Server::start().await;
    let (mut idle, _) = server.visitor(&visitor(1), 0).await;
    let (mut busy, before) = server.visitor(&visitor(1), 0).await;
    assert_eq!(before.thread, None);
    busy.say(&Up::Send(send(1, "hello", 0))).await;
    let told = resumed_again(&mut busy).await;
    assert!(told.thread.is_some());
    assert!(told.session.is_some());
    assert_eq!((told.epoch, told.build), (before.epoch, before.build));
    assert_eq!(resumed_again(&mut idle).await.thread, told.thread);
    for tab in [&mut busy, &mut idle] {
        assert_eq!(entries_until(tab, 0, told.head.0).await.len() as u64, told.head.0);
    }
    // Once: what follows is the log again.
    busy.say(&Up::Send(send(2, "and?", 0))).await;
    for tab in [&mut busy, &mut idle] {
        loop {
            match tab.hear().await {
                Down::Resumed(again) => panic!("{again:?}"),
                Down::Entries(_) => break,
                Down::Session(_)
                | Down::Ack(_)
                | Down::Refused(_)
                | Down::Typing(_)
                | Down::Read(_)
                | Down::Pong => {}
            }
        }
    }
}

/// The socket took a next frame more readily than it passed on what was told, so whoever wrote ahead of the disk had
/// their own messages pile up until they were cut off as too slow.
#[tokio::test]
async fn bug_a_visitor_who_writes_ahead_of_the_disk_is_not_cut_off() {
    let server = Server::start().await;
    let (mut socket, _) = server.visitor(&visitor(1), 0).await;
    for n in 1..=190 {
        socket.say(&Up::Send(send(n, "one of many", 0))).await;
    }
    let mut last = 0;
    for n in 1..=190 {
        let seq = socket.ack(cid(n)).await.seq.0;
        assert!(seq > last, "i25: the order of sending is the order in the log");
        last = seq;
    }
}

/// A writer whose notices reach nobody here, as another node's would that are lost on the way.
fn unheard(server: &Server) -> Conversations {
    Conversations::start(
        server.app.store.clone(),
        Arc::clone(&server.app.flow),
        server.app.clock.clone(),
        Notifier::default(),
        Arc::default(),
    )
}

fn head(down: Down) -> u64 {
    let Down::Resumed(resumed) = down else {
        panic!("{down:?}")
    };
    resumed.head.0
}

fn state(down: &Down) -> SessionState {
    let Down::Session(report) = down else {
        panic!("{down:?}")
    };
    report.state
}

#[tokio::test]
async fn i28_what_a_lost_notice_would_have_told_comes_with_the_next_heartbeat() {
    let server = Server::start().await;
    server
        .change(Change::SetSettings(Settings {
            end_users_can_end_sessions: true,
            ..Settings::default()
        }))
        .await;
    let who = server.identity(&visitor(1)).await;
    let unheard = unheard(&server);
    let (mut tab, _) = server.visitor(&visitor(1), 0).await;
    let message = |n| Request::Send {
        who: Sender::Visitor(who.clone()),
        send: send(n, "told to nobody", 0),
    };
    // The chat thread itself is news to this tab.
    unheard.ask(message(1)).await.unwrap();
    tab.say(&Up::Ping).await;
    let head = head(tab.hear().await);
    entries_until(&mut tab, 0, head).await;
    assert_eq!(tab.hear::<Down>().await, Down::Pong);
    // So is an entry, and so is a session's end, which is in no log.
    unheard.ask(message(2)).await.unwrap();
    tab.say(&Up::Ping).await;
    entries_until(&mut tab, head, head + 1).await;
    assert_eq!(tab.hear::<Down>().await, Down::Pong);
    let latest = server.app.store.thread_of(&who).await.unwrap().unwrap().latest;
    let end = Request::EndByEndUser {
        who: who.clone(),
        cid: cid(3),
        session: latest.unwrap().id,
    };
    unheard.ask(end).await.unwrap();
    tab.say(&Up::Ping).await;
    assert_eq!(state(&tab.hear().await), SessionState::Ended);
    assert_eq!(tab.hear::<Down>().await, Down::Pong);
    // And so is how far another tab has read.
    let read = Request::Read {
        who: Sender::Visitor(who),
        upto: Seq(2),
    };
    unheard.ask(read).await.unwrap();
    tab.say(&Up::Ping).await;
    assert_eq!(tab.hear::<Down>().await, Down::Read(Seq(2)));
    assert_eq!(tab.hear::<Down>().await, Down::Pong);
    // Nothing lost, nothing said.
    tab.say(&Up::Ping).await;
    assert_eq!(tab.hear::<Down>().await, Down::Pong);
}

/// What an agent is told from here to the answer to a ping, of tickets: each row, each page of entries, each that went.
async fn told_by_a_heartbeat(ada: &mut Socket) -> (Vec<TicketRow>, usize, Vec<TicketId>) {
    let (mut rows, mut entries, mut gone) = (Vec::new(), 0, Vec::new());
    ada.say(&agent::Up::Ping).await;
    loop {
        match ada.hear::<agent::Down>().await {
            agent::Down::Ticket(row) => rows.push(*row),
            agent::Down::Entries { thread, log, .. } => entries += thread.len() + log.len(),
            agent::Down::Gone(ticket) => gone.push(ticket),
            agent::Down::Pong => return (rows, entries, gone),
            agent::Down::Welcome(_)
            | agent::Down::Agent(_)
            | agent::Down::Settings(_)
            | agent::Down::Macros(_)
            | agent::Down::Typing { .. }
            | agent::Down::Done { .. }
            | agent::Down::Refused(_) => {}
        }
    }
}

#[tokio::test]
async fn i28_what_lost_notices_would_have_told_an_agent_comes_with_the_next_heartbeat() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let bea = server
        .agent("bea@example.com", Role::Admin, Some("Returns"))
        .await;
    let unheard = unheard(&server);
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let who = server.identity(&visitor(1)).await;
    for (n, text) in (1..).zip(["hello", "Talk to a person", "Skip"]) {
        let message = Request::Send {
            who: Sender::Visitor(who.clone()),
            send: send(n, text, u64::MAX >> 1),
        };
        unheard.ask(message).await.unwrap();
    }
    // A ticket that she never heard of.
    let (rows, entries, _) = told_by_a_heartbeat(&mut ada).await;
    assert_eq!((rows.len(), entries), (1, 0));
    let ticket = rows[0].ticket.id;
    ada.say(&agent::Up::Open {
        ticket,
        thread: Seq(0),
        log: Seq(0),
    })
    .await;
    assert!(told_by_a_heartbeat(&mut ada).await.1 > 0, "its logs");
    // A change of it, and what was said.
    let update = |update| Request::Update {
        agent: bea,
        cid: None,
        ticket,
        update,
    };
    let urgent = Update {
        priority: Some(Priority::Urgent),
        ..Update::default()
    };
    unheard.ask(update(urgent)).await.unwrap();
    let (rows, entries, _) = told_by_a_heartbeat(&mut ada).await;
    assert_eq!((rows.len(), entries), (1, 1));
    assert_eq!(rows[0].ticket.priority, Priority::Urgent);
    // Nothing lost, nothing said.
    assert_eq!(told_by_a_heartbeat(&mut ada).await, (vec![], 0, vec![]));
    // It is another group's now, and none of hers.
    let groups = server.app.store.groups().await.unwrap();
    let returns = groups.iter().find(|(_, name)| name == "Returns").unwrap().0;
    let to_returns = Update {
        group: Some(Set::To(returns)),
        ..Update::default()
    };
    unheard.ask(update(to_returns)).await.unwrap();
    assert_eq!(told_by_a_heartbeat(&mut ada).await, (vec![], 0, vec![ticket]));
}

#[tokio::test]
async fn i28_settings_and_macros_of_a_lost_notice_come_with_the_next_heartbeat() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let unheard = unheard(&server);
    let (mut ada, welcome) = server.agent_socket("ada@example.com").await;
    let settings = Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    };
    unheard.change(Change::SetSettings(settings)).await.unwrap();
    unheard
        .change(Change::RemoveMacro(welcome.macros[0].id))
        .await
        .unwrap();
    ada.say(&agent::Up::Ping).await;
    assert_eq!(ada.hear::<agent::Down>().await, agent::Down::Settings(settings));
    let left = welcome.macros[1..].to_vec();
    assert_eq!(ada.hear::<agent::Down>().await, agent::Down::Macros(left));
    assert_eq!(ada.hear::<agent::Down>().await, agent::Down::Pong);
    // Nothing lost, nothing said.
    ada.say(&agent::Up::Ping).await;
    assert_eq!(ada.hear::<agent::Down>().await, agent::Down::Pong);
}

/// More notices at once than wait for one listener closed its socket, though it read all the time.
#[tokio::test]
async fn bug_a_reader_who_missed_notices_catches_up_from_the_log_and_is_not_cut_off() {
    let server = Server::start().await;
    let who = server.identity(&visitor(1)).await;
    let (mut tab, _) = server.visitor(&visitor(1), 0).await;
    let first = tab.says(1, "hello").await;
    let missed = Request::Send {
        who: Sender::Visitor(who.clone()),
        send: send(2, "missed", 0),
    };
    let answer = unheard(&server).ask(missed).await.unwrap();
    // All at once: nothing else runs on this thread meanwhile.
    let whose = Whose::Anonymous {
        site: who.site,
        secret_hash: who.secret_hash,
    };
    for _ in 0..1000 {
        server
            .app
            .notifier
            .tell_thread(&whose, &ThreadNotice::Typing(true));
    }
    let missed = tab
        .until(|down| match down {
            Down::Entries(entries) => entries.into_iter().find(|entry| entry.text == "missed"),
            Down::Resumed(_)
            | Down::Session(_)
            | Down::Ack(_)
            | Down::Refused(_)
            | Down::Typing(_)
            | Down::Read(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(missed.session, first.session);
    assert!(matches!(answer.outcome, Outcome::Said { seq, .. } if seq == missed.seq));
    assert!(tab.says(3, "still here").await.seq > missed.seq);
}
