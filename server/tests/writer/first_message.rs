use causerie_core::message::Author;
use causerie_core::session::{Placement, SessionState};

use crate::house::{House, Said, cid, customers};

#[tokio::test]
async fn r01_opening_makes_nothing_and_the_first_message_makes_the_chat_thread() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    assert_eq!(house.store.thread_of(&visitor.0).await.unwrap(), None);

    let said = visitor.says(&house, "Bonjour, où est ma commande ?").await;

    assert_eq!(said.placement, Placement::Started);
    let head = house.store.thread_of(&visitor.0).await.unwrap().unwrap();
    assert_eq!(head.thread, said.thread);
    assert_eq!(head.session().unwrap().state, SessionState::Active);
    let log = house.log(said.thread).await;
    assert_eq!(customers(&log), ["Bonjour, où est ma commande ?"]);
    // R02: the bot has greeted in the same transaction, with its replies, and there is no ticket.
    assert_eq!(log.last().unwrap().author, Author::Bot);
    assert!(
        log.last()
            .unwrap()
            .replies
            .contains(&"Talk to a person".to_owned())
    );
    assert_eq!(house.tickets().await, []);
}

#[tokio::test]
async fn r05_two_first_messages_at_once_make_one_chat_thread_and_one_conversation() {
    let house = House::new().await;
    let visitor = house.visitor(1);

    let both = futures_util::future::join_all((0..16).map(|n| {
        let request = visitor.message(cid(), &format!("first {n}"));
        let conversations = house.conversations.clone();
        async move { Said::of(conversations.ask(request).await.unwrap()) }
    }))
    .await;

    let started = both
        .iter()
        .filter(|said| said.placement == Placement::Started)
        .count();
    assert_eq!(started, 1);
    assert!(
        both.iter()
            .all(|said| said.thread == both[0].thread && said.session == both[0].session)
    );
    assert_eq!(customers(&house.log(both[0].thread).await).len(), 16);
    house.logs_fold_into_rows(both[0].thread).await;
}

#[tokio::test]
async fn i32_two_visitors_have_two_chat_threads_and_the_same_secret_elsewhere_is_somebody_else() {
    let house = House::new().await;
    let here = house.visitor(1).says(&house, "hello").await;
    let other = house.visitor(2).says(&house, "hello").await;
    assert_ne!(here.thread, other.thread);
    assert_eq!(
        house
            .store
            .thread(causerie_server::store::SiteId(99), here.thread)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn i31_a_clock_set_back_changes_no_order() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let first = visitor.says(&house, "one").await;
    house.clock.forward(causerie_core::time::Span::hours(-2));
    visitor.says(&house, "two").await;
    let log = house.log(first.thread).await;
    assert!(log.is_sorted_by_key(|entry| (entry.at, entry.seq)));
}
