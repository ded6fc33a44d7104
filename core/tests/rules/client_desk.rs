//! What the workspace's screens read: both logs with what each entry is, and what the signed-in agent may do.

use crate::desk_world::{
    Desk, ME, OTHER, SEVEN, agent, cid, created, happened, note, open, refused, row, said, sent, welcome,
};
use causerie_core::agent::{Availability, Role};
use causerie_core::client::agent::{Ask, Effect, Input, LogItem, Through};
use causerie_core::client::connection::Status as Line;
use causerie_core::session::SessionState;
use causerie_core::ticket::ending::CannotEnd;
use causerie_core::ticket::event::{By, TicketEntry, TicketEvent};
use causerie_core::ticket::{Channel, CommentTo, MacroReference, Priority, Status};
use causerie_core::wire::Refused;
use causerie_core::wire::agent::{Down, Welcome};
use causerie_core::{MacroId, Seq, TicketId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn status(seq: u64) -> TicketEntry {
    let (from, to) = (Status::New, Status::Open);
    happened(seq, 1, TicketEvent::Status { from, to })
}

#[test]
fn r37_what_a_macro_or_a_rule_did_is_said_to_be_theirs() {
    let bye = TicketEvent::MacroApplied(MacroReference {
        id: MacroId(3),
        title: "Bye".to_owned(),
    });
    let by_rule = By::Rule {
        id: 1,
        title: "Night".to_owned(),
    };
    let entries = vec![
        created(1, 1),
        status(2),
        happened(3, 1, bye),
        TicketEntry {
            audit: Seq(3),
            ..status(4)
        },
        TicketEntry {
            by: by_rule.clone(),
            ..status(5)
        },
        TicketEntry {
            audit: Seq(3),
            by: by_rule,
            ..status(6)
        },
    ];
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], entries.clone());
    let log = desk.client.log();
    let through: Vec<_> = entries.iter().map(|entry| Through::of(entry, &log)).collect();
    assert_eq!(
        through,
        [
            None,
            None,
            None,
            Some(Through::Macro("Bye")),
            Some(Through::Rule("Night")),
            Some(Through::Macro("Bye")),
        ],
        "neither what came before the macro nor what another step did"
    );
}

#[test]
fn a_ticket_tells_between_its_messages_who_has_it_and_how_far_it_is() {
    let (from, to) = (None, Some(ME));
    let assigned = TicketEvent::Assignee {
        from,
        to,
        over_capacity: false,
    };
    let silent = TicketEvent::SessionState {
        from: SessionState::Active,
        to: SessionState::Inactive,
    };
    let urgent = TicketEvent::Priority {
        from: Priority::Normal,
        to: Priority::Urgent,
    };
    let routed = TicketEvent::RoutingChannel {
        from: Channel::Messaging,
        to: Channel::Email,
    };
    let entries = vec![
        created(1, 1),
        happened(2, 1, assigned),
        status(3),
        happened(4, 1, silent),
        happened(5, 1, urgent),
        happened(6, 1, routed),
        note(7, 1),
    ];
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], entries);
    let landmarks: Vec<bool> = desk.client.log().iter().map(LogItem::is_landmark).collect();
    assert_eq!(landmarks, [false, true, true, true, false, false, false, false]);
}

#[test]
fn r16_whoever_may_end_the_session_is_told_so_and_whoever_may_not_why() {
    let (mine, theirs) = (row(7, Some(ME), Status::Open), row(8, Some(OTHER), Status::Open));
    let desk = Desk::with(vec![mine.clone(), theirs.clone()]);
    assert_eq!(desk.client.ending(&mine), Ok(()));
    assert_eq!(desk.client.ending(&theirs), Err(CannotEnd::NotTheirs));
    assert_eq!(
        Desk::new().client.ending(&mine),
        Err(CannotEnd::SwitchedOff),
        "nobody is signed in"
    );
}

#[test]
fn the_account_is_an_admins_to_set() {
    assert!(!Desk::new().client.sets_the_account());
    for (role, sets) in [(Role::Agent, false), (Role::Admin, true)] {
        let mut desk = Desk::new();
        let mut welcome = welcome(Vec::new());
        welcome.agents[0].role = role;
        desk.signs_in(welcome);
        assert_eq!(desk.client.sets_the_account(), sets);
    }
}

#[test]
fn what_is_on_its_way_is_shown_on_its_own_ticket() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.replies(1, CommentTo::Messaging, "one");
    desk.feed(Input::Asked {
        cid: cid(2),
        ticket: SEVEN,
        ask: Ask::End,
    });
    let shown = |desk: &Desk, ticket: TicketId| -> Vec<String> {
        let comments = desk.client.comments_on_their_way(ticket);
        comments.map(|comment| comment.text.as_str().to_owned()).collect()
    };
    assert_eq!(shown(&desk, SEVEN), ["one"]);
    assert_eq!(shown(&desk, TicketId(8)), [""; 0]);
}

