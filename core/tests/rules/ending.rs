//! Ending a session (R15–R18, R22–R24) and what it changes around the ticket.

use crate::world::{SUPPORT, World, ada_the_admin, amy, assign_to, ben, comment, to_status};
use causerie_core::agent::{Agent, Role};
use causerie_core::chat_thread::{Actor, Effect, Outcome, Rejection};
use causerie_core::session::{EndReason, EndedBy, SessionState};
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{Channel, CommentTo, Set, Status, Update};
use causerie_core::time::Span;
use causerie_core::{AgentId, message::Text};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r07_a_tickets_status_assignee_and_tags_are_the_same_before_and_after_the_end() {
    for status in [Status::Open, Status::Pending, Status::Hold, Status::Solved] {
        let (mut world, ticket) = World::with_amy();
        if status != Status::Open {
            world.update(ticket, &amy(), to_status(status)).unwrap();
        }
        let before = world.ticket(ticket).clone();
        world.ends(ticket, &amy()).unwrap();
        let after = world.ticket(ticket);
        assert_eq!(
            (after.status, after.assignee, &after.tags, after.priority),
            (before.status, before.assignee, &before.tags, before.priority)
        );
    }
}

#[test]
fn r15_while_the_setting_is_off_no_agent_ends_a_session_and_nothing_changes() {
    let (mut world, ticket) = World::with_amy();
    world.settings.agents_can_end_sessions = false;
    let before = world.thread.clone();
    assert_eq!(world.ends(ticket, &amy()), Err(Rejection::EndingSwitchedOff));
    assert_eq!(
        world.ends(ticket, &ada_the_admin()),
        Err(Rejection::EndingSwitchedOff)
    );
    let with_end = Update {
        end_session: true,
        ..comment(CommentTo::Note, "bye")
    };
    assert_eq!(
        world.update(ticket, &amy(), with_end),
        Err(Rejection::EndingSwitchedOff)
    );
    assert_eq!(world.thread, before, "not even the note of the same step");
}

#[test]
fn r16_the_assignee_an_agent_of_the_group_and_an_admin_may_end() {
    let colleague = Agent {
        id: AgentId(9),
        name: "Cleo".to_owned(),
        role: Role::Agent,
        groups: vec![SUPPORT],
    };
    for agent in [amy(), colleague, ada_the_admin()] {
        let (mut world, ticket) = World::with_amy();
        let to_support = Update {
            group: Some(Set::To(SUPPORT)),
            ..Update::default()
        };
        world.update(ticket, &amy(), to_support).unwrap();
        assert!(world.ends(ticket, &agent).is_ok(), "{}", agent.name);
    }
}

#[test]
fn r16_one_who_sees_the_ticket_but_may_not_is_told_why() {
    let (mut world, ticket) = World::with_amy();
    assert_eq!(world.ends(ticket, &ben()), Err(Rejection::NotTheirsToEnd));
}

#[test]
fn r16_one_who_cannot_see_the_ticket_learns_nothing_of_it() {
    let (mut world, ticket) = World::with_amy();
    let to_support = Update {
        group: Some(Set::To(SUPPORT)),
        ..Update::default()
    };
    world.update(ticket, &amy(), to_support).unwrap();
    assert_eq!(world.ends(ticket, &ben()), Err(Rejection::UnknownTicket));
}

#[test]
fn r16_who_may_end_is_judged_on_the_ticket_as_it_was_before_the_same_step() {
    let to_sales = Update {
        group: Some(Set::To(crate::world::SALES)),
        end_session: true,
        ..Update::default()
    };
    let (mut world, ticket) = World::with_amy();
    let to_support = Update {
        group: Some(Set::To(SUPPORT)),
        ..assign_to(ben().id)
    };
    world.update(ticket, &ada_the_admin(), to_support).unwrap();
    assert!(
        world.update(ticket, &amy(), to_sales).is_ok(),
        "an agent of the group, giving it away and ending it"
    );

    let (mut world, ticket) = World::with_amy();
    let taking = Update {
        end_session: true,
        ..assign_to(ben().id)
    };
    assert_eq!(
        world.update(ticket, &ben(), taking),
        Err(Rejection::NotTheirsToEnd),
        "not by taking it first"
    );
}

