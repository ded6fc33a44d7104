//! What time alone does: a silent session becomes inactive (R06), a solved ticket closes (R43). Each compares and sets:
//! what was committed first makes it harmless (I21).
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use crate::world::{World, amy, assign_to, ben, comment, to_status};
use causerie_core::TicketId;
use causerie_core::chat_thread::{Actor, Command, Effect, Outcome};
use causerie_core::session::{Placement, SessionState};
use causerie_core::settings::{OutOfRange, Settings};
use causerie_core::ticket::event::{By, TicketEvent};
use causerie_core::ticket::{CommentTo, Set, Status, Update};
use causerie_core::time::Span;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn turn_inactive(world: &mut World, ticket: TicketId) {
    assert_eq!(world.run(Command::TurnInactive { ticket }), Ok(Outcome::Done {}));
}

fn close(world: &mut World, ticket: TicketId) {
    assert_eq!(world.run(Command::CloseSolved { ticket }), Ok(Outcome::Done {}));
}

/// Runs both timers, and nothing comes of it.
fn nothing_is_due(world: &mut World, ticket: TicketId) {
    let (thread, logs) = (world.thread.clone(), world.ticket_logs.clone());
    world.jobs.clear();
    turn_inactive(world, ticket);
    close(world, ticket);
    assert_eq!((&world.thread, &world.ticket_logs), (&thread, &logs));
    assert!(world.jobs.is_empty());
}

/// A ticket that Amy has solved.
fn solved() -> (World, TicketId) {
    let (mut world, ticket) = World::with_amy();
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    (world, ticket)
}

#[test]
fn r06_after_ten_minutes_of_silence_the_session_is_inactive_by_the_system() {
    let (mut world, ticket) = World::with_amy();
    let said = world.thread_log.clone();
    world.pass(Span(Span::minutes(10).0 - 1));
    nothing_is_due(&mut world, ticket);
    world.pass(Span(1));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Inactive);
    let last = world.ticket_logs[&ticket].last().unwrap();
    assert_eq!((&last.by, last.at), (&By::System, world.now));
    let turned = TicketEvent::SessionState {
        from: SessionState::Active,
        to: SessionState::Inactive,
    };
    assert_eq!(last.what, turned);
    assert_eq!(world.thread_log, said, "nothing of it is in the customer's log");
    assert_eq!(world.ticket(ticket).status, Status::Open);
    assert_eq!(world.ticket(ticket).assignee, Some(amy().id));
    nothing_is_due(&mut world, ticket);
}

#[test]
fn r06_r32_its_slot_is_free_and_the_queue_is_looked_at() {
    let (mut world, ticket) = World::with_amy();
    assert_eq!(world.used(amy().id), 1);
    world.jobs.clear();
    world.pass(Span::minutes(10));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.used(amy().id), 0);
    assert_eq!(world.jobs, [Effect::AssignWaiting]);
    // Where inactive sessions count, no slot becomes free.
    let (mut world, ticket) = World::with_amy();
    world.settings.inactive_sessions_count = true;
    world.jobs.clear();
    world.pass(Span::minutes(10));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.used(amy().id), 1);
    assert!(world.jobs.is_empty());
}

#[test]
fn r06_the_end_users_next_message_wakes_it_and_the_silence_counts_anew() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(10));
    turn_inactive(&mut world, ticket);
    let (_, _, placement) = world.says("back again");
    assert_eq!(placement, Placement::Appended);
    assert_eq!(world.session_state(ticket), SessionState::Active);
    world.pass(Span::minutes(9));
    nothing_is_due(&mut world, ticket);
    world.pass(Span::minutes(1));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Inactive);
}

#[test]
fn r06_what_others_say_does_not_break_the_end_users_silence() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(9));
    let reply = comment(CommentTo::Messaging, "Are you there?");
    world.update(ticket, &amy(), reply).unwrap();
    let note = comment(CommentTo::Note, "no answer so far");
    world.update(ticket, &amy(), note).unwrap();
    world.pass(Span::minutes(1));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Inactive);
}

#[test]
fn r06_whoever_waits_for_an_agent_is_not_silent() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    world.pass(Span::hours(1));
    nothing_is_due(&mut world, ticket);
    // The wait in the queue is nobody's silence: it counts from the assignment.
    world.run(Command::Assign { ticket }).unwrap();
    world.pass(Span::minutes(9));
    nothing_is_due(&mut world, ticket);
    world.update(ticket, &amy(), assign_to(ben().id)).unwrap();
    world.pass(Span::minutes(9));
    nothing_is_due(&mut world, ticket);
    world.pass(Span::minutes(1));
    turn_inactive(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Inactive);
}

#[test]
fn r06_how_long_is_a_setting() {
    let (mut world, ticket) = World::with_amy();
    world.settings.inactive_after = Span::minutes(30);
    world.pass(Span::minutes(29));
    nothing_is_due(&mut world, ticket);
    world.settings.inactive_after = Span::minutes(5);
    turn_inactive(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Inactive);
}

#[test]
fn r06_i01_an_ended_session_is_ended_however_silent() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    world.pass(Span::days(5));
    nothing_is_due(&mut world, ticket);
    assert_eq!(world.session_state(ticket), SessionState::Ended);
}