#[test]
fn a_refusal_is_shown_until_it_is_read() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::Asked {
        cid: cid(1),
        ticket: SEVEN,
        ask: Ask::End,
    });
    desk.frame(refused(1, "not_theirs", false));
    assert!(desk.client.refusal(SEVEN).is_some());
    assert_eq!(desk.client.refusal(TicketId(8)), None);
    assert!(!desk.client.waits_for_another_way(SEVEN), "there was no text");
    let read = Input::RefusalRead(SEVEN);
    assert_eq!(desk.feed(read.clone()), [Effect::ViewChanged]);
    assert_eq!(desk.client.refusal(SEVEN), None);
    assert_eq!(desk.feed(read), [], "there is nothing to draw");
}

#[test]
fn a_ticket_is_followed_from_its_opening_until_it_is_left() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    assert_eq!(desk.client.followed(), None);
    desk.feed(Input::TicketOpened(SEVEN));
    assert_eq!(desk.client.followed(), Some(SEVEN));
    assert_eq!(desk.feed(Input::TicketOpened(SEVEN)), [], "it is already");
    desk.feed(Input::TicketLeft);
    assert_eq!(desk.client.followed(), None);
}

#[test]
fn the_agents_are_listed_as_the_server_tells_of_them() {
    let mut desk = Desk::with(Vec::new());
    let mut bea = agent(OTHER, Availability::Away);
    bea.name = "Bea".to_owned();
    desk.frame(Down::Agent(bea.clone()));
    let third = agent(causerie_core::AgentId(3), Availability::Online);
    desk.frame(Down::Agent(third.clone()));
    let fresh = Welcome {
        agents: vec![agent(ME, Availability::Offline), bea, third],
        ..welcome(Vec::new())
    };
    assert_eq!(desk.client.desk(), Some(&fresh));
    assert_eq!(desk.client.status(), Line::Live);
}

#[test]
fn what_the_customer_of_another_ticket_types_is_not_shown() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    let types = |desk: &mut Desk, ticket: TicketId| {
        desk.frame(Down::Typing { ticket, on: true });
        desk.client.is_customer_typing()
    };
    assert!(!types(&mut desk, TicketId(8)));
    assert!(types(&mut desk, SEVEN));
}

#[test]
fn a_connection_that_goes_and_comes_is_drawn() {
    let mut desk = Desk::with(Vec::new());
    let effects = desk.feed(Input::SocketClosed { code: 1006 });
    assert!(effects.contains(&Effect::ViewChanged));
    assert!(matches!(desk.client.status(), Line::Offline { .. }));
}

#[test]
fn r21_a_refusal_that_names_no_command_is_told_of_the_one_in_flight() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.replies(1, CommentTo::Note, "psst");
    let refused = Refused {
        cid: None,
        code: "malformed".to_owned(),
        message: "No.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    };
    let effects = desk.frame(Down::Refused(refused.clone()));
    let named = Refused {
        cid: Some(cid(1)),
        ..refused
    };
    assert!(effects.contains(&Effect::Refused(named)), "{effects:?}");
    assert_eq!(desk.client.draft(SEVEN), "psst");
}

#[test]
fn a_ticket_that_is_seen_no_more_takes_its_own_logs_along_and_no_others() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open), row(8, None, Status::New)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    desk.frame(Down::Gone(TicketId(8)));
    assert_eq!(desk.log(), ["1", "-1"]);
    desk.frame(Down::Gone(SEVEN));
    assert_eq!(desk.log(), [""; 0]);
}

#[test]
fn i26_where_the_whole_log_has_come_nothing_is_asked_for() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    let head = desk.client.ticket(SEVEN).map(|row| row.ticket.head);
    assert_eq!(head, Some(Seq(1)), "as long as the log is");
    for _ in 0..3 {
        assert_eq!(sent(desk.pass(5_000)), []);
    }
}

#[test]
fn bug_a_ticket_that_is_not_to_be_seen_is_not_asked_for_again_and_again() {
    let mut desk = Desk::with(Vec::new());
    assert_eq!(sent(desk.feed(Input::TicketOpened(SEVEN))), [open(0, 0)]);
    let unknown = Refused {
        cid: None,
        code: "unknown_ticket".to_owned(),
        message: "There is no such ticket.".to_owned(),
        retryable: false,
        retry_after_ms: None,
    };
    desk.frame(Down::Refused(unknown));
    for _ in 0..3 {
        assert!(!desk.pass(5_000).contains(&Effect::Send(open(0, 0))));
    }

    let came = desk.frame(Down::Ticket(Box::new(row(7, Some(ME), Status::Open))));
    assert_eq!(sent(came), [open(0, 0)], "it is to be seen now");
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    assert_eq!(desk.log(), ["1", "-1"]);
}

#[test]
fn a_ticket_whose_answer_is_lost_is_asked_for_again() {
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::TicketOpened(SEVEN));
    assert!(desk.pass(5_000).contains(&Effect::Send(open(0, 0))));
}
