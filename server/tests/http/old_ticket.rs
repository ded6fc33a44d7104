//! What is learnt of the customer in a fresh conversation shows with their old ticket, of which nothing is touched.

use causerie_core::agent::Role;
use causerie_core::ticket::CommentTo;
use causerie_core::ticket::composer::composer;
use causerie_core::wire::agent::{Down, TicketRow, Up};
use causerie_server::store::Bearing;

use crate::support::{Server, Socket, cid, visitor};

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

fn default_channel(row: &TicketRow) -> CommentTo {
    composer(&row.session, row.ticket.status, row.email.is_some()).default
}

async fn goes_through_the_flow(customer: &mut Socket, from: u64, email: &str) {
    for (n, text) in (from..).zip(["hello", "Talk to a person", email]) {
        customer.says(n, text).await;
    }
}

#[tokio::test]
async fn r28_an_email_learnt_later_reaches_the_old_tickets_composer_and_r08_leaves_the_ticket_alone() {
    let server = Server::start().await;
    server.agent("ada@example.com", Role::Admin, None).await;
    let (mut ada, _) = server.agent_socket("ada@example.com").await;
    let (mut customer, _) = server.visitor(&visitor(1), 0).await;
    goes_through_the_flow(&mut customer, 1, "Skip").await;
    let old = ada.until(row).await;
    ada.say(&Up::End {
        cid: cid(900),
        ticket: old.ticket.id,
    })
    .await;
    let ended = ada
        .until(|down| row(down).filter(|row| row.session.ended().is_some()))
        .await;
    assert_eq!(
        default_channel(&ended),
        CommentTo::Note,
        "nobody knows an address"
    );
    let bearing = [Bearing::Session(old.session_id)];
    let of_the_old = |rows: Vec<String>| -> Vec<String> {
        // The fresh conversation and its ticket name the one before; those rows are their own.
        rows.into_iter()
            .filter(|row| !row.contains("previous_session=X") && !row.contains("\"previous\":{"))
            .collect()
    };
    let before = of_the_old(server.app.store.rows_bearing(&bearing).await.unwrap());

    goes_through_the_flow(&mut customer, 11, "vera@example.com").await;

    let told = ada
        .until(|down| row(down).filter(|row| row.ticket.id == old.ticket.id && row.email.is_some()))
        .await;
    assert_eq!(told.email.as_deref(), Some("vera@example.com"));
    assert_eq!(default_channel(&told), CommentTo::Email);
    assert_eq!(
        (told.ticket, told.session, told.updated_at),
        (ended.ticket, ended.session, ended.updated_at)
    );
    let after = of_the_old(server.app.store.rows_bearing(&bearing).await.unwrap());
    assert_eq!(before, after);
}
