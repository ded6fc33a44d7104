//! The ticket: its birth, its statuses, its composer, its capacity (R02–R06, R28, R31, R33, R43).

use std::collections::BTreeSet;

use crate::world::{World, ada_the_admin, amy, assign_to, ben, comment, to_status};
use causerie_core::agent::Availability;
use causerie_core::chat_thread::{Actor, Command, Effect, Rejection};
use causerie_core::message::TextFault;
use causerie_core::routing::assign::{Candidate, Waiting, choose};
use causerie_core::routing::capacity::Room;
use causerie_core::session::{Placement, SessionState};
use causerie_core::ticket::composer::{ChannelClosed, composer};
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{CommentTo, Priority, Set, Status, Update};
use causerie_core::{AgentId, GroupId, Seq, TicketId, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r02_no_ticket_exists_while_only_the_bot_talks() {
    let mut world = World::new();
    world.says("hello");
    world.says("anybody?");
    assert!(world.latest().ticket().is_none());
}

#[test]
fn r03_the_handoff_makes_one_ticket_with_the_transcript() {
    let mut world = World::new();
    world.says("Where is my order?");
    world.says("Number 17");
    let ticket = world.hands_off();
    assert_eq!(world.ticket(ticket).subject, "Where is my order?");
    let created = &world.history(ticket)[0];
    let TicketEvent::Created { from, to, .. } = created else {
        panic!("{created:?}")
    };
    assert_eq!((*from, *to), (Seq(1), world.thread.head));
    assert_eq!(world.jobs, [Effect::AssignWaiting]);
}

#[test]
fn r03_a_long_first_message_is_shortened_to_a_subject_of_one_line() {
    // 80 characters are a subject as they are; of more, 79 are left and a dot for the rest, and no blank before it.
    let exactly = "é".repeat(80);
    let too_long = format!("{exactly}é");
    let blank_at_the_cut = format!("{} the rest", "a".repeat(78));
    for (text, subject) in [
        (format!("{exactly}\nand more"), exactly.clone()),
        (too_long, format!("{}…", "é".repeat(79))),
        (blank_at_the_cut, format!("{}…", "a".repeat(78))),
    ] {
        let mut world = World::new();
        world.says(&text);
        let ticket = world.hands_off();
        assert_eq!(world.ticket(ticket).subject, subject);
    }
}

#[test]
fn i18_a_second_handoff_makes_no_second_ticket() {
    let mut world = World::new();
    world.says("hello");
    let first = world.hands_off();
    assert_eq!(world.hands_off(), first);
    assert_eq!(world.ticket_logs.len(), 1);
}

#[test]
fn r06_leaving_new_or_open_makes_the_session_inactive_and_the_next_message_active_again() {
    for status in [Status::Pending, Status::Hold, Status::Solved] {
        let (mut world, ticket) = World::with_amy();
        world.update(ticket, &amy(), to_status(status)).unwrap();
        assert_eq!(world.session_state(ticket), SessionState::Inactive);
        let (_, _, placement) = world.says("wait");
        assert_eq!(placement, Placement::AppendedReopening);
        assert_eq!(world.session_state(ticket), SessionState::Active);
        assert_eq!(world.ticket(ticket).status, Status::Open);
    }
}

#[test]
fn r43_a_new_ticket_becomes_open_on_assignment_and_never_new_again() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    assert_eq!(world.ticket(ticket).status, Status::New);
    world.update(ticket, &amy(), assign_to(amy().id)).unwrap();
    assert_eq!(world.ticket(ticket).status, Status::Open);
    let back = world.update(ticket, &amy(), to_status(Status::New));
    assert_eq!(back, Err(Rejection::StatusNotSettable(Status::New)));
    world
        .update(
            ticket,
            &amy(),
            Update {
                assignee: Some(Set::Nothing),
                ..Update::default()
            },
        )
        .unwrap();
    assert_eq!(world.ticket(ticket).status, Status::Open);
}

