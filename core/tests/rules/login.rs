//! Login in the middle of a chat (R47): the anonymous chat thread moves as a whole, or stays as a whole.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use crate::world::{World, amy, to_status};
use causerie_core::EndUserId;
use causerie_core::chat_thread::Command;
use causerie_core::conversation::Conversation;
use causerie_core::end_user::{EndUser, Vouched};
use causerie_core::session::{EndReason, Placement, SessionState};
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{Channel, Status};
use causerie_core::time::Span;
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn ada() -> EndUser {
    let mut ada = EndUser::anonymous(EndUserId(Uuid::from_u128(50)), "en".to_owned());
    ada.vouched(&Vouched {
        external_id: "ada-1".to_owned(),
        name: Some("Ada".to_owned()),
        email: Some("ada@example.net".to_owned()),
        email_verified: true,
    });
    ada
}

fn log_in(world: &mut World, person: EndUser, theirs: Vec<Conversation>) {
    log_in_as(world, person, theirs, false);
}

fn log_in_as(world: &mut World, person: EndUser, theirs: Vec<Conversation>, has_tickets: bool) {
    let person = Box::new(person);
    let command = Command::LogIn {
        person,
        theirs,
        has_tickets,
    };
    world.run(command).unwrap();
}

/// A conversation of a chat thread elsewhere, with people or with the bot alone.
fn elsewhere(handed_off: bool) -> Conversation {
    let mut world = World::new();
    world.says("elsewhere");
    if handed_off {
        world.hands_off();
    }
    world.latest().clone()
}

#[test]
fn r47_the_chat_thread_moves_to_a_person_who_has_no_live_session() {
    let (mut world, ticket) = World::with_amy();
    let before = (world.thread.id, world.thread_log.clone(), world.latest().clone());

    log_in(&mut world, ada(), Vec::new());

    assert_eq!(world.thread.end_user, ada());
    assert_eq!(world.thread.id, before.0);
    assert_eq!(world.thread_log, before.1, "not a word is added to the log");
    assert_eq!(world.latest().session, before.2.session, "the session goes on");
    assert_eq!(world.used(amy().id), 1, "and its agent's slot with it");
    assert_eq!(
        world.history(ticket).last(),
        Some(&TicketEvent::Requester {
            from: None,
            to: "Ada".to_owned(),
            external_id: "ada-1".to_owned(),
        }),
        "r37: the history tells who asks"
    );
    assert_eq!(world.says("it is me").2, Placement::Appended);
}

#[test]
fn r47_with_a_live_session_elsewhere_the_anonymous_one_ends_and_its_log_stays() {
    for handed_off in [false, true] {
        let (mut world, ticket) = World::with_amy();
        let (whose, log) = (world.thread.end_user.clone(), world.thread_log.clone());

        log_in(&mut world, ada(), vec![elsewhere(handed_off)]);

        assert_eq!(world.thread.end_user, whose, "nobody's log is anybody else's");
        assert_eq!(world.thread_log, log);
        let end = world.latest().session.ended().unwrap();
        assert_eq!(end.by.reason(), EndReason::EndedBySystem);
        assert_eq!(world.used(amy().id), 0, "r24: the slot is free at once");
        assert_eq!(world.ticket(ticket).routing, Channel::Email, "r23");
        let requester = |event: &TicketEvent| matches!(event, TicketEvent::Requester { .. });
        assert!(!world.history(ticket).iter().any(requester));
    }
}

#[test]
fn r37_each_ticket_of_a_chat_thread_that_moves_has_it_in_its_own_history() {
    let (mut world, first) = World::with_amy();
    world.ends(first, &amy()).unwrap();
    world.says("one more thing");
    let second = world.hands_off();

    log_in(&mut world, ada(), Vec::new());

    for ticket in [first, second] {
        let last = world.ticket_logs[&ticket].last().unwrap();
        assert!(matches!(last.what, TicketEvent::Requester { .. }), "{last:?}");
        assert_eq!(last.audit, last.seq, "an audit is of one ticket");
    }
}

#[test]
fn r47_who_gave_a_name_in_the_chat_keeps_it_where_the_site_knows_none() {
    let (mut world, _) = World::with_amy();
    let name = Some("Ada L.".to_owned());
    world
        .run(Command::DescribeEndUser {
            name: name.clone(),
            email: None,
        })
        .unwrap();
    let nameless = EndUser { name: None, ..ada() };

    log_in(&mut world, nameless, Vec::new());

    assert_eq!(world.thread.end_user.name, name);
}

