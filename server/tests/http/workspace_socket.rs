//! The agents' socket: who gets in, what each sees, and that nothing is lost or leaked.

use causerie_core::agent::{Availability, Role};
use causerie_core::message::Text;
use causerie_core::settings::Settings;
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{Comment, CommentTo, Update};
use causerie_core::wire::SUBPROTOCOL;
use causerie_core::wire::agent::{Down, TicketRow, Up};
use causerie_core::wire::{self, end_user};
use causerie_core::{Seq, TicketId};
use causerie_server::conversations::{EndUserIdentity, Request, Sender};
use causerie_server::store::Change;

use crate::support::{SITE, Server, Socket, cid, guessed, send, visitor};

fn row(down: Down) -> Option<TicketRow> {
    match down {
        Down::Ticket(row) => Some(*row),
        Down::Welcome(_)
        | Down::Gone(_)
        | Down::Agent(_)
        | Down::Settings(_)
        | Down::Macros(_)
        | Down::Entries { .. }
        | Down::Typing { .. }
        | Down::Done { .. }
        | Down::Refused(_)
        | Down::Pong => None,
    }
}

fn answer(down: Down) -> Option<Result<(), wire::Refused>> {
    match down {
        Down::Done { .. } => Some(Ok(())),
        Down::Refused(refused) => Some(Err(refused)),
        Down::Welcome(_)
        | Down::Ticket(_)
        | Down::Gone(_)
        | Down::Agent(_)
        | Down::Settings(_)
        | Down::Macros(_)
        | Down::Entries { .. }
        | Down::Typing { .. }
        | Down::Pong => None,
    }
}

/// A visitor who asks for a person, up to the handoff.
async fn asks_for_a_person(server: &Server, n: u64) -> Socket {
    let (mut socket, _) = server.visitor(&visitor(n), 0).await;
    for (at, text) in ["hello", "Talk to a person", "Skip"].into_iter().enumerate() {
        socket.says(n * 100 + at as u64, text).await;
    }
    socket
}

fn comment(to: CommentTo, text: &str) -> Box<Update> {
    let comment = Some(Comment {
        to,
        text: Text::parse(text).unwrap(),
    });
    Box::new(Update {
        comment,
        ..Update::default()
    })
}

#[tokio::test]
async fn a_cookie_alone_opens_no_socket_and_a_token_opens_one() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let open = || {
        server.socket(
            "/api/workspace/socket",
            Some(Box::leak(server.origin().into_boxed_str())),
            Some(SUBPROTOCOL),
        )
    };
    let mut socket = open().await.unwrap();
    socket.say(&Up::Hello { token: guessed() }).await;
    assert_eq!(socket.close_code().await, 4003);

    let (cookie, csrf) = server.sign_in("ada@example.com").await;
    let token_path = "/api/workspace/connect-token";
    assert_eq!(
        server
            .ask("POST", token_path, &[("cookie", &cookie)], None)
            .await
            .status,
        403
    );
    let issued = server
        .ask(
            "POST",
            token_path,
            &[("cookie", &cookie), ("x-csrf-token", &csrf)],
            None,
        )
        .await;
    let token = issued.json()["token"].as_str().unwrap().to_owned();
    let mut first = open().await.unwrap();
    first.say(&Up::Hello { token: token.clone() }).await;
    assert!(matches!(first.hear().await, Down::Welcome(_)));
    let mut second = open().await.unwrap();
    second.say(&Up::Hello { token }).await;
    assert_eq!(second.close_code().await, 4003);
}

