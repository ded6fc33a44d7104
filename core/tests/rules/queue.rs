//! Work that goes back to the queue: it wakes up and its agent is not there or full (R32), or its agent goes offline
//! (R34). Where there is room, it stays.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use crate::world::{SALES, SUPPORT, World, amy, assign_to, to_status};
use causerie_core::agent::{Agent, Availability};
use causerie_core::chat_thread::{Command, Effect, Rejection};
use causerie_core::routing::assign::{Follows, follows};
use causerie_core::session::SessionState;
use causerie_core::ticket::event::{By, TicketEvent};
use causerie_core::ticket::{Set, Status, Update};
use causerie_core::{AgentId, TicketId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The customer has been silent: the ticket is pending, its session inactive.
fn silent() -> (World, TicketId) {
    let (mut world, ticket) = World::with_amy();
    world.update(ticket, &amy(), to_status(Status::Pending)).unwrap();
    world.jobs.clear();
    assert_eq!(world.used(amy().id), 0);
    (world, ticket)
}

/// It has no agent, waits, and the system's event says whose it was.
fn is_back_in_the_queue(world: &World, ticket: TicketId, from: &Agent) {
    assert_eq!(world.ticket(ticket).assignee, None);
    assert_eq!(world.jobs, [Effect::AssignWaiting]);
    let last = world.ticket_logs[&ticket].last().unwrap();
    assert_eq!(last.by, By::System);
    let released = TicketEvent::Assignee {
        from: Some(from.id),
        to: None,
        over_capacity: false,
    };
    assert_eq!(last.what, released);
}

#[test]
fn r32_a_session_that_wakes_up_stays_with_its_agent_who_has_room() {
    for availability in [
        Availability::Online,
        Availability::Away,
        Availability::TransfersOnly,
    ] {
        let (mut world, ticket) = silent();
        world.room(amy().id).availability = availability;
        world.room(amy().id).used = 2;
        world.says("are you there?");
        assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
        assert_eq!(world.session_state(ticket), SessionState::Active);
        assert_eq!(world.used(amy().id), 1, "it counts again");
        assert!(world.jobs.is_empty());
    }
}

#[test]
fn r32_a_session_that_wakes_up_goes_to_the_queue_when_its_agent_is_full() {
    let (mut world, ticket) = silent();
    world.room(amy().id).used = 3;
    let (_, seq, _) = world.says("are you there?");
    is_back_in_the_queue(&world, ticket, &amy());
    assert_eq!(world.session_state(ticket), SessionState::Active);
    assert_eq!(world.ticket(ticket).status, Status::Open);
    assert_eq!(world.used(amy().id), 0, "i09: nobody is lifted above the maximum");
    let released = world.ticket_logs[&ticket].last().unwrap();
    assert_eq!(released.after, seq, "by that very message");
}

#[test]
fn r32_a_session_that_wakes_up_goes_to_the_queue_when_its_agent_is_offline() {
    let (mut world, ticket) = silent();
    world.room(amy().id).availability = Availability::Offline;
    world.says("are you there?");
    is_back_in_the_queue(&world, ticket, &amy());
    // And so it does where inactive sessions count, for which it takes no slot anew.
    let (mut world, ticket) = silent();
    world.settings.inactive_sessions_count = true;
    world.room(amy().id).availability = Availability::Offline;
    world.says("are you there?");
    is_back_in_the_queue(&world, ticket, &amy());
}

#[test]
fn r32_where_inactive_sessions_count_one_that_wakes_up_takes_no_slot_anew() {
    let (mut world, ticket) = silent();
    world.settings.inactive_sessions_count = true;
    world.room(amy().id).used = 3;
    world.says("are you there?");
    assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    // A solved ticket's did not count, so it does.
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    world.jobs.clear();
    world.says("one more thing");
    is_back_in_the_queue(&world, ticket, &amy());
}

#[test]
fn r32_work_of_an_agent_who_is_gone_from_the_installation_goes_to_the_queue() {
    let (mut world, ticket) = silent();
    world.forget(amy().id);
    world.says("are you there?");
    is_back_in_the_queue(&world, ticket, &amy());
}

#[test]
fn r32_a_message_in_an_active_session_asks_nothing_of_its_agents_room() {
    let (mut world, ticket) = World::with_amy();
    world.room(amy().id).used = 3;
    world.room(amy().id).availability = Availability::Offline;
    world.says("and another thing");
    assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
}

#[test]
fn r34_the_work_of_an_agent_who_goes_offline_returns_to_its_queue() {
    let (mut world, ticket) = World::with_amy();
    let in_support = Update {
        group: Some(Set::To(SUPPORT)),
        ..Update::default()
    };
    world.update(ticket, &amy(), in_support).unwrap();
    world.jobs.clear();
    world.room(amy().id).availability = Availability::Offline;
    world.run(Command::ReturnToQueue { ticket }).unwrap();
    is_back_in_the_queue(&world, ticket, &amy());
    assert_eq!(world.ticket(ticket).group, Some(SUPPORT), "its own queue");
    // Once is enough.
    let history = world.history(ticket);
    world.run(Command::ReturnToQueue { ticket }).unwrap();
    assert_eq!(world.history(ticket), history);
}

#[test]
fn r34_whoever_is_there_again_keeps_the_work() {
    for availability in [
        Availability::Online,
        Availability::Away,
        Availability::TransfersOnly,
    ] {
        let (mut world, ticket) = World::with_amy();
        world.room(amy().id).availability = availability;
        world.run(Command::ReturnToQueue { ticket }).unwrap();
        assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    }
}

#[test]
fn r34_an_ended_sessions_ticket_stays_with_its_agent() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let history = world.history(ticket);
    world.jobs.clear();
    world.room(amy().id).availability = Availability::Offline;
    world.run(Command::ReturnToQueue { ticket }).unwrap();
    assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    assert_eq!(world.history(ticket), history);
    assert!(
        world.jobs.is_empty(),
        "i11: what has ended is not queued any more"
    );
}

