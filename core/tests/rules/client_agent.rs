//! The workspace's machine: lists as a fold, both logs in one order, commands done once.

use crate::desk_world::{
    Desk, ME, OTHER, SEVEN, cid, created, ended, happened, note, open, refused, row, said, sent, welcome,
};
use causerie_core::chat_thread::Outcome;
use causerie_core::client::agent::{Ask, Effect, Input, Kept, LogItem, View};
use causerie_core::client::connection::Status as Line;
use causerie_core::message::Author;
use causerie_core::rules::agent_macro::{CannotApply, Macro};
use causerie_core::session::{EndReason, Session, SessionState};
use causerie_core::settings::Settings;
use causerie_core::ticket::ending::CannotEnd;
use causerie_core::ticket::event::TicketEvent;
use causerie_core::ticket::{CommentTo, Status, Update};
use causerie_core::wire::agent::{Down, TicketRow, Up, Welcome};
use causerie_core::{MacroId, Seq, SessionId, TicketId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn each_socket_has_a_connect_token_of_its_own() {
    let mut desk = Desk::with(Vec::new());
    assert_eq!(desk.client.status(), Line::Live);
    desk.reconnects(welcome(Vec::new()));
    assert_eq!(desk.client.status(), Line::Live);
    assert_eq!(
        desk.feed(Input::ConnectToken("late".to_owned())),
        [],
        "not asked for"
    );
}

#[test]
fn without_a_token_it_waits_and_signed_out_it_stops() {
    let mut desk = Desk::new();
    desk.feed(Input::Wanted);
    desk.feed(Input::NoConnectToken { signed_out: false });
    assert!(matches!(desk.client.status(), Line::Offline { .. }));
    assert!(desk.pass(1_000).contains(&Effect::FetchConnectToken));
    let effects = desk.feed(Input::NoConnectToken { signed_out: true });
    assert!(effects.contains(&Effect::SignedOut));
    assert_eq!(desk.client.status(), Line::Idle);
    assert_eq!(desk.pass(60_000), []);
}

#[test]
fn views_hold_what_they_say() {
    let mut inactive = row(6, Some(ME), Status::Solved);
    inactive.session = Session::Inactive { since: Timestamp(0) };
    let desk = Desk::with(vec![
        row(1, None, Status::New),
        row(2, Some(ME), Status::Open),
        row(3, Some(OTHER), Status::Pending),
        row(4, Some(ME), Status::Solved),
        row(5, Some(ME), Status::Closed),
        inactive,
        ended(row(7, Some(ME), Status::Hold)),
        ended(row(8, None, Status::Solved)),
    ]);
    assert_eq!(desk.list(View::YourTickets), [7, 4, 2], "newest change first");
    assert_eq!(desk.list(View::Unassigned), [1]);
    assert_eq!(desk.list(View::AllOpen), [7, 3, 2, 1]);
    assert_eq!(desk.list(View::EndedSessions), [8, 7]);
    assert_eq!(
        desk.list(View::Solved),
        [8, 6, 5, 4],
        "also where the session has not ended"
    );
}

#[test]
fn each_ticket_is_in_a_view_whoever_has_it() {
    for status in Status::ALL {
        for assignee in [None, Some(ME), Some(OTHER)] {
            let live = row(1, assignee, status);
            let mut inactive = live.clone();
            inactive.session = Session::Inactive { since: Timestamp(0) };
            for row in [live.clone(), inactive, ended(live)] {
                let views = View::ALL.into_iter().filter(|view| view.holds(&row, ME)).count();
                assert!(views > 0, "{row:?}");
            }
        }
    }
}

#[test]
fn r33_an_end_frees_a_slot_only_where_the_session_takes_one() {
    let settings = Settings::default();
    let live = row(7, Some(ME), Status::Open);
    assert_eq!(live.slot_of(&settings), Some(ME));
    let inactive = Session::Inactive { since: Timestamp(0) };
    let silent = TicketRow {
        session: inactive,
        ..live.clone()
    };
    assert_eq!(silent.slot_of(&settings), None);
    let counted = Settings {
        inactive_sessions_count: true,
        ..settings
    };
    assert_eq!(silent.slot_of(&counted), Some(ME));
    assert_eq!(row(7, Some(ME), Status::Solved).slot_of(&settings), None);
    assert_eq!(row(7, None, Status::New).slot_of(&settings), None);
    assert_eq!(ended(live).slot_of(&settings), None);
}

#[test]
fn i28_lists_are_a_fold_that_late_and_doubled_notices_do_not_take_back() {
    let mut desk = Desk::with(vec![row(1, None, Status::New)]);
    let mut newer = row(1, Some(ME), Status::Open);
    newer.ticket.head = Seq(3);
    newer.updated_at = Timestamp(50);
    desk.frame(Down::Ticket(Box::new(newer.clone())));
    desk.frame(Down::Ticket(Box::new(row(1, None, Status::New))));
    desk.frame(Down::Ticket(Box::new(row(2, None, Status::New))));
    desk.frame(Down::Ticket(Box::new(row(2, None, Status::New))));
    desk.frame(Down::Gone(TicketId(9)));

    let fresh = Desk::with(vec![newer, row(2, None, Status::New)]);
    assert_eq!(
        desk.client.desk(),
        fresh.client.desk(),
        "apply(events, old) == fetch fresh"
    );

    desk.frame(Down::Gone(TicketId(2)));
    assert_eq!(desk.list(View::AllOpen), [1]);
}

#[test]
fn a_ticket_that_begins_to_call_chimes_once() {
    let mut desk = Desk::with(vec![row(1, Some(OTHER), Status::Open)]);
    let chimes = |effects: Vec<Effect>| effects.iter().any(|effect| matches!(effect, Effect::Chime(_)));
    assert!(chimes(desk.frame(Down::Ticket(Box::new(row(
        2,
        None,
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(row(
        2,
        None,
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(row(
        3,
        Some(OTHER),
        Status::New
    ))))));
    assert!(!chimes(desk.frame(Down::Ticket(Box::new(ended(row(
        4,
        None,
        Status::Open
    )))))));
    assert!(
        chimes(desk.frame(Down::Ticket(Box::new(row(3, Some(ME), Status::Open))))),
        "mine now"
    );
    let still_call = |desk: &Desk| [1, 2, 3, 4, 5].map(|id| desk.client.calls(TicketId(id)));
    assert_eq!(still_call(&desk), [false, true, true, false, false]);
    desk.frame(Down::Ticket(Box::new(row(2, Some(OTHER), Status::Open))));
    assert_eq!(
        still_call(&desk),
        [false, false, true, false, false],
        "not what a colleague has taken"
    );
    let effects = desk.reconnects(welcome(vec![
        row(3, Some(ME), Status::Open),
        row(5, None, Status::New),
    ]));
    assert!(effects.contains(&Effect::Chime(TicketId(5))) && !effects.contains(&Effect::Chime(TicketId(3))));
}

#[test]
fn i24_both_logs_stand_in_one_order() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    assert_eq!(sent(desk.feed(Input::TicketOpened(SEVEN))), [open(0, 0)]);
    desk.entries(
        vec![said(4), said(5), said(6)],
        vec![created(4, 5), note(2, 5), note(3, 6)],
    );
    assert_eq!(desk.log(), ["4", "5", "-1", "-2", "6", "-3"]);
    desk.entries(vec![said(6), said(7)], vec![note(3, 6), note(4, 6), note(5, 7)]);
    assert_eq!(desk.log(), ["4", "5", "-1", "-2", "6", "-3", "-4", "7", "-5"]);
}

#[test]
fn i26_a_hole_in_either_log_is_asked_for_and_never_jumped() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    assert_eq!(
        desk.entries(vec![said(5)], vec![created(4, 5)]),
        [],
        "the transcript begins with 4: it may yet come"
    );
    assert!(desk.pass(5_000).contains(&Effect::Send(open(0, 1))));
    desk.entries(vec![said(4), said(5)], Vec::new());

    assert_eq!(desk.entries(vec![said(7)], Vec::new()), [open(5, 1)]);
    assert_eq!(desk.entries(vec![said(8)], vec![note(3, 8)]), [], "asked once");
    assert_eq!(desk.log(), ["4", "5", "-1"]);
    assert!(
        desk.pass(5_000).contains(&Effect::Send(open(5, 1))),
        "and again when no answer comes"
    );
    desk.entries(vec![said(6), said(7), said(8)], vec![note(2, 6), note(3, 8)]);
    assert_eq!(desk.log(), ["4", "5", "-1", "6", "-2", "7", "8", "-3"]);
    assert_eq!(sent(desk.pass(5_000)), [], "nothing is missing");
}

/// The server passes on what is said for as long as it has not heard that the ticket was left, and opened anew: that
/// is in the middle of the log, and was taken for its beginning.
#[test]
fn i26_bug_what_is_said_while_a_ticket_is_opened_again_is_not_taken_for_its_beginning() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(4), said(5)], vec![created(4, 5)]);
    desk.feed(Input::TicketLeft);
    desk.feed(Input::TicketOpened(SEVEN));
    assert_eq!(
        desk.entries(vec![said(6)], Vec::new()),
        [],
        "it was asked for already"
    );
    assert_eq!(desk.log(), [""; 0]);
    desk.entries(vec![said(4), said(5), said(6)], vec![created(4, 5)]);
    assert_eq!(desk.log(), ["4", "5", "-1", "6"]);
}