#[tokio::test]
async fn a_handed_off_conversation_comes_by_itself_and_both_sides_talk() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let (mut ada, welcome) = server.agent_socket("ada@example.com").await;
    assert!(welcome.tickets.is_empty());
    ada.say(&Up::Availability(Availability::Online)).await;
    let online = ada
        .until(|down| match down {
            Down::Agent(agent) => Some(agent.availability),
            Down::Welcome(_) | Down::Ticket(_) | Down::Gone(_) | Down::Settings(_) | Down::Macros(_) => None,
            Down::Entries { .. }
            | Down::Typing { .. }
            | Down::Done { .. }
            | Down::Refused(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(online, Availability::Online);

    let mut customer = asks_for_a_person(&server, 1).await;
    let ticket = ada
        .until(|down| row(down).filter(|row| row.ticket.assignee == Some(welcome.me)))
        .await
        .ticket
        .id;

    ada.say(&Up::Open {
        ticket,
        thread: Seq(0),
        log: Seq(0),
    })
    .await;
    let (mut thread, mut log) = (Vec::new(), Vec::new());
    while !log.iter().any(|what| matches!(what, TicketEvent::Created { .. })) || thread.is_empty() {
        let page = ada.until(entries).await;
        thread.extend(page.0);
        log.extend(page.1);
    }
    assert_eq!(thread[0], "hello");

    let reply = Up::Update {
        cid: cid(900),
        ticket,
        update: comment(CommentTo::Messaging, "How can I help?"),
    };
    ada.say(&reply).await;
    assert_eq!(ada.until(answer).await, Ok(()));
    let note = Up::Update {
        cid: cid(901),
        ticket,
        update: comment(CommentTo::Note, "A canary: nobody tells."),
    };
    ada.say(&note).await;
    assert_eq!(ada.until(answer).await, Ok(()));
    // The customer gets the reply; the note is nowhere in what follows.
    let mut heard = String::new();
    customer.says(199, "My order").await;
    let (mut back, resumed) = server.visitor(&visitor(1), 0).await;
    let mut upto = 0;
    while upto < resumed.head.0 {
        let down: end_user::Down = back.hear().await;
        heard += &serde_json::to_string(&down).unwrap();
        if let end_user::Down::Entries(entries) = down {
            upto = entries.last().unwrap().seq.0;
        }
    }
    assert!(heard.contains("How can I help?"));
    assert!(!heard.contains("canary"));

    let mut live = Vec::new();
    while !live.contains(&"My order".to_owned()) {
        live.extend(ada.until(entries).await.0);
    }
    ada.say(&Up::End {
        cid: cid(902),
        ticket,
    })
    .await;
    assert_eq!(ada.until(answer).await, Ok(()));
    let late = Up::Update {
        cid: cid(903),
        ticket,
        update: comment(CommentTo::Messaging, "One more thing"),
    };
    ada.say(&late).await;
    assert_eq!(ada.until(answer).await.unwrap_err().code, "session_ended");
}

fn entries(down: Down) -> Option<(Vec<String>, Vec<TicketEvent>)> {
    match down {
        Down::Entries { thread, log, .. } => Some((
            thread.into_iter().map(|entry| entry.text).collect(),
            log.into_iter().map(|entry| entry.what).collect(),
        )),
        Down::Welcome(_) | Down::Ticket(_) | Down::Gone(_) | Down::Agent(_) | Down::Settings(_) => None,
        Down::Macros(_) | Down::Typing { .. } | Down::Done { .. } | Down::Refused(_) | Down::Pong => None,
    }
}

#[tokio::test]
async fn a_ticket_of_another_group_is_as_if_it_were_not() {
    let server = Server::start().await;
    server
        .agent("ada@example.com", Role::Agent, Some("Returns"))
        .await;
    server.agent("bob@example.com", Role::Agent, Some("Sales")).await;
    let (mut ada, welcome) = server.agent_socket("ada@example.com").await;
    let (mut bob, _) = server.agent_socket("bob@example.com").await;
    let returns = welcome
        .groups
        .iter()
        .find(|(_, name)| name == "Returns")
        .unwrap()
        .0;
    let _customer = asks_for_a_person(&server, 1).await;
    let ticket = ada.until(row).await.ticket.id;
    assert_eq!(bob.until(row).await.ticket.id, ticket);

    let group = Some(causerie_core::ticket::Set::To(returns));
    ada.say(&Up::Update {
        cid: cid(900),
        ticket,
        update: Box::new(Update {
            group,
            ..Update::default()
        }),
    })
    .await;
    assert_eq!(ada.until(answer).await, Ok(()));
    let gone = bob
        .until(|down| match down {
            Down::Gone(ticket) => Some(ticket),
            Down::Welcome(_) | Down::Ticket(_) | Down::Agent(_) | Down::Settings(_) | Down::Macros(_) => None,
            Down::Entries { .. }
            | Down::Typing { .. }
            | Down::Done { .. }
            | Down::Refused(_)
            | Down::Pong => None,
        })
        .await;
    assert_eq!(gone, ticket);

    // The ticket of the other group, and one that never was, are refused alike.
    let mut answers = Vec::new();
    for (n, ticket) in [(910, ticket), (920, TicketId(4711))] {
        bob.say(&Up::Open {
            ticket,
            thread: Seq(0),
            log: Seq(0),
        })
        .await;
        answers.push(bob.until(answer).await.unwrap_err().code);
        for (cid, up) in [
            (cid(n), Up::End { cid: cid(n), ticket }),
            (
                cid(n + 1),
                Up::Update {
                    cid: cid(n + 1),
                    ticket,
                    update: comment(CommentTo::Note, "x"),
                },
            ),
        ] {
            bob.say(&up).await;
            let refused = bob.until(answer).await.unwrap_err();
            assert_eq!(refused.cid, Some(cid));
            answers.push(refused.code);
        }
    }
    assert_eq!(answers[..3], answers[3..]);
    assert_eq!(answers[0], "unknown_ticket");
}

#[tokio::test]
async fn whoever_signs_out_or_gets_another_password_is_out_within_5_seconds() {
    let server = Server::start().await;
    let agent = server.agent("ada@example.com", Role::Agent, None).await;
    let (mut socket, _) = server.agent_socket("ada@example.com").await;
    let hash = causerie_server::password::hash_now("quite another").unwrap();
    server.change(Change::SetPassword { agent, hash }).await;
    let code = tokio::time::timeout(std::time::Duration::from_secs(5), socket.close_code()).await;
    assert_eq!(code.unwrap(), 4003);
}

#[tokio::test]
async fn a_lowered_role_reads_everything_anew_within_5_seconds() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut socket, _) = server.agent_socket("ada@example.com").await;
    let lower = Change::AddAgent {
        name: "ada@example.com".to_owned(),
        email: "ada@example.com".to_owned(),
        role: Some(Role::Agent),
        group: None,
    };
    server.change(lower).await;
    let code = tokio::time::timeout(std::time::Duration::from_secs(5), socket.close_code()).await;
    assert_eq!(code.unwrap(), 4008);
}

