//! The message after the end (R08–R13): a fresh bot interaction, a new session, a new ticket; the old one untouched.

use crate::world::{World, amy, to_status};
use causerie_core::Seq;
use causerie_core::chat_thread::{Actor, Command, Rejection};
use causerie_core::conversation::Stage;
use causerie_core::session::Placement;
use causerie_core::ticket::Status;
use causerie_core::time::Span;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r08_the_next_message_starts_a_fresh_bot_interaction_and_a_new_session() {
    let (mut world, ticket) = World::with_amy();
    let old = world.latest().id;
    world.ends(ticket, &amy()).unwrap();

    let (session, _, placement) = world.says("one more thing");

    assert_eq!(placement, Placement::Started);
    assert_ne!(session, old);
    assert!(matches!(world.latest().stage, Stage::Bot(_)), "the bot has it");
    assert_eq!(world.texts(session), ["one more thing"]);
}

#[test]
fn r08_the_new_ticket_comes_with_its_own_handoff_and_the_old_one_is_untouched() {
    for status in [Status::Open, Status::Pending, Status::Hold, Status::Solved] {
        let (mut world, old) = World::with_amy();
        if status != Status::Open {
            world.update(old, &amy(), to_status(status)).unwrap();
        }
        world.ends(old, &amy()).unwrap();
        let before = (world.ticket(old).clone(), world.ticket_logs[&old].clone());

        world.says("hello again");
        let new = world.hands_off();
        world.says("are you there?");

        assert_ne!(new, old);
        assert_eq!(
            (world.ticket(old).clone(), world.ticket_logs[&old].clone()),
            before,
            "{status:?}"
        );
    }
}

#[test]
fn r08_a_session_ended_while_only_the_bot_talked_is_not_continued_either() {
    let mut world = World::new();
    let (old, ..) = world.says("hello");
    world.ends_as(old, Actor::System).unwrap();
    let (new, _, placement) = world.says("hello?");
    assert_eq!(placement, Placement::Started);
    assert_ne!(new, old);
}

#[test]
fn r10_an_outbox_flushed_after_the_end_opens_one_conversation() {
    let (mut world, ticket) = World::with_amy();
    let (one, two, three) = (world.fresh_cid(), world.fresh_cid(), world.fresh_cid());
    let seen = world.thread.head;
    world.ends(ticket, &amy()).unwrap();

    for (cid, text) in [
        (one, "one"),
        (two, "two"),
        (one, "one"),
        (three, "three"),
        (two, "two"),
    ] {
        world.sends(cid, text, seen);
    }

    assert_eq!(world.thread.conversations.len(), 2);
    assert_eq!(world.texts(world.latest().id), ["one", "two", "three"]);
}

#[test]
fn r11_a_retry_of_a_message_from_before_the_end_is_acknowledged_there_and_starts_nothing() {
    let (mut world, ticket) = World::with_amy();
    let (cid, seen) = (world.fresh_cid(), world.thread.head);
    let first = world.sends(cid, "did this arrive?", seen);
    world.ends(ticket, &amy()).unwrap();

    assert_eq!(world.sends(cid, "did this arrive?", seen), first);
    assert_eq!(world.thread.conversations.len(), 1);
}

#[test]
fn r12_a_message_and_an_end_are_ordered_by_who_commits_first() {
    let (mut world, ticket) = World::with_amy();
    let old = world.latest().id;
    let (session, _, placement) = world.says("just in time");
    assert_eq!((session, placement), (old, Placement::Appended));

    world.ends(ticket, &amy()).unwrap();
    let (session, _, placement) = world.says("too late for that one");
    assert_ne!(session, old);
    assert_eq!(placement, Placement::Started);
}

#[test]
fn r13_the_fresh_conversation_knows_its_predecessor_and_so_does_its_ticket() {
    let (mut world, old) = World::with_amy();
    let old_session = world.latest().id;
    world.ends(old, &amy()).unwrap();
    world.says("me again");
    world.hands_off();
    let previous = world.latest().previous.unwrap();
    assert_eq!((previous.session, previous.ticket), (old_session, Some(old)));
}

#[test]
fn r44_a_conversation_that_only_the_bot_had_is_over_a_day_after_its_last_message() {
    let mut world = World::new();
    let (first, ..) = world.says("hello");
    world.pass(Span::hours(23));
    let (second, ..) = world.says("still there?");
    assert_eq!(second, first);
    world.pass(Span::hours(24));
    let (third, _, placement) = world.says("and now?");
    assert_eq!(placement, Placement::Started);
    assert_ne!(third, first);
    assert!(
        world
            .thread
            .conversation(first)
            .unwrap()
            .session
            .ended()
            .is_some()
    );
}

#[test]
fn r44_nobody_hands_off_a_conversation_whose_time_is_over() {
    let mut world = World::new();
    world.says("hello");
    world.pass(Span::hours(24));
    assert_eq!(world.run(Command::HandOff), Err(Rejection::NothingLive));
    assert!(world.ticket_logs.is_empty());
}

#[test]
fn r44_a_conversation_with_a_ticket_is_not_ended_by_that_timer() {
    let (mut world, _) = World::with_amy();
    world.pass(Span::hours(24 * 7));
    let (_, _, placement) = world.says("a week later");
    assert_eq!(placement, Placement::Appended);
}

#[test]
fn i31_a_clock_set_back_changes_no_order() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::hours(-5));
    world.says("from the past");
    world.ends(ticket, &amy()).unwrap();
    world.says("and again");
    assert_eq!(world.thread.head, Seq(world.thread_log.len() as u64));
}