#[test]
fn r17_the_end_user_may_end_where_the_account_allows_it_also_while_only_the_bot_talks() {
    let mut world = World::new();
    let (session, ..) = world.says("hello");
    assert_eq!(
        world.ends_as(session, Actor::EndUser),
        Err(Rejection::EndingSwitchedOff)
    );
    world.settings.end_users_can_end_sessions = true;
    let outcome = world.ends_as(session, Actor::EndUser).unwrap();
    let Outcome::Ended {
        end, already: false, ..
    } = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(end.by.reason(), EndReason::EndedByEndUser);
}

#[test]
fn r17_a_trigger_ends_under_its_own_reason() {
    let (mut world, ticket) = World::with_amy();
    let session = world.latest().id;
    let rule = Actor::Rule {
        id: 7,
        title: "Quiet hours".to_owned(),
    };
    world.ends_as(session, rule).unwrap();
    let ended = TicketEvent::SessionEnded {
        session,
        from: SessionState::Active,
        reason: EndReason::EndedByTrigger,
    };
    assert!(world.history(ticket).contains(&ended));
}

#[test]
fn r15_a_trigger_ends_nothing_while_agents_may_not() {
    let (mut world, _) = World::with_amy();
    world.settings.agents_can_end_sessions = false;
    let rule = Actor::Rule {
        id: 7,
        title: "Quiet hours".to_owned(),
    };
    let session = world.latest().id;
    assert_eq!(world.ends_as(session, rule), Err(Rejection::EndingSwitchedOff));
}

#[test]
fn r18_ending_twice_is_harmless_and_the_second_learns_of_the_first() {
    let (mut world, ticket) = World::with_amy();
    let first = world.ends(ticket, &amy()).unwrap();
    let Outcome::Ended {
        session,
        end,
        already: false,
    } = first
    else {
        panic!("{first:?}")
    };
    world.pass(Span::minutes(5));
    let before = world.thread.clone();
    let second = world.ends(ticket, &ada_the_admin()).unwrap();
    assert_eq!(
        second,
        Outcome::Ended {
            session,
            end,
            already: true
        }
    );
    assert_eq!(end.by, EndedBy::Agent(amy().id));
    assert_eq!(world.thread, before);
}

#[test]
fn r19_after_the_end_no_agent_and_no_api_reaches_the_customer_by_messaging() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let log = world.thread_log.clone();
    let refused = world.update(ticket, &amy(), comment(CommentTo::Messaging, "one more thing"));
    assert!(matches!(refused, Err(Rejection::SessionEnded(_))), "{refused:?}");
    let cid = world.fresh_cid();
    let text = Text::parse("from a script").unwrap();
    let name = "Shop".to_owned();
    let refused = world.run(causerie_core::chat_thread::Command::BusinessMessage {
        cid,
        name,
        text,
        replies: Vec::new(),
    });
    assert!(matches!(refused, Err(Rejection::SessionEnded(_))), "{refused:?}");
    assert_eq!(world.thread_log, log);
}

#[test]
fn r20_the_end_writes_nothing_into_the_thread_log() {
    let (mut world, ticket) = World::with_amy();
    let (log, head) = (world.thread_log.clone(), world.thread.head);
    world.ends(ticket, &amy()).unwrap();
    assert_eq!((world.thread_log, world.thread.head), (log, head));
}

#[test]
fn r21_a_reply_in_flight_at_the_end_is_refused_whole() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &ada_the_admin()).unwrap();
    let before = world.thread.clone();
    let reply = Update {
        status: Some(Status::Pending),
        ..comment(CommentTo::Messaging, "here it is")
    };
    assert!(matches!(
        world.update(ticket, &amy(), reply),
        Err(Rejection::SessionEnded(_))
    ));
    assert_eq!(world.thread, before, "not half of it");
}

