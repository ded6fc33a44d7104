use causerie_core::session::Placement;

use crate::house::{House, Said, cid, customers};

#[tokio::test]
async fn i22_what_was_acknowledged_is_there_after_a_restart_once() {
    let house = House::new().await;
    let visitor = house.visitor(1);
    let epoch = house.store.epoch();
    let request = visitor.message(cid(), "hello");
    let said = Said::of(house.ask(request.clone()).await.unwrap());
    let ticket = visitor.reaches_people(&house, "eve@mail.example").await;
    let log = house.log(said.thread).await;
    let history = house.history(ticket.ticket.id).await;

    let house = house.restarted().await;

    assert_eq!(house.store.epoch(), epoch);
    assert_eq!(house.log(said.thread).await, log);
    assert_eq!(house.history(ticket.ticket.id).await, history);
    assert_eq!(house.ticket(ticket.ticket.id).await, ticket);
    assert!(house.ask(request).await.unwrap().repeated);
    assert_eq!(
        visitor.says(&house, "still there?").await.placement,
        Placement::Appended
    );
    assert_eq!(
        customers(&house.log(said.thread).await).last(),
        Some(&"still there?")
    );
}

#[tokio::test]
async fn i34_a_job_from_before_a_restart_is_done_after_it() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let house = house.restarted().await.with_a_worker();
    house
        .until(async |house| house.ticket(ticket).await.ticket.assignee == Some(agent.0))
        .await;
}
