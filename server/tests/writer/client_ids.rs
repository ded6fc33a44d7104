use causerie_core::Seq;
use causerie_core::ticket::CommentTo;
use causerie_server::conversations::{Refusal, Request};

use crate::house::{House, Said, cid, cid_of, customers};

#[tokio::test]
async fn r11_a_retry_is_acknowledged_where_it_stands_and_applied_once() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let request = visitor.message(cid(), "hello");

    let first = house.ask(request.clone()).await.unwrap();
    let again = house.ask(request).await.unwrap();

    assert_eq!(Said::of(first), Said::of(again));
    assert!(!first.repeated && again.repeated);
    assert_eq!(customers(&house.log(first.thread).await), ["hello"]);
}

#[tokio::test]
async fn r11_retries_in_the_same_commit_are_one_message() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let id = cid();
    let answers = futures_util::future::join_all((0..8).map(|_| {
        let (conversations, request) = (house.conversations.clone(), visitor.message(id, "hello"));
        async move { conversations.ask(request).await.unwrap() }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    assert_eq!(customers(&house.log(answers[0].thread).await), ["hello"]);
}

#[tokio::test]
async fn i06_a_retry_of_a_message_from_before_the_end_returns_its_old_place_and_opens_nothing() {
    let house = House::new().await;
    let (visitor, agent) = (house.visitor(1), house.agent("ann", 3).await);
    let ticket = visitor.reaches_people(&house, "Skip").await;
    let request = visitor.message(cid(), "is anybody there?");
    let before = Said::of(house.ask(request.clone()).await.unwrap());
    house
        .ask(agent.update(ticket.ticket.id, take(agent)))
        .await
        .unwrap();
    house.ask(agent.end(ticket.ticket.id)).await.unwrap();
    let head = house.store.thread_of(&visitor.0).await.unwrap();

    let after = house.ask(request).await.unwrap();

    assert!(after.repeated);
    assert_eq!(Said::of(after), before);
    assert_eq!(house.store.thread_of(&visitor.0).await.unwrap(), head);
}

#[tokio::test]
async fn r11_another_senders_client_id_reveals_nothing() {
    let house = House::new().await;
    let id = cid();
    house
        .ask(house.visitor(1).message(id, "my secret"))
        .await
        .unwrap();

    // One who has written, one who never has, and an agent.
    house.visitor(2).says(&house, "hi").await;
    for stranger in [2, 3] {
        let refused = house
            .ask(house.visitor(stranger).message(id, "my secret"))
            .await
            .unwrap_err();
        assert_eq!(refused, Refusal::UnknownClientId);
    }
    let (agent, ticket) = (
        house.agent("ann", 3).await,
        house.visitor(2).reaches_people(&house, "Skip").await,
    );
    let end = Request::End {
        agent: agent.0,
        cid: Some(id),
        ticket: ticket.ticket.id,
    };
    assert_eq!(house.ask(end).await.unwrap_err(), Refusal::UnknownClientId);
    assert_eq!(house.store.thread_of(&house.visitor(3).0).await.unwrap(), None);
}

#[tokio::test]
async fn the_same_client_id_with_another_payload_is_refused() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let id = cid();
    let said = Said::of(house.ask(visitor.message(id, "one")).await.unwrap());
    assert_eq!(
        house.ask(visitor.message(id, "two")).await.unwrap_err(),
        Refusal::ClientIdReused
    );
    assert_eq!(customers(&house.log(said.thread).await), ["one"]);
    assert!(!Refusal::ClientIdReused.is_retryable());
}

#[tokio::test]
async fn an_agents_reply_sent_twice_stands_once() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await;
    let reply = agent.comment(ticket.ticket.id, CommentTo::Messaging, "Here I am");
    let first = house.ask(reply.clone()).await.unwrap();
    let again = house.ask(reply).await.unwrap();
    assert_eq!(first.outcome, again.outcome);
    let log = house.log(ticket.thread).await;
    assert_eq!(log.iter().filter(|entry| entry.text == "Here I am").count(), 1);
}

#[tokio::test]
async fn a_text_that_cannot_stand_is_refused_and_its_client_id_stays_free() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let id = cid_of(77);
    for text in ["", " \n ", &"x".repeat(4097), "\u{7}\u{202E}"] {
        let refused = house.ask(visitor.message(id, text)).await.unwrap_err();
        assert!(refused.code().starts_with("text_"), "{refused:?}");
    }
    let said = Said::of(house.ask(visitor.message(id, "better")).await.unwrap());
    assert_eq!(said.seq, Seq(1));
}

fn take(agent: crate::house::Agent) -> causerie_core::ticket::Update {
    causerie_core::ticket::Update {
        assignee: Some(causerie_core::ticket::Set::To(agent.0)),
        ..Default::default()
    }
}