#[test]
fn r43_solving_needs_an_assignee_and_nobody_closes_by_hand() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    assert_eq!(
        world.update(ticket, &amy(), to_status(Status::Solved)),
        Err(Rejection::SolvingNeedsAssignee)
    );
    let both = Update {
        status: Some(Status::Solved),
        ..assign_to(amy().id)
    };
    world.update(ticket, &amy(), both).unwrap();
    let close = world.update(ticket, &amy(), to_status(Status::Closed));
    assert_eq!(close, Err(Rejection::StatusNotSettable(Status::Closed)));
}

#[test]
fn r43_a_closed_ticket_cannot_be_changed_and_the_next_message_starts_afresh() {
    let (mut world, ticket) = World::with_amy();
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    let by = causerie_core::chat_thread::Actor::System;
    world
        .run(Command::UpdateTicket {
            ticket,
            by,
            update: to_status(Status::Closed),
            cid: None,
        })
        .unwrap();
    let note = world.update(ticket, &amy(), comment(CommentTo::Note, "too late"));
    assert_eq!(note, Err(Rejection::TicketClosed));
    assert_eq!(world.ends(ticket, &amy()), Err(Rejection::TicketClosed));
    assert_eq!(world.says("hello again").2, Placement::Started);
}

#[test]
fn r28_the_composer_falls_back_to_public_reply_or_note() {
    let (mut world, ticket) = World::with_amy();
    let offered = |world: &World, email| {
        let conversation = world.thread.of_ticket(ticket).unwrap();
        composer(&conversation.session, world.ticket(ticket).status, email)
    };
    assert_eq!(offered(&world, false).default, CommentTo::Messaging);
    assert_eq!(
        offered(&world, false).public_reply,
        Err(ChannelClosed::EmailUnknown)
    );
    world.ends(ticket, &amy()).unwrap();
    let end = world.latest().session.ended().unwrap();
    for (email, default) in [(true, CommentTo::Email), (false, CommentTo::Note)] {
        let composer = offered(&world, email);
        assert_eq!(composer.messaging, Err(ChannelClosed::SessionEnded(end)));
        assert_eq!(composer.default, default);
        assert_eq!(composer.internal_note, Ok(()));
    }
}

#[test]
fn r28_a_public_reply_after_the_end_travels_by_email_and_stays_out_of_the_chat() {
    let (mut world, ticket) = World::with_amy();
    let email = "zoe@example.com".to_owned();
    world
        .run(Command::DescribeEndUser {
            name: None,
            email: Some(email.clone()),
        })
        .unwrap();
    world.ends(ticket, &amy()).unwrap();
    let log = world.thread_log.clone();
    world.jobs.clear();
    world
        .update(
            ticket,
            &amy(),
            comment(CommentTo::Public, "The parcel left today."),
        )
        .unwrap();
    assert_eq!(world.thread_log, log);
    let entry = world.ticket(ticket).head;
    assert_eq!(world.jobs, [Effect::SendEmail { ticket, entry }]);
    let text = "The parcel left today.".to_owned();
    assert_eq!(
        world.history(ticket).last(),
        Some(&TicketEvent::Emailed { to: email, text })
    );
}

#[test]
fn r37_every_change_is_in_the_history_with_old_and_new_value() {
    let (mut world, ticket) = World::with_amy();
    let update = Update {
        priority: Some(Priority::Urgent),
        group: Some(Set::To(crate::world::SUPPORT)),
        tags: Some(vec!["VIP ".to_owned(), "late order".to_owned(), "vip".to_owned()]),
        ..comment(CommentTo::Note, "look at this")
    };
    world.update(ticket, &amy(), update).unwrap();
    let history = world.history(ticket);
    for event in [
        TicketEvent::Noted {
            text: "look at this".to_owned(),
        },
        TicketEvent::Priority {
            from: Priority::Normal,
            to: Priority::Urgent,
        },
        TicketEvent::Group {
            from: None,
            to: Some(crate::world::SUPPORT),
        },
        TicketEvent::Tags {
            from: Vec::new(),
            to: vec!["late_order".to_owned(), "vip".to_owned()],
        },
    ] {
        assert!(history.contains(&event), "{event:?} in {history:?}");
    }
}