#[test]
fn r43_a_solved_ticket_closes_after_four_days_by_the_system() {
    let (mut world, ticket) = solved();
    let said = world.thread_log.clone();
    world.pass(Span(Span::days(4).0 - 1));
    nothing_is_due(&mut world, ticket);
    world.pass(Span(1));
    close(&mut world, ticket);
    assert_eq!(world.ticket(ticket).status, Status::Closed);
    let last = world.ticket_logs[&ticket].last().unwrap();
    assert_eq!((&last.by, last.at), (&By::System, world.now));
    let closed = TicketEvent::Status {
        from: Status::Solved,
        to: Status::Closed,
    };
    assert_eq!(last.what, closed);
    assert_eq!(world.thread_log, said, "nothing of it is in the customer's log");
    nothing_is_due(&mut world, ticket);
    let (_, _, placement) = world.says("one more thing");
    assert_eq!(placement, Placement::Started);
}

#[test]
fn r43_the_days_count_from_the_last_time_it_was_solved() {
    let (mut world, ticket) = solved();
    world.pass(Span::days(3));
    world.says("not quite");
    assert_eq!(world.ticket(ticket).status, Status::Open);
    world.pass(Span::days(2));
    close(&mut world, ticket);
    assert_eq!(world.ticket(ticket).status, Status::Open, "it changed meanwhile");
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    world.pass(Span::days(3));
    nothing_is_due(&mut world, ticket);
    // Whatever else is done to it puts nothing off.
    let note = comment(CommentTo::Note, "sent a new one");
    world.update(ticket, &amy(), note).unwrap();
    let to_ben = Update {
        assignee: Some(Set::To(ben().id)),
        ..Update::default()
    };
    world.update(ticket, &amy(), to_ben).unwrap();
    world.pass(Span::days(1));
    close(&mut world, ticket);
    assert_eq!(world.ticket(ticket).status, Status::Closed);
}

#[test]
fn r43_an_ended_solved_ticket_closes_and_touches_nothing_but_itself() {
    let (mut world, old) = solved();
    world.ends(old, &amy()).unwrap();
    let ended = world.thread.of_ticket(old).unwrap().session;
    world.says("hello again");
    let fresh = world.hands_off();
    world.jobs.clear();
    let (latest, log) = (world.latest().clone(), world.thread_log.clone());
    world.pass(Span::days(4));
    close(&mut world, old);
    assert_eq!(world.ticket(old).status, Status::Closed);
    assert_eq!(world.thread.of_ticket(old).unwrap().session, ended);
    assert_eq!((world.latest(), &world.thread_log), (&latest, &log));
    assert_eq!(world.ticket(fresh).status, Status::New);
    assert!(world.jobs.is_empty(), "it held no slot");
}

#[test]
fn r43_from_one_hour_to_28_days() {
    let closing = |after| {
        let settings = Settings {
            solved_closes_after: after,
            ..Settings::default()
        };
        settings.check()
    };
    for good in [Span::hours(1), Span::days(4), Span::days(28)] {
        assert_eq!(closing(good), Ok(()));
    }
    for bad in [
        Span(0),
        Span(Span::hours(1).0 - 1),
        Span(Span::days(28).0 + 1),
        Span(i64::MAX),
    ] {
        assert_eq!(closing(bad), Err(OutOfRange::SolvedClosesAfter));
    }
    let silence = Settings {
        inactive_after: Span(59_999),
        ..Settings::default()
    };
    assert_eq!(silence.check(), Err(OutOfRange::InactiveAfter));
}

#[test]
fn r06_r43_settings_from_before_have_the_timers_at_their_defaults() {
    let old = r#"{"agents_can_end_sessions":false,"bot_only_ends_after":3600000}"#;
    let read: Settings = serde_json::from_str(old).unwrap();
    assert_eq!(read.inactive_after, Span::minutes(10));
    assert_eq!(read.solved_closes_after, Span::days(4));
    assert!(!read.agents_can_end_sessions);
}

#[test]
fn i21_message_and_timer_in_either_order_leave_the_session_active() {
    for message_first in [true, false] {
        let (mut world, ticket) = World::with_amy();
        world.pass(Span::minutes(10));
        if message_first {
            world.says("just in time");
            turn_inactive(&mut world, ticket);
        } else {
            turn_inactive(&mut world, ticket);
            world.says("just in time");
        }
        assert_eq!(world.session_state(ticket), SessionState::Active);
        let turns = world.history(ticket);
        let turns = turns
            .iter()
            .filter(|what| matches!(what, TicketEvent::SessionState { .. }));
        assert_eq!(turns.count(), if message_first { 0 } else { 2 });
        assert_eq!(world.used(amy().id), 1);
    }
}

#[test]
fn i21_message_and_closing_in_either_order_leave_one_place_for_the_message() {
    for message_first in [true, false] {
        let (mut world, ticket) = solved();
        world.pass(Span::days(4));
        let (status, placement) = if message_first {
            let (_, _, placement) = world.says("not quite");
            close(&mut world, ticket);
            (Status::Open, placement)
        } else {
            close(&mut world, ticket);
            let (_, _, placement) = world.says("not quite");
            (Status::Closed, placement)
        };
        assert_eq!(world.ticket(ticket).status, status);
        let expected = if message_first {
            Placement::AppendedReopening
        } else {
            Placement::Started
        };
        assert_eq!(placement, expected);
    }
}

#[test]
fn i21_an_end_that_came_first_makes_the_timer_harmless() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(10));
    let session = world.latest().id;
    world.ends_as(session, Actor::System).unwrap();
    nothing_is_due(&mut world, ticket);
}

#[test]
fn i21_a_timer_that_fires_again_does_nothing_more() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(10));
    turn_inactive(&mut world, ticket);
    nothing_is_due(&mut world, ticket);
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    world.pass(Span::days(4));
    close(&mut world, ticket);
    nothing_is_due(&mut world, ticket);
}

#[test]
fn i21_i31_a_clock_set_back_fires_nothing_early() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(5));
    world.says("hm");
    world.now = causerie_core::Timestamp(0);
    nothing_is_due(&mut world, ticket);
}
