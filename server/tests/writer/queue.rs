//! Work that goes back to its queue, through the writer and the jobs' worker (R32, R34).

use causerie_core::agent::{Availability, Role};
use causerie_core::session::SessionState;
use causerie_core::ticket::event::{By, TicketEvent};
use causerie_core::ticket::{Status, Update};
use causerie_core::{AgentId, TicketId};
use causerie_server::conversations::Request;
use causerie_server::store::Change;

use crate::house::{Agent, House, Visitor, is_ended};

async fn goes(house: &House, agent: Agent, to: Availability) {
    house.change(Change::SetAvailability { agent: agent.0, to }).await;
}

async fn comes_to(house: &House, ticket: TicketId, agent: Agent) {
    house
        .until(async |house| house.ticket(ticket).await.ticket.assignee == Some(agent.0))
        .await;
}

/// A ticket whose customer was silent for long: pending, its session inactive.
async fn silent(house: &House, visitor: &Visitor, agent: Agent) -> TicketId {
    let ticket = visitor.reaches_people(house, "Skip").await.ticket.id;
    comes_to(house, ticket, agent).await;
    let pending = Update {
        status: Some(Status::Pending),
        ..Update::default()
    };
    house.ask(agent.update(ticket, pending)).await.unwrap();
    ticket
}

/// Who had it, one after the other, and by whose doing.
async fn hands(house: &House, ticket: TicketId) -> Vec<(Option<AgentId>, By)> {
    let history = house.history(ticket).await;
    history
        .into_iter()
        .filter_map(|entry| {
            let TicketEvent::Assignee { to, .. } = entry.what else {
                return None;
            };
            Some((to, entry.by))
        })
        .collect()
}

async fn used(house: &House, agent: Agent) -> u32 {
    let agents = house.store.agents().await.unwrap();
    agents
        .iter()
        .find(|row| row.id == agent.0)
        .unwrap()
        .messaging_used
}

#[tokio::test]
async fn r34_the_work_of_an_agent_who_goes_offline_is_anothers_and_the_ended_stays() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 3).await;
    let live = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let ended = house.visitor(2).reaches_people(&house, "Skip").await.ticket.id;
    comes_to(&house, live, ann).await;
    comes_to(&house, ended, ann).await;
    house.ask(ann.end(ended)).await.unwrap();
    let quiet = silent(&house, &house.visitor(3), ann).await;
    let bob = house.agent("bob", 3).await;

    goes(&house, ann, Availability::Offline).await;

    comes_to(&house, live, bob).await;
    assert_eq!(
        hands(&house, live).await,
        [
            (Some(ann.0), By::System),
            (None, By::System),
            (Some(bob.0), By::System)
        ]
    );
    // The silent one's as well: it is another's before its customer writes again.
    comes_to(&house, quiet, bob).await;
    assert_eq!(house.ticket(quiet).await.session.state(), SessionState::Inactive);
    assert_eq!(house.ticket(ended).await.ticket.assignee, Some(ann.0));
    assert_eq!(hands(&house, ended).await, [(Some(ann.0), By::System)]);
    assert!(is_ended(&house.ticket(ended).await));
    assert_eq!((used(&house, ann).await, used(&house, bob).await), (0, 1));

    house.visitor(3).says(&house, "hello again").await;
    assert_eq!(house.ticket(quiet).await.ticket.assignee, Some(bob.0));
    assert_eq!(house.ticket(quiet).await.session.state(), SessionState::Active);
}

#[tokio::test]
async fn r34_with_nobody_else_there_the_work_waits_in_the_queue() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    comes_to(&house, ticket, ann).await;
    goes(&house, ann, Availability::Offline).await;
    house
        .until(async |house| house.ticket(ticket).await.ticket.assignee.is_none())
        .await;
    goes(&house, ann, Availability::Online).await;
    comes_to(&house, ticket, ann).await;
}