#[test]
fn i16_an_update_that_changes_nothing_makes_no_event() {
    let (mut world, ticket) = World::with_amy();
    let before = world.history(ticket);
    let same = Update {
        status: Some(Status::Open),
        tags: Some(Vec::new()),
        ..assign_to(amy().id)
    };
    world.update(ticket, &amy(), same).unwrap();
    assert_eq!(world.history(ticket), before);
}

#[test]
fn r33_capacity_is_what_the_sessions_say() {
    let (mut world, ticket) = World::with_amy();
    assert_eq!(world.used(amy().id), 1);
    world.update(ticket, &amy(), to_status(Status::Pending)).unwrap();
    assert_eq!(world.used(amy().id), 0, "inactive sessions do not count");
    world.settings.inactive_sessions_count = true;
    assert_eq!(world.used(amy().id), 1, "unless set so");
    world.update(ticket, &amy(), to_status(Status::Solved)).unwrap();
    assert_eq!(world.used(amy().id), 0, "a solved one never does");
}

/// Whether a slot is taken was read off the session alone, not off the rule for what counts.
#[test]
fn bug_i09_an_inactive_session_given_to_a_full_agent_is_recorded_where_it_counts() {
    for counts in [false, true] {
        let (mut world, ticket) = World::with_amy();
        world.update(ticket, &amy(), to_status(Status::Pending)).unwrap();
        world.settings.inactive_sessions_count = counts;
        world.room(ben().id).used = 3;
        world.update(ticket, &amy(), assign_to(ben().id)).unwrap();
        let given = TicketEvent::Assignee {
            from: Some(amy().id),
            to: Some(ben().id),
            over_capacity: counts,
        };
        assert!(
            world.history(ticket).contains(&given),
            "where inactive ones count: {counts}"
        );
    }
}

#[test]
fn i09_taking_more_than_there_is_room_for_is_recorded() {
    let (mut world, ticket) = World::with_amy();
    *world.room(ben().id) = Room {
        used: 3,
        ..world.room(ben().id).clone()
    };
    world.update(ticket, &amy(), assign_to(ben().id)).unwrap();
    let over = TicketEvent::Assignee {
        from: Some(amy().id),
        to: Some(ben().id),
        over_capacity: true,
    };
    assert!(world.history(ticket).contains(&over));
}

#[test]
fn i11_an_assignment_by_the_system_needs_a_waiting_ticket_and_a_free_slot() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    world.room(amy().id).used = 3;
    assert_eq!(world.run(Command::Assign { ticket }), Err(Rejection::NoRoom));
    world.room(amy().id).used = 2;
    world.room(amy().id).availability = Availability::Away;
    assert_eq!(world.run(Command::Assign { ticket }), Err(Rejection::NoRoom));
    world.room(amy().id).availability = Availability::Online;
    world.run(Command::Assign { ticket }).unwrap();
    assert_eq!(world.run(Command::Assign { ticket }), Err(Rejection::NotWaiting));
}

#[test]
fn r03_an_unknown_agent_or_group_is_refused_and_nothing_changes() {
    let (mut world, ticket) = World::with_amy();
    let before = world.thread.clone();
    let nobody = Update {
        priority: Some(Priority::High),
        ..assign_to(AgentId(99))
    };
    assert_eq!(
        world.update(ticket, &ada_the_admin(), nobody),
        Err(Rejection::UnknownAgent)
    );
    let nowhere = Update {
        group: Some(Set::To(GroupId(99))),
        ..Update::default()
    };
    assert_eq!(
        world.update(ticket, &ada_the_admin(), nowhere),
        Err(Rejection::UnknownGroup)
    );
    assert_eq!(world.thread, before);
}

fn candidate(agent: u64, used: u32, idle_since: i64, groups: &[GroupId]) -> Candidate {
    Candidate {
        room: Room {
            agent: AgentId(agent),
            name: String::new(),
            groups: groups.to_vec(),
            availability: Availability::Online,
            used,
            max: 3,
        },
        idle_since: Timestamp(idle_since),
    }
}

