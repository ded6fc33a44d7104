use causerie_core::agent::Role;
use causerie_core::ticket::Status;
use causerie_core::ticket::event::TicketEvent;
use causerie_server::conversations::{Refusal, Request};
use causerie_server::store::{Change, Changed};

use crate::house::{House, cid};

#[tokio::test]
async fn r03_the_handoff_makes_one_ticket_with_the_transcript_and_what_was_collected() {
    let house = House::new().await;
    house.agent("ann", 0).await;
    let ticket = house.visitor(1).reaches_people(&house, "eve@mail.example").await;

    assert_eq!(ticket.ticket.status, Status::New);
    assert_eq!(ticket.ticket.subject, "hello");
    assert_eq!(ticket.email.as_deref(), Some("eve@mail.example"));
    assert!(
        ticket
            .ticket
            .fields
            .iter()
            .any(|(_, value)| value == "eve@mail.example")
    );
    let history = house.history(ticket.ticket.id).await;
    let transcript = house.log(ticket.thread).await.len() as u64;
    assert!(
        matches!(history[0].what, TicketEvent::Created { from, to, previous: None }
        if from.0 == 1 && to.0 == transcript)
    );
    let seen = house
        .store
        .session_entries(ticket.thread, ticket.session_id, causerie_core::Seq(0), 100)
        .await
        .unwrap();
    assert_eq!(seen, house.log(ticket.thread).await);
}

#[tokio::test]
async fn i18_handoffs_asked_for_again_and_again_make_one_ticket() {
    let house = House::new().await;
    let said = house.visitor(1).says(&house, "hello").await;
    let pass = Request::HandOff {
        site: house.site,
        thread: said.thread,
    };
    futures_util::future::join_all((0..8).map(|_| house.conversations.ask(pass.clone()))).await;
    house.ask(pass).await.unwrap();
    assert_eq!(house.tickets().await.len(), 1);
}

#[tokio::test]
async fn r46_with_nobody_online_the_bot_says_so_and_the_ticket_is_made_all_the_same() {
    let house = House::new().await;
    let ticket = house.visitor(1).reaches_people(&house, "eve@mail.example").await;
    let log = house.log(ticket.thread).await;
    assert!(
        log.iter()
            .any(|entry| entry.text.starts_with("Nobody is here right now"))
    );
    assert_eq!(ticket.ticket.assignee, None);
}

#[tokio::test]
async fn r46_before_a_handoff_to_a_group_those_of_the_group_count() {
    for (group, says) in [(Some("Sales"), true), (Some("Returns"), false)] {
        let house = House::with_flow(include_str!("../../../flows/example-returns.toml")).await;
        // The group is there, and somebody is online; the question is who.
        house
            .change(Change::AddGroup {
                name: "Returns".to_owned(),
            })
            .await;
        house.agent_of("ann", 3, group, Role::Agent).await;
        let visitor = house.visitor(1);
        for text in ["hello", "It does not fit", "My money back, please", "Eve"] {
            visitor.says(&house, text).await;
        }
        let thread = visitor.says(&house, "Nothing to add").await.thread;
        let told = house
            .log(thread)
            .await
            .iter()
            .any(|entry| entry.text.contains("closed right now"));
        assert_eq!(told, says, "with {group:?} online");
        assert_eq!(house.tickets().await.len(), 1);
    }
}

#[tokio::test]
async fn two_handoffs_in_one_commit_get_two_numbers() {
    let house = House::new().await;
    let mut passes = Vec::new();
    for visitor in 1..=20 {
        let said = house.visitor(visitor).says(&house, "hello").await;
        passes.push(Request::HandOff {
            site: house.site,
            thread: said.thread,
        });
    }
    let all =
        futures_util::future::join_all(passes.into_iter().map(|pass| house.conversations.ask(pass))).await;
    assert!(all.iter().all(Result::is_ok));
    let numbers: Vec<u64> = house.tickets().await.iter().map(|row| row.ticket.id.0).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_end_user_whom_the_business_introduced_meets_the_same_bot_and_rules() {
    let house = House::new().await;
    let introduce = Change::IntroduceEndUser {
        site: house.site,
        external_id: "customer-7".into(),
        name: Some("Eve".into()),
        email: None,
        locale: Some("fr".into()),
    };
    let Changed::EndUser { id, fresh: true } = house.change(introduce.clone()).await else {
        panic!()
    };
    let Changed::EndUser {
        id: again,
        fresh: false,
    } = house.change(introduce).await
    else {
        panic!()
    };
    assert_eq!(id, again);
    let open = Change::OpenThread {
        site: house.site,
        end_user: id,
    };
    let Changed::Thread {
        id: thread,
        fresh: true,
    } = house.change(open.clone()).await
    else {
        panic!()
    };
    let Changed::Thread {
        id: same,
        fresh: false,
    } = house.change(open).await
    else {
        panic!()
    };
    assert_eq!(thread, same);

    let who = causerie_server::conversations::Sender::Of {
        site: house.site,
        thread,
    };
    let send = causerie_core::wire::end_user::Send {
        cid: cid(),
        text: "Bonjour".into(),
        session: None,
        seen: causerie_core::Seq(0),
    };
    house
        .ask(Request::Send {
            who,
            send: send.clone(),
        })
        .await
        .unwrap();
    assert!(
        house
            .log(thread)
            .await
            .iter()
            .any(|entry| entry.text.contains("boutique"))
    );

    // I32: not by another site.
    let elsewhere = causerie_server::store::SiteId(house.site.0 + 1);
    let who = causerie_server::conversations::Sender::Of {
        site: elsewhere,
        thread,
    };
    let send = causerie_core::wire::end_user::Send { cid: cid(), ..send };
    assert_eq!(
        house.ask(Request::Send { who, send }).await.unwrap_err(),
        Refusal::UnknownThread
    );
}