#[test]
fn i26_a_log_that_is_known_to_be_longer_is_asked_for() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    let mut longer = row(7, Some(ME), Status::Open);
    longer.ticket.head = Seq(2);
    assert_eq!(
        sent(desk.frame(Down::Ticket(Box::new(longer)))),
        [],
        "it may be on its way"
    );
    assert!(desk.pass(5_000).contains(&Effect::Send(open(1, 1))));
}

#[test]
fn i26_after_a_reconnection_the_open_ticket_goes_on_and_after_a_restore_it_starts_again() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1), said(2)], vec![created(1, 2)]);
    assert_eq!(sent(desk.reconnects(welcome(Vec::new()))), [open(2, 1)]);
    let mut restored = welcome(Vec::new());
    restored.epoch = 2;
    assert_eq!(sent(desk.reconnects(restored)), [open(0, 0)]);
    assert_eq!(desk.log(), [""; 0]);

    assert_eq!(sent(desk.feed(Input::TicketLeft)), [Up::Close]);
    assert_eq!(
        desk.entries(vec![said(1)], Vec::new()),
        [],
        "of a ticket that is not open"
    );
    assert_eq!(desk.log(), [""; 0]);
}

#[test]
fn r37_the_history_has_everything_done_and_the_conversation_what_was_said() {
    let end = TicketEvent::SessionEnded {
        session: SessionId(Uuid::from_u128(7)),
        from: SessionState::Active,
        reason: EndReason::EndedByAgent,
    };
    let mut reply = said(2);
    reply.author = Author::Agent {
        id: ME,
        name: "Amy".to_owned(),
    };
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(
        vec![said(1), reply],
        vec![created(1, 1), note(2, 2), happened(3, 2, end)],
    );
    let items = desk.client.log();
    assert_eq!(desk.log(), ["1", "-1", "2", "-2", "-3"]);
    let of_conversation: Vec<bool> = items.iter().map(LogItem::is_of_conversation).collect();
    assert_eq!(of_conversation, [true, false, true, true, true]);
    let of_history: Vec<bool> = items.iter().map(LogItem::is_of_history).collect();
    assert_eq!(of_history, [false, true, true, true, true]);
}