#[test]
fn r34_a_silent_customers_ticket_returns_to_its_queue_as_well() {
    for status in [Status::Open, Status::Pending, Status::Hold] {
        let (mut world, ticket) = silent();
        if status != Status::Pending {
            world.update(ticket, &amy(), to_status(status)).unwrap();
        }
        world.jobs.clear();
        assert_eq!(world.session_state(ticket), SessionState::Inactive);
        world.room(amy().id).availability = Availability::Offline;
        world.run(Command::ReturnToQueue { ticket }).unwrap();
        is_back_in_the_queue(&world, ticket, &amy());
        assert_eq!(world.ticket(ticket).status, status, "as it was");
        // And is given away from there.
        world.room(amy().id).availability = Availability::Online;
        world.run(Command::Assign { ticket }).unwrap();
        assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    }
}

#[test]
fn r34_a_solved_ticket_stays_until_its_customer_writes() {
    let (mut world, ticket) = World::with_amy();
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    world.jobs.clear();
    world.room(amy().id).availability = Availability::Offline;
    world.run(Command::ReturnToQueue { ticket }).unwrap();
    assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    world.says("hello again");
    is_back_in_the_queue(&world, ticket, &amy());
}

#[test]
fn r34_work_returns_by_the_step_offline_and_by_no_other() {
    const ALL: [Availability; 4] = [
        Availability::Online,
        Availability::Away,
        Availability::TransfersOnly,
        Availability::Offline,
    ];
    for was in ALL {
        for to in ALL {
            let expected = match to {
                same if was == same => Follows::Nothing,
                Availability::Offline => Follows::TheirWorkReturns,
                Availability::Online => Follows::TheyGetWork,
                Availability::Away | Availability::TransfersOnly => Follows::Nothing,
            };
            assert_eq!(follows(was, to), expected, "from {was:?} to {to:?}");
        }
    }
}

#[test]
fn i11_an_agent_who_left_the_group_meanwhile_gets_nothing_of_it() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    let to_sales = Update {
        group: Some(Set::To(SALES)),
        ..Update::default()
    };
    world
        .update(ticket, &crate::world::ada_the_admin(), to_sales)
        .unwrap();
    assert_eq!(
        world.run(Command::Assign { ticket }),
        Err(Rejection::NotInGroup),
        "amy is in support"
    );
    world.room(amy().id).groups.push(SALES);
    world.run(Command::Assign { ticket }).unwrap();
    assert_eq!(world.ticket(ticket).assignee, Some(AgentId(1)));
}

#[test]
fn r31_by_hand_work_goes_to_whoever_it_is_given_even_if_offline() {
    let (mut world, ticket) = World::with_amy();
    world.room(AgentId(3)).availability = Availability::Offline;
    world.update(ticket, &amy(), assign_to(AgentId(3))).unwrap();
    world.says("hello?");
    assert_eq!(world.ticket(ticket).assignee, Some(AgentId(3)));
}