fn waiting(ticket: u64, priority: Priority, since: i64, group: Option<GroupId>) -> Waiting {
    Waiting {
        ticket: TicketId(ticket),
        priority,
        since: Timestamp(since),
        group,
    }
}

#[test]
fn r31_the_most_urgent_then_the_oldest_goes_to_the_freest_then_the_longest_idle() {
    let agents = [
        candidate(1, 1, 0, &[]),
        candidate(2, 0, 50, &[]),
        candidate(3, 0, 40, &[]),
    ];
    let queue = [
        waiting(1, Priority::Normal, 10, None),
        waiting(2, Priority::Urgent, 30, None),
        waiting(3, Priority::Urgent, 20, None),
    ];
    assert_eq!(choose(&queue, &agents), Some((TicketId(3), AgentId(3))));
    assert_eq!(choose(&queue[..1], &agents[..2]), Some((TicketId(1), AgentId(2))));
}

#[test]
fn i34_a_waiting_ticket_that_is_moved_to_another_group_is_looked_at_again() {
    let mut world = World::new();
    world.says("hello");
    let ticket = world.hands_off();
    world.jobs.clear();
    let to_support = Update {
        group: Some(Set::To(crate::world::SUPPORT)),
        ..Update::default()
    };
    world.update(ticket, &amy(), to_support).unwrap();
    assert_eq!(world.jobs, [Effect::AssignWaiting]);
}

#[test]
fn r31_a_ticket_of_a_group_goes_to_that_group_and_does_not_hold_up_the_others() {
    let agents = [candidate(1, 0, 0, &[GroupId(2)])];
    let queue = [
        waiting(1, Priority::Urgent, 10, Some(GroupId(1))),
        waiting(2, Priority::Low, 20, Some(GroupId(2))),
    ];
    assert_eq!(choose(&queue, &agents), Some((TicketId(2), AgentId(1))));
    assert_eq!(choose(&queue[..1], &agents), None);
}

#[test]
fn r43_a_rule_may_close_a_ticket_but_not_make_it_new_again() {
    let (mut world, ticket) = World::with_amy();
    let mut rule_sets = |status| {
        world.run(Command::UpdateTicket {
            ticket,
            by: Actor::Rule {
                id: 7,
                title: "Tidy".to_owned(),
            },
            update: to_status(status),
            cid: None,
        })
    };
    assert_eq!(
        rule_sets(Status::New),
        Err(Rejection::StatusNotSettable(Status::New))
    );
    assert!(rule_sets(Status::Closed).is_ok());
}

#[test]
fn each_refusal_says_in_a_sentence_of_its_own_what_to_do() {
    let (mut world, ticket) = World::with_amy();
    world.ends(ticket, &amy()).unwrap();
    let end = world.latest().session.ended().unwrap();
    let all = [
        Rejection::UnknownTicket,
        Rejection::UnknownSession,
        Rejection::EndingSwitchedOff,
        Rejection::NotTheirsToEnd,
        Rejection::SessionEnded(end),
        Rejection::EmailUnknown,
        Rejection::TicketClosed,
        Rejection::SolvingNeedsAssignee,
        Rejection::StatusNotSettable(Status::New),
        Rejection::MacroPlaceholders,
        Rejection::UnknownAgent,
        Rejection::UnknownGroup,
        Rejection::NotWaiting,
        Rejection::NoRoom,
        Rejection::NotInGroup,
        Rejection::NothingLive,
        Rejection::Text(TextFault::Empty),
        Rejection::Text(TextFault::TooLong),
    ];
    let sentences: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    let names: BTreeSet<&str> = all.iter().map(Rejection::code).collect();
    assert_eq!((sentences.len(), names.len()), (all.len(), all.len()));
    for sentence in sentences {
        assert!(sentence.ends_with('.') && sentence.len() > 15, "{sentence}");
    }
}