#[test]
fn a_choice_shows_at_once_and_goes_back_when_it_is_refused() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let status = |desk: &Desk| desk.client.as_asked(SEVEN).map(|row| row.ticket.status);
    let update = Update {
        status: Some(Status::Pending),
        ..Update::default()
    };
    desk.feed(Input::Asked {
        cid: cid(1),
        ticket: SEVEN,
        ask: Ask::Update(Box::new(update)),
    });
    assert_eq!(status(&desk), Some(Status::Pending));
    desk.frame(refused(1, "unknown_ticket", false));
    assert_eq!(status(&desk), Some(Status::Open));
}

#[test]
fn r15_while_ending_is_switched_off_a_macro_that_ends_is_shown_with_the_reason() {
    let prepared = |id: u64, end_session| Macro {
        id: MacroId(id),
        title: "Bye".to_owned(),
        text: None,
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session,
    };
    let mut desk = Desk::new();
    desk.signs_in(Welcome {
        macros: vec![prepared(1, false), prepared(2, true)],
        ..welcome(vec![row(7, Some(ME), Status::Open)])
    });
    let applies = |desk: &Desk| {
        let seven = desk.client.ticket(SEVEN).expect("it is seen");
        desk.client
            .macros_for(seven)
            .map(|(_, applies)| applies)
            .collect::<Vec<_>>()
    };
    assert_eq!(applies(&desk), [Ok(()), Ok(())]);
    desk.frame(Down::Settings(Settings {
        agents_can_end_sessions: false,
        ..Settings::default()
    }));
    let off = Err(CannotApply::End(CannotEnd::SwitchedOff));
    assert_eq!(applies(&desk), [Ok(()), off]);
}

