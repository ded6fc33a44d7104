//! Clocks of browsers that are set back, or a year ahead: order, patience and what is on its way do not depend on them.

use crate::client_world::{Tabs, for_now};
use crate::desk_world::{Desk, ME, refused, row};
use causerie_core::client::agent::Effect;
use causerie_core::client::connection::Status;
use causerie_core::ticket::{CommentTo, Status as TicketStatus};
use causerie_core::time::Span;
use causerie_core::wire::agent::Up;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const YEAR: Span = Span::days(365);
const A_YEAR_BACK: Span = Span::days(-365);

#[test]
fn i31_a_widget_connects_again_though_its_clock_was_set_back_a_year() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    tabs.goes_offline();
    tabs.types("from the train");
    tabs.clock_jumps(A_YEAR_BACK);
    tabs.reachable = true;
    tabs.drive_for(Span::minutes(1));
    assert_eq!(tabs.client().status(), Status::Live);
    assert_eq!(
        tabs.server.texts(tabs.server.latest().id),
        ["hello", "from the train"]
    );
}

#[test]
fn i34_a_message_that_was_put_off_is_sent_though_the_clock_was_set_back_a_year() {
    let mut tabs = Tabs::one();
    tabs.refuses.push_back(for_now(Some(2000)));
    tabs.writes("hello");
    assert!(tabs.server.thread.latest().is_none(), "the disk was full");
    tabs.clock_jumps(A_YEAR_BACK);
    tabs.drive_for(Span::minutes(1));
    assert_eq!(tabs.server.texts(tabs.server.latest().id), ["hello"]);
}

#[test]
fn i31_a_widget_asks_for_life_though_its_clock_was_set_back_a_year() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    tabs.holds = true;
    tabs.clock_jumps(A_YEAR_BACK);
    let connects = tabs.page().connects;
    tabs.drive_for(Span::minutes(3));
    assert!(
        tabs.page().connects > connects,
        "a dead socket is found out by its silence"
    );
}

#[test]
fn i25_messages_keep_their_order_whatever_the_clock_does_between_them() {
    let mut tabs = Tabs::one();
    tabs.goes_offline();
    tabs.types("one");
    tabs.clock_jumps(A_YEAR_BACK);
    tabs.types("two");
    tabs.clock_jumps(YEAR);
    tabs.clock_jumps(YEAR);
    tabs.types("three");
    tabs.reload();
    tabs.types("four");
    tabs.comes_back();
    tabs.drive_for(Span::minutes(2));
    let texts = tabs.server.texts(tabs.server.latest().id);
    assert_eq!(texts, ["one", "two", "three", "four"]);
}

#[test]
fn i34_an_agents_reply_is_sent_again_though_the_clock_was_set_back_a_year() {
    let mut desk = Desk::with(vec![row(7, Some(ME), TicketStatus::Open)]);
    let sent = desk.replies(1, CommentTo::Messaging, "hello");
    assert_eq!(sent.len(), 1);
    desk.frame(refused(1, "unavailable", true));
    desk.now = desk.now.after(A_YEAR_BACK);
    let again = |desk: &mut Desk| {
        let effects = desk.pass(5_000);
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Send(Up::Update { .. })))
    };
    assert!((0..6).any(|_| again(&mut desk)), "within half a minute");
}

#[test]
fn i31_a_clock_a_year_ahead_loses_nothing() {
    let mut tabs = Tabs::one();
    tabs.writes("hello");
    tabs.goes_offline();
    tabs.types("from the train");
    tabs.clock_jumps(YEAR);
    tabs.comes_back();
    tabs.drive_for(Span::minutes(1));
    assert_eq!(tabs.screen().last().map(String::as_str), Some("from the train"));
    assert!(tabs.client().outbox().is_empty());
}
