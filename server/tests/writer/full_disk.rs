use causerie_core::Seq;
use causerie_core::ticket::Update;
use causerie_server::conversations::{Refusal, Request, Sender};
use sqlx::Connection;

use crate::house::{House, cid, customers};

/// A text that fills pages.
fn long(n: usize) -> String {
    format!("{n} {}", "x".repeat(4000))
}

#[tokio::test]
async fn a_full_disk_refuses_all_of_a_commit_and_nothing_is_half_written() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let first = visitor.says(&house, "before").await;
    let before = house.log(first.thread).await;
    house.store.limit_pages(house.store.pages().await.unwrap() + 2);

    let requests: Vec<_> = (0..40).map(|n| visitor.message(cid(), &long(n))).collect();
    let answers = futures_util::future::join_all(
        requests
            .iter()
            .map(|request| house.conversations.ask(request.clone())),
    )
    .await;
    let refused = answers.iter().filter(
        |answer| matches!(answer, Err(Refusal::Unavailable { retry_after_ms }) if *retry_after_ms > 0),
    );
    let refused = refused.count();
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(refused > 0, "the disk was not full");
    assert_eq!(
        refused + done,
        answers.len(),
        "a refusal says that it may be tried again"
    );
    let log = house.log(first.thread).await;
    assert_eq!(
        customers(&log).len(),
        customers(&before).len() + done,
        "acknowledged is what is stored"
    );
    house.logs_fold_into_rows(first.thread).await;

    // There is room again: it works by itself, and the retries are applied once.
    house.store.limit_pages(0);
    for request in requests {
        house.ask(request).await.unwrap();
    }
    assert_eq!(customers(&house.log(first.thread).await).len(), 41);
}

/// An answer that wrote nothing, or next to nothing, was taken for a sign that the disk had room again.
#[tokio::test]
async fn bug_only_what_is_written_shows_that_a_full_disk_has_room_again() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let repeated = visitor.message(cid(), "before");
    house.ask(repeated.clone()).await.unwrap();
    assert!(house.conversations.can_write().await);
    house.store.limit_pages(house.store.pages().await.unwrap() + 2);
    let mut refused = None;
    while refused.is_none() {
        let request = visitor.message(cid(), &long(1));
        refused = house
            .conversations
            .ask(request.clone())
            .await
            .err()
            .map(|_| request);
    }
    assert!(!house.conversations.can_write().await);

    assert!(house.conversations.ask(repeated).await.unwrap().repeated);
    assert!(!house.conversations.can_write().await, "a retry wrote nothing");
    let read = Request::Read {
        who: Sender::Visitor(visitor.0.clone()),
        upto: Seq(1),
    };
    house.conversations.ask(read).await.unwrap();
    assert!(
        !house.conversations.can_write().await,
        "a read mark is too small to tell"
    );

    house.store.limit_pages(0);
    house.ask(refused.unwrap()).await.unwrap();
    assert!(
        house.conversations.can_write().await,
        "a message has found its place"
    );
}

/// One row that cannot be read made the whole server say that it could save nothing.
#[tokio::test]
async fn bug_a_command_that_fails_alone_does_not_make_the_server_unready() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let url = format!("sqlite://{}", house.database().display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE ticket SET tags = 'no list'")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();

    let answer = house
        .conversations
        .ask(agent.update(ticket, Update::default()))
        .await;
    assert!(matches!(answer, Err(Refusal::Unavailable { .. })), "{answer:?}");
    assert!(house.conversations.can_write().await);
    let message = house.visitor(2).message(cid(), "others are served");
    house.conversations.ask(message).await.unwrap();
}

/// What was written to see whether anything can be was an update of what stood already, for which SQLite writes no page.
#[tokio::test]
async fn bug_a_full_disk_is_seen_before_anybody_s_message_is_refused() {
    let house = House::new().await;
    house.visitor(1).says(&house, "before").await;
    house.store.limit_pages(house.store.pages().await.unwrap());
    assert!(!house.conversations.can_write().await);
    house.store.limit_pages(0);
    looked_at_anew(&house, true).await;

    // What it has written is given back, so that it is not what fills the disk.
    let pages = house.store.pages().await.unwrap();
    for _ in 0..20 {
        looked_at_anew(&house, true).await;
    }
    assert!(house.store.pages().await.unwrap() <= pages + 8);
    let rows = house.store.every_row().await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.starts_with("probe: ")).count(), 1);
    // And each time it is on the disk: the log has grown by more than its own room.
    let log = || {
        let name = format!("{}-wal", house.database().display());
        std::fs::metadata(name).unwrap().len()
    };
    let before = log();
    looked_at_anew(&house, true).await;
    assert!(log() >= before + 4 * 4096, "{} and {}", before, log());
}

/// Once the last word is too old to be good.
async fn looked_at_anew(house: &House, could: bool) {
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    tokio::time::resume();
    assert_eq!(house.conversations.can_write().await, could);
}
