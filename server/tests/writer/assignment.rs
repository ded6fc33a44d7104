use causerie_core::agent::{Availability, Role};
use causerie_core::ticket::Status;
use causerie_core::time::Span;
use causerie_server::conversations::{Refusal, Request};
use causerie_server::store::Change;

use crate::house::{House, is_ended};

async fn assigned(house: &House) -> usize {
    house
        .tickets()
        .await
        .iter()
        .filter(|row| row.ticket.assignee.is_some())
        .count()
}

#[tokio::test]
async fn r31_waiting_tickets_go_to_the_agent_with_the_most_free_slots() {
    let house = House::new().await;
    let (ann, bob) = (house.agent("ann", 1).await, house.agent("bob", 2).await);
    let house = house.with_a_worker();
    for visitor in 1..=3 {
        house.visitor(visitor).reaches_people(&house, "Skip").await;
        house
            .until(async |house| assigned(house).await == usize::from(visitor))
            .await;
    }
    let to: Vec<_> = house
        .tickets()
        .await
        .iter()
        .map(|row| row.ticket.assignee.unwrap())
        .collect();
    // Two free slots before one; then one each, and Bob has just had something.
    assert_eq!(to, [bob.0, ann.0, bob.0]);
    assert!(
        house
            .tickets()
            .await
            .iter()
            .all(|row| row.ticket.status == Status::Open)
    );
    let agents = house.store.agents().await.unwrap();
    assert!(
        agents
            .iter()
            .all(|agent| agent.messaging_used == agent.messaging_max)
    );
    for row in house.tickets().await {
        house.logs_fold_into_rows(row.thread).await;
    }
}

#[tokio::test]
async fn i11_no_agent_gets_more_than_there_is_room_for_from_assignments_at_once() {
    let house = House::new().await;
    let agent = house.agent("ann", 2).await;
    for visitor in 1..=6 {
        house.visitor(visitor).reaches_people(&house, "Skip").await;
    }
    let tickets = house.tickets().await;
    let answers = futures_util::future::join_all(tickets.iter().chain(&tickets).map(|row| {
        house.conversations.ask(Request::Assign {
            ticket: row.ticket.id,
            agent: agent.0,
        })
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
    assert_eq!(assigned(&house).await, 2);
    let mut refusals = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err())
        .map(Refusal::code);
    assert!(refusals.all(|code| ["no_room", "not_waiting"].contains(&code)));
}

#[tokio::test]
async fn r24_r33_an_end_frees_the_slot_at_once_and_the_next_waiting_ticket_gets_it() {
    let house = House::new().await;
    let agent = house.agent("ann", 1).await;
    let house = house.with_a_worker();
    let first = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    house.until(async |house| assigned(house).await == 1).await;
    let second = house.visitor(2).reaches_people(&house, "Skip").await.ticket.id;
    assert_eq!(house.ticket(second).await.ticket.assignee, None);

    house.ask(agent.end(first)).await.unwrap();

    house
        .until(async |house| house.ticket(second).await.ticket.assignee == Some(agent.0))
        .await;
    let ended = house.ticket(first).await;
    assert!(is_ended(&ended));
    // R07, I12: what the end leaves as it was.
    assert_eq!(
        (ended.ticket.status, ended.ticket.assignee),
        (Status::Open, Some(agent.0))
    );
    let row = &house.store.agents().await.unwrap()[0];
    assert_eq!((row.messaging_used, row.email_used), (1, 0));
}

#[tokio::test]
async fn r33_whoever_comes_online_gets_what_waits_and_only_of_their_groups() {
    let house = House::new().await.with_a_worker();
    let waiting = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let sales = house.agent_of("sue", 3, Some("Sales"), Role::Agent).await;
    house
        .until(async |house| house.ticket(waiting).await.ticket.assignee == Some(sales.0))
        .await;
}

#[tokio::test]
async fn r31_who_is_away_gets_nothing_by_itself() {
    let house = House::new().await;
    let agent = house.agent("ann", 3).await;
    house
        .change(Change::SetAvailability {
            agent: agent.0,
            to: Availability::Away,
        })
        .await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await;
    let refused = house
        .ask(Request::Assign {
            ticket: ticket.ticket.id,
            agent: agent.0,
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "no_room");
}

#[tokio::test]
async fn i31_work_is_given_away_though_the_clock_was_set_back_a_year() {
    let house = House::new().await;
    let ann = house.agent("ann", 2).await;
    house.visitor(1).reaches_people(&house, "Skip").await;
    house.clock.forward(Span::days(-365));
    let house = house.with_a_worker();
    house.until(async |house| assigned(house).await == 1).await;
    // And it is taken back.
    let offline = Change::SetAvailability {
        agent: ann.0,
        to: Availability::Offline,
    };
    house.clock.forward(Span::days(365));
    house.change(offline).await;
    house.clock.forward(Span::days(-365));
    house.until(async |house| assigned(house).await == 0).await;
}
