use causerie_server::conversations::Refusal;

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