#[tokio::test]
async fn r15_while_it_is_off_no_frame_of_an_agent_ends_a_session() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let mut visitor = asks_for_a_person(&server, 1).await;
    let (mut ada, welcome) = server.agent_socket("ada@example.com").await;
    let ticket = welcome.tickets[0].ticket.id;
    let off = Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    };
    server.change(Change::SetSettings(off)).await;
    let ends = welcome
        .macros
        .iter()
        .find(|prepared| prepared.end_session)
        .unwrap();
    let with_a_note = Box::new(Update {
        end_session: true,
        ..*comment(CommentTo::Note, "bye")
    });
    let ways = [
        Up::End { cid: cid(1), ticket },
        Up::Macro {
            cid: cid(2),
            ticket,
            id: ends.id,
        },
        Up::Update {
            cid: cid(3),
            ticket,
            update: with_a_note,
        },
    ];
    for way in ways {
        ada.say(&way).await;
        let refused = ada.until(answer).await.unwrap_err();
        assert_eq!(refused.code, "ending_switched_off", "{way:?}");
    }
    let row = server.app.store.ticket(ticket).await.unwrap().unwrap();
    assert_eq!(row.ticket, welcome.tickets[0].ticket, "nothing of it was done");
    assert!(row.session.ended().is_none());
    let ack = visitor.says(900, "still there?").await;
    assert_eq!(ack.session, row.session_id);
}

#[tokio::test]
async fn a_welcome_says_when_there_are_more_tickets_than_it_has() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Agent, None).await;
    let site = server.app.store.site(SITE).await.unwrap().unwrap().id;
    for n in 1..=501_u64 {
        let mut secret_hash = [0; 32];
        secret_hash[..8].copy_from_slice(&n.to_le_bytes());
        for (at, text) in ["hello", "Talk to a person", "Skip"].into_iter().enumerate() {
            let who = EndUserIdentity {
                site,
                secret_hash,
                locale: "en".to_owned(),
            };
            let request = Request::Send {
                who: Sender::Visitor(who),
                send: send(n * 10 + at as u64, text, u64::MAX >> 12),
            };
            server.app.conversations.ask(request).await.unwrap();
        }
        if n == 500 {
            let (_, welcome) = server.agent_socket("ada@example.com").await;
            assert_eq!((welcome.tickets.len(), welcome.more), (500, false));
        }
    }
    let (_, welcome) = server.agent_socket("ada@example.com").await;
    assert_eq!((welcome.tickets.len(), welcome.more), (500, true));
    assert_eq!(welcome.tickets[0].ticket.id, TicketId(501), "the latest");
}

#[tokio::test]
async fn a_group_that_is_new_brings_every_desk_to_read_all_anew() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, welcome) = server.agent_socket("ada@example.com").await;
    assert!(welcome.groups.is_empty());
    server
        .agent("bea@example.com", Role::Agent, Some("Returns"))
        .await;
    assert_eq!(ada.close_code().await, 4008);
    let (_, welcome) = server.agent_socket("ada@example.com").await;
    assert_eq!(welcome.groups.len(), 1);
}