#[test]
fn r22_the_history_says_who_ended_the_session_when_and_why() {
    let (mut world, ticket) = World::with_amy();
    world.pass(Span::minutes(3));
    world.ends(ticket, &amy()).unwrap();
    let log = &world.ticket_logs[&ticket];
    let entry = log
        .iter()
        .find(|entry| matches!(entry.what, TicketEvent::SessionEnded { .. }))
        .unwrap();
    assert_eq!(entry.by, Actor::Agent(amy()).named());
    assert_eq!(entry.at, world.now);
    let TicketEvent::SessionEnded { reason, .. } = entry.what else {
        panic!()
    };
    assert_eq!(reason, EndReason::EndedByAgent);
}

#[test]
fn r23_the_ticket_counts_as_email_from_then_on_and_its_original_channel_stays() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let its = world.ticket(ticket);
    assert_eq!((its.channel, its.routing), (Channel::Messaging, Channel::Email));
    let change = TicketEvent::RoutingChannel {
        from: Channel::Messaging,
        to: Channel::Email,
    };
    assert_eq!(world.history(ticket).last(), Some(&change));
    let log = &world.ticket_logs[&ticket];
    let audits: Vec<_> = log.iter().rev().take(2).map(|entry| entry.audit).collect();
    assert_eq!(audits[0], audits[1], "one step, one audit");
}

#[test]
fn r23_an_ended_session_is_never_routed_again() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    world.ends(ticket, &ada_the_admin()).unwrap();
    let given = world.run(causerie_core::chat_thread::Command::Assign { ticket });
    assert_eq!(given, Err(Rejection::NotWaiting));
    assert!(
        world
            .update(ticket, &ada_the_admin(), assign_to(ben().id))
            .is_ok(),
        "by a person it can be"
    );
    assert_eq!(world.used(ben().id), 0, "and takes no messaging slot");
}

#[test]
fn r24_the_assignees_slot_is_free_at_once_and_the_queue_is_looked_at() {
    let (mut world, ticket) = World::with_amy();
    assert_eq!(world.used(amy().id), 1);
    world.jobs.clear();
    world.ends(ticket, &amy()).unwrap();
    assert_eq!(world.used(amy().id), 0);
    assert_eq!(world.jobs, [Effect::AssignWaiting]);
}

#[test]
fn r29_notes_status_and_assignee_go_on_after_the_end() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let log = world.thread_log.clone();
    world
        .update(ticket, &amy(), comment(CommentTo::Note, "call the carrier"))
        .unwrap();
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    world.update(ticket, &amy(), assign_to(ben().id)).unwrap();
    assert_eq!(world.ticket(ticket).assignee, Some(ben().id));
    assert_eq!(world.thread_log, log);
}

#[test]
fn r30_a_macro_says_its_text_and_then_ends_in_that_order_as_one_step() {
    let (mut world, ticket) = World::with_amy();
    let update = Update {
        end_session: true,
        ..comment(CommentTo::Public, "We are done here.")
    };
    world.update(ticket, &amy(), update).unwrap();
    assert_eq!(world.thread_log.last().unwrap().text, "We are done here.");
    assert_eq!(world.session_state(ticket), SessionState::Ended);
}

#[test]
fn i20_a_session_that_ends_before_its_handoff_has_no_ticket_and_gets_none() {
    let mut world = World::new();
    let (session, ..) = world.says("hello");
    world.ends_as(session, Actor::System).unwrap();
    let handed = world.run(causerie_core::chat_thread::Command::HandOff);
    assert_eq!(handed, Err(Rejection::NothingLive));
    assert!(world.ticket_logs.is_empty());
}

#[test]
fn i08_no_agent_ends_a_session_that_only_the_bot_has() {
    let mut world = World::new();
    let (session, ..) = world.says("hello");
    assert_eq!(
        world.ends_as(session, Actor::Agent(amy())),
        Err(Rejection::UnknownSession)
    );
}