#[test]
fn i25_commands_go_one_by_one_and_again_with_the_same_id() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    let ended = |id: u128| Up::End {
        cid: cid(id),
        ticket: SEVEN,
    };
    assert_eq!(desk.replies(1, CommentTo::Messaging, "one").len(), 1);
    let ask = Input::Asked {
        cid: cid(2),
        ticket: SEVEN,
        ask: Ask::End,
    };
    assert_eq!(sent(desk.feed(ask.clone())), []);
    assert_eq!(sent(desk.feed(ask)), [], "pressed twice is asked once");

    let effects = sent(desk.reconnects(welcome(Vec::new())));
    assert!(
        matches!(effects[..], [Up::Update { cid: again, .. }] if again == cid(1)),
        "the same id"
    );
    let done = |id: u128| Down::Done {
        cid: cid(id),
        outcome: Outcome::Done {},
    };
    assert_eq!(sent(desk.frame(done(1))), [ended(2)]);
    assert_eq!(sent(desk.frame(refused(2, "unavailable", true))), []);
    assert!(desk.pass(1_000).contains(&Effect::Send(ended(2))));
    desk.frame(done(2));
    assert_eq!(desk.client.on_their_way(), []);
}

#[test]
fn the_customers_typing_is_over_with_the_message_or_the_connection() {
    let mut desk = Desk::with(vec![row(7, Some(ME), Status::Open)]);
    desk.feed(Input::TicketOpened(SEVEN));
    desk.entries(vec![said(1)], vec![created(1, 1)]);
    desk.frame(Down::Typing {
        ticket: SEVEN,
        on: true,
    });
    assert!(desk.client.is_customer_typing());
    desk.entries(vec![said(2)], Vec::new());
    assert!(!desk.client.is_customer_typing());
    desk.frame(Down::Typing {
        ticket: SEVEN,
        on: true,
    });
    desk.feed(Input::SocketClosed { code: 1006 });
    assert!(!desk.client.is_customer_typing());
}

#[test]
fn an_old_workspace_reloads_itself_once_when_nothing_is_under_way() {
    let mut newer = welcome(Vec::new());
    newer.build = "build-2".to_owned();
    let reload = Effect::ReloadForUpgrade("build-2".to_owned());
    let mut desk = Desk::with(Vec::new());
    desk.feed(Input::Restored(Kept {
        keeps: true,
        ..Kept::default()
    }));
    desk.edits("half a w");
    desk.feed(Input::DraftKept { survives: true });
    assert!(!desk.reconnects(newer.clone()).contains(&reload));
    assert!(desk.pass(5_000).contains(&reload));
    assert!(!desk.reconnects(newer).contains(&reload));
}

#[test]
fn r03_what_the_bot_collected_is_told_once() {
    let mut seven = row(7, Some(ME), Status::Open);
    seven.email = Some("zoe@example.com".to_owned());
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    seven.ticket.fields = vec![field("email", "zoe@example.com"), field("order", "A-17")];
    let collected: Vec<_> = seven.collected().cloned().collect();
    assert_eq!(collected, [field("order", "A-17")], "the email stands by itself");
}