#[tokio::test]
async fn r34_whoever_is_back_before_the_job_is_done_keeps_the_work() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    house.ask(Request::Assign { ticket, agent: ann.0 }).await.unwrap();
    goes(&house, ann, Availability::Offline).await;
    goes(&house, ann, Availability::Online).await;
    let returned = Request::ReturnToQueue { ticket, agent: ann.0 };
    house.ask(returned).await.unwrap();
    assert_eq!(hands(&house, ticket).await, [(Some(ann.0), By::System)]);
}

#[tokio::test]
async fn r34_an_agent_who_is_offline_already_keeps_what_was_given_by_hand() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 3).await;
    let ada = house.agent_of("ada", 3, None, Role::Admin).await;
    goes(&house, ada, Availability::Away).await;
    goes(&house, ann, Availability::Offline).await;
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let to_ann = Update {
        assignee: Some(causerie_core::ticket::Set::To(ann.0)),
        ..Update::default()
    };
    house.ask(ada.update(ticket, to_ann)).await.unwrap();
    goes(&house, ann, Availability::Offline).await;
    // A job of another agent's, done after any of hers, shows that hers was none.
    let other = house.visitor(2).reaches_people(&house, "Skip").await.ticket.id;
    let bob = house.agent("bob", 3).await;
    comes_to(&house, other, bob).await;
    assert_eq!(house.ticket(ticket).await.ticket.assignee, Some(ann.0));
}

#[tokio::test]
async fn r32_a_session_that_wakes_up_goes_to_the_queue_when_its_agent_is_full() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 1).await;
    let first = silent(&house, &house.visitor(1), ann).await;
    let second = house.visitor(2).reaches_people(&house, "Skip").await.ticket.id;
    comes_to(&house, second, ann).await;

    house.visitor(1).says(&house, "are you there?").await;

    let woken = house.ticket(first).await;
    assert_eq!(
        (woken.ticket.assignee, woken.ticket.status, woken.session.state()),
        (None, Status::Open, SessionState::Active)
    );
    assert_eq!(used(&house, ann).await, 1, "i09: never above the maximum");
    // The slot that becomes free is for it (I11, I34).
    house.ask(ann.end(second)).await.unwrap();
    comes_to(&house, first, ann).await;
    assert_eq!(
        hands(&house, first).await,
        [
            (Some(ann.0), By::System),
            (None, By::System),
            (Some(ann.0), By::System)
        ]
    );
}

#[tokio::test]
async fn i10_i11_two_that_wake_up_in_one_commit_do_not_share_a_slot() {
    let house = House::new().await.with_a_worker();
    let ann = house.agent("ann", 1).await;
    let one = silent(&house, &house.visitor(1), ann).await;
    let two = silent(&house, &house.visitor(2), ann).await;
    let messages = [1, 2].map(|n| {
        house
            .visitor(n)
            .message(crate::house::cid(), "both at the same moment")
    });
    let answers = futures_util::future::join_all(
        messages
            .into_iter()
            .map(|message| house.conversations.ask(message)),
    )
    .await;
    assert!(answers.iter().all(Result::is_ok));
    let held = [one, two].map(async |ticket| house.ticket(ticket).await.ticket.assignee);
    let held = futures_util::future::join_all(held).await;
    assert_eq!(held.iter().flatten().count(), 1, "{held:?}");
    assert_eq!(used(&house, ann).await, 1);
}

#[tokio::test]
async fn i11_a_ticket_is_assigned_within_its_group_alone() {
    let house = House::new().await;
    let ann = house.agent("ann", 3).await;
    let ada = house.agent_of("ada", 3, Some("Returns"), Role::Admin).await;
    let groups = house.store.groups().await.unwrap();
    let ticket = house.visitor(1).reaches_people(&house, "Skip").await.ticket.id;
    let to_returns = Update {
        group: Some(causerie_core::ticket::Set::To(
            groups.iter().find(|(_, name)| name == "Returns").unwrap().0,
        )),
        ..Update::default()
    };
    house.ask(ada.update(ticket, to_returns)).await.unwrap();
    let assign = |agent: Agent| Request::Assign {
        ticket,
        agent: agent.0,
    };
    assert_eq!(house.ask(assign(ann)).await.unwrap_err().code(), "not_in_group");
    house.ask(assign(ada)).await.unwrap();
}
