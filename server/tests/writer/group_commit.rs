use causerie_core::TicketId;

use crate::house::{House, cid, cid_of, customers};

#[tokio::test]
async fn neighbours_in_a_commit_are_not_touched_by_one_that_is_refused() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let requests = (0..60_u8).map(|n| match n % 3 {
        0 => house.visitor(n).message(cid(), &format!("from {n}")),
        1 => house.visitor(n).message(cid(), ""),
        _ => agent.end(TicketId(999)),
    });
    let requests: Vec<_> = requests.collect();
    let answers = futures_util::future::join_all(
        requests
            .into_iter()
            .map(|request| house.conversations.ask(request)),
    )
    .await;
    for (n, answer) in (0..).zip(&answers) {
        match n % 3 {
            0 => {
                let thread = answer.as_ref().unwrap().thread;
                assert_eq!(customers(&house.log(thread).await), [format!("from {n}")]);
                house.logs_fold_into_rows(thread).await;
            }
            1 => assert_eq!(answer.as_ref().unwrap_err().code(), "text_empty"),
            _ => assert_eq!(answer.as_ref().unwrap_err().code(), "unknown_ticket"),
        }
    }
    assert_eq!(house.store.thread_of(&house.visitor(1).0).await.unwrap(), None);
}

#[tokio::test]
async fn r12_messages_and_an_end_at_once_are_ordered_by_the_writer() {
    for round in 0..20_u8 {
        let house = House::new().await;
        let (visitor, agent) = (house.visitor(1), house.agent("ann", 3).await);
        let ticket = visitor.reaches_people(&house, "Skip").await;
        let take = causerie_core::ticket::Update {
            assignee: Some(causerie_core::ticket::Set::To(agent.0)),
            ..Default::default()
        };
        house.ask(agent.update(ticket.ticket.id, take)).await.unwrap();
        let mut requests: Vec<_> = (0..5_u8)
            .map(|n| visitor.message(cid_of(u128::from(n) + 1), &format!("{n}")))
            .collect();
        requests.insert(usize::from(round % 6), agent.end(ticket.ticket.id));
        let answers = futures_util::future::join_all(
            requests
                .into_iter()
                .map(|request| house.conversations.ask(request)),
        )
        .await;
        assert!(answers.iter().all(Result::is_ok));
        house.logs_fold_into_rows(ticket.thread).await;
        assert!(customers(&house.log(ticket.thread).await).ends_with(&["0", "1", "2", "3", "4"]));
    }
}
