//! The erasure of a person (SECURITY 27): nothing that was said is left, and every number is.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use crate::world::{World, amy, assign_to, comment, to_status};
use causerie_core::bot::Progress;
use causerie_core::chat_thread::{Command, CustomerMessage, Effect, Outcome, Rejection};
use causerie_core::conversation::Stage;
use causerie_core::end_user::EndUser;
use causerie_core::ids::{AgentId, GroupId, MacroId, Seq, SessionId};
use causerie_core::message::{Author, Text, ThreadEntry};
use causerie_core::session::{EndReason, SessionState};
use causerie_core::ticket::event::{By, Erased, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, CommentTo, MacroReference, Priority, Status, Update};
use causerie_core::{EndUserId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const CANARY: &str = "canary";

fn tagged(tag: &str) -> Update {
    Update {
        tags: Some(vec![tag.to_owned()]),
        ..Update::default()
    }
}

/// A chat with all that a person leaves behind, and with Amy at work on it.
fn talked() -> (World, causerie_core::TicketId) {
    let mut world = World::new();
    world.says("my canary");
    told_the_bot(&mut world);
    let ticket = world.hands_off();
    world.update(ticket, &amy(), assign_to(amy().id)).unwrap();
    assert_eq!(world.ticket(ticket).fields.len(), 1);
    let describe = Command::DescribeEndUser {
        name: Some("Eve Canary".to_owned()),
        email: Some("canary@mail.example".to_owned()),
    };
    world.run(describe).unwrap();
    world.says("my canary is ill");
    let noted = comment(CommentTo::Note, "a canary again");
    world.update(ticket, &amy(), noted).unwrap();
    let said = comment(CommentTo::Messaging, "poor canary");
    world.update(ticket, &amy(), said).unwrap();
    world.update(ticket, &amy(), tagged(CANARY)).unwrap();
    (world, ticket)
}

/// The bot has asked for something, and got it.
fn told_the_bot(world: &mut World) {
    let latest = world.thread.conversations.last_mut().unwrap();
    latest.stage = Stage::Bot(Progress {
        collected: vec![("pet".to_owned(), CANARY.to_owned())],
        ..Progress::default()
    });
}

fn is_clean(what: &impl serde::Serialize) -> bool {
    !serde_json::to_string(what)
        .unwrap()
        .to_lowercase()
        .contains(CANARY)
}

#[test]
fn an_erasure_ends_what_lives_closes_what_is_open_and_is_the_last_word_of_each_history() {
    let (mut world, first) = talked();
    world.ends(first, &amy()).unwrap();
    world.says("one more thing");
    let second = world.hands_off();
    world.update(second, &amy(), assign_to(amy().id)).unwrap();
    assert_eq!(world.used(amy().id), 1);
    world.jobs.clear();
    let history = world.history(first);

    world.erases();

    let end = world.thread.of_ticket(second).unwrap().session.ended().unwrap();
    assert_eq!(end.by.reason(), EndReason::EndedBySystem);
    assert_eq!(world.ticket(second).routing, Channel::Email, "r23");
    assert_eq!(world.used(amy().id), 0, "r24: the slot is free at once");
    assert!(
        world.jobs.contains(&Effect::AssignWaiting),
        "and the next one gets it"
    );
    for ticket in [first, second] {
        assert_eq!(world.ticket(ticket).status, Status::Closed);
        assert!(
            world.jobs.contains(&Effect::ForgetEmails { ticket }),
            "r28: what waits to be sent is not sent any more"
        );
        let log = &world.ticket_logs[&ticket];
        let last = log.last().unwrap();
        assert_eq!(
            (&last.what, &last.by),
            (&TicketEvent::RequesterErased, &By::System)
        );
        let closed = &log[log.len() - 2];
        let to = Status::Closed;
        assert!(matches!(closed.what, TicketEvent::Status { to: status, .. } if status == to));
        assert_eq!(last.audit, closed.audit, "one step");
    }
    assert_eq!(
        world
            .thread
            .of_ticket(first)
            .unwrap()
            .session
            .ended()
            .unwrap()
            .by
            .reason(),
        EndReason::EndedByAgent,
        "i01: the first end stands"
    );
    assert_eq!(
        world.history(first).len(),
        history.len() + 2,
        "no second end (i07)"
    );
}

#[test]
fn i24_i33_both_logs_stay_dense_fold_into_their_rows_and_say_nothing_any_more() {
    let (mut world, ticket) = talked();
    let numbers = |world: &World| world.thread_log.iter().map(|it| it.seq).collect::<Vec<_>>();
    let (before, log) = (numbers(&world), world.thread_log.clone());
    assert!(!is_clean(&world.thread_log) && !is_clean(&world.ticket_logs) && !is_clean(world.ticket(ticket)));

    world.erases();

    assert_eq!(
        numbers(&world),
        before,
        "nothing is added to it and nothing taken away (i14, i24)"
    );
    for (left, was) in world.thread_log.iter().zip(&log) {
        assert!(left.erased && left.text.is_empty() && left.replies.is_empty() && left.cid.is_none());
        assert_eq!(
            (left.seq, left.at, left.session, &left.author),
            (was.seq, was.at, was.session, &was.author)
        );
    }
    let row = world.ticket(ticket).clone();
    assert_eq!(row.folded(&world.ticket_logs[&ticket]), row, "i33");
    assert!(row.subject.is_empty() && row.tags.is_empty() && row.fields.is_empty());
    assert!(is_clean(&world.thread_log) && is_clean(&world.ticket_logs) && is_clean(&world.thread.end_user));
    assert!(world.thread.conversations.iter().all(is_clean));
}

#[test]
fn what_only_the_bot_had_is_over_and_the_bot_has_forgotten_what_it_was_told() {
    let mut world = World::new();
    world.says("canary");
    told_the_bot(&mut world);
    assert!(!world.latest().subject.is_empty() && !is_clean(world.latest()));

    world.erases();

    assert_eq!(world.latest().session.state(), SessionState::Ended);
    assert!(world.latest().subject.is_empty());
    match &world.latest().stage {
        Stage::Bot(progress) => assert_eq!(*progress, Progress::default()),
        Stage::HandedOff(_) => panic!("nobody handed it off"),
    }
}

#[test]
fn nothing_is_added_to_what_an_erased_person_left() {
    let (mut world, ticket) = talked();
    world.erases();
    let logs = (world.thread_log.clone(), world.ticket_logs.clone());
    let cid = world.fresh_cid();
    let message = CustomerMessage {
        cid,
        text: Text::parse("here I am again").unwrap(),
        seen: Seq(0),
        composed_against: None,
    };
    let added = [
        Command::CustomerMessage(message),
        Command::HandOff,
        Command::BusinessMessage {
            cid,
            name: "Shop".to_owned(),
            text: Text::parse("still there?").unwrap(),
            replies: Vec::new(),
        },
        Command::DescribeEndUser {
            name: Some("Eve".to_owned()),
            email: None,
        },
        Command::LogIn {
            person: Box::new(EndUser::anonymous(EndUserId(Uuid::from_u128(9)), "en".to_owned())),
            theirs: Vec::new(),
            has_tickets: false,
        },
    ];
    for command in added {
        assert_eq!(world.run(command), Err(Rejection::EndUserErased));
    }
    // Agents meet what they know: a closed ticket, an ended session. What time does finds nothing to do.
    for update in [
        comment(CommentTo::Note, "and yet"),
        to_status(Status::Open),
        assign_to(amy().id),
        tagged("again"),
    ] {
        assert_eq!(world.update(ticket, &amy(), update), Err(Rejection::TicketClosed));
    }
    assert!(matches!(
        world.ends(ticket, &amy()),
        Ok(Outcome::Ended { already: true, .. })
    ));
    world.pass(causerie_core::time::Span::days(400));
    for command in [
        Command::EndForgotten,
        Command::TurnInactive { ticket },
        Command::CloseSolved { ticket },
        Command::Erase,
    ] {
        assert_eq!(world.run(command), Ok(Outcome::Done {}));
    }
    assert_eq!(world.run(Command::Assign { ticket }), Err(Rejection::NotWaiting));
    assert_eq!((world.thread_log.clone(), world.ticket_logs.clone()), logs);
}

#[test]
fn of_each_kind_of_entry_there_is_left_what_it_was_and_never_what_it_said() {
    let canary = || CANARY.to_owned();
    let personal = [
        (TicketEvent::Noted { text: canary() }, Erased::Note),
        (
            TicketEvent::Emailed {
                to: canary(),
                text: canary(),
            },
            Erased::Email,
        ),
        (
            TicketEvent::Tags {
                from: vec![canary()],
                to: vec![canary()],
            },
            Erased::Tags,
        ),
        (
            TicketEvent::Requester {
                from: Some(canary()),
                to: canary(),
                external_id: canary(),
            },
            Erased::Requester,
        ),
    ];
    for (what, left) in personal {
        assert!(!is_clean(&what));
        assert_eq!(what.tombstone(), TicketEvent::Tombstone(left));
        assert_eq!(
            what.tombstone().tombstone(),
            what.tombstone(),
            "again, it is the same"
        );
    }
    let stay = [
        TicketEvent::Created {
            from: Seq(1),
            to: Seq(2),
            previous: None,
        },
        TicketEvent::MacroApplied(MacroReference {
            id: MacroId(1),
            title: "Bye".to_owned(),
        }),
        TicketEvent::Status {
            from: Status::New,
            to: Status::Open,
        },
        TicketEvent::Priority {
            from: Priority::Low,
            to: Priority::High,
        },
        TicketEvent::Assignee {
            from: None,
            to: Some(AgentId(1)),
            over_capacity: false,
        },
        TicketEvent::Group {
            from: None,
            to: Some(GroupId(1)),
        },
        TicketEvent::SessionState {
            from: SessionState::Active,
            to: SessionState::Inactive,
        },
        TicketEvent::SessionEnded {
            session: SessionId(Uuid::from_u128(1)),
            from: SessionState::Active,
            reason: EndReason::EndedByAgent,
        },
        TicketEvent::RoutingChannel {
            from: Channel::Messaging,
            to: Channel::Email,
        },
        TicketEvent::RequesterErased,
    ];
    for what in stay {
        assert_eq!(
            what.tombstone(),
            what,
            "what became of the ticket is nobody's secret"
        );
    }
    let entry = TicketEntry {
        seq: Seq(3),
        audit: Seq(2),
        after: Seq(7),
        at: Timestamp(9),
        by: amy_by(),
        what: TicketEvent::Noted { text: canary() },
    };
    let left = entry.tombstone();
    let place = |it: &TicketEntry| (it.seq, it.audit, it.after, it.at, it.by.clone());
    assert_eq!(place(&left), place(&entry));
    assert!(is_clean(&left));
    for author in [
        Author::EndUser,
        Author::Bot,
        Author::Agent {
            id: AgentId(1),
            name: "Amy".to_owned(),
        },
        Author::Business {
            name: "Shop".to_owned(),
        },
    ] {
        let said = ThreadEntry {
            seq: Seq(1),
            at: Timestamp(1),
            session: SessionId(Uuid::from_u128(1)),
            author: author.clone(),
            text: canary(),
            replies: vec![canary()],
            cid: Some(causerie_core::ClientMessageId(Uuid::from_u128(8))),
            erased: false,
        };
        let left = said.tombstone();
        assert!(is_clean(&left) && left.erased && left.cid.is_none());
        assert_eq!(left.author, author);
    }
}

fn amy_by() -> By {
    By::Agent {
        id: AgentId(1),
        name: "Amy".to_owned(),
    }
}

#[test]
fn of_a_person_there_is_left_the_identity_alone() {
    let mut eve = EndUser::anonymous(EndUserId(Uuid::from_u128(4)), "fr".to_owned());
    eve.described(Some("Canary"), Some("canary@mail.example"));
    eve.external_id = Some(CANARY.to_owned());
    eve.email_verified = true;
    let left = eve.tombstone();
    assert_eq!(left.id, eve.id);
    assert!(left.erased && is_clean(&left) && !left.is_identified() && !left.email_verified);
    assert_eq!(left.locale, "und", "not even a language");
}