#[test]
fn r47_with_a_live_session_elsewhere_and_none_here_nothing_happens() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let before = (world.thread.clone(), world.history(ticket));

    log_in(&mut world, ada(), vec![elsewhere(true)]);

    assert_eq!((world.thread.clone(), world.history(ticket)), before);
}

#[test]
fn r47_a_session_elsewhere_that_ended_or_whose_time_is_over_is_not_live() {
    // Only the bot had it, and a day ago (R44).
    let forgotten = elsewhere(false);
    let (mut world, _) = World::with_amy();
    world.pass(Span::hours(25));
    log_in(&mut world, ada(), vec![forgotten]);
    assert_eq!(world.thread.end_user, ada());

    let mut other = World::with_amy();
    other.0.ends(other.1, &amy()).unwrap();
    let (mut world, _) = World::with_amy();
    log_in(&mut world, ada(), vec![other.0.latest().clone()]);
    assert_eq!(world.thread.end_user, ada());
}

#[test]
fn r47_whose_session_has_ended_moves_with_its_log_and_the_next_message_starts_afresh() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let end = world.latest().session;

    log_in(&mut world, ada(), Vec::new());

    assert_eq!(world.thread.end_user, ada());
    assert_eq!(world.latest().session, end, "i01: the first end stands");
    assert_eq!(world.says("one more thing").2, Placement::Started);
    assert_eq!(world.session_state(ticket), SessionState::Ended);
}

#[test]
fn r47_each_ticket_of_the_chat_thread_tells_who_asks_and_none_changes_otherwise() {
    let (mut world, first) = World::with_amy();
    world.update(first, &amy(), to_status(Status::Pending)).unwrap();
    world.ends(first, &amy()).unwrap();
    world.says("again");
    let second = world.hands_off();
    let tickets = [first, second].map(|ticket| world.ticket(ticket).clone());

    log_in(&mut world, ada(), Vec::new());

    for before in tickets {
        let mut after = world.ticket(before.id).clone();
        assert_eq!(after.head, before.head.next());
        after.head = before.head;
        assert_eq!(after, before);
        let last = world.history(before.id).pop();
        assert!(matches!(last, Some(TicketEvent::Requester { .. })), "{last:?}");
    }
}

#[test]
fn r47_an_identified_persons_chat_thread_is_never_taken_by_who_logs_in_next() {
    let (mut world, ticket) = World::with_amy();
    log_in(&mut world, ada(), Vec::new());
    let before = (world.thread.clone(), world.history(ticket));
    let mut eve = ada();
    eve.id = EndUserId(Uuid::from_u128(51));
    eve.external_id = Some("eve-2".to_owned());

    log_in(&mut world, eve.clone(), Vec::new());
    log_in(&mut world, eve, vec![elsewhere(true)]);

    assert_eq!((world.thread.clone(), world.history(ticket)), before);
}

#[test]
fn r47_what_was_said_in_the_chat_fills_a_gap_and_is_never_taken_for_verified() {
    let (mut world, _) = World::with_amy();
    world
        .run(Command::DescribeEndUser {
            name: Some("somebody".to_owned()),
            email: Some("said@example.net".to_owned()),
        })
        .unwrap();
    let mut person = ada();
    (person.email, person.email_verified) = (None, false);

    log_in(&mut world, person, Vec::new());

    let whose = &world.thread.end_user;
    assert_eq!(whose.name.as_deref(), Some("Ada"), "the site knows better");
    assert_eq!(whose.email.as_deref(), Some("said@example.net"));
    assert!(!whose.email_verified);
}

#[test]
fn r47_what_was_said_by_whoever_sat_there_is_nothing_of_one_who_was_known_before() {
    let (mut world, _) = World::with_amy();
    world
        .run(Command::DescribeEndUser {
            name: Some("Bob".to_owned()),
            email: Some("bob@example.net".to_owned()),
        })
        .unwrap();
    let mut person = ada();
    (person.name, person.email, person.email_verified) = (None, None, false);

    log_in_as(&mut world, person.clone(), Vec::new(), true);

    assert_eq!(
        world.thread.end_user, person,
        "replies on her other tickets go nowhere new"
    );
}

#[test]
fn r47_an_address_from_the_chat_takes_no_verified_ones_place() {
    let (mut world, _) = World::with_amy();
    log_in(&mut world, ada(), Vec::new());
    world
        .run(Command::DescribeEndUser {
            name: None,
            email: Some("eve@example.net".to_owned()),
        })
        .unwrap();
    assert_eq!(world.thread.end_user.email.as_deref(), Some("ada@example.net"));
}
