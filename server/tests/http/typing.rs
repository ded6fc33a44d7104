//! Typing goes both ways, is written nowhere, and stops at the end of the session (R19).

use causerie_core::agent::Role;
use causerie_core::wire::{agent, end_user};

use crate::support::{Server, Socket, cid, visitor};

fn of_agent(down: end_user::Down) -> Option<bool> {
    match down {
        end_user::Down::Typing(on) => Some(on),
        end_user::Down::Resumed(_)
        | end_user::Down::Entries(_)
        | end_user::Down::Session(_)
        | end_user::Down::Ack(_)
        | end_user::Down::Refused(_)
        | end_user::Down::Read(_)
        | end_user::Down::Pong => None,
    }
}

fn of_customer(down: agent::Down) -> Option<bool> {
    match down {
        agent::Down::Typing { on, .. } => Some(on),
        agent::Down::Welcome(_)
        | agent::Down::Ticket(_)
        | agent::Down::Gone(_)
        | agent::Down::Agent(_)
        | agent::Down::Settings(_)
        | agent::Down::Macros(_)
        | agent::Down::Entries { .. }
        | agent::Down::Done { .. }
        | agent::Down::Refused(_)
        | agent::Down::Pong => None,
    }
}

#[tokio::test]
async fn typing_is_seen_on_the_other_side_and_ends_with_the_session() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    for (n, text) in [(1, "hello"), (2, "Talk to a person"), (3, "Skip")] {
        customer.says(n, text).await;
    }
    let ticket = ada
        .until(|down| match down {
            agent::Down::Ticket(row) => Some(row.ticket.id),
            agent::Down::Welcome(_) | agent::Down::Gone(_) | agent::Down::Agent(_) => None,
            agent::Down::Settings(_) | agent::Down::Macros(_) | agent::Down::Entries { .. } => None,
            agent::Down::Typing { .. } | agent::Down::Done { .. } => None,
            agent::Down::Refused(_) | agent::Down::Pong => None,
        })
        .await;

    customer.say(&end_user::Up::Typing(true)).await;
    assert!(ada.until(of_customer).await);
    customer.say(&end_user::Up::Typing(false)).await;
    assert!(!ada.until(of_customer).await);

    ada.say(&agent::Up::Typing { ticket, on: true }).await;
    assert!(customer.until(of_agent).await);
    ada.say(&agent::Up::End {
        cid: cid(900),
        ticket,
    })
    .await;
    assert!(!customer.until(of_agent).await);
    // From here on nothing of this ticket reaches the customer.
    nothing_of_it_passes(&mut ada, &mut customer, ticket).await;
}

/// Closed, a ticket may have a session that was never ended: what is typed on it is nobody's to see either.
#[tokio::test]
async fn bug_typing_on_a_closed_ticket_does_not_reach_the_customer() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    for (n, text) in [(1, "hello"), (2, "Talk to a person"), (3, "Skip")] {
        customer.says(n, text).await;
    }
    // Time closes tickets, and that is not built yet: the rows are set as it will set them.
    server.sql("UPDATE ticket SET status = 'closed'").await;
    server.sql("UPDATE conversation SET live = 0").await;
    nothing_of_it_passes(&mut ada, &mut customer, causerie_core::TicketId(1)).await;
}

async fn nothing_of_it_passes(ada: &mut Socket, customer: &mut Socket, ticket: causerie_core::TicketId) {
    ada.say(&agent::Up::Typing { ticket, on: true }).await;
    ada.say(&agent::Up::Ping).await;
    ada.until(|down: agent::Down| (down == agent::Down::Pong).then_some(()))
        .await;
    customer.say(&end_user::Up::Ping).await;
    customer
        .until(|down: end_user::Down| {
            assert!(
                !matches!(down, end_user::Down::Typing(_)),
                "typing after it was over"
            );
            (down == end_user::Down::Pong).then_some(())
        })
        .await;
}
